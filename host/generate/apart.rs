//! That what is generated is not written into the pack it is generated from.
//!
//! Always true here: nothing is written; what paths lead to is compared, and not how they are spelled, so that links, `..`
//! and another case of letters make no difference. A folder that `.packboxignore` leaves out is no part of the pack.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::commit::{Survey, check_place};
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{OutputPath, Pack};
use crate::show::count;
use crate::text::{fold, printable_line};

/// A pack and an output folder that is none of its own.
#[derive(Debug)]
pub struct Apart {
    /// The pack's folder or file, where it lies below the output folder.
    below: Option<Below>,
}

#[derive(Debug)]
struct Below {
    /// The output folder.
    out: PathBuf,
    /// The pack, as it is found from there.
    pack: PathBuf,
    /// The pack, as the user knows it.
    label: String,
}

impl Apart {
    /// Looks where an output folder and a pack lie.
    ///
    /// # Errors
    /// `Usage` where the output folder is the pack's own, or would be a part of it; those of looking at it where it is no
    /// folder.
    pub fn of(pack: &Pack, out: &Path) -> Result<Self> {
        let apart = Self::compared(pack, out)?;
        check_place(out)?;
        Ok(apart)
    }

    fn compared(pack: &Pack, out: &Path) -> Result<Self> {
        let nothing = Self { below: None };
        // What can't be found is told by who opens it.
        let Some(place) = pack.place().and_then(|place| place.canonicalize().ok()) else { return Ok(nothing) };
        let Some((there, missing)) = existing(out) else { return Ok(nothing) };
        let shown = printable_line(&out.display().to_string());
        if let Some(above) = there.ancestors().find(|above| is_same(above, &place)) {
            let mut inner = there.strip_prefix(above).map(Path::to_owned).unwrap_or_default();
            inner.extend(&missing);
            let inner = inner.to_string_lossy().replace('\\', "/");
            if inner.is_empty() {
                let detail = format!("the output folder `{shown}` is the pack's own folder");
                return Err(Error::new(ErrorKind::Usage, detail)
                    .hint("what is generated would become a part of the pack; name a folder outside of it"));
            }
            if !pack.leaves_out(&inner)? {
                let detail = format!("the output folder `{shown}` lies within the pack, and would become a part of it");
                let inner = printable_line(&inner);
                return Err(Error::new(ErrorKind::Usage, detail).hint(format!(
                    "name a folder outside of the pack, or leave this one out of it, with the line `/{inner}/` in its \
                     `.packboxignore`"
                )));
            }
            return Ok(nothing);
        }
        let above = place.ancestors().skip(1).find(|above| missing.is_empty() && is_same(above, &there));
        let pack_from_there = above.and_then(|above| place.strip_prefix(above).ok()).map(Path::to_owned);
        let label = pack.label.clone();
        Ok(Self { below: pack_from_there.map(|pack| Below { out: there, pack, label }) })
    }

    /// Checks what would be written or taken away, with `prune` what an earlier run left behind, too.
    ///
    /// # Errors
    /// `Usage` where a file is the pack, or in its folder.
    pub fn check(&self, survey: &Survey<'_>, prune: bool) -> Result<()> {
        let leftovers = survey.leftovers().iter().filter(|_| prune).map(|leftover| &leftover.recorded.path);
        self.check_paths(survey.files().map(|(file, _)| file.path()).chain(survey.making_way()).chain(leftovers))
    }

    fn check_paths<'p>(&self, paths: impl Iterator<Item = &'p OutputPath>) -> Result<()> {
        let Some(Below { out, pack, label }) = &self.below else { return Ok(()) };
        let depth = pack.components().count();
        let folded = fold(&pack.to_string_lossy().replace('\\', "/"));
        // How the pack may be spelled where case makes no difference, and whether it is the pack.
        let mut spelled: BTreeMap<String, bool> = BTreeMap::new();
        let mut within = Vec::new();
        for path in paths {
            let begin = path.as_str().split('/').take(depth).collect::<Vec<_>>().join("/");
            if fold(&begin) != folded {
                continue;
            }
            if *spelled.entry(begin).or_insert_with_key(|begin| is_same(&out.join(begin), &out.join(pack))) {
                within.push(path);
            }
        }
        let Some(first) = within.first() else { return Ok(()) };
        let label = printable_line(label);
        let detail = match within.len() {
            1 => format!("`{first}` would be changed, and lies in the pack itself, `{label}`"),
            several => {
                let files = count(several, "file");
                format!("{files} that would be changed lie in the pack itself, `{label}`: `{first}` is the first")
            }
        };
        let hint = said("generate into another folder, with `--output`", "write to another folder");
        Err(Error::new(ErrorKind::Usage, detail).hint(hint))
    }
}

/// What there is of a path, without links, and what is missing below; none where that can't be said.
fn existing(path: &Path) -> Option<(PathBuf, Vec<OsString>)> {
    let absolute = std::path::absolute(path).ok()?;
    let mut missing = Vec::new();
    let mut there = absolute.as_path();
    loop {
        if let Ok(found) = there.canonicalize() {
            missing.reverse();
            return Some((found, missing));
        }
        // `..` below what does not exist is refused by who would make it.
        let Component::Normal(name) = there.components().next_back()? else { return None };
        missing.push(name.to_owned());
        there = there.parent()?;
    }
}

/// Whether two paths lead to the same folder or file.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let identity = |path: &Path| path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
        identity(one).is_some_and(|one| identity(other) == Some(one))
    }
    #[cfg(not(unix))]
    {
        one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::pack::PackLimits;

    #[test]
    fn what_leads_into_the_pack_is_refused_however_it_is_spelled() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |path: &str| scratch.path().join(path);
        fs::create_dir_all(at("packs/one/templates")).unwrap();
        fs::write(at("packs/one/pack.toml"), "[pack]\nname = \"one\"\nversion = \"1.0.0\"\n").unwrap();
        fs::write(at("packs/one/.packboxignore"), "/made/\n").unwrap();
        symlink(at("packs"), at("link")).unwrap();
        for named in ["packs/one", "link/one", "packs/one/templates/.."] {
            let pack = Pack::load(&at(named), &PackLimits::default()).unwrap();
            for out in
                ["packs/one", "link/one/.", "packs/one/new/deep", "link/../packs/one/templates", "packs/one/made/.."]
            {
                fs::create_dir_all(at("packs/one/made")).unwrap();
                let error = Apart::of(&pack, &at(out)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Usage, "{named} {out}");
            }
            for out in ["packs/one/made/new", "packs/two", "packs/one-more"] {
                Apart::of(&pack, &at(out)).unwrap();
            }
            let paths = ["one/a", "two/a", "one-more", "One/a", "one"].map(|path| OutputPath::new(path).unwrap());
            let within =
                |out: &str, paths: &[OutputPath]| Apart::compared(&pack, &at(out)).unwrap().check_paths(paths.iter());
            assert_eq!(within("link", &paths).unwrap_err().kind(), ErrorKind::Usage);
            within("packs", &paths[1..4]).unwrap();
            within("packs", &paths[4..]).unwrap_err();
            within("packs/two", &paths).unwrap();
        }
        let bytes = Pack::load(&at("packs/one"), &PackLimits::default()).unwrap().to_archive().unwrap();
        fs::write(at("packs/one.pack"), bytes).unwrap();
        let archive = Pack::load(&at("packs/one.pack"), &PackLimits::default()).unwrap();
        let apart = Apart::of(&archive, &at("packs")).unwrap();
        apart.check_paths([OutputPath::new("one.pack").unwrap()].iter()).unwrap_err();
        apart.check_paths([OutputPath::new("one/a").unwrap()].iter()).unwrap();
    }
}
