//! A round of a resolution: the expressions of all variables that are ready, in one call.
//!
//! Always true here: an expression that reads a secret fails without saying what it saw.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evaluator::{Evaluated, answers_match};
use super::finding;
use super::keys::{Blame, Tables};
use super::resolver::Resolver;
use crate::error::{Error, Result};
use crate::pack::Expression;

impl Resolver<'_> {
    pub(super) fn run(&mut self, round: &[usize]) -> Result<()> {
        let mut evaluated = self.evaluate(round)?;
        for index in round {
            let evaluated = evaluated.remove(index).unwrap_or_default();
            let is_miscomputed = matches!((&evaluated.when, &evaluated.compute), (None | Some(Ok(_)), Some(Err(_))));
            if let Err(error) = self.decide(*index, evaluated) {
                self.tolerate(*index, !is_miscomputed, error)?;
            }
        }
        Ok(())
    }

    fn evaluate(&self, round: &[usize]) -> Result<BTreeMap<usize, Evaluated>> {
        let mut expressions = Vec::new();
        let mut owners = Vec::new();
        for index in round {
            let variable = self.variable(*index);
            for (is_when, text) in [(true, &variable.when), (false, &variable.compute)] {
                if let Some(text) = text {
                    expressions.push(self.declared.expression(text));
                    owners.push((*index, is_when));
                }
            }
        }
        let mut evaluated: BTreeMap<usize, Evaluated> = BTreeMap::new();
        if expressions.is_empty() {
            return Ok(evaluated);
        }
        let reads_secret = |(index, is_when): &(usize, bool)| match is_when {
            true => self.needs.of_when(*index).any(|needed| self.secrets.contains(&needed)),
            false => self.needs.of_compute(*index).any(|needed| self.secrets.contains(&needed)),
        };
        let of: Vec<(usize, bool)> = owners.iter().map(|owner| (owner.0, reads_secret(owner))).collect();
        for ((index, is_when), answer) in owners.into_iter().zip(self.results(&expressions, &of)?) {
            let entry = evaluated.entry(index).or_default();
            *(if is_when { &mut entry.when } else { &mut entry.compute }) = Some(answer);
        }
        Ok(evaluated)
    }

    /// Evaluates expressions, each of a variable or a query; says of each whether it reads a secret.
    pub(super) fn results(
        &self,
        expressions: &[Expression<'_>],
        owners: &[(usize, bool)],
    ) -> Result<Vec<Result<Value>>> {
        let secrets = self.secrets.iter().map(|node| self.name(*node)).collect();
        let answers = self.evaluator.evaluate(&self.context, &secrets, expressions);
        answers_match(answers.len(), expressions.len())?;
        let told =
            answers.into_iter().zip(expressions).zip(owners).map(|((answer, expression), (node, reads_secret))| {
                answer.map_err(|error| {
                    let others = self.needs.undeclared(*node);
                    match finding::undeclared(&error, others, self.declared.all_names(), None) {
                        Some(finding) => Error::new(error.kind(), "1 expression failed").with_findings(vec![finding]),
                        None if *reads_secret => finding::silenced(&error, expression),
                        None => self.blamed(error),
                    }
                })
            });
        Ok(told.collect())
    }

    /// Says whose mistake it is that an expression reads a key which an item of the user's lacks.
    fn blamed(&self, error: Error) -> Error {
        let tables = Tables::among(self.declared.variables, (&self.context, &self.given));
        let blame = error.body().findings.first().and_then(|finding| tables.blame(finding, None));
        match blame {
            Some(Blame::User(finding)) => finding::refused(vec![finding]),
            Some(Blame::Nobody(finding)) => error.with_findings(vec![finding]),
            Some(Blame::UserAgain) | None => error,
        }
    }
}
