//! The `compose.toml` that a plan was made from, held to what it was then.
//!
//! Always true here: no digest is kept of a file in which a secret stands.

use std::path::Path;

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::plan::PlannedSettings;
use crate::secrets::Secrets;
use crate::text::printable_line;

/// The largest file that is read, in bytes; none that is larger was read to make a plan.
const LARGEST: u64 = 10_000_000;

/// What a plan keeps of the file; nothing where a secret stands in it.
///
/// # Errors
/// [`ErrorKind::Io`] where it can no longer be read.
pub fn pin(file: &Path, secrets: &Secrets) -> Result<Option<PlannedSettings>> {
    let io = |error| Error::io(format!("cannot read `{}`", printable_line(&file.display().to_string())), error);
    let bytes = files::read_regular(file, LARGEST).map_err(io)?;
    let text = String::from_utf8_lossy(&bytes);
    if secrets.redact_contents(&text) != text {
        return Ok(None);
    }
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    Ok(Some(PlannedSettings { path: path.display().to_string(), sha256: Digest::of(&bytes) }))
}

/// Refuses where the file says something else by now, or is gone.
///
/// # Errors
/// [`ErrorKind::Integrity`].
pub fn check(settings: &PlannedSettings) -> Result<()> {
    let shown = printable_line(&settings.path);
    let hint = "look at what changed, and make a new plan";
    let changed = || Error::new(ErrorKind::Integrity, format!("changed since the plan was made: {shown}")).hint(hint);
    match files::read_regular(Path::new(&settings.path), LARGEST) {
        Ok(bytes) if Digest::of(&bytes) == settings.sha256 => Ok(()),
        Ok(_) => Err(changed()),
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => Err(changed()),
        Err(error) => {
            let detail = format!("gone since the plan was made, or can't be read: {shown}");
            Err(Error::new(ErrorKind::Integrity, detail).caused_by(error).hint(hint))
        }
    }
}
