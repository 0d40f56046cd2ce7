//! What a saved plan leaves open: the values of secrets, which it does not hold.
//!
//! Always true here: what the plan fixes stands as it is.

use serde_json::Value;

use super::Plan;
use crate::compose::variables::{ENVIRONMENT_PREFIX, Sources, Values};
use crate::pack::{Pack, Variable};

impl Plan {
    /// Whether a variable's value is to be given once more.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        self.secrets.iter().any(|secret| secret == name)
    }

    /// The pack's variables, of which all but secrets have the plan's values: a secret may be computed from these.
    #[must_use]
    pub(crate) fn open_variables(&self, pack: &Pack) -> Vec<Variable> {
        let fix = |variable: &Variable| {
            let mut variable = variable.clone();
            if !self.is_secret(variable.name.as_str()) {
                // The plan names the files of graphs itself.
                let is_graph = variable.kind.is_graph();
                let fixed = self.values.get(variable.name.as_str()).filter(|_| !is_graph).cloned();
                variable.default = Some(fixed.unwrap_or_else(|| if is_graph { "".into() } else { Value::Null }));
                (variable.compute, variable.when, variable.prompt) = (None, None, None);
            }
            variable
        };
        pack.manifest.variables.iter().map(fix).collect()
    }

    /// What of `sources` says something about secrets. An answers file is for what the plan fixes.
    #[must_use]
    pub(crate) fn secrets_in(&self, sources: &Sources) -> Sources {
        let graphs = self.queries.iter().flat_map(|queries| queries.graphs.keys().cloned());
        let pinned_graphs = graphs.collect();
        let mut sources = Sources { answers: None, graphs: Vec::new(), pinned_graphs, ..sources.clone() };
        sources.flags.retain(|(name, _)| self.is_secret(name.rsplit('.').next().unwrap_or(name)));
        for preset in [&mut sources.preset, &mut sources.settings].into_iter().flatten() {
            preset.values.retain(|(name, _, _)| self.is_secret(name));
        }
        sources.environment.retain(|name, _| {
            let name = name.strip_prefix(ENVIRONMENT_PREFIX).unwrap_or_default();
            self.secrets.iter().any(|secret| secret.eq_ignore_ascii_case(name))
        });
        sources
    }

    /// The plan's values, and those of the secrets that were given.
    #[must_use]
    pub(crate) fn with_secrets(&self, given: Values) -> Values {
        let mut values = Values { values: self.values.clone(), secrets: given.secrets, ..Values::default() };
        values.values.extend(given.values.into_iter().filter(|(name, _)| self.is_secret(name)));
        values
    }
}
