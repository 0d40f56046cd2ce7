//! A user for the cases of kept answers: with answers of their own, and compiled code that all tests share.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use super::process::{Ended, Run, read_folder, shared_home};

/// A user whose compiled code is that of all tests, and whose answers are their own.
pub struct User {
    pub scratch: tempfile::TempDir,
}

pub fn io(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Compiles the engines, where nobody has.
pub fn warm() -> Result<(), String> {
    static WARM: OnceLock<Result<(), String>> = OnceLock::new();
    let generate = || {
        let scratch = tempfile::tempdir().map_err(io)?;
        let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/greeting");
        let arguments = ["generate", pack, "--no-input", "-o", "out"].map(str::to_owned).into();
        let ended = Run { arguments, folder: scratch.path().to_owned(), ..Run::default() }.run();
        if ended.exit == 0 { Ok(()) } else { Err(ended.text()) }
    };
    WARM.get_or_init(generate).clone()
}

impl User {
    pub fn new() -> Result<Self, String> {
        warm()?;
        let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(io)?;
        for folder in ["home/cache", "home/state", "work"] {
            fs::create_dir_all(scratch.path().join(folder)).map_err(io)?;
        }
        // A key is bound to its file, which may have two names.
        let shared = shared_home();
        fs::hard_link(shared.join("state/cache.key"), scratch.path().join("home/state/cache.key")).map_err(io)?;
        std::os::unix::fs::symlink(shared.join("cache/compiled"), scratch.path().join("home/cache/compiled"))
            .map_err(io)?;
        Ok(Self { scratch })
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.scratch.path().join("work").join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> Result<(), String> {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).map_err(io)?;
        fs::write(path, text).map_err(io)
    }

    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let mut run = Run { folder: self.at(""), ..Run::default() };
        run.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let home = self.scratch.path().join("home").display().to_string();
        run.environment.insert("PACKBOX_HOME".to_owned(), home);
        run.environment.extend(environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        run.run()
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[])
    }

    /// Runs a command as if nothing were known, and forgets what it keeps.
    pub fn cold(&self, arguments: &[&str]) -> Ended {
        let aside = self.scratch.path().join("aside");
        let moved = fs::rename(self.answers(), &aside).is_ok();
        let ended = self.run(arguments);
        let _ = fs::remove_dir_all(self.answers());
        if moved {
            fs::rename(aside, self.answers()).expect("it is put back");
        }
        ended
    }

    /// Runs a command that ends well, and gives its document.
    pub fn json(&self, arguments: &[&str]) -> Result<Value, String> {
        let mut all = arguments.to_vec();
        all.extend(["--format", "json"]);
        let ended = self.run(&all);
        if ended.exit == 0 { ended.json() } else { Err(format!("{arguments:?}: {}", ended.text())) }
    }

    /// Generates `pack` into a folder, with these arguments, and gives its document.
    pub fn generate(&self, output: &str, more: &[&str]) -> Result<Value, String> {
        let mut arguments = vec!["generate", "pack", "--no-input", "--why", "-o", output];
        arguments.extend(more);
        self.json(&arguments)
    }

    pub fn answers(&self) -> PathBuf {
        self.scratch.path().join("home/cache/answers")
    }

    /// The files of answers.
    pub fn books(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.answers()).into_iter().flatten().flatten();
        let mut books: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        books.sort();
        books
    }

    /// Whether two output folders have the same files, receipts aside.
    pub fn same(&self, one: &str, other: &str) -> Result<(), String> {
        let files = |folder: &str| {
            let mut files = read_folder(&self.at(folder));
            files.retain(|name, _| !name.starts_with(".packbox"));
            files
        };
        if files(one).is_empty() || files(one) != files(other) {
            return Err(format!("{one} and {other} differ: {:?} {:?}", files(one), files(other)));
        }
        Ok(())
    }
}

pub fn calls(document: &Value) -> Result<u64, String> {
    document["wasm_calls"].as_u64().ok_or_else(|| format!("no calls in {document}"))
}

/// How a run ended, and what it complained of.
pub fn told(ended: &Ended) -> (i32, String) {
    let text = String::from_utf8_lossy(&ended.stderr).into_owned();
    let lines = text.lines().filter(|line| !line.starts_with("packbox: compiling"));
    (ended.exit, lines.collect::<Vec<_>>().join("\n"))
}

/// The files that were rendered, with the reasons.
pub fn rendered(document: &Value) -> Vec<(String, String)> {
    let files = document["files"].as_array().into_iter().flatten();
    let reasons = |file: &Value| {
        let reasons = file["why"].as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ");
        Some((file["path"].as_str()?.to_owned(), reasons))
    };
    files.filter_map(reasons).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "what is compared is often made for it")]
pub fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?} instead of {wanted:?}")) }
}

/// A pack with everything that is called: all engines, a chain, a list, conditions, computed values, partials, a message.
pub const MANIFEST: &str = r#"
[pack]
name = "everything"
version = "1.0.0"
message = "message.md.jinja"

[variables.title]
type = "string"
default = "Title"

[variables.author]
type = "string"
default = "Ann"

[variables.slug]
type = "string"
compute = "title | lower"

[variables.parts]
type = "list"
default = ["one", "two"]

[[templates]]
source = "title.txt.jinja"
output = "{{ slug }}/title.txt"
when = "title != ''"

[[templates]]
source = "author.txt.tera"
output = "author.txt"

[[templates]]
source = "both.txt.hbs"
output = "both.txt"

[[templates]]
source = "plain.txt.liquid"
output = "plain.txt"

[[templates]]
source = "part.txt.jinja"
for_each = "parts"
output = "parts/{{ item }}.txt"

[[templates]]
source = "chain.txt.jinja"
output = "chain.txt"
then = ["tera"]

[[templates]]
source = "copied.txt"
output = "copied.txt"
"#;

pub fn everything(user: &User) -> Result<(), String> {
    user.write("pack/pack.toml", MANIFEST)?;
    user.write("pack/title.txt.jinja", "{{ title }}{% include 'foot.jinja' %}\n")?;
    user.write("pack/foot.jinja", " foot")?;
    user.write("pack/author.txt.tera", "{{ author }}\n")?;
    user.write("pack/both.txt.hbs", "{{title}} {{author}}\n")?;
    user.write("pack/plain.txt.liquid", "plain\n")?;
    user.write("pack/part.txt.jinja", "{{ item }} of {{ title if nothing is defined else 'parts' }}\n")?;
    user.write("pack/chain.txt.jinja", "{{ '{{' }} author {{ '}}' }}\n")?;
    user.write("pack/copied.txt", "copied\n")?;
    user.write("pack/message.md.jinja", "Made {{ title }} for {{ author }}.\n")
}

/// Two packs that merge a file.
pub fn two_packs(user: &User) -> Result<(), String> {
    for (name, key) in [("base", "title"), ("web", "port")] {
        let manifest = format!(
            "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n[variables.{key}]\ntype = \"string\"\ndefault = \"x\"\n\
             [[templates]]\nsource = \"config.toml.jinja\"\noutput = \"config.toml\"\non_conflict = \"merge-toml\"\n"
        );
        user.write(&format!("{name}/pack.toml"), manifest)?;
        user.write(&format!("{name}/config.toml.jinja"), format!("[{name}]\n{key} = \"{{{{ {key} }}}}\"\n"))?;
    }
    Ok(())
}
