//! `plugin new`: a plugin project that builds and passes its tests as it stands.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::author::{Kind, Language, scaffold};
use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::NewPlugin;
use crate::cli::session::{Session, shown};
use crate::cli::writing::folder::{provenance, write_new};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::tree::{Tree, TreeFile};
use crate::pack::{OutputPath, PluginName};
use crate::text::dashed;

/// Make a new plugin project that builds and passes its tests as it stands.
#[derive(Debug, Args)]
pub struct New {
    /// The name of the new plugin, and of its folder.
    pub name: String,
    /// What it is written in.
    #[arg(long, value_enum)]
    pub lang: Language,
    /// What it does.
    #[arg(long, value_enum)]
    pub kind: Kind,
    /// The folder to make it in, instead of `./NAME`.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
}

impl command::Command for New {
    const NAME: &'static str = "plugin new";
    const EXAMPLES: &'static [&'static str] = &["packbox plugin new links --lang python --kind validator"];
    command::documents!(NewPlugin<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(plugin_new(session, self))
    }
}

/// Makes a new plugin project.
///
/// # Errors
/// `Usage` where the name is no plugin name, or there is no such project in the language, `Conflict` where the folder exists with files in it, `Io` where it can't be
/// written.
pub fn plugin_new(session: &Session, arguments: &New) -> Result<()> {
    let name = PluginName::new(&arguments.name).map_err(|error| {
        let name = dashed(&arguments.name);
        let (name, lang, kind) = (name.as_deref().unwrap_or("settings"), arguments.lang, arguments.kind);
        Error::new(ErrorKind::Usage, format!("the name of a plugin {error}"))
            .hint(format!("for instance `packbox plugin new {name} --lang {lang} --kind {kind}`"))
    })?;
    if arguments.lang == Language::Rust && !name.as_str().starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(Error::new(ErrorKind::Usage, "the name of a plugin in Rust must begin with a letter")
            .hint("it is the crate's name, too"));
    }
    if !arguments.kind.languages().contains(&arguments.lang) {
        let (kind, lang) = (arguments.kind, arguments.lang);
        let known: Vec<String> = kind.languages().iter().map(|language| format!("`--lang {language}`")).collect();
        return Err(Error::new(ErrorKind::Usage, format!("there is no new project for a {} in {lang}", kind.words()))
            .hint(format!(
                "use {}, or build a component of the world `{}` with `wit/`",
                known.join(" or "),
                kind.world()
            )));
    }
    let folder = arguments.output.clone().unwrap_or_else(|| PathBuf::from(name.as_str()));
    let files = scaffold(&name, arguments.lang, arguments.kind)
        .into_iter()
        .map(|file| {
            let path = OutputPath::new(&file.path)
                .map_err(|error| Error::new(ErrorKind::Io, format!("the template's path `{}` {error}", file.path)))?;
            Ok(TreeFile::new(path, file.contents, false, provenance("packbox plugin new")))
        })
        .collect::<Result<Vec<_>>>()?;
    let tree = Tree::build(files)?;
    write_new(session, &tree, &folder)?;
    let next = next_commands(arguments.lang, &folder);
    if session.output.is_json() {
        let document = NewPlugin {
            plugin: &name,
            lang: arguments.lang,
            kind: arguments.kind,
            folder: shown(&folder),
            files: tree.files().iter().map(TreeFile::path).collect(),
            next: &next,
        };
        return session.output.document("plugin new", &document);
    }
    session.output.say(&format!(
        "made the {} `{name}` in {}; next:\n{}",
        arguments.kind.words(),
        shown(&folder),
        next.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
    ));
    Ok(())
}

/// What to type next, in the folder where the command ran.
fn next_commands(language: Language, folder: &Path) -> Vec<String> {
    let mut lines = vec![format!("cd {}", shown(folder))];
    match language {
        Language::Rust => lines.push("rustup target add wasm32-unknown-unknown".into()),
        Language::JavaScript => lines.push("npm install".into()),
        Language::Python => {
            lines.push("python3 -m venv .venv && .venv/bin/pip install 'componentize-py==0.25.*'".into());
        }
        Language::C => {}
    }
    lines.extend(["packbox plugin build".into(), "packbox plugin test".into()]);
    lines
}
