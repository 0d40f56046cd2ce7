//! What a run did when, and on which thread: its tracing spans, kept to be drawn.
//!
//! Always true here: at most [`MOST`] spans are kept, the rest is counted; names are packbox's own, values are made printable.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::text::printable_line;

/// Spans that are kept.
const MOST: usize = 100_000;

/// The spans of a run.
#[derive(Debug, Clone)]
pub struct Recording(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    begun: Instant,
    /// The threads that were seen, by number.
    threads: BTreeSet<usize>,
    spans: Vec<Value>,
    lost: usize,
}

/// What is known of a span while it is open.
struct Open {
    entered: Instant,
    values: Map<String, Value>,
}

impl Recording {
    /// Begins one.
    #[must_use]
    pub fn new() -> Self {
        let kept = Kept { begun: Instant::now(), threads: BTreeSet::new(), spans: Vec::new(), lost: 0 };
        Self(Arc::new(Mutex::new(kept)))
    }

    /// Everything so far, in the Trace Event Format that Chrome's `about:tracing`, Perfetto and Speedscope read: complete events,
    /// times in microseconds.
    #[must_use]
    pub fn document(&self) -> Value {
        let kept = self.kept();
        let name = |number: usize| if number == 0 { "main".to_owned() } else { format!("worker {number}") };
        let threads = kept.threads.iter().map(|number| {
            json!({ "name": "thread_name", "ph": "M", "pid": 1, "tid": number, "args": { "name": name(*number) } })
        });
        let mut events: Vec<Value> = threads.collect();
        events.extend(kept.spans.iter().cloned());
        json!({ "displayTimeUnit": "ms", "traceEvents": events, "otherData": { "lost": kept.lost } })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: tracing::Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Recording {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut values = Values(Map::new());
        attributes.record(&mut values);
        span.extensions_mut().insert(Open { entered: Instant::now(), values: values.0 });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            open.entered = Instant::now();
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let now = Instant::now();
        let Some(span) = context.span(id) else { return };
        let extensions = span.extensions();
        let Some(open) = extensions.get::<Open>() else { return };
        let mut kept = self.kept();
        if kept.spans.len() >= MOST {
            kept.lost += 1;
            return;
        }
        // Engines come and go with runs, and their workers have the same numbers each time.
        let thread = rayon::current_thread_index().map_or(0, |index| index + 1);
        kept.threads.insert(thread);
        let micros = |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1e6;
        let event = json!({
            "name": span.name(),
            "cat": span.metadata().target(),
            "ph": "X",
            "pid": 1,
            "tid": thread,
            "ts": micros(kept.begun, open.entered),
            "dur": micros(open.entered, now),
            "args": open.values,
        });
        kept.spans.push(event);
    }
}

/// The values of a span.
struct Values(Map<String, Value>);

impl Visit for Values {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), json!(printable_line(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(text, "{value:?}");
        self.0.insert(field.name().to_owned(), json!(printable_line(&text)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::prelude::*;

    #[test]
    fn spans_are_complete_events_on_their_threads() {
        let recording = Recording::new();
        let subscriber = tracing_subscriber::registry().with(recording.clone());
        tracing::subscriber::with_default(subscriber, || {
            let _outer = tracing::info_span!("outer", pack = "a\u{1b}[31m").entered();
            let _inner = tracing::info_span!("inner", files = 3).entered();
        });
        let document = recording.document();
        let events = document["traceEvents"].as_array().expect("events");
        assert_eq!(events[0]["args"]["name"], "main");
        let [inner, outer] = &events[1..] else { panic!("{document:#}") };
        assert_eq!((inner["name"].as_str(), outer["name"].as_str()), (Some("inner"), Some("outer")));
        assert_eq!((&inner["ph"], &inner["tid"], &inner["args"]["files"]), (&json!("X"), &json!(0), &json!(3)));
        assert!(!outer["args"]["pack"].as_str().is_some_and(|text| text.contains('\u{1b}')));
        let (time, length) = (|event: &Value| event["ts"].as_f64(), |event: &Value| event["dur"].as_f64());
        assert!(time(outer) <= time(inner) && length(inner) <= length(outer), "{document:#}");
    }
}
