//! Files that several packs write, very many of them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::process::{binary, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 1] = [("shared-files/linear", linear)];

/// The files of the smaller packs, and how many times as many the larger ones have.
const FILES: usize = 500;
const TIMES: u32 = 4;

fn write_pack(folder: &Path, name: &str, files: usize) {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let mut manifest = format!("[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    for number in 0..files {
        let entry = format!("\n[[templates]]\nsource = \"{number}.txt\"\noutput = \"out/{number}.txt\"\n");
        manifest.write_str(&entry).expect("a text");
        fs::write(folder.join(format!("{number}.txt")), format!("{name} {number}\n")).expect("a file");
    }
    fs::write(folder.join("pack.toml"), manifest).expect("a manifest");
}

/// Runs it, and returns the exit code and the processor time that it took.
#[expect(clippy::zombie_processes, reason = "`wait4` waits for it, and says what it took")]
fn processor_time(folder: &Path, arguments: &[&str]) -> (i32, Duration) {
    let child = Command::new(binary())
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PACKBOX_HOME", shared_home())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("packbox starts");
    let pid = i32::try_from(child.id()).expect("a process");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: a plain system call on a child that nobody else waits for; both pointers are to locals.
    assert_eq!(unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) }, pid);
    // SAFETY: it is zeroed, and all zeros are a value of it.
    let usage = unsafe { usage.assume_init() };
    let time = |time: libc::timeval| {
        let of = |number: i64| u64::try_from(number).expect("a time that passed");
        Duration::from_secs(of(time.tv_sec)) + Duration::from_micros(of(time.tv_usec))
    };
    (libc::WEXITSTATUS(status), time(usage.ru_utime) + time(usage.ru_stime))
}

/// Four times as many files that two packs write take about four times as long, whatever becomes of them: were each looked up
/// among all, it would be sixteen times.
fn linear() -> Result<(), String> {
    let few = tempfile::tempdir().map_err(|error| error.to_string())?;
    let many = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (folder, files) in [(&few, FILES), (&many, FILES * TIMES as usize)] {
        write_pack(folder.path(), "one", files);
        write_pack(folder.path(), "two", files);
    }
    let compose = ["compose", "one", "two", "--no-input", "--output", "made"];
    let layered = [&compose[..], &["--strategy", "layer"]].concat();
    // What no run before it made, and what stays as it is.
    for (arguments, exit) in [(&compose[..], 3), (&layered, 0), (&layered, 0)] {
        let (ended, short) = processor_time(few.path(), arguments);
        let (also, long) = processor_time(many.path(), arguments);
        if (ended, also) != (exit, exit) {
            return Err(format!("{arguments:?} ended with {ended} and {also}"));
        }
        if long > short * (TIMES * 2) {
            return Err(format!("{arguments:?}: {short:?} for {FILES} files, and {long:?} for {TIMES} times as many"));
        }
    }
    Ok(())
}
