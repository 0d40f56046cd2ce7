//! The files of a plan, each with whose it is and what becomes of it: what both forms for people are made from.
//!
//! Always true here: nothing is looked up on a disk; files stand in the order of their paths.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::Usage;
use crate::generate::tree::Tree;
use crate::generate::{Composition, FileReport};
use crate::pack::{OnConflict, OutputPath, PackName};
use crate::plan::{BaseFile, ComposedPlan, PlannedFile, PlannedFolder, PlannedOutput, PlannedStep, Step};

/// A file of a plan.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Where it is; where a plugin names its files itself, the folder that they are below, and empty for the output folder.
    pub path: &'a str,
    /// Whether a plugin names files below the path.
    pub is_open: bool,
    /// What becomes of it, where the plan is for a folder.
    pub step: Option<Step>,
    /// What stands there.
    pub base: Option<&'a BaseFile>,
    /// The packs whose file it is, several where it is merged.
    pub origins: Vec<Origin<'a>>,
    /// The packs that write it too, and whose files are not taken.
    pub passed_over: &'a [PackName],
    /// What holds where another file wants its path.
    pub on_conflict: Option<&'a OnConflict>,
    /// What is known once it is rendered.
    pub made: Option<Made>,
}

/// What a file is made from.
#[derive(Debug)]
pub struct Origin<'a> {
    /// The pack.
    pub pack: &'a PackName,
    /// The template.
    pub template: &'a str,
    /// The engines that render it in turn.
    pub engines: Vec<String>,
}

/// What is known of a file once it is rendered.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// How many bytes it has.
    pub bytes: usize,
    /// Whether it is executable.
    pub executable: bool,
    /// Whether a secret may be in it.
    pub has_secret: bool,
    /// What rendering it cost.
    pub usage: Option<Usage>,
}

/// What is known before anything is rendered.
pub fn planned<'a>(plan: &'a ComposedPlan) -> Vec<Entry<'a>> {
    let mut by_path: BTreeMap<(&'a PackName, &'a str), &'a PlannedFile> = BTreeMap::new();
    for own in &plan.packs {
        by_path.extend(own.files.iter().map(|file| ((&own.pack.name, file.output.as_str()), file)));
    }
    let origin = |pack: &'a PackName, path: &'a str| {
        let file = *by_path.get(&(pack, path))?;
        Some(Origin { pack, template: file.template.as_str(), engines: engines(file) })
    };
    let known = plan.outputs.iter().map(|output| Entry {
        path: output.path.as_str(),
        is_open: false,
        step: None,
        base: None,
        origins: output.owners.iter().filter_map(|pack| origin(pack, output.path.as_str())).collect(),
        passed_over: &output.passed_over,
        on_conflict: Some(&output.on_conflict),
        made: None,
    });
    let mut entries: Vec<Entry<'a>> = known.collect();
    for own in &plan.packs {
        let open = own.files.iter().filter(|file| find(plan, &file.output).is_none());
        entries.extend(open.map(|file| Entry {
            path: &file.output,
            is_open: true,
            step: None,
            base: None,
            origins: vec![Origin { pack: &own.pack.name, template: file.template.as_str(), engines: engines(file) }],
            passed_over: &[],
            on_conflict: Some(&file.on_conflict),
            made: None,
        }));
    }
    entries.sort_by(|one, other| one.path.cmp(other.path));
    entries
}

/// What is known once all is rendered; `folder` is what stands where the plan is for.
pub fn rendered<'a>(
    plan: &'a ComposedPlan,
    composition: &'a Composition<'_>,
    (tree, files): (&'a Tree, &'a [FileReport]),
    folder: Option<&'a PlannedFolder>,
) -> Vec<Entry<'a>> {
    let only = &composition.leading().plan.pack.name;
    let step = |path: &OutputPath| -> Option<&'a PlannedStep> {
        let files = &folder?.files;
        files.binary_search_by(|step| step.path.cmp(path)).ok().map(|index| &files[index])
    };
    let files = tree.files().iter().zip(files);
    let files = files.map(|(file, details)| {
        let provenance = file.provenance();
        let chain = provenance.then.iter().map(|stage| stage.engine.clone());
        let engines: Vec<String> = std::iter::once(provenance.engine.clone()).chain(chain).collect();
        let origins = match file.owners() {
            [] => vec![Origin { pack: only, template: &provenance.template, engines }],
            [one] => vec![Origin { pack: &one.pack, template: &one.template, engines }],
            several => several
                .iter()
                .map(|owner| Origin {
                    pack: &owner.pack,
                    template: &owner.template,
                    engines: vec![owner.engine.clone()],
                })
                .collect(),
        };
        let step = step(file.path());
        Entry {
            path: file.path().as_str(),
            is_open: false,
            step: step.map(|step| step.step),
            base: step.and_then(|step| step.base.as_ref()),
            origins,
            passed_over: find(plan, file.path().as_str()).map_or(&[], |output| &output.passed_over),
            on_conflict: Some(&provenance.on_conflict),
            made: Some(Made {
                bytes: file.contents().len(),
                executable: file.executable(),
                has_secret: file.has_secret(),
                usage: details.usage,
            }),
        }
    });
    let removed = folder.into_iter().flat_map(|folder| &folder.files).filter(|step| step.step == Step::Remove);
    let removed = removed.map(|step| Entry {
        path: step.path.as_str(),
        is_open: false,
        step: Some(step.step),
        base: step.base.as_ref(),
        origins: Vec::new(),
        passed_over: &[],
        on_conflict: None,
        made: None,
    });
    let mut entries: Vec<Entry<'a>> = files.chain(removed).collect();
    entries.sort_by(|one, other| one.path.cmp(other.path));
    entries
}

/// The engines that render a file in turn.
fn engines(file: &PlannedFile) -> Vec<String> {
    let chain = std::iter::once(&file.engine).chain(file.then.iter().map(|stage| &stage.engine));
    chain.map(ToString::to_string).collect()
}

/// What is planned for a path, where that is known before anything is rendered.
fn find<'a>(plan: &'a ComposedPlan, path: &str) -> Option<&'a PlannedOutput> {
    let outputs = &plan.outputs;
    outputs.binary_search_by(|output| output.path.as_str().cmp(path)).ok().map(|index| &outputs[index])
}

impl Entry<'_> {
    /// Whose it is and what holds for it, in words; of one pack, what it is made from.
    #[must_use]
    pub fn whose(&self, is_one: bool) -> String {
        let names: Vec<&str> = self.origins.iter().map(|origin| origin.pack.as_str()).collect();
        let mut said = match &self.origins[..] {
            [origin] if is_one => format!("<- {} ({})", origin.template, origin.engines.join(", then ")),
            _ => names.join(" + "),
        };
        if let Some(policy) = self.policy(names.len() > 1) {
            let _ = write!(said, ", {policy}");
        }
        if !self.passed_over.is_empty() {
            let others: Vec<&str> = self.passed_over.iter().map(PackName::as_str).collect();
            let _ = write!(said, ", not {}", others.join(" or "));
        }
        said
    }

    /// The policy, where it is another than `own`; a merge counts where there is something to be merged.
    #[must_use]
    pub fn policy(&self, is_merged: bool) -> Option<String> {
        match self.on_conflict? {
            OnConflict::Own => None,
            OnConflict::CreateOnce => Some("create-once".to_owned()),
            OnConflict::Merge(merging) => is_merged.then(|| match &merging.plugin {
                Some(plugin) => format!("{} by the plugin {plugin}", merging.policy),
                None => merging.policy.to_string(),
            }),
        }
    }
}
