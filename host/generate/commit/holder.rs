//! Who holds the lock of an output folder: what its holder writes into the file, and what of that is told.
//!
//! Always true here: the file is hostile input, as a cloned repository may carry one. It is read up to a bound and strictly, as
//! numbers only, and what it says counts as far as the system agrees: of which process the lock is, whether that process runs, and
//! whether it is the one that wrote this and not a later one of the same number.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::Path;

use super::folder::{Identity, identity, links, read_at_most};
use crate::clock::{seconds_now, utc};
use crate::files;
use crate::text::{printable_line, shortened};

/// What the file begins with; the number is the version of the form.
const FORM: &str = "packbox-lock 1";
/// The most bytes that such a file has.
const MOST: u64 = 128;
/// The most bytes of the system's list of locks that are read.
const MOST_LOCKS: u64 = 4 << 20;
/// The most bytes that the system says of a process.
const MOST_OF_PROCESS: u64 = 4 << 10;
/// Bytes of a program's name that are shown.
const LONGEST_NAME: usize = 32;

/// What a holder says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claim {
    /// Its number.
    process: u32,
    /// When the process began, in the system's ticks since it started; 0 where the system does not say.
    began: u64,
    /// When it took the lock, in seconds since 1970.
    since: u64,
}

/// What the system says of a process.
struct Running {
    /// The program's name, as the process has it.
    name: String,
    /// In ticks since the system started.
    began: u64,
    is_paused: bool,
}

/// Writes into a lock file that is held who holds it. A file that has other names, too, is somebody's own: it is left alone.
///
/// # Errors
/// Those of the system; the lock holds all the same.
pub(super) fn write(mut file: &File) -> io::Result<()> {
    if links(file)? != 1 {
        return Ok(());
    }
    let process = std::process::id();
    let began = running(process).map_or(0, |running| running.began);
    let claim = Claim { process, began, since: seconds_now() };
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(claim.to_text().as_bytes())
}

/// Says who holds a lock file that somebody else holds.
pub(super) fn told(file: &File) -> String {
    let claim = read_at_most(file, MOST).ok().flatten().and_then(|bytes| Claim::parse(&bytes));
    let holders = identity(file).map(holders).unwrap_or_default();
    told_of(claim, &holders, &running)
}

fn told_of(claim: Option<Claim>, holders: &[(u32, bool)], running: &dyn Fn(u32) -> Option<Running>) -> String {
    let claimed = claim.map(|claim| claim.process);
    // On some file systems the list names another device than files have: then what is claimed has to agree.
    let known = holders.iter().find(|(process, is_same_device)| *is_same_device || Some(*process) == claimed);
    let process = match (known, claim) {
        (Some((process, _)), _) => *process,
        (None, Some(claim)) => claim.process,
        (None, None) => return "another process, which does not say which one it is".to_owned(),
    };
    let claim = claim.filter(|claim| claim.process == process);
    let is_it = |running: &Running| known.is_some() || claim.is_some_and(|claim| claim.began == running.began);
    let Some(running) = running(process).filter(is_it) else {
        return format!(
            "process {process}, as it says, which does not run on this system: one of another machine or container"
        );
    };
    let since = claim.filter(|claim| claim.began == running.began && claim.since <= seconds_now());
    let since = since.map_or_else(String::new, |claim| format!(", since {}", utc(claim.since)));
    let paused = if running.is_paused { "; it is paused" } else { "" };
    let name = shortened(printable_line(&running.name), LONGEST_NAME).replace('`', "'");
    format!("process {process} (`{name}`){since}{paused}")
}

impl Claim {
    fn to_text(self) -> String {
        format!("{FORM} {} {} {}\n", self.process, self.began, self.since)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.strip_prefix(FORM)?.strip_suffix('\n')?;
        let mut numbers = text.strip_prefix(' ')?.split(' ').map(|digits| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { digits.parse::<u64>().ok() } else { None }
        });
        let (process, began, since) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let process = u32::try_from(process).ok().filter(|process| *process > 0)?;
        numbers.next().is_none().then_some(Self { process, began, since })
    }
}

/// The processes that hold a lock on a file, each with whether the system's list names its device; none where it has no such list.
fn holders(file: Identity) -> Vec<(u32, bool)> {
    let Ok(list) = files::read_regular(Path::new("/proc/locks"), MOST_LOCKS) else { return Vec::new() };
    let list = String::from_utf8_lossy(&list);
    list.lines().filter_map(|line| holder(line, file)).collect()
}

/// `1: FLOCK  ADVISORY  WRITE 4711 fd:01:123456 0 EOF`; who waits has `->` behind the first number.
fn holder(line: &str, file: Identity) -> Option<(u32, bool)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, "FLOCK", _, _, process, place, ..] = fields[..] else { return None };
    let mut place = place.split(':');
    let (major, minor, inode) = (place.next()?, place.next()?, place.next()?);
    let device = (u32::from_str_radix(major, 16).ok()?, u32::from_str_radix(minor, 16).ok()?);
    let process = process.parse().ok().filter(|process| *process > 0)?;
    (inode.parse() == Ok(file.inode)).then(|| (process, file.is_on(device)))
}

/// What the system says of a process; none where it does not run, or the system does not say such things.
fn running(process: u32) -> Option<Running> {
    let status = files::read_regular(Path::new(&format!("/proc/{process}/stat")), MOST_OF_PROCESS).ok()?;
    parse_running(&String::from_utf8_lossy(&status))
}

/// `4711 (name) S …`: the name may hold anything; when it began is 19 fields behind the state.
fn parse_running(status: &str) -> Option<Running> {
    let (before, fields) = status.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    // What has ended, and was not asked how, holds nothing.
    let lives = !matches!(state, "Z" | "X" | "x");
    let began = fields.nth(18)?.parse().ok()?;
    lives.then_some(Running { name, began, is_paused: matches!(state, "T" | "t") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_here_is_read() {
        let claim = Claim { process: 4711, began: 123, since: 1_764_467_830 };
        assert_eq!(Claim::parse(claim.to_text().as_bytes()), Some(claim));
        for text in [
            "",
            "\n",
            "4711",
            "packbox-lock 1 4711 123\n",
            "packbox-lock 1 4711 123 456",
            "packbox-lock 1 4711 123 456 7\n",
            "packbox-lock 2 4711 123 456\n",
            "packbox-lock 1 0 123 456\n",
            "packbox-lock 1 -1 123 456\n",
            "packbox-lock 1 +1 123 456\n",
            "packbox-lock 1 4711  123 456\n",
            "packbox-lock 1 4294967296 123 456\n",
            "packbox-lock 1 1 123 99999999999999999999\n",
            "packbox-lock 1 4711 123 \x1b[31m\n",
        ] {
            assert_eq!(Claim::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Claim::parse(b"packbox-lock 1 4711 123 \xff\n"), None);
    }

    #[test]
    fn what_the_system_does_not_bear_out_is_only_a_claim() {
        let now = seconds_now();
        let claim = |process, began, since| Some(Claim { process, began, since });
        let running = |process| {
            let running = |name: &str, is_paused| Running { name: name.to_owned(), began: 5, is_paused };
            match process {
                7 => Some(running("pack\u{1b}`box", false)),
                8 => Some(running("other", true)),
                _ => None,
            }
        };
        let told = |claim, holders: &[(u32, bool)]| told_of(claim, holders, &running);
        let since = utc(now - 3);
        assert_eq!(told(claim(7, 5, now - 3), &[]), format!("process 7 (`pack\u{fffd}'box`), since {since}"));
        assert_eq!(
            told(claim(8, 5, now - 3), &[(8, false)]),
            format!("process 8 (`other`), since {since}; it is paused")
        );
        // A number that a later process has; a process that is not there; a time that is to come.
        assert!(told(claim(7, 4, now - 3), &[]).contains("does not run on this system"));
        assert!(told(claim(9, 5, now - 3), &[]).starts_with("process 9, as it says, which does not run"));
        assert_eq!(told(claim(8, 5, now + 60), &[]), "process 8 (`other`); it is paused");
        // What the system knows comes before what is claimed, where it is about the same file.
        assert_eq!(told(claim(7, 5, now - 3), &[(8, true)]), "process 8 (`other`); it is paused");
        assert!(told(claim(7, 5, now - 3), &[(8, false)]).starts_with("process 7"));
        assert!(told(None, &[(8, false)]).starts_with("another process"));
        assert!(told(None, &[]).starts_with("another process"));
    }

    #[test]
    fn what_the_system_says_is_read() {
        let status = "42 (a) b (c) T 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2";
        let running = parse_running(status).unwrap();
        assert_eq!((running.name.as_str(), running.began, running.is_paused), ("a) b (c", 98765, true));
        assert!(parse_running(&status.replace(") T", ") Z")).is_none() && parse_running("42 (a").is_none());
        let file = Identity { inode: 123, ..Identity::default() };
        assert_eq!(holder("1: FLOCK  ADVISORY  WRITE 42 00:00:123 0 EOF", file).map(|(process, _)| process), Some(42));
        for line in [
            "1: -> FLOCK  ADVISORY  WRITE 42 00:00:123 0 EOF",
            "1: POSIX  ADVISORY  WRITE 42 00:00:123 0 EOF",
            "1: FLOCK  ADVISORY  WRITE 42 00:00:124 0 EOF",
            "1: FLOCK  ADVISORY  WRITE -1 00:00:123 0 EOF",
            "1: FLOCK",
            "",
        ] {
            assert_eq!(holder(line, file), None, "{line}");
        }
    }
}
