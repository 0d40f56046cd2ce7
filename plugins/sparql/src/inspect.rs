//! What a query says about itself.

use spargebra::Query as Parsed;
use spargebra::algebra::GraphPattern;
use spargebra::term::NamedNodePattern;

use crate::walk::{self, Part};
use crate::{Description, Failure, Form, Inspected, Setting, parse, remarks, tokens};

/// Reads a query, and says what it is.
///
/// # Errors
/// As [`parse::parse`].
pub fn inspect(setting: &Setting, inspected: &Inspected) -> Result<Description, Failure> {
    let file = &inspected.file;
    let query = parse::parse(setting, file)?;
    let (form, variables) = match &query {
        Parsed::Select { pattern, .. } => (Form::Select, projected(pattern)),
        Parsed::Ask { .. } => (Form::Ask, Vec::new()),
        Parsed::Construct { .. } => (Form::Construct, Vec::new()),
        Parsed::Describe { .. } => (Form::Describe, Vec::new()),
    };
    let mut graphs: Vec<String> = Vec::new();
    if let Some(dataset) = query.dataset() {
        let named = dataset.default.iter().chain(dataset.named.iter().flatten());
        graphs.extend(named.map(|graph| graph.as_str().to_owned()));
    }
    let mut any_graph = false;
    for part in walk::parts(&query) {
        match part {
            Part::Graph(NamedNodePattern::NamedNode(graph)) => graphs.push(graph.as_str().to_owned()),
            Part::Graph(NamedNodePattern::Variable(_)) => any_graph = true,
            _ => {}
        }
    }
    graphs.sort();
    graphs.dedup();
    let remarks = remarks::of(setting, inspected, &query);
    let mentions = tokens::variables(&String::from_utf8_lossy(&file.contents));
    let ordered = walk::is_ordered(&query);
    Ok(Description { form, variables, mentions, ordered, graphs, any_graph, remarks })
}

/// The variables of the table that a query gives.
fn projected(pattern: &GraphPattern) -> Vec<String> {
    let mut pattern = pattern;
    loop {
        pattern = match pattern {
            GraphPattern::Project { variables, .. } => {
                return variables.iter().map(|variable| variable.as_str().to_owned()).collect();
            }
            GraphPattern::OrderBy { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => inner,
            _ => return Vec::new(),
        };
    }
}
