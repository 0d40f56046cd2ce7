//! Packs as archives, with the real command line: the same project as from the folder, or a refusal.

use std::fs;
use std::path::Path;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::process::{Ended, Run, copy_folder, read_folder};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("archive/same-as-the-folder", same_as_the_folder),
    ("archive/plan-and-apply", plan_and_apply),
    ("archive/refused", refused),
    ("archive/bomb", bomb),
];

/// More memory than a run without an archive needs, for one that refuses a bomb.
const MOST_MEMORY: u64 = 256 << 20;

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn generate(folder: &Path, pack: &str, output: &str) -> Ended {
    run(folder, &["generate", pack, "--no-input", "--format", "json", "--output", output])
}

/// Makes an archive of a folder.
fn archive(folder: &Path) -> Result<Vec<u8>, String> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.follow_symlinks(false);
    builder.append_dir_all(".", folder).map_err(|error| error.to_string())?;
    let tar = builder.into_inner().map_err(|error| error.to_string())?;
    Ok(compress_to_vec(&*tar, CompressionLevel::Fastest))
}

/// A folder with a copy of an example, `pack`, and the archive of it, `demo.pack`.
fn scratch_with(example: &str) -> Result<tempfile::TempDir, String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let pack = scratch.path().join("pack");
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/packs").join(example), &pack);
    fs::write(scratch.path().join("demo.pack"), archive(&pack)?).map_err(|error| error.to_string())?;
    Ok(scratch)
}

/// Trees and receipts are the same to the byte, plugins of the pack included.
fn same_as_the_folder() -> Result<(), String> {
    for example in ["rust-cli", "static-site", "typed-config"] {
        let scratch = scratch_with(example)?;
        let from_folder = generate(scratch.path(), "pack", "from-folder");
        let from_archive = generate(scratch.path(), "demo.pack", "from-archive");
        if (from_folder.exit, from_archive.exit) != (0, 0) {
            return Err(format!("{}{}", from_folder.text(), from_archive.text()));
        }
        let tree = read_folder(&scratch.path().join("from-folder"));
        if tree.len() < 2 || tree != read_folder(&scratch.path().join("from-archive")) {
            return Err(format!("{example}: the archive gives another tree"));
        }
    }
    Ok(())
}

/// A plan names its archive, and is applied from it, or from the folder that it was made of.
fn plan_and_apply() -> Result<(), String> {
    let scratch = scratch_with("rust-cli")?;
    let here = scratch.path();
    let planned = run(here, &["plan", "demo.pack", "--no-input", "--save", "plan.json"]);
    let applied = run(here, &["apply", "plan.json", "--output", "applied"]);
    let elsewhere = run(here, &["apply", "plan.json", "--pack", "pack", "--output", "elsewhere"]);
    if (planned.exit, applied.exit, elsewhere.exit) != (0, 0, 0) {
        return Err(format!("{}{}{}", planned.text(), applied.text(), elsewhere.text()));
    }
    if read_folder(&here.join("applied")) != read_folder(&here.join("elsewhere")) {
        return Err("the plan gives another tree".into());
    }
    fs::write(here.join("pack/project/README.md.jinja"), "changed").map_err(|error| error.to_string())?;
    fs::write(here.join("demo.pack"), archive(&here.join("pack"))?).map_err(|error| error.to_string())?;
    let refused = run(here, &["apply", "plan.json", "--output", "again"]);
    if refused.exit == 6 && !here.join("again").exists() { Ok(()) } else { Err(refused.text()) }
}

/// Expects a refusal that mentions a text, and that nothing was written.
fn expect_refusal(folder: &Path, bytes: &[u8], mention: &str) -> Result<(), String> {
    fs::write(folder.join("odd.pack"), bytes).map_err(|error| error.to_string())?;
    let ended = generate(folder, "odd.pack", "out");
    let json = ended.json()?;
    let error = &json["error"];
    let is_refused = ended.exit == 6 && error["kind"] == "integrity" && !folder.join("out").exists();
    if is_refused && error["detail"].as_str().is_some_and(|detail| detail.contains(mention)) {
        return Ok(());
    }
    Err(format!("not refused for {mention}: {}", ended.text()))
}

/// Damaged archives, links in archives, and files that are none.
fn refused() -> Result<(), String> {
    let scratch = scratch_with("static-site")?;
    let here = scratch.path();
    let sound = fs::read(here.join("demo.pack")).map_err(|error| error.to_string())?;
    let mut damaged = sound.clone();
    damaged[sound.len() / 2] ^= 0x55;
    expect_refusal(here, &damaged, "")?;
    expect_refusal(here, &sound[..sound.len() / 2], "is damaged or incomplete")?;
    expect_refusal(here, &[&sound[..], b"x"].concat(), "there is data after")?;
    expect_refusal(here, b"[pack]\n", "is not a pack archive")?;
    std::os::unix::fs::symlink("/etc/passwd", here.join("pack/secret")).map_err(|error| error.to_string())?;
    expect_refusal(here, &archive(&here.join("pack"))?, "is a symbolic link")?;
    // Made of the folder above.
    fs::remove_file(here.join("pack/secret")).map_err(|error| error.to_string())?;
    fs::remove_file(here.join("demo.pack")).map_err(|error| error.to_string())?;
    fs::remove_file(here.join("odd.pack")).map_err(|error| error.to_string())?;
    expect_refusal(here, &archive(here)?, "it has no `pack.toml` at its top")
}

/// 13 GB in 400 KB are refused without much memory, and soon.
fn bomb() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    // A frame with a window of 8 MiB, in blocks of 128 KiB of zeros, which take four bytes each.
    let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 13 << 3];
    let header: u32 = (128 << 10) << 3 | 1 << 1;
    for _ in 0..100_000 {
        bytes.extend(&header.to_le_bytes()[..3]);
        bytes.push(0);
    }
    fs::write(scratch.path().join("bomb.pack"), bytes).map_err(|error| error.to_string())?;
    let ended = generate(scratch.path(), "bomb.pack", "out");
    if ended.exit != 6 || ended.peak_memory > MOST_MEMORY || ended.time.as_secs() > 10 {
        return Err(format!("{} bytes, {:?}: {}", ended.peak_memory, ended.time, ended.text()));
    }
    Ok(())
}
