//! A user with a home of their own: what the cases of packs by name run in, and a child that is killed at a step.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use packbox::cli::Hooks;

use super::process::{Ended, Run, binary};

/// A case in code.
pub type Case = fn() -> Result<(), String>;

/// Tells the child at which step of the store to send itself SIGKILL.
const FAULT: &str = "PACKBOX_TEST_STORE_FAULT";

/// Is the command line with a fault, where the environment asks for it.
pub fn child() -> Option<ExitCode> {
    let at: u32 = std::env::vars().find(|(name, _)| name == FAULT)?.1.parse().expect("a number");
    let next = AtomicU32::new(0);
    let on_step = move |_: &'static str| {
        if next.fetch_add(1, Ordering::Relaxed) == at {
            // SAFETY: a plain system call to ourselves.
            unsafe { libc::raise(libc::SIGKILL) };
        }
    };
    let hooks = Hooks { observer: None, compiler: Some(binary().to_owned()), on_step: Some(Arc::new(on_step)) };
    let arguments: Vec<OsString> = std::env::args_os().collect();
    Some(ExitCode::from(packbox::cli::run(&arguments, &hooks)))
}

/// A user with a home of their own, and a registry in a folder.
pub struct Scene {
    /// Everything lies in here.
    pub scratch: tempfile::TempDir,
}

impl Scene {
    /// Makes a user; there is no registry yet.
    pub fn new() -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        fs::create_dir_all(scratch.path().join("work")).map_err(|error| error.to_string())?;
        Ok(Self { scratch })
    }

    /// A path in the scratch folder.
    pub fn at(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    /// Runs packbox in `work/`.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[])
    }

    /// Runs packbox in `work/`, with environment variables.
    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let mut run = Run { folder: self.at("work"), ..Run::default() };
        run.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        run.environment.insert("PACKBOX_HOME".to_owned(), self.at("home").display().to_string());
        let more = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        run.environment.extend(more);
        run.run()
    }

    /// Runs packbox, which has to succeed, and returns what it printed.
    pub fn ok(&self, arguments: &[&str]) -> Result<String, String> {
        self.exits(0, arguments)
    }

    /// Runs packbox, which has to end with this code, and returns everything that it printed.
    pub fn exits(&self, code: i32, arguments: &[&str]) -> Result<String, String> {
        let ended = self.run(arguments);
        if ended.exit == code {
            Ok(ended.text())
        } else {
            Err(format!("{arguments:?} should end with {code}: {}", ended.text()))
        }
    }

    /// Writes a pack to `packs/NAME-VERSION` and returns the folder.
    pub fn pack(&self, name: &str, version: &str, more: &str) -> Result<String, String> {
        let folder = self.at(&format!("packs/{name}-{version}"));
        fs::create_dir_all(folder.join("templates")).map_err(|error| error.to_string())?;
        let meta = format!("title = \"The {name} pack\"\ndescription = \"About {name}\"\nlicense = \"MIT\"");
        let templates = "[[templates]]\nsource = \"templates/file.txt.jinja\"\noutput = \"file.txt\"";
        let manifest = format!("[pack]\nname = \"{name}\"\nversion = \"{version}\"\n{meta}\n{more}\n{templates}\n");
        fs::write(folder.join("pack.toml"), manifest).map_err(|error| error.to_string())?;
        fs::write(folder.join("templates/file.txt.jinja"), format!("{name} {version}\n"))
            .map_err(|error| error.to_string())?;
        Ok(folder.display().to_string())
    }

    /// Publishes a pack to the only registry, without validating it, which `registry/publish-verifies` does.
    pub fn publish(&self, name: &str, version: &str, more: &str) -> Result<(), String> {
        self.ok(&["publish", "--no-verify", &self.pack(name, version, more)?]).map(|_| ())
    }

    /// A user with a registry in a folder, in which `web` needs `base`.
    pub fn with_registry() -> Result<Self, String> {
        let scene = Self::new()?;
        scene.ok(&["registry", "add", "main", &scene.at("registry").display().to_string(), "--create"])?;
        scene.publish("base", "1.0.0", "")?;
        scene.publish("base", "1.1.0", "")?;
        scene.publish("web", "1.0.0", "[dependencies]\nbase = \"^1\"\n")?;
        Ok(scene)
    }

    /// What is installed, as `NAME VERSION` each.
    pub fn installed(&self) -> Result<BTreeSet<String>, String> {
        let ended = self.run(&["list", "--installed", "--format", "json"]);
        let document = ended.json()?;
        let list = document["installed"].as_array().ok_or_else(|| ended.text())?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        Ok(list.iter().map(|found| format!("{} {}", text(&found["name"]), text(&found["version"]))).collect())
    }

    /// Whether the store is what it says it is.
    pub fn store_is_sound(&self) -> Result<serde_json::Value, String> {
        let ended = self.run(&["doctor", "--store", "--format", "json"]);
        if ended.exit == 0 { ended.json() } else { Err(ended.text()) }
    }

    /// Copies a home, so that a scene can begin again.
    fn save(&self) -> Result<(), String> {
        copy(&self.at("home"), &self.at("saved"))
    }

    fn reset(&self) -> Result<(), String> {
        // What the store holds is read-only; folders are not.
        let _ = fs::remove_dir_all(self.at("home"));
        copy(&self.at("saved"), &self.at("home"))
    }

    /// Runs a command and kills it at a step; says how it ended.
    fn killed_at(&self, at: u32, arguments: &[&str]) -> i32 {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.at("work"))
            .env("PACKBOX_HOME", self.at("home"))
            .env(FAULT, at.to_string())
            .output()
            .expect("it starts");
        output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0))
    }

    /// Kills a command at each of its steps. After each, the store is sound, what is installed is `old` or `new` or one of
    /// what lies between, and the command succeeds when it is run again.
    pub fn at_every_step(
        &self,
        arguments: &[&str],
        allowed: &[&[&str]],
        new: &[&str],
        steps: u32,
    ) -> Result<(), String> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        self.save()?;
        for at in 0..1000 {
            self.reset()?;
            let code = self.killed_at(at, arguments);
            let found = self.installed()?;
            self.store_is_sound().map_err(|error| format!("killed at step {at}: {error}"))?;
            if !allowed.iter().any(|allowed| set(allowed) == found) {
                return Err(format!("killed at step {at}, this is installed: {found:?}"));
            }
            if code == 0 {
                return if at >= steps { Ok(()) } else { Err(format!("there are {at} steps only")) };
            }
            if code != 128 + libc::SIGKILL {
                return Err(format!("step {at} ended with {code}"));
            }
            self.ok(arguments).map_err(|error| format!("killed at step {at}, then again: {error}"))?;
            if self.installed()? != set(new) {
                return Err(format!("killed at step {at}, then again: {:?}", self.installed()?));
            }
            self.ok(&["clean"])?;
            let report = self.store_is_sound()?;
            if report["leftovers"] != 0 {
                return Err(format!("killed at step {at}, `clean` leaves {report}"));
            }
        }
        Err("it never ends by itself".to_owned())
    }
}

/// Copies a folder as it is.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().map_err(|error| error.to_string())?;
    if done.success() { Ok(()) } else { Err("cp fails".to_owned()) }
}

/// Starting a process whose output is looked at later.
pub trait Later {
    /// Starts it.
    fn output_later(&mut self) -> std::process::Child;
}

impl Later for Command {
    fn output_later(&mut self) -> std::process::Child {
        self.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts")
    }
}
