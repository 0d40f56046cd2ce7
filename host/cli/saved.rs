//! Writing the files that options name: plans, records, baselines, traces, pictures.
//!
//! Always true here: what is replaced is a file of the same sort, or an empty one, and it is the old one until the new one is
//! complete. What is neither file nor folder, such as a pipe, is written to as it is.

use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::check::baseline;
use crate::cli::session::shown;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::measure::{MAX_RECORD_BYTES, is_flamegraph, is_record};

/// What an option writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What `plan` saves.
    Plan,
    /// A call of a plugin.
    Record,
    /// Findings that are accepted.
    Findings,
    /// What `bench` measured.
    Figures,
    /// The spans of runs.
    Trace,
    /// A flamegraph.
    Flame,
}

impl Sort {
    /// As a noun with its article.
    const fn name(self) -> &'static str {
        match self {
            Self::Plan => "a plan",
            Self::Record => "a record",
            Self::Findings => "a baseline of findings",
            Self::Figures => "a baseline of `bench` or `plugin bench`",
            Self::Trace => "a trace of `profile`",
            Self::Flame => "a flamegraph",
        }
    }

    /// Whether bytes are of this sort, whatever version of packbox wrote them.
    fn is(self, bytes: &[u8]) -> bool {
        match self {
            Self::Plan => serde_json::from_slice::<PlanMarks>(bytes).is_ok(),
            Self::Record => is_record(bytes),
            Self::Findings => baseline::is_one(bytes),
            Self::Figures => serde_json::from_slice::<FiguresMarks>(bytes).is_ok(),
            Self::Trace => serde_json::from_slice::<TraceMarks>(bytes).is_ok(),
            Self::Flame => is_flamegraph(bytes),
        }
    }
}

/// What every plan has.
#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are there is what counts")]
struct PlanMarks {
    format: u64,
    packbox: String,
    leading: IgnoredAny,
    packs: Vec<PackMarks>,
}

/// What every plan has of a pack.
#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are there is what counts")]
struct PackMarks {
    pack: IgnoredAny,
    files: Vec<IgnoredAny>,
}

/// What every baseline of figures has.
#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are there is what counts")]
struct FiguresMarks {
    #[serde(rename = "packbox-bench")]
    version: u64,
    cases: IgnoredAny,
}

/// What every trace of ours has, and few others.
#[derive(Deserialize)]
#[expect(dead_code, reason = "that they are there is what counts")]
#[serde(rename_all = "camelCase")]
struct TraceMarks {
    trace_events: Vec<IgnoredAny>,
    other_data: Lost,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "that it is there is what counts")]
struct Lost {
    lost: u64,
}

/// Refuses a place where something else stands, before any work is done for the file that an option names.
///
/// # Errors
/// `Conflict` where a folder or a file of another sort is there; `Io` where there is no folder for it.
pub fn check(path: Option<&Path>, sort: Sort) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    let conflict = |detail: String, hint: &str| Err(Error::new(ErrorKind::Conflict, detail).hint(hint));
    match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => {
            conflict(format!("`{}` is a folder, not {}", shown(path), sort.name()), "name a file")
        }
        Ok(there) if there.is_file() && there.len() > 0 => {
            let is_same = match files::read_own(path, MAX_RECORD_BYTES) {
                Ok(bytes) => sort.is(&bytes),
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => false,
                Err(error) => return Err(failed(path, error)),
            };
            if is_same {
                return Ok(());
            }
            let detail = format!("`{}` exists and is not {}, so it is not replaced", shown(path), sort.name());
            conflict(detail, "name another file, or take away the one that is there")
        }
        Ok(_) => Ok(()),
        Err(_) => match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) if !folder.is_dir() => {
                Err(failed(path, io::Error::new(io::ErrorKind::NotFound, "there is no such folder")))
            }
            _ => Ok(()),
        },
    }
}

/// Writes a file where [`check`] lets it be.
///
/// # Errors
/// As [`check`]; `Io`; what stands there is then as it was.
pub fn save(path: &Path, sort: Sort, bytes: &[u8]) -> Result<()> {
    check(Some(path), sort)?;
    let written = match std::fs::metadata(path) {
        // A link stays one.
        Ok(there) if there.is_file() => {
            replace(&std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()), bytes)
        }
        Err(_) if !path.is_symlink() => files::replace(path, bytes),
        _ => std::fs::write(path, bytes),
    };
    written.map_err(|error| failed(path, error))
}

/// Replaces a file, in place where its folder lets nothing be put beside it, or where it is mounted by itself.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let permissions = std::fs::metadata(path)?.permissions();
    match files::replace(path, bytes) {
        Ok(()) => std::fs::set_permissions(path, permissions),
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy) => {
            std::fs::write(path, bytes)
        }
        Err(error) => Err(error),
    }
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::io(format!("cannot write `{}`", shown(path)), error)
}
