//! Generated files in memory, each with where it came from.
//!
//! Always true here: a file's digest is the digest of its contents.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::pack::{OnConflict, OutputPath, PackName};

/// A stage of a chain that a file went through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StageRecord {
    /// Who rendered: the name of a built-in engine, or `plugin:NAME`.
    pub engine: String,
    /// The digest of the plugin, where the pack brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_sha256: Option<Digest>,
}

/// Where a generated file came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The template, as a path in its pack.
    pub template: String,
    /// The digest of the template's bytes.
    pub template_digest: Digest,
    /// What made the file: the name of a built-in engine, `copy`, `plugin:NAME`.
    pub engine: String,
    /// The digest of the plugin, where the pack brought it.
    pub plugin_digest: Option<Digest>,
    /// What rendered it in turn.
    pub then: Vec<StageRecord>,
    /// The variables that were read, sorted, each once. Names only: a value may be a secret.
    pub variables: Vec<String>,
    /// What holds where another pack writes the file too, or where one is there.
    pub on_conflict: OnConflict,
}

/// A pack that wants a file, where several are generated together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// What made what it wants: the name of a built-in engine, `copy`, `plugin:NAME`.
    pub engine: String,
    /// The pack.
    pub pack: PackName,
    /// The template, as a path in its pack.
    pub template: String,
    /// The digest of the template.
    pub template_sha256: Digest,
}

/// A generated file.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeFile {
    path: OutputPath,
    contents: Arc<Vec<u8>>,
    executable: bool,
    digest: Digest,
    provenance: Provenance,
    has_secret: bool,
    /// In the order of packs; none where one pack is generated.
    owners: Arc<[Owner]>,
}

impl TreeFile {
    /// Takes a file's parts and computes its digest.
    #[must_use]
    pub fn new(path: OutputPath, contents: Vec<u8>, executable: bool, provenance: Provenance) -> Self {
        Self::made(path, Arc::new(contents), executable, provenance)
    }

    /// [`TreeFile::new`], with bytes that others share.
    pub(in crate::generate) fn made(
        path: OutputPath,
        contents: Arc<Vec<u8>>,
        executable: bool,
        provenance: Provenance,
    ) -> Self {
        let digest = Digest::of(&contents);
        Self::copied(path, contents, digest, executable, provenance)
    }

    /// Takes the parts of a file whose digest is known, as it is that of a source.
    pub(in crate::generate) fn copied(
        path: OutputPath,
        contents: Arc<Vec<u8>>,
        digest: Digest,
        executable: bool,
        provenance: Provenance,
    ) -> Self {
        Self { path, contents, executable, digest, provenance, has_secret: false, owners: Arc::default() }
    }

    /// Says that a secret may be in the file's bytes.
    #[must_use]
    pub fn with_secret(mut self, has_secret: bool) -> Self {
        self.has_secret = has_secret;
        self
    }

    /// Says what holds where another file wants the same path.
    #[must_use]
    pub fn with_on_conflict(mut self, on_conflict: OnConflict) -> Self {
        self.provenance.on_conflict = on_conflict;
        self
    }

    /// Takes the file apart, for one that is made in its place.
    #[must_use]
    pub fn into_parts(self) -> (OutputPath, bool, Provenance) {
        (self.path, self.executable, self.provenance)
    }

    /// Puts other bytes in place of the file's own, and another executable bit.
    #[must_use]
    pub fn with_contents(self, contents: Vec<u8>, executable: bool) -> Self {
        let contents = Arc::new(contents);
        Self { digest: Digest::of(&contents), contents, executable, ..self }
    }

    /// Says which packs want the file, in their order: several where it was merged.
    #[must_use]
    pub fn owned_by(mut self, owners: Vec<Owner>) -> Self {
        self.owners = owners.into();
        self
    }

    /// Returns the packs that want the file; none where one pack is generated.
    #[must_use]
    pub fn owners(&self) -> &[Owner] {
        &self.owners
    }

    /// What the file says of the pack that it comes from.
    #[must_use]
    pub fn as_owned_by(&self, pack: &PackName) -> Owner {
        Owner {
            engine: self.provenance.engine.clone(),
            pack: pack.clone(),
            template: self.provenance.template.clone(),
            template_sha256: self.provenance.template_digest,
        }
    }

    /// Whether a secret may be in the file's bytes.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.has_secret
    }

    /// Whether it is written only where there is none.
    #[must_use]
    pub fn is_create_once(&self) -> bool {
        self.provenance.on_conflict == OnConflict::CreateOnce
    }

    /// Returns the digest to show and to record: none where a secret may be in the bytes, since a digest of something
    /// short can be guessed.
    #[must_use]
    pub fn recorded_digest(&self) -> Option<Digest> {
        (!self.has_secret).then_some(self.digest)
    }

    /// Returns where the file goes.
    #[must_use]
    pub fn path(&self) -> &OutputPath {
        &self.path
    }

    /// Returns the file's bytes.
    #[must_use]
    pub fn contents(&self) -> &[u8] {
        &self.contents
    }

    /// Says whether the file is to be executable.
    #[must_use]
    pub fn executable(&self) -> bool {
        self.executable
    }

    /// Returns the digest of the file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns where the file came from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }
}
