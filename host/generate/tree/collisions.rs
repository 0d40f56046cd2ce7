//! Finds files whose paths clash: the same but for case or normalization, or a file where another needs a folder.
//!
//! Always true here: the answer does not depend on the machine, so a pack that works on Linux works on a system that
//! ignores case, too.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::file::TreeFile;
use crate::diagnostic::Span;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{OutputPath, PackName};
use crate::text::fold;

/// A file on a path, and who writes it.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Where it goes.
    pub path: &'a OutputPath,
    /// The template that it comes from.
    pub template: &'a str,
    /// The pack, where several are generated together; of a merged file the first one.
    pub pack: Option<&'a PackName>,
}

/// A path that a file takes up: its own, or one of its folders'.
struct Taken<'a> {
    path: &'a str,
    is_folder: bool,
    file: Standing<'a>,
    /// The file's number.
    number: usize,
}

/// Where in a manifest the output of a file is, by its number.
pub type Places<'p> = &'p dyn Fn(usize) -> Option<Span>;

impl<'a> From<&'a TreeFile> for Standing<'a> {
    fn from(file: &'a TreeFile) -> Self {
        let (path, owner) = (file.path(), file.owners().first());
        match owner {
            Some(owner) => Self { path, template: &owner.template, pack: Some(&owner.pack) },
            None => Self { path, template: &file.provenance().template, pack: None },
        }
    }
}

/// Checks that files, which are sorted by path, can stand beside each other.
///
/// # Errors
/// [`ErrorKind::Manifest`] where two of one pack can't, [`ErrorKind::Conflict`] where two of several packs can't: at the later
/// place of the two, naming both templates.
pub fn check<'a>(files: impl IntoIterator<Item = Standing<'a>>, place: Places<'_>) -> Result<()> {
    let files = files.into_iter();
    let mut taken: HashMap<String, Taken<'_>> = HashMap::with_capacity(files.size_hint().0 * 2);
    let mut last_folder = "";
    for (number, file) in files.enumerate() {
        let path = file.path.as_str();
        let folder = file.path.folder();
        if folder != last_folder {
            for (end, _) in path.match_indices('/') {
                take(&mut taken, Taken { path: &path[..end], is_folder: true, file, number }, place)?;
            }
            last_folder = folder;
        }
        take(&mut taken, Taken { path, is_folder: false, file, number }, place)?;
    }
    Ok(())
}

fn take<'a>(taken: &mut HashMap<String, Taken<'a>>, new: Taken<'a>, place: Places<'_>) -> Result<()> {
    match taken.entry(fold(new.path)) {
        Entry::Vacant(entry) => {
            entry.insert(new);
            Ok(())
        }
        Entry::Occupied(entry) => {
            let old = entry.get();
            if old.is_folder && new.is_folder && old.path == new.path {
                Ok(())
            } else {
                Err(collision(old, &new, place))
            }
        }
    }
}

/// Who writes two files.
fn writers(old: Standing<'_>, new: Standing<'_>) -> String {
    let template = |file: Standing<'_>| match file.pack {
        None => format!("`{}`", file.template),
        Some(pack) => format!("`{}` of `{pack}`", file.template),
    };
    match (template(old), template(new)) {
        (one, other) if one == other => format!("template {one}"),
        (one, other) => format!("templates {one} and {other}"),
    }
}

fn collision(old: &Taken<'_>, new: &Taken<'_>, place: Places<'_>) -> Error {
    let templates = writers(old.file, new.file);
    let detail = match (old.is_folder, new.is_folder) {
        (false, false) if old.path == new.path => format!("two files are written to `{}`, by {templates}", new.path),
        (false, false) => {
            format!("`{}` and `{}` are the same file on some systems, written by {templates}", old.path, new.path)
        }
        (true, true) => {
            format!("`{}` and `{}` are the same folder on some systems, written by {templates}", old.path, new.path)
        }
        (true, false) => format!("`{}` would be a file and `{}` a folder, written by {templates}", new.path, old.path),
        (false, true) => format!("`{}` would be a file and `{}` a folder, written by {templates}", old.path, new.path),
    };
    let kind = if old.file.pack == new.file.pack { ErrorKind::Manifest } else { ErrorKind::Conflict };
    let error = Error::new(kind, detail).ruled("output/clash");
    let later = [old, new].into_iter().filter_map(|taken| place(taken.number)).max_by_key(|place| place.start);
    let error = error
        .hint("give one of them another `output`; paths are compared without regard to case and Unicode normalization");
    match later {
        Some(place) => error.at(place),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Provenance, Tree};
    use super::*;
    use crate::digest::Digest;
    use crate::pack::OnConflict;

    fn file(path: &str, template: &str) -> TreeFile {
        let provenance = Provenance {
            template: template.to_owned(),
            template_digest: Digest::of(template.as_bytes()),
            engine: "copy".to_owned(),
            plugin_digest: None,
            then: Vec::new(),
            variables: Vec::new(),
            on_conflict: OnConflict::Own,
        };
        TreeFile::new(OutputPath::new(path).unwrap(), path.into(), false, provenance)
    }

    fn refusal(paths: [&str; 2]) -> String {
        let error = Tree::build(vec![file(paths[0], "one.j2"), file(paths[1], "two.j2")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Manifest);
        let detail = error.to_string();
        assert!(detail.contains("one.j2") && detail.contains("two.j2"), "{detail}");
        detail
    }

    #[test]
    fn trees_are_sorted() {
        let tree = Tree::build(["b/c", "a-b/c", "a", "b/a", "c"].map(|path| file(path, "t")).into()).unwrap();
        let paths: Vec<&str> = tree.files().iter().map(|file| file.path().as_str()).collect();
        assert_eq!(paths, ["a", "a-b/c", "b/a", "b/c", "c"]);
        assert_eq!(tree.get("b/a").map(TreeFile::contents), Some(&b"b/a"[..]));
        assert!(tree.get("b").is_none());
    }

    #[test]
    fn collisions_name_both_templates() {
        assert!(refusal(["a/b", "a/b"]).starts_with("two files are written to `a/b`"));
        assert!(refusal(["a/README", "A/readme"]).contains("folder"));
        assert!(refusal(["a/README", "a/readme"]).contains("the same file on some systems"));
        assert!(refusal(["\u{e9}", "E\u{301}"]).contains("the same file on some systems"));
        assert!(refusal(["x/Src/a", "x/src/b"]).contains("the same folder on some systems"));
        for paths in [["a", "a/b"], ["A", "a/b"], ["a/b", "A"], ["a/b/c", "a/b"]] {
            assert!(refusal(paths).contains("would be a file"), "{paths:?}");
        }
    }

    #[test]
    fn errors_do_not_depend_on_the_order_of_rendering() {
        assert_eq!(refusal(["x", "x"]), {
            let error = Tree::build(vec![file("x", "two.j2"), file("x", "one.j2")]).unwrap_err();
            error.to_string()
        });
    }
}
