//! Where an error happened. The engine's errors don't say, so a template that failed is rendered once more with a mark
//! before each of its tags and outputs: the last mark that was reached is the place.
//!
//! Marks are only for that second time. What a template gives, and whether it fails, never depends on them.

use std::fmt::Write as _;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use liquid_core::{Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter, ValueView};

use crate::partials::Recorder;
use crate::scan;

/// The tag that marks a place: `{% packbox_place START END %}`.
const TAG: &str = "packbox_place";

/// Returns a template with its marks. A mark trims the blanks before it where what it marks does.
#[must_use]
pub fn marked(text: &str) -> String {
    let mut marked = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (word, range) in scan::elements(text) {
        if word == "else" || word == "elsif" || word == "when" || word.starts_with("end") {
            continue;
        }
        let trim = if text[range.start + 2..].starts_with('-') { "-" } else { "" };
        marked.push_str(&text[at..range.start]);
        let _ = write!(marked, "{{%{trim} {TAG} {} {} %}}", range.start, range.end);
        at = range.start;
    }
    marked.push_str(&text[at..]);
    marked
}

/// The tag that marks a place: it is reached when it is parsed, and whenever it is rendered.
#[derive(Debug, Clone)]
pub struct MarkTag(pub Arc<Recorder>);

impl TagReflection for MarkTag {
    fn tag(&self) -> &'static str {
        TAG
    }

    fn description(&self) -> &'static str {
        "Says where in the template the next tag or output is."
    }
}

impl ParseTag for MarkTag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, _language: &Language) -> Result<Box<dyn Renderable>> {
        let mut number = || -> Result<usize> {
            let value = arguments.expect_next("a place")?.expect_literal().into_result()?;
            let number = value.as_scalar().and_then(|scalar| scalar.to_integer()).unwrap_or_default();
            Ok(usize::try_from(number).unwrap_or_default())
        };
        let place = number()?..number()?;
        self.0.reach(Some(place.clone()));
        Ok(Box::new(Mark { place, recorder: self.0.clone() }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

#[derive(Debug)]
struct Mark {
    place: Range<usize>,
    recorder: Arc<Recorder>,
}

impl Renderable for Mark {
    fn render_to(&self, _writer: &mut dyn Write, _runtime: &dyn Runtime) -> Result<()> {
        self.recorder.reach(Some(self.place.clone()));
        Ok(())
    }
}
