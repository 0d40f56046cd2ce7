//! The languages, and the formatter of each.

use std::ops::Range;
use std::path::Path;

use dprint_plugin_json::configuration::{Configuration, ConfigurationBuilder, TrailingCommaKind};
use jsonc_parser::{CollectOptions, ParseOptions};
use serde::Deserialize;

use crate::{Options, yaml};

/// A language that can be formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// JSON as its standard has it.
    Json,
    /// JSON with comments and trailing commas.
    Jsonc,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
}

/// Something that keeps a text from being formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// `fmt/syntax` or `fmt/value`.
    pub(crate) rule: &'static str,
    /// Where, in bytes.
    pub(crate) range: Range<usize>,
    /// What, as a lower-case fragment.
    pub(crate) message: String,
}

impl Mistake {
    /// Says that the text is not in its language.
    pub(crate) fn syntax(language: Language, range: Range<usize>, message: &str) -> Self {
        let message = format!("this is not {}: {}", language.name(), fragment(message));
        Self { rule: "fmt/syntax", range, message }
    }
}

impl Language {
    /// The extensions of files, and what they say.
    pub const EXTENSIONS: [(&str, Self); 5] =
        [("json", Self::Json), ("jsonc", Self::Jsonc), ("toml", Self::Toml), ("yaml", Self::Yaml), ("yml", Self::Yaml)];

    /// Finds the language of an extension.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        let found = Self::EXTENSIONS.into_iter().find(|(known, _)| extension.eq_ignore_ascii_case(known));
        found.map(|(_, language)| language)
    }

    /// Returns the name for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Jsonc => "JSON with comments",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
        }
    }

    /// Formats a text without a byte order mark.
    pub(crate) fn format(self, text: &str, options: &Options) -> Result<String, Vec<Mistake>> {
        match self {
            Self::Json => {
                check_strict_json(text)?;
                json(self, text, options)
            }
            Self::Jsonc => json(self, text, options),
            Self::Toml => toml(text, options),
            Self::Yaml => yaml::format(text, options),
        }
    }
}

/// Makes a message of a formatter a fragment: one line, a small first letter, no full stop.
fn fragment(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    let mut letters = line.chars();
    match letters.next() {
        // An abbreviation keeps its capitals.
        Some(first) if !line.chars().nth(1).is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => line.to_owned(),
    }
}

fn check_strict_json(text: &str) -> Result<(), Vec<Mistake>> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(parsed) if parsed.value.is_none() => Err(vec![Mistake::syntax(Language::Json, 0..0, "there is no value")]),
        Ok(_) => Ok(()),
        Err(error) => {
            let range = error.range().start..error.range().end;
            Err(vec![Mistake::syntax(Language::Json, range, &error.kind().to_string())])
        }
    }
}

fn json(language: Language, text: &str, options: &Options) -> Result<String, Vec<Mistake>> {
    let configuration = json_configuration(options);
    // The path would choose conventions for some names; the language is known here.
    match dprint_plugin_json::format_text(Path::new("text.json"), text, &configuration) {
        Ok(formatted) => Ok(formatted.unwrap_or_else(|| text.to_owned())),
        Err(error) => {
            let range = error.parse_error().range();
            Err(vec![Mistake::syntax(language, range.start..range.end, &error.message())])
        }
    }
}

fn json_configuration(options: &Options) -> Configuration {
    ConfigurationBuilder::new()
        .indent_width(options.indent_width)
        .line_width(options.line_width.into())
        .trailing_commas(TrailingCommaKind::Never)
        .package_json_apply_conventions(false)
        .build()
}

fn toml(text: &str, options: &Options) -> Result<String, Vec<Mistake>> {
    let parsed = oxc_toml::parse(text);
    if !parsed.errors.is_empty() {
        let mistakes = parsed.errors.iter().map(|error| {
            let range = error.range.start as usize..error.range.end as usize;
            Mistake::syntax(Language::Toml, range, &error.message)
        });
        return Err(mistakes.collect());
    }
    let options = oxc_toml::Options {
        column_width: options.line_width.into(),
        indent_string: " ".repeat(options.indent_width.into()),
        allowed_blank_lines: 1,
        ..oxc_toml::Options::default()
    };
    let formatted = oxc_toml::format(&parsed, options);
    Ok(whole_lines(formatted.trim()))
}

/// Makes a trimmed text one of whole lines.
fn whole_lines(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}
