//! Which packs the arguments of a command name: packs, folders of packs, and globs.
//!
//! Always true here: what a folder or a glob stands for is sorted, and no pack is there twice, however it is named; links
//! are not followed where packs are looked for, and below a pack no other is.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::cli::library::{Named, ambiguous, by_form, refuse_value};
use crate::cli::session::{Session, shown};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::pack::{ARCHIVE_EXTENSION, MANIFEST_NAME, ManifestView};
use crate::text::format_bytes;

/// How many files and folders are looked at for one argument.
const MOST_ENTRIES: usize = 1_000_000;

/// How deep packs are looked for.
const DEEPEST: usize = 16;

/// The most that is read of a manifest for its name.
const MOST_OF_MANIFEST: u64 = 4 << 20;

/// The longest glob, in bytes.
const LONGEST_GLOB: usize = 4096;

/// The packs that arguments name, in their order.
///
/// # Errors
/// `NotFound` where a glob matches no pack; `Usage` where it is none, or a folder is too large to look through; `Io`.
pub fn named(arguments: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut packs = Vec::new();
    for argument in arguments {
        packs.extend(one(argument)?);
    }
    let mut seen = BTreeSet::new();
    packs.retain(|pack| seen.insert(identity(pack)));
    Ok(packs)
}

impl Session {
    /// The packs that arguments name, in their order, those below folders included.
    ///
    /// # Errors
    /// Those of [`named`]; `Usage` where a folder of packs has the name of an installed one.
    pub fn named(&self, arguments: &[PathBuf]) -> Result<Vec<PathBuf>> {
        for argument in arguments.iter().filter(|argument| argument.is_dir()) {
            let Named::Name(wanted) = by_form(argument)? else { continue };
            let is_folder_of_packs =
                || named(std::slice::from_ref(argument)).is_ok_and(|packs| packs != [argument.clone()]);
            if let Some(installed) = self.installed(&wanted).filter(|_| is_folder_of_packs()) {
                return Err(ambiguous(argument, "a folder of packs here", &installed));
            }
        }
        let mut packs = named(arguments)?;
        // What a glob found is a path, whatever is installed under that name.
        for pack in packs.iter_mut().filter(|pack| !arguments.contains(pack)) {
            if let Named::Name(wanted) = by_form(pack)?
                && self.installed(&wanted).is_some()
            {
                *pack = Path::new(".").join(&*pack);
            }
        }
        Ok(packs)
    }
}

fn one(argument: &Path) -> Result<Vec<PathBuf>> {
    if argument.symlink_metadata().is_err() {
        return match argument.to_str().filter(|text| text.contains(['*', '?', '[', '{'])) {
            Some(glob) => matching(glob),
            // A name, or what is not there.
            None => refuse_value(argument).map(|()| vec![argument.to_owned()]),
        };
    }
    if !argument.is_dir() || is_pack(argument) {
        return Ok(vec![argument.to_owned()]);
    }
    let mut packs = Vec::new();
    below(argument, &mut packs, &mut 0)?;
    // A folder in which there is no pack is told as one that is none.
    Ok(if packs.is_empty() { vec![argument.to_owned()] } else { packs })
}

fn is_pack(folder: &Path) -> bool {
    folder.join(MANIFEST_NAME).symlink_metadata().is_ok()
}

/// Finds the packs below a folder that is none: sorted, without links and hidden folders.
fn below(folder: &Path, packs: &mut Vec<PathBuf>, looked_at: &mut usize) -> Result<()> {
    walk(
        folder,
        &mut |path, is_folder| {
            if !is_folder || is_hidden(path) {
                return false;
            }
            if is_pack(path) {
                packs.push(path.to_owned());
                return false;
            }
            true
        },
        looked_at,
    )
}

/// Which packs there are near: more than commands look for, as whoever names one of these in settings made no mistake.
#[derive(Default)]
pub struct Near {
    /// The names of those that are folders, as their manifests say them.
    pub names: BTreeSet<String>,
    /// Archives, which nobody read.
    pub archives: Vec<PathBuf>,
    /// Whether there may be more: what is below could not be looked through, or the name of one could not be read.
    pub is_partial: bool,
    /// The folders that were looked through.
    seen: Vec<PathBuf>,
}

impl Near {
    /// Looks for packs in a folder and below: also in packs, and behind links.
    pub fn look(&mut self, folder: &Path) {
        let root = folder.canonicalize().unwrap_or_default();
        let (mut waiting, mut looked_at) = (vec![folder.to_owned()], 0);
        while let Some(folder) = waiting.pop() {
            let Ok(whole) = folder.canonicalize() else {
                self.is_partial = true;
                continue;
            };
            if is_pack(&folder) {
                self.add(&folder);
            }
            // Neither what was seen, nor what all of this is in.
            let is_above = whole != root && root.starts_with(&whole);
            if is_above || self.seen.iter().any(|seen| is_seen_below(seen, &whole)) {
                continue;
            }
            self.seen.push(whole);
            let mut look = |path: &Path, is_folder: bool| {
                if is_hidden(path) {
                    return false;
                }
                if is_folder && is_pack(path) {
                    self.add(path);
                } else if !is_folder && path.is_dir() {
                    waiting.push(path.to_owned());
                } else if path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION) && path.is_file() {
                    self.archives.push(path.to_owned());
                }
                is_folder
            };
            let looked = walk(&folder, &mut look, &mut looked_at);
            self.is_partial |= looked.is_err();
        }
    }

    fn add(&mut self, pack: &Path) {
        let manifest = files::read_regular(&pack.join(MANIFEST_NAME), MOST_OF_MANIFEST).ok();
        let json = manifest.and_then(|manifest| Some(ManifestView::of(files::text(&manifest).ok()?).json));
        match json.as_ref().and_then(|json| json.pointer("/pack/name")?.as_str()) {
            Some(name) => drop(self.names.insert(name.to_owned())),
            None => self.is_partial = true,
        }
    }
}

/// Whether who looked through `seen` came by `folder`: not in what is hidden.
fn is_seen_below(seen: &Path, folder: &Path) -> bool {
    folder.strip_prefix(seen).is_ok_and(|below| !below.ancestors().any(is_hidden))
}

/// Finds what a glob matches: packs, also by their manifests, archives, and the packs below folders that are none.
fn matching(glob: &str) -> Result<Vec<PathBuf>> {
    let invalid = |why: String| Error::new(ErrorKind::Usage, format!("the glob `{}` {why}", shown(Path::new(glob))));
    if glob.len() > LONGEST_GLOB {
        return Err(invalid(format!("is longer than {}", format_bytes(LONGEST_GLOB as u64))));
    }
    let matcher = GlobBuilder::new(glob.strip_prefix("./").unwrap_or(glob)).literal_separator(true).build();
    let matcher = matcher.map_err(|error| invalid(format!("can't be read: {}", error.kind())))?.compile_matcher();
    let start = start_of(glob);
    let (mut packs, mut looked_at) = (Vec::new(), 0);
    let mut folders = Vec::new();
    // As in a shell, a `*` does not stand for what is hidden.
    let wants_hidden = glob[start.as_os_str().len()..].split('/').any(|part| part.starts_with('.'));
    if start.as_os_str().is_empty() || start.is_dir() {
        walk(
            &start,
            &mut |path, is_folder| {
                let seen = wants_hidden || !is_hidden(path);
                if seen && matches(&matcher, path) {
                    match is_folder {
                        true if is_pack(path) => packs.push(path.to_owned()),
                        true => folders.push(path.to_owned()),
                        false if path.extension().is_some_and(|extension| extension == ARCHIVE_EXTENSION) => {
                            packs.push(path.to_owned());
                        }
                        false if is_manifest(path) => packs.push(plain(path.parent().unwrap_or(path))),
                        false => {}
                    }
                }
                is_folder && seen
            },
            &mut looked_at,
        )?;
    }
    for folder in folders {
        below(&folder, &mut packs, &mut looked_at)?;
    }
    if packs.is_empty() {
        let detail = format!("no pack matches `{}`", shown(Path::new(glob)));
        return Err(Error::new(ErrorKind::NotFound, detail)
            .hint("a pack is a folder with a `pack.toml`, or a `.pack` archive; `**` matches folders in folders"));
    }
    packs.sort();
    Ok(packs)
}

fn matches(matcher: &GlobMatcher, path: &Path) -> bool {
    matcher.is_match(path.strip_prefix(".").unwrap_or(path))
}

/// The folder that a glob begins in: what stands before its first sign of its own.
fn start_of(glob: &str) -> PathBuf {
    let before = &glob[..glob.find(['*', '?', '[', '{']).unwrap_or(glob.len())];
    before.rfind('/').map_or_else(PathBuf::new, |end| PathBuf::from(&before[..=end]))
}

/// Shows everything below a folder to `enter`, sorted, which says whether to go into a folder.
fn walk(folder: &Path, enter: &mut dyn FnMut(&Path, bool) -> bool, looked_at: &mut usize) -> Result<()> {
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let read = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        let unreadable = |error| Error::io(format!("cannot read the folder `{}`", shown(read)), error);
        let mut entries = Vec::new();
        for entry in read.read_dir().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            *looked_at += 1;
            if *looked_at > MOST_ENTRIES {
                let detail = format!("there are more than {MOST_ENTRIES} files below `{}`", shown(&folder));
                return Err(
                    Error::new(ErrorKind::Usage, detail).hint("name the packs, or a folder that holds only them")
                );
            }
            entries.push((folder.join(entry.file_name()), entry.file_type().map_err(unreadable)?.is_dir()));
        }
        entries.sort();
        let mut inner = Vec::new();
        for (path, is_folder) in entries {
            if enter(&path, is_folder) && depth < DEEPEST {
                inner.push((path, depth + 1));
            }
        }
        waiting.extend(inner.into_iter().rev());
    }
    Ok(())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// What a pack is, however it was named: through a link, or by its manifest. A name is no path.
fn identity(pack: &Path) -> PathBuf {
    let folder = if is_manifest(pack) && pack.is_file() { pack.parent().unwrap_or(pack) } else { pack };
    let folder = plain(folder);
    folder.canonicalize().unwrap_or(folder)
}

fn is_manifest(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == MANIFEST_NAME)
}

/// A path without what changes nothing: `./a/` is `a`.
fn plain(path: &Path) -> PathBuf {
    let plain: PathBuf = path.components().filter(|component| *component != Component::CurDir).collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> tempfile::TempDir {
        let scratch = tempfile::tempdir().expect("a folder");
        for pack in ["packs/b", "packs/a", "packs/group/c", "packs/a/inner", "packs/.hidden/d"] {
            let folder = scratch.path().join(pack);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join(MANIFEST_NAME), "").expect("a file");
        }
        std::fs::create_dir_all(scratch.path().join("packs/shared")).expect("a folder");
        std::fs::write(scratch.path().join("packs/README.md"), "").expect("a file");
        std::fs::write(scratch.path().join("packs/z.pack"), "").expect("a file");
        std::os::unix::fs::symlink("..", scratch.path().join("packs/loop")).expect("a link");
        scratch
    }

    fn found(scratch: &Path, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<PathBuf> = arguments.iter().map(|argument| scratch.join(argument)).collect();
        let packs = named(&arguments).expect("packs");
        packs.iter().map(|pack| pack.strip_prefix(scratch).expect("below").display().to_string()).collect()
    }

    #[test]
    fn what_is_near_is_known() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (here, elsewhere) = (scratch.path().join("here"), scratch.path().join("elsewhere"));
        let pack = |folder: &Path, text: &str| {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join(MANIFEST_NAME), text).expect("a file");
        };
        for (folder, name) in [("a", "a"), ("a/inner", "inner"), ("group/c", "c"), (".hidden/d", "d")] {
            pack(&here.join(folder), &format!("[pack]\nname = \"{name}\"\n"));
        }
        pack(&elsewhere.join("group/e"), "[pack]\nname = \"e\"\n");
        std::fs::create_dir(here.join("dist")).expect("a folder");
        std::fs::write(here.join("dist/other.pack"), "").expect("a file");
        for (to, link) in [("..", "loop"), ("a", "to-a"), ("../elsewhere", "away"), (".hidden/d", "d"), ("gone", "no")]
        {
            std::os::unix::fs::symlink(to, here.join(link)).expect("a link");
        }
        let look = || {
            let mut near = Near::default();
            near.look(&here);
            near
        };
        let near = look();
        assert_eq!(near.names.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "c", "d", "e", "inner"]);
        assert_eq!(near.archives, [here.join("dist/other.pack")]);
        assert!(!near.is_partial);
        pack(&here.join("broken"), "[pack\nname = \"broken\"\n");
        assert!(look().is_partial);
    }

    #[test]
    fn folders_and_globs_stand_for_packs() {
        let scratch = scene();
        std::os::unix::fs::symlink("b", scratch.path().join("packs/to-b")).expect("a link");
        let cases: [(&[&str], &[&str]); 11] = [
            (&["packs"], &["packs/a", "packs/b", "packs/group/c"]),
            (&["packs/*"], &["packs/a", "packs/b", "packs/group/c", "packs/z.pack"]),
            (&["packs/[ab]", "packs"], &["packs/a", "packs/b", "packs/group/c"]),
            (&["packs/b", "packs"], &["packs/b", "packs/a", "packs/group/c"]),
            (&["packs/**/c"], &["packs/group/c"]),
            (&["packs/*.pack", "packs/b", "packs/b/"], &["packs/z.pack", "packs/b"]),
            (&["packs/*/pack.toml"], &["packs/a", "packs/b"]),
            (&["packs/a/pack.toml", "packs/a", "packs/*/pack.toml"], &["packs/a/pack.toml", "packs/b"]),
            (&["packs/to-b", "packs/b"], &["packs/to-b"]),
            (&["packs/shared", "absent"], &["packs/shared", "absent"]),
            (&["packs/a/inner"], &["packs/a/inner"]),
        ];
        for (arguments, packs) in cases {
            assert_eq!(found(scratch.path(), arguments), packs, "{arguments:?}");
        }
        for glob in ["packs/*.zip", "nowhere/*", "packs/READ*"] {
            assert_eq!(named(&[scratch.path().join(glob)]).expect_err("nothing").kind(), ErrorKind::NotFound, "{glob}");
        }
        assert_eq!(named(&[PathBuf::from("packs/[a")]).expect_err("no glob").kind(), ErrorKind::Usage);
    }
}
