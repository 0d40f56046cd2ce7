//! A pack, opened once: [`Pack::load`].
//!
//! Always true here: the manifest has been checked against the files, everything is read relative to one handle or from
//! memory, and what was read is as large as it was when the pack was listed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::claims;
use super::contents::Contents;
use super::folder::{FileInfo, ReadError};
use super::ignore::{self, Ignore};
use super::listing;
use super::manifest::{Dependency, Findings, Manifest, TemplateEngine, engine_for, has_expressions, syntax};
use super::missing;
use super::names::{MANIFEST_NAME, PackPath};
use super::spanned::Spanned;
use super::templates::{self, Template};
use crate::advice::said;
use crate::diagnostic::{Marks, Span};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::limits::{Limit, PackLimits, of_packs};

/// A pack: its manifest and the files that belong to it.
///
/// It is cheap to clone, and threads may read from it at the same time.
#[derive(Debug, Clone)]
pub struct Pack {
    /// What `pack.toml` says.
    pub manifest: Arc<Manifest>,
    /// The text of `pack.toml`, without a byte order mark.
    pub manifest_text: Arc<str>,
    /// The digest of the bytes of `pack.toml`.
    pub manifest_digest: Digest,
    /// The `pack.toml` as the user knows it.
    pub manifest_path: Arc<str>,
    /// Lines and columns of the manifest, counted once a place is asked for.
    marks: Arc<OnceLock<Marks>>,
    /// How the user named the pack.
    pub label: String,
    /// The files that belong to the pack, `pack.toml` included, in the order of their paths' bytes.
    pub files: Arc<BTreeMap<PackPath, FileInfo>>,
    contents: Arc<Contents>,
    /// The folder or the file that it was opened from; none where it came as bytes.
    place: Option<Arc<Path>>,
    limits: PackLimits,
    /// What keeps its folder there, where something does.
    kept: Option<Arc<dyn Kept>>,
}

/// Something that keeps a pack's folder from being removed for as long as it is held: a lock.
pub trait Kept: std::fmt::Debug + Send + Sync {}

impl<K: Kept> Kept for Arc<K> {}

impl Pack {
    /// Loads the pack in a folder, which may be named by its `pack.toml`, or in an archive of one, which is kept in memory.
    ///
    /// Errors: `NotFound` where there is nothing of that name, or no `pack.toml` in the folder; `Integrity` where a file
    /// is no archive of a pack, or a damaged one, or holds what no pack holds; `Manifest` for everything that is wrong
    /// with the pack itself, exceeded limits included; `Io`.
    pub fn load(path: &Path, limits: &PackLimits) -> Result<Self> {
        // Who names the manifest means its folder.
        let named = path.ends_with(MANIFEST_NAME) && path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        let path = match path.parent().filter(|_| named) {
            Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
            Some(folder) => folder,
            None => path,
        };
        let pack = Self::of(path, Contents::open(path, limits)?, limits)?;
        Ok(Self { place: Some(path.into()), ..pack })
    }

    /// As [`Pack::load`], for a folder that the user knows as `label`, and not by its path.
    pub fn load_as(label: &str, folder: &Path, limits: &PackLimits) -> Result<Self> {
        let pack = Self::of(Path::new(label), Contents::open(folder, limits)?, limits)?;
        Ok(Self { place: Some(folder.into()), ..pack })
    }

    /// Reads the pack in the bytes of an archive that the user knows as `label`; nothing is looked for on the disk.
    ///
    /// Errors are those of [`Pack::load`] for a file: `Integrity` and `Manifest`.
    pub fn from_archive(label: &str, bytes: &[u8], limits: &PackLimits) -> Result<Self> {
        Self::of(Path::new(label), Contents::of_archive(label, bytes, limits)?, limits)
    }

    /// Checks what was opened at `path`, which is only shown.
    fn of(path: &Path, contents: Contents, limits: &PackLimits) -> Result<Self> {
        let label = path.display().to_string();
        let manifest_path = path.join(MANIFEST_NAME).display().to_string();
        let bytes = contents.read(MANIFEST_NAME, limits.manifest_bytes).map_err(|error| match error {
            ReadError::TooLarge(bytes) => too_large(limits, &of_packs::manifest_bytes, bytes, &manifest_path),
            ReadError::Io(error) => missing::manifest(path, error),
            ReadError::NotAFile => Error::new(ErrorKind::Manifest, format!("`{manifest_path}` is not a regular file"))
                .ruled("manifest/entry")
                .hint("links are not followed; put the file itself there"),
        })?;
        let manifest_digest = Digest::of(&bytes);
        let text = syntax::decode(&manifest_path, bytes)
            .map_err(|finding| super::manifest::invalid(&manifest_path, vec![*finding]))?;
        let manifest = Manifest::parse(&manifest_path, &text, limits)?;
        let files = contents.list(&label, read_ignore(&contents, &label)?, limits)?;
        let pack = Self {
            manifest: Arc::new(manifest),
            manifest_text: text.into(),
            manifest_digest,
            manifest_path: manifest_path.into(),
            marks: Arc::default(),
            label,
            files: Arc::new(files),
            contents: Arc::new(contents),
            place: None,
            limits: limits.clone(),
            kept: None,
        };
        pack.check_files()?;
        Ok(pack)
    }

    /// The folder or the file that the pack was opened from; none where it came as bytes.
    #[must_use]
    pub fn place(&self) -> Option<&Path> {
        self.place.as_deref()
    }

    /// Whether a folder below the pack's own is no part of the pack: it is left out, or one that it is in.
    ///
    /// Errors are those of [`Pack::load`] for `.packboxignore`.
    pub fn leaves_out(&self, folder: &str) -> Result<bool> {
        let mut ignore = read_ignore(&self.contents, &self.label)?;
        let ends = folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]);
        for end in ends {
            if ignore.leaves_out(&folder[..end], true).map_err(listing::takes_too_long)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Holds what keeps the pack's folder there until the last clone of the pack is dropped.
    #[must_use]
    pub fn keeping(mut self, kept: impl Kept + 'static) -> Self {
        self.kept = Some(Arc::new(kept));
        self
    }

    /// Where a template's output path stands: its own file, where expressions are in its name and not in the manifest.
    #[must_use]
    pub fn output_span(&self, template: &Template) -> Span {
        let entry = self.manifest.templates.get(template.entry_index);
        let says_itself =
            entry.and_then(|entry| entry.output.as_ref()).is_some_and(|output| has_expressions(&output.value));
        let below = entry.and_then(|entry| template.source.below(entry.source.value.as_str()));
        match below.filter(|below| !says_itself && has_expressions(below)) {
            Some(_) => Span::file(self.path_of(&template.source)),
            None => self.span(&template.output.range),
        }
    }

    /// Turns a range of `pack.toml` into a place to show.
    #[must_use]
    pub fn span(&self, range: &Range<usize>) -> Span {
        let marks = self.marks.get_or_init(|| Marks::of(&self.manifest_text));
        marks.span(&*self.manifest_path, &self.manifest_text, range.clone())
    }

    /// Names a file of the pack the way the user would find it.
    #[must_use]
    pub fn path_of(&self, path: &PackPath) -> String {
        Path::new(&self.label).join(path.as_str()).display().to_string()
    }

    /// Reads a file of the pack.
    ///
    /// Errors: `NotFound` where it does not belong to the pack, `Io` where it cannot be read or is not as large as it
    /// was when the pack was loaded.
    pub fn read(&self, path: &PackPath) -> Result<Vec<u8>> {
        let shown = self.path_of(path);
        let Some(info) = self.files.get(path) else {
            return Err(Error::new(ErrorKind::NotFound, format!("`{shown}` does not belong to the pack")));
        };
        let changed = || {
            Error::new(ErrorKind::Io, format!("`{shown}` was changed while the pack was in use"))
                .hint("run the command again")
        };
        let bytes = self.contents.read(path.as_str(), info.bytes).map_err(|error| match error {
            ReadError::NotAFile | ReadError::TooLarge(_) => changed(),
            ReadError::Io(error) => Error::io(format!("cannot read `{shown}`"), error),
        })?;
        if bytes.len() as u64 == info.bytes { Ok(bytes) } else { Err(changed()) }
    }

    /// Computes the digest of everything that belongs to the pack.
    ///
    /// It is the SHA-256 of the line `packbox pack 1\n`, followed for each file, in the order of the paths' bytes, by:
    /// the path, one byte 0, one byte `x` for an executable file and `-` for others, the length as 8 bytes with the
    /// lowest first, and the 32 bytes of the SHA-256 of the contents.
    ///
    /// Errors are those of [`Pack::read`].
    pub fn digest(&self) -> Result<Digest> {
        let mut hash = Sha256::new();
        hash.update(b"packbox pack 1\n");
        for (path, info) in &*self.files {
            let contents = Digest::of(&self.read(path)?);
            hash.update(path.as_str());
            hash.update([0, if info.executable { b'x' } else { b'-' }]);
            hash.update(info.bytes.to_le_bytes());
            hash.update(contents.as_bytes());
        }
        Ok(Digest::from_bytes(hash.finalize().into()))
    }

    /// Returns the files that become outputs, in the order of the entries and of the paths within an entry.
    ///
    /// Errors are of kind `Manifest`; a pack that was loaded has none of them.
    pub fn templates(&self) -> Result<Vec<Template>> {
        let findings = Findings::new(&self.manifest_path, &self.manifest_text);
        let templates = templates::expand(&self.manifest, &self.files, &findings);
        self.fail_on(findings)?;
        Ok(templates)
    }

    /// Checks that a version of packbox is one that the pack works with. Errors are of kind `Resolution`.
    pub fn check_host(&self, host: &semver::Version) -> Result<()> {
        match &self.manifest.pack.packbox {
            Some(requirement) if !requirement.value.matches(host) => {
                let pack = &self.manifest.pack;
                let detail = format!("`{}` needs packbox {}, but this is {host}", pack.name.value, requirement.value);
                Err(Error::new(ErrorKind::Resolution, detail)
                    .at(self.span(&requirement.range))
                    .hint("use a version of packbox that fits, or a version of the pack for this one"))
            }
            _ => Ok(()),
        }
    }

    /// Checks that the pack needs no other pack, for what is done with one pack at a time. Errors are of kind `Resolution`.
    /// Optional dependencies are left out.
    pub fn check_dependencies(&self) -> Result<()> {
        let needed = self.manifest.dependencies.iter().find(|(_, dependency)| !dependency.optional);
        match needed {
            None => Ok(()),
            Some((name, Dependency { requirement: Spanned { value: requirement, range }, .. })) => {
                let detail = format!("the pack needs `{name} {requirement}`, and is not generated by itself");
                Err(Error::new(ErrorKind::Resolution, detail).at(self.span(range)).hint(said(
                    "`packbox generate` and `packbox compose` generate it together with what it needs",
                    "`Packbox::compose` generates packs together",
                )))
            }
        }
    }

    /// Checks what the manifest says about files, and the sizes of what is rendered.
    fn check_files(&self) -> Result<()> {
        let findings = Findings::new(&self.manifest_path, &self.manifest_text);
        let manifest = &*self.manifest;
        let message = manifest.pack.message.iter().map(|path| ("message", path));
        let components = manifest.plugins.values().map(|plugin| ("component", &plugin.component));
        let queries = manifest.queries.values().filter_map(|query| Some(("file", query.file()?)));
        let partials = manifest.pack.partials.iter().map(|path| ("partials", path));
        for (key, path) in message.chain(components).chain(queries).chain(partials) {
            if !self.files.contains_key(&path.value) {
                missing::referenced_file(key, path, &self.files, &findings);
            }
        }
        claims::check(manifest, &self.files, &findings);
        let templates = templates::expand(manifest, &self.files, &findings);
        self.fail_on(findings)?;

        let is_rendered = |template: &&Template| template.engine != TemplateEngine::Copy || !template.then.is_empty();
        let rendered = || templates.iter().filter(is_rendered);
        self.limits.check(&of_packs::templates, rendered().count() as u64, || format!("`{}`", self.label))?;
        let by_name = self.files.keys().filter(|path| engine_for(path) != TemplateEngine::Copy);
        let included = manifest.pack.partials.iter().map(|path| &path.value);
        for path in rendered().map(|template| &template.source).chain(by_name).chain(included) {
            if let Some(info) = self.files.get(path) {
                self.limits.check(&of_packs::template_bytes, info.bytes, || format!("`{}`", self.path_of(path)))?;
            }
        }
        Ok(())
    }

    fn fail_on(&self, findings: Findings<'_>) -> Result<()> {
        let findings = findings.into_sorted();
        if findings.is_empty() { Ok(()) } else { Err(super::manifest::invalid(&self.manifest_path, findings)) }
    }
}

fn read_ignore(contents: &Contents, label: &str) -> Result<Ignore> {
    let shown = Path::new(label).join(ignore::FILE_NAME).display().to_string();
    match contents.read(ignore::FILE_NAME, ignore::MAX_BYTES) {
        Ok(bytes) => match files::decode(bytes) {
            Ok(text) => Ok(Ignore::parse(&text)),
            Err(error) => Err(error.error(ErrorKind::Manifest, &format!("`{shown}`"), &shown)),
        },
        Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ignore::default()),
        Err(ReadError::Io(error)) => Err(Error::io(format!("cannot read `{shown}`"), error)),
        Err(ReadError::NotAFile) => {
            Err(Error::new(ErrorKind::Manifest, format!("`{shown}` is not a regular file")).ruled("manifest/entry"))
        }
        Err(ReadError::TooLarge(_)) => {
            let limit = crate::text::format_bytes(ignore::MAX_BYTES);
            Err(Error::new(ErrorKind::Manifest, format!("`{shown}` is larger than {limit}")))
        }
    }
}

fn too_large(limits: &PackLimits, limit: &Limit, bytes: u64, path: &str) -> Error {
    let checked = limits.check(limit, bytes, || format!("`{path}`"));
    checked.err().unwrap_or_else(|| Error::new(ErrorKind::Io, format!("`{path}` was changed while it was being read")))
}
