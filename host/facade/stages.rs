//! The stages from a pack to a [`Job`], one at a time, for a program that measures each and says something in between: the
//! command line is one.
//!
//! Always true here: [`Packbox::job`](crate::Packbox::job) and `job_of` are these stages, one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::inputs::Inputs;
use super::job::Job;
use super::packbox::Packbox;
use crate::compose::packs::{PackSet, Presets, check_imports, imported, scopes};
use crate::compose::variables::{
    Account, Answer, Answered, Declared, ENVIRONMENT_PREFIX, Interview, Prompter, Question, Review, Sources,
    ToolboxEvaluator, Values, account, refused, resolve_among,
};
use crate::diagnostic::Diagnostic;
use crate::engine::Run;
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "cli")]
use crate::explain::{Explanation, Readings, explain};
use crate::generate::{self, Composition};
use crate::limits::Budget;
use crate::pack::{Pack, PackName, Variable, VariableOf};
use crate::plan::{Rules, plugins_in_use};
use crate::plugins::Toolbox;
use crate::secrets::Secrets;

/// Packs whose plugins are ready.
#[derive(Debug)]
pub(crate) struct Prepared<'p> {
    pub(super) packbox: &'p Packbox,
    pub(super) set: PackSet,
    /// In the order of the packs.
    pub(super) toolboxes: Vec<Arc<Toolbox<'p>>>,
}

/// Packs with the values of their variables.
#[derive(Debug)]
pub(crate) struct Valued<'p> {
    prepared: Prepared<'p>,
    /// In the order of the packs.
    values: Vec<Values>,
}

impl Packbox {
    /// Begins a run, with a budget of its own.
    pub(crate) fn begin(&self, inputs: &Inputs<'_>) -> Run<'_> {
        self.engine.run_until(&inputs.interrupt())
    }

    /// Makes the plugins of packs ready.
    ///
    /// # Errors
    /// Those of [`Toolbox::prepare`] and [`check_imports`].
    pub(crate) fn prepare<'p>(&'p self, run: &Run<'p>, set: impl Into<PackSet>) -> Result<Prepared<'p>> {
        let set = set.into();
        run.budget().interrupt().go_on()?;
        check_imports(&set)?;
        let prepare = |pack: &Pack| {
            let book = self.engine.book(pack.manifest.pack.name.value.as_str());
            Toolbox::prepare_with(run, pack, &plugins_in_use(pack), book)
        };
        let toolboxes = set.packs().iter().map(prepare);
        let toolboxes = toolboxes.collect::<Result<Vec<_>>>()?;
        Ok(Prepared { packbox: self, set, toolboxes })
    }
}

impl<'p> Prepared<'p> {
    /// Finds the values of the packs' variables, each after those that it takes from other packs.
    ///
    /// # Errors
    /// [`ErrorKind::Variables`](crate::ErrorKind::Variables), with what is wrong for all packs; those of evaluating expressions
    /// and of the prompter.
    pub(crate) fn values(self, inputs: &Inputs<'_>) -> Result<Valued<'p>> {
        self.values_with(inputs, &Presets::default())
    }

    /// [`Prepared::values`], with values of a settings file.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn values_with(self, inputs: &Inputs<'_>, presets: &Presets) -> Result<Valued<'p>> {
        let (values, wrong) = self.find_all(inputs, presets, None)?;
        if wrong.is_empty() { Ok(Valued { prepared: self, values }) } else { Err(refused(wrong)) }
    }

    /// How each variable came by its value, for each pack, in their order; what is wrong with values, and with the expressions of
    /// variables, is no error.
    ///
    /// # Errors
    /// The others of [`Prepared::values_with`], those for names that are no variables included.
    #[cfg(feature = "cli")]
    pub(crate) fn accounts_with(&self, inputs: &Inputs<'_>, presets: &Presets) -> Result<Vec<Account>> {
        let mut accounts = Vec::new();
        self.find_all(inputs, presets, Some(&mut accounts))?;
        let strangers: Vec<Diagnostic> = accounts.iter().flat_map(Account::strangers).cloned().collect();
        if strangers.is_empty() { Ok(accounts) } else { Err(refused(strangers)) }
    }

    /// Says what became of variables: of one, or of all.
    ///
    /// # Errors
    /// Those of [`Readings::of`].
    #[cfg(feature = "cli")]
    pub(crate) fn explain(&self, accounts: &[Account], wanted: Option<&VariableOf>) -> Result<Explanation> {
        let packs = self.set.packs().iter().zip(&self.toolboxes).zip(accounts);
        let readings = packs.map(|((pack, toolbox), account)| Readings::of(pack, toolbox, account));
        Ok(explain(&self.set, accounts, &readings.collect::<Result<Vec<_>>>()?, wanted))
    }

    /// Finds the values of all packs, and what is wrong; `accounts` is for how they were found, where somebody asks.
    fn find_all(
        &self,
        inputs: &Inputs<'_>,
        presets: &Presets,
        mut accounts: Option<&mut Vec<Account>>,
    ) -> Result<(Vec<Values>, Vec<Diagnostic>)> {
        let mut scopes = scopes(&self.set, inputs.sources(), presets)?;
        let packs = self.set.packs();
        let mut asked: Vec<Interview> = packs.iter().map(|_| Interview::default()).collect();
        let (mut values, mut wrong): (Vec<Values>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
        let mut failed: BTreeSet<&PackName> = BTreeSet::new();
        let is_one = packs.len() == 1;
        let mut position = 0;
        while let (Some(pack), Some(sources)) = (packs.get(position), scopes.get_mut(position)) {
            let toolbox = &self.toolboxes[position];
            let (before, rest) = asked.split_at_mut(position);
            let asking = &mut rest[0];
            // Once something is wrong, it is too late.
            let last_asked = before.iter().rposition(Interview::has_answers).filter(|_| failed.is_empty());
            asking.begin(last_asked.is_some());
            sources.imported = imported(&self.set, pack, &values);
            let is_unknown = |from: &VariableOf| {
                let values = self.set.position(&from.pack).and_then(|position| values.get(position));
                failed.contains(&from.pack)
                    && values.is_none_or(|values| !values.values.contains_key(from.name.as_str()))
            };
            let takes =
                |variable: &&Variable| self.set.import(pack, variable).is_some_and(|import| is_unknown(&import.from));
            let unknown: BTreeSet<String> =
                pack.manifest.variables.iter().filter(takes).map(|variable| variable.name.to_string()).collect();
            if !unknown.is_empty() {
                failed.insert(&pack.manifest.pack.name.value);
            }
            let found = match &mut accounts {
                // What it takes from there is not known, but what is wrong with the rest of it is told in the same run.
                None if !unknown.is_empty() => {
                    sources.unknown = unknown;
                    let account = account_for(toolbox, pack, (inputs, false, asking), sources)?;
                    if account.failure == Some(ErrorKind::Variables) {
                        wrong.extend(account.findings.into_iter().map(|finding| qualified(finding, pack, sources)));
                    }
                    Ok(Values::default())
                }
                None => find((toolbox, pack), pack.into(), (inputs, asking), sources),
                Some(accounts) => {
                    // Where it takes what is not known, nobody comes to its mistakes.
                    let is_reached = unknown.is_empty();
                    sources.unknown = unknown;
                    // Nobody is asked any more once something is wrong.
                    let mut account = account_for(toolbox, pack, (inputs, failed.is_empty(), asking), sources)?;
                    account.failure = account.failure.filter(|_| is_reached);
                    account.each_finding(&mut |finding| *finding = qualified(finding.clone(), pack, sources));
                    if !asking.has_left() && !account.findings.is_empty() {
                        failed.insert(&pack.manifest.pack.name.value);
                    }
                    let found = account.values.clone();
                    accounts.push(account);
                    Ok(found)
                }
            };
            if let Some(back) = last_asked.filter(|_| asking.has_left() && found.is_ok()) {
                values.truncate(back);
                if let Some(accounts) = &mut accounts {
                    accounts.truncate(back);
                }
                position = back;
                continue;
            }
            position += 1;
            match found {
                Ok(found) => values.push(found),
                Err(error) if !is_one && error.kind() == ErrorKind::Variables => {
                    wrong
                        .extend(error.body().findings.iter().cloned().map(|finding| qualified(finding, pack, sources)));
                    failed.insert(&pack.manifest.pack.name.value);
                    values.push(Values::default());
                }
                Err(error) => return Err(error),
            }
        }
        Ok((values, wrong))
    }
}

/// Hands on who evaluates, and who is asked.
pub(super) fn with_company<T>(
    (toolbox, pack): (&Arc<Toolbox<'_>>, &Pack),
    declared: Declared<'_>,
    inputs: &Inputs<'_>,
    sources: &Sources,
    work: impl FnOnce(Declared<'_>, &ToolboxEvaluator<'_, '_>, Option<&dyn Prompter>) -> Result<T>,
) -> Result<T> {
    let secrets = Secrets::new(sources.secrets_among(&declared));
    let evaluator = ToolboxEvaluator::new(toolbox, pack, secrets);
    let waiting = inputs.prompter().map(|prompter| Waiting { prompter, budget: toolbox.budget() });
    work(declared, &evaluator, waiting.as_ref().map(|waiting| waiting as &dyn Prompter))
}

pub(super) fn find(
    of: (&Arc<Toolbox<'_>>, &Pack),
    declared: Declared<'_>,
    (inputs, asking): (&Inputs<'_>, &mut Interview),
    sources: &Sources,
) -> Result<Values> {
    with_company(of, declared, inputs, sources, |declared, evaluator, prompter| {
        resolve_among(declared, sources, evaluator, prompter.map(|prompter| (prompter, asking)))
    })
}

/// [`find`], with how each was found.
fn account_for(
    toolbox: &Arc<Toolbox<'_>>,
    pack: &Pack,
    (inputs, asks, asking): (&Inputs<'_>, bool, &mut Interview),
    sources: &Sources,
) -> Result<Account> {
    with_company((toolbox, pack), pack.into(), inputs, sources, |declared, evaluator, prompter| {
        let prompter = prompter.filter(|_| asks);
        account(declared, sources, evaluator, prompter.map(|prompter| (prompter, asking)))
    })
}

/// Names the pack where a variable's name alone is no one's.
pub(super) fn qualified(mut finding: Diagnostic, pack: &Pack, sources: &Sources) -> Diagnostic {
    let bare = |name: &str| sources.scope.as_ref().is_none_or(|scope| scope.bare.contains(name));
    if let Some(help) = &mut finding.help {
        for name in pack.manifest.variables.iter().map(|variable| variable.name.as_str()).filter(|name| !bare(name)) {
            let own = &pack.manifest.pack.name.value;
            let environment = format!("set `{ENVIRONMENT_PREFIX}{}`, or ", name.to_ascii_uppercase());
            *help = match help.strip_suffix("give it in an answers file") {
                Some(rest) if rest.ends_with(&environment) => {
                    format!("{}give it in an answers file, below `[{own}]`", rest.replace(&environment, ""))
                }
                _ => help.replace(&format!("--var {name}="), &format!("--var {own}.{name}=")),
            };
        }
    }
    finding
}

impl<'p> Valued<'p> {
    /// The values, in the order of the packs.
    pub(crate) fn values(&self) -> &[Values] {
        &self.values
    }

    /// Plans the files of all packs.
    ///
    /// # Errors
    /// Those of [`generate::Job::prepare`] and [`Composition::of`].
    pub(crate) fn plan(self, rules: Rules) -> Result<Job<'p>> {
        let Prepared { packbox, set, toolboxes } = self.prepared;
        let packs = set.packs().iter().zip(&toolboxes).zip(self.values);
        let jobs = packs.map(|((pack, toolbox), values)| generate::Job::prepare(pack, toolbox, values));
        let jobs = jobs.collect::<Result<Vec<_>>>()?;
        let leading = set.position(&set.leading().manifest.pack.name.value).unwrap_or(0);
        Ok(Job { packbox, composition: Composition::of(jobs, (leading, set.shared()), rules)? })
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
