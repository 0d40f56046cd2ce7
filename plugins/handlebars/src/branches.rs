//! Gives the branches of a block a place of their own: the crate gives what follows an `{{else}}` in its tag none, and so
//! what goes wrong there that of the whole block.

use std::collections::BTreeMap;

use handlebars::Template;
use handlebars::template::TemplateElement;
use renderer::diagnose;

use crate::{tags, tree};

/// Adds the places to a template that is as the crate made it.
pub fn place(template: &mut Template, text: &str) {
    if text.contains('^') || ["else ", "else\n", "else\t", "else\r"].iter().any(|word| text.contains(word)) {
        let branches = tags::branches(text);
        if !branches.is_empty() {
            place_in(template, text, &branches);
        }
    }
}

fn place_in(template: &mut Template, text: &str, branches: &BTreeMap<usize, Vec<usize>>) {
    for (element, place) in template.elements.iter_mut().zip(&template.mapping) {
        if let TemplateElement::HelperBlock(block) = element {
            let start = diagnose::offset(text, place.0, place.1);
            let start = text[start..].find("{{").map_or(start, |blanks| start + blanks);
            let mut inverse = block.inverse.as_mut();
            for at in branches.get(&start).into_iter().flatten() {
                let Some(Template { elements, mapping, .. }) = inverse else { break };
                let [TemplateElement::HelperBlock(branch)] = elements.as_mut_slice() else { break };
                if mapping.is_empty() {
                    // The crate lets nobody make a place.
                    let mut place = place.clone();
                    (place.0, place.1) = line_and_column(text, *at);
                    mapping.push(place);
                }
                inverse = branch.inverse.as_mut();
            }
        }
        tree::inner(element).for_each(|inner| place_in(inner, text, branches));
    }
}

/// The line and the column of a place, in characters from 1 on.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
