//! Says what a template or an expression refers to, without running it.

use std::collections::BTreeSet;

use minijinja::machinery::{self, Span};

use crate::bindings::exports::packbox::plugin::renderer::TemplateInfo;
use crate::bindings::packbox::plugin::types::{Failure, File};
use crate::context::{Root, Table};
use crate::errors::{self, Reporter};
use crate::locate::Source;
use crate::options::Options;
use crate::render;
use crate::syntax::{self, Visitor};

/// Parses a template and lists the variables, partials and blocks that it names.
pub fn inspect(template: &File) -> Result<TemplateInfo, Failure> {
    let text = std::str::from_utf8(&template.contents)
        .map_err(|error| errors::not_utf8(&template.path, &template.contents, error))?;
    let syntax = Some(render::syntax(Options::default()));
    let names = names(&Source { path: &template.path, text, bare: false, syntax })?;
    let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
    Ok(TemplateInfo {
        variables: owned(names.variables),
        partials: names.partials.into_iter().collect(),
        blocks: owned(names.blocks),
    })
}

/// Lists the variables that a template or an expression may look up, sorted, each once.
pub fn variables(source: &Source<'_>) -> Result<Vec<String>, Failure> {
    Ok(names(source)?.variables.into_iter().map(str::to_owned).collect())
}

#[derive(Default)]
struct Names<'a> {
    variables: BTreeSet<&'a str>,
    partials: BTreeSet<String>,
    blocks: BTreeSet<&'a str>,
}

impl<'a> Visitor<'a> for Names<'a> {
    fn free_variable(&mut self, name: &'a str) {
        self.variables.insert(name);
    }

    fn partial(&mut self, name: &str, _span: Span) {
        self.partials.insert(name.to_owned());
    }

    fn block(&mut self, name: &'a str) {
        self.blocks.insert(name);
    }
}

fn names<'a>(source: &Source<'a>) -> Result<Names<'a>, Failure> {
    let mut names = Names::default();
    let parsed = match &source.syntax {
        Some(syntax) => machinery::parse(source.text, source.path, syntax.clone())
            .map(|template| syntax::walk(&template, &mut names)),
        None => machinery::parse_expr(source.text).map(|parsed| syntax::walk_expression(&parsed, &mut names)),
    };
    parsed.map_err(|error| {
        let root = Root::new(Table::empty().into(), None);
        Reporter { source: source.clone(), root: &root, environment: render::base(), partials: Vec::new() }
            .failure(&error)
    })?;
    // The engine's own functions are there whatever the context holds.
    for (name, _) in render::base().globals() {
        names.variables.remove(name);
    }
    Ok(names)
}
