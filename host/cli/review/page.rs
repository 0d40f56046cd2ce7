//! A plan as one page for a browser: what each pack writes, may do and costs, what becomes of each file, and what all of it was
//! made from.
//!
//! Always true here: the same plan gives the same bytes; the page asks for nothing, and no text of a pack becomes a link or an
//! element; what a secret may be in is shown as diffs show it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::entry::Entry;
use super::html::{Html, document};
use super::packs::{self, All};
use super::{diffs, parts};
use crate::generate::{Change, Composition};
use crate::pack::PackPath;
use crate::plan::{ComposedPlan, Plan, Step};
use crate::show::count;
use crate::text::format_bytes;

/// How the page looks.
const STYLE: &str = include_str!("page.css");
/// What keys and the search do.
const SCRIPT: &str = include_str!("page.js");
/// Bytes of all files with their diffs, after which no further diff is shown.
const MOST_BYTES: usize = 12 << 20;
/// Characters of a value that are shown.
const LONGEST_VALUE: usize = 2_000;

/// What a page is made from.
pub struct Page<'a> {
    /// The plan.
    pub plan: &'a ComposedPlan,
    /// Its files.
    pub entries: &'a [Entry<'a>],
    /// Its packs, with what they need.
    pub composition: &'a Composition<'a>,
    /// What stands in the output folder.
    pub change: &'a Change<'a>,
    /// Whether fuel was counted.
    pub is_measured: bool,
}

impl Page<'_> {
    /// Writes the page.
    #[must_use]
    pub fn render(&self) -> String {
        let names: Vec<String> =
            self.plan.packs.iter().map(|own| format!("{} {}", own.pack.name, own.pack.version)).collect();
        let title = format!("Plan: {}", names.join(", "));
        document(&title, STYLE, SCRIPT, |body| {
            body.leaf("a", &[("class", "skip"), ("href", "#files")], "Skip to the files");
            body.element("header", &[], |header| self.header(header, &names));
            body.element("main", &[], |main| {
                parts::section(main, "files", "Files", |section| self.files(section));
                parts::section(main, "packs", "Packs", |section| {
                    let all = All { plan: self.plan, entries: self.entries, is_measured: self.is_measured };
                    packs::limits(section, self.composition.leading());
                    for job in self.composition.jobs() {
                        packs::add(section, &all, job);
                    }
                });
                parts::section(main, "values", "Values", |section| self.values(section));
                parts::section(main, "inputs", "Inputs", |section| self.inputs(section));
            });
            body.element("footer", &[], |footer| {
                footer.leaf(
                    "p",
                    &[],
                    &format!("Made by packbox {}. Text of packs is shown, and never run.", self.plan.packbox),
                );
            });
        })
    }

    fn header(&self, header: &mut Html, names: &[String]) {
        header.leaf("h1", &[], &format!("Plan of {}", names.join(", ")));
        header.leaf("p", &[("class", "sum")], &self.summary());
        header.element("nav", &[("aria-label", "Parts of this page")], |nav| {
            for (id, name) in [("#files", "Files"), ("#packs", "Packs"), ("#values", "Values"), ("#inputs", "Inputs")] {
                nav.leaf("a", &[("href", id)], name);
            }
        });
        // What needs a script is shown by it.
        header.element("div", &[("class", "tools"), ("id", "tools"), ("hidden", "")], |tools| {
            tools.leaf("label", &[("for", "search")], "Search files");
            let search = [("id", "search"), ("type", "search"), ("autocomplete", "off"), ("spellcheck", "false")];
            tools.void("input", &search);
            tools.leaf("button", &[("id", "all"), ("type", "button")], "Open all");
            tools.leaf("button", &[("id", "theme"), ("type", "button")], "Dark");
            tools.element("details", &[("id", "keys")], |keys| {
                keys.leaf("summary", &[], "Keys");
                keys.element("dl", &[], |list| {
                    for (key, what) in [
                        ("j, k", "the next file, the one before"),
                        ("↓, ↑", "the same, from a file"),
                        ("Enter, Space", "open and close a file"),
                        ("/", "search; Esc ends it"),
                        ("o", "open or close all"),
                        ("t", "dark or light"),
                        ("?", "these keys"),
                    ] {
                        list.element("div", &[], |row| {
                            row.element("dt", &[], |term| term.leaf("kbd", &[], key));
                            row.leaf("dd", &[], what);
                        });
                    }
                });
            });
        });
        header.leaf("p", &[("id", "found"), ("role", "status")], "");
    }

    /// How many packs and files there are, and what becomes of these.
    fn summary(&self) -> String {
        let files = self.entries.iter().filter(|entry| entry.made.is_some()).count();
        let mut said = format!("{}, {}", count(self.plan.packs.len(), "pack"), count(files, "file"));
        if let Some(folder) = &self.plan.folder {
            let _ = write!(said, " for the folder {}", folder.path);
        }
        let mut steps = BTreeMap::new();
        for step in self.entries.iter().filter_map(|entry| entry.step) {
            *steps.entry(step.word()).or_insert(0_usize) += 1;
        }
        let steps: Vec<String> = steps.into_iter().map(|(word, files)| format!("{files} {word}")).collect();
        if !steps.is_empty() {
            let _ = write!(said, ": {}", steps.join(", "));
        }
        said + "."
    }

    fn files(&self, section: &mut Html) {
        if self.entries.iter().any(|entry| entry.step == Some(Step::Conflict)) {
            section.leaf("p", &[("class", "warning")], "Files are in the way: as it is, nothing would be written.");
        }
        let is_one = self.plan.packs.len() == 1;
        let mut shown = self.change.diffs();
        let start = section.bytes();
        section.element("ul", &[("class", "files"), ("role", "list")], |list| {
            for entry in self.entries {
                // Those that are removed are not in the tree.
                let diff = entry.made.and_then(|_| shown.next()).flatten();
                list.element("li", &[("class", "file")], |item| {
                    item.element("details", &[], |details| {
                        details.element("summary", &[], |summary| head(summary, entry, is_one));
                        facts(details, entry);
                        match diff {
                            Some(diff) if details.bytes() - start < MOST_BYTES => diffs::add(details, &diff),
                            Some(_) => {
                                details.leaf("p", &[("class", "note")], "Not shown: the page would be too large.");
                            }
                            None => {}
                        }
                    });
                });
            }
        });
    }

    fn values(&self, section: &mut Html) {
        for own in &self.plan.packs {
            if self.plan.packs.len() > 1 {
                section.leaf("h3", &[], own.pack.name.as_str());
            }
            if own.values.is_empty() {
                section.leaf("p", &[], "It has no variables.");
                continue;
            }
            section.element("dl", &[("class", "facts")], |list| {
                for (name, value) in &own.values {
                    let is_secret = own.secrets.contains(name);
                    let value = if is_secret { "a secret".to_owned() } else { value.to_string() };
                    parts::fact(list, name, |fact| {
                        fact.leaf("code", &[], &parts::shortened(&value, LONGEST_VALUE));
                    });
                }
            });
        }
    }

    /// Everything that was read, with its digest.
    fn inputs(&self, section: &mut Html) {
        section.leaf("p", &[], "A saved plan is refused once one byte of these is another.");
        section.element("ul", &[("class", "inputs"), ("role", "list")], |list| {
            if let Some(settings) = &self.plan.settings {
                input(list, &settings.path, "packs and answers", Some(settings.sha256.to_string()));
            }
            for own in &self.plan.packs {
                inputs_of(list, own);
            }
            let folder = self.plan.folder.as_ref();
            let into = folder.into_iter().flat_map(|folder| &folder.mergers);
            for (name, digest) in self.plan.mergers.iter().chain(into).collect::<BTreeMap<_, _>>() {
                let about = if name == "merge" { "built in, merges" } else { "merges" };
                input(list, name, about, Some(digest.to_string()));
            }
            if let Some(receipt) = folder.and_then(|folder| folder.receipt.as_ref()) {
                let digest = receipt.sha256.map(|digest| digest.to_string());
                input(list, ".packbox/receipt.json", "what an earlier run left", digest);
            }
        });
    }
}

/// The line of a file.
fn head(summary: &mut Html, entry: &Entry<'_>, is_one: bool) {
    let (folder, name) = match entry.path.rsplit_once('/') {
        Some((folder, name)) => (format!("{folder}/"), name),
        None => (String::new(), entry.path),
    };
    summary.element("code", &[("class", "path")], |path| {
        if !folder.is_empty() {
            path.leaf("span", &[("class", "folder")], &folder);
        }
        path.text(name);
    });
    if let Some(step) = entry.step {
        summary.text(" ");
        summary.leaf("span", &[("class", class(step))], step.word());
    }
    let mut words: Vec<String> = Vec::new();
    if !is_one {
        words.push(entry.origins.iter().map(|origin| origin.pack.as_str()).collect::<Vec<_>>().join(" + "));
    }
    words.extend(entry.policy(entry.origins.len() > 1));
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if !words.is_empty() {
        summary.text(" ");
        summary.leaf("span", &[("class", "whose")], &words.join(", "));
    }
}

const fn class(step: Step) -> &'static str {
    match step {
        Step::Create => "step create",
        Step::Replace | Step::Merge => "step replace",
        Step::Conflict => "step conflict",
        Step::Remove => "step remove",
        Step::Unchanged | Step::Keep | Step::Skip => "step",
    }
}

/// What is known of a file beside its line.
fn facts(details: &mut Html, entry: &Entry<'_>) {
    details.element("dl", &[("class", "facts")], |list| {
        for origin in &entry.origins {
            parts::fact(list, "Made from", |fact| {
                fact.leaf("code", &[], origin.template);
                fact.text(&format!(" of {}, {}", origin.pack, origin.engines.join(", then ")));
            });
        }
        if !entry.passed_over.is_empty() {
            let others: Vec<&str> = entry.passed_over.iter().map(crate::pack::PackName::as_str).collect();
            parts::fact(list, "Not taken", |fact| fact.text(&format!("that of {}", others.join(", "))));
        }
        if let Some(made) = &entry.made {
            let executable = if made.executable { ", executable" } else { "" };
            let secret = if made.has_secret { ", a secret may be in it" } else { "" };
            let said = format!("{}{executable}{secret}", format_bytes(made.bytes as u64));
            parts::fact(list, "Size", |fact| fact.text(&said));
            if let Some(fuel) = made.usage.and_then(|usage| usage.fuel) {
                parts::fact(list, "Cost", |fact| fact.text(&format!("{fuel} units of fuel")));
            }
        }
        if let Some(base) = entry.base {
            parts::fact(list, "Stands there", |fact| {
                fact.text(&format_bytes(base.bytes));
                if let Some(digest) = base.sha256 {
                    fact.text(", ");
                    fact.leaf("code", &[("class", "digest")], &digest.to_string());
                }
            });
        }
    });
}

fn inputs_of(list: &mut Html, own: &Plan) {
    let name = own.pack.name.as_str();
    let named = |path: &str| format!("{name}: {path}");
    input(list, &named("pack.toml"), "manifest", Some(own.pack.manifest_sha256.to_string()));
    let mut seen: BTreeSet<&PackPath> = BTreeSet::new();
    for file in own.files.iter().filter(|file| seen.insert(&file.template)) {
        input(list, &named(file.template.as_str()), "template", Some(file.template_sha256.to_string()));
    }
    for (path, digest) in &own.partials {
        input(list, &named(path.as_str()), "partial", Some(digest.to_string()));
    }
    if let Some(message) = &own.message {
        input(list, &named(message.template.as_str()), "message", Some(message.template_sha256.to_string()));
    }
    for (engine, digest) in &own.engines {
        input(list, &named(engine), "renderer", Some(digest.to_string()));
    }
}

fn input(list: &mut Html, path: &str, what: &str, digest: Option<String>) {
    list.element("li", &[], |item| {
        item.leaf("code", &[], path);
        item.leaf("span", &[("class", "what")], what);
        if let Some(digest) = digest {
            item.leaf("code", &[("class", "digest")], &digest);
        }
    });
}
