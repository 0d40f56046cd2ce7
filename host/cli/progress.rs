//! What packbox is busy with: one line at the end of a terminal, for whoever waits.
//!
//! Always true here: it is there only where standard error is a terminal that can redraw a line, and only after a second;
//! it is gone while anything else is printed or asked; results, exit codes and what is written don't depend on it. A
//! process has one terminal, so there is one line, and whoever is busy says so here.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::environment::Environment;
use crate::text::{format_bytes, printable_line};

/// What takes less than this shows nothing.
const AFTER: Duration = Duration::from_secs(1);
/// How often the line is drawn while nothing changes: a person sees that packbox is alive.
const TICK: Duration = Duration::from_millis(125);
/// How often the line may be drawn in a second.
const HERTZ: u8 = 20;
/// Columns that are left free for what a terminal echoes: `^C` three times.
const ECHOED: u16 = 6;

static LINE: OnceLock<Mutex<Line>> = OnceLock::new();

/// The line, and what it says.
#[derive(Debug)]
struct Line {
    said: String,
    begun: Instant,
    /// Whether something takes long enough to be told.
    due: bool,
    /// How many things want the line away.
    hidden: usize,
    /// The line while it is drawn.
    drawn: Option<ProgressBar>,
}

impl Line {
    /// Draws the line, or takes it away, as it should be now.
    fn settle(&mut self) {
        if !self.due || self.hidden > 0 {
            if let Some(bar) = self.drawn.take() {
                bar.finish_and_clear();
            }
            return;
        }
        let bar = self.drawn.get_or_insert_with(|| {
            let target = ProgressDrawTarget::term_like_with_hz(Box::new(Narrow::default()), HERTZ);
            let bar = ProgressBar::with_draw_target(None, target).with_elapsed(self.begun.elapsed());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
                bar.set_style(style.tick_chars("-\\|/-"));
            }
            bar.enable_steady_tick(TICK);
            bar
        });
        bar.set_message(self.said.clone());
    }
}

/// The terminal, but narrower: a line is filled up to its end, and a `^C` that is echoed behind it has to stay on it, or what
/// is wiped is the line below. All that is drawn at once is one write.
#[derive(Debug, Default)]
struct Narrow(Mutex<String>);

impl Narrow {
    #[expect(clippy::unnecessary_wraps, reason = "the trait's functions may fail")]
    fn add(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }

    /// Moves the cursor: what ends the sequence says where to.
    fn step(&self, n: usize, way: char) -> io::Result<()> {
        if n == 0 { Ok(()) } else { self.add(&format!("\x1b[{n}{way}")) }
    }
}

impl TermLike for Narrow {
    fn width(&self) -> u16 {
        let columns = crossterm::terminal::size().map_or(0, |(columns, _)| columns);
        // A terminal that does not say how wide it is.
        let columns = if columns == 0 { 80 } else { columns };
        columns.saturating_sub(ECHOED).max(1)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.step(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.step(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.step(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.step(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let drawn = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        io::stderr().write_all(drawn.as_bytes())
    }
}

fn line() -> Option<MutexGuard<'static, Line>> {
    Some(LINE.get()?.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Begins to show what packbox is busy with, where somebody may be looking: not in a CI, and not beside tracing.
pub fn start(environment: &Environment, verbose: bool, what: &str) {
    let dumb = environment.get("TERM").is_none_or(|term| term == "dumb");
    let traced = verbose || environment.get("PACKBOX_LOG").is_some();
    if dumb || traced || environment.get("CI").is_some() || !std::io::stderr().is_terminal() {
        return;
    }
    let new = Line { said: what.to_owned(), begun: Instant::now(), due: false, hidden: 0, drawn: None };
    if LINE.set(Mutex::new(new)).is_err() {
        return;
    }
    // Where no thread can be started, nothing is shown.
    let _ = std::thread::Builder::new().name("progress".to_owned()).spawn(|| {
        std::thread::sleep(AFTER);
        if let Some(mut line) = line() {
            line.due = true;
            line.settle();
        }
    });
}

/// Says what packbox is busy with now.
pub fn stage(what: &str) {
    if let Some(mut line) = line() {
        line.said = printable_line(what);
        line.settle();
    }
}

/// Says how many of all are done.
pub fn count(what: &str, done: usize, all: usize) {
    if LINE.get().is_some() {
        stage(&format!("{what}: {done} of {all}"));
    }
}

/// Says how many bytes have arrived.
pub fn bytes(what: &str, done: u64, all: u64) {
    if LINE.get().is_some() {
        stage(&format!("{what}: {} of {}", format_bytes(done), format_bytes(all)));
    }
}

/// Takes the line away until the value is dropped.
#[must_use]
pub fn hide() -> Hidden {
    if let Some(mut line) = line() {
        line.hidden += 1;
        line.settle();
    }
    Hidden
}

/// The line is away as long as this lives.
#[derive(Debug)]
pub struct Hidden;

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(mut line) = line() {
            line.hidden = line.hidden.saturating_sub(1);
            line.settle();
        }
    }
}

/// Takes the line away for good.
pub fn end() {
    std::mem::forget(hide());
}
