//! Cases at a real terminal: one folder each below `tests/terminal/`.
//!
//! A case has `case.toml` and the screens that its script names, as `NAME.screen`. With `BLESS=1` they are rewritten. A script
//! has a step in each line:
//!
//! | step | |
//! | --- | --- |
//! | `type TEXT` | types the text |
//! | `key NAME…` | presses keys: `Enter`, `Esc`, `Up`, `C-a`, `M-Enter` and so on |
//! | `paste TEXT` | pastes a text; `\n` is a line break in it |
//! | `screen NAME`, `colors NAME` | waits until the screen is that of the file; `colors` with how it looks |
//! | `see TEXT` | waits for a text on the screen; ` | ` is between texts of which one will do |
//! | `gone TEXT` | a text is not on the screen, as the last step left it |
//! | `think MILLISECONDS` | does nothing for so long, where the time itself matters |
//! | `size COLUMNSxROWS` | changes the terminal's size |
//! | `hang up` | takes the terminal away |
//! | `exit CODE` | waits for the end |

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde::Deserialize;

use super::cli_cases;
use super::process::{Run, binary, shared_home};
use super::terminal::{Size, Terminal};

/// What to run, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows, in one sentence.
    about: String,
    /// Files to begin with, by path.
    files: BTreeMap<String, String>,
    /// Shell commands that run before.
    #[serde(default)]
    before: Vec<String>,
    /// Arguments.
    args: Vec<String>,
    /// A shell command that starts the program, as `"$0" "$@"`.
    #[serde(default)]
    shell: Option<String>,
    /// Environment variables; `TERM` is `xterm-256color` unless it is here.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Columns and rows.
    #[serde(default = "usual")]
    size: (u16, u16),
    /// The steps.
    script: String,
    /// Shell commands that must succeed afterwards.
    #[serde(default)]
    after: Vec<String>,
}

fn usual() -> (u16, u16) {
    (80, 24)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal")
}

/// Names of the cases.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).expect("tests/terminal").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs a case.
pub fn run(name: &str) -> Result<(), String> {
    let path = folder().join(name).join("case.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let case: Case = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if case.about.is_empty() {
        return Err("a case says what it is about".to_owned());
    }
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let work = scratch.path();
    for (path, text) in &case.files {
        let path = work.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).map_err(|error| error.to_string())?;
        std::fs::write(path, text).map_err(|error| error.to_string())?;
    }
    compile_once(work);
    case.before.iter().try_for_each(|command| cli_cases::shell(command, work))?;
    let mut command = match &case.shell {
        None => Command::new(binary()),
        Some(_) => Command::new("sh"),
    };
    if let Some(shell) = &case.shell {
        command.args(["-c", shell]).arg(binary());
    }
    command
        .args(&case.args)
        .current_dir(work)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("PACKBOX_HOME", shared_home())
        .env("TERM", "xterm-256color")
        .envs(case.env.iter().map(|(name, value)| (name, value.replace("{work}", &work.to_string_lossy()))));
    let mut terminal = Terminal::start(command, Size(case.size.0, case.size.1)).map_err(|error| error.to_string())?;
    let mut seen = 0;
    for (number, step) in case.script.lines().map(str::trim_start).enumerate() {
        let said = play(step, &mut terminal, &folder().join(name), &mut seen);
        said.map_err(|problem| format!("step {}, `{step}`: {problem}", number + 1))?;
    }
    drop(terminal);
    case.after.iter().try_for_each(|command| cli_cases::shell(command, work))
}

/// That the built-in engine is compiled is said once, in whichever case is the first.
fn compile_once(work: &Path) {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let pack = work.join("compiled-once");
        std::fs::create_dir_all(&pack).expect("a folder");
        let manifest =
            "[pack]\nname = \"a\"\nversion = \"1.0.0\"\n[[templates]]\nsource = \"a.jinja\"\noutput = \"a\"\n";
        std::fs::write(pack.join("pack.toml"), manifest).expect("a manifest");
        std::fs::write(pack.join("a.jinja"), "").expect("a template");
        let arguments = ["generate", "compiled-once", "--output", "compiled"].map(str::to_owned).to_vec();
        let ended = Run { arguments, folder: work.to_owned(), ..Run::default() }.run();
        assert_eq!(ended.exit, 0, "{}", ended.text());
    });
}

/// Does a step; `seen` is how many bytes had come when the last screen was looked at.
fn play(step: &str, terminal: &mut Terminal, folder: &Path, seen: &mut usize) -> Result<(), String> {
    let (word, rest) = step.split_once(' ').unwrap_or((step, ""));
    match word {
        "" | "#" => Ok(()),
        "type" => terminal.send(rest.as_bytes()),
        "key" => rest.split(' ').try_for_each(|name| terminal.send(&key(name)?)),
        "paste" => terminal.send(format!("\u{1b}[200~{}\u{1b}[201~", rest.replace("\\n", "\r")).as_bytes()),
        "see" => terminal.see(rest),
        "gone" => match terminal.text(false) {
            text if text.contains(rest) => Err(format!("it is there; the screen is\n{text}")),
            _ => Ok(()),
        },
        "hang" => {
            terminal.hang_up();
            Ok(())
        }
        "think" => {
            let time = rest.parse().map_err(|_| "a time is in milliseconds")?;
            std::thread::sleep(std::time::Duration::from_millis(time));
            Ok(())
        }
        "size" => {
            let size =
                rest.split_once('x').and_then(|(columns, rows)| Some(Size(columns.parse().ok()?, rows.parse().ok()?)));
            terminal.resize(size.ok_or("a size is COLUMNSxROWS")?)
        }
        "screen" | "colors" => {
            let (file, colors) = (folder.join(format!("{rest}.screen")), word == "colors");
            let expected = std::fs::read_to_string(&file).unwrap_or_default();
            let settled = if cli_cases::blessing() {
                terminal.quiet(*seen);
                Err(terminal.text(colors))
            } else {
                terminal.settles_as(&expected, colors)
            };
            *seen = terminal.bytes();
            settled.or_else(|actual| cli_cases::compare(&file, &actual))
        }
        "exit" => match terminal.ended()? {
            code if code.to_string() == rest => Ok(()),
            code => Err(format!("it ended with {code}; the screen is\n{}", terminal.text(false))),
        },
        _ => Err("no such step".to_owned()),
    }
}

/// What a terminal sends for a key.
fn key(name: &str) -> Result<Vec<u8>, String> {
    if let Some(letter) = name.strip_prefix("C-").and_then(|letter| letter.bytes().next()) {
        return Ok(vec![letter & 0x1f]);
    }
    let text = match name {
        "Enter" => "\r",
        "M-Enter" => "\u{1b}\r",
        "Esc" => "\u{1b}",
        "Tab" => "\t",
        "Backspace" => "\u{7f}",
        "Delete" => "\u{1b}[3~",
        "Up" => "\u{1b}[A",
        "Down" => "\u{1b}[B",
        "Right" => "\u{1b}[C",
        "Left" => "\u{1b}[D",
        "Home" => "\u{1b}[H",
        "End" => "\u{1b}[F",
        "PageUp" => "\u{1b}[5~",
        "PageDown" => "\u{1b}[6~",
        _ => return Err(format!("there is no key `{name}`")),
    };
    Ok(text.into())
}
