//! The block `case`, which compares a value as it is: the engine's own compares a copy, in which objects are packed.
//!
//! What it gives is what the engine's own block gives.

use std::io::Write;

use liquid_core::model::ValueViewCmp;
use liquid_core::parser::{BlockElement, TryMatchToken};
use liquid_core::{Expression, Language, Renderable, Result, Runtime, TagBlock, TagTokenIter, Template};

use crate::block::{self, block};

block!(
    /// The block `case`.
    CaseBlock,
    "case",
    "endcase",
    "Writes the contents of the first `when` that names its value.",
    parse
);

fn parse(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
) -> Result<Box<dyn Renderable>> {
    let value = arguments.expect_next("Value expected.")?.expect_value().into_result()?;
    arguments.expect_nothing()?;
    // What stands before the first `when` belongs to a branch that nothing leads to.
    let mut branches = vec![(Vec::new(), Vec::new())];
    let mut otherwise = None;
    while let Some(element) = block.next()? {
        match element {
            BlockElement::Tag(mut tag) if tag.name() == "when" => branches.push((names(tag.tokens())?, Vec::new())),
            BlockElement::Tag(tag) if tag.name() == "else" => {
                otherwise = Some(block::otherwise(tag, block, language)?);
            }
            element => {
                let parsed = element.parse(block, language)?;
                if let Some((_, body)) = branches.last_mut() {
                    body.push(parsed);
                }
            }
        }
    }
    let branches = branches.into_iter().map(|(names, body)| (names, Template::new(body))).collect();
    Ok(Box::new(Case { value, branches, otherwise }))
}

/// Reads the values of a `when`: one, and more of them after each `or` or comma.
fn names(arguments: &mut TagTokenIter<'_>) -> Result<Vec<Expression>> {
    let mut names = vec![arguments.expect_next("Value expected")?.expect_value().into_result()?];
    while let Some(token) = arguments.next() {
        if let TryMatchToken::Fails(token) = token.expect_str("or") {
            token.expect_str(",").into_result_custom_msg("\"or\" or \",\" expected.")?;
        }
        names.push(arguments.expect_next("Value expected")?.expect_value().into_result()?);
    }
    Ok(names)
}

#[derive(Debug)]
struct Case {
    value: Expression,
    branches: Vec<(Vec<Expression>, Template)>,
    otherwise: Option<Template>,
}

impl Renderable for Case {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let value = self.value.evaluate(runtime)?;
        for (names, body) in &self.branches {
            for name in names {
                if name.evaluate(runtime)? == ValueViewCmp::new(value.as_view()) {
                    return body.render_to(writer, runtime);
                }
            }
        }
        self.otherwise.as_ref().map_or(Ok(()), |body| body.render_to(writer, runtime))
    }
}
