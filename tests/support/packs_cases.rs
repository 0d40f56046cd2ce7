//! Many packs in one run: values for each, a time for all, an interrupt, and how much of the report is shown where.

use std::path::Path;
use std::time::Duration;

use packbox::digest::Digest;

use super::guests;
use super::process::{Ended, Run};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 6] = [
    ("packs/values-of-each", values_of_each),
    ("packs/time-budget", time_budget),
    ("packs/interrupted", interrupted),
    ("packs/shown", shown),
    ("packs/job-summary", job_summary),
    ("packs/findings-up-to-the-limit", findings_up_to_the_limit),
];

fn write(folder: &Path, path: &str, contents: impl AsRef<[u8]>) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, contents).expect("a file");
}

/// A pack that a variable without a value of its own is read in.
fn with_variable(folder: &Path, name: &str, variable: &str) {
    let manifest = format!(
        "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n[variables.{variable}]\ntype = \"string\"\npattern = \"^[xyz]{{7}}$\"\n\n\
         [[templates]]\nsource = \"a.jinja\"\noutput = \"a.txt\"\n"
    );
    write(folder, &format!("{name}/pack.toml"), manifest);
    write(folder, &format!("{name}/a.jinja"), format!("{{{{ {variable} }}}}\n"));
}

/// A pack that never ends.
fn endless(folder: &Path, name: &str) {
    let component = guests::component("loop");
    let manifest = format!(
        "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n\n[plugins.guest]\ncomponent = \"guest.wasm\"\nsha256 = \"{}\"\n\n\
         [[templates]]\nsource = \"a.txt\"\noutput = \"out\"\nengine = \"plugin:guest\"\n",
        Digest::of(&component)
    );
    write(folder, &format!("{name}/pack.toml"), manifest);
    write(folder, &format!("{name}/guest.wasm"), component);
    write(folder, &format!("{name}/a.txt"), "a\n");
}

fn plain(folder: &Path, name: &str) {
    write(folder, &format!("{name}/pack.toml"), format!("[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\n"));
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn check(holds: bool, what: &str, ended: &Ended) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{what}: {}", ended.text())) }
}

/// `[values.NAME]` holds for the pack of that name and for no other; `--var` comes before it, and mistakes have places.
fn values_of_each() -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    with_variable(folder, "one", "first");
    with_variable(folder, "two", "second");
    write(folder, "packbox.toml", "[values.one]\nfirst = \"xyzxyzx\"\n[values.two]\nsecond = \"yyyyyyy\"\n");
    let ended = run(folder, &["validate", "one", "two", "--format", "json"]);
    let document = ended.json()?;
    let measured = |pack: usize| document["packs"][pack]["measured"].as_array().map_or(0, Vec::len);
    let bytes = &document["packs"][0]["measured"][0]["bytes_out"];
    check(ended.exit == 0 && measured(0) == 1 && measured(1) == 1 && *bytes == 8, "values", &ended)?;
    write(folder, "packbox.toml", "[values.one]\nfirst = \"abc\"\n[values.two]\nsecond = \"yyyyyyy\"\nsecnd = \"y\"\n");
    let ended = run(folder, &["validate", "one", "two", "--format", "json"]);
    let document = ended.json()?;
    let told: Vec<_> = document["error"]["findings"].as_array().into_iter().flatten().collect();
    let told: Vec<_> =
        told.iter().map(|one| (&one["rule"], &one["span"]["path"], &one["span"]["start"]["line"])).collect();
    let wanted = [("variables/invalid", 2), ("variables/unknown", 5)];
    let is_wanted = told
        .iter()
        .zip(&wanted)
        .all(|((rule, path, line), (wanted, at))| **rule == *wanted && **path == "packbox.toml" && **line == *at);
    check(ended.exit == 2 && told.len() == wanted.len() && is_wanted, &format!("{told:?}"), &ended)?;
    let ended = run(folder, &["validate", "one", "--var", "first=zzzzzzz"]);
    check(ended.exit == 0, "`--var` comes first", &ended)
}

/// A pack that is under way when the time is over is stopped, and those behind it are not begun: each says so.
fn time_budget() -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    plain(folder, "first");
    endless(folder, "second");
    plain(folder, "third");
    let arguments =
        ["validate", "first", "second", "third", "--no-config", "--jobs", "1", "--limit", "fuel=10000000000000"];
    let ended = run(folder, &[&arguments[..], &["--time-budget", "4s", "--format", "json"]].concat());
    let document = ended.json()?;
    let pack = |number: usize| {
        let pack = &document["packs"][number];
        (pack["status"].as_str(), pack["error"]["stop"]["reason"].as_str(), pack["checked"]["manifest"].as_bool())
    };
    let stopped = Some("time-budget");
    let wanted = [
        (Some("clean"), None, Some(true)),
        (Some("failed"), stopped, Some(true)),
        (Some("failed"), stopped, Some(false)),
    ];
    let in_time = ended.time < Duration::from_secs(30);
    check(ended.exit == 4 && in_time && [pack(0), pack(1), pack(2)] == wanted, "each says so", &ended)?;
    let ended = run(folder, &[&arguments[..], &["--time-budget", "0ms"]].concat());
    let text = ended.text();
    let named =
        ["first", "second", "third"].iter().all(|name| text.contains(&format!("\n  {name}: skipped: the time budget")));
    check(named && !text.contains("error:"), "unreached packs are a line each", &ended)
}

/// After an interrupt it is said how many packs are complete, and whether their results can be seen; none was cut short.
fn interrupted() -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    plain(folder, "first");
    endless(folder, "second");
    plain(folder, "third");
    let arguments = ["first", "second", "third", "--no-config", "--jobs", "1", "--limit", "fuel=10000000000000"];
    let cases: [(&[&str], &str); 4] = [
        (&["validate"], "interrupted after 1 of 3 packs; the results above are complete"),
        (&["validate", "--format", "json"], "interrupted after 1 of 3 packs; there is no report"),
        (&["validate", "--format", "junit"], "interrupted after 1 of 3 packs; there is no report"),
        (&["score"], "interrupted after 1 of 3 packs; there is no report"),
    ];
    for (command, wanted) in cases {
        let mut after = 1;
        loop {
            let arguments = command.iter().chain(&arguments).map(|argument| (*argument).to_owned()).collect();
            let interrupt_after = Some(Duration::from_secs(after));
            let ended = Run { arguments, folder: folder.to_owned(), interrupt_after, ..Run::default() }.run();
            let text = ended.text();
            // On a busy machine the first pack may take longer.
            if text.contains("interrupted before a pack") && after < 30 {
                after *= 3;
                continue;
            }
            let shown = String::from_utf8_lossy(&ended.stdout).into_owned();
            let complete = !command.contains(&"json") && command[0] == "validate" && command.len() == 1;
            let first = shown.lines().any(|line| line.starts_with("first (first 1.0.0): ok"));
            let cut = shown.contains("second (") || text.contains("nothing was written");
            check(ended.exit == 130 && text.contains(wanted) && first == complete && !cut, wanted, &ended)?;
            break;
        }
    }
    Ok(())
}

/// Clean packs are a line, tables are for `--verbose`, and `--quiet` says nothing about what is in order.
fn shown() -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    for name in ["one", "two"] {
        with_variable(folder, name, "first");
    }
    write(folder, "broken/pack.toml", "[pack\n");
    let values = ["--var", "first=xxxxxxx", "--no-config"];
    let validate = |more: &[&str]| run(folder, &[&["validate", "one", "two"], &values[..], more].concat());
    let ended = validate(&[]);
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    let lines = text.lines().filter(|line| !line.is_empty()).count();
    check(lines == 3 && text.contains("(`--verbose` shows what does not count)"), "a line each", &ended)?;
    let ended = validate(&["--verbose"]);
    let text = ended.text();
    let table = text.matches("template   fuel").count() == 2 && text.contains("the most expensive templates, by fuel:");
    check(table && text.contains("note[manifest/title]"), "everything", &ended)?;
    let ended = validate(&["--quiet"]);
    check(ended.exit == 0 && ended.stdout.is_empty() && ended.stderr.is_empty(), "nothing", &ended)?;
    let ended = validate(&["--quiet", "broken"]);
    let text = ended.text();
    check(ended.exit == 1 && text.contains("  broken: 1 error") && !text.contains("one (one"), "what fails", &ended)?;
    for format in ["github", "markdown"] {
        let ended = validate(&["-q", "--format", format]);
        check(ended.exit == 0 && ended.stdout.is_empty(), format, &ended)?;
    }
    let ended = validate(&["-q", "-v"]);
    check(ended.exit == 2, "one or the other", &ended)
}

/// `--format github` adds the summary to the page of the job, and nothing else does.
fn job_summary() -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    plain(folder, "one");
    write(folder, "broken/pack.toml", "[pack\n");
    write(folder, "summary.md", "before\n");
    for (format, more) in [("json", false), ("human", false), ("github", true)] {
        let arguments = ["check", "one", "broken", "--no-config", "--format", format].map(str::to_owned).into();
        let environment = [("GITHUB_STEP_SUMMARY".to_owned(), "summary.md".to_owned())].into();
        let ended = Run { arguments, folder: folder.to_owned(), environment, ..Run::default() }.run();
        let summary = std::fs::read_to_string(folder.join("summary.md")).map_err(|error| error.to_string())?;
        let added = summary.starts_with("before\n## packbox check: 1 of 2 packs failed\n");
        check(ended.exit == 1 && added == more && (more || summary == "before\n"), format, &ended)?;
    }
    Ok(())
}

/// What a validator finds before the run may find no more is kept.
fn findings_up_to_the_limit() -> Result<(), String> {
    let scratch = tempfile::tempdir().expect("a folder");
    plain(scratch.path(), "one");
    let ended = run(scratch.path(), &["lint", "one", "--no-config", "--limit", "run-findings=3", "--format", "json"]);
    let document = ended.json()?;
    let pack = &document["packs"][0];
    let kept = pack["findings"].as_array().map_or(0, Vec::len);
    check(ended.exit == 4 && kept == 3 && pack["error"]["stop"]["reason"] == "run-findings", "three are kept", &ended)
}
