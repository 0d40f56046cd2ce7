//! Tests of a merger: what owners want a file to be in, the file, its owners or its conflicts out, as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{show, show_failure};
use crate::abi::merger::exports::packbox::plugin::merger::{Job as RawMergeJob, Side};
use crate::{Conflict, Failure, Merged, Merger, Outcome, Position, export};

/// A file to merge, with what the host would hand over.
#[derive(Debug, Clone)]
pub struct TestMerge {
    path: String,
    policy: String,
    options: Value,
    base: Option<Vec<u8>>,
    sides: Vec<(String, Vec<u8>)>,
}

impl TestMerge {
    /// Begins with a path and a policy, without options, base or sides.
    #[must_use]
    pub fn new(path: impl Into<String>, policy: impl Into<String>) -> Self {
        Self { path: path.into(), policy: policy.into(), options: json!({}), base: None, sides: Vec::new() }
    }

    /// Adds what an owner wants.
    #[must_use]
    pub fn side(mut self, owner: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.sides.push((owner.into(), contents.into()));
        self
    }

    /// Sets what all sides were made from.
    #[must_use]
    pub fn base(mut self, contents: impl Into<Vec<u8>>) -> Self {
        self.base = Some(contents.into());
        self
    }

    /// Sets the options: an object.
    #[must_use]
    pub fn options(mut self, options: Value) -> Self {
        self.options = options;
        self
    }

    /// Merges the file: alone, and with itself as company, which must give the same.
    ///
    /// # Errors
    ///
    /// Those of the merger.
    ///
    /// # Panics
    ///
    /// Where the company makes a difference, where there is no such policy, and where the merger claims what the host would
    /// find out to be wrong: about owners of parts, or places of conflicts.
    pub fn merge<M: Merger>(&self) -> Result<Outcome, Failure> {
        let policies = M::policies();
        for policy in &policies {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(!policy.name.is_empty() && policy.name.bytes().all(allowed), "`{}` is no name", policy.name);
            let same = policies.iter().filter(|other| other.name == policy.name).count();
            assert_eq!(same, 1, "`{}` is listed twice", policy.name);
        }
        assert!(policies.iter().any(|policy| policy.name == self.policy), "no policy is called `{}`", self.policy);
        let job = || RawMergeJob {
            path: self.path.clone(),
            policy: self.policy.clone(),
            options: self.options.to_string().into_bytes(),
            base: self.base.clone(),
            sides: self
                .sides
                .iter()
                .map(|(owner, contents)| Side { owner: owner.clone(), contents: contents.clone() })
                .collect(),
        };
        let alone = export::merge::<M>(&[job()]);
        let [answer] = <[_; 1]>::try_from(alone).expect("one answer for one job");
        for other in export::merge::<M>(&[job(), job()]) {
            assert_eq!(other, answer, "in a batch, the job gives something else than alone");
        }
        match &answer {
            Ok(Outcome::Merged(merged)) => self.check(merged),
            Ok(Outcome::Conflicts(conflicts)) => {
                assert!(!conflicts.is_empty(), "there is neither a file nor a conflict");
                for place in conflicts.iter().flat_map(|conflict| &conflict.places) {
                    assert!((place.side as usize) < self.sides.len(), "there is no side {}", place.side);
                }
            }
            Err(_) => {}
        }
        answer
    }

    /// Merges the file and returns it.
    ///
    /// # Panics
    ///
    /// As [`merge`](Self::merge), and where it can't be merged, or is no text.
    #[must_use]
    pub fn text<M: Merger>(&self) -> String {
        String::from_utf8(self.merged::<M>().contents).expect("a text")
    }

    /// Merges the file and returns whose its parts are: for each a line with the owners and the text.
    ///
    /// # Panics
    ///
    /// As [`text`](Self::text).
    #[must_use]
    pub fn owners<M: Merger>(&self) -> String {
        let merged = self.merged::<M>();
        let mut text = String::new();
        for part in &merged.parts {
            let owners: Vec<&str> = part.owners.iter().map(|owner| self.sides[*owner as usize].0.as_str()).collect();
            let bytes = &merged.contents[part.start as usize..part.end as usize];
            let _ = writeln!(text, "{}: {:?}", owners.join(", "), String::from_utf8_lossy(bytes));
        }
        text
    }

    /// Merges the file and returns what the owners want differently: what, where, what to do.
    ///
    /// # Panics
    ///
    /// As [`merge`](Self::merge), and where there is no conflict.
    #[must_use]
    pub fn conflicts<M: Merger>(&self) -> String {
        match self.merge::<M>() {
            Ok(Outcome::Conflicts(conflicts)) => conflicts.iter().map(|conflict| self.show(conflict)).collect(),
            Ok(Outcome::Merged(merged)) => {
                panic!("{} can be merged:\n{}", self.path, String::from_utf8_lossy(&merged.contents))
            }
            Err(failure) => panic!("{} can't be merged:\n{}", self.path, show_failure(&failure)),
        }
    }

    /// Merges the file and returns why that is not possible, as [`show`] writes it.
    ///
    /// # Panics
    ///
    /// As [`merge`](Self::merge), and where it is possible, or there are conflicts.
    #[must_use]
    pub fn errors<M: Merger>(&self) -> String {
        match self.merge::<M>() {
            Ok(outcome) => panic!("{} can be read:\n{outcome:#?}", self.path),
            Err(failure) => show_failure(&failure),
        }
    }

    /// Merges the file and returns the remarks, as [`show`] writes them.
    ///
    /// # Panics
    ///
    /// As [`text`](Self::text).
    #[must_use]
    pub fn notes<M: Merger>(&self) -> String {
        show(&self.merged::<M>().notes)
    }

    fn merged<M: Merger>(&self) -> Merged {
        match self.merge::<M>() {
            Ok(Outcome::Merged(merged)) => merged,
            Ok(Outcome::Conflicts(conflicts)) => {
                let told: String = conflicts.iter().map(|conflict| self.show(conflict)).collect();
                panic!("{} has conflicts:\n{told}", self.path)
            }
            Err(failure) => panic!("{} can't be merged:\n{}", self.path, show_failure(&failure)),
        }
    }

    /// Checks what the host checks.
    fn check(&self, merged: &Merged) {
        let mut behind = 0;
        for part in &merged.parts {
            let (start, end) = (part.start as usize, part.end as usize);
            assert!(start <= end && end <= merged.contents.len(), "{part:?} is out of bounds");
            assert!(start >= behind, "{part:?} overlaps a part before it");
            behind = end;
            assert!(!part.owners.is_empty(), "{part:?} has no owner");
            assert!(part.owners.windows(2).all(|two| two[0] < two[1]), "{part:?}: owners out of order");
            let mut wrote: BTreeSet<&str> = words(self.base.as_deref().unwrap_or_default()).collect();
            for owner in &part.owners {
                let Some((_, contents)) = self.sides.get(*owner as usize) else { panic!("{part:?}: no such owner") };
                wrote.extend(words(contents));
            }
            for word in words(&merged.contents[start..end]) {
                assert!(wrote.contains(word), "{part:?} has `{word}`, which none of its owners wrote");
            }
        }
    }

    fn show(&self, conflict: &Conflict) -> String {
        let mut text = format!("conflict[{}]: {}\n", conflict.subject, conflict.message);
        let position = |position: Position| format!("{}:{}", position.line, position.column);
        for place in &conflict.places {
            let owner = &self.sides[place.side as usize].0;
            let end = place.end.map(|end| format!("-{}", position(end))).unwrap_or_default();
            let _ = writeln!(text, "  at {owner}:{}{end}", position(place.start));
        }
        if let Some(help) = &conflict.help {
            let _ = writeln!(text, "  help: {help}");
        }
        text
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let apart = |letter: char| !letter.is_alphanumeric() && letter != '_';
    bytes.utf8_chunks().flat_map(move |chunk| chunk.valid().split(apart)).filter(|word| !word.is_empty())
}
