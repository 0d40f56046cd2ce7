//! Calls of `merger`: what several versions of a file come to.
//!
//! Nothing is adapted: only the newest version of the ABI has this interface.

use serde_json::{Value, json};

use super::{Export, Function, Input, Results, Telling};
use crate::abi::v0_1::{GuestMerge, GuestPart, MergeParams, Merged, SideParam};
use crate::abi::{Adapter, FileParam};
use crate::digest::Digest;
use crate::engine::input::CallFile;

/// Merges versions of a file.
#[derive(Debug, Clone)]
pub struct Merge<'a> {
    /// What becomes of things that sides want differently.
    pub policy: &'a str,
    /// What they were made from.
    pub base: Option<FileParam<'a>>,
    /// The versions.
    pub sides: Vec<SideParam<'a>>,
    /// A JSON object.
    pub options: &'a [u8],
}

impl<'a> Merge<'a> {
    /// A record keeps no file or one as the base, and a side as a file that has its owner as path.
    pub(in crate::engine) fn given(
        policy: &'a str,
        base: &'a [CallFile],
        sides: &'a [CallFile],
        options: &'a [u8],
    ) -> Self {
        let side = |file: &'a CallFile| SideParam { owner: &file.path, contents: &file.contents };
        Self { policy, base: base.first().map(CallFile::param), sides: sides.iter().map(side).collect(), options }
    }
}

impl Export for Merge<'_> {
    const FUNCTION: Function = Function::Merge;
    type Job = ();
    type Output = GuestMerge;
    type Parameters<'p, A: Adapter>
        = MergeParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = Merged;

    fn jobs(&self) -> &[()] {
        &[()]
    }

    fn shared_bytes(&self) -> u64 {
        let base = self.base.map_or(0, |base| base.path.len() + base.contents.len());
        let sides: usize = self.sides.iter().map(|side| side.owner.len() + side.contents.len()).sum();
        (self.policy.len() + base + sides + self.options.len()) as u64
    }

    fn parameters<'p, A: Adapter>(&'p self, _jobs: &'p [()]) -> MergeParams<'p> {
        (self.policy, self.base, &self.sides, self.options)
    }

    fn results<A: Adapter>((merge,): Merged) -> Results<GuestMerge> {
        vec![merge]
    }

    fn input(&self, _job: &()) -> Input {
        let side = |side: &SideParam<'_>| CallFile { path: side.owner.to_owned(), contents: side.contents.to_owned() };
        Input::Merge {
            policy: self.policy.to_owned(),
            base: self.base.iter().map(CallFile::from).collect(),
            sides: self.sides.iter().map(side).collect(),
            options: self.options.to_owned(),
        }
    }

    fn tell(merge: &GuestMerge, telling: &mut dyn Telling) -> Value {
        match merge {
            GuestMerge::Merged(merged) => {
                telling.file(None, &merged.contents.0, false);
                json!({ "merged": Digest::of(&merged.contents.0), "parts": places(&merged.parts.0) })
            }
            GuestMerge::Conflicts(conflicts) => {
                telling.bytes(conflicts.0.iter().map(|conflict| conflict.message.0.len()).sum());
                let told = conflicts
                    .0
                    .iter()
                    .map(|conflict| json!({ "message": conflict.message.0, "places": places(&conflict.places.0) }));
                json!({ "conflicts": told.collect::<Vec<_>>() })
            }
        }
    }
}

fn places(parts: &[GuestPart]) -> Vec<Value> {
    let place =
        |part: &GuestPart| json!([part.owner.0, part.start.line, part.start.column, part.end.line, part.end.column]);
    parts.iter().map(place).collect()
}
