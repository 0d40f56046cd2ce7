//! One release of a pack, as a registry describes it: what `publish` writes, an index holds and a resolver reads.
//!
//! Always true here: a release that was read has passed every check, sizes included; what it says about its archive is
//! compared with the archive before anything of that is used.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use semver::VersionReq;
use serde::{Deserialize, Serialize};

use super::names::PackVersion;
use crate::digest::Digest;
use crate::engine::{ABI_VERSION, Header, InterfaceName};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName, PackPath, PluginName};
use crate::text;

/// The most bytes of a release's description that are read.
pub const LARGEST: usize = 64 << 10;
/// The most texts in a list, and the most bytes of a text.
const MOST_TEXTS: usize = 64;
const LONGEST_TEXT: usize = 2_000;
/// The most dependencies.
const MOST_DEPENDENCIES: usize = 256;

/// One release of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Release {
    /// The pack.
    pub name: PackName,
    /// Which release it is.
    pub version: PackVersion,
    /// The digest of its content: what a lock pins, and what is signed.
    pub digest: Digest,
    /// The SHA-256 of the archive's bytes; what is compared while it arrives.
    pub archive: Digest,
    /// The archive's size, in bytes.
    pub bytes: u64,
    /// What people and resolvers want to know; nothing of it is believed once the pack itself is there.
    #[serde(flatten)]
    pub about: Metadata,
    /// Whether it was withdrawn: then only a lock still gets it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yanked: bool,
    /// When it was published, in seconds since 1970.
    #[serde(default)]
    pub published: u64,
    /// Its points of 100, as whoever published it measured them; none where that was not done. Nobody vouches for them, but
    /// `score` gives the same to everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u32>,
    /// Signatures over the content's digest, in minisign's format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<String>,
}

/// What a pack says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Metadata {
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What one gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where a catalogue lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// An SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The versions of packbox that it works with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub packbox: Option<VersionReq>,
    /// Packs that it needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<PackName, Dependency>,
    /// Components that it ships.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<PluginName, Capability>,
}

/// A pack that a release needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dependency {
    /// Which versions will do.
    #[cfg_attr(test, schemars(with = "String"))]
    pub version: VersionReq,
    /// Whether the pack works without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What a component of a pack can do and may use: what `update` shows when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Capability {
    /// The component's digest.
    pub sha256: Digest,
    /// The version of the plugin ABI that it was built for; none where it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abi: Option<semver::Version>,
    /// The interfaces that it imports, sorted; those of types only are left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub imports: BTreeSet<String>,
    /// What the pack asks for on its behalf, sorted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub grants: BTreeSet<String>,
    /// The limits that the pack asks for, by their names in `pack.toml`: bytes, milliseconds or counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, u64>,
}

impl Release {
    /// Says why nobody gets the release who does not name it; none where they do. It is the one rule for that.
    #[must_use]
    pub fn passed_over(&self) -> Option<String> {
        if self.yanked { Some("it was withdrawn".to_owned()) } else { self.about.unusable() }
    }

    /// What messages call it where its registry is of no interest: `NAME VERSION`.
    #[must_use]
    pub fn name_and_version(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// Describes a pack whose archive is at hand.
    ///
    /// # Errors
    /// `Manifest` where its version is none that a registry can hold; those of [`Pack::read`] and [`Header::read`].
    pub fn describe(pack: &Pack, archive: &[u8]) -> Result<Self> {
        let meta = &pack.manifest.pack;
        let version = PackVersion::new(meta.version.value.clone()).map_err(|why| {
            Error::new(ErrorKind::Manifest, why).at(pack.span(&meta.version.range)).hint("change `version`")
        })?;
        let release = Self {
            name: meta.name.value.clone(),
            version,
            digest: pack.digest()?,
            archive: Digest::of(archive),
            bytes: archive.len() as u64,
            about: Metadata::of(pack)?,
            yanked: false,
            published: 0,
            score: None,
            signatures: Vec::new(),
        };
        release.check().map_err(|why| {
            Error::new(ErrorKind::Manifest, format!("`{}` cannot be published: {why}", pack.manifest_path))
        })?;
        Ok(release)
    }

    /// Checks what no type checks: how much there is of everything.
    ///
    /// # Errors
    /// A text that says what is wrong, safe to show.
    pub(super) fn check(&self) -> Result<(), String> {
        let about = &self.about;
        let single = [&about.title, &about.description, &about.category, &about.license];
        let lists = [&about.authors, &about.keywords, &self.signatures];
        let mut texts = single.into_iter().flatten().chain(lists.into_iter().flatten());
        if lists.iter().any(|list| list.len() > MOST_TEXTS) {
            return Err(format!("a list in it has more than {MOST_TEXTS} entries"));
        }
        if texts.any(|text| text.len() > LONGEST_TEXT) {
            return Err(format!("a text in it has more than {LONGEST_TEXT} bytes"));
        }
        if self.score.is_some_and(|score| score > 100) {
            return Err("its score is above 100".to_owned());
        }
        if about.dependencies.len() > MOST_DEPENDENCIES || about.plugins.len() > MOST_DEPENDENCIES {
            return Err(format!("it has more than {MOST_DEPENDENCIES} dependencies or plugins"));
        }
        Ok(())
    }

    /// Checks that a pack is the one that the release describes, name, version and content.
    ///
    /// # Errors
    /// `Integrity`, naming what differs.
    pub fn verify(&self, pack: &Pack) -> Result<()> {
        let meta = &pack.manifest.pack;
        let label = text::printable_line(&pack.label);
        if meta.name.value != self.name || meta.version.value != *self.version.get() {
            let found = format!("{} {}", meta.name.value, meta.version.value);
            return Err(Error::new(
                ErrorKind::Integrity,
                format!("`{label}` holds {}, not {} {}", text::printable_line(&found), self.name, self.version),
            )
            .hint("the registry returned a different pack than was asked for; tell its owner"));
        }
        let digest = pack.digest()?;
        if digest != self.digest {
            return Err(Error::new(
                ErrorKind::Integrity,
                format!("the content of `{label}` has the digest {digest}, but {} was announced", self.digest),
            )
            .hint("it was changed after it was published, or damaged; none of it was used"));
        }
        Ok(())
    }
}

impl Metadata {
    /// Reads what a pack says about itself.
    ///
    /// # Errors
    /// Those of [`Pack::read`]; `Refused` or `Stopped` where a component can't be read.
    pub fn of(pack: &Pack) -> Result<Self> {
        let meta = &pack.manifest.pack;
        let text = |value: &Option<crate::pack::Spanned<String>>| value.as_ref().map(|value| value.value.clone());
        let texts = |values: &[crate::pack::Spanned<String>]| values.iter().map(|value| value.value.clone()).collect();
        let dependencies = pack.manifest.dependencies.iter().map(|(name, needed)| {
            (name.clone(), Dependency { version: needed.requirement.value.clone(), optional: needed.optional })
        });
        let mut plugins = BTreeMap::new();
        // Many plugins may be one file.
        let mut components: BTreeMap<&PackPath, (Digest, Header)> = BTreeMap::new();
        for (name, entry) in &pack.manifest.plugins {
            let (digest, header) = match components.entry(&entry.component.value) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let bytes = pack.read(new.key())?;
                    new.insert((Digest::of(&bytes), Header::read(&bytes)?))
                }
            };
            plugins.insert(name.clone(), Capability::of(*digest, header, entry));
        }
        Ok(Self {
            title: text(&meta.title),
            description: text(&meta.description),
            category: text(&meta.category),
            license: text(&meta.license),
            authors: texts(&meta.authors),
            keywords: texts(&meta.keywords),
            packbox: meta.packbox.as_ref().map(|packbox| packbox.value.clone()),
            dependencies: dependencies.collect(),
            plugins,
        })
    }

    /// The newest ABI that one of its components needs; none where it ships none.
    #[must_use]
    pub fn abi(&self) -> Option<&semver::Version> {
        self.plugins.values().filter_map(|plugin| plugin.abi.as_ref()).max()
    }

    /// Says why this packbox can't use the release; none where it can.
    #[must_use]
    pub fn unusable(&self) -> Option<String> {
        let host = crate::version();
        if let Some(packbox) = &self.packbox
            && !packbox.matches(&host)
        {
            return Some(format!("it needs packbox {packbox}, but this is {host}"));
        }
        let newer = |abi: &&semver::Version| (abi.major, abi.minor) != (ABI_VERSION.major, ABI_VERSION.minor);
        let abi = self.plugins.values().filter_map(|plugin| plugin.abi.as_ref()).find(newer)?;
        Some(format!("one of its plugins was built for the ABI {abi}, but this packbox offers {ABI_VERSION}"))
    }
}

impl Capability {
    fn of(sha256: Digest, header: &Header, entry: &crate::pack::PluginEntry) -> Self {
        let types_only = |name: &str| InterfaceName::parse(name).is_some_and(|name| name.interface == "types");
        let imports = header.imports.iter().map(|import| text::printable_line(&import.name));
        let limits = entry.limits.asked.iter().map(|(limit, number)| (limit.name.to_owned(), number));
        Self {
            sha256,
            abi: header.abi(),
            imports: imports.filter(|name| !types_only(name)).collect(),
            grants: entry.grants.iter().map(|grant| grant.value.to_string()).collect(),
            limits: limits.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::PackLimits;

    fn release() -> (Pack, Release) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/packs/typed-config");
        let pack = Pack::load(std::path::Path::new(folder), &PackLimits::default()).unwrap();
        let archive = pack.to_archive().unwrap();
        let release = Release::describe(&pack, &archive).unwrap();
        (Pack::from_archive("typed-config.pack", &archive, &PackLimits::default()).unwrap(), release)
    }

    #[test]
    fn a_release_comes_back_as_it_was_written() {
        let (pack, release) = release();
        let json = serde_json::to_vec(&release).unwrap();
        assert_eq!(serde_json::from_slice::<Release>(&json).unwrap(), release);
        release.verify(&pack).unwrap();
        let plugin = release.about.plugins.values().next().unwrap();
        assert_eq!(plugin.abi, Some(ABI_VERSION));
        assert!(release.about.unusable().is_none());
    }

    #[test]
    fn another_name_version_or_content_is_not_accepted() {
        let (pack, release) = release();
        let mut other = release.clone();
        other.name = "other".parse().unwrap();
        assert_eq!(other.verify(&pack).unwrap_err().kind(), ErrorKind::Integrity);
        let mut other = release.clone();
        other.version = "99.0.0".parse().unwrap();
        assert_eq!(other.verify(&pack).unwrap_err().kind(), ErrorKind::Integrity);
        let mut other = release;
        other.digest = Digest::of(b"x");
        assert_eq!(other.verify(&pack).unwrap_err().kind(), ErrorKind::Integrity);
    }

    #[test]
    fn what_a_registry_says_is_checked() {
        let (_, release) = release();
        let json = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut value = serde_json::to_value(&release).unwrap();
            change(&mut value);
            let release: Release = serde_json::from_value(value).map_err(|error| error.to_string())?;
            release.check()
        };
        assert!(json(&|_| {}).is_ok());
        assert!(json(&|value| value["name"] = "../x".into()).is_err());
        assert!(json(&|value| value["version"] = "1.0.0/..".into()).is_err());
        assert!(json(&|value| value["digest"] = "00".into()).is_err());
        assert!(json(&|value| value["title"] = "x".repeat(LONGEST_TEXT + 1).into()).is_err());
        assert!(json(&|value| value["keywords"] = vec!["x"; MOST_TEXTS + 1].into()).is_err());
        assert!(json(&|value| value["dependencies"] = serde_json::json!({ "..": { "version": "1" } })).is_err());
    }
}
