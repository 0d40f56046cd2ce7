//! Says what a template refers to, without running it.

use std::sync::Arc;

use renderer::partials::Partials;
use renderer::{Failure, File, TemplateInfo, diagnose};

use crate::context::Root;
use crate::engine::Engine;
use crate::errors::Reporter;
use crate::partials::Trail;
use crate::scan::Scan;
use crate::value::Map;

/// Parses a template and lists the variables and partials that it names. The language has no blocks.
pub fn inspect(template: &File) -> Result<TemplateInfo, Failure> {
    let path = template.path.as_str();
    let text =
        std::str::from_utf8(&template.contents).map_err(|error| diagnose::not_utf8(path, &template.contents, error))?;
    let partials = Arc::new(Partials::default());
    let internal = |error: liquid_core::Error| Failure::Internal(error.to_string());
    if let Err(error) = Engine::new(partials.clone()).map_err(internal)?.parse(text) {
        let context = Map::new();
        let root = Root::new(&context, Map::new());
        let place = Engine::with_marks(partials.clone()).map_err(internal)?.last_mark(text, &root);
        let trail = Trail { place, ..Trail::default() };
        return Err(Reporter { path, text, partials: &partials, root: &root, trail: &trail }.failure(&error));
    }
    let scan = Scan::new(text);
    Ok(TemplateInfo {
        variables: scan.variables.into_keys().collect(),
        partials: scan.partials.into_keys().collect(),
        blocks: Vec::new(),
    })
}
