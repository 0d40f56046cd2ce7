//! `limits`: which limits there are.

use std::fmt::Write as _;

use clap::Args;

use crate::cli::command::{self, Exit, ended};
use crate::cli::documents::{AllLimits, ShownLimit};
use crate::cli::fold::table;
use crate::cli::session::Session;
use crate::error::Result;
use crate::limits::{Kind, Limit, Scope, SetBy, UserLimits};

/// What limits hold for, in the order in which they are shown.
const SCOPES: [(Scope, &str); 5] = [
    (Scope::Call, "a call of a plugin"),
    (Scope::Component, "a component"),
    (Scope::Compile, "compiling a component"),
    (Scope::Pack, "a pack"),
    (Scope::Run, "a run"),
];

/// List the limits that `--limit` sets: what holds by default, and how far a pack can raise it.
#[derive(Debug, Args)]
pub struct Limits {
    /// The limits; without any, all.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

impl command::Command for Limits {
    const NAME: &'static str = "limits";
    const EXAMPLES: &'static [&'static str] = &["packbox limits", "packbox limits memory run-memory"];
    command::documents!(AllLimits);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(limits(session, &self.names))
    }
}

/// Lists limits.
///
/// # Errors
/// `Usage` where there is none of a name; `Io` where they can't be written.
fn limits(session: &Session, names: &[String]) -> Result<()> {
    let named = names.iter().map(|name| UserLimits::named(name)).collect::<Result<Vec<_>>>()?;
    let wanted = |limit: &&Limit| named.is_empty() || named.contains(limit);
    let of = |scope: Scope| UserLimits::all().filter(wanted).filter(move |limit| limit.scope == scope);
    if session.output.is_json() {
        let shown = SCOPES.into_iter().flat_map(|(scope, holds_for)| of(scope).map(move |limit| (limit, holds_for)));
        let limits = shown.map(|(limit, holds_for)| ShownLimit {
            name: limit.name,
            holds_for,
            unit: unit(limit.kind),
            default: limit.default,
            ceiling: ceiling(limit),
            about: limit.about,
        });
        return session.output.document("limits", &AllLimits { limits: limits.collect() });
    }
    let mut out = String::new();
    for (scope, holds_for) in SCOPES {
        let rows: Vec<Vec<String>> = of(scope).map(row).collect();
        if !rows.is_empty() {
            let gap = if out.is_empty() { "" } else { "\n" };
            // Writing to a string does not fail.
            let _ = write!(out, "{gap}of {holds_for}\n{}", table(&rows));
        }
    }
    session.output.page(&out)
}

/// What its numbers count.
const fn unit(kind: Kind) -> &'static str {
    match kind {
        Kind::Bytes => "bytes",
        Kind::Time => "ms",
        Kind::Fuel => "fuel",
        Kind::Count => "count",
    }
}

fn row(limit: &Limit) -> Vec<String> {
    let raised = ceiling(limit).map(|ceiling| format!("up to {} in a pack", limit.shown(ceiling)));
    vec![
        format!("  {}", limit.name),
        limit.shown(limit.default),
        raised.filter(|_| limit.ceiling() > limit.default).unwrap_or_default(),
        limit.about.to_owned(),
    ]
}

/// How far a pack's manifest can raise it; none where only the user sets it.
fn ceiling(limit: &Limit) -> Option<u64> {
    match limit.set_by {
        SetBy::User => None,
        SetBy::Manifest(ceiling) | SetBy::Needed(ceiling) => Some(ceiling),
    }
}
