//! Saved plans, held to the byte: whatever they were made from, and what stands in the folder that they are for. What is read to
//! make one.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use packbox::digest::Digest;
use packbox::{ComposedPlan, ErrorKind, Inputs, OnExisting, Packbox, Writing};

use super::guests;
use super::process::{Ended, Run, read_folder, shared_home};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("plan/each-byte", each_byte),
    ("plan/hidden", hidden),
    ("plan/embedded", embedded),
    ("plan/reads-what-it-needs", reads_what_it_needs),
];

/// The output folder of a run before, in part edited since, and packs that changed since.
struct Project {
    scratch: tempfile::TempDir,
}

const APPLY: [&str; 5] = ["apply", "saved.plan", "--no-input", "--output", "out"];

impl Project {
    fn at(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let environment = [("PACKBOX_VAR_TOKEN".to_owned(), "hush-hush-hush".to_owned())].into();
        Run { arguments, folder: self.scratch.path().to_owned(), environment, ..Run::default() }.run()
    }

    fn ok(&self, arguments: &[&str]) -> Result<String, String> {
        let ended = self.run(arguments);
        if ended.exit == 0 { Ok(ended.text()) } else { Err(format!("{arguments:?}: {}", ended.text())) }
    }

    fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, contents).expect("a file");
    }

    fn new() -> Result<Self, String> {
        let project = Self { scratch: tempfile::tempdir().map_err(|error| error.to_string())? };
        let echo = guests::component("echo");
        let digest = Digest::of(&echo);
        project.write("base/echo.wasm", &echo);
        let manifest = format!(
            "# a pack\n[pack]\nname = \"base\"\nversion = \"1.0.0\"\nmessage = \"hello.md.jinja\"\n\n\
             [variables.name]\ntype = \"string\"\ndefault = \"shop\"\n\n[variables.token]\ntype = \"secret\"\n\n\
             [plugins.echo]\ncomponent = \"echo.wasm\"\nsha256 = \"{digest}\"\n\n\
             [[templates]]\nsource = \"a.txt.jinja\"\noutput = \"a.txt\"\n\n\
             [[templates]]\nsource = \"notes.txt\"\noutput = \"docs/notes.txt\"\n\n\
             [[templates]]\nsource = \"same.txt\"\noutput = \"same.txt\"\n\n\
             [[templates]]\nsource = \"env.jinja\"\noutput = \"env\"\n\n\
             [[templates]]\nsource = \"once.txt\"\noutput = \"once.txt\"\non_conflict = \"create-once\"\n\n\
             [[templates]]\nsource = \"ignore\"\noutput = \".gitignore\"\non_conflict = \"append-lines\"\n\n\
             [[templates]]\nsource = \"echoed.txt\"\nengine = \"plugin:echo\"\noutput = \"echoed.txt\"\n"
        );
        project.write(
            "base/pack.toml",
            format!("{manifest}\n[[templates]]\nsource = \"old.txt\"\noutput = \"old.txt\"\n"),
        );
        for (path, contents) in [
            ("base/hello.md.jinja", "Hello {{ name }}.\n"),
            ("base/a.txt.jinja", "{% include \"part.jinja\" %}a\n"),
            ("base/part.jinja", "{{ name }}\n"),
            ("base/notes.txt", "notes\n"),
            ("base/same.txt", "same\n"),
            ("base/env.jinja", "token={{ token }}\n"),
            ("base/once.txt", "once\n"),
            ("base/ignore", "/target\n"),
            ("base/echoed.txt", "echoed\n"),
            ("base/old.txt", "old\n"),
            ("web/ignore", "/dist\n"),
            ("web/new.txt", "new\n"),
            (
                "web/pack.toml",
                "# another\n[pack]\nname = \"web\"\nversion = \"1.0.0\"\n\n[dependencies]\nbase = \"^1\"\n\n\
                 [[templates]]\nsource = \"ignore\"\noutput = \".gitignore\"\non_conflict = \"append-lines\"\n",
            ),
            (
                "compose.toml",
                "# both\n[packs]\nbase = { path = \"base\" }\nweb = { path = \"web\" }\n\n[answers]\nname = \"market\"\n",
            ),
        ] {
            project.write(path, contents);
        }
        project.ok(&["compose", "--no-input", "--output", "out"])?;
        // Since then: the packs changed, and so did what they made.
        project.write("base/pack.toml", manifest);
        fs::remove_file(project.at("base/old.txt")).expect("a file");
        project.write("base/notes.txt", "other notes\n");
        let web = fs::read_to_string(project.at("web/pack.toml")).expect("a manifest");
        project.write("web/pack.toml", web + "\n[[templates]]\nsource = \"new.txt\"\noutput = \"new.txt\"\n");
        project.write("out/a.txt", "edited\n");
        Ok(project)
    }

    fn save(&self) -> Result<serde_json::Value, String> {
        let plan = ["plan", "--no-input", "--output", "out", "--on-existing", "overwrite", "--prune"];
        self.ok(&[&plan[..], &["--save", "saved.plan"]].concat())?;
        let saved = fs::read(self.at("saved.plan")).map_err(|error| error.to_string())?;
        serde_json::from_slice(&saved).map_err(|error| error.to_string())
    }

    /// Applies the plan, which has to be refused with this name, and with nothing written.
    fn refused(&self, what: &str, name: &str) -> Result<(), String> {
        let before = read_folder(&self.at("out"));
        let ended = self.run(&APPLY);
        if ended.exit != 6 || !ended.text().contains(name) {
            return Err(format!("{what}: wanted exit code 6 and `{name}`: {}", ended.text()));
        }
        if read_folder(&self.at("out")) == before { Ok(()) } else { Err(format!("{what}: something was written")) }
    }

    /// Flips one bit of a file while `then` looks.
    fn flipped<T>(&self, path: &str, at: usize, then: impl FnOnce() -> T) -> T {
        let file = self.at(path);
        let bytes = fs::read(&file).expect("a file");
        let mut other = bytes.clone();
        other[at] ^= 1;
        fs::write(&file, other).expect("a file");
        let came = then();
        fs::write(&file, bytes).expect("a file");
        came
    }
}

/// One byte of each input in turn: a plan is refused, by the input's name, and nothing is written.
fn each_byte() -> Result<(), String> {
    let project = Project::new()?;
    let plan = project.save()?;
    let steps: BTreeMap<&str, &str> = plan["folder"]["files"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|file| Some((file["path"].as_str()?, file["step"].as_str()?)))
        .collect();
    let wanted = [
        (".gitignore", "unchanged"),
        ("a.txt", "replace"),
        ("docs/notes.txt", "replace"),
        ("echoed.txt", "unchanged"),
        ("env", "unchanged"),
        ("new.txt", "create"),
        ("old.txt", "remove"),
        ("once.txt", "keep"),
        ("same.txt", "unchanged"),
    ];
    if steps != BTreeMap::from(wanted) {
        return Err(format!("these are the steps: {steps:?}"));
    }
    // The name of each input in a message, and the byte that flips: in manifests one of a comment, so that they stay what they
    // are.
    let inputs = [
        ("compose.toml", "compose.toml", 2),
        ("base/pack.toml", "the pack `base`: changed since the plan was made: pack.toml", 2),
        ("web/pack.toml", "the pack `web`: changed since the plan was made: pack.toml", 2),
        ("base/a.txt.jinja", "a.txt.jinja", 26),
        ("base/part.jinja", "part.jinja", 3),
        ("base/hello.md.jinja", "hello.md.jinja", 1),
        ("base/env.jinja", "env.jinja", 0),
        ("base/once.txt", "once.txt", 0),
        ("base/ignore", "the pack `base`: changed since the plan was made: ignore", 0),
        ("web/ignore", "the pack `web`: changed since the plan was made: ignore", 0),
        ("web/new.txt", "new.txt", 0),
        ("base/echoed.txt", "echoed.txt", 0),
        ("base/echo.wasm", "echo", 100),
        ("out/a.txt", "`a.txt`", 0),
        ("out/docs/notes.txt", "`docs/notes.txt`", 0),
        ("out/same.txt", "`same.txt`", 0),
        ("out/.gitignore", "`.gitignore`", 1),
        ("out/echoed.txt", "`echoed.txt`", 0),
        ("out/old.txt", "`old.txt`", 0),
        ("out/env", "`env`", 0),
        ("out/.packbox/receipt.json", "`.packbox/receipt.json`", 1),
    ];
    for (path, name, at) in inputs {
        project.flipped(path, at, || project.refused(path, name))?;
    }
    // Every byte of one, and of a manifest, where a mistake is told before anything is compared.
    for at in 0.."other notes\n".len() {
        project.flipped("base/notes.txt", at, || project.refused(&format!("byte {at}"), "notes.txt"))?;
    }
    let manifest = fs::read(project.at("web/pack.toml")).expect("a manifest");
    for at in (0..manifest.len()).step_by(7) {
        let ended = project.flipped("web/pack.toml", at, || project.run(&APPLY));
        if ended.exit == 0 || !(ended.text().contains("pack.toml") || ended.text().contains("the pack `web`")) {
            return Err(format!("byte {at} of the manifest: {}", ended.text()));
        }
    }
    // What appears, vanishes, or may be run.
    project.write("out/new.txt", "mine\n");
    project.refused("a file that appeared", "`new.txt` (it was not there)")?;
    fs::remove_file(project.at("out/new.txt")).expect("a file");
    for vanished in ["a.txt", "once.txt", "same.txt", "old.txt", ".packbox/receipt.json"] {
        let file = project.at("out").join(vanished);
        let bytes = fs::read(&file).expect("a file");
        fs::remove_file(&file).expect("a file");
        project.refused("a file that vanished", &format!("`{vanished}` (it is gone)"))?;
        // A folder of packbox's own in which nothing is left is taken away.
        project.write(&format!("out/{vanished}"), bytes);
    }
    let runs = |mode| fs::set_permissions(project.at("out/a.txt"), fs::Permissions::from_mode(mode)).expect("a mode");
    runs(0o755);
    project.refused("a file that may be run", "`a.txt`")?;
    runs(0o644);
    // What is kept whatever is in it is nobody's input.
    project.write("out/once.txt", "mine\n");
    let other = project.run(&[&APPLY[..], &["--on-existing", "skip"]].concat());
    if other.exit != 2 || !other.text().contains("with `--on-existing overwrite` and with `--prune`") {
        return Err(other.text());
    }
    project.ok(&APPLY)?;
    let after = read_folder(&project.at("out"));
    let text = |path: &str| after.get(path).map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned());
    let came = ["a.txt", "docs/notes.txt", "new.txt", "old.txt", "once.txt"].map(text);
    let wanted = [Some("market\na\n"), Some("other notes\n"), Some("new\n"), None, Some("mine\n")];
    if came.each_ref().map(Option::as_deref) == wanted { Ok(()) } else { Err(format!("applied: {came:?}")) }
}

/// No digest is kept of what may hold a secret: neither of what stands there nor of a `compose.toml`.
fn hidden() -> Result<(), String> {
    let project = Project::new()?;
    project.write("out/a.txt", "my own, with hush-hush-hush in it\n");
    let plan = project.save()?;
    let base = |path: &str| {
        let files = plan["folder"]["files"].as_array().into_iter().flatten();
        files.clone().find(|file| file["path"] == path).map(|file| file["base"].clone()).unwrap_or_default()
    };
    for path in ["env", "a.txt"] {
        if base(path)["bytes"].as_u64().is_none() || !base(path)["sha256"].is_null() {
            return Err(format!("{path}: {}", base(path)));
        }
    }
    if base("same.txt")["sha256"].is_null() || plan["settings"]["sha256"].is_null() {
        return Err(format!("what holds no secret has a digest: {plan}"));
    }
    let saved = fs::read_to_string(project.at("saved.plan")).expect("a plan");
    for secret in ["hush", &Digest::of(b"token=hush-hush-hush\n").to_string()] {
        if saved.contains(secret) {
            return Err(format!("`{secret}` stands in {saved}"));
        }
    }
    let settings = fs::read_to_string(project.at("compose.toml")).expect("a file");
    project.write("compose.toml", settings + "token = \"hush-hush-hush\"\n");
    let plan = project.save()?;
    if plan["settings"].is_null() { Ok(()) } else { Err(format!("{}", plan["settings"])) }
}

/// A program that embeds packbox is refused in the same way, by a plan that the command line saved.
fn embedded() -> Result<(), String> {
    let project = Project { scratch: tempfile::tempdir().map_err(|error| error.to_string())? };
    project.write(
        "pack/pack.toml",
        "[pack]\nname = \"one\"\nversion = \"1.0.0\"\n\n[[templates]]\nsource = \"a.txt\"\noutput = \"a.txt\"\n",
    );
    project.write("pack/a.txt", "new\n");
    project.write("out/a.txt", "old\n");
    let plan = ["plan", "pack", "--no-input", "--output", "out", "--on-existing", "overwrite", "--save", "saved.plan"];
    project.ok(&plan)?;
    let packbox = Packbox::builder().home(shared_home()).build().map_err(|error| error.to_string())?;
    let pack = packbox.load(project.at("pack")).map_err(|error| error.to_string())?;
    let saved = fs::read(project.at("saved.plan")).map_err(|error| error.to_string())?;
    let write = |writing| {
        let plan = ComposedPlan::from_json(&saved)?;
        packbox
            .job_of(std::slice::from_ref(&pack), &plan, &Inputs::new())?
            .render()?
            .write_with(project.at("out"), writing)
    };
    let overwriting = Writing { on_existing: OnExisting::Overwrite, ..Writing::default() };
    let kind = |writing| write(writing).map(drop).map_err(|error| error.kind());
    if kind(Writing::default()) != Err(ErrorKind::Usage) {
        return Err("what the plan was not made with is done".to_owned());
    }
    project.write("out/a.txt", "odd\n");
    if kind(overwriting) != Err(ErrorKind::Integrity) {
        return Err("a file that changed is replaced".to_owned());
    }
    project.write("out/a.txt", "old\n");
    let written = write(overwriting).map_err(|error| error.to_string())?;
    if written.written != ["a.txt"] {
        return Err(format!("{written:?}"));
    }
    // Several packs, handed over in any order.
    project.write(
        "other/pack.toml",
        "[pack]\nname = \"other\"\nversion = \"1.0.0\"\n[dependencies]\none = \"^1\"\n\n\
         [[templates]]\nsource = \"b.txt\"\noutput = \"b.txt\"\n",
    );
    project.write("other/b.txt", "b\n");
    let other = packbox.load(project.at("other")).map_err(|error| error.to_string())?;
    let job = packbox.compose(&[pack.clone(), other.clone()], &Inputs::new()).map_err(|error| error.to_string())?;
    let kept = serde_json::to_vec(&job.composed()).map_err(|error| error.to_string())?;
    let files = |packs: &[packbox::Pack]| {
        let job = packbox.job_of(packs, &ComposedPlan::from_json(&kept)?, &Inputs::new())?;
        Ok::<_, packbox::Error>(job.render()?.files().map(|file| file.path.to_owned()).collect::<Vec<_>>())
    };
    let both = files(&[other.clone(), pack.clone()]).map_err(|error| error.to_string())?;
    for wrong in [&[pack.clone()][..], &[pack.clone(), other.clone(), other.clone()], &[]] {
        match files(wrong) {
            Err(error) if error.kind() == ErrorKind::Integrity && error.to_string().contains("`one` and `other`") => {}
            came => return Err(format!("{wrong:?}: {came:?}")),
        }
    }
    if both == ["a.txt", "b.txt"] { Ok(()) } else { Err(format!("{both:?}")) }
}

/// Of a pack's files those are opened, once each, that are rendered or whose digests are kept; the rest is not.
fn reads_what_it_needs() -> Result<(), String> {
    let project = Project { scratch: tempfile::tempdir().map_err(|error| error.to_string())? };
    project.write(
        "pack/pack.toml",
        "[pack]\nname = \"one\"\nversion = \"1.0.0\"\nmessage = \"hello.md.jinja\"\n\n\
         [[templates]]\nsource = \"a.txt.jinja\"\noutput = \"a.txt\"\n\n\
         [[templates]]\nsource = \"copied.txt\"\noutput = \"copied.txt\"\n\n\
         [[templates]]\nsource = \"never.txt.jinja\"\noutput = \"never.txt\"\nwhen = \"1 > 2\"\n",
    );
    let needed = ["a.txt.jinja", "copied.txt", "hello.md.jinja", "part.jinja"];
    let others = ["README.md", "LICENSE", "photo.png", "never.txt.jinja", "other.tera", "docs/page.txt"];
    for path in needed.iter().chain(&others) {
        project.write(&format!("pack/{path}"), "text\n");
    }
    let watch = Watch::of(&[project.at("pack"), project.at("pack/docs")])?;
    project.ok(&["plan", "pack", "--no-input"])?;
    let opened = watch.opened()?;
    let wanted: BTreeMap<String, usize> = needed.iter().map(|name| ((*name).to_owned(), 1)).collect();
    let mut files = opened.clone();
    files.remove("pack.toml");
    if files != wanted || !opened.contains_key("pack.toml") {
        return Err(format!("these files were opened, so often: {opened:?}"));
    }
    // The watch sees what is opened.
    fs::read(project.at("pack/LICENSE")).expect("a file");
    if watch.opened()?.contains_key("LICENSE") { Ok(()) } else { Err("the watch sees nothing".to_owned()) }
}

/// Sees which files of folders are opened.
struct Watch(OwnedFd);

impl Watch {
    fn of(folders: &[PathBuf]) -> Result<Self, String> {
        // SAFETY: a plain system call; the descriptor is nobody else's.
        let raw = unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) };
        if raw < 0 {
            return Err(std::io::Error::last_os_error().to_string());
        }
        // SAFETY: as above.
        let watch = Self(unsafe { OwnedFd::from_raw_fd(raw) });
        for folder in folders {
            watch.add(folder)?;
        }
        Ok(watch)
    }

    fn add(&self, folder: &Path) -> Result<(), String> {
        let path = CString::new(folder.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        // SAFETY: the path is a C string that outlives the call.
        let added = unsafe { libc::inotify_add_watch(self.0.as_raw_fd(), path.as_ptr(), libc::IN_OPEN) };
        if added < 0 { Err(std::io::Error::last_os_error().to_string()) } else { Ok(()) }
    }

    /// The files that were opened since, and how often.
    fn opened(&self) -> Result<BTreeMap<String, usize>, String> {
        const HEAD: usize = size_of::<libc::inotify_event>();
        let mut opened = BTreeMap::new();
        let mut buffer = vec![0_u8; 64 << 10];
        loop {
            // SAFETY: the buffer is as long as is said.
            let read = unsafe { libc::read(self.0.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
            let Ok(read) = usize::try_from(read) else {
                let error = std::io::Error::last_os_error();
                let is_empty = error.kind() == std::io::ErrorKind::WouldBlock;
                return if is_empty { Ok(opened) } else { Err(error.to_string()) };
            };
            let mut rest = &buffer[..read];
            while rest.len() >= HEAD {
                let number = |at: usize| u32::from_ne_bytes(rest[at..at + 4].try_into().expect("four bytes"));
                let (mask, length) = (number(4), number(12) as usize);
                let name = rest[HEAD..HEAD + length].split(|byte| *byte == 0).next().unwrap_or_default();
                if mask & libc::IN_ISDIR == 0 && !name.is_empty() {
                    *opened.entry(String::from_utf8_lossy(name).into_owned()).or_default() += 1;
                }
                rest = &rest[HEAD + length..];
            }
        }
    }
}
