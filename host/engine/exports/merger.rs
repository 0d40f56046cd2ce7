//! Calls of `merger`: which policies there are, and what files of several owners are merged to.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Export, Function, Input, Portion, Results, Telling};
use crate::abi::{Adapter, GuestOutcome, GuestPart, GuestPolicy, MergeJobParam, SideParam};
use crate::digest::Digest;
use crate::engine::claims;
use crate::engine::input::CallFile;

/// Lists the policies of a merger.
#[derive(Debug, Clone, Copy)]
pub struct Policies;

impl Policies {
    pub(in crate::engine) const fn given() -> Self {
        Self
    }
}

impl Export for Policies {
    const FUNCTION: Function = Function::Policies;
    type Job = ();
    type Output = Vec<GuestPolicy>;
    type Parameters<'p, A: Adapter> = ();
    type Given<A: Adapter> = A::Policies;

    fn jobs(&self) -> &[()] {
        &[()]
    }

    fn shared_bytes(&self) -> u64 {
        0
    }

    fn parameters<'p, A: Adapter>(&'p self, _jobs: &'p [()]) -> Self::Parameters<'p, A> {}

    fn results<A: Adapter>(given: A::Policies) -> Results<Vec<GuestPolicy>> {
        vec![Ok(A::policies(given))]
    }

    fn input(&self, _job: &()) -> Input {
        Input::Policies {}
    }

    fn tell(policies: &Vec<GuestPolicy>, telling: &mut dyn Telling) -> Value {
        for policy in policies {
            telling.bytes(policy.name.0.len() + policy.summary.0.len() + policy.help.0.len());
        }
        json!(policies.iter().map(|policy| &policy.name.0).collect::<Vec<_>>())
    }
}

impl Portion for Policies {
    fn portion(&self, _jobs: Vec<()>) -> Self {
        *self
    }
}

/// Merges files, each of several sides.
#[derive(Debug, Clone)]
pub struct Merge<'a> {
    /// The files.
    pub jobs: Cow<'a, [MergeJobParam<'a>]>,
}

impl<'a> Merge<'a> {
    #[expect(clippy::ref_option, reason = "parts are lent as records keep them")]
    pub(in crate::engine) fn given(
        path: &'a str,
        policy: &'a str,
        options: &'a [u8],
        base: &'a Option<Vec<u8>>,
        sides: &'a [CallFile],
    ) -> Self {
        let side = |file: &'a CallFile| SideParam { owner: &file.path, contents: &file.contents };
        let sides = sides.iter().map(side).collect();
        Self { jobs: vec![MergeJobParam { path, policy, options, base: base.as_deref(), sides }].into() }
    }
}

impl<'a> Export for Merge<'a> {
    const FUNCTION: Function = Function::Merge;
    type Job = MergeJobParam<'a>;
    type Output = GuestOutcome;
    type Parameters<'p, A: Adapter>
        = A::MergeParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = A::Merged;

    fn jobs(&self) -> &[MergeJobParam<'a>] {
        &self.jobs
    }

    fn shared_bytes(&self) -> u64 {
        0
    }

    fn job_bytes(job: &MergeJobParam<'a>) -> u64 {
        let sides: usize = job.sides.iter().map(|side| side.owner.len() + side.contents.len()).sum();
        let parts = [job.path.len(), job.policy.len(), job.options.len(), job.base.map_or(0, <[u8]>::len), sides];
        parts.iter().sum::<usize>() as u64
    }

    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [MergeJobParam<'a>]) -> A::MergeParams<'p> {
        A::merge(jobs)
    }

    fn results<A: Adapter>(given: A::Merged) -> Results<GuestOutcome> {
        A::merged(given)
    }

    fn check(job: &MergeJobParam<'a>, outcome: &GuestOutcome) -> Result<(), String> {
        claims::check(job, outcome)
    }

    fn order<'j>(job: &'j MergeJobParam<'a>) -> (&'j str, &'j [u8]) {
        (job.path, b"")
    }

    fn input(&self, job: &MergeJobParam<'a>) -> Input {
        let side = |side: &SideParam<'_>| CallFile { path: side.owner.to_owned(), contents: side.contents.to_owned() };
        Input::Merge {
            path: job.path.to_owned(),
            policy: job.policy.to_owned(),
            options: job.options.to_owned(),
            base: job.base.map(<[u8]>::to_owned),
            sides: job.sides.iter().map(side).collect(),
        }
    }

    fn tell(outcome: &GuestOutcome, telling: &mut dyn Telling) -> Value {
        match outcome {
            GuestOutcome::Merged(merged) => {
                let contents = &merged.contents.0;
                telling.file(None, contents, false);
                telling.parts(&merged.parts.0);
                json!({ "merged": {
                    "bytes": contents.len(),
                    "sha256": Digest::of(contents),
                    "parts": merged.parts.0.iter().map(part).collect::<Vec<_>>(),
                    "notes": telling.found(&merged.notes.0),
                }})
            }
            GuestOutcome::Conflicts(conflicts) => json!({ "conflicts": telling.conflicts(&conflicts.0) }),
        }
    }
}

impl Portion for Merge<'_> {
    fn portion(&self, jobs: Vec<Self::Job>) -> Self {
        Self { jobs: jobs.into() }
    }
}

fn part(part: &GuestPart) -> Value {
    json!({ "start": part.start, "end": part.end, "owners": part.owners.0 })
}
