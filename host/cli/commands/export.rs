//! `export`: a pack as an archive.

use crate::pack::ARCHIVE_EXTENSION;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::cli::command::{Exit, ended};
use crate::cli::documents::Exported;
use crate::cli::session::{Session, shown};
use crate::cli::{command, completers};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackLimits;
use crate::text::format_bytes;

/// Write a pack as an archive.
#[derive(Debug, Args)]
pub struct Export {
    /// The pack: a folder, or the name of one that is installed.
    #[arg(add = completers::packs_here())]
    pub pack: String,
    /// The archive, instead of `NAME-VERSION.pack` in this folder.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

impl command::Command for Export {
    const NAME: &'static str = "export";
    const EXAMPLES: &'static [&'static str] = &["packbox export ./shop"];
    command::documents!(Exported);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(export(session, self))
    }
}

/// Writes a pack as an archive.
///
/// # Errors
/// Those of loading it; `Conflict` where the file exists with other bytes; `Io`.
pub fn export(session: &Session, arguments: &Export) -> Result<()> {
    let pack = session.pack(Path::new(&arguments.pack), &PackLimits::default())?;
    let meta = &pack.manifest.pack;
    let name = format!("{}-{}.{ARCHIVE_EXTENSION}", meta.name.value, meta.version.value);
    let path = arguments.output.clone().unwrap_or_else(|| name.into());
    let bytes = pack.to_archive()?;
    write_new(&path, &bytes)?;
    let digest = pack.digest()?;
    if session.output.is_json() {
        let document = Exported { file: shown(&path), bytes: bytes.len(), digest };
        return session.output.document("export", &document);
    }
    session.output.page(&format!("{} ({}, content {digest})\n", shown(&path), format_bytes(bytes.len() as u64)))
}

/// Writes a file that is not there; one with the same bytes is left as it is.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let failed = |error| Error::io(format!("cannot write `{}`", shown(path)), error);
    match std::fs::File::create_new(path) {
        Ok(mut file) => file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|error| {
            let _ = std::fs::remove_file(path);
            failed(error)
        }),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if crate::files::read_own(path, bytes.len() as u64).is_ok_and(|there| there == bytes) {
                return Ok(());
            }
            Err(Error::new(ErrorKind::Conflict, format!("`{}` exists", shown(path)))
                .hint("choose another file with `--output`"))
        }
        Err(error) => Err(failed(error)),
    }
}
