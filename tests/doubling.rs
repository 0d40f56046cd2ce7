//! Each list that a stranger's manifest can have, eight times as long: reading it may cost little more than eight times as
//! much. What allocates is counted in bytes, which are the same on every run. What only compares allocates nothing, so
//! CPU time of this thread is compared, too: a list that is gone through for each of its elements costs 64 times as much
//! and not 8 times, which no load of the machine makes up for. No test here asserts a speed.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "tests")]
#![expect(clippy::disallowed_macros, reason = "a test shows its figures")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write as _;
use std::time::Duration;

use packbox::pack::{BuiltInEngine, Engine, Manifest, ManifestView, Pack, PackLimits};
use packbox::text::nearest;

/// How much longer the longer list is.
const TIMES: usize = 8;
/// What is allowed beyond that for bytes: vectors double, so that one may just have done so.
const MORE_BYTES: f64 = 1.5;
/// And for time: caches and neighbours.
const MORE_TIME: f64 = 3.0;
/// Runs of which the quickest counts.
const RUNS: usize = 3;

/// Counts what a thread allocates.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: all of it is done by `System`; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATED.try_with(|bytes| bytes.set(bytes.get() + layout.size() as u64));
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// CPU time of this thread.
fn now() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is this function's own.
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(answer, 0);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("below a second"))
}

struct Cost {
    bytes: f64,
    seconds: f64,
}

fn cost(work: &dyn Fn()) -> Cost {
    let run = || {
        let (bytes, time) = (ALLOCATED.get(), now());
        work();
        (ALLOCATED.get() - bytes, now().checked_sub(time).expect("a clock that goes on"))
    };
    let runs: Vec<_> = (0..RUNS).map(|_| run()).collect();
    let bytes = runs.iter().map(|(bytes, _)| *bytes).min().expect("a run");
    let time = runs.iter().map(|(_, time)| *time).min().expect("a run");
    #[expect(clippy::cast_precision_loss, reason = "ratios need no more")]
    Cost { bytes: bytes as f64, seconds: time.as_secs_f64() }
}

/// Compares what `work` costs for a list of `length` elements with what it costs for one that is [`TIMES`] as long.
fn grows_with_its_length<T>(name: &str, length: usize, list: impl Fn(usize) -> T, work: impl Fn(&T)) {
    let (short, long) = (list(length), list(length * TIMES));
    let (short, long) = (cost(&|| work(&short)), cost(&|| work(&long)));
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let times = TIMES as f64;
    let (bytes, time) = (long.bytes / short.bytes, long.seconds / short.seconds);
    println!("{name}: {TIMES} times as long, {bytes:.1} times the bytes, {time:.1} times the time");
    assert!(bytes <= times * MORE_BYTES, "{name}: {TIMES} times as long takes {bytes:.1} times the bytes");
    assert!(time <= times * MORE_TIME, "{name}: {TIMES} times as long takes {time:.1} times the time");
}

const HEAD: &str = "[pack]\nname = \"a\"\nversion = \"1.0.0\"\n";

fn limits() -> PackLimits {
    let any = u64::MAX;
    PackLimits { variables: any, queries: any, plugins: any, templates: any, files: any, ..PackLimits::default() }
}

/// What a loop writes for each number.
fn each(length: usize, one: impl Fn(usize) -> String) -> String {
    (0..length).fold(String::new(), |mut text, number| {
        let _ = text.write_str(&one(number));
        text
    })
}

/// A manifest with a list, read as `check` reads it, and as validators are told it.
fn manifest(name: &str, length: usize, list: impl Fn(usize) -> String) {
    let limits = limits();
    grows_with_its_length(
        name,
        length,
        |length| HEAD.to_owned() + &list(length),
        |text| {
            let _ = Manifest::parse("pack.toml", text, &limits);
            let _ = ManifestView::of(text);
        },
    );
}

#[test]
fn choices() {
    let list = |length| each(length, |number| format!("\"choice {number}\", "));
    manifest("choices", 5_000, |length| {
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{}]\ndefault = \"choice 7\"\n", list(length))
    });
    manifest("choices, and a default that is none", 5_000, |length| {
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{}]\ndefault = \"chioce 7\"\n", list(length))
    });
    manifest("choices with labels", 2_000, |length| {
        let list = each(length, |number| format!("{{ value = \"{number}\", label = \"the {number}\" }}, "));
        format!("[variables.a]\ntype = \"choice\"\nchoices = [{list}]\n")
    });
}

#[test]
fn items() {
    manifest("items", 5_000, |length| {
        let list = each(length, |number| format!("\"item {number}\", "));
        format!("[variables.a]\ntype = \"list\"\nunique = true\ndefault = [{list}]\n")
    });
    manifest("authors", 5_000, |length| {
        let list = each(length, |number| format!("\"author {number}\", "));
        format!("authors = [{list}]\nkeywords = [{list}]\n")
    });
    manifest("options", 2_000, |length| {
        let list = each(length, |number| format!("key{number} = [1, 2, 3]\n"));
        format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\n[templates.options]\n{list}")
    });
    manifest("options below a long key", 4_000, |length| {
        let (key, list) = ("k".repeat(length * 20), "1, ".repeat(length));
        format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\noptions = {{ {key} = [{list}] }}\n")
    });
}

fn variables(length: usize) -> String {
    each(length, |number| format!("[variables.list_{number}]\ntype = \"list\"\n"))
}

#[test]
fn variables_and_what_names_them() {
    manifest("variables", 2_000, variables);
    manifest("variables and queries", 1_000, |length| {
        variables(length) + &each(length, |number| format!("[queries.query_{number}]\nfile = \"q\"\n"))
    });
    let for_each = |length, suffix: &str| {
        let entry = |number| {
            format!(
                "[[templates]]\nsource = \"t\"\noutput = \"{{{{ item }}}}\"\nfor_each = \"list_{number}{suffix}\"\n"
            )
        };
        variables(length) + &each(length, entry)
    };
    manifest("templates for each item of a variable", 1_000, |length| for_each(length, ""));
    manifest("templates for each item of no variable", 1_000, |length| for_each(length, "_x"));
}

#[test]
fn patterns() {
    let one =
        |number| format!("[variables.v{number}]\ntype = \"string\"\npattern = \"^[a-z]{{1,9}}$\"\ndefault = \"a\"\n");
    manifest("patterns", 250, |length| each(length, one));
    // A pattern that is twice as large is tried on half as much.
    manifest("letters of a text that a pattern is tried on", 1_000, |length| {
        let default = "a".repeat(length);
        each(20, |number| {
            format!("[variables.v{number}]\ntype = \"string\"\npattern = \"(?:.?){{30}}Y\"\ndefault = \"{default}\"\n")
        })
    });
}

#[test]
fn tables_by_name() {
    manifest("lints", 4_000, |length| {
        "[lints]\n".to_owned() + &each(length, |number| format!("\"no/rule-{number}\" = \"off\"\n"))
    });
    manifest("dependencies", 4_000, |length| {
        "[dependencies]\n".to_owned() + &each(length, |number| format!("pack-{number} = \"^1.0\"\n"))
    });
    manifest("plugins", 1_000, |length| {
        each(length, |number| format!("[plugins.p{number}]\ncomponent = \"p.wasm\"\ngrants = []\n"))
            + &each(length, |number| {
                format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\nengine = \"plugin:p{number}\"\n")
            })
    });
    manifest("plugins that are not there", 2_000, |length| {
        each(length, |number| format!("[plugins.p{number}]\ncomponent = \"p.wasm\"\n"))
            + &each(length, |number| {
                format!("[[templates]]\nsource = \"t\"\noutput = \"t\"\nengine = \"plugin:q{number}\"\n")
            })
    });
    manifest("unknown keys", 8_000, |length| each(length, |number| format!("key_{number} = 1\n")));
    manifest("mistakes on one line", 500, |length| format!("a = [{}", "= ".repeat(length)));
}

#[test]
fn names_that_are_near() {
    let list = |length| (0..length).map(|number| format!("a-rather-long-name-{number}")).collect::<Vec<_>>();
    grows_with_its_length("near names", 1_000, list, |names: &Vec<String>| {
        assert!(nearest("a-rather-long-nmae-7", names.iter().map(String::as_str)).is_some());
    });
}

/// A pack of a folder: entries that name files, and files that no entry names.
#[test]
fn files() {
    let folder = |length: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: String, text: &str| std::fs::write(folder.path().join(path), text).expect("a file");
        std::fs::create_dir(folder.path().join("d")).expect("a folder");
        for number in 0..length {
            write(format!("t{number}.jinja"), "");
            write(format!("d/p{number}.jinja"), "");
            // Their names begin like a folder that an entry names.
            write(format!("d{number}"), "");
        }
        let entry = |number| format!("[[templates]]\nsource = \"t{number}.jinja\"\noutput = \"{number}\"\n");
        write("pack.toml".to_owned(), &(HEAD.to_owned() + &each(length, entry)));
        folder
    };
    let limits = limits();
    grows_with_its_length("files", 150, folder, |folder| {
        let pack = Pack::load(folder.path(), &limits).expect("a pack");
        assert_eq!(
            pack.partials(&Engine::BuiltIn(BuiltInEngine::Jinja)).len(),
            pack.templates().expect("entries").len()
        );
        for template in pack.templates().expect("entries") {
            let span = pack.span(&template.output.range);
            assert!(span.start.line > 3);
        }
    });
}
