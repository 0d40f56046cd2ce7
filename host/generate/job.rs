//! A pack made ready to be generated: [`Job`].
//!
//! Always true here: the plan belongs to the pack and the plugins beside it, and the sources are those that it names.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::tree::TreeFile;
use crate::compose::variables::Values;
use crate::diagnostic::Span;
use crate::error::Result;
use crate::pack::{OutputPlaces, Pack, TemplateEntry};
use crate::plan::{self, Plan, Sources};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;

/// A pack, what is to be generated of it, and all that this needs.
#[derive(Debug)]
pub struct Job<'e> {
    /// The pack.
    pub pack: Pack,
    /// Who renders.
    pub toolbox: Arc<Toolbox<'e>>,
    /// What is to be generated.
    pub plan: Plan,
    /// The files of the pack that the plan names.
    pub sources: Sources,
    /// The values of the variables, those of secrets included.
    pub values: Values,
    /// What must not be shown.
    pub secrets: Secrets,
    /// Where the manifest says where files go, once that is asked.
    places: OnceLock<OutputPlaces>,
}

impl<'e> Job<'e> {
    /// Plans a pack.
    ///
    /// # Errors
    /// Those of [`plan::build`].
    pub fn prepare(pack: &Pack, toolbox: &Arc<Toolbox<'e>>, values: Values) -> Result<Self> {
        let (plan, sources) = plan::build(pack, toolbox, &values)?;
        Ok(Self::of(pack, toolbox, plan, sources, values))
    }

    /// Plans a part of a pack.
    ///
    /// # Errors
    /// Those of [`plan::build`].
    pub fn prepare_portion(
        pack: &Pack,
        toolbox: &Arc<Toolbox<'e>>,
        values: Values,
        portion: &plan::Portion<'_>,
    ) -> Result<Self> {
        let (plan, sources) = plan::build_portion(pack, toolbox, &values, portion)?;
        Ok(Self::of(pack, toolbox, plan, sources, values))
    }

    /// Takes a saved plan, checks that pack and plugins are those that it was made for, and asks for the values that it
    /// does not hold: secrets.
    ///
    /// # Errors
    /// Those of [`plan::reload`] and of `values`.
    pub fn reload(
        pack: &Pack,
        toolbox: &Arc<Toolbox<'e>>,
        plan: Plan,
        values: impl FnOnce(&Plan) -> Result<Values>,
    ) -> Result<Self> {
        let sources = plan::reload(&plan, pack, toolbox)?;
        let values = values(&plan)?;
        Ok(Self::of(pack, toolbox, plan, sources, values))
    }

    /// Where the manifest says where a file goes.
    #[must_use]
    pub fn output_place(&self, file: &TreeFile) -> Option<Span> {
        self.place_of(&file.provenance().template, file.path().as_str())
    }

    /// Where the manifest says that a template goes to a path: of several entries of it, the one that names the path.
    pub(super) fn place_of(&self, template: &str, path: &str) -> Option<Span> {
        self.places().place(template, path).map(|range| self.pack.span(range))
    }

    /// The entries of the manifest that stand for a template, in its order.
    pub(super) fn entries_of<'j>(&'j self, template: &str) -> impl Iterator<Item = &'j TemplateEntry> {
        self.places().entries(template).iter().filter_map(|number| self.pack.manifest.templates.get(*number))
    }

    fn places(&self) -> &OutputPlaces {
        self.places.get_or_init(|| OutputPlaces::of(&self.pack))
    }

    /// The texts that a file is made of, in which no secret is: its template, partials, and values that a plan shows.
    pub(super) fn texts_of<'j>(&'j self, template: &'j str) -> impl Iterator<Item = &'j [u8]> {
        let partials = self.plan.partials.keys().filter(move |path| path.as_str() != template);
        let files = self.sources.get(template).into_iter().chain(partials.filter_map(|path| self.sources.get(path)));
        let mut values = Vec::new();
        self.plan.values.values().for_each(|value| add_texts(value, &mut values));
        files.map(|source| source.contents.as_slice()).chain(values)
    }

    fn of(pack: &Pack, toolbox: &Arc<Toolbox<'e>>, plan: Plan, sources: Sources, values: Values) -> Self {
        let secrets = values.to_redact();
        Self {
            pack: pack.clone(),
            toolbox: Arc::clone(toolbox),
            plan,
            sources,
            values,
            secrets,
            places: OnceLock::new(),
        }
    }
}

/// Adds the texts in a value.
fn add_texts<'v>(value: &'v Value, texts: &mut Vec<&'v [u8]>) {
    match value {
        Value::String(text) => texts.push(text.as_bytes()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, texts)),
        Value::Object(entries) => {
            texts.extend(entries.keys().map(String::as_bytes));
            entries.values().for_each(|value| add_texts(value, texts));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
