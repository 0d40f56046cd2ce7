//! Looking for changes in a plugin project, while one waits and since it was built: by size and time of its files.
//!
//! Always true here: files are looked at, not read; links are not followed; at most [`MOST_FILES`] files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::project::Project;
use crate::interrupt::Interrupt;

/// Files beyond which a change is no longer seen.
const MOST_FILES: usize = 20_000;
/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(300);
/// What tools make, or keep for themselves.
const NOT_SOURCES: &[&str] = &["target", "node_modules", "__pycache__"];

/// Files whose times differ by less were written by one checkout.
const WRITTEN_TOGETHER: Duration = Duration::from_secs(2);
/// The folder of what a plugin is tested with.
const CASES: &str = "cases";

/// What files looked like.
type Look = BTreeMap<PathBuf, (u64, Option<SystemTime>)>;

/// Watches a project's folder.
#[derive(Debug)]
pub struct Watcher {
    folder: PathBuf,
    component: PathBuf,
    seen: Look,
}

impl Watcher {
    /// Remembers how a project looks now.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        let (folder, component) = (project.folder.clone(), project.component());
        let seen = look(&folder, &component);
        Self { folder, component, seen }
    }

    /// Waits until the project changed and then kept still for a moment; none where the user interrupted.
    pub fn changed(&mut self, interrupt: &Interrupt) -> Option<()> {
        let mut moving = false;
        loop {
            let until = std::time::Instant::now() + EVERY;
            while std::time::Instant::now() < until {
                if interrupt.is_set() {
                    return None;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            let now = look(&self.folder, &self.component);
            let changed = now != self.seen;
            self.seen = now;
            if moving && !changed {
                return Some(());
            }
            moving |= changed;
        }
    }
}

/// The source of a project that is newer than its component, where one is: the component does not have its last change.
#[must_use]
pub fn newer_source(project: &Project) -> Option<PathBuf> {
    let component = project.component();
    let built = std::fs::metadata(&component).and_then(|metadata| metadata.modified()).ok()?;
    let cases = project.folder.join(CASES);
    let is_source = |path: &Path| !path.starts_with(&cases) && !is_text(path);
    let sources = look(&project.folder, &component).into_iter().filter(|(path, _)| is_source(path));
    let (changed, newest) = sources.filter_map(|(path, (_, changed))| Some((changed?, path))).max()?;
    (changed.duration_since(built).ok()? > WRITTEN_TOGETHER).then_some(newest)
}

/// Whether a file is for people, and no build reads it.
fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md" || extension == "txt")
}

fn look(folder: &Path, component: &Path) -> Look {
    let mut found = Look::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (name, path) = (entry.file_name(), entry.path());
            let name = name.to_string_lossy();
            let Ok(metadata) = entry.metadata() else { continue };
            if name.starts_with('.') || NOT_SOURCES.contains(&&*name) || path == component {
                continue;
            }
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.is_file() && found.len() < MOST_FILES {
                found.insert(path, (metadata.len(), metadata.modified().ok()));
            }
        }
    }
    found
}
