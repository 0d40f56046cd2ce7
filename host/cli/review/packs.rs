//! What a page says of a pack: where it comes from, what it writes, what it may do and what it costs.

use std::fmt::Write as _;

use super::entry::Entry;
use super::html::Html;
use super::parts::{fact, shortened};
use crate::generate::Job;
use crate::grants::Standing;
use crate::limits::{Limit, LimitRequest, Limits, RunLimits};
use crate::pack::manifest::PluginEntry;
use crate::pack::{BuiltInEngine, PluginName};
use crate::plan::{ComposedPlan, Step};
use crate::plugins::granted;
use crate::show::count;
use crate::text::format_bytes;

/// Characters of a description that are shown.
const LONGEST: usize = 600;

/// What a pack is seen among.
#[derive(Clone, Copy)]
pub struct All<'a> {
    /// The plan of all packs.
    pub plan: &'a ComposedPlan,
    /// Its files.
    pub entries: &'a [Entry<'a>],
    /// Whether fuel was counted.
    pub is_measured: bool,
}

/// Adds what is to be known of a pack.
pub fn add(section: &mut Html, all: &All<'_>, job: &Job<'_>) {
    let (meta, plan) = (&job.pack.manifest.pack, all.plan.packs.iter());
    let Some(own) = plan.into_iter().find(|own| own.pack.name == job.plan.pack.name) else { return };
    section.element("article", &[], |article| {
        article.leaf("h3", &[], &format!("{} {}", own.pack.name, own.pack.version));
        if let Some(description) = &meta.description {
            article.leaf("p", &[], &shortened(&description.value, LONGEST));
        }
        article.element("dl", &[("class", "facts")], |list| {
            fact(list, "Comes from", |fact| fact.leaf("code", &[], &own.pack.path));
            let needs = &job.pack.manifest.dependencies;
            if !needs.is_empty() {
                let needs: Vec<String> = needs
                    .iter()
                    .map(|(name, needed)| {
                        let optional = if needed.optional { ", if it is there" } else { "" };
                        format!("{name} {}{optional}", needed.requirement.value)
                    })
                    .collect();
                fact(list, "Needs", |fact| fact.text(&needs.join("; ")));
            }
            fact(list, "Writes", |fact| fact.text(&writes(all, job)));
            let engines: Vec<&str> = own.engines.keys().map(String::as_str).collect();
            if !engines.is_empty() {
                fact(list, "Runs", |fact| fact.text(&engines.join(", ")));
            }
            fact(list, "May do", |fact| {
                fact.text("Each call gets the bytes that it is handed and answers with bytes: no files, no network, no clock.");
            });
            fact(list, "Costs", |fact| fact.text(&costs(all, job)));
        });
        let plugins = &job.pack.manifest.plugins;
        if !plugins.is_empty() {
            article.leaf("h4", &[], "Its plugins");
        }
        for entry in plugins {
            plugin(article, job, entry);
        }
    });
}

/// Adds what holds for all packs together, and for the engines that are packbox's own.
pub fn limits(section: &mut Html, job: &Job<'_>) {
    let options = job.toolbox.engine().options();
    let run = RunLimits::TABLE.iter().filter_map(|limit| Some(worded(limit, options.run.get(limit)?)));
    let engines = job.toolbox.built_in_limits(BuiltInEngine::Jinja);
    let engines = Limits::TABLE.iter().filter_map(|limit| Some(worded(limit, engines.get(limit)?)));
    section.element("dl", &[("class", "facts")], |list| {
        fact(list, "All together may use", |fact| fact.text(&run.collect::<Vec<_>>().join(", ")));
        fact(list, "A call of a built-in engine", |fact| fact.text(&engines.collect::<Vec<_>>().join(", ")));
    });
}

fn worded(limit: &Limit, value: u64) -> String {
    format!("{} {}", limit.name, limit.shown(value))
}

/// How many files are the pack's, alone and with others.
fn writes(all: &All<'_>, job: &Job<'_>) -> String {
    let name = &job.plan.pack.name;
    let own = all.entries.iter().filter(|entry| entry.origins.iter().any(|origin| origin.pack == name));
    let files = own.clone().count();
    let merged = own.clone().filter(|entry| entry.origins.len() > 1).count();
    let new = own.filter(|entry| entry.step == Some(Step::Create)).count();
    let mut said = count(files, "file");
    if merged > 0 {
        let _ = write!(said, ", {merged} of them merged with others");
    }
    if all.plan.folder.is_some() {
        let _ = write!(said, ", {new} new");
    }
    let lost = all.entries.iter().filter(|entry| entry.passed_over.contains(name)).count();
    if lost > 0 {
        let _ = write!(said, "; {} of it not taken", count(lost, "file"));
    }
    said
}

/// What rendering its files took, where that was counted; a file that was merged counts for the first of its owners.
fn costs(all: &All<'_>, job: &Job<'_>) -> String {
    if !all.is_measured {
        return "not measured: --measure counts fuel and memory".to_owned();
    }
    let first = |entry: &&Entry<'_>| entry.origins.first().is_some_and(|of| *of.pack == job.plan.pack.name);
    let usages = all.entries.iter().filter(first).filter_map(|entry| entry.made?.usage);
    let (mut fuel, mut memory, mut calls) = (0_u64, 0, 0_usize);
    for usage in usages {
        fuel = fuel.saturating_add(usage.fuel.unwrap_or(0));
        memory = memory.max(usage.memory);
        calls += 1;
    }
    if calls == 0 {
        return "nothing: its files are copied".to_owned();
    }
    format!("{} rendered, {fuel} units of fuel, {} of memory at most", count(calls, "file"), format_bytes(memory))
}

/// A plugin of the pack: its digest, what it is granted and what a call may use.
fn plugin(article: &mut Html, job: &Job<'_>, (name, entry): (&PluginName, &PluginEntry)) {
    let engine = job.toolbox.engine();
    article.element("dl", &[("class", "facts")], |list| {
        fact(list, "Plugin", |fact| {
            fact.leaf("strong", &[], name.as_str());
            fact.text(", ");
            fact.leaf("code", &[], entry.component.value.as_str());
        });
        if let Some(digest) = &entry.sha256 {
            fact(list, "Digest", |fact| fact.leaf("code", &[("class", "digest")], &digest.value.to_string()));
        }
        let granted = match granted(engine, entry).wasi_stub {
            Standing::NotAsked => "nothing",
            Standing::Given => {
                "wasi-stub: a WASI with nothing behind it: no files, no sockets, a clock that stands still"
            }
            Standing::Denied => "nothing: it asks for wasi-stub, which is denied",
        };
        fact(list, "Granted", |fact| fact.text(granted));
        let limits = LimitRequest::effective(&entry.limits.asked, &engine.options().limits);
        let limits = Limits::TABLE.iter().filter_map(|limit| {
            let value = limits.get(limit)?;
            let asked = if entry.limits.asked.get(limit).is_some() { " (asked for)" } else { "" };
            Some(worded(limit, value) + asked)
        });
        fact(list, "A call may use", |fact| fact.text(&limits.collect::<Vec<_>>().join(", ")));
    });
}
