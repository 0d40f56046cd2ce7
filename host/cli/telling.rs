//! Tells the user what takes a while: what is done once for this machine, and who is waited for, as lines that stay; the rest
//! is what packbox is busy with.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::output::Output;
use super::progress;
use crate::progress::{Event, Progress};
use crate::text::printable_line;

/// Tells the user what takes a while.
#[derive(Debug)]
pub struct Telling {
    output: Output,
    /// The plugins of which it was told that they are compiled, and whether somebody else does.
    compiled: Mutex<HashSet<(String, bool)>>,
}

impl Telling {
    /// Tells it through an output.
    #[must_use]
    pub fn new(output: Output) -> Self {
        Self { output, compiled: Mutex::default() }
    }

    /// Tells once of each plugin: what its calls are counted by is of no interest to anybody.
    fn compiling(&self, plugin: &str, elsewhere: bool, line: impl Fn(&str) -> String) {
        if self.compiled.lock().unwrap_or_else(PoisonError::into_inner).insert((plugin.to_owned(), elsewhere)) {
            self.output.say(&format!("packbox: {} …", line(&printable_line(plugin))));
        }
    }
}

impl Progress for Telling {
    fn on(&self, event: &Event<'_>) {
        match *event {
            Event::Compiling { plugin, to_measure, kept } => self.compiling(plugin, false, |name| {
                let why = if to_measure { " to measure it" } else { "" };
                let how_often = if kept { "once for this machine" } else { "for this run only" };
                format!("compiling the plugin `{name}`{why}, {how_often}")
            }),
            Event::WaitingForCompiler { plugin } => self
                .compiling(plugin, true, |name| format!("another packbox is compiling the plugin `{name}`; waiting")),
            Event::WaitingForLibrary => {
                self.output.say("packbox: waiting for another packbox that uses installed packs …");
            }
            Event::WaitingForFolder { holder } => {
                let holder = printable_line(holder);
                progress::stage(&format!("waiting for {holder}"));
                self.output
                    .say(&format!("packbox: waiting for another run that writes to the output folder: {holder} …"));
            }
            Event::Fetching { what, done, of } => progress::bytes(what, done, of),
            Event::Asking { queries } => progress::stage(&format!("queries to answer: {queries}")),
            Event::Rendering { files } => progress::stage(&format!("files to render: {files}")),
            Event::Writing { files } => progress::stage(&format!("files to write: {files}")),
        }
    }
}
