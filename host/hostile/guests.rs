//! Components that misbehave when they are called: loops, memory, stack, results, log, traps.
//!
//! They are written as text in `fixtures/guests` and `fixtures/mergers`; `fixtures/hostile/guests.tar` holds them as bytes, with their cases.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::case::{Case, write};
use crate::digest::Digest;
use crate::grants::Grant;
use crate::text::parse_duration;

/// The components and `cases.json`; a test makes it from the texts and compares.
const GUESTS: &[u8] = include_bytes!("../../fixtures/hostile/guests.tar");

/// A call of a guest, and what must come of it.
#[derive(Debug, Deserialize)]
struct GuestCase {
    guest: String,
    about: String,
    template: String,
    reasons: Vec<String>,
    exit: u8,
    limits: Vec<(String, String)>,
    grants: Vec<Grant>,
}

/// A merger that is asked to merge two files, and what must come of it.
#[derive(Debug, Deserialize)]
struct MergerCase {
    guest: String,
    about: String,
    reason: Option<String>,
    exit: u8,
    limits: BTreeMap<String, String>,
}

/// What is in the archive: the components by name, and their cases.
#[derive(Default)]
struct Shipped {
    components: BTreeMap<String, Vec<u8>>,
    guests: Vec<GuestCase>,
    mergers: Vec<MergerCase>,
}

fn shipped() -> Shipped {
    let mut shipped = Shipped::default();
    let mut archive = tar::Archive::new(GUESTS);
    for mut entry in archive.entries().into_iter().flatten().flatten() {
        let name = entry.path().map(|path| path.display().to_string()).unwrap_or_default();
        let mut bytes = Vec::new();
        if entry.read_to_end(&mut bytes).is_err() {
            continue;
        }
        match (name.strip_suffix(".wasm"), name.as_str()) {
            (Some(name), _) => {
                shipped.components.insert(name.to_owned(), bytes);
            }
            (None, "mergers.json") => shipped.mergers = serde_json::from_slice(&bytes).unwrap_or_default(),
            (None, _) => shipped.guests = serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }
    shipped
}

/// A guest's component.
pub(super) fn component(name: &str) -> Option<Vec<u8>> {
    shipped().components.remove(name)
}

/// The cases of all guests.
pub(super) fn cases() -> Vec<Case> {
    let Shipped { components, guests, mergers } = shipped();
    let mut counts = BTreeMap::new();
    let merging: Vec<Case> =
        mergers.into_iter().filter_map(|case| Some(merges(components.get(&case.guest)?.clone(), case))).collect();
    guests
        .into_iter()
        .filter_map(|case| {
            let component = components.get(&case.guest)?.clone();
            let count: &mut usize = counts.entry(case.guest.clone()).or_default();
            *count += 1;
            let suffix = if *count == 1 { String::new() } else { format!("-{count}") };
            Some(made(case, component, &suffix))
        })
        .chain(merging)
        .collect()
}

/// A merger, asked to merge what two owners want.
fn merges(component: Vec<u8>, case: MergerCase) -> Case {
    let MergerCase { guest, about, reason, exit, limits } = case;
    let deadline = limits.get("time").and_then(|value| parse_duration(value));
    let sides = ["--side", "one=one.txt", "--side", "two=two.txt", "--no-cache"];
    let mut arguments: Vec<String> =
        ["plugin", "run", "merger.wasm"].into_iter().chain(sides).map(str::to_owned).collect();
    for (name, value) in &limits {
        arguments.extend(["--limit".to_owned(), format!("{name}={value}")]);
    }
    let stopped_by = reason.clone().unwrap_or_else(|| "nothing: it is harmless".to_owned());
    let make = move |folder: &Path| {
        write(folder, "merger.wasm", &component)?;
        write(folder, "one.txt", "port 8080\n")?;
        write(folder, "two.txt", "port 5432\n")
    };
    let reasons: Vec<&str> = reason.iter().map(String::as_str).collect();
    let mut made = Case::validate(format!("guest/{guest}"), about, make).arguments(arguments);
    made = made.ends(stopped_by, &[exit], &reasons);
    made.expected.deadline = deadline.or(Some(Duration::from_secs(2)));
    made
}

fn made(case: GuestCase, component: Vec<u8>, suffix: &str) -> Case {
    let GuestCase { guest, about, template, reasons, exit, limits, grants } = case;
    let compiles = reasons.iter().any(|reason| reason.starts_with("compile-"));
    let deadline = limits.iter().find(|(name, _)| name == if compiles { "compile-time" } else { "time" });
    let deadline: Option<Duration> = deadline.and_then(|(_, value)| parse_duration(value));
    // Compiling counts CPU time, of which a busy machine gives less than passes.
    let deadline = if compiles { deadline.map(|deadline| deadline * 15) } else { deadline };
    let mut arguments: Vec<String> = ["generate", "pack", "--no-input", "--output", "out"].map(str::to_owned).into();
    for (name, value) in &limits {
        arguments.extend(["--limit".to_owned(), format!("{name}={value}")]);
    }
    let names: Vec<&str> = reasons.iter().map(String::as_str).filter(|reason| *reason != "none").collect();
    let stopped_by = if names.is_empty() { "nothing: it is harmless here".to_owned() } else { names.join(" or ") };
    let make = move |folder: &Path| write_granted(folder, &component, template.as_bytes(), &grants);
    let mut made = Case::validate(format!("guest/{guest}{suffix}"), about, make).arguments(arguments).ends(
        stopped_by,
        &[exit],
        &names,
    );
    made.expected.deadline = deadline.or(Some(Duration::from_secs(2)));
    made
}

/// Writes a pack whose one template is rendered by a component of its own.
pub(super) fn write_pack(folder: &Path, component: &[u8], template: &[u8]) -> std::io::Result<()> {
    write_granted(folder, component, template, &[])
}

/// [`write_pack`], with grants that its manifest asks for.
fn write_granted(folder: &Path, component: &[u8], template: &[u8], grants: &[Grant]) -> std::io::Result<()> {
    let grants: Vec<&str> = grants.iter().map(|grant| grant.name()).collect();
    let digest = Digest::of(component);
    let manifest = format!(
        "{}\n[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{digest}\"\ngrants = {grants:?}\n\n\
         [[templates]]\nsource = \"template.txt\"\noutput = \"out.txt\"\nengine = \"plugin:guest\"\n",
        super::case::MANIFEST
    );
    write(folder, "pack/guest.wasm", component)?;
    write(folder, "pack/template.txt", template)?;
    write(folder, "pack/pack.toml", manifest)
}
