//! `packbox-plugin.toml`: what a plugin project is.
//!
//! ```toml
//! [plugin]
//! name = "settings"
//! lang = "rust"                       # rust, js, python or c
//! kind = "renderer"                   # or validator, merger, query-engine
//! target = "wasm32-unknown-unknown"   # Rust only; or wasm32-wasip2
//!
//! [plugin.limits]
//! memory = "32MiB"
//! ```
//!
//! Always true here: unknown keys are errors; the file is read up to [`MAX_PROJECT_BYTES`].

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::grants::Grant;
use crate::limits::LimitRequest;
use crate::pack::PluginName;
use crate::pack::manifest::{Findings, TableReader, ValueReader, in_group, read_limits, syntax};
use crate::text::{format_bytes, meant};

/// The name of the file.
pub const PROJECT_NAME: &str = "packbox-plugin.toml";
/// The largest file, in bytes.
pub const MAX_PROJECT_BYTES: u64 = 64 << 10;

/// A list of words, of which a text must be one.
macro_rules! words {
    ($(#[$documentation:meta])* $name:ident, $what:literal, $($(#[$about:meta])* $variant:ident = $word:literal),+) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] #[value(name = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word, as it is written.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let words = [$($word),+];
                Self::ALL.iter().copied().find(|one| one.name() == text).ok_or_else(|| {
                    let near = meant(text, words.into_iter()).map(|near| format!("; did you mean `{near}`?"));
                    format!("it must be one of {}{}", words.join(", "), near.unwrap_or_default())
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

words! {
    /// What a plugin is written in.
    Language, "language",
    /// Rust, with `packbox-sdk`.
    Rust = "rust",
    /// JavaScript, by componentize-js.
    JavaScript = "js",
    /// Python, by componentize-py.
    Python = "python",
    /// C, by clang.
    C = "c"
}

words! {
    /// What a plugin does.
    Kind, "kind",
    /// Turns templates into files.
    Renderer = "renderer",
    /// Looks at packs and says what it finds.
    Validator = "validator",
    /// Makes one file of what several packs want it to be.
    Merger = "merger",
    /// Answers queries about graphs.
    QueryEngine = "query-engine"
}

words! {
    /// What a Rust plugin is compiled for.
    Target, "target",
    /// No system at all.
    Unknown = "wasm32-unknown-unknown",
    /// WASI 0.2: runs only under the grant `wasi-stub`.
    Wasip2 = "wasm32-wasip2"
}

impl Kind {
    /// The world of the ABI that such a plugin is built for.
    #[must_use]
    pub const fn world(self) -> &'static str {
        match self {
            Self::Renderer => "renderer-plugin",
            Self::Validator => "validator-plugin",
            Self::Merger => "merger-plugin",
            Self::QueryEngine => "query-plugin",
        }
    }

    /// What such a plugin is called in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Renderer => "renderer",
            Self::Validator => "validator",
            Self::Merger => "merger",
            Self::QueryEngine => "query engine",
        }
    }

    /// The languages in which there are new projects of this kind.
    #[must_use]
    pub const fn languages(self) -> &'static [Language] {
        match self {
            Self::Renderer | Self::Validator | Self::Merger => Language::ALL,
            Self::QueryEngine => &[Language::Rust, Language::C],
        }
    }
}

/// A plugin project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its folder.
    pub folder: PathBuf,
    /// The plugin's name.
    pub name: PluginName,
    /// What it is written in.
    pub language: Language,
    /// What it does.
    pub kind: Kind,
    /// What it is compiled for; means something for Rust only.
    pub target: Target,
    /// The limits that its tests run under, and that a pack should ask for.
    pub limits: LimitRequest,
    /// What its tests are granted, and a pack should ask for.
    pub grants: Vec<Grant>,
}

impl Project {
    /// Reads the project in a folder.
    ///
    /// # Errors
    /// `NotFound` where there is none, `Usage` with everything that is wrong in its file, `Io` where it can't be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(PROJECT_NAME);
        let shown = crate::text::printable_line(&path.display().to_string());
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, format!("there is no `{shown}`"))
                .hint("name the folder of a plugin project; `packbox plugin new` makes one"),
            std::io::ErrorKind::FileTooLarge => {
                let detail = format!("`{shown}` is larger than {}", format_bytes(MAX_PROJECT_BYTES));
                Error::new(ErrorKind::Usage, detail)
            }
            _ => Error::io(format!("cannot read `{shown}`"), error),
        };
        let bytes = crate::files::read_own(&path, MAX_PROJECT_BYTES).map_err(failed)?;
        let text = syntax::decode(&shown, bytes).map_err(|finding| unusable(&shown, vec![*finding]))?;
        Self::parse(folder, &shown, &text)
    }

    /// Reads the text of a file that the user knows as `path`.
    ///
    /// # Errors
    /// `Usage`, with everything that is wrong.
    pub fn parse(folder: &Path, path: &str, text: &str) -> Result<Self> {
        let table = syntax::parse(path, text).map_err(|findings| unusable(path, findings))?;
        let findings = Findings::new(path, text);
        let mut root = TableReader::document(&findings, &table, PROJECT_NAME);
        let mut parts = None;
        let plugin = root.require("plugin", "for instance `[plugin]`").and_then(|value| value.table("[plugin]"));
        root.finish(&[]);
        if let Some(mut plugin) = plugin {
            let name = plugin.require("name", "for instance `name = \"settings\"`").and_then(ValueReader::parsed);
            let language =
                plugin.require("lang", "one of `rust`, `js`, `python`, `c`").and_then(ValueReader::parsed::<Language>);
            let kind = plugin
                .require("kind", "`renderer`, `validator`, `merger` or `query-engine`")
                .and_then(ValueReader::parsed::<Kind>);
            let target = plugin.parsed::<Target>("target");
            let grants = plugin.all_parsed::<Grant>("grants");
            let limits = plugin.get("limits").and_then(|value| value.table("[plugin.limits]"));
            plugin.finish(&[]);
            if let (Some(language), Some(target)) = (&language, &target)
                && language.value != Language::Rust
            {
                findings.add("manifest/value", &target.range, "`target` is for Rust only");
            }
            let limits = limits.map(read_limits).unwrap_or_default();
            parts = name.zip(language).zip(kind).map(|((name, language), kind)| Self {
                folder: folder.to_owned(),
                name: name.value,
                language: language.value,
                kind: kind.value,
                target: target.map_or(Target::Unknown, |target| target.value),
                limits: limits.asked,
                grants: grants.into_iter().map(|grant| grant.value).collect(),
            });
        }
        match (parts, findings.into_sorted()) {
            (Some(project), findings) if findings.is_empty() => Ok(project),
            (_, findings) => Err(unusable(path, findings)),
        }
    }

    /// The file that the component is written to.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }
}

fn unusable(path: &str, findings: Vec<Diagnostic>) -> Error {
    let findings = in_group("project", findings);
    Error::new(ErrorKind::Usage, format!("`{path}` does not describe a plugin project")).with_findings(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Project> {
        Project::parse(Path::new("p"), PROJECT_NAME, text)
    }

    #[test]
    fn a_project_is_read() {
        let text = "[plugin]\nname = \"a\"\nlang = \"rust\"\nkind = \"validator\"\ntarget = \"wasm32-wasip2\"\n\
                    [plugin.limits]\nmemory = \"32MiB\"\n";
        let project = parse(text).expect("a project");
        assert_eq!((project.language, project.kind, project.target), (Language::Rust, Kind::Validator, Target::Wasip2));
        assert_eq!(project.limits.memory, Some(32 << 20));
        assert_eq!(project.component(), Path::new("p/a.wasm"));
    }

    #[test]
    fn all_mistakes_are_named_at_once() {
        let error = parse("[plugin]\nname = \"A\"\nlang = \"pyton\"\nkin = \"renderer\"\n[plugin.limits]\nmem = 1\n")
            .expect_err("mistakes");
        let findings = &error.body().findings;
        let texts: Vec<String> =
            findings.iter().map(|one| format!("{} {}", one.message, one.help.as_deref().unwrap_or_default())).collect();
        let all = texts.join("\n");
        assert_eq!(findings.len(), 5, "{all}");
        for wanted in ["did you mean `python`", "did you mean `kind`", "`kind` is missing", "unknown key `mem`"] {
            assert!(all.contains(wanted), "{wanted}: {all}");
        }
        assert_eq!(error.exit_code(), 2);
    }
}
