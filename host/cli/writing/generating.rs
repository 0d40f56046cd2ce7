//! From packs that a user names to a folder: what `generate` and `compose` have in common.

use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::args::Making;
use crate::cli::kept_answers::KeptAnswers;
use crate::cli::plugin_tools::{save_failure, secret_names};
use crate::cli::progress;
use crate::cli::saved::{self, Sort};
use crate::cli::session::Session;
use crate::cli::writing::writer::{Timings, Writer, unwritten, with_budget};
use crate::compose::packs::{PackSet, Presets};
use crate::engine::Recorder;
use crate::error::Result;
use crate::facade::Inputs;
use crate::generate::Apart;
use crate::limits::UserLimits;
use crate::measure::Placeholders;
use crate::plan::Rules;

/// What is to be generated, and how.
pub struct Generating<'a> {
    /// The command, for its document.
    pub command: &'static str,
    /// The packs as they were named, for what is said of them.
    pub named: Vec<PathBuf>,
    /// Values of a settings file.
    pub presets: Presets,
    /// Whose files are taken.
    pub rules: Rules,
    /// The folder to generate into, and how.
    pub making: &'a Making,
}

impl Generating<'_> {
    /// Generates the packs that `load` gives.
    ///
    /// # Errors
    /// Those of every stage; nothing is written then.
    pub fn run(self, session: &Session, load: impl FnOnce(&UserLimits) -> Result<PackSet>) -> Result<u8> {
        let Some(path) = self.making.record.as_deref() else {
            return self.generate(session, load, None, &mut Placeholders::default()).map_err(unwritten);
        };
        saved::check(Some(path), Sort::Record)?;
        let recorder = Arc::new(Recorder::default());
        let mut placeholders = Placeholders::default();
        let result = self.generate(session, load, Some(&recorder), &mut placeholders).map_err(unwritten);
        save_failure(session, path, &recorder, &placeholders);
        result
    }

    /// Generates, and keeps the first failed call and what must not be saved of it.
    fn generate(
        self,
        session: &Session,
        load: impl FnOnce(&UserLimits) -> Result<PackSet>,
        recorder: Option<&Arc<Recorder>>,
        placeholders: &mut Placeholders,
    ) -> Result<u8> {
        let Self { command, named, presets, rules, making } = self;
        let Making { output, variables, writing, rendering, .. } = making;
        let mut timings = Timings::start();
        let limits = UserLimits::parse(&rendering.engine.limits)?;
        let set = load(&limits)?;
        for pack in &named {
            session.tell_withdrawn(pack);
        }
        for pack in set.packs() {
            pack.check_host(&crate::version())?;
            Apart::of(pack, output)?;
        }
        let sources = session.sources(variables)?;
        timings.stage(|spent| &mut spent.load_ms);
        // The process ends with the command: giving back the pool's address space would only take time.
        let packbox = ManuallyDrop::new(session.packbox(rendering, limits, set.packs(), recorder)?);
        *placeholders = secret_names(set.packs());
        let run = packbox.begin(&Inputs::new());
        let leading = set.leading().manifest.pack.name.value.clone();
        let names: Vec<_> = set.names().cloned().collect();
        let rendered = || {
            progress::stage("making plugins ready");
            let prepared = packbox.prepare(&run, set)?;
            timings.stage(|spent| &mut spent.prepare_ms);
            progress::stage("finding values and files");
            let found = |inputs: &Inputs<'_>| prepared.values_with(inputs, &presets);
            let valued = session.asking(sources, variables.no_input, found)?;
            for values in valued.values() {
                session.tell_short_secrets(values);
            }
            timings.stage(|spent| &mut spent.variables_ms);
            let answers = KeptAnswers::of(names.iter().zip(valued.values()));
            let written = || {
                let job = valued.plan(rules)?;
                timings.stage(|spent| &mut spent.plan_ms);
                let secrets = job.inner().secrets().values().iter().cloned();
                let names = job.inner().jobs().iter().flat_map(|job| &job.values.secrets);
                *placeholders = Placeholders::new(names.map(ToString::to_string), secrets);
                Writer { session, command, folder: output, timings }.finish(
                    &packbox,
                    job,
                    *writing,
                    rendering.isolation,
                )
            };
            written().inspect_err(|_| answers.keep(session, leading.as_str()))
        };
        rendered().map_err(|error| with_budget(&run, error))
    }
}
