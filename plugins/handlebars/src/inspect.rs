//! Says what a template refers to, without running it.

use renderer::{Failure, File, TemplateInfo, diagnose};

use crate::errors;
use crate::names::Names;

/// Parses a template and lists the variables, partials and blocks (partials of its own) that it names.
pub fn inspect(template: &File) -> Result<TemplateInfo, Failure> {
    let path = template.path.as_str();
    let text =
        std::str::from_utf8(&template.contents).map_err(|error| diagnose::not_utf8(path, &template.contents, error))?;
    let parsed = handlebars::Template::compile(text).map_err(|error| errors::syntax(path, text, &error))?;
    let names = Names::new(&parsed);
    Ok(TemplateInfo {
        variables: names.variables.into_iter().collect(),
        partials: names.partials.into_iter().collect(),
        blocks: names.blocks.into_iter().collect(),
    })
}
