//! Finds a value for every variable of a pack: [`resolve`].

use super::account::Account;
use super::asking::{Interview, ask_all};
use super::declared::Declared;
use super::evaluator::Evaluator;
use super::mistakes::is_mistake;
use super::question::Prompter;
use super::resolver::Resolver;
use super::sources::{self, Sources};
use super::values::Values;
use crate::error::Result;

/// Finds a value for every variable.
///
/// Strongest first: flags, the answers file, the environment, an answer where there is a `prompter` and either the
/// variable has a `prompt` or nothing else gives a value, the computed value, the default. A variable whose `when` is
/// false is not asked for: it is computed or has its default all the same, and is null where neither gives it a value.
///
/// Errors: `Variables`, with a finding for everything that is missing, invalid or unknown; `Usage` for an answers file
/// that is not TOML; `Manifest` for variables that need each other and for a `when` that is neither true nor false; and
/// whatever the evaluator and the prompter say.
pub fn resolve(
    declared: Declared<'_>,
    sources: &Sources,
    evaluator: &dyn Evaluator,
    prompter: Option<&dyn Prompter>,
) -> Result<Values> {
    let mut asking = Interview::default();
    resolve_among(declared, sources, evaluator, prompter.map(|prompter| (prompter, &mut asking)))
}

/// [`resolve`], for one of several packs that are asked one after another. Where somebody goes back to the pack before
/// ([`Interview::has_left`]), the values are not complete.
///
/// # Errors
/// Those of [`resolve`].
pub fn resolve_among(
    declared: Declared<'_>,
    sources: &Sources,
    evaluator: &dyn Evaluator,
    asking: Option<(&dyn Prompter, &mut Interview)>,
) -> Result<Values> {
    resolved(declared, sources, evaluator, asking)?.finish()
}

/// What came of resolving, as far as it went.
///
/// # Errors
/// Those of [`resolve`], but for what is missing, invalid or unknown.
pub(super) fn resolved<'a>(
    declared: Declared<'a>,
    sources: &'a Sources,
    evaluator: &'a dyn Evaluator,
    asking: Option<(&dyn Prompter, &mut Interview)>,
) -> Result<Resolver<'a>> {
    let mut resolver = begin(declared, sources, evaluator, asking.is_some())?;
    if let Some(error) = resolver.take_error() {
        return Err(error);
    }
    match asking {
        Some((prompter, asking)) => ask_all(&mut resolver, prompter, asking)?,
        None => resolver.settle()?,
    }
    Ok(resolver)
}

/// [`resolve_among`], with how each variable came by its value. What is missing, invalid or unknown is in the account, and no error; so
/// are mistakes in the pack's expressions, each at its variable.
///
/// # Errors
/// The others of [`resolve`].
pub fn account(
    declared: Declared<'_>,
    sources: &Sources,
    evaluator: &dyn Evaluator,
    asking: Option<(&dyn Prompter, &mut Interview)>,
) -> Result<Account> {
    let mut resolver = begin(declared, sources, evaluator, asking.is_some())?;
    resolver.leave_out_unreadable();
    match asking.map(|(prompter, asking)| ask_all(&mut resolver, prompter, asking)) {
        Some(Err(error)) if !is_mistake(&error) => return Err(error),
        // It is found again, as its variable's.
        Some(Err(_) | Ok(())) | None => {}
    }
    resolver.tolerate_mistakes();
    resolver.settle()?;
    Ok(Account::of(resolver))
}

fn begin<'a>(
    declared: Declared<'a>,
    sources: &'a Sources,
    evaluator: &'a dyn Evaluator,
    asks: bool,
) -> Result<Resolver<'a>> {
    let mut findings = Vec::new();
    let collected = sources::collect(&declared, sources, &mut findings)?;
    Resolver::new(declared, evaluator, asks, sources, (collected, findings))
}
