//! The engine of a call: the language with what is ours in it, and the partials.

use std::io::Write;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use liquid::ParserBuilder;
use liquid_core::partials::{EagerCompiler, InMemorySource, PartialCompiler, PartialSource};
use liquid_core::runtime::PartialStore;
use liquid_core::{Error, Language, Renderable, Result, Template, parser};
use renderer::partials::Partials;

use crate::case_block::CaseBlock;
use crate::context::Root;
use crate::loops::{ForBlock, TableRowBlock};
use crate::partials::{Recorder, Store, Trail};
use crate::places::{self, MarkTag};
use crate::scope::Top;
use crate::{arrays, filters, numbers, scan};

/// Parses and renders templates.
pub struct Engine {
    language: Arc<Language>,
    store: Store,
    recorder: Arc<Recorder>,
    marks: bool,
}

impl Engine {
    /// Makes the engine for some partials.
    pub fn new(partials: Arc<Partials>) -> Result<Self> {
        Self::make(partials, false)
    }

    /// Makes an engine that finds the places of errors: all templates are marked.
    pub fn with_marks(partials: Arc<Partials>) -> Result<Self> {
        Self::make(partials, true)
    }

    fn make(partials: Arc<Partials>, marks: bool) -> Result<Self> {
        let recorder = Arc::new(Recorder::default());
        let mut builder = ParserBuilder::with_stdlib().block(CaseBlock).block(ForBlock).block(TableRowBlock);
        if marks {
            builder = builder.tag(MarkTag(recorder.clone()));
        }
        for filter in [arrays::all(), numbers::all(), filters::all()].into_iter().flatten() {
            builder = builder.filter(filter);
        }
        let taken = Taken::default();
        builder.partials(taken.clone()).build()?;
        let language = taken.language.get().cloned().unwrap_or_default();
        let store = Store::new(partials, language.clone(), recorder.clone(), marks);
        Ok(Self { language, store, recorder, marks })
    }

    /// Parses a template.
    pub fn parse(&self, text: &str) -> Result<Template> {
        parse(text, &self.language, self.marks)
    }

    /// Renders a template; returns what happened with partials, too.
    pub fn render(&self, template: &Template, root: &Root<'_>, writer: &mut dyn Write) -> (Result<()>, Trail) {
        let result = template.render_to(writer, &Top::new(root, &self.store));
        (result, self.recorder.take())
    }

    /// Parses and, if that goes well, renders a template for nothing but the last mark that it reaches.
    pub fn last_mark(&self, text: &str, root: &Root<'_>) -> Option<Range<usize>> {
        self.recorder.take();
        if let Ok(template) = self.parse(text) {
            self.recorder.take();
            return self.render(&template, root, &mut std::io::sink()).1.place;
        }
        self.recorder.take().place
    }
}

/// Parses a template or a partial, with marks or without.
pub fn parse(text: &str, language: &Language, marks: bool) -> Result<Template> {
    // The engine's parser panics on integers that are, and makes infinity of floats.
    if let Some((at, said)) = scan::large_number(text) {
        let before = &text[..at];
        let (line, column) =
            (before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count() + 1);
        return Err(Error::with_msg(format!("--> {line}:{column}\n= {said}")));
    }
    let elements = if marks { parser::parse(&places::marked(text), language)? } else { parser::parse(text, language)? };
    Ok(Template::new(elements))
}

/// Takes the language that a builder made: it shows it to nobody but the compiler of its partials.
#[derive(Clone, Default)]
struct Taken {
    language: Arc<OnceLock<Arc<Language>>>,
    none: InMemorySource,
}

impl PartialCompiler for Taken {
    fn compile(self, language: Arc<Language>) -> Result<Box<dyn PartialStore + Send + Sync>> {
        self.language.get_or_init(|| language.clone());
        EagerCompiler::new(self.none).compile(language)
    }

    fn source(&self) -> &dyn PartialSource {
        &self.none
    }
}
