//! The names in an archive: each once, and no two of them one name on some system.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::pack::names::PackPath;
use crate::show::quoted;
use crate::text::fold;

/// Files and folders so far, the folders above each of them included, by their folded path.
#[derive(Default)]
pub(super) struct Names(HashMap<String, Name>);

struct Name {
    path: String,
    kind: Kind,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A folder with an entry of its own.
    Folder,
    /// A folder that is above another entry, and has had none of its own.
    Implied,
}

impl Names {
    /// Returns how many there are.
    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Adds an entry; errors say what it clashes with, as a clause.
    pub(super) fn add(&mut self, path: &PackPath, kind: Kind) -> Result<(), String> {
        let path = path.as_str();
        let folded = fold(path);
        // Folding goes component by component, so folded paths have as many of them.
        let above = folded.rmatch_indices('/').zip(path.rmatch_indices('/'));
        let above: Vec<(usize, usize)> = above.map(|((folded, _), (plain, _))| (folded, plain)).collect();
        for (folded_end, end) in above {
            match self.0.get(&folded[..folded_end]) {
                // What is above a known folder is known.
                Some(name) if name.kind != Kind::File && name.path == path[..end] => break,
                Some(name) => return Err(clash(name, &path[..end], Kind::Implied)),
                None => {
                    let name = Name { path: path[..end].to_owned(), kind: Kind::Implied };
                    self.0.insert(folded[..folded_end].to_owned(), name);
                }
            }
        }
        match self.0.entry(folded) {
            Entry::Vacant(entry) => {
                entry.insert(Name { path: path.to_owned(), kind });
            }
            Entry::Occupied(mut entry) => {
                let name = entry.get_mut();
                if (name.kind, kind) != (Kind::Implied, Kind::Folder) || name.path != path {
                    return Err(clash(name, path, kind));
                }
                name.kind = Kind::Folder;
            }
        }
        Ok(())
    }
}

fn clash(old: &Name, path: &str, kind: Kind) -> String {
    let (old_is_file, new_is_file) = (old.kind == Kind::File, kind == Kind::File);
    let (old_path, path) = (quoted(&old.path), quoted(path));
    match (old_is_file, new_is_file) {
        (true, true) | (false, false) if old_path == path => format!("it has {path} twice"),
        (true, true) => format!("{old_path} and {path} are the same file on some systems"),
        (false, false) => format!("{old_path} and {path} are the same folder on some systems"),
        (true, false) => format!("{old_path} is a file and {path} a folder"),
        (false, true) => format!("{path} is a file and {old_path} a folder"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clash_of(entries: &[(&str, Kind)]) -> String {
        let mut names = Names::default();
        entries
            .iter()
            .find_map(|(path, kind)| names.add(&PackPath::new(path).unwrap(), *kind).err())
            .unwrap_or_default()
    }

    #[test]
    fn what_is_one_name_somewhere_clashes() {
        use Kind::{File, Folder};
        for (entries, expected) in [
            ([("a", File), ("b", File)], ""),
            ([("a/b", File), ("a/c", File)], ""),
            ([("a/b", File), ("a", Folder)], ""),
            ([("a", Folder), ("a/b", File)], ""),
            ([("a", File), ("a", File)], "it has `a` twice"),
            ([("a", Folder), ("a", Folder)], "it has `a` twice"),
            ([("a/B", File), ("a/b", File)], "`a/B` and `a/b` are the same file on some systems"),
            ([("\u{e9}", File), ("E\u{301}", File)], "`\u{e9}` and `E\u{301}` are the same file on some systems"),
            ([("x/A/b", File), ("x/a/c", File)], "`x/A` and `x/a` are the same folder on some systems"),
            ([("A", Folder), ("a/c", File)], "`A` and `a` are the same folder on some systems"),
            ([("a/c", File), ("A", Folder)], "`a` and `A` are the same folder on some systems"),
            ([("a", File), ("a/b", File)], "`a` is a file and `a` a folder"),
            ([("a/b", File), ("a", File)], "`a` is a file and `a` a folder"),
            ([("A", File), ("a/b/c", File)], "`A` is a file and `a` a folder"),
            ([("a", Folder), ("a", File)], "`a` is a file and `a` a folder"),
        ] {
            assert_eq!(clash_of(&entries), expected, "{:?}", entries.map(|(path, _)| path));
        }
    }

    #[test]
    fn folders_above_are_counted_once() {
        let mut names = Names::default();
        for path in ["a/b/c", "a/b/d", "a/e"] {
            names.add(&PackPath::new(path).unwrap(), Kind::File).unwrap();
        }
        assert_eq!(names.len(), 5);
    }
}
