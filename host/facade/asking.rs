//! Asking one query of a pack: a stage of its own, beside those from a pack to a job.

use super::inputs::Inputs;
use super::stages::{Prepared, find, qualified, with_company};
use crate::compose::packs::{Presets, imported, scopes};
use crate::compose::variables::{Asked, Declared, Interview, Sources, ask};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::Pack;

impl Prepared<'_> {
    /// The pack that was named first.
    pub(crate) fn leading(&self) -> &Pack {
        self.set.leading()
    }

    /// Asks a query of the pack that was named first, and says how its answer came about where `explain` is set. Of variables
    /// only those have to have a value that it needs.
    ///
    /// # Errors
    /// Those of [`Prepared::values`](super::Prepared::values), for what it needs; those of asking it.
    pub(crate) fn ask(&self, inputs: &Inputs<'_>, presets: &Presets, name: &str, explain: bool) -> Result<Asked> {
        let scopes = scopes(&self.set, inputs.sources(), presets)?;
        let pack = self.set.leading();
        let position = self.set.position(&pack.manifest.pack.name.value).unwrap_or(0);
        let takes = pack.manifest.variables.iter().any(|variable| self.set.import(pack, variable).is_some());
        let mut before = Vec::new();
        let given = |pack: &Pack, before: &[_]| {
            let place = self.set.position(&pack.manifest.pack.name.value).unwrap_or(0);
            Sources { imported: imported(&self.set, pack, before), ..scopes[place].clone() }
        };
        let others = self.set.packs().iter().zip(&self.toolboxes).take(if takes { position } else { 0 });
        for (other, toolbox) in others {
            let sources = given(other, &before);
            before.push(
                find((toolbox, other), other.into(), (inputs, &mut Interview::default()), &sources)
                    .map_err(|error| named(error, other, &sources))?,
            );
        }
        let sources = given(pack, &before);
        let declared = Declared { only: Some(name), ..pack.into() };
        let asked = with_company(
            (&self.toolboxes[position], pack),
            declared,
            inputs,
            &sources,
            |declared, evaluator, prompter| ask(declared, &sources, evaluator, prompter, explain),
        );
        asked.map_err(|error| named(error, pack, &sources))
    }
}

/// Names the pack where a variable's name alone is no one's.
fn named(error: Error, pack: &Pack, sources: &Sources) -> Error {
    if error.kind() != ErrorKind::Variables {
        return error;
    }
    let findings: Vec<Diagnostic> =
        error.body().findings.iter().map(|finding| qualified(finding.clone(), pack, sources)).collect();
    error.with_findings(findings)
}
