//! What is done before anything is rendered, each step as a whole process: little but starting it may be left to wait for.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rows;
use crate::support::packs::{head, write};
use crate::support::process::{packbox, run as run_command, warm_up};
use crate::support::registries::{fill_index, made, world_of};
use crate::support::suite::{BRIEF, Suite};

/// Takes each step in a folder of its own.
pub fn run(suite: &mut Suite, folder: &Path) {
    let home = folder.join("home");
    std::fs::create_dir_all(&home).expect("a folder");

    let world = world_of(11, 10, |pack, _| if pack == 0 { (1..11).collect() } else { vec![] });
    let releases = world.into_values().flatten().map(|known| known.release);
    fill_index(&home, (0..1_000).map(made).chain(releases));
    let deps = || packbox(&home, ["deps", "pack-0"]);
    warm_up(deps);
    suite.time("resolve 10 dependencies, a process", rows!["resolution-process"], BRIEF, || run_command(&mut deps()));

    let plan = |packs: &[PathBuf]| {
        let mut plan = packbox(&home, ["plan", "--no-input", "--save", "plan"]);
        plan.args(packs);
        plan
    };
    let packs = clashing(folder);
    warm_up(|| plan(&packs));
    suite.time("conflicts of 100 files, a process", rows!["conflicts-process"], BRIEF, || {
        run_command(&mut plan(&packs))
    });

    let packs = variables(folder);
    let merge = || given(plan(&packs), &folder.join("answers.toml"));
    warm_up(merge);
    suite.time("merge 50 variables, a process", rows!["merging-process"], BRIEF, || run_command(&mut merge()));

    let packs = ordered(folder);
    warm_up(|| plan(&packs));
    suite.time("order 20 templates, a process", rows!["ordering-process"], BRIEF, || run_command(&mut plan(&packs)));
}

/// Two packs that write the same 100 files, which are to be merged.
fn clashing(folder: &Path) -> Vec<PathBuf> {
    let pack = |name: &str| {
        let pack = folder.join(name);
        let entry = "\n[[templates]]\nsource = \"files\"\non_conflict = \"append-lines\"\n";
        write(&pack, "pack.toml", &(head(name) + entry));
        (0..100)
            .for_each(|number| write(&pack, &format!("files/{}/file{number}.txt", number % 10), &format!("{name}\n")));
        pack
    };
    ["clash-one", "clash-other"].map(pack).into()
}

/// Two packs of 25 variables each. Flags, an answers file, the environment, defaults and expressions give five each to the first; the
/// second takes all of its own from there.
fn variables(folder: &Path) -> Vec<PathBuf> {
    let (mut first, mut second) = (head("values"), head("takes") + "\n[dependencies]\nvalues = \"^1.0\"\n");
    for number in 0..25 {
        let _ = write!(first, "\n[variables.v{number}]\ntype = \"string\"\n");
        let _ = match number {
            20.. => writeln!(first, "compute = \"v{} ~ '!'\"", number - 20),
            _ => writeln!(first, "default = \"value {number}\""),
        };
        let _ = write!(second, "\n[variables.w{number}]\ntype = \"string\"\nfrom = \"values.v{number}\"\n");
    }
    let answers: Vec<String> = (5..10).map(|number| format!("v{number} = \"answer {number}\"\n")).collect();
    write(folder, "answers.toml", &answers.concat());
    let packs = [("values", first), ("takes", second)].map(|(name, manifest)| {
        let pack = folder.join(name);
        let entry = format!("\n[[templates]]\nsource = \"file.txt\"\noutput = \"{name}.txt\"\n");
        write(&pack, "pack.toml", &(manifest + &entry));
        write(&pack, "file.txt", "text\n");
        pack
    });
    packs.into()
}

/// Gives values to the packs of [`variables`].
fn given(mut command: Command, answers: &Path) -> Command {
    command.arg("--answers").arg(answers);
    for number in 0..5 {
        command.arg("--var").arg(format!("v{number}=flag {number}"));
        command.env(format!("PACKBOX_VAR_V{}", number + 10), format!("environment {number}"));
    }
    command
}

/// Two packs of ten templates each, with conditions and paths that are to be worked out.
fn ordered(folder: &Path) -> Vec<PathBuf> {
    let pack = |name: &str| {
        let pack = folder.join(name);
        let mut manifest = head(name) + "\n[variables.name]\ntype = \"string\"\ndefault = \"a\"\n";
        for number in (0..10).rev() {
            write(&pack, &format!("file{number}.jinja"), "{{ name }}\n");
            let _ = write!(
                manifest,
                "\n[[templates]]\nsource = \"file{number}.jinja\"\noutput = \"{name}/{{{{ name }}}}/{number}.txt\"\nwhen = \"name != '{number}'\"\n"
            );
        }
        write(&pack, "pack.toml", &manifest);
        pack
    };
    ["order-one", "order-other"].map(pack).into()
}
