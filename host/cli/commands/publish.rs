//! `publish`: a release comes.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::args::names;
use crate::cli::checking::verify::verify;
use crate::cli::command::{Exit, ended};
use crate::cli::library::{Named, by_form};
use crate::cli::packs::registry::chosen;
use crate::cli::session::{Session, read_bytes, shown};
use crate::cli::{command, completers};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::library::Attached;
use crate::pack::{Pack, PackLimits};
use crate::registry::RegistryName;
use crate::registry::trust;
use crate::text::format_bytes;

/// The most of a signature file that is read.
const LARGEST_SIGNATURE: u64 = 64 << 10;

/// Publish a pack to a registry.
#[derive(Debug, Args)]
pub struct Publish {
    /// The pack: a folder or an archive.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub pack: PathBuf,
    /// The registry; by default, the only one there is.
    #[arg(long, value_name = "NAME", add = completers::registries(), value_parser = names::registry)]
    pub to: Option<RegistryName>,
    /// minisign signatures of the text that `--print-signed-text` prints.
    #[arg(long = "signature", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub signatures: Vec<PathBuf>,
    /// Publish without validating the pack first.
    #[arg(long)]
    pub no_verify: bool,
    /// Print the text to sign, and publish nothing.
    #[arg(long)]
    pub print_signed_text: bool,
}

impl command::Command for Publish {
    const NAME: &'static str = "publish";
    const EXAMPLES: &'static [&'static str] = &["packbox publish shop --to local"];
    command::documents!(crate::library::PublishReport);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(publish(session, self))
    }
}

/// Publishes a pack.
///
/// # Errors
/// That of a pack that does not validate; those of [`Library::publish`].
pub fn publish(session: &Session, arguments: &Publish) -> Result<()> {
    let pack = Pack::load(&arguments.pack, &PackLimits::default()).map_err(|error| {
        // A name is never meant here: what is installed was published before.
        let named = by_form(&arguments.pack).ok().filter(|_| !arguments.pack.exists());
        let Some(Named::Name(wanted)) = named else { return error };
        match session.installed(&wanted) {
            Some(installed) => {
                error.hint(format!("`{installed}` is installed, but only a folder or an archive can be published"))
            }
            None => error,
        }
    })?;
    if arguments.print_signed_text {
        return session.output.result(&trust::signed_text(&pack.digest()?));
    }
    let library = session.library(&PackLimits::default())?;
    let (registries, registry) = chosen(&library, arguments.to.as_ref())?;
    let mut signatures = Vec::new();
    for path in &arguments.signatures {
        let bytes = read_bytes(path, LARGEST_SIGNATURE, "signature", &session.interrupt)?;
        let what = format!("the signature `{}`", shown(path));
        signatures.push(files::decode(bytes).map_err(|error| error.error(ErrorKind::Usage, &what, &shown(path)))?);
    }
    let score = if arguments.no_verify {
        None
    } else {
        verify(session, pack.clone(), &arguments.pack).map_err(Error::before_publishing)?
    };
    let report = library.publish(&registries, &registry, &pack, Attached { signatures, score })?;
    if session.output.is_json() {
        return session.output.document("publish", &report);
    }
    let release = &report.release;
    let verb = if report.was_there { "is already in" } else { "published to" };
    session.output.page(&format!(
        "{} {} {verb} {registry} ({}, content {})\n",
        release.name,
        release.version,
        format_bytes(release.bytes),
        release.digest
    ))
}
