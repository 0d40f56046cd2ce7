//! The hostile suite, case by case, with this very binary; and that the guests which it ships are those of the texts.

use std::path::Path;

use packbox::hostile::{self, Case};
use serde_json::json;

use super::guests;
use super::process::{binary, shared_home};

/// Guests whose bytes are made by the suite itself, or are too large to be shipped.
const LARGEST: usize = 256 << 10;

/// Runs a case.
pub fn run(case: &Case) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let outcome = hostile::run(binary(), &shared_home(), scratch.path(), case).map_err(|error| error.to_string())?;
    match &outcome.problem {
        None => Ok(()),
        Some(problem) => Err(format!("{problem}\n{outcome:#?}")),
    }
}

/// `fixtures/hostile/guests.tar` holds what `fixtures/guests`, `fixtures/mergers` and `fixtures/queries` say.
pub fn shipped_guests() -> Result<(), String> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut cases = Vec::new();
    for guest in guests::all() {
        if guest.component.len() > LARGEST {
            continue;
        }
        append(&mut archive, &format!("{}.wasm", guest.name), &guest.component)?;
        let limits = guest.limits();
        for case in &guest.cases {
            cases.push(json!({
                "guest": guest.name, "about": guest.about, "template": case.template,
                "reasons": case.reasons.as_slice(), "exit": case.exit, "limits": limits,
                "grants": guest.grants,
            }));
        }
    }
    for (kind, list, called) in
        [("merger", "mergers.json", guests::mergers()), ("query", "queries.json", guests::query_engines())]
    {
        let mut cases = Vec::new();
        for guest in called {
            let name = format!("{kind}-{}", guest.name);
            append(&mut archive, &format!("{name}.wasm"), &guest.component)?;
            let guests::CalledHeader { about, exit, reason, limits, arguments, .. } = guest.says;
            cases.push(json!({
                "guest": name, "about": about, "reason": reason, "exit": exit, "limits": limits, "arguments": arguments,
            }));
        }
        let bytes = serde_json::to_vec_pretty(&cases).map_err(|error| error.to_string())?;
        append(&mut archive, list, &bytes)?;
    }
    let list = serde_json::to_vec_pretty(&cases).map_err(|error| error.to_string())?;
    append(&mut archive, "cases.json", &list)?;
    let bytes = archive.into_inner().map_err(|error| error.to_string())?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile/guests.tar");
    if std::env::vars_os().any(|(name, value)| name == "BLESS" && value == "1") {
        return std::fs::write(path, bytes).map_err(|error| error.to_string());
    }
    if std::fs::read(&path).is_ok_and(|shipped| shipped == bytes) {
        return Ok(());
    }
    Err("fixtures/hostile/guests.tar is not made of fixtures/guests, fixtures/mergers and fixtures/queries (BLESS=1 makes it anew; then build again)"
        .to_owned())
}

/// Adds a regular file without owner or time.
pub fn append(archive: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8]) -> Result<(), String> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    archive.append_data(&mut header, name, bytes).map_err(|error| error.to_string())
}
