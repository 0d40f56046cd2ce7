//! `deps`: what a pack needs, and why each version was chosen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::Args;
use semver::VersionReq;

use crate::cli::command::{Exit, ended};
use crate::cli::documents;
use crate::cli::documents::{Because, ChosenPack};
use crate::cli::packs::subject::{Subject, find, head};
use crate::cli::session::Session;
use crate::cli::{command, completers};
use crate::error::Result;
use crate::pack::{PackLimits, PackName};
use crate::resolve::{Candidates, Chosen, Preferences, Requirement, Resolution, order, resolve};

/// Show what a pack needs, and why each version was chosen.
#[derive(Debug, Args)]
pub struct Deps {
    /// The pack: a folder, an archive, or `NAME`, `NAME@1.2`, `REGISTRY/NAME`.
    #[arg(add = completers::all_packs())]
    pub pack: String,
}

impl command::Command for Deps {
    const NAME: &'static str = "deps";
    const EXAMPLES: &'static [&'static str] = &["packbox deps local/shop"];
    command::documents!(Deps<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(deps(session, self))
    }
}

/// Shows what a pack needs, as a tree, and why each version was chosen.
///
/// # Errors
/// As [`show`]; `Resolution` where nothing fits.
pub fn deps(session: &Session, arguments: &Deps) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let subject = find(session, &library, &arguments.pack)?;
    let (about, name, version) = head(&subject)?;
    let asked: Vec<Requirement> = match &subject {
        Subject::Release(known) => {
            let exact: VersionReq = format!("={}", known.release.version).parse().unwrap_or(VersionReq::STAR);
            vec![Requirement { name: name.clone(), requirement: exact, registry: Some(known.registry.clone()) }]
        }
        Subject::Pack(_) => about
            .dependencies
            .iter()
            .filter(|(_, needed)| !needed.optional)
            .map(|(name, needed)| Requirement {
                name: name.clone(),
                requirement: needed.version.clone(),
                registry: None,
            })
            .collect(),
    };
    let resolution = if asked.is_empty() {
        Resolution::default()
    } else {
        let candidates = Candidates::gather(&library.index()?, &asked, &Preferences::new())?;
        resolve(&candidates, &asked, &session.interrupt)?
    };
    let sorted = order(&resolution)?;
    if session.output.is_json() {
        let packs = sorted.iter().filter_map(|name| resolution.packs.get(name)).map(as_chosen).collect();
        return session.output.document("deps", &documents::Deps { name: &name, version: &version, packs });
    }
    let mut out = format!("{name} {version}\n");
    let mut shown = BTreeSet::new();
    let needs = about.dependencies.iter().map(|(name, needed)| (name, &needed.version, needed.optional));
    branch(&mut out, &resolution, needs.collect(), 1, &mut shown);
    let passed = resolution.packs.values().filter(|chosen| !chosen.passed_over.is_empty());
    for chosen in passed {
        let newest = &chosen.passed_over[0];
        let _ = writeln!(
            out,
            "{} {} was chosen over {}: {}",
            chosen.release.name, chosen.release.version, newest.version, newest.why
        );
    }
    if about.dependencies.is_empty() {
        out += "needs no other pack\n";
    }
    session.output.page(&out)
}

fn as_chosen(chosen: &Chosen) -> ChosenPack<'_> {
    let release = &chosen.release;
    let because = chosen.because.iter();
    let because = because.map(|(by, requirement)| Because { by: by.as_ref(), requirement: requirement.to_string() });
    ChosenPack {
        name: &release.name,
        version: &release.version,
        registry: &chosen.registry,
        digest: release.digest,
        because: because.collect(),
        passed_over: &chosen.passed_over,
        needs: &release.about.dependencies,
    }
}

fn branch(
    out: &mut String,
    resolution: &Resolution,
    needs: Vec<(&PackName, &VersionReq, bool)>,
    depth: usize,
    shown: &mut BTreeSet<PackName>,
) {
    for (name, requirement, optional) in needs {
        let indent = "  ".repeat(depth);
        let Some(chosen) = resolution.packs.get(name) else {
            let why = if optional { "optional" } else { "not found" };
            let _ = writeln!(out, "{indent}{name} {requirement} ({why})");
            continue;
        };
        let release = &chosen.release;
        let again = !shown.insert(name.clone());
        let mark = if again && !release.about.dependencies.is_empty() { " (as above)" } else { "" };
        let _ = writeln!(out, "{indent}{name} {} ({requirement}, from {}){mark}", release.version, chosen.registry);
        if !again {
            let needs =
                release.about.dependencies.iter().map(|(name, needed)| (name, &needed.version, needed.optional));
            branch(out, resolution, needs.collect(), depth + 1, shown);
        }
    }
}
