//! Asking one query of a pack by itself.
//!
//! Always true here: of variables and other queries, only those that it needs are found out; gates are not asked; what a secret
//! may be in is not shown.

use super::asking::Interview;
use super::declared::Declared;
use super::evaluator::Evaluator;
use super::finding;
use super::querier::{Asked, Asking, Graph};
use super::question::Prompter;
use super::resolve::resolved;
use super::resolver::Resolver;
use super::sources::Sources;
use crate::error::{Error, ErrorKind, Result};

/// Asks the query that [`Declared::only`] names, and says how its answer came about where `explain` is set.
///
/// # Errors
/// Those of [`resolve`](super::resolve::resolve), for what the query needs; [`ErrorKind::Usage`] where the answer may hold a
/// secret.
pub fn ask(
    declared: Declared<'_>,
    sources: &Sources,
    evaluator: &dyn Evaluator,
    prompter: Option<&dyn Prompter>,
    explain: bool,
) -> Result<Asked> {
    let mut interview = Interview::default();
    let asking = prompter.map(|prompter| (prompter, &mut interview));
    let mut resolver = resolved(declared, sources, evaluator, asking)?;
    if resolver.has_findings() {
        return Err(finding::refused(resolver.findings().to_vec()));
    }
    resolver.ask_alone(explain)
}

impl Resolver<'_> {
    fn ask_alone(&mut self, explain: bool) -> Result<Asked> {
        let unknown = || Error::new(ErrorKind::Plugin, "the query can't be asked: what it needs has no value");
        let querier = self.knowledge.querier.ok_or_else(unknown)?;
        let node = self.knowledge.alone.as_ref().map(|(node, _)| *node).filter(|node| self.is_ready(*node));
        let node = node.ok_or_else(unknown)?;
        let (name, query) = self.declared.query(node).ok_or_else(unknown)?;
        if self.may_hold_secret(node) {
            let detail = format!("the query `{name}` asks with a secret, so its answer is not shown");
            return Err(Error::new(ErrorKind::Usage, detail));
        }
        self.read_loose(querier)?;
        let parameters = self.bound(&[node])?.remove(&node).unwrap_or_default();
        let graphs = self.knowledge.graphs.values().chain(self.knowledge.loose.iter().flatten());
        let graphs: Vec<&Graph> = graphs.filter(|graph| !graph.has_secret).collect();
        querier.ask_one(&graphs, &Asking { name, query, parameters, has_secret: false }, explain)
    }
}
