//! What is counted: allocations, and instructions under callgrind.
//!
//! Always true here: both are counted on the thread that does the work, and nothing that a neighbour does is in them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::paths::{Bench, HotPath};

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends allocates where this is gone already.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: all of it is done by `System`; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations of a path, the least of three times: tables that are seeded by chance grow once more now and then.
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub fn allocations(bench: &Bench, path: &HotPath) -> f64 {
    let once = |work: &(dyn Fn() + Send + Sync)| {
        let before = ALLOCATIONS.get();
        work();
        ALLOCATIONS.get() - before
    };
    path.measure(bench, |work| (0..3).map(|_| once(work)).min().expect("a time")) as f64
}

/// What callgrind counts: it switches on where this is entered, and off where it is left.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn packbox_gate_counts(work: &&(dyn Fn() + Send + Sync)) {
    work();
}

/// Does the work of a path in this process, as callgrind wants it.
pub fn under_callgrind(path: &HotPath) {
    path.measure(&Bench::new(), |work| packbox_gate_counts(&work));
}

/// Counts the instructions of a path in another process.
pub struct Counter {
    name: &'static str,
    child: Child,
    file: std::path::PathBuf,
}

impl Counter {
    /// Starts counting.
    pub fn start(path: &HotPath, folder: &Path) -> Self {
        let file = folder.join(path.name.replace(|letter: char| !letter.is_alphanumeric(), "-"));
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--quiet", "--toggle-collect=packbox_gate_counts"]);
        command.arg(format!("--callgrind-out-file={}", file.display()));
        command.arg(std::env::current_exe().expect("this program")).arg("--count").arg(path.name);
        let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("valgrind");
        Self { name: path.name, child, file }
    }

    /// Waits for the count.
    pub fn finish(self) -> (&'static str, f64) {
        // It has something to say about system calls that it does not know.
        let output = self.child.wait_with_output().expect("valgrind");
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(&self.file).expect("what callgrind wrote");
        let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
        let total: f64 = total.and_then(|total| total.trim().parse().ok()).expect("a total");
        assert!(total > 0.0, "{}: nothing was counted", self.name);
        (self.name, total)
    }
}
