//! `new`: a pack that generates as it stands.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::names;
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::NewPack;
use crate::cli::session::{Session, shown};
use crate::cli::writing::folder::{provenance, write_new};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::tree::{Tree, TreeFile};
use crate::pack::{MANIFEST_NAME, OutputPath, PackName};
use crate::schemas;

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

/// Make a new pack that is ready to generate from.
#[derive(Debug, Args)]
pub struct New {
    /// The name of the new pack, and of its folder.
    #[arg(value_parser = names::new_pack)]
    pub name: PackName,
    /// The folder to make it in, instead of `./NAME`.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

impl command::Command for New {
    const NAME: &'static str = "new";
    const EXAMPLES: &'static [&'static str] = &["packbox new shop", "packbox new site --output packs/site"];
    command::documents!(NewPack<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(new(session, self))
    }
}

/// Makes a new pack.
///
/// # Errors
/// `Usage` where the name is no pack name, `Conflict` where the folder exists with files in it, `Io` where it can't be
/// written.
pub fn new(session: &Session, arguments: &New) -> Result<()> {
    let name = &arguments.name;
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
        let document = NewPack { pack: name, folder: shown(&folder), files, next: &next };
        return session.output.document("new", &document);
    }
    session.output.say(&format!("made the pack `{name}` in {}; try it with `{next}`", shown(&folder)));
    Ok(())
}
