//! The cases of the rules: each rule's page has packs that fail and packs that pass, and here they are linted.
//!
//! A block ```` ```pack ```` describes a pack's files: `==> PATH` begins one, ` (executable)`, ` (escaped)` and
//! ` (no newline)` and ` (repeat N)` behind it say how; what stands before the first is `pack.toml`, and where that has no `[pack]` it gets
//! a complete one. Always true here: a rule without a failing or without a passing case fails.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::process::Run;

const PACK: &str = "[pack]\nname = \"case\"\nversion = \"1.0.0\"\ntitle = \"A case\"\ndescription = \"Shows a rule\"\n\
    license = \"MIT\"\ncategory = \"testing\"\nauthors = [\"A. Author <a@example.org>\"]\nkeywords = [\"case\"]\n\
    packbox = \">=0.1, <0.2\"\n\n";

/// Groups of rules that are the host's own.
const HOSTS: [&str; 2] = ["suppression/", "trials/"];

/// A case of a rule.
struct Case {
    rule: String,
    fails: bool,
    text: String,
}

/// Lints the cases of all rules.
pub fn pages() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut rules = rules(scratch.path())?;
    // Those are the host's own, and have no samples.
    rules.retain(|rule, _| !HOSTS.iter().any(|group| rule.starts_with(group)));
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    for (rule, page) in &rules {
        let own = cases_of(rule, page);
        for (fails, what) in [(true, "failing"), (false, "passing")] {
            if !own.iter().any(|case| case.fails == fails) {
                problems.push(format!("{rule} has no {what} case"));
            }
        }
        cases.extend(own);
    }
    if rules.len() < 40 {
        problems.push(format!("there are {} rules, 40 at least were expected", rules.len()));
    }
    for (number, case) in cases.iter().enumerate() {
        write(&scratch.path().join(format!("case{number:03}")), &case.text);
    }
    let folders = (0..cases.len()).map(|number| format!("case{number:03}"));
    let mut arguments: Vec<String> = ["lint", "--no-config", "--format", "json"].map(String::from).into();
    arguments.extend(folders);
    let ended = Run { arguments, folder: scratch.path().to_owned(), ..Run::default() }.run();
    let document = ended.json()?;
    let packs = document["packs"].as_array().ok_or("no packs")?;
    for (case, pack) in cases.iter().zip(packs) {
        let found: Vec<&str> =
            pack["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect();
        let host = found.iter().find(|rule| !rules.contains_key(**rule));
        // Where a pack fails at the very mistake that a rule finds, only the failure is told.
        let failure = case.rule.replacen("templates/", "template/", 1);
        let is_found = found.iter().any(|rule| *rule == case.rule || *rule == failure);
        let fault = if !pack["error"].is_null() {
            Some(format!("could not be linted: {}", pack["error"]))
        } else if let Some(host) = host.filter(|_| !case.fails) {
            Some(format!("is no pack that can be linted: `{host}`"))
        } else if case.fails && !is_found {
            Some("was to fail, and passed".to_owned())
        } else if !case.fails && found.contains(&case.rule.as_str()) {
            Some("was to pass, and failed".to_owned())
        } else {
            None
        };
        if let Some(fault) = fault {
            problems.push(format!("a case of {} {fault}:\n{}\n{:#}", case.rule, case.text, pack["findings"]));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n\n")) }
}

/// `docs/rules.md` is made of the rules' own pages.
pub fn documented() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let mut text = "# Rules\n\nWhat `packbox lint` checks. This page is made of the rules' own texts, which `packbox lint \
        --explain RULE` shows, too.\nThe samples are cases: each under *Fails* is found by its rule, none under *Passes* \
        is. Rules about suppressions and trials are packbox's own, and have none.\n\nA sample shows a pack's files: `==> PATH` begins \
        one, what stands before is `pack.toml`.\n"
        .to_owned();
    let rules = rules(scratch.path())?;
    // Whoever adds a rule is told what else says how many there are.
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let counted = format!(" {} [rules](docs/rules.md)", rules.len());
    if !readme.map_err(|error| error.to_string())?.contains(&counted) {
        return Err(format!("README.md must say `{}`", counted.trim()));
    }
    for (rule, page) in rules {
        let page = page.trim().replace("\n## ", "\n### ");
        text.extend(["\n## `", &rule, "`\n\n", &page, "\n"]);
    }
    super::cli_cases::compare(&path, &text)
}

/// All rules with their pages.
fn rules(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let arguments = ["lint", "--list-rules", "--no-config", "--format", "json"].map(String::from).into();
    let ended = Run { arguments, folder: folder.to_owned(), ..Run::default() }.run();
    let document = ended.json()?;
    let rules = document["rules"].as_array().ok_or_else(|| ended.text())?;
    let page = |rule: &Value| Some((rule["id"].as_str()?.to_owned(), rule["help"].as_str()?.to_owned()));
    Ok(rules.iter().filter_map(page).collect())
}

/// The blocks of a page, with what is to come of them.
fn cases_of(rule: &str, page: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut fails = None;
    let mut block: Option<String> = None;
    for line in page.lines() {
        match &mut block {
            Some(text) if line.trim_end() == "```" => {
                if let Some(fails) = fails {
                    cases.push(Case { rule: rule.to_owned(), fails, text: std::mem::take(text) });
                }
                block = None;
            }
            Some(text) => text.extend([line, "\n"]),
            None if line.starts_with("```pack") => block = Some(String::new()),
            None if line.starts_with("## Fails") => fails = Some(true),
            None if line.starts_with("## Passes") => fails = Some(false),
            None if line.starts_with("## ") => fails = None,
            None => {}
        }
    }
    cases
}

/// Writes the files of a case.
fn write(folder: &Path, text: &str) {
    let mut files: Vec<(String, String)> = vec![("pack.toml".to_owned(), String::new())];
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("==> ") {
            files.push((header.trim().to_owned(), String::new()));
            continue;
        }
        let (_, contents) = files.last_mut().expect("the manifest");
        contents.extend([line, "\n"]);
    }
    for (header, contents) in files {
        let (path, how) = header.split_once(" (").unwrap_or((&header, ""));
        let mut contents = if how.contains("escaped") { unescaped(&contents) } else { contents.into_bytes() };
        if how.contains("no newline") {
            contents.pop();
        }
        if let Some((_, count)) = how.split_once("repeat ") {
            let digits: String = count.chars().take_while(char::is_ascii_digit).collect();
            contents = contents.repeat(digits.parse().expect("a count"));
        }
        if path == "pack.toml" && !String::from_utf8_lossy(&contents).contains("[pack]") {
            contents.splice(..0, PACK.bytes());
        }
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, contents).expect("a file");
        if how.contains("executable") {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        }
    }
}

/// Decodes `\xHH`, `\u{…}`, `\r`, `\t` and `\\`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let hex = |digits: &str| u32::from_str_radix(digits, 16).expect("hexadecimal digits");
        match rest.chars().next() {
            Some('x') => {
                bytes.push(u8::try_from(hex(&rest[1..3])).expect("a byte"));
                rest = &rest[3..];
            }
            Some('u') => {
                let end = rest.find('}').expect("a closing brace");
                let character = char::from_u32(hex(&rest[2..end])).expect("a character");
                bytes.extend(character.to_string().bytes());
                rest = &rest[end + 1..];
            }
            Some(other) => {
                bytes.push(match other {
                    'r' => b'\r',
                    't' => b'\t',
                    _ => b'\\',
                });
                rest = &rest[1..];
            }
            None => {}
        }
    }
    bytes.extend(rest.as_bytes());
    bytes
}
