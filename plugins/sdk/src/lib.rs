//! Write renderers, validators, mergers and query engines for packbox in Rust: implement one trait, export it, test it natively.
//!
//! A plugin is a pure function of what it is handed: it has no clock, no random numbers, no files and no network, and
//! nothing that it keeps in a global survives a call. The SDK splits batches into jobs, reads JSON into your types, turns
//! what does not fit into diagnostics, and tells the host what a panic said and where.
//!
//! | to | use |
//! | --- | --- |
//! | turn templates into files | [`Renderer`], [`export_renderer!`] |
//! | find what is wrong with packs | [`Validator`], [`export_validator!`] |
//! | make one file of what several packs want | [`Merger`], [`export_merger!`] |
//! | answer queries about graphs | [`QueryEngine`], [`export_query_engine!`] |
//! | say what is wrong, and where | [`Diagnostic`], [`Source::span`], [`Failure`] |
//! | test without WebAssembly | [`testing`] |
//! | say something to who runs packbox | [`log`] |
//!
//! # A renderer
//!
//! It turns a list of names into a file of constants.
//!
//! ```
//! use packbox_sdk::{Diagnostic, Failure, Job, Rendered, Renderer};
//! use serde::Deserialize;
//!
//! /// The variables that it uses; others are ignored.
//! #[derive(Deserialize)]
//! struct Variables {
//!     crate_name: String,
//! }
//!
//! /// `options = { … }` in the manifest. `default` allows leaving some out, `deny_unknown_fields` finds misspelt ones.
//! #[derive(Default, Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Options {
//!     public: bool,
//! }
//!
//! struct Constants;
//!
//! impl Renderer for Constants {
//!     type Context = Variables;
//!     type Options = Options;
//!
//!     fn render(job: &Job<'_, Variables, Options>) -> Result<Rendered, Failure> {
//!         let text = job.template.text()?;
//!         let mut code = format!("//! The constants of {}.\n", job.context.crate_name);
//!         let mut at = 0;
//!         for line in text.split_inclusive('\n') {
//!             let name = line.trim();
//!             if !name.chars().all(|letter| letter.is_ascii_uppercase()) {
//!                 return Err(Diagnostic::error("constants/name", format!("`{name}` is not in capitals"))
//!                     .at(job.template.span(at..at + name.len()))
//!                     .help("use the letters A to Z")
//!                     .into());
//!             }
//!             let visibility = if job.options.public { "pub " } else { "" };
//!             code += &format!("{visibility}const {name}: &str = {name:?};\n");
//!             at += line.len();
//!         }
//!         Ok(Rendered::text(code))
//!     }
//! }
//!
//! packbox_sdk::export_renderer!(Constants);
//!
//! // In a test:
//! use packbox_sdk::testing::TestJob;
//! use packbox_sdk::json;
//!
//! let job = TestJob::new("names.txt", "RED\nGREEN\n").context(json!({ "crate_name": "paint" }));
//! let text = job.clone().options(json!({ "public": true })).text::<Constants>();
//! assert_eq!(text, "//! The constants of paint.\npub const RED: &str = \"RED\";\npub const GREEN: &str = \"GREEN\";\n");
//!
//! let job = job.template("RED\ngreen\n");
//! assert_eq!(job.errors::<Constants>(), "\
//! error[constants/name]: `green` is not in capitals
//!   at names.txt:2:1-2:6
//!   help: use the letters A to Z
//! ");
//!
//! let job = job.options(json!({ "pubic": true }));
//! assert!(job.errors::<Constants>().starts_with("error[plugin/options]: the option `pubic` does not match what the plugin expects: unknown field"));
//! ```
//!
//! # A validator
//!
//! It wants each pack to have few variables.
//!
//! ```
//! use packbox_sdk::{Diagnostic, Failure, Rule, Severity, Subject, Validator};
//! use serde::{Deserialize, Serialize};
//!
//! /// What `packbox.toml` may set for the rule.
//! #[derive(Deserialize, Serialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct FewVariables {
//!     max: usize,
//! }
//!
//! impl Default for FewVariables {
//!     fn default() -> Self {
//!         Self { max: 2 }
//!     }
//! }
//!
//! struct House;
//!
//! impl Validator for House {
//!     fn rules() -> Vec<Rule> {
//!         vec![
//!             Rule::new("house/few-variables", "a pack asks few questions", Severity::Warning)
//!                 .help("People answer two questions with care, and ten with defaults.")
//!                 .options(&FewVariables::default()),
//!         ]
//!     }
//!
//!     fn check(subject: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure> {
//!         let options: FewVariables = subject.options("house/few-variables")?;
//!         let variables = subject.manifest["variables"].as_object().map_or(0, |variables| variables.len());
//!         if variables <= options.max {
//!             return Ok(Vec::new());
//!         }
//!         let message = format!("{variables} variables are more than {}", options.max);
//!         Ok(vec![Diagnostic::warning("house/few-variables", message).maybe_at(subject.place("/variables"))])
//!     }
//! }
//!
//! packbox_sdk::export_validator!(House);
//!
//! // In a test:
//! use packbox_sdk::testing::TestSubject;
//! use packbox_sdk::json;
//!
//! let subject = TestSubject::new(json!({ "variables": { "a": {}, "b": {}, "c": {} } }));
//! assert_eq!(subject.findings::<House>(), "warning[house/few-variables]: 3 variables are more than 2\n");
//! let subject = subject.option("house/few-variables", json!({ "max": 3 }));
//! assert_eq!(subject.findings::<House>(), "");
//! ```
//!
//! # A merger
//!
//! It puts lists of words together, each word once. The same word with another spelling is a conflict.
//!
//! ```
//! use packbox_sdk::{Conflict, Failure, MergeJob, Merged, Merger, Outcome, Policy};
//!
//! struct Words;
//!
//! impl Merger for Words {
//!     fn policies() -> Vec<Policy> {
//!         vec![Policy::new("merge-words", "the words of all owners, each once")]
//!     }
//!
//!     fn merge(job: &MergeJob<'_>) -> Result<Outcome, Failure> {
//!         let mut words: Vec<(&str, Vec<usize>)> = Vec::new();
//!         for (side, source) in job.sides.iter().enumerate() {
//!             for word in source.text()?.lines() {
//!                 let Some((known, owners)) = words.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(word)) else {
//!                     words.push((word, vec![side]));
//!                     continue;
//!                 };
//!                 if *known != word {
//!                     let conflict = Conflict::new(word, format!("it is written `{known}`, too")).help("agree on one spelling");
//!                     let places = [(owners[0], *known), (side, word)];
//!                     let place = |(side, word): (usize, &str)| Some((side, job.sides[side].span_of(word)?));
//!                     let placed = places.into_iter().filter_map(place);
//!                     return Ok(placed.fold(conflict, |conflict, (side, span)| conflict.at(side, span)).into());
//!                 }
//!                 owners.push(side);
//!             }
//!         }
//!         let mut merged = Merged::new();
//!         for (word, owners) in words {
//!             merged.push(word, owners);
//!             merged.push_own("\n");
//!         }
//!         Ok(merged.into())
//!     }
//! }
//!
//! packbox_sdk::export_merger!(Words);
//!
//! // In a test:
//! use packbox_sdk::testing::TestMerge;
//!
//! let job = TestMerge::new("words.txt", "merge-words").side("base", "red\ngreen\n");
//! let fine = job.clone().side("docker", "blue\nred\n");
//! assert_eq!(fine.text::<Words>(), "red\ngreen\nblue\n");
//! assert_eq!(fine.owners::<Words>(), "base, docker: \"red\"\nbase: \"green\"\ndocker: \"blue\"\n");
//!
//! let wrong = job.side("docker", "Red\n");
//! assert_eq!(wrong.conflicts::<Words>(), "\
//! conflict[Red]: it is written `red`, too
//!   at base:1:1-1:4
//!   at docker:1:1-1:4
//!   help: agree on one spelling
//! ");
//! ```
//!
//! # A query engine
//!
//! A query is a text, and its answer whether it stands in one of the files.
//!
//! ```
//! use packbox_sdk::{Answer, Answered, Description, Failure, Form, GraphSource, QueryEngine, QueryJob, QueryText, Setting};
//!
//! struct Search;
//!
//! impl QueryEngine for Search {
//!     type Graphs = Vec<String>;
//!
//!     fn inspect(query: &QueryText<'_>) -> Result<Description, Failure> {
//!         query.file.text().map(|_| Description::new(Form::Ask))
//!     }
//!
//!     fn load(_: &Setting, sources: &[GraphSource<'_>]) -> Result<Vec<String>, Failure> {
//!         sources.iter().map(|source| source.file.text().map(str::to_owned)).collect()
//!     }
//!
//!     fn ask(graphs: &Vec<String>, query: &QueryJob<'_>) -> Result<Answered, Failure> {
//!         let wanted = query.file.text()?.trim();
//!         Ok(Answer::Boolean(graphs.iter().any(|graph| graph.contains(wanted))).into())
//!     }
//! }
//!
//! packbox_sdk::export_query_engine!(Search);
//!
//! // In a test:
//! use packbox_sdk::testing::TestQuery;
//!
//! let query = TestQuery::new("ada.txt", "Ada\n").graph("people.ttl", "<urn:1> <urn:name> \"Ada\" .\n");
//! assert_eq!(query.text::<Search>(), "true\n");
//! assert!(query.graph("latin1.ttl", b"\xff").errors::<Search>().contains("at latin1.ttl:1:1"));
//! ```
//!
//! # Building
//!
//! The crate is a `cdylib` (and an `rlib`, for tests), built for `wasm32-unknown-unknown`; of that a component is made. It
//! imports `log` and nothing else. A dependency that wants a clock, threads or random numbers does not belong there.

#[cfg(feature = "plugin")]
#[doc(hidden)]
pub mod abi;
#[cfg(feature = "plugin")]
mod diagnostic;
#[cfg(feature = "plugin")]
#[doc(hidden)]
pub mod export;
#[cfg(feature = "plugin")]
mod input;
#[cfg(feature = "plugin")]
pub mod log;
#[cfg(feature = "plugin")]
mod merger;
pub mod panics;
#[cfg(feature = "plugin")]
mod query_engine;
#[cfg(feature = "plugin")]
mod renderer;
#[cfg(feature = "plugin")]
mod source;
#[cfg(feature = "plugin")]
pub mod testing;
#[cfg(feature = "plugin")]
mod validator;

#[cfg(feature = "plugin")]
pub use abi::merger::exports::packbox::plugin::merger::{Conflict, Merged, Outcome, Part, Place, Policy};
#[cfg(feature = "plugin")]
pub use abi::query_engine::exports::packbox::plugin::query_engine::{
    Answer, Answered, Description, Form, Literal, Notation, Parameter, Prefix, Setting, Statement, Table, Term,
};
#[cfg(feature = "plugin")]
pub use abi::renderer::exports::packbox::plugin::renderer::{Output, TemplateInfo};
#[cfg(feature = "plugin")]
pub use abi::renderer::packbox::plugin::types::{Diagnostic, Failure, File, Position, Severity, Span};
#[cfg(feature = "plugin")]
pub use abi::validator::exports::packbox::plugin::validator::Rule;
#[cfg(feature = "plugin")]
pub use merger::{MergeJob, Merger};
#[cfg(feature = "plugin")]
#[doc(inline)]
pub use packbox_facts::{self as facts, Facts};
#[cfg(feature = "plugin")]
pub use query_engine::{GraphSource, QueryEngine, QueryJob, QueryText};
#[cfg(feature = "plugin")]
pub use renderer::{Job, Partials, Rendered, Renderer};
#[cfg(feature = "plugin")]
pub use serde_json::{self, json};
#[cfg(feature = "plugin")]
pub use source::Source;
#[cfg(feature = "plugin")]
pub use validator::{Subject, Validator};
