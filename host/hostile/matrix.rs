//! A pack tried with every command that looks into packs, as a folder and as an archive.
//!
//! Always true here: whatever a command is, the pack ends it typed, or is rendered.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::case::{Case, MANIFEST, write};
use super::{tar, zstd};

/// The files of a pack, its manifest among them.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// A pack that means harm.
pub(super) struct Attack {
    /// What its cases are called: `group/name`.
    pub name: String,
    /// What it does.
    pub about: String,
    /// What stops it.
    pub limit: &'static str,
    /// What every command but `check` is given, too.
    pub arguments: &'static [&'static str],
    /// How some commands have to end.
    pub ends: Ends,
    /// What makes its files.
    pub files: Arc<dyn Fn() -> Files + Send + Sync>,
}

/// How commands have to end; others end with 0, 1, 2 (a value is missing) or 4.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub commands: &'static [&'static str],
    pub exits: &'static [u8],
    pub reasons: &'static [&'static str],
}

/// The commands, with what comes after the pack.
const COMMANDS: [(&str, &[&str]); 7] = [
    ("check", &["--no-config"]),
    ("lint", &["--no-config"]),
    ("validate", &["--no-config"]),
    ("score", &["--no-config"]),
    ("compat", &["other", "--no-config"]),
    ("plan", &[]),
    ("generate", &["--no-input", "--output", "out"]),
];
/// What a command may need on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(60);

/// The cases of an attack.
pub(super) fn cases(attack: &Attack) -> Vec<Case> {
    let forms = [("", "pack", ""), ("-packed", "hostile.pack", ", as an archive")];
    let all = COMMANDS.into_iter().flat_map(|command| forms.map(|form| (command, form)));
    all.map(|((command, rest), (suffix, pack, how))| {
        let files = Arc::clone(&attack.files);
        let make = move |folder: &Path| {
            write(folder, "other/pack.toml", MANIFEST.replace("hostile", "other"))?;
            if suffix.is_empty() { as_folder(folder, files()) } else { as_archive(folder, files()) }
        };
        let name = format!("{}-{command}{suffix}", attack.name);
        let about = format!("{}, with `{command}`{how}", attack.about);
        let more: &[&str] = if command == "check" { &[] } else { attack.arguments };
        let case = Case::validate(name, about, make).arguments([&[command, pack], rest, more].concat());
        let Ends { commands, exits, reasons } = attack.ends;
        let mut case = if commands.contains(&command) {
            case.ends(attack.limit, exits, reasons)
        } else {
            case.ends(attack.limit, &[0, 1, 2, 4], &[])
        };
        case.expected.deadline = Some(PATIENCE);
        case
    })
    .collect()
}

fn as_folder(folder: &Path, files: Files) -> std::io::Result<()> {
    files.into_iter().try_for_each(|(path, contents)| write(folder, &format!("pack/{path}"), contents))
}

fn as_archive(folder: &Path, mut files: Files) -> std::io::Result<()> {
    files.sort();
    let mut archive = Vec::new();
    for (path, contents) in &files {
        tar::file(&mut archive, path, contents);
    }
    tar::end(&mut archive);
    write(folder, "hostile.pack", zstd::frame(&archive))
}
