//! Components that misbehave when they are called: loops, memory, stack, results, log, traps.
//!
//! They are written as text in `fixtures/guests`, `fixtures/mergers` and `fixtures/queries`; `fixtures/hostile/guests.tar` holds them as bytes, with their cases.

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

/// A component that is called by itself, and what must come of it.
#[derive(Debug, Deserialize)]
struct CalledCase {
    guest: String,
    about: String,
    reason: Option<String>,
    exit: u8,
    limits: BTreeMap<String, String>,
    arguments: Vec<String>,
}

/// How components of a kind are called: the arguments, and the files that these name.
struct Calling {
    component: &'static str,
    arguments: &'static [&'static str],
    files: &'static [(&'static str, &'static str)],
    /// As in [`Expected`](super::case::Expected).
    guest_memory: u64,
}

/// A merger is asked to merge what two owners want.
const MERGING: Calling = Calling {
    component: "merger.wasm",
    arguments: &["--side", "one=one.txt", "--side", "two=two.txt"],
    files: &[("one.txt", "port 8080\n"), ("two.txt", "port 5432\n")],
    guest_memory: 0,
};

/// A query engine is asked who is known.
const ASKING: Calling = Calling {
    component: "engine.wasm",
    arguments: &["--query", "who.rq"],
    files: &[
        ("who.rq", "SELECT ?name WHERE { ?s <http://e.example/name> ?name }\n"),
        ("people.ttl", "<http://e.example/ada> <http://e.example/name> \"Ada\" .\n"),
    ],
    guest_memory: 256 << 20,
};

/// What is in the archive: the components by name, and their cases.
#[derive(Default)]
struct Shipped {
    components: BTreeMap<String, Vec<u8>>,
    guests: Vec<GuestCase>,
    mergers: Vec<CalledCase>,
    queries: Vec<CalledCase>,
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
            (None, "queries.json") => shipped.queries = serde_json::from_slice(&bytes).unwrap_or_default(),
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
    let Shipped { components, guests, mergers, queries } = shipped();
    let mut counts = BTreeMap::new();
    let called = |cases: Vec<CalledCase>, calling: &'static Calling| -> Vec<Case> {
        let case = |case: CalledCase| Some(called(components.get(&case.guest)?.clone(), case, calling));
        cases.into_iter().filter_map(case).collect()
    };
    let (merging, asking) = (called(mergers, &MERGING), called(queries, &ASKING));
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
        .chain(asking)
        .collect()
}

/// A component, called by itself.
fn called(component: Vec<u8>, case: CalledCase, calling: &'static Calling) -> Case {
    let CalledCase { guest, about, reason, exit, limits, arguments: more } = case;
    let deadline = limits.get("time").and_then(|value| parse_duration(value));
    let arguments =
        ["plugin", "run", calling.component].into_iter().chain(calling.arguments.iter().copied()).chain(["--no-cache"]);
    let mut arguments: Vec<String> = arguments.map(str::to_owned).chain(more).collect();
    if calling.component == ASKING.component && !arguments.iter().any(|argument| argument == "--describe") {
        arguments.extend(["--graph", "people.ttl"].map(str::to_owned));
    }
    for (name, value) in &limits {
        arguments.extend(["--limit".to_owned(), format!("{name}={value}")]);
    }
    let stopped_by = reason.clone().unwrap_or_else(|| "nothing: it is harmless".to_owned());
    let make = move |folder: &Path| {
        write(folder, calling.component, &component)?;
        calling.files.iter().try_for_each(|(path, contents)| write(folder, path, contents))
    };
    let reasons: Vec<&str> = reason.iter().map(String::as_str).collect();
    let mut made = Case::validate(format!("guest/{guest}"), about, make).arguments(arguments);
    made = made.ends(stopped_by, &[exit], &reasons);
    made.expected.deadline = deadline.or(Some(Duration::from_secs(2)));
    made.expected.guest_memory = calling.guest_memory;
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
