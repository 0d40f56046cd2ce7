//! What the solver asks, and our answers.
//!
//! Always true here: nothing depends on the order in which registries were read.

use std::any::Any;
use std::fmt;
use std::rc::Rc;
use std::time::Instant;

use resolvo::utils::{Pool, VersionSet};
use resolvo::{
    Condition, ConditionId, Dependencies, DependencyProvider, HintDependenciesAvailable, Interner, KnownDependencies,
    NameId, SolvableId, SolverCache, StringId, VersionSetId, VersionSetUnionId,
};
use semver::VersionReq;

use super::candidates::Candidates;
use crate::interrupt::Interrupt;
use crate::pack::PackName;
use crate::registry::IndexedRelease;

/// Which versions of a pack will do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Range(pub VersionReq);

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl VersionSet for Range {
    type V = Rc<IndexedRelease>;
}

/// What the solver asks.
pub(super) struct Provider<'a> {
    pub pool: Pool<Range, PackName>,
    pub candidates: &'a Candidates,
    pub deadline: Instant,
    pub interrupt: &'a Interrupt,
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

    async fn get_candidates(&self, name: NameId) -> Option<resolvo::Candidates> {
        let pack = self.pool.resolve_package_name(name);
        let known = self.candidates.packs.get(pack).filter(|known| !known.is_empty())?;
        let pin = self.candidates.preferences.get(pack);
        let mut candidates = resolvo::Candidates {
            hint_dependencies_available: HintDependenciesAvailable::All,
            ..resolvo::Candidates::default()
        };
        for known in known {
            let release = &known.release;
            let id = self.pool.intern_solvable(name, Rc::new(known.clone()));
            candidates.candidates.push(id);
            let is_pinned = pin.is_some_and(|pin| pin.holds(release));
            if is_pinned {
                candidates.favored = Some(id);
            }
            // A lock may pin what was withdrawn, and not what can't be used.
            let why = if is_pinned { release.about.unusable() } else { release.passed_over() };
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
