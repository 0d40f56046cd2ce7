//! Walks from folder to folder below the output folder, one open handle per level.
//!
//! Always true here: each folder is opened relative to the handle of the one above it and never through a link; over
//! sorted paths each folder is opened once; at most [`OutputPath::MAX_DEPTH`] handles are open.
//!
//! [`OutputPath::MAX_DEPTH`]: crate::pack::OutputPath::MAX_DEPTH

use super::folder::Folder;
use super::place::obstacle;
use crate::error::Result;

/// The way from the output folder to the folder that was asked for last.
pub(super) struct Walker<'a> {
    root: &'a Folder,
    /// The path of the last folder; empty for the output folder itself.
    path: String,
    /// For each folder on the way, where its name ends in `path`, and its handle.
    chain: Vec<(usize, Folder)>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(root: &'a Folder) -> Self {
        Self { root, path: String::new(), chain: Vec::new() }
    }

    /// Goes to the folder at a path (`/` separated, empty for the output folder).
    ///
    /// `enter` opens a folder of the given name and path in a folder that is open; where it gives none, so does this.
    /// Afterwards [`Walker::path`] is the path of the deepest folder that there is.
    pub(super) fn go(
        &mut self,
        path: &str,
        mut enter: impl FnMut(&Folder, &str, &str) -> Result<Option<Folder>>,
    ) -> Result<Option<&Folder>> {
        if path != self.path {
            self.go_back_to_common(path);
            while self.path.len() < path.len() {
                let start = if self.path.is_empty() { 0 } else { self.path.len() + 1 };
                let end = path[start..].find('/').map_or(path.len(), |length| start + length);
                let Some(folder) = enter(self.current(), &path[start..end], &path[..end])? else { return Ok(None) };
                path[..end].clone_into(&mut self.path);
                self.chain.push((end, folder));
            }
        }
        Ok(Some(self.current()))
    }

    /// Goes to the folder at a path; none where it, or one above it, does not exist.
    pub(super) fn open(&mut self, path: &str) -> Result<Option<&Folder>> {
        self.go(path, |folder, name, path| match folder.open(name) {
            Ok(opened) => Ok(Some(opened)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(obstacle(folder, name, path, "open", error)),
        })
    }

    /// The path of the folder that was reached last.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    fn current(&self) -> &Folder {
        self.chain.last().map_or(self.root, |(_, folder)| folder)
    }

    /// Leaves the folders that are not on the way to `path`.
    fn go_back_to_common(&mut self, path: &str) {
        while let Some((end, _)) = self.chain.last() {
            let is_on_the_way =
                path.get(..*end) == Some(&self.path[..*end]) && (path.len() == *end || path.as_bytes()[*end] == b'/');
            if is_on_the_way {
                break;
            }
            self.chain.pop();
        }
        self.path.truncate(self.chain.last().map_or(0, |(end, _)| *end));
    }
}

/// Splits a path into its folder (empty for the output folder) and its name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_of_sorted_paths_is_opened_once() {
        let place = tempfile::tempdir().unwrap();
        for folder in ["a-b/x", "a/b/c", "a/bc"] {
            std::fs::create_dir_all(place.path().join(folder)).unwrap();
        }
        let root = Folder::open_path(place.path()).unwrap();
        let mut walker = Walker::new(&root);
        let mut opened = Vec::new();
        for path in ["", "a-b", "a-b/x", "a", "a/b/c", "a/b", "a/bc", "a/bc", ""] {
            let folder = walker
                .go(path, |folder, name, path| {
                    opened.push(path.to_owned());
                    Ok(folder.open(name).ok())
                })
                .unwrap()
                .unwrap();
            let expected = Folder::open_path(&place.path().join(path)).unwrap();
            assert_eq!(folder.binding().unwrap(), expected.binding().unwrap());
            assert_eq!(walker.path(), path);
        }
        assert_eq!(opened, ["a-b", "a-b/x", "a", "a/b", "a/b/c", "a/bc"]);
        assert!(walker.open("a/none/x").unwrap().is_none());
        assert_eq!(walker.path(), "a");
    }
}
