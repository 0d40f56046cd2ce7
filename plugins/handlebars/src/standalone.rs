//! Indents only partials that stand alone on a line, as Handlebars.js does: the crate also indents those within one.

use handlebars::Template;
use handlebars::template::TemplateElement;
use renderer::diagnose;

/// Takes the indentation from the partials of a template that don't stand alone.
pub fn correct(template: &mut Template, text: &str) {
    for (element, mapping) in template.elements.iter_mut().zip(&template.mapping) {
        match element {
            TemplateElement::PartialExpression(partial) => {
                let at = diagnose::offset(text, mapping.0, mapping.1);
                if partial.indent.is_some() && !stands_alone(text, at) {
                    partial.indent = None;
                }
            }
            TemplateElement::PartialBlock(block) | TemplateElement::DecoratorBlock(block) => {
                block.template.iter_mut().for_each(|inner| correct(inner, text));
            }
            TemplateElement::HelperBlock(block) => {
                block.template.iter_mut().chain(&mut block.inverse).for_each(|inner| correct(inner, text));
            }
            _ => {}
        }
    }
}

/// Whether a line holds nothing but the tag that begins at a place, or after blanks there.
fn stands_alone(text: &str, at: usize) -> bool {
    let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|blanks| at + blanks) else { return false };
    let Some(end) = text[start..].find("}}").map(|length| start + length + 2) else { return false };
    let blank = |part: &str| part.chars().all(|next| matches!(next, ' ' | '\t' | '\r'));
    let before = text[..start].rsplit('\n').next().unwrap_or_default();
    let after = text[end..].split('\n').next().unwrap_or_default();
    blank(before) && blank(after)
}
