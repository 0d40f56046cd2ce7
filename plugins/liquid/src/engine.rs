//! The engine of a call: the language with what is ours in it, and the partials.

use std::io::Write;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use liquid::ParserBuilder;
use liquid_core::partials::{EagerCompiler, InMemorySource, PartialCompiler, PartialSource};
use liquid_core::runtime::PartialStore;
use liquid_core::{Language, Renderable, Result, Template, parser};
use renderer::partials::Partials;

use crate::case_block::CaseBlock;
use crate::context::Root;
use crate::loops::{ForBlock, TableRowBlock};
use crate::partials::{Recorder, Store, Trail};
use crate::places::{self, MarkTag};
use crate::scope::Top;
use crate::{arrays, filters};

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
        for filter in arrays::all().into_iter().chain(filters::all()) {
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
        let marked;
        let text = if self.marks {
            marked = places::marked(text);
            &marked
        } else {
            text
        };
        parser::parse(text, &self.language).map(Template::new)
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
