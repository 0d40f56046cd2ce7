//! `show`: what a pack is for.

use std::fmt::Write as _;

use clap::Args;

use crate::cli::command::{Exit, ended};
use crate::cli::documents;
use crate::cli::documents::ShownVariable;
use crate::cli::fold::table;
use crate::cli::packs::lists::line;
use crate::cli::packs::subject::{Subject, add_plugins, find, head, is_withdrawn};
use crate::cli::session::Session;
use crate::cli::{command, completers, fold, markdown};
use crate::error::{ErrorKind, Result};
use crate::pack::{Pack, PackLimits, Variable};
use crate::show::gist;
use crate::text;
use crate::text::format_bytes;
use crate::values::VariableKind;

/// The most of a README that is shown, in bytes.
/// The longest default that is shown, in characters.
const SHOWN_DEFAULT: usize = 40;
const LARGEST_README: u64 = 64 << 10;

/// Show what a pack is for: README, variables, outputs, plugins.
#[derive(Debug, Args)]
pub struct Show {
    /// The pack: a folder, an archive, or `NAME`, `NAME@1.2`, `REGISTRY/NAME`.
    #[arg(add = completers::all_packs())]
    pub pack: String,
}

impl command::Command for Show {
    const NAME: &'static str = "show";
    const EXAMPLES: &'static [&'static str] = &["packbox show local/shop"];
    command::documents!(Show<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(show(session, self))
    }
}

/// Shows what a pack is for: README, variables, outputs, plugins.
///
/// # Errors
/// `NotFound` where there is none; those of loading it.
pub fn show(session: &Session, arguments: &Show) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let subject = find(session, &library, &arguments.pack)?;
    let is_withdrawn = is_withdrawn(session, &subject, &arguments.pack);
    // A release that is not here is looked at without installing it.
    let (subject, why_not) = match subject {
        Subject::Release(known) => match library.peek(&known) {
            Ok(pack) => (Subject::Pack(Box::new(pack)), None),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => (Subject::Release(known), Some(error)),
        },
        pack @ Subject::Pack(_) => (pack, None),
    };
    let (about, name, version) = head(&subject)?;
    let pack = match &subject {
        Subject::Pack(pack) => Some(pack),
        Subject::Release(_) => None,
    };
    let readme = pack.and_then(|pack| readme(pack));
    if session.output.is_json() {
        let document = documents::Show {
            name: &name,
            version: &version,
            withdrawn: is_withdrawn,
            about: &about,
            readme: readme.as_deref(),
            variables: pack.map(|pack| variables(pack)),
            outputs: pack.map(|pack| outputs(pack)).transpose()?,
        };
        return session.output.document("show", &document);
    }
    let mut out = format!("{name} {version}");
    if let Some(title) = &about.title {
        let _ = write!(out, " · {}", line(title, 100));
    }
    out += if is_withdrawn { "\nthis release was withdrawn from its registry\n" } else { "\n" };
    if let Some(description) = &about.description {
        let _ = writeln!(out, "{}", text::printable(description));
    }
    let facts = [("category", &about.category), ("license", &about.license)];
    for (label, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(out, "{label}: {}", line(value, 200));
        }
    }
    for (label, list) in [("authors", &about.authors), ("keywords", &about.keywords)] {
        if !list.is_empty() {
            let _ = writeln!(out, "{label}: {}", line(&list.join(", "), 500));
        }
    }
    if let Some(pack) = pack {
        add_variables(&mut out, pack);
        out += "\noutputs\n";
        for output in outputs(pack)? {
            let _ = writeln!(out, "  {}", line(&output, 200));
        }
    }
    add_plugins(&mut out, &about);
    if let Some(readme) = readme {
        out.push('\n');
        session.output.page(&out)?;
        let columns = fold::columns(&std::io::stdout());
        let readme = markdown::render(&text::printable(&readme), session.output.colors_stdout(), columns);
        return session.output.result(&readme);
    }
    if let Some(why) = why_not {
        let _ = writeln!(out, "\nREADME, variables and outputs can't be shown: {}", line(&why.to_string(), 300));
    }
    session.output.page(&out)
}

fn readme(pack: &Pack) -> Option<String> {
    let path = "README.md".parse().ok()?;
    let info = pack.files.get(&path)?;
    if info.bytes > LARGEST_README {
        // Who wants to read it needs its path, and not what messages call it.
        let place =
            pack.place().map_or_else(|| pack.path_of(&path), |place| place.join(path.as_str()).display().to_string());
        return Some(format!(
            "README.md takes {}, too much to show here; it is in {place}\n",
            format_bytes(info.bytes)
        ));
    }
    Some(String::from_utf8_lossy(&pack.read(&path).ok()?).into_owned())
}

fn outputs(pack: &Pack) -> Result<Vec<String>> {
    Ok(pack.templates()?.into_iter().map(|template| template.output.value).collect())
}

fn variables(pack: &Pack) -> Vec<ShownVariable<'_>> {
    let variables = pack.manifest.variables.iter().map(|variable| {
        let choices = match &variable.kind {
            VariableKind::Choice { choices } => Some(choices.iter().map(|choice| choice.value.as_str()).collect()),
            _ => None,
        };
        ShownVariable {
            name: &variable.name,
            kind: variable.kind.name(),
            prompt: variable.prompt.as_deref(),
            help: variable.help.as_deref(),
            example: variable.example.as_ref(),
            default: variable.default.as_ref(),
            choices,
        }
    });
    variables.collect()
}

fn add_variables(out: &mut String, pack: &Pack) {
    if pack.manifest.variables.is_empty() {
        return;
    }
    *out += "\nvariables\n";
    let rows: Vec<Vec<String>> = pack.manifest.variables.iter().map(variable_row).collect();
    *out += &table(&rows);
}

/// A variable's name, type, how it gets its value, and what it is for.
fn variable_row(variable: &Variable) -> Vec<String> {
    let kind = match &variable.kind {
        VariableKind::Choice { choices } => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            values.join(" | ")
        }
        kind => kind.name().to_owned(),
    };
    let from = match (&variable.default, &variable.compute) {
        (Some(default), _) => format!("= {}", gist(default, SHOWN_DEFAULT).unwrap_or_else(|| default.to_string())),
        (None, Some(_)) => "computed".to_owned(),
        (None, None) => "required".to_owned(),
    };
    let purpose = variable.prompt.as_ref().or(variable.help.as_ref()).map(String::as_str).unwrap_or_default();
    vec![format!("  {}", variable.name), line(&kind, 40), line(&from, SHOWN_DEFAULT), line(purpose, 80)]
}
