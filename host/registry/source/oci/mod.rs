//! A registry in an OCI registry.
//!
//! ```text
//! HOST/REPOSITORY:packbox-log       an artifact whose layers, one after the other, are the log
//! HOST/REPOSITORY/NAME:VERSION      an artifact with one layer, the archive; the release stands in an annotation
//! ```
//!
//! An OCI registry has no way to replace a tag only if nobody else did. So who publishes looks again afterwards, and does it
//! once more where another was quicker; between two that publish at the same moment that is no guarantee, and where it goes
//! wrong readers see a log that goes back in time. Publish to one repository from one place at a time.
//!
//! Always true here: what arrives has the digest that names it.

mod auth;
mod client;
mod credentials;
mod helper;
mod origin;
mod reference;
mod waiting;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::client::{Client, Request};
use super::log::{self, Entry, Position};
use super::{Published, Source, check_archive, is_there, last, no_release};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::progress::{Progress, Silent};
use crate::registry::names::PackVersion;
use crate::registry::release::Release;
use crate::text;

pub use client::Access;
pub use credentials::CredentialSource;
pub use reference::Repository;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
const PACK: &str = "application/vnd.packbox.pack.v1";
const PACK_LAYER: &str = "application/vnd.packbox.pack.v1.tar+zstd";
const LOG: &str = "application/vnd.packbox.log.v1";
const LOG_LAYER: &str = "application/vnd.packbox.log.v1.jsonl";
/// The tag of the log.
const LOG_TAG: &str = "packbox-log";
/// The annotation that holds a release.
const RELEASE: &str = "dev.packbox.release";
/// The largest manifest, in bytes; OCI lets registries refuse larger ones.
const LARGEST_MANIFEST: u64 = 4 << 20;
/// The largest log, in bytes, and its largest layer that more is added to.
const LARGEST_LOG: u64 = 1 << 30;
const LARGEST_OPEN_LAYER: u64 = 256 << 10;
/// Smaller layers of a log than that, at the most.
const SMALL_LAYERS: u64 = 16;
/// How often publishing is tried where others publish, too.
const LOG_ROUNDS: u32 = 8;

/// A registry in an OCI registry.
pub struct OciSource {
    client: Client,
    repository: Repository,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u32,
    media_type: String,
    #[serde(default)]
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
}

impl Descriptor {
    fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self { media_type: media_type.to_owned(), digest: named(&Digest::of(bytes)), size: bytes.len() as u64 }
    }
}

fn named(digest: &Digest) -> String {
    format!("sha256:{digest}")
}

fn artifact(kind: &str, layers: Vec<Descriptor>, annotations: BTreeMap<String, String>) -> Manifest {
    Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        artifact_type: Some(kind.to_owned()),
        config: Descriptor::of(EMPTY, b"{}"),
        layers,
        annotations,
    }
}

/// The path of something in a repository.
fn path_in(repository: &Repository, rest: &str) -> String {
    format!("/v2/{}/{rest}", repository.path)
}

impl OciSource {
    /// Names a registry; nothing is asked yet.
    ///
    /// # Errors
    /// `Usage` where the repository is none or certificates can't be read; `Refused` for plain HTTP to another machine.
    pub fn new(repository: &str, access: Access) -> Result<Self> {
        let repository: Repository = repository.parse()?;
        Ok(Self { client: Client::new(repository.clone(), access)?, repository })
    }

    /// Fetches the manifest of a tag; none where there is none. Its digest is that of its bytes.
    fn manifest(&self, repository: &Repository, tag: &str, kind: &str) -> Result<Option<Manifest>> {
        let path = path_in(repository, &format!("manifests/{tag}"));
        let request = Request { accept: Some(MANIFEST), ..Request::new("GET", &path) };
        let response = self.client.send(request)?;
        match response.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            _ => return Err(self.client.refusal(request, response)),
        }
        let bytes = self.client.read(response, LARGEST_MANIFEST)?;
        let bad = |why: &str| {
            Error::new(ErrorKind::Integrity, format!("`{repository}:{tag}` is not what packbox publishes: {why}"))
                .hint("check the name of the repository")
        };
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| bad(&text::printable_line(&error.to_string())))?;
        if manifest.artifact_type.as_deref() != Some(kind) {
            return Err(bad("it is an artifact of another type"));
        }
        Ok(Some(manifest))
    }

    /// Fetches a layer and compares it with its descriptor.
    fn blob(&self, repository: &Repository, layer: &Descriptor) -> Result<Vec<u8>> {
        let damaged = |why: String| {
            Error::new(ErrorKind::Integrity, format!("a layer of `{repository}` {why}")).hint(
                "it was changed or damaged on its way; none of it was used. Try again, or tell the registry's owner",
            )
        };
        let digest: Option<Digest> = layer.digest.strip_prefix("sha256:").and_then(|digest| digest.parse().ok());
        let digest = digest.ok_or_else(|| damaged("has no SHA-256 digest".to_owned()))?;
        let path = path_in(repository, &format!("blobs/{}", named(&digest)));
        let Some(bytes) = self.client.fetch(&path, layer.size, &path, &Silent)? else {
            return Err(damaged("is not there".to_owned()));
        };
        let found = Digest::of(&bytes);
        if bytes.len() as u64 != layer.size || found != digest {
            return Err(damaged(format!("has the digest {found}, but {digest} was announced")));
        }
        Ok(bytes)
    }

    /// Sends a blob, unless it is there.
    fn push(&self, repository: &Repository, bytes: &[u8]) -> Result<()> {
        let digest = named(&Digest::of(bytes));
        let path = path_in(repository, &format!("blobs/{digest}"));
        if self.client.send(Request::new("HEAD", &path))?.status().as_u16() == 200 {
            return Ok(());
        }
        let uploads = path_in(repository, "blobs/uploads/");
        let begin = Request { body: Some(b""), ..Request::new("POST", &uploads) };
        let response = self.client.send(begin)?;
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (202, Some(location)) = (response.status().as_u16(), location) else {
            return Err(self.client.refusal(begin, response));
        };
        let upload = self.client.resolve_upload(&uploads, &location)?;
        let separator = if upload.contains('?') { '&' } else { '?' };
        let address = format!("{upload}{separator}digest={digest}");
        let put = Request {
            body: Some(bytes),
            content_type: Some("application/octet-stream"),
            ..Request::new("PUT", &address)
        };
        let response = self.client.send(put)?;
        if response.status().as_u16() == 201 { Ok(()) } else { Err(self.client.refusal(put, response)) }
    }

    fn tag(&self, repository: &Repository, tag: &str, manifest: &Manifest) -> Result<()> {
        let bytes = serde_json::to_vec(manifest)
            .map_err(|error| Error::new(ErrorKind::Io, "cannot write a manifest as JSON").caused_by(error))?;
        let path = path_in(repository, &format!("manifests/{tag}"));
        let put = Request { body: Some(&bytes), content_type: Some(MANIFEST), ..Request::new("PUT", &path) };
        let response = self.client.send(put)?;
        if response.status().as_u16() == 201 { Ok(()) } else { Err(self.client.refusal(put, response)) }
    }

    /// The layers of the log.
    fn log(&self) -> Result<Vec<Descriptor>> {
        let manifest = self.manifest(&self.repository, LOG_TAG, LOG)?;
        let layers = manifest.map(|manifest| manifest.layers).unwrap_or_default();
        let bytes = layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add);
        // Whoever publishes fills the last layer before a new one begins, so that requests are in proportion to bytes.
        if layers.len() as u64 > SMALL_LAYERS + bytes / LARGEST_OPEN_LAYER {
            return Err(Error::new(
                ErrorKind::Integrity,
                format!("the log of `{}` has {} layers, and most hold next to nothing", self.repository, layers.len()),
            )
            .hint("tell its owner; what is installed stays usable"));
        }
        if bytes > LARGEST_LOG {
            let most = text::format_bytes(LARGEST_LOG);
            return Err(Error::new(
                ErrorKind::Integrity,
                format!("the log of `{}` takes more than {most}", self.repository),
            )
            .hint("tell its owner; what is installed stays usable"));
        }
        Ok(layers)
    }

    /// Reads the bytes of layers from a place on.
    fn read_from(&self, layers: &[Descriptor], from: u64) -> Result<Vec<u8>> {
        let mut begin = 0;
        let mut bytes = Vec::new();
        for layer in layers {
            let end = begin + layer.size;
            if end > from {
                let layer = self.blob(&self.repository, layer)?;
                let skip = usize::try_from(from.saturating_sub(begin)).unwrap_or(usize::MAX).min(layer.len());
                bytes.extend_from_slice(&layer[skip..]);
            }
            begin = end;
        }
        Ok(bytes)
    }

    fn entries(&self, layers: &[Descriptor], after: &Position) -> Result<(Vec<Entry>, Position)> {
        let location = self.location();
        let begin = after.bytes.saturating_sub(after.last_bytes);
        let bytes = self.read_from(layers, begin)?;
        log::continued(&location, after, &bytes)
    }

    /// Adds a line to the log, until it is seen there. What it is is decided by what stands behind a place.
    fn append(&self, after: &Position, decide: &dyn Fn(&[Entry]) -> Result<Option<Release>>) -> Result<Published> {
        for tried in 1..=LOG_ROUNDS {
            let mut layers = self.log()?;
            let (entries, end) = self.entries(&layers, after)?;
            let Some(release) = decide(&entries)? else {
                return Ok(if tried == 1 { Published::Unchanged } else { Published::Changed });
            };
            let mut line = log::line(&end, &release)?;
            line.push(b'\n');
            // A small last layer is made anew with the line; a large one stays, and a new one begins.
            let layer = match layers.pop_if(|last| last.size < LARGEST_OPEN_LAYER) {
                Some(last) => [self.blob(&self.repository, &last)?, line].concat(),
                None => line,
            };
            self.push(&self.repository, &layer)?;
            self.push(&self.repository, b"{}")?;
            layers.push(Descriptor::of(LOG_LAYER, &layer));
            let tagged = self.tag(&self.repository, LOG_TAG, &artifact(LOG, layers, BTreeMap::new()));
            // Whoever wrote at the same time has done so by then, and one of both is not there.
            let waited = tagged.and_then(|()| self.client.pause(Duration::from_millis(200)));
            waited.map_err(perhaps_there)?;
        }
        Err(Error::new(ErrorKind::Io, format!("others keep publishing to `{}`", self.repository))
            .hint("try again later"))
    }
}

/// What was sent may have arrived, whether its answer was waited for or not.
fn perhaps_there(error: Error) -> Error {
    if error.kind() != ErrorKind::Interrupted {
        return error;
    }
    Error::new(ErrorKind::Interrupted, "interrupted; the registry may have it already")
        .hint("run the same command again to find out")
}

impl Source for OciSource {
    fn location(&self) -> String {
        self.repository.to_string()
    }

    fn read(&self, after: &Position) -> Result<(Vec<Entry>, Position)> {
        self.entries(&self.log()?, after)
    }

    fn fetch(&self, release: &Release, progress: &dyn Progress) -> Result<Vec<u8>> {
        self.fetch_from(&self.repository.below(release.name.as_str()), release, progress)
    }

    fn publish(&self, after: &Position, release: &Release, archive: &[u8]) -> Result<Published> {
        let location = self.location();
        check_archive(release, &location, archive)?;
        if is_there(&self.read(after)?.0, release, &location)? {
            return Ok(Published::Unchanged);
        }
        let repository = self.repository.below(release.name.as_str());
        // Where there is such a release already, the caller's place in the log was not before it; or its publisher was killed.
        if self.manifest(&repository, &release.version.to_string(), PACK)?.is_some()
            && is_there(&self.read(&Position::default())?.0, release, &location)?
        {
            return Ok(Published::Unchanged);
        }
        self.push(&repository, archive)?;
        self.push(&repository, b"{}")?;
        let json = serde_json::to_string(release)
            .map_err(|error| Error::new(ErrorKind::Io, "cannot write a release as JSON").caused_by(error))?;
        let mut annotations = BTreeMap::from([
            (RELEASE.to_owned(), json),
            ("org.opencontainers.image.title".to_owned(), release.name.to_string()),
            ("org.opencontainers.image.version".to_owned(), release.version.to_string()),
        ]);
        let about = [("description", &release.about.description), ("licenses", &release.about.license)];
        for (name, value) in about {
            if let Some(value) = value {
                annotations.insert(format!("org.opencontainers.image.{name}"), value.clone());
            }
        }
        let manifest = artifact(PACK, vec![Descriptor::of(PACK_LAYER, archive)], annotations);
        self.tag(&repository, &release.version.to_string(), &manifest)?;
        self.append(after, &|entries| Ok((!is_there(entries, release, &location)?).then(|| release.clone())))?;
        Ok(Published::Changed)
    }

    fn yank(&self, name: &PackName, version: &PackVersion, yanked: bool) -> Result<Published> {
        let location = self.location();
        self.append(&Position::default(), &|entries| {
            let known = last(entries, name, version).ok_or_else(|| no_release(name, version, &location))?;
            Ok((known.yanked != yanked).then(|| Release { yanked, ..known.clone() }))
        })
    }
}

impl OciSource {
    fn fetch_from(&self, repository: &Repository, release: &Release, progress: &dyn Progress) -> Result<Vec<u8>> {
        let path = path_in(repository, &format!("blobs/{}", named(&release.archive)));
        let archive = self.client.fetch(&path, release.bytes, &release.name_and_version(), progress)?;
        let archive = archive.ok_or_else(|| no_release(&release.name, &release.version, &self.location()))?;
        check_archive(release, &self.location(), &archive)?;
        Ok(archive)
    }

    /// Fetches the archive of a release from this very repository: for who names a reference.
    ///
    /// # Errors
    /// As [`Source::fetch`].
    pub fn fetch_here(&self, release: &Release, progress: &dyn Progress) -> Result<Vec<u8>> {
        self.fetch_from(&self.repository, release, progress)
    }

    /// Reads the release that this repository describes at a tag: for who names a reference. The last part of the repository
    /// is the pack's name, and the tag its version.
    ///
    /// # Errors
    /// `NotFound`; `Integrity` where it is no pack, or another.
    pub fn release(&self, tag: &str) -> Result<Release> {
        let Some(manifest) = self.manifest(&self.repository, tag, PACK)? else {
            let shown = text::printable_line(tag);
            return Err(Error::new(ErrorKind::NotFound, format!("`{}` has no tag `{shown}`", self.repository))
                .hint("check the version, and the name of the repository"));
        };
        let bad =
            |why: String| Error::new(ErrorKind::Integrity, format!("`{}:{tag}` is not a pack: {why}", self.repository));
        let json = manifest.annotations.get(RELEASE).ok_or_else(|| bad("it describes no release".to_owned()))?;
        let release: Release =
            serde_json::from_str(json).map_err(|error| bad(text::printable_line(&error.to_string())))?;
        release.check().map_err(bad)?;
        let asked_for = self.repository.path.rsplit('/').next().unwrap_or_default();
        if release.name.as_str() != asked_for || release.version.to_string() != tag {
            return Err(bad(format!("it holds {} {}", release.name, release.version)));
        }
        let is_layer = |layer: &&Descriptor| layer.digest == named(&release.archive) && layer.size == release.bytes;
        if manifest.layers.iter().find(is_layer).is_none() {
            return Err(bad("its layer is not the archive that it describes".to_owned()));
        }
        Ok(release)
    }
}
