//! Credential helpers: programs `docker-credential-NAME` that the user's Docker configuration names.
//!
//! Always true here: a helper is found by its name in the user's `PATH`, and waited for [`PATIENCE`] at the most, with an eye
//! on the interrupt; what it prints is bounded, and its secrets are never shown.

use std::io::{ErrorKind as IoKind, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::text::printable_line;

/// How long a credential helper may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long is waited for what a helper printed once it has ended: a process that it left behind may hold its output.
const LEFT_BEHIND: Duration = Duration::from_secs(1);
/// The most of an answer that is read.
const LARGEST: usize = 1 << 20;
/// The most of its words that is shown, in characters.
const LONGEST: usize = 200;
/// What helpers say by the protocol where they know nothing.
const NOT_FOUND: &str = "credentials not found";

/// What became of asking.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It knows these.
    Found { user: String, secret: String },
    /// It knows nothing of that name.
    Unknown,
    /// It is not there, fails, hangs, or answers something else; in words that follow its name, with what to do.
    Failed(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    username: String,
    secret: String,
}

/// The program of a helper.
pub(super) fn program(helper: &str) -> String {
    format!("docker-credential-{}", printable_line(helper))
}

/// Asks a credential helper for what it has under a name.
///
/// # Errors
/// `Usage` where the helper's name is none; `Interrupted`.
pub(super) fn ask(helper: &str, name: &str, interrupt: &Interrupt) -> Result<Answer> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if helper.is_empty() || !helper.bytes().all(is_plain) {
        let detail = format!(
            "Docker's configuration names a credential helper `{}`, which is not a valid name",
            printable_line(helper)
        );
        return Err(Error::new(ErrorKind::Usage, detail)
            .hint("a helper is named without its path and without `docker-credential-`"));
    }
    let mut command = Command::new(program(helper));
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    match command.spawn() {
        Ok(child) => talk(child, name, PATIENCE, interrupt),
        Err(error) if error.kind() == IoKind::NotFound => {
            Ok(Answer::Failed("is not in `PATH`: install it, or take it out of that file".to_owned()))
        }
        Err(error) => Ok(Answer::Failed(format!("can't be run: {error}"))),
    }
}

/// Hands over the name and waits for the answer.
fn talk(mut child: Child, name: &str, patience: Duration, interrupt: &Interrupt) -> Result<Answer> {
    // A helper that reads nothing must not block who writes: a name fits into any pipe.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(name.as_bytes());
    }
    let (answer, complaint) = (Printed::of(child.stdout.take()), Printed::of(child.stderr.take()));
    let begin = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if !interrupt.is_set() && begin.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(10));
            }
            waited => {
                let _ = child.kill();
                let _ = child.wait();
                interrupt.go_on()?;
                return Ok(Answer::Failed(match waited {
                    Ok(_) => format!(
                        "gave no answer for {} s: run it by hand, or take it out of that file",
                        patience.as_secs()
                    ),
                    Err(error) => format!("can't be waited for: {error}"),
                }));
            }
        }
    };
    Ok(meaning(status, &answer.whole(), &complaint.whole()))
}

/// What a helper prints, read while it runs, so that it never waits for a reader.
struct Printed {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Printed {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let bytes: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = Arc::clone(&bytes);
        let read = move |mut pipe: Box<dyn Read>| {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                if let Ok(mut kept) = kept.lock()
                    && kept.len() < LARGEST
                {
                    kept.extend_from_slice(&chunk[..read]);
                }
            }
        };
        Self { bytes, reader: pipe.map(|pipe| std::thread::spawn(move || read(Box::new(pipe)))) }
    }

    /// All of it, once the helper has ended.
    fn whole(self) -> Vec<u8> {
        let begin = Instant::now();
        while self.reader.as_ref().is_some_and(|reader| !reader.is_finished()) && begin.elapsed() < LEFT_BEHIND {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.bytes.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default()
    }
}

fn meaning(status: ExitStatus, answer: &[u8], complaint: &[u8]) -> Answer {
    let words = |bytes: &[u8]| -> String {
        let text = printable_line(String::from_utf8_lossy(bytes).trim());
        text.chars().take(LONGEST).collect()
    };
    if !status.success() {
        // By the protocol the reason is on standard output.
        let said = [words(answer), words(complaint)].into_iter().find(|said| !said.is_empty());
        return match said {
            Some(said) if said.contains(NOT_FOUND) => Answer::Unknown,
            Some(said) => Answer::Failed(format!("fails: {said}")),
            None => Answer::Failed(format!("fails without a message ({status})")),
        };
    }
    match serde_json::from_slice(answer) {
        Ok(Credentials { secret, .. }) if secret.is_empty() => Answer::Unknown,
        Ok(Credentials { username, secret }) => Answer::Found { user: username, secret },
        // What it says may be a secret.
        Err(_) => Answer::Failed("answers with something other than JSON with `Username` and `Secret`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(script: &str) -> Answer {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let patience = Duration::from_secs(5);
        talk(command.spawn().expect("a shell"), "host", patience, &Interrupt::default()).expect("an answer")
    }

    fn failed(script: &str) -> String {
        match asked(script) {
            Answer::Failed(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn helpers_answer() {
        let found = asked("read name; echo \"{\\\"Username\\\":\\\"$name\\\",\\\"Secret\\\":\\\"s\\\"}\"");
        assert_eq!(found, Answer::Found { user: "host".into(), secret: "s".into() });
        assert_eq!(asked("echo 'credentials not found in native keychain'; exit 1"), Answer::Unknown);
        assert_eq!(asked("echo '{\"Username\":\"u\",\"Secret\":\"\"}'"), Answer::Unknown);
        // It reads nothing, writes much, and leaves a process behind.
        let found =
            asked("sleep 20 & head -c 500000 /dev/zero | tr '\\0' ' '; echo '{\"Username\":\"u\",\"Secret\":\"s\"}'");
        assert_eq!(found, Answer::Found { user: "u".into(), secret: "s".into() });
    }

    #[test]
    fn helpers_that_fail_say_why() {
        assert_eq!(
            failed("echo 'the keychain is \u{1b}[31mlocked'; exit 1"),
            "fails: the keychain is \u{fffd}[31mlocked"
        );
        assert_eq!(failed("echo 'no display' >&2; exit 3"), "fails: no display");
        assert!(failed("exit 3").contains("without a message (exit status: 3)"));
        let nonsense = failed("echo 'hunter2'");
        assert!(nonsense.contains("something other than JSON") && !nonsense.contains("hunter2"), "{nonsense}");
        let begin = Instant::now();
        let mut command = Command::new("sleep");
        let child = command.arg("60").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let answer = talk(child.unwrap(), "host", Duration::from_millis(100), &Interrupt::default()).unwrap();
        assert!(matches!(&answer, Answer::Failed(why) if why.contains("gave no answer")), "{answer:?}");
        assert!(begin.elapsed() < Duration::from_secs(10));
        let missing = ask("is-nowhere-at-all", "host", &Interrupt::default()).unwrap();
        assert!(matches!(&missing, Answer::Failed(why) if why.contains("not in `PATH`")), "{missing:?}");
    }
}
