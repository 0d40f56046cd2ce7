//! Collects what a rule finds, at most [`MOST`] findings for each rule and pack; what is beyond is counted only.

use std::fmt::Arguments;
use std::ops::Range;

use serde_json::Value;

use crate::bindings::packbox::plugin::types::{Diagnostic, Span};
use crate::rule::Rule;
use crate::source::Source;
use crate::subject::Subject;

/// How many findings of one rule are given for one pack.
pub const MOST: usize = 50;

/// How many characters of a pack's text a message repeats.
const SHOWN: usize = 60;

/// The findings of one rule.
pub struct Findings<'a> {
    subject: &'a Subject<'a>,
    rule: &'static Rule,
    options: Option<&'a Value>,
    found: Vec<Diagnostic>,
    beyond: usize,
}

impl<'a> Findings<'a> {
    /// Begins without findings.
    #[must_use]
    pub fn new(subject: &'a Subject<'a>, rule: &'static Rule, options: Option<&'a Value>) -> Self {
        Self { subject, rule, options, found: Vec::new(), beyond: 0 }
    }

    /// Returns the value of an option: the user's, or else the default.
    #[must_use]
    pub fn option(&self, name: &str) -> usize {
        let default = self.rule.options.iter().find(|(option, _)| *option == name).map_or(0, |(_, value)| *value);
        let value = self.options.and_then(|options| options.get(name)).and_then(Value::as_u64).unwrap_or(default);
        usize::try_from(value).unwrap_or(usize::MAX)
    }

    /// Adds a finding at a place in the manifest. A key that is not there is shown where its table begins.
    pub fn key(&mut self, pointer: &str, message: Arguments<'_>, help: &str) {
        self.add(|subject| Some(subject.place(pointer)), message, help);
    }

    /// Adds a finding at a place in the manifest that has to do with another one.
    pub fn keys(&mut self, pointer: &str, other: &str, message: Arguments<'_>, help: &str) {
        let before = self.found.len();
        self.key(pointer, message, help);
        if let Some(added) = self.found.get_mut(before) {
            added.related.push(self.subject.place(other));
        }
    }

    /// Adds a finding at a range of bytes of a file.
    pub fn text(&mut self, source: &Source<'_>, range: Range<usize>, message: Arguments<'_>, help: &str) {
        self.add(|_| Some(source.span(range)), message, help);
    }

    /// Adds a finding about a file as a whole. The message should name it: a file that was not handed over has no
    /// place.
    pub fn file(&mut self, path: &str, message: Arguments<'_>, help: &str) {
        self.add(|subject| subject.source(path).map(|source| source.span(0..0)), message, help);
    }

    /// Returns the findings. The last one says how many more there would be.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        if let (Some(last), beyond @ 1..) = (self.found.last_mut(), self.beyond) {
            last.message = format!("{} (and {beyond} more like it)", last.message);
        }
        self.found
    }

    fn add(&mut self, place: impl FnOnce(&Subject<'a>) -> Option<Span>, message: Arguments<'_>, help: &str) {
        if self.found.len() >= MOST {
            self.beyond = self.beyond.saturating_add(1);
            return;
        }
        self.found.push(Diagnostic {
            rule: self.rule.id.to_owned(),
            severity: self.rule.severity,
            message: message.to_string(),
            help: (!help.is_empty()).then(|| help.to_owned()),
            span: place(self.subject),
            related: Vec::new(),
        });
    }
}

/// Quotes a text of the pack for a message: on one line, printable, and not too long.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            _ if crate::characters::is_hidden(character) => shown.extend(character.escape_unicode()),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown.push('`');
    shown
}
