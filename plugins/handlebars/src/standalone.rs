//! Indents partials that stand alone on a line as Handlebars.js does: each line of what they give. The crate indents
//! those within a line, too, and what `{{> @partial-block}}` gives not at all.

use handlebars::template::{Parameter, TemplateElement};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason, Renderable,
    Template,
};
use renderer::diagnose;
use serde_json::Value;

use crate::tree;

const HELPER: &str = "packbox_indented";

/// Adds what the rewritten partials are within.
pub fn add_to(engine: &mut Handlebars<'_>) {
    engine.register_helper(HELPER, Box::new(Indented));
}

/// Takes the indentation from all partials of a template, and puts those that stand alone within a block that indents.
pub fn rewrite(template: &mut Template, text: &str) {
    for (element, mapping) in template.elements.iter_mut().zip(&template.mapping) {
        tree::inner(element).for_each(|inner| rewrite(inner, text));
        let TemplateElement::PartialExpression(partial) = element else { continue };
        let Some(indent) = partial.indent.take() else { continue };
        if !stands_alone(text, diagnose::offset(text, mapping.0, mapping.1)) {
            continue;
        }
        let block = tree::element(&format!("{{{{#{HELPER} \"\"}}}}{{{{/{HELPER}}}}}"));
        if let Some(TemplateElement::HelperBlock(mut block)) = block {
            block.params = vec![Parameter::Literal(Value::String(indent))];
            if let Some(inner) = &mut block.template {
                inner.mapping.push(mapping.clone());
                inner.elements.push(std::mem::replace(element, TemplateElement::RawString(String::new())));
            }
            *element = TemplateElement::HelperBlock(block);
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

/// Writes what is within with the given blanks before each line, but not after the last line feed.
struct Indented;

impl HelperDef for Indented {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let indent = helper.param(0).and_then(|indent| indent.value().as_str()).unwrap_or_default();
        let template = helper.template().ok_or(RenderErrorReason::BlockContentRequired)?;
        for line in template.renders(engine, context, state)?.split_inclusive('\n') {
            out.write(indent)?;
            out.write(line)?;
        }
        Ok(())
    }
}
