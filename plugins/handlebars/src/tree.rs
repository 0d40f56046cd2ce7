//! The crate's parsed templates: what lies within an element.

use handlebars::Template;
use handlebars::template::TemplateElement;

/// Lists the templates within an element.
pub fn inner(element: &mut TemplateElement) -> impl Iterator<Item = &mut Template> {
    let (body, inverse) = match element {
        TemplateElement::HelperBlock(block) => (block.template.as_mut(), block.inverse.as_mut()),
        TemplateElement::PartialBlock(block) | TemplateElement::DecoratorBlock(block) => {
            (block.template.as_mut(), None)
        }
        _ => (None, None),
    };
    body.into_iter().chain(inverse)
}

/// Reads the one element of a template that packbox writes itself.
#[must_use]
pub fn element(text: &str) -> Option<TemplateElement> {
    Template::compile(text).ok()?.elements.pop()
}
