//! New plugin projects: the templates that are part of this program, with the plugin's name put in.
//!
//! A template's file is called as the project's, but for two things: `.in` at the end is taken away (so that tools don't
//! take a `Cargo.toml` for one of ours), and `dot-` at the beginning of a name becomes `.`.
//!
//! Always true here: nothing is read from a disk, and nothing is written.

use super::project::{Kind, Language, PROJECT_NAME};
use crate::pack::PluginName;
use crate::schemas;

/// Path below `templates/`, and bytes.
type Entry = (&'static str, &'static [u8]);

include!(concat!(env!("OUT_DIR"), "/author_templates.rs"));

/// A file of a new project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaffoldFile {
    /// Relative to the project's folder, `/` separated.
    pub path: String,
    /// What is in it.
    pub contents: Vec<u8>,
}

/// Lists the files of a new project, sorted by path.
#[must_use]
pub fn scaffold(name: &PluginName, language: Language, kind: Kind) -> Vec<ScaffoldFile> {
    let mut files = Vec::new();
    for part in ["common", kind.name()] {
        let prefix = format!("{language}/{part}/");
        for (path, contents) in TEMPLATES {
            if let Some(path) = path.strip_prefix(&prefix) {
                let (path, mut contents) = (target_path(path), fill(contents, name, kind));
                if path == PROJECT_NAME {
                    contents.splice(0..0, schemas::PACKBOX_PLUGIN.line().into_bytes());
                }
                files.push(ScaffoldFile { path, contents });
            }
        }
    }
    if language == Language::Rust {
        files.extend(super::sdk::files().into_iter().map(|(path, contents)| ScaffoldFile { path, contents }));
    } else {
        files.extend(WIT.iter().map(|(path, text)| ScaffoldFile { path: (*path).into(), contents: (*text).into() }));
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn target_path(path: &str) -> String {
    let path = path.strip_suffix(".in").unwrap_or(path);
    let names = path.split('/').map(|name| match name.strip_prefix("dot-") {
        Some(rest) => format!(".{rest}"),
        None => name.to_owned(),
    });
    names.collect::<Vec<_>>().join("/")
}

/// Puts in what a project has of its own: its kind, how that is used, its name. What is no text stays as it is.
fn fill(contents: &[u8], name: &PluginName, kind: Kind) -> Vec<u8> {
    let usage = match kind {
        Kind::Renderer => include_str!("templates/use-renderer.md"),
        Kind::Validator => include_str!("templates/use-validator.md"),
        Kind::Merger => include_str!("templates/use-merger.md"),
        Kind::QueryEngine => include_str!("templates/use-query-engine.md"),
    };
    match std::str::from_utf8(contents) {
        Ok(text) => {
            let text = text.replace("PLUGIN_USE\n", usage).replace("PLUGIN_KIND", kind.words());
            text.replace("PLUGIN_NAME", name.as_str()).into_bytes()
        }
        Err(_) => contents.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_project_has_what_it_needs() {
        let name = PluginName::new("my-plugin").expect("a name");
        for kind in Kind::ALL {
            for language in kind.languages() {
                let files = scaffold(&name, *language, *kind);
                for wanted in ["packbox-plugin.toml", "README.md", ".gitignore"] {
                    let count = files.iter().filter(|file| file.path == wanted).count();
                    assert_eq!(count, 1, "{language} {kind}: {wanted}");
                }
                assert!(files.iter().any(|file| file.path.starts_with("cases/")), "{language} {kind}: no cases");
                let left = files.iter().find(|file| {
                    let text = String::from_utf8_lossy(&file.contents);
                    ["PLUGIN_NAME", "PLUGIN_KIND", "PLUGIN_USE"].iter().any(|name| text.contains(name))
                });
                assert_eq!(left.map(|file| &file.path), None);
            }
        }
    }
}
