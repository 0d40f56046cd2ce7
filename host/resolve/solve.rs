//! Choosing: one release for each pack that is needed, the newest that fits.
//!
//! The solver is `resolvo`, a SAT solver for packages; it was chosen over `pubgrub` for its license. Always true here: a
//! release that was withdrawn, or that this packbox can't use, is chosen only where a lock pins it (withdrawn) or never
//! (unusable); a pre-release only where a requirement names one; and nothing depends on the order in which registries
//! were read.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use resolvo::utils::Pool;
use resolvo::{ConditionalRequirement, Problem, Solver, UnsolvableOrCancelled};
use semver::VersionReq;
use serde::Serialize;

use super::candidates::{Candidates, Requirement};
use super::explain::explain;
use super::provider::{Provider, Range};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::pack::PackName;
use crate::registry::{IndexedRelease, RegistryName, Release};

/// How long is looked for a solution.
const PATIENCE: Duration = Duration::from_secs(20);

/// The releases that were chosen.
#[derive(Debug, Clone, Default)]
pub struct Resolution {
    /// One for each pack.
    pub packs: BTreeMap<PackName, Chosen>,
}

/// A release that was chosen, and why.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The registry that has it.
    pub registry: RegistryName,
    /// The release.
    pub release: Release,
    /// Who asked for it: packs, or nobody for the user; and for which versions.
    pub because: Vec<(Option<PackName>, VersionReq)>,
    /// Newer releases that were not chosen, and why.
    pub passed_over: Vec<PassedOver>,
}

/// A newer release that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PassedOver {
    /// Its version.
    pub version: String,
    /// Why.
    pub why: String,
}

/// Chooses releases.
///
/// # Errors
/// `Resolution` with an explanation where nothing fits, or where none was found in time; `Interrupted`.
pub fn resolve(candidates: &Candidates, asked: &[Requirement], interrupt: &Interrupt) -> Result<Resolution> {
    let pool = Pool::default();
    let requirements = asked.iter().map(|asked| {
        let name = pool.intern_package_name(asked.name.clone());
        ConditionalRequirement::from(pool.intern_version_set(name, Range(asked.requirement.clone())))
    });
    let requirements = requirements.collect();
    let provider = Provider { pool, candidates, deadline: Instant::now() + PATIENCE, interrupt };
    let mut solver = Solver::new(provider);
    let chosen = match solver.solve(Problem::new().requirements(requirements)) {
        Ok(chosen) => chosen,
        Err(UnsolvableOrCancelled::Unsolvable(conflict)) => {
            let graph = conflict.graph(&solver);
            return Err(explain(&graph, solver.provider(), candidates));
        }
        Err(UnsolvableOrCancelled::Cancelled(_)) => {
            interrupt.go_on()?;
            let seconds = PATIENCE.as_secs();
            return Err(Error::new(ErrorKind::Resolution, format!("no solution was found within {seconds} s"))
                .hint("ask for narrower versions, or for fewer packs"));
        }
    };
    let pool = &solver.provider().pool;
    let known: Vec<Rc<IndexedRelease>> =
        chosen.iter().map(|id| Rc::clone(&pool.resolve_solvable(*id).record)).collect();
    Ok(tell(candidates, asked, &known))
}

/// Says for each chosen release why it is there, and why no newer one is.
fn tell(candidates: &Candidates, asked: &[Requirement], known: &[Rc<IndexedRelease>]) -> Resolution {
    let mut because: BTreeMap<&PackName, Vec<(Option<PackName>, VersionReq)>> = BTreeMap::new();
    for asked in asked {
        because.entry(&asked.name).or_default().push((None, asked.requirement.clone()));
    }
    for chosen in known {
        let by = &chosen.release;
        for (name, needed) in by.about.dependencies.iter().filter(|(_, needed)| !needed.optional) {
            because.entry(name).or_default().push((Some(by.name.clone()), needed.version.clone()));
        }
    }
    let packs = known.iter().map(|chosen| {
        let release = &chosen.release;
        let because = because.remove(&release.name).unwrap_or_default();
        // Who asks for the same rules out the same; the first is named.
        let mut asked = HashSet::new();
        let distinct: Vec<_> = because.iter().filter(|(_, requirement)| asked.insert(requirement)).collect();
        let newer = candidates.packs.get(&release.name).into_iter().flatten();
        let newer = newer.take_while(|known| known.release.version > release.version);
        let passed_over = newer.map(|known| PassedOver {
            version: known.release.version.to_string(),
            why: why_not(&known.release, &distinct),
        });
        let passed_over = passed_over.collect();
        let (registry, release) = (chosen.registry.clone(), release.clone());
        (release.name.clone(), Chosen { registry, release, because, passed_over })
    });
    Resolution { packs: packs.collect() }
}

fn why_not(release: &Release, because: &[&(Option<PackName>, VersionReq)]) -> String {
    if let Some(why) = release.passed_over() {
        return why;
    }
    let mut excluding = because.iter().filter(|(_, requirement)| !requirement.matches(release.version.get()));
    match excluding.next() {
        Some((Some(by), requirement)) => format!("{by} needs {requirement}"),
        Some((None, requirement)) => format!("{requirement} was asked for"),
        None => "its dependencies don't match, or the lock holds another version".to_owned(),
    }
}
