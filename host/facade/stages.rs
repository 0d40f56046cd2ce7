//! The stages from a pack to a [`Job`], one at a time, for a program that measures each and says something in between: the
//! command line is one.
//!
//! Always true here: [`Packbox::job`](crate::Packbox::job) and `job_of` are these stages, one after the other.

use std::sync::Arc;
use std::time::Instant;

use super::inputs::Inputs;
use super::job::Job;
use super::pack::Pack;
use super::packbox::Packbox;
use crate::advice::said;
use crate::compose::variables::{
    Answer, Answered, Declared, Prompter, Question, Review, Sources, ToolboxEvaluator, Values, of_saved_plan, resolve,
};
use crate::engine::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::generate;
use crate::limits::Budget;
use crate::plan::{Plan, plugins_in_use};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;
use crate::text::printable_line;

/// A pack whose plugins are ready.
#[derive(Debug)]
pub(crate) struct Prepared<'p> {
    packbox: &'p Packbox,
    pack: Pack,
    toolbox: Arc<Toolbox<'p>>,
}

/// A pack with the values of its variables.
#[derive(Debug)]
pub(crate) struct Valued<'p> {
    prepared: Prepared<'p>,
    values: Values,
}

impl Packbox {
    /// Begins a run, with a budget of its own.
    pub(crate) fn begin(&self, inputs: &Inputs<'_>) -> Run<'_> {
        self.engine.run_until(&inputs.interrupt())
    }

    /// Makes the plugins of a pack ready.
    ///
    /// # Errors
    /// Those of [`Toolbox::prepare`].
    pub(crate) fn prepare<'p>(&'p self, run: &Run<'p>, pack: &Pack) -> Result<Prepared<'p>> {
        run.budget().interrupt().go_on()?;
        let toolbox = Toolbox::prepare(run, &pack.0, &plugins_in_use(&pack.0))?;
        Ok(Prepared { packbox: self, pack: pack.clone(), toolbox })
    }
}

impl<'p> Prepared<'p> {
    /// Finds the values of the pack's variables.
    ///
    /// # Errors
    /// [`ErrorKind::Variables`](crate::ErrorKind::Variables); those of evaluating expressions and of the prompter.
    pub(crate) fn values(self, inputs: &Inputs<'_>) -> Result<Valued<'p>> {
        let values = self.find((&self.pack.0).into(), inputs, inputs.sources())?;
        Ok(Valued { prepared: self, values })
    }

    /// Takes a saved plan, and the secrets that it does not hold from what is given.
    ///
    /// # Errors
    /// Those of [`generate::Job::reload`]; [`ErrorKind::Variables`](crate::ErrorKind::Variables) for the secrets;
    /// [`ErrorKind::Usage`](crate::ErrorKind::Usage) where something else is given.
    pub(crate) fn reload(self, plan: Plan, inputs: &Inputs<'_>) -> Result<Job<'p>> {
        let pack = &self.pack.0;
        let job = generate::Job::reload(pack, &self.toolbox, plan, |plan| {
            if let Some(name) = inputs.named().find(|name| !plan.is_secret(name)) {
                let name = printable_line(name);
                let detail = said(
                    format!("the plan fixes `{name}`; only secrets can be given to `apply`"),
                    format!("the plan fixes `{name}`; only secrets can be given beside a plan"),
                );
                return Err(Error::new(ErrorKind::Usage, detail).hint("make a new plan to change a value"));
            }
            if plan.secrets.is_empty() {
                return Ok(plan.with_secrets(Values::default()));
            }
            let open = Declared { variables: &plan.open_variables(pack), ..pack.into() };
            let given = self.find(open, inputs, &plan.secrets_in(inputs.sources()));
            given.map(|given| plan.with_secrets(given)).map_err(of_saved_plan)
        })?;
        Ok(Job { packbox: self.packbox, job })
    }

    fn find(&self, declared: Declared<'_>, inputs: &Inputs<'_>, sources: &Sources) -> Result<Values> {
        let secrets = Secrets::new(sources.secrets_among(&declared));
        let evaluator = ToolboxEvaluator { toolbox: &self.toolbox, secrets };
        let waiting = inputs.prompter().map(|prompter| Waiting { prompter, budget: self.toolbox.budget() });
        resolve(declared, sources, &evaluator, waiting.as_ref().map(|waiting| waiting as &dyn Prompter))
    }
}

impl<'p> Valued<'p> {
    /// The values.
    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    /// Plans the pack's files.
    ///
    /// # Errors
    /// Those of [`generate::Job::prepare`].
    pub(crate) fn plan(self) -> Result<Job<'p>> {
        let Prepared { packbox, pack, toolbox } = self.prepared;
        let job = generate::Job::prepare(&pack.0, &toolbox, self.values)?;
        Ok(Job { packbox, job })
    }
}

/// Asks somebody, whose time is no part of the run's.
struct Waiting<'a> {
    prompter: &'a dyn Prompter,
    budget: &'a Budget,
}

impl Waiting<'_> {
    fn timed<T>(&self, ask: impl FnOnce() -> Result<T>) -> Result<T> {
        let interrupted = || self.budget.interrupt().is_set();
        let left = || Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        if interrupted() {
            return left();
        }
        let began = Instant::now();
        let answer = ask();
        self.budget.waited(began.elapsed());
        if answer.is_ok() && interrupted() { left() } else { answer }
    }
}

impl Prompter for Waiting<'_> {
    fn ask(&self, question: &Question<'_>) -> Result<Answer> {
        self.timed(|| self.prompter.ask(question))
    }

    fn review(&self, answers: &[Answered<'_>]) -> Result<Review> {
        self.timed(|| self.prompter.review(answers))
    }
}
