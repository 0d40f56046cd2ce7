//! Values that variables take from other packs.
//!
//! Always true here: what the user gave comes before both packs; lists become one only where the pack says how.

use serde_json::Value;

use super::finding;
use super::resolver::{Resolver, State};
use super::scope::Imported;
use super::values::Origin;
use crate::error::Result;
use crate::pack::ListRule;

impl<'a> Resolver<'a> {
    /// What a variable takes from another pack.
    pub(super) fn imported(&self, index: usize) -> Option<&'a Imported> {
        self.sources.imported.get(self.variable(index).name.as_str())
    }

    /// Whether a list is not known, as what it is joined with is not.
    pub(super) fn is_joined(&self, index: usize) -> bool {
        let import = self.variable(index).import.as_ref();
        matches!(self.states[index], State::Unknown)
            && import.is_some_and(|import| import.value.rule != ListRule::Replace)
    }

    /// Gives a variable the value of another pack's, together with what it has itself where lists are merged; what the user gave
    /// comes before both otherwise.
    ///
    /// # Errors
    /// Those of reading a file that was named.
    pub(super) fn import(&mut self, index: usize, own: Option<(Value, Origin)>) -> Result<()> {
        let Some(imported) = self.imported(index) else { return Ok(()) };
        let rule = &imported.rule;
        let variable = self.variable(index);
        let is_given = self.given.contains_key(variable.name.as_str());
        if let Some(own) = own.as_ref().filter(|_| *rule != ListRule::Replace) {
            self.own.insert(index, own.clone());
        }
        let (value, origin) = match own {
            Some((own, origin)) if *rule != ListRule::Replace => {
                (rule.join(&imported.value, &own), if is_given { origin } else { Origin::Import })
            }
            Some((own, origin)) if is_given => (own, origin),
            Some(_) | None => (imported.value.clone(), Origin::Import),
        };
        let is_theirs = origin == Origin::Import || *rule != ListRule::Replace;
        if is_theirs && imported.is_secret {
            self.secrets.insert(index);
        }
        if let Err(problem) = variable.check(&value) {
            let problem = if imported.is_secret { problem.without_value() } else { problem };
            let range = variable.import.as_ref().map_or(&variable.range, |import| &import.range);
            let finding = finding::wrongly_imported(variable, imported, &problem, self.place(range));
            self.fail(index, finding);
            return Ok(());
        }
        self.settle_one(index, value, origin)
    }
}
