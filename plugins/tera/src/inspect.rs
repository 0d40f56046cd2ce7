//! Says what a template refers to, without running it.

use renderer::partials::Partials;
use renderer::{Failure, File, TemplateInfo, diagnose};
use tera::{Context, ErrorKind, Tera};

use crate::errors::Reporter;
use crate::reach::{Reach, Source};
use crate::scan::Scan;

/// Parses a template and lists the variables, partials and blocks that it names. What it extends, includes or calls is
/// not looked at.
pub fn inspect(template: &File) -> Result<TemplateInfo, Failure> {
    let path = template.path.as_str();
    let text =
        std::str::from_utf8(&template.contents).map_err(|error| diagnose::not_utf8(path, &template.contents, error))?;
    if let Err(error) = Tera::new().add_raw_template(path, text) {
        // Any other error is about something that is not in this file.
        if matches!(error.kind(), ErrorKind::SyntaxError(_)) {
            let reporter = Reporter {
                template: Source { path, text },
                partials: &Partials::default(),
                reach: &Reach::default(),
                context: &Context::new(),
                locals: None,
                names: &[],
                components: Vec::new(),
                engine: &Tera::new(),
            };
            return Err(reporter.failure(&error));
        }
    }
    let scan = Scan::new(text);
    let mut partials: Vec<String> = scan.includes.into_keys().chain(scan.extends.map(|(name, _)| name)).collect();
    partials.sort_unstable();
    partials.dedup();
    Ok(TemplateInfo {
        variables: scan.variables.into_keys().collect(),
        partials,
        blocks: scan.blocks.into_iter().collect(),
    })
}
