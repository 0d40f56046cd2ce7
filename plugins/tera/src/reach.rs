//! Which partials a template needs: what it includes, extends or calls, and what these do in turn.
//!
//! Tera wants all of them before it renders. Others may be wrong, or missing, without any effect.

use std::collections::BTreeMap;
use std::ops::Range;

use renderer::diagnose::{self, Problem};
use renderer::hints;
use renderer::partials::Partials;
use renderer::{Failure, Span};

use crate::scan::{DUMP, Scan};

/// The partials of a call, scanned when they are first needed.
pub struct Library<'a> {
    partials: &'a Partials,
    scans: BTreeMap<&'a str, Scan>,
    /// Where each component is defined; filled when the first one is looked for.
    components: Option<BTreeMap<String, Vec<&'a str>>>,
}

/// A text with its name and what it names.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Its path in the pack.
    pub path: &'a str,
    /// The template.
    pub text: &'a str,
}

impl Source<'_> {
    /// Returns the span of a range of this text.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        diagnose::span(self.path, self.text.as_bytes(), range)
    }
}

/// What a template needs.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Reach {
    /// The partials, each with the place that named it first. The place is in the template or in another partial.
    pub needs: BTreeMap<String, Span>,
    /// Whether a component was looked for in all partials.
    pub searched: bool,
}

impl Reach {
    /// Returns the places that led to a partial, innermost first.
    #[must_use]
    pub fn way(&self, path: &str) -> Vec<Span> {
        let mut way: Vec<Span> = Vec::new();
        let mut at = path;
        while let Some(span) = self.needs.get(at) {
            if way.contains(span) {
                break;
            }
            way.push(span.clone());
            at = &span.path;
        }
        way
    }
}

impl<'a> Library<'a> {
    /// Takes the partials of a call.
    #[must_use]
    pub fn new(partials: &'a Partials) -> Self {
        Self { partials, scans: BTreeMap::new(), components: None }
    }

    /// Returns the paths of all partials, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.partials.paths()
    }

    /// Returns what a partial names; none where it was never needed.
    #[must_use]
    pub fn scan(&self, path: &str) -> Option<&Scan> {
        self.scans.get(path)
    }

    /// Finds what a template needs. A failure names a partial that is not there, or one that is not text.
    pub fn reach(&mut self, template: Source<'_>, scan: &Scan) -> Result<Reach, Failure> {
        let mut reach = Reach::default();
        no_dump(template, scan)?;
        let mut waiting = Vec::new();
        self.follow(template, scan, &mut reach, &mut waiting)?;
        while let Some(path) = waiting.pop() {
            let Some(text) = self.partials.text(path) else { continue };
            let source = Source { path, text: text.map_err(|failure| with_way(failure, &reach, path))? };
            let scan = self.scans.remove(path).unwrap_or_else(|| Scan::new(source.text));
            no_dump(source, &scan)?;
            self.follow(source, &scan, &mut reach, &mut waiting)?;
            self.scans.insert(path, scan);
        }
        Ok(reach)
    }

    /// Adds what one text names.
    fn follow(
        &mut self,
        template: Source<'_>,
        scan: &Scan,
        reach: &mut Reach,
        waiting: &mut Vec<&'a str>,
    ) -> Result<(), Failure> {
        let extends = scan.extends.iter().map(|(name, range)| (name, range));
        for (name, range) in extends.chain(&scan.includes) {
            let Some(path) = self.partials.paths().find(|path| path == name) else {
                let at = template.span(range.clone());
                let problem = diagnose::missing_partial(name, self.partials.paths());
                return Err(problem.at(Some(at), reach.way(template.path)));
            };
            need(path, template.span(range.clone()), reach, waiting);
        }
        for (name, range) in &scan.uses {
            if scan.defines.contains(name) {
                continue;
            }
            reach.searched = true;
            for path in self.defining(name).clone() {
                need(path, template.span(range.clone()), reach, waiting);
            }
        }
        Ok(())
    }

    /// Returns the partials that define a component.
    fn defining(&mut self, name: &str) -> &Vec<&'a str> {
        static NONE: Vec<&str> = Vec::new();
        let components = self.components.get_or_insert_with(|| {
            let mut components: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
            for (path, text) in self.partials.texts() {
                for name in Scan::new(text).defines {
                    components.entry(name).or_default().push(path);
                }
            }
            components
        });
        components.get(name).unwrap_or(&NONE)
    }

    /// Returns the names of all components that partials define; empty before one was looked for.
    #[must_use]
    pub fn components(&self) -> Vec<&str> {
        self.components.iter().flat_map(BTreeMap::keys).map(String::as_str).collect()
    }
}

fn need<'a>(path: &'a str, span: Span, reach: &mut Reach, waiting: &mut Vec<&'a str>) {
    if !reach.needs.contains_key(path) {
        reach.needs.insert(path.to_owned(), span);
        waiting.push(path);
    }
}

/// Refuses the dump of all variables: its order is that of a hash map, and it would depend on all of them.
fn no_dump(source: Source<'_>, scan: &Scan) -> Result<(), Failure> {
    let Some(range) = scan.variables.get(DUMP) else { return Ok(()) };
    let help = Some(format!("name the variables one by one: {} is not available", hints::list([DUMP])));
    let problem = Problem::new(diagnose::UNDEFINED, format!("`{DUMP}` is undefined")).with_help(help);
    Err(problem.at(Some(source.span(range.clone())), Vec::new()))
}

fn with_way(failure: Failure, reach: &Reach, path: &str) -> Failure {
    match failure {
        Failure::Invalid(mut diagnostics) => {
            for diagnostic in &mut diagnostics {
                diagnostic.related = reach.way(path);
            }
            Failure::Invalid(diagnostics)
        }
        other => other,
    }
}
