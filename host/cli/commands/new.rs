//! `new`: a pack that generates as it stands.

use std::path::{Path, PathBuf};

use super::super::args;
use super::super::documents::NewPack;
use super::super::session::{Session, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::commit::{CommitOptions, Destination, NoObserver, OnExisting, commit, survey};
use crate::generate::tree::{Provenance, Tree, TreeFile};
use crate::pack::{MANIFEST_NAME, OutputPath, PackName};
use crate::schemas;
use crate::text::dashed;

/// The skeleton: where each file goes, and its contents with the pack's name as `PACK_NAME`.
const SKELETON: &[(&str, &str)] = &[
    ("pack.toml", include_str!("skeleton/pack.toml")),
    ("README.md", include_str!("skeleton/README.md")),
    (".packboxignore", include_str!("skeleton/packboxignore")),
    ("templates/README.md.jinja", include_str!("skeleton/templates/README.md.jinja")),
    ("templates/src/{{ slug }}.txt.jinja", include_str!("skeleton/templates/example.txt.jinja")),
    ("partials/header.jinja", include_str!("skeleton/partials/header.jinja")),
    ("next-steps.md.jinja", include_str!("skeleton/next-steps.md.jinja")),
];

/// Makes a new pack.
///
/// # Errors
/// `Usage` where the name is no pack name, `Conflict` where the folder exists with files in it, `Io` where it can't be
/// written.
pub fn new(session: &Session, arguments: &args::New) -> Result<()> {
    let name = PackName::new(&arguments.name).map_err(|error| {
        Error::new(ErrorKind::Usage, format!("the name of a pack {error}")).hint(format!(
            "for instance `packbox new {}`",
            dashed(&arguments.name).as_deref().unwrap_or("rust-service")
        ))
    })?;
    let folder = arguments.output.clone().unwrap_or_else(|| PathBuf::from(name.as_str()));
    let files = SKELETON
        .iter()
        .map(|(path, contents)| {
            let contents = contents.replace("PACK_NAME", name.as_str());
            let head = if *path == MANIFEST_NAME { schemas::PACK.line() } else { String::new() };
            let contents = (head + &contents).into_bytes();
            let path = OutputPath::new(*path)
                .map_err(|error| Error::new(ErrorKind::Io, format!("the skeleton's path `{path}` {error}")))?;
            Ok(TreeFile::new(path, contents, false, provenance("packbox new")))
        })
        .collect::<Result<Vec<_>>>()?;
    let tree = Tree::build(files)?;
    write_new(session, &tree, &folder)?;
    let next = format!("packbox generate {} --output my-project", shown(&folder));
    if session.output.is_json() {
        let files = tree.files().iter().map(TreeFile::path).collect();
        let document = NewPack { pack: &name, folder: shown(&folder), files, next: &next };
        return session.output.document("new", &document);
    }
    session.output.say(&format!("made the pack `{name}` in {}; try it with `{next}`", shown(&folder)));
    Ok(())
}

/// Writes a tree to a folder that is not there, or empty.
///
/// # Errors
/// `Conflict` where there are files in it, `Io` where it can't be written.
pub(super) fn write_new(session: &Session, tree: &Tree, folder: &Path) -> Result<()> {
    let survey = survey(tree, folder)?;
    if survey.destination() == Destination::HasFiles {
        return Err(Error::new(ErrorKind::Conflict, format!("`{}` has files in it", shown(folder)))
            .hint("choose another name, or another folder with `--output`"));
    }
    let options = CommitOptions {
        on_existing: OnExisting::Fail,
        prune: false,
        receipt: None,
        key: &session.journal_key()?,
        interrupted: &|| session.interrupt.is_set(),
        observer: &NoObserver,
    };
    commit(&survey, &options).map(drop)
}

/// Where a file of a new project comes from: `command`.
pub(super) fn provenance(command: &str) -> Provenance {
    Provenance {
        template: command.to_owned(),
        template_digest: crate::digest::Digest::of(b""),
        engine: "copy".to_owned(),
        plugin_digest: None,
        then: Vec::new(),
        variables: Vec::new(),
        create_once: false,
    }
}
