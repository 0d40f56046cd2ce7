//! Choosing: one release for each pack that is needed, the newest that fits.
//!
//! The solver is `resolvo`, a SAT solver for packages; it was chosen over `pubgrub` for its license. Always true here: a
//! release that was withdrawn, or that this packbox can't use, is chosen only where a lock pins it (withdrawn) or never
//! (unusable); a pre-release only where a requirement names one; and nothing depends on the order in which registries
//! were read.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use resolvo::utils::{Pool, VersionSet};
use resolvo::{
    Candidates, Condition, ConditionId, ConditionalRequirement, Dependencies, DependencyProvider,
    HintDependenciesAvailable, Interner, KnownDependencies, NameId, Problem, SolvableId, Solver, SolverCache, StringId,
    UnsolvableOrCancelled, VersionSetId, VersionSetUnionId,
};
use semver::VersionReq;
use serde::Serialize;

use super::explain::explain;
use super::universe::{Asked, Universe};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::pack::PackName;
use crate::registry::{Known, RegistryName, Release};

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
pub struct PassedOver {
    /// Its version.
    pub version: String,
    /// Why.
    pub why: String,
}

/// Which versions of a pack will do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Range(pub VersionReq);

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl VersionSet for Range {
    type V = Rc<Known>;
}

/// What the solver asks.
pub(super) struct Provider<'a> {
    pub pool: Pool<Range, PackName>,
    universe: &'a Universe,
    deadline: Instant,
    interrupt: &'a Interrupt,
}

/// Chooses releases.
///
/// # Errors
/// `Resolution` with an explanation where nothing fits, or where none was found in time; `Interrupted`.
pub fn resolve(universe: &Universe, asked: &[Asked], interrupt: &Interrupt) -> Result<Resolution> {
    let pool = Pool::default();
    let requirements = asked.iter().map(|asked| {
        let name = pool.intern_package_name(asked.name.clone());
        ConditionalRequirement::from(pool.intern_version_set(name, Range(asked.requirement.clone())))
    });
    let requirements = requirements.collect();
    let provider = Provider { pool, universe, deadline: Instant::now() + PATIENCE, interrupt };
    let mut solver = Solver::new(provider);
    let chosen = match solver.solve(Problem::new().requirements(requirements)) {
        Ok(chosen) => chosen,
        Err(UnsolvableOrCancelled::Unsolvable(conflict)) => {
            let graph = conflict.graph(&solver);
            return Err(explain(&graph, solver.provider(), universe));
        }
        Err(UnsolvableOrCancelled::Cancelled(_)) if interrupt.is_set() => {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed"));
        }
        Err(UnsolvableOrCancelled::Cancelled(_)) => {
            let seconds = PATIENCE.as_secs();
            return Err(Error::new(ErrorKind::Resolution, format!("no solution was found within {seconds} s"))
                .hint("ask for narrower versions, or for fewer packs"));
        }
    };
    let pool = &solver.provider().pool;
    let known: Vec<Rc<Known>> = chosen.iter().map(|id| Rc::clone(&pool.resolve_solvable(*id).record)).collect();
    Ok(tell(universe, asked, &known))
}

/// Says for each chosen release why it is there, and why no newer one is.
fn tell(universe: &Universe, asked: &[Asked], known: &[Rc<Known>]) -> Resolution {
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
        let newer = universe.packs.get(&release.name).into_iter().flatten();
        let newer = newer.take_while(|known| known.release.version > release.version);
        let passed_over = newer.map(|known| PassedOver {
            version: known.release.version.to_string(),
            why: why_not(&known.release, &because),
        });
        let passed_over = passed_over.collect();
        let (registry, release) = (chosen.registry.clone(), release.clone());
        (release.name.clone(), Chosen { registry, release, because, passed_over })
    });
    Resolution { packs: packs.collect() }
}

fn why_not(release: &Release, because: &[(Option<PackName>, VersionReq)]) -> String {
    if release.yanked {
        return "it was withdrawn".to_owned();
    }
    if let Some(why) = release.about.unusable() {
        return why;
    }
    let mut excluding = because.iter().filter(|(_, requirement)| !requirement.matches(release.version.get()));
    match excluding.next() {
        Some((Some(by), requirement)) => format!("{by} needs {requirement}"),
        Some((None, requirement)) => format!("{requirement} was asked for"),
        None => "what it needs does not fit, or the lock holds another".to_owned(),
    }
}

impl Interner for Provider<'_> {
    type NameId = NameId;
    type SolvableId = SolvableId;

    fn display_solvable(&self, solvable: SolvableId) -> impl fmt::Display + '_ {
        let known = &self.pool.resolve_solvable(solvable).record;
        format!("{} {}", known.release.name, known.release.version)
    }

    fn display_name(&self, name: NameId) -> impl fmt::Display + '_ {
        self.pool.resolve_package_name(name)
    }

    fn display_version_set(&self, version_set: VersionSetId) -> impl fmt::Display + '_ {
        self.pool.resolve_version_set(version_set)
    }

    fn display_string(&self, string_id: StringId) -> impl fmt::Display + '_ {
        self.pool.resolve_string(string_id)
    }

    fn version_set_name(&self, version_set: VersionSetId) -> NameId {
        self.pool.resolve_version_set_package_name(version_set)
    }

    fn solvable_name(&self, solvable: SolvableId) -> NameId {
        self.pool.resolve_solvable(solvable).name
    }

    fn version_sets_in_union(&self, union: VersionSetUnionId) -> impl Iterator<Item = VersionSetId> {
        self.pool.resolve_version_set_union(union)
    }

    fn resolve_condition(&self, condition: ConditionId) -> Condition {
        self.pool.resolve_condition(condition).clone()
    }
}

impl DependencyProvider for Provider<'_> {
    async fn filter_candidates(
        &self,
        candidates: &[SolvableId],
        version_set: VersionSetId,
        inverse: bool,
    ) -> Vec<SolvableId> {
        let range = self.pool.resolve_version_set(version_set);
        let fits = |id: &SolvableId| range.0.matches(self.pool.resolve_solvable(*id).record.release.version.get());
        candidates.iter().copied().filter(|id| fits(id) != inverse).collect()
    }

    async fn get_candidates(&self, name: NameId) -> Option<Candidates> {
        let pack = self.pool.resolve_package_name(name);
        let known = self.universe.packs.get(pack).filter(|known| !known.is_empty())?;
        let pin = self.universe.pins.get(pack).map(|(_, digest)| digest);
        let mut candidates =
            Candidates { hint_dependencies_available: HintDependenciesAvailable::All, ..Candidates::default() };
        for known in known {
            let release = &known.release;
            let id = self.pool.intern_solvable(name, Rc::new(known.clone()));
            candidates.candidates.push(id);
            let is_pinned = pin == Some(&release.digest);
            if is_pinned {
                candidates.favored = Some(id);
            }
            let why = match release.about.unusable() {
                None if release.yanked && !is_pinned => Some("it was withdrawn".to_owned()),
                why => why,
            };
            candidates.excluded.extend(why.map(|why| (id, self.pool.intern_string(why))));
        }
        Some(candidates)
    }

    async fn sort_candidates(&self, _solver: &SolverCache<Self>, solvables: &mut [SolvableId]) {
        let version = |id: &SolvableId| &self.pool.resolve_solvable(*id).record.release.version;
        solvables.sort_by(|left, right| version(right).cmp(version(left)));
    }

    async fn get_dependencies(&self, solvable: SolvableId) -> Dependencies {
        let release = &self.pool.resolve_solvable(solvable).record.release;
        let mut known = KnownDependencies::default();
        for (name, needed) in &release.about.dependencies {
            let name = self.pool.intern_package_name(name.clone());
            let range = self.pool.intern_version_set(name, Range(needed.version.clone()));
            if needed.optional {
                // Not needed; but if it is there, then in a version that fits.
                known.constrains.push(range);
            } else {
                known.requirements.push(range.into());
            }
        }
        Dependencies::Known(known)
    }

    fn should_cancel_with_value(&self) -> Option<Box<dyn Any>> {
        (self.interrupt.is_set() || Instant::now() > self.deadline).then(|| Box::new(()) as Box<dyn Any>)
    }
}
