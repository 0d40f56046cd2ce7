//! `lint`: rules, and their pages.

use std::path::PathBuf;

use clap::Args;

use crate::check::{Depth, RuleInfo};
use crate::cli::args::Checking;
use crate::cli::args::Format;
use crate::cli::checking::run::{Checks, run, told_apart};
use crate::cli::checking::{Desk, known_rules};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{OneRule, Rules};
use crate::cli::session::Session;
use crate::cli::{command, completers, report};
use crate::compose::variables::Sources;
use crate::error::{Error, ErrorKind, Result};
use crate::text;

/// Check packs against rules, too.
#[derive(Debug, Args)]
pub struct Lint {
    /// The packs: folders with a `pack.toml`, `.pack` archives, names of installed ones; or folders of packs, or globs;
    /// or a `compose.toml`, or a folder with one.
    #[arg(required_unless_present_any = ["explain", "list_rules"], add = completers::packs_here())]
    pub packs: Vec<PathBuf>,
    /// Show the documentation of a rule instead.
    #[arg(long, value_name = "RULE", conflicts_with = "packs")]
    pub explain: Option<String>,
    /// List the rules instead.
    #[arg(long, conflicts_with_all = ["packs", "explain"])]
    pub list_rules: bool,
    /// How packs are checked.
    #[command(flatten)]
    pub checking: Checking,
}

impl command::Command for Lint {
    const NAME: &'static str = "lint";
    const FORMATS: &'static [Format] = Format::OF_REPORTS;
    const EXAMPLES: &'static [&'static str] =
        &["packbox lint shop packs/site", "packbox lint --explain templates/undefined-variable"];
    command::documents!(crate::check::Report, OneRule<'static>, Rules<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(lint(session, self))
    }
}

/// Checks rules, too; or shows the page of a rule.
///
/// # Errors
/// As [`check`].
pub fn lint(session: &Session, arguments: &Lint) -> Result<u8> {
    if let Some(rule) = &arguments.explain {
        return explain(session, rule, &arguments.checking).map(|()| 0);
    }
    if arguments.list_rules {
        return list(session, &arguments.checking).map(|()| 0);
    }
    let (packs, compositions) = told_apart(session, &arguments.packs)?;
    run(
        session,
        Checks {
            command: "lint",
            depth: Depth::Lint,
            packs: &packs,
            compositions: &compositions,
            checking: &arguments.checking,
            values: Sources::default(),
            ceilings: &[],
        },
        None,
    )
}

/// Shows the page of a rule.
fn explain(session: &Session, rule: &str, checking: &Checking) -> Result<()> {
    let rules = all_rules(session, checking)?;
    let Some(info) = rules.iter().find(|info| info.id == rule) else {
        let near = text::meant(rule, rules.iter().map(|info| info.id.as_str()));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        return Err(Error::new(ErrorKind::Usage, format!("there is no rule `{}`", text::printable_line(rule)))
            .hint(format!("{near}`packbox lint --list-rules` lists them")));
    };
    if session.output.is_json() {
        return session.output.document("lint", &OneRule { rule: info });
    }
    session.output.markdown(&report::rule_page(info))
}

/// Lists the rules.
fn list(session: &Session, checking: &Checking) -> Result<()> {
    let rules = all_rules(session, checking)?;
    if session.output.is_json() {
        return session.output.document("lint", &Rules { rules: &rules });
    }
    session.output.page(&report::rule_list(&rules))
}

fn all_rules(session: &Session, checking: &Checking) -> Result<Vec<RuleInfo>> {
    let desk = Desk::open(session, checking, Depth::Lint)?;
    let mut rules = known_rules(&desk, Depth::Validate);
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(rules)
}
