//! The templates of a pack in which a bare name surely is one of its variables, and which one.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::comparisons;
use crate::source::Source;
use crate::subject::{Subject, Variable};

/// A template: the file, its text and its engine.
pub type Text<'s, 'a> = (&'s Source<'a>, &'a str, &'s str);

/// The variables of a pack, as its templates see them.
pub struct Known<'s, 'a> {
    subject: &'s Subject<'a>,
    variables: BTreeMap<&'s str, Variable<'s>>,
    texts: Vec<Text<'s, 'a>>,
    /// The names that a template of an engine may give another meaning to.
    defined: OnceCell<BTreeMap<&'s str, BTreeSet<&'a str>>>,
}

impl<'s, 'a> Known<'s, 'a> {
    /// Gathers what has tags.
    #[must_use]
    pub fn new(subject: &'s Subject<'a>) -> Self {
        let rendered = subject.rendered();
        let texts = rendered.values().filter_map(|rendered| {
            let source = subject.source(rendered.path)?;
            Some((source, source.text.filter(|text| text.contains("{{") || text.contains("{%"))?, rendered.engine))
        });
        let variables = subject.variables().map(|variable| (variable.name, variable));
        Self { subject, variables: variables.collect(), texts: texts.collect(), defined: OnceCell::new() }
    }

    /// Lists the templates, but for partials of Handlebars: they may see another table than the variables.
    pub fn texts(&self) -> impl Iterator<Item = Text<'s, 'a>> {
        let partials = &self.subject.facts.partials;
        let elsewhere = |path: &str| partials.iter().any(|partial| partial.path == path);
        self.texts.iter().copied().filter(move |(source, _, engine)| *engine != "handlebars" || !elsewhere(source.path))
    }

    /// Returns the variable that a name stands for in the templates of an engine.
    #[must_use]
    pub fn variable(&self, engine: &str, name: &str) -> Option<&Variable<'s>> {
        // `item` is that of a `for_each`.
        let variable = self.variables.get(name).filter(|_| name != "item")?;
        let defined = self.defined.get_or_init(|| {
            let mut defined: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
            for (source, text, engine) in &self.texts {
                defined.entry(*engine).or_default().extend(comparisons::defined(source, text, engine));
            }
            defined
        });
        let is_other = defined.get(engine).is_some_and(|names| names.contains(name));
        (!is_other).then_some(variable)
    }

    /// Returns a variable of the pack.
    #[must_use]
    pub fn declared(&self, name: &str) -> Option<&Variable<'s>> {
        self.variables.get(name)
    }
}
