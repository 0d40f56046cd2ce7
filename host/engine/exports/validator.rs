//! Calls of `validator`: which rules there are, and what they find.

use serde_json::{Value, json};

use super::{Export, Function, Input, Results, Telling};
use crate::abi::{Adapter, FileParam, GuestDiagnostic, GuestRule, SubjectParam};
use crate::engine::input::CallFile;

/// Lists the rules of a validator.
#[derive(Debug, Clone, Copy)]
pub struct Rules;

impl Rules {
    pub(in crate::engine) const fn given() -> Self {
        Self
    }
}

impl Export for Rules {
    const FUNCTION: Function = Function::Rules;
    type Job = ();
    type Output = Vec<GuestRule>;
    type Parameters<'p, A: Adapter> = ();
    type Given<A: Adapter> = A::Rules;

    fn jobs(&self) -> &[()] {
        &[()]
    }

    fn shared_bytes(&self) -> u64 {
        0
    }

    fn parameters<'p, A: Adapter>(&'p self, _jobs: &'p [()]) -> Self::Parameters<'p, A> {}

    fn results<A: Adapter>(given: A::Rules) -> Results<Vec<GuestRule>> {
        vec![Ok(A::rules(given))]
    }

    fn input(&self, _job: &()) -> Input {
        Input::Rules {}
    }

    fn tell(rules: &Vec<GuestRule>, telling: &mut dyn Telling) -> Value {
        for rule in rules {
            telling.bytes(rule.id.0.len() + rule.summary.0.len() + rule.help.0.len());
        }
        json!(rules.iter().map(|rule| &rule.id.0).collect::<Vec<_>>())
    }
}

/// Checks a pack.
#[derive(Debug, Clone)]
pub struct Check<'a> {
    /// `pack.toml` as JSON.
    pub manifest: &'a [u8],
    /// What is known about the pack, as JSON.
    pub facts: &'a [u8],
    /// The files that rules want.
    pub files: Vec<FileParam<'a>>,
    /// The options that the user set, by rule: a JSON object.
    pub options: &'a [u8],
}

impl<'a> Check<'a> {
    pub(in crate::engine) fn given(
        files: &'a [CallFile],
        options: &'a [u8],
        manifest: &'a [u8],
        facts: &'a [u8],
    ) -> Self {
        Self { manifest, facts, files: files.iter().map(CallFile::param).collect(), options }
    }
}

impl Export for Check<'_> {
    const FUNCTION: Function = Function::Check;
    type Job = ();
    type Output = Vec<GuestDiagnostic>;
    type Parameters<'p, A: Adapter>
        = A::CheckParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = A::Checked;

    fn jobs(&self) -> &[()] {
        &[()]
    }

    fn shared_bytes(&self) -> u64 {
        let files: usize = self.files.iter().map(|file| file.path.len() + file.contents.len()).sum();
        (files + self.manifest.len() + self.facts.len() + self.options.len()) as u64
    }

    fn parameters<'p, A: Adapter>(&'p self, _jobs: &'p [()]) -> A::CheckParams<'p> {
        let subject = SubjectParam { manifest: self.manifest, facts: self.facts, files: &self.files };
        A::check(subject, self.options)
    }

    fn results<A: Adapter>(given: A::Checked) -> Results<Vec<GuestDiagnostic>> {
        vec![A::checked(given)]
    }

    fn input(&self, _job: &()) -> Input {
        Input::Check {
            files: self.files.iter().map(CallFile::from).collect(),
            options: self.options.to_owned(),
            manifest: self.manifest.to_owned(),
            facts: self.facts.to_owned(),
        }
    }

    fn tell(found: &Vec<GuestDiagnostic>, telling: &mut dyn Telling) -> Value {
        telling.found(found)
    }
}
