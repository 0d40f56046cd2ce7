//! What is shown of a plugin that traps: plugin, export, functions, and file and line where it has debug information.

use std::path::Path;
use std::time::{Duration, Instant};

use packbox::digest::Digest;
use serde_json::Value;

use super::guests;
use super::process::Run;
use super::wasi_cases::{generate, pack};

/// A Rust plugin that was built with line tables: functions, files and lines, in both forms.
pub fn lines() -> Result<(), String> {
    let scratch = pack("grants = [\"wasi-stub\"]", &["panic now"]);
    let source = include_str!("../../fixtures/wasi/plain/src/lib.rs");
    let line = source.lines().position(|line| line.contains("assert!")).expect("the line that fails") + 1;
    let place = format!("src/lib.rs:{line}:");
    let human = generate(&scratch, &["--output", "out"], &[]).text();
    for wanted in [
        "the plugin `plain` was in `renderer.render`, innermost call first:",
        "of the panic itself",
        "  at plain::fails_deep_within (",
        "it happened in plain::fails_deep_within (",
        &place,
        "there are only 2 words",
    ] {
        if !human.contains(wanted) {
            return Err(format!("`{wanted}` was expected in\n{human}"));
        }
    }
    let document = generate(&scratch, &["--output", "out", "--format", "json"], &[]).json()?;
    let stop = &document["error"]["stop"];
    let frames = stop["backtrace"].as_array().cloned().unwrap_or_default();
    let found = frames.iter().find(|frame| frame["function"] == "plain::fails_deep_within");
    let right = found.is_some_and(|frame| {
        frame["file"].as_str().is_some_and(|file| file.ends_with("src/lib.rs")) && frame["line"] == line
    });
    if !right || stop["plugin"] != "plain" || stop["export"] != "renderer.render" {
        return Err(format!("{stop:#}"));
    }
    // No path of the machine that built it.
    if frames.iter().any(|frame| frame["file"].as_str().is_some_and(|file| file.starts_with('/'))) {
        return Err(format!("{stop:#}"));
    }
    Ok(())
}

/// A plugin that keeps only names shows them; one without names shows numbers.
pub fn names_only() -> Result<(), String> {
    let text = std::fs::read_to_string(guest_file("trap-in-start")).expect("a guest");
    let named = traces(&text, &[], 1)?;
    let frame = &named["error"]["stop"]["backtrace"][0];
    if frame["function"] != "start" || frame.get("file").is_some() {
        return Err(format!("{named:#}"));
    }
    let unnamed = text.replace("(func $start", "(func").replace("(start $start)", "(start 3)");
    let unnamed = traces(&unnamed, &[], 1)?;
    let function = unnamed["error"]["stop"]["backtrace"][0]["function"].as_str().unwrap_or_default().to_owned();
    if function.starts_with("function[") { Ok(()) } else { Err(format!("{unnamed:#}")) }
}

/// Line tables that are damaged, endless or as long as they may be: the stop is the same, and soon there.
pub fn hostile_debug_information() -> Result<(), String> {
    let text = std::fs::read_to_string(guest_file("trap-unreachable")).expect("a guest");
    // A unit of version 4 without folders and files, and a program of rows only.
    let mut long = vec![4, 0, 22, 0, 0, 0, 1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0];
    long.extend(std::iter::repeat_n(0x14, 20 << 20));
    let length = u32::try_from(long.len()).expect("small").to_le_bytes();
    let long = [&length[..], &long].concat();
    let tables: [Vec<u8>; 6] = [
        Vec::new(),
        vec![0xff; 64],
        vec![0; 1 << 20],
        guests::random(7, 1 << 20),
        // A thousand files in a byte each, as the header says, and no bytes.
        vec![16, 0, 0, 0, 5, 0, 4, 0, 8, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0xff, 0xff, 0xff],
        long,
    ];
    for (number, table) in tables.iter().enumerate() {
        let started = Instant::now();
        let document = traces(&text, table, 40).map_err(|problem| format!("table {number}: {problem}"))?;
        if document["error"]["stop"]["reason"] != "trap" || started.elapsed() > Duration::from_secs(20) {
            return Err(format!("table {number}, {:?}: {document:#}", started.elapsed()));
        }
    }
    Ok(())
}

fn guest_file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/guests/{name}.wat"))
}

/// Runs a guest that traps, with a `.debug_line` section added to its module, on some templates.
fn traces(text: &str, lines: &[u8], templates: usize) -> Result<Value, String> {
    let mut module = wat::parse_str(text).map_err(|error| error.to_string())?;
    if !lines.is_empty() {
        let name = ".debug_line";
        let size = name.len() + 1 + lines.len();
        module.push(0);
        leb(&mut module, size);
        leb(&mut module, name.len());
        module.extend(name.as_bytes());
        module.extend(lines);
    }
    let component = guests::renderer(module).map_err(|error| error.to_string())?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let pack = scratch.path().join("pack");
    std::fs::create_dir_all(pack.join("t")).map_err(|error| error.to_string())?;
    let manifest = format!(
        "[pack]\nname = \"traps\"\nversion = \"0.1.0\"\n\n[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{}\"\n\n\
         [[templates]]\nsource = \"t\"\noutput = \"t\"\nengine = \"plugin:guest\"\n",
        Digest::of(&component)
    );
    std::fs::write(pack.join("guest.wasm"), component).map_err(|error| error.to_string())?;
    std::fs::write(pack.join("pack.toml"), manifest).map_err(|error| error.to_string())?;
    for number in 0..templates {
        std::fs::write(pack.join(format!("t/{number}.txt")), "x").map_err(|error| error.to_string())?;
    }
    let arguments =
        ["generate", "pack", "--no-input", "--output", "out", "--format", "json"].map(str::to_owned).to_vec();
    let ended = Run { arguments, folder: scratch.path().to_owned(), ..Run::default() }.run();
    if ended.exit == 4 { ended.json() } else { Err(ended.text()) }
}

fn leb(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).expect("seven bits") | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("seven bits"));
}
