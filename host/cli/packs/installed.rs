//! What `install`, `import` and `vendor` say.

use crate::cli::documents::Installed;
use crate::cli::session::Session;
use crate::library::InstallReport;
use crate::text::format_bytes;
use std::fmt::Write as _;

use crate::cli::packs::lists::line;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;
use crate::resolve::LOCK_NAME;

pub fn no_lock() -> Error {
    Error::new(ErrorKind::Usage, format!("there is no `{LOCK_NAME}` in this folder"))
        .hint("name packs to install; `--lock` writes what was chosen")
}

/// Says that a lock holds a release that was withdrawn.
pub fn withdrawn(name: &PackName, version: &str, registry: &str) -> String {
    let registry = line(registry, 200);
    format!(
        "note: {name} {version} was withdrawn from {registry}, and `{LOCK_NAME}` still holds it; remove it from that file, and \
         `packbox install NAME --lock` chooses another"
    )
}

pub fn print(session: &Session, command: &str, reports: &[InstallReport]) -> Result<()> {
    let packs: Vec<_> = reports.iter().flat_map(|report| &report.packs).collect();
    if session.output.is_json() {
        return session.output.document(command, &Installed { packs: &packs });
    }
    for pack in packs.iter().filter(|pack| pack.withdrawn) {
        session.output.say(&withdrawn(&pack.name, &pack.version.to_string(), &pack.origin));
    }
    let mut out = String::new();
    for pack in packs {
        let what = match (pack.was_installed, pack.fetched) {
            (true, _) => "is installed already".to_owned(),
            (false, 0) => format!("installed from {}", line(&pack.origin, 200)),
            (false, bytes) => format!("installed from {}, {}", line(&pack.origin, 200), format_bytes(bytes)),
        };
        let _ = writeln!(out, "{} {} {what}", pack.name, pack.version);
    }
    session.output.page(&out)
}
