//! Publishing a pack.

use serde::Serialize;

use super::Library;
use super::find::offered_near;
use crate::clock::seconds_now;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Pack, PackName};
use crate::registry::{PackVersion, Published, Registries, RegistryName, Release, Wanted, trust};

/// What was published.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PublishReport {
    /// The registry.
    pub registry: RegistryName,
    /// The release.
    pub release: Release,
    /// Whether the registry had it already.
    pub was_there: bool,
}

/// What comes with a pack.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    /// Signatures that the author made.
    pub signatures: Vec<String>,
    /// The points that were measured, of 100.
    pub score: Option<u32>,
}

impl Library {
    /// Publishes a pack to a registry.
    ///
    /// # Errors
    /// `Manifest` where it says too little about itself; `Integrity` where a signature is none; `Conflict` where the
    /// version exists with another content; those of sources.
    pub fn publish(
        &self,
        registries: &Registries,
        registry: &RegistryName,
        pack: &Pack,
        attached: Attached,
    ) -> Result<PublishReport> {
        check_meta(pack)?;
        let archive = pack.to_archive()?;
        let mut release = Release::describe(pack, &archive)?;
        for signature in &attached.signatures {
            minisign_verify::Signature::decode(signature).map_err(|error| {
                Error::new(ErrorKind::Integrity, format!("a signature can't be read: {error}"))
                    .hint(format!("sign the text `{}` with minisign", trust::signed_text(&release.digest)))
            })?;
        }
        release.signatures = attached.signatures;
        release.published = seconds_now();
        release.score = attached.score;
        let source = self.source(registries, registry)?;
        // What is remembered of the log need not be read again.
        let mut index = self.index()?;
        index.sync(registry, &*source)?;
        let after = index.place_before(registry, &release.name, &release.version)?;
        let was_there = source.publish(&after, &release, &archive)? == Published::Unchanged;
        index.sync(registry, &*source)?;
        Ok(PublishReport { registry: registry.clone(), release, was_there })
    }

    /// Withdraws a release, or takes that back; says whether anything changed.
    ///
    /// # Errors
    /// `NotFound` where there is no such release; those of sources.
    pub fn yank(
        &self,
        registries: &Registries,
        registry: &RegistryName,
        (name, version): (&PackName, &PackVersion),
        yanked: bool,
    ) -> Result<bool> {
        let source = self.source(registries, registry)?;
        let mut index = self.index()?;
        let changed = match source.yank(name, version, yanked) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                index.sync(registry, &*source)?;
                let known = index.releases(name, Some(registry))?;
                let versions: Vec<String> = known.iter().map(|known| known.release.version.to_string()).collect();
                let there = match &versions[..] {
                    [] => {
                        let wanted = Wanted { registry: Some(registry.clone()), name: name.clone(), requirement: None };
                        // Which registry is meant is said beside the name.
                        let near = offered_near(&index, &wanted).filter(|near| near.registry == wanted.registry);
                        near.map(|near| format!("did you mean `{}`?", near.name))
                    }
                    [one] => Some(format!("there is {one}")),
                    several => Some(format!("there are {}", several.join(", "))),
                };
                return Err(match there {
                    Some(there) => error.hint(there),
                    None => error,
                });
            }
            published => published? == Published::Changed,
        };
        index.sync(registry, &*source)?;
        Ok(changed)
    }
}

/// A registry wants to know more than `generate` does.
fn check_meta(pack: &Pack) -> Result<()> {
    let meta = &pack.manifest.pack;
    let wanted = [("title", &meta.title), ("description", &meta.description), ("license", &meta.license)];
    let missing: Vec<&str> = wanted.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join("`, `");
    Err(Error::new(ErrorKind::Manifest, format!("`{}` has no `{missing}`", pack.manifest_path))
        .ruled("manifest/missing-key")
        .at(pack.span(&meta.name.range))
        .hint("a pack in a registry needs it; add it to `[pack]`"))
}
