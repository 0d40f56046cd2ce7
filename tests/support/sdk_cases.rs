//! The SDK as packbox carries it, for the projects that `packbox plugin new` makes.

use std::fs;
use std::path::{Path, PathBuf};

use super::hostile_cases::append;
use super::project_cases::files;

/// `plugins/prebuilt/sdk.tar` is `plugins/sdk`, with the files of `wit/` in the place of its link.
pub fn archived() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crate_folder = root.join("plugins/sdk");
    let mut members: Vec<(String, PathBuf)> = Vec::new();
    for (folder, prefix) in [(crate_folder, ""), (root.join("wit"), "wit/")] {
        let mut found = Vec::new();
        files(&folder, &mut found);
        for path in found {
            let relative = path.strip_prefix(&folder).map_err(|error| error.to_string())?;
            members.push((format!("{prefix}{}", relative.to_string_lossy()), path));
        }
    }
    members.sort();
    let mut archive = tar::Builder::new(Vec::new());
    for (name, path) in members {
        let bytes = fs::read(&path).map_err(|error| error.to_string())?;
        append(&mut archive, &name, &bytes)?;
    }
    let bytes = archive.into_inner().map_err(|error| error.to_string())?;
    let path = root.join("plugins/prebuilt/sdk.tar");
    if std::env::vars_os().any(|(name, value)| name == "BLESS" && value == "1") {
        return fs::write(path, bytes).map_err(|error| error.to_string());
    }
    if fs::read(&path).is_ok_and(|shipped| shipped == bytes) {
        return Ok(());
    }
    Err("plugins/prebuilt/sdk.tar is not plugins/sdk (BLESS=1 makes it anew; then build again)".to_owned())
}
