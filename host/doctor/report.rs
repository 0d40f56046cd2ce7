//! What `doctor` found, and what of it is a problem.
//!
//! Always true here: plain data; both formats are made from it, and so is the exit code.

use serde::Serialize;

use crate::digest::Digest;
use crate::engine::{Allocation, CacheHealth, Confinement, Holds, KeyState};
use crate::error::ErrorKind;
use crate::show::count;

/// What `doctor` found.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    /// What this packbox is made of.
    pub versions: Versions,
    /// Where it runs.
    pub system: System,
    /// How instances get their memory.
    pub instances: Instances,
    /// Where things are kept.
    pub folders: Vec<FolderReport>,
    /// What signs compiled code and journals.
    pub keys: Vec<KeyReport>,
    /// What holds of the compiler child, as tried.
    pub compiler: Confinement,
    /// Compiled code on disk.
    pub cache: CacheReport,
    /// Components that are part of this program.
    pub built_in: Vec<BuiltIn>,
}

/// What a packbox is made of.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Versions {
    /// Its own version.
    pub packbox: semver::Version,
    /// The plugin ABI that it offers.
    pub abi: semver::Version,
    /// The version of wasmtime, where the build knew it.
    pub wasmtime: Option<&'static str>,
}

/// Where packbox runs.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct System {
    /// The operating system, for instance `linux`.
    pub os: &'static str,
    /// The kernel's release, where it tells.
    pub kernel: Option<String>,
    /// The processor's architecture, for instance `x86_64`.
    pub arch: &'static str,
    /// How many threads run at once.
    pub cores: usize,
}

/// How instances get their memory.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Instances {
    /// From a pool, or one by one.
    pub allocation: Allocation,
    /// Why not from a pool.
    pub because: Option<String>,
    /// Whether the kernel says which pages of an instance were written to.
    pub pagemap_scan: bool,
}

/// A folder.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FolderReport {
    /// What it is for.
    pub name: &'static str,
    /// Where it is.
    pub path: String,
    /// The number of the user whose folder it is.
    pub owner: Option<u32>,
    /// Its permissions, in octal.
    pub mode: Option<String>,
    /// Whether packbox can rely on it.
    pub state: FolderState,
}

/// Whether packbox can rely on a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FolderState {
    /// It does not exist yet; it is made when it is needed.
    Missing,
    /// It is ours, and only we can write to it.
    Safe,
    /// It is ours, and its group can write to it: often that is nobody else.
    OpenToGroup,
    /// Everybody can write to it.
    OpenToAll,
    /// It is another user's.
    OfAnother,
    /// Something else has that name.
    NoFolder,
    /// It can't be looked at.
    Unreadable,
}

/// A key.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeyReport {
    /// What it signs.
    pub name: &'static str,
    /// Its file; none where the environment gives it.
    pub path: Option<String>,
    /// Whether nobody else can read it.
    pub state: KeyState,
}

/// Compiled code on disk.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CacheReport {
    /// The folder.
    pub path: String,
    /// What is in it; none where it does not exist or can't be read.
    pub health: Option<CacheHealth>,
    /// Why it can't be read.
    pub error: Option<String>,
}

/// A component that is part of this program.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// Its digest.
    pub sha256: Digest,
    /// Whether its compiled code is part of the program as well.
    pub precompiled: bool,
}

/// Something that is not as it should be, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Problem {
    /// How much it matters.
    pub kind: ProblemKind,
    /// What is wrong.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
}

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Worth knowing; packbox works.
    Note,
    /// Components that came with a pack won't be compiled, or not in confinement that this system could give.
    Confinement,
    /// Something is not what packbox made, or is open to others.
    Integrity,
}

impl ProblemKind {
    /// The exit code of a report with such a problem.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Note => 0,
            Self::Confinement => ErrorKind::Refused.exit_code(),
            Self::Integrity => ErrorKind::Integrity.exit_code(),
        }
    }
}

impl Report {
    /// What is not as it should be, what matters most first.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.folders.iter().filter_map(FolderReport::problem));
        problems.extend(self.keys.iter().filter_map(KeyReport::problem));
        self.cache.problems(&mut problems);
        compiler_problems(&self.compiler, &mut problems);
        if let Some(because) = &self.instances.because {
            let detail = format!("instances are made one by one, which is slower: {because}");
            problems.push(note(detail, "allow more address space (`ulimit -v`)"));
        }
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.kind));
        problems
    }
}

fn problem(kind: ProblemKind, detail: String, hint: impl Into<String>) -> Problem {
    Problem { kind, detail, hint: hint.into() }
}

fn note(detail: String, hint: impl Into<String>) -> Problem {
    problem(ProblemKind::Note, detail, hint)
}

impl FolderReport {
    fn problem(&self) -> Option<Problem> {
        let (name, path) = (self.name, &self.path);
        let integrity = |detail: String, hint: String| Some(problem(ProblemKind::Integrity, detail, hint));
        match self.state {
            FolderState::Missing | FolderState::Safe => None,
            FolderState::OpenToGroup => Some(note(
                format!("the {name} folder `{path}` can be written to by its group"),
                format!("if the group has other members: `chmod g-w '{path}'`"),
            )),
            FolderState::OpenToAll => integrity(
                format!("everybody can write to the {name} folder `{path}`"),
                format!("`chmod go-w '{path}'`"),
            ),
            FolderState::OfAnother => integrity(
                format!("the {name} folder `{path}` belongs to another user"),
                "set PACKBOX_HOME to a folder of yours, or change the owner".into(),
            ),
            FolderState::NoFolder | FolderState::Unreadable => integrity(
                format!("the {name} folder `{path}` can't be used"),
                "remove what is there, or set PACKBOX_HOME to a folder of yours".into(),
            ),
        }
    }
}

impl KeyReport {
    fn problem(&self) -> Option<Problem> {
        let path = self.path.as_deref().unwrap_or_default();
        (self.state == KeyState::Unusable).then(|| {
            problem(
                ProblemKind::Integrity,
                format!("the {} key `{path}` is a link, or others can read or write it, or it is damaged", self.name),
                format!("others may know it; remove it with `rm '{path}'`: a new key is made, and what the old one protected is made again"),
            )
        })
    }
}

impl CacheReport {
    fn problems(&self, problems: &mut Vec<Problem>) {
        let path = &self.path;
        if let Some(error) = &self.error {
            let hint = format!("remove it: `rm -r '{path}'`; it is made anew");
            problems.push(problem(ProblemKind::Integrity, error.clone(), hint));
        }
        let Some(health) = &self.health else { return };
        if health.unverified > 0 {
            let (count, all) = (health.unverified, health.entries);
            let detail = format!("{count} of {all} compiled cache entries are not what this user's packbox wrote");
            let hint = format!("they are not used; remove them: `rm -r '{path}'`; they are compiled again");
            problems.push(problem(ProblemKind::Integrity, detail, hint));
        }
        let left_over = health.temporary + health.stray;
        if left_over > 0 {
            let belong = if left_over == 1 { "belongs" } else { "belong" };
            let detail = format!("{} in the compiled cache {belong} to no entry", count(left_over, "file"));
            problems.push(note(detail, format!("if no packbox is running, remove the cache: `rm -r '{path}'`")));
        }
    }
}

fn compiler_problems(compiler: &Confinement, problems: &mut Vec<Problem>) {
    if let Some(reason) = &compiler.refused {
        problems.push(problem(
            ProblemKind::Confinement,
            format!("the compiler can't be confined, so packs with plugins of their own are refused: {reason}"),
            "allow `seccomp` and `landlock` system calls where packbox runs, for instance in the container's profile",
        ));
        return;
    }
    for (name, holds, _) in compiler.layers() {
        match holds {
            Holds::Yes => {}
            Holds::NotOffered => problems.push(note(
                format!("the compiler runs without this layer of its sandbox, which the system does not offer: {name}"),
                "if packs bring plugins that you don't trust, run packbox on a system whose kernel offers it",
            )),
            Holds::No if cfg!(target_os = "linux") => problems.push(problem(
                ProblemKind::Confinement,
                format!("this layer of the compiler's sandbox does not work: {name}"),
                "don't compile components that you don't trust here, and report this",
            )),
            Holds::No | Holds::Unknown => problems.push(note(
                format!("this layer of the compiler's sandbox does not work, or could not be tested: {name}"),
                "don't compile components that you don't trust here",
            )),
        }
    }
}

/// The kernel's release, where it tells.
#[must_use]
pub fn kernel() -> Option<String> {
    let release = crate::files::read_regular(std::path::Path::new("/proc/sys/kernel/osrelease"), 4096).ok()?;
    Some(crate::text::printable_line(String::from_utf8_lossy(&release).trim()))
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
