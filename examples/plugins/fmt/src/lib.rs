//! A packbox renderer that formats JSON, JSON with comments, TOML and YAML.
//!
//! It is made for the end of a chain, `then = ["plugin:fmt"]`: its template is what the stage before made, and the path of
//! the output decides on the language. The formatters are those that others use; what this crate adds is the choice, the
//! options, and that a syntax error becomes a diagnostic with its place.
//!
//! Always true here: no value is changed, and what is formatted once stays as it is when it is formatted again.

mod language;
mod options;
mod yaml;

use packbox_sdk::serde_json::Value;
use packbox_sdk::{Diagnostic, Failure, Job, Rendered, Renderer, Source, TemplateInfo};

pub use language::Language;
pub use options::Options;

/// More mistakes of one file than this help nobody.
const MAX_MISTAKES: usize = 20;

/// The renderer. It reads no variables.
pub struct Fmt;

packbox_sdk::export_renderer!(Fmt);

impl Renderer for Fmt {
    type Context = Value;
    type Options = Options;

    fn render(job: &Job<'_, Value, Options>) -> Result<Rendered, Failure> {
        let no_variables: [&str; 0] = [];
        Ok(Rendered::text(format(&job.template, job.options)?).reading(no_variables))
    }

    /// A text to format refers to nothing.
    fn inspect(_template: &Source<'_>) -> Result<TemplateInfo, Failure> {
        Ok(TemplateInfo { variables: Vec::new(), partials: Vec::new(), blocks: Vec::new() })
    }
}

/// Formats a file.
///
/// # Errors
///
/// The mistakes of its syntax, with their places; a name that says no language where the options don't, either.
pub fn format(file: &Source<'_>, options: &Options) -> Result<String, Failure> {
    let language = match options.language {
        Some(language) => language,
        None => language_of(file)?,
    };
    let text = file.text()?;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let formatted = language.format(&text[start..], options);
    formatted.map_err(|mistakes| {
        let diagnostics = mistakes.into_iter().take(MAX_MISTAKES).map(|mistake| {
            let range = start + mistake.range.start..start + mistake.range.end;
            Diagnostic::error(mistake.rule, mistake.message).at(file.span(range))
        });
        diagnostics.collect::<Vec<_>>().into()
    })
}

fn language_of(file: &Source<'_>) -> Result<Language, Failure> {
    file.extension().and_then(Language::of_extension).ok_or_else(|| {
        let extensions = Language::EXTENSIONS.map(|(extension, _)| format!("`.{extension}`")).join(", ");
        Diagnostic::error("fmt/language", format!("`{}` does not say which language it is in", file.name()))
            .at(file.point(0))
            .help(format!("the extensions are {extensions}; or set `language` in the options"))
            .into()
    })
}
