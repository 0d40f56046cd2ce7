//! Between the host's calls and the traits: batches are split, JSON is read, panics report themselves.
//!
//! Everything here is native code, which the test helpers use, too; only the `export_…` macros need WebAssembly.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::abi::merger::exports::packbox::plugin::merger::{Guest as MergerGuest, Job as RawMergeJob};
use crate::abi::query_engine::exports::packbox::plugin::query_engine::{
    Guest as QueryGuest, Inspected as RawInspected, Query as RawQuery, Setting, Source as RawSource,
};
use crate::abi::renderer::exports::packbox::plugin::renderer::{
    Guest as RendererGuest, Job as RawJob, Rendered as RawRendered,
};
use crate::abi::renderer::packbox::plugin::types::{Json, Reads};
use crate::abi::validator::exports::packbox::plugin::validator::{Guest as ValidatorGuest, Subject as RawSubject};
use crate::input::{self, Input, Object};
use crate::{
    Answered, Description, Diagnostic, Failure, File, GraphSource, Job, MergeJob, Merger, Outcome, Partials, Policy,
    QueryEngine, QueryJob, QueryText, Renderer, Rule, Source, Subject, TemplateInfo, Validator, log, panics,
};

/// Makes a [`Renderer`] what the host calls: `packbox_sdk::export_renderer!(MyRenderer);`, once, in the crate's root.
///
/// Natively it only checks that the type is one.
#[macro_export]
macro_rules! export_renderer {
    ($plugin:ty) => {
        const _: () = {
            const fn is_renderer<T: $crate::Renderer>() {}
            is_renderer::<$plugin>();
            #[cfg(target_family = "wasm")]
            type PackboxExport = $crate::export::Exported<$plugin>;
            #[cfg(target_family = "wasm")]
    $crate::abi::renderer::export_renderer_plugin!(PackboxExport with_types_in $crate::abi::renderer);
        };
    };
}

/// Makes a [`Validator`] what the host calls: `packbox_sdk::export_validator!(MyValidator);`, once, in the crate's root.
///
/// Natively it only checks that the type is one.
#[macro_export]
macro_rules! export_validator {
    ($plugin:ty) => {
        const _: () = {
            const fn is_validator<T: $crate::Validator>() {}
            is_validator::<$plugin>();
            #[cfg(target_family = "wasm")]
            type PackboxExport = $crate::export::Exported<$plugin>;
            #[cfg(target_family = "wasm")]
    $crate::abi::validator::export_validator_plugin!(PackboxExport with_types_in $crate::abi::validator);
        };
    };
}

/// Makes a [`Merger`] what the host calls: `packbox_sdk::export_merger!(MyMerger);`, once, in the crate's root.
///
/// Natively it only checks that the type is one.
#[macro_export]
macro_rules! export_merger {
    ($plugin:ty) => {
        const _: () = {
            const fn is_merger<T: $crate::Merger>() {}
            is_merger::<$plugin>();
            #[cfg(target_family = "wasm")]
            type PackboxExport = $crate::export::Exported<$plugin>;
            #[cfg(target_family = "wasm")]
    $crate::abi::merger::export_merger_plugin!(PackboxExport with_types_in $crate::abi::merger);
        };
    };
}

/// Makes a [`QueryEngine`] what the host calls: `packbox_sdk::export_query_engine!(MyEngine);`, once, in the crate's root.
///
/// Natively it only checks that the type is one.
#[macro_export]
macro_rules! export_query_engine {
    ($plugin:ty) => {
        const _: () = {
            const fn is_query_engine<T: $crate::QueryEngine>() {}
            is_query_engine::<$plugin>();
            #[cfg(target_family = "wasm")]
            type PackboxExport = $crate::export::Exported<$plugin>;
            #[cfg(target_family = "wasm")]
    $crate::abi::query_engine::export_query_plugin!(PackboxExport with_types_in $crate::abi::query_engine);
        };
    };
}

/// A plugin, as the host calls it.
pub struct Exported<T>(PhantomData<T>);

impl<T: Renderer> RendererGuest for Exported<T> {
    fn inspect(template: File) -> Result<TemplateInfo, Failure> {
        report_panics();
        T::inspect(&Source::from(&template))
    }

    fn render(context: Json, partials: Vec<File>, jobs: Vec<RawJob>) -> Vec<Result<RawRendered, Failure>> {
        report_panics();
        render::<T>(&context, &partials, &jobs)
    }
}

impl<T: Validator> ValidatorGuest for Exported<T> {
    fn rules() -> Vec<Rule> {
        report_panics();
        T::rules()
    }

    fn check(subject: RawSubject, options: Json) -> Result<Vec<Diagnostic>, Failure> {
        report_panics();
        check::<T>(&subject, &options)
    }
}

impl<T: Merger> MergerGuest for Exported<T> {
    fn policies() -> Vec<Policy> {
        report_panics();
        T::policies()
    }

    fn merge(jobs: Vec<RawMergeJob>) -> Vec<Result<Outcome, Failure>> {
        report_panics();
        merge::<T>(&jobs)
    }
}

impl<T: QueryEngine> QueryGuest for Exported<T> {
    fn inspect(setting: Setting, queries: Vec<RawInspected>) -> Vec<Result<Description, Failure>> {
        report_panics();
        queries.iter().map(|query| inspect_query::<T>(&setting, query)).collect()
    }

    fn ask(setting: Setting, sources: Vec<RawSource>, queries: Vec<RawQuery>) -> Vec<Result<Answered, Failure>> {
        report_panics();
        ask::<T>(&setting, &sources, &queries)
    }
}

fn report_panics() {
    if cfg!(target_family = "wasm") {
        panics::report(|message| log::warn(message));
    }
}

/// Renders a batch. What each job gives is what it would give alone.
pub(crate) fn render<T: Renderer>(
    context: &[u8],
    partials: &[File],
    jobs: &[RawJob],
) -> Vec<Result<RawRendered, Failure>> {
    let context = Context::<T::Context>::new(context, jobs);
    let partials: BTreeMap<&str, &[u8]> =
        partials.iter().map(|file| (file.path.as_str(), file.contents.as_slice())).collect();
    jobs.iter().map(|job| render_one::<T>(&context, &partials, job)).collect()
}

fn render_one<T: Renderer>(
    context: &Context<T::Context>,
    partials: &BTreeMap<&str, &[u8]>,
    job: &RawJob,
) -> Result<RawRendered, Failure> {
    let options = if input::is_empty(&job.options) {
        T::Options::default()
    } else {
        input::convert(&input::object(&job.options)?, Input::Options)?
    };
    let locals = input::object(&job.locals)?;
    let own;
    let variables = match &context.alone {
        Some(shared) if input::is_empty(&job.locals) => shared.as_ref().map_err(Clone::clone)?,
        _ => {
            own = context.with(&locals)?;
            &own
        }
    };
    let template = Source::from(&job.template);
    let job = Job { template, context: variables, options: &options, partials: Partials::new(partials) };
    let rendered = T::render(&job)?;
    let (partials, absent) = job.partials.into_reads();
    let names = rendered.variables.unwrap_or_else(|| context.names());
    let variables = names.into_iter().filter(|name| !locals.contains_key(name)).collect();
    Ok(RawRendered { outputs: rendered.outputs, reads: Reads { variables, partials, absent }, notes: rendered.notes })
}

/// The variables of a batch. Their text is parsed once, and they are read into the plugin's type once for all jobs
/// without locals.
struct Context<T> {
    object: Result<Object, Failure>,
    /// For jobs without locals; none where there is no such job.
    alone: Option<Result<T, Failure>>,
}

impl<T: DeserializeOwned> Context<T> {
    fn new(json: &[u8], jobs: &[RawJob]) -> Self {
        let object = input::object(json);
        let is_shared = jobs.iter().any(|job| input::is_empty(&job.locals));
        let read = |object: &Result<Object, Failure>| match object {
            Ok(object) => input::convert(object, Input::Context),
            Err(failure) => Err(failure.clone()),
        };
        let alone = is_shared.then(|| read(&object));
        Self { object, alone }
    }

    /// Lays a job's locals over the variables.
    fn with(&self, locals: &Object) -> Result<T, Failure> {
        let mut object = self.object.clone()?;
        object.extend(locals.iter().map(|(name, value)| (name.clone(), value.clone())));
        input::convert(&object, Input::Context)
    }

    fn names(&self) -> BTreeSet<String> {
        self.object.iter().flat_map(|object| object.keys().cloned()).collect()
    }
}

/// Checks a pack.
pub(crate) fn check<T: Validator>(subject: &RawSubject, options: &[u8]) -> Result<Vec<Diagnostic>, Failure> {
    let broken = |what: &str, error: serde_json::Error| {
        Failure::internal(format!("the {what} that the host handed over can't be read: {error}"))
    };
    let mut files: Vec<Source<'_>> = subject.files.iter().map(Source::from).collect();
    files.sort_by(|left, right| left.path().cmp(right.path()));
    let subject = Subject {
        manifest: serde_json::from_slice(&subject.manifest).map_err(|error| broken("manifest", error))?,
        facts: serde_json::from_slice(&subject.facts).map_err(|error| broken("facts", error))?,
        files,
        options: input::object(options)?,
    };
    T::check(&subject)
}

/// Merges a batch of files.
pub(crate) fn merge<T: Merger>(jobs: &[RawMergeJob]) -> Vec<Result<Outcome, Failure>> {
    let merge = |raw: &RawMergeJob| {
        let job = MergeJob {
            path: &raw.path,
            policy: &raw.policy,
            base: raw.base.as_deref(),
            sides: raw.sides.iter().map(|side| Source::new(&side.owner, &side.contents)).collect(),
            options: input::object(&raw.options)?,
        };
        T::merge(&job)
    };
    jobs.iter().map(merge).collect()
}

/// Reads a query without asking it.
pub(crate) fn inspect_query<T: QueryEngine>(setting: &Setting, query: &RawInspected) -> Result<Description, Failure> {
    T::inspect(&QueryText { setting, file: Source::from(&query.file), parameters: &query.parameters })
}

/// Asks a batch of queries about graphs that are read once.
pub(crate) fn ask<T: QueryEngine>(
    setting: &Setting,
    sources: &[RawSource],
    queries: &[RawQuery],
) -> Vec<Result<Answered, Failure>> {
    let sources: Vec<GraphSource<'_>> = sources.iter().map(GraphSource::from).collect();
    let graphs = match T::load(setting, &sources) {
        Ok(graphs) => graphs,
        Err(failure) => return queries.iter().map(|_| Err(failure.clone())).collect(),
    };
    let ask = |raw: &RawQuery| {
        let job = QueryJob {
            setting,
            file: Source::from(&raw.file),
            parameters: &raw.parameters,
            limit: raw.limit,
            explain: raw.explain,
        };
        T::ask(&graphs, &job)
    };
    queries.iter().map(ask).collect()
}

impl<'a> From<&'a RawSource> for GraphSource<'a> {
    fn from(raw: &'a RawSource) -> Self {
        Self { file: Source::from(&raw.file), notation: raw.notation, graph: raw.graph.as_deref() }
    }
}
