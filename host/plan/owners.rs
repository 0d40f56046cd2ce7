//! What holds where several packs write one file.
//!
//! Always true here: a pack's file is never replaced by another's because of the order of packs, unless that was asked for; what
//! holds depends on what the packs and the user say, and not on what is in the files.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Span;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::{Merging, OnConflict, OutputPath, PackName, PluginName, SaidAt};
use crate::text::printable_line;

/// What holds where nobody says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// What no policy of the packs settles is an error.
    #[default]
    Merge,
    /// The later pack's file is taken.
    Layer,
}

/// What the user says of files that several packs write.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What holds where nobody says it.
    pub strategy: Strategy,
    /// Whose file is taken, by its path.
    pub resolutions: BTreeMap<OutputPath, PackName>,
    /// How a file is merged, by its path, whatever packs say.
    pub merges: BTreeMap<OutputPath, Arc<Merging>>,
    /// The user's own mergers.
    pub mergers: BTreeMap<PluginName, OwnMerger>,
    /// Where that is said, as far as it stands in a file.
    pub places: BTreeMap<OutputPath, SaidAt>,
}

/// A merger that a user names.
#[derive(Clone)]
pub struct OwnMerger {
    /// The file of its component.
    pub path: PathBuf,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The component.
    pub bytes: Arc<Vec<u8>>,
    /// Where it is named, as far as that stands in a file.
    pub place: Option<Span>,
}

impl fmt::Debug for OwnMerger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OwnMerger").field("path", &self.path).finish_non_exhaustive()
    }
}

impl OwnMerger {
    /// The largest component that is read, in bytes.
    const LARGEST: u64 = 64 << 20;

    /// Reads a component.
    ///
    /// # Errors
    /// [`ErrorKind::Integrity`] where it has another digest; [`ErrorKind::NotFound`]; [`ErrorKind::Io`].
    pub fn read(name: &PluginName, path: &Path, digest: Digest) -> Result<Self> {
        let shown = printable_line(&path.display().to_string());
        let bytes = files::read_regular(path, Self::LARGEST).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(ErrorKind::NotFound, format!("there is no `{shown}`, the merger `{name}`")).caused_by(error)
            }
            _ => Error::io(format!("cannot read `{shown}`, the merger `{name}`"), error),
        })?;
        let now = Digest::of(&bytes);
        if now != digest {
            let detail = format!("the merger `{name}` at `{shown}` has the SHA-256 {now}, and not {digest}");
            return Err(Error::new(ErrorKind::Integrity, detail)
                .hint("if you know why it changed, write the new digest as its `sha256`"));
        }
        Ok(Self { path: path.to_owned(), digest, bytes: Arc::new(bytes), place: None })
    }

    /// Says of an error of this component which one it is, and where it is named.
    #[must_use]
    pub fn blamed(&self, name: &PluginName, error: Error) -> Error {
        let is_named = error.body().detail.contains(&format!("`{name}`"));
        let shown = printable_line(&self.path.display().to_string());
        let error = if is_named { error } else { error.about(&format!("the merger `{name}` at `{shown}`")) };
        match &self.place {
            Some(place) if error.location().is_none() => error.at(place.clone()),
            Some(_) | None => error,
        }
    }
}

/// What a pack says of a file that it writes.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The pack.
    pub pack: &'a PackName,
    /// What it says of it.
    pub on_conflict: &'a OnConflict,
    /// The digest of the plugin that merges, where it is one of the pack's own.
    pub plugin: Option<Digest>,
}

/// What becomes of a file that several packs write.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// That of one pack is taken, by its place among the claims.
    Take(usize),
    /// The same, as the strategy says: the others had no say.
    Cover(usize),
    /// Those of some packs are merged.
    Merge(Arc<Merging>, Vec<usize>),
}

impl Rules {
    /// Decides what becomes of a file that these packs write, in their order; none where that is nowhere said.
    #[must_use]
    pub fn decide(&self, path: &OutputPath, claims: &[Claim<'_>]) -> Option<Decision> {
        if let Some(pack) = self.resolutions.get(path) {
            return claims.iter().position(|claim| claim.pack == pack).map(Decision::Take);
        }
        // What is only to be there once makes way for what is said to be in it.
        let is_lasting = |index: &usize| *claims[*index].on_conflict != OnConflict::CreateOnce;
        let lasting: Vec<usize> = (0..claims.len()).filter(is_lasting).collect();
        match lasting[..] {
            [] => return Some(Decision::Take(0)),
            [only] => return Some(Decision::Take(only)),
            _ => {}
        }
        if let Some(merging) = self.merges.get(path) {
            return Some(Decision::Merge(Arc::clone(merging), lasting));
        }
        let merging = |index: usize| claims[index].on_conflict.merging().map(|merging| (merging, claims[index].plugin));
        let Some((first, plugin)) = merging(lasting[0]) else { return self.covered(&lasting) };
        let is_same = |index: &usize| {
            merging(*index).is_some_and(|(other, of)| {
                other.policy == first.policy
                    && other.options == first.options
                    && other.plugin.is_some() == first.plugin.is_some()
                    && of == plugin
            })
        };
        if lasting.iter().all(is_same) {
            Some(Decision::Merge(Arc::clone(first), lasting))
        } else {
            self.covered(&lasting)
        }
    }

    /// The user's own merger of a file.
    #[must_use]
    pub fn own_merger(&self, path: &OutputPath) -> Option<(&PluginName, &OwnMerger)> {
        let name = self.merges.get(path)?.plugin.as_ref()?;
        self.mergers.get_key_value(name)
    }

    fn covered(&self, lasting: &[usize]) -> Option<Decision> {
        (self.strategy == Strategy::Layer).then(|| Decision::Cover(lasting[lasting.len() - 1]))
    }
}

/// The policy that a file of this name suggests.
#[must_use]
pub fn suggested(path: &OutputPath) -> Option<&'static str> {
    let name = path.file_name();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (name, extension) {
        ("Cargo.lock" | "package-lock.json", _) => None,
        (_, "toml") => Some("merge-toml"),
        (_, "json" | "jsonc") => Some("merge-json"),
        (_, "yaml" | "yml") => Some("merge-yaml"),
        (
            ".gitignore" | ".dockerignore" | ".npmignore" | ".gitattributes" | ".env" | ".env.example" | "CODEOWNERS",
            _,
        ) => Some("append-lines"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decide(rules: &Rules, policies: &[&OnConflict]) -> Option<Decision> {
        let names: Vec<PackName> = (0..policies.len()).map(|index| format!("p{index}").parse().unwrap()).collect();
        let claims: Vec<Claim<'_>> =
            names.iter().zip(policies).map(|(pack, on_conflict)| Claim { pack, on_conflict, plugin: None }).collect();
        rules.decide(&OutputPath::new("a/b.toml").unwrap(), &claims)
    }

    fn policy(json: serde_json::Value) -> OnConflict {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_is_said_holds_and_what_is_not_is_nobodys_guess() {
        let (own, once) = (policy(json!("own")), policy(json!("create-once")));
        let toml = policy(json!("merge-toml"));
        let by_name = policy(json!({ "policy": "merge-toml", "options": { "by": "name" } }));
        let rules = Rules::default();
        assert_eq!(decide(&rules, &[&own, &own]), None);
        assert_eq!(decide(&rules, &[&own, &toml]), None);
        assert_eq!(decide(&rules, &[&toml, &by_name]), None);
        assert_eq!(decide(&rules, &[&once, &own]), Some(Decision::Take(1)));
        assert_eq!(decide(&rules, &[&once, &once]), Some(Decision::Take(0)));
        assert_eq!(decide(&rules, &[&once, &own, &own]), None);
        let Some(Decision::Merge(_, merged)) = decide(&rules, &[&toml, &once, &toml]) else { panic!("it is merged") };
        assert_eq!(merged, [0, 2]);

        let layer = Rules { strategy: Strategy::Layer, ..Rules::default() };
        assert_eq!(decide(&layer, &[&own, &own]), Some(Decision::Cover(1)));
        assert_eq!(decide(&layer, &[&own, &toml]), Some(Decision::Cover(1)));
        assert!(matches!(decide(&layer, &[&toml, &toml]), Some(Decision::Merge(..))));

        let resolutions = [(OutputPath::new("a/b.toml").unwrap(), "p1".parse().unwrap())].into();
        let said = Rules { resolutions, ..Rules::default() };
        assert_eq!(decide(&said, &[&own, &own, &toml]), Some(Decision::Take(1)));
    }

    #[test]
    fn policies_are_read_as_they_are_written() {
        for json in [json!("own"), json!("merge-json"), json!({ "policy": "x", "plugin": "house" })] {
            assert_eq!(serde_json::to_value(policy(json.clone())).unwrap(), json);
        }
        for wrong in [
            json!("mine"),
            json!({ "policy": "mine" }),
            json!({ "policy": "own" }),
            json!({ "policy": "x", "more": 1 }),
        ] {
            assert!(serde_json::from_value::<OnConflict>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
