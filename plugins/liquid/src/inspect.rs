//! Says what a template refers to, without running it.

use std::sync::Arc;

use liquid_core::Object;
use renderer::partials::Partials;
use renderer::{Failure, File, TemplateInfo, diagnose};

use crate::context::Root;
use crate::errors::Reporter;
use crate::partials::{Recorder, Trail};
use crate::render;
use crate::scan::Scan;

/// Parses a template and lists the variables and partials that it names. The language has no blocks.
pub fn inspect(template: &File) -> Result<TemplateInfo, Failure> {
    let path = template.path.as_str();
    let text =
        std::str::from_utf8(&template.contents).map_err(|error| diagnose::not_utf8(path, &template.contents, error))?;
    let partials = Arc::new(Partials::default());
    let parser = render::parser(partials.clone(), Arc::new(Recorder::default()))
        .map_err(|error| Failure::Internal(error.to_string()))?;
    if let Err(error) = parser.parse(text) {
        let (context, trail) = (Object::new(), Trail::default());
        let root = Root::new(&context, Object::new());
        return Err(Reporter { path, text, partials: &partials, root: &root, trail: &trail }.failure(&error));
    }
    let scan = Scan::new(text);
    Ok(TemplateInfo {
        variables: scan.variables.into_keys().collect(),
        partials: scan.partials.into_keys().collect(),
        blocks: Vec::new(),
    })
}
