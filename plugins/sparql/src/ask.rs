//! Asks queries.
//!
//! Always true here: what a query gives does not depend on the queries before it in the call.

use std::collections::HashMap;

use oxrdf::{BlankNode, NamedOrBlankNode, Term as Node, Triple, Variable};
use spareval::{QueryEvaluationError, QueryEvaluator, QueryResults};

use crate::failures::{EVALUATION, PARAMETER, ROWS, fragment, invalid};
use crate::graphs::{Graphs, View};
use crate::substitute::{Values, substitute};
use crate::terms::{self, Key, Labels};
use crate::{
    Answer, Answered, Failure, File, Parameter, Query, Setting, Source, Statement, Table, chance, explain, load, parse,
    rows, sorting, tokens, unknown, walk,
};

/// Asks queries about the statements of all sources.
pub fn ask(setting: &Setting, sources: &[Source], queries: &[Query]) -> Vec<Result<Answered, Failure>> {
    // Blank nodes without a label get one by chance.
    let graphs = match chance::begin(setting.seed, setting.now) {
        Ok(()) => load::load(setting, sources).map_err(Failure::Invalid),
        Err(error) => Err(Failure::Internal(error)),
    };
    match graphs {
        Ok(graphs) => queries.iter().map(|query| one(setting, &graphs, query)).collect(),
        Err(failure) => queries.iter().map(|_| Err(failure.clone())).collect(),
    }
}

fn one(setting: &Setting, graphs: &Graphs, query: &Query) -> Result<Answered, Failure> {
    chance::begin(setting.seed, setting.now).map_err(Failure::Internal)?;
    let mut parsed = parse::parse(setting, &query.file)?;
    let remarks = unknown::of(setting, &query.file, &parsed, graphs);
    let values = values(&query.file, &query.parameters).map_err(|wrong| invalid(PARAMETER, wrong, None, None))?;
    substitute(&mut parsed, &values).map_err(|wrong| {
        let help = "give the parameter another name, or bind the variable nowhere else".to_owned();
        invalid(PARAMETER, wrong, Some(help), None)
    })?;
    let ordered = walk::is_ordered(&parsed);
    rows::distinguish(&mut parsed);
    sorting::total(&mut parsed);
    let mut evaluator = rows::with_nodes(sorting::with_keys(QueryEvaluator::new()));
    if query.explain {
        evaluator = evaluator.compute_statistics();
    }
    let (results, explanation) = evaluator.prepare(&parsed).explain(View(graphs));
    let answer = answer(results, query.limit, ordered)?;
    Ok(Answered { answer, remarks, steps: query.explain.then(|| explain::steps(&explanation)) })
}

/// The values of parameters, each a variable of the query.
fn values(query: &File, parameters: &[Parameter]) -> Result<Values, String> {
    let mut values = Values::new();
    let mentioned = tokens::variables(&String::from_utf8_lossy(&query.contents));
    for parameter in parameters {
        let name = Variable::new(&parameter.name)
            .map_err(|_| format!("`{}` is no name of a variable", parameter.name.escape_debug()))?;
        let node = terms::node(&parameter.value).map_err(|wrong| format!("the parameter `{name}`: {wrong}"))?;
        if !mentioned.iter().any(|mentioned| mentioned == name.as_str()) {
            let near = common::hints::nearest(name.as_str(), mentioned.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `?{near}`?"));
            return Err(format!("the query has no variable `{name}`{near}"));
        }
        if values.insert(parameter.name.clone(), node).is_some() {
            return Err(format!("the parameter `{name}` is given twice"));
        }
    }
    Ok(values)
}

fn answer(
    results: Result<QueryResults<'_>, QueryEvaluationError>,
    limit: u32,
    ordered: bool,
) -> Result<Answer, Failure> {
    let failed = |error: QueryEvaluationError| invalid(EVALUATION, fragment(&error.to_string()), None, None);
    let too_many = |what: &str| {
        let help = "ask for less, with `LIMIT` for instance, or raise the limit `rows`".to_owned();
        invalid(ROWS, format!("the query gives more than {limit} {what}"), Some(help), None)
    };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut made, mut labels) = (Made::default(), Labels::default());
    match results.map_err(failed)? {
        QueryResults::Boolean(holds) => Ok(Answer::Boolean(holds)),
        QueryResults::Solutions(solutions) => {
            let variables: Vec<Variable> = solutions.variables().to_vec();
            let mut rows: Vec<Vec<Option<Node>>> = Vec::new();
            for solution in solutions {
                if rows.len() == most {
                    return Err(too_many("rows"));
                }
                let solution = solution.map_err(failed)?;
                let node = |variable| solution.get(variable).cloned().map(|node| made.node(node));
                rows.push(variables.iter().map(node).collect());
            }
            let mut order: Vec<usize> = (0..rows.len()).collect();
            if !ordered {
                let keys: Vec<Vec<Option<Key<'_>>>> =
                    rows.iter().map(|row| row.iter().map(|node| node.as_ref().map(Key::of)).collect()).collect();
                order.sort_by(|left, right| keys[*left].cmp(&keys[*right]));
            }
            let mut row = |at: usize| rows[at].iter().map(|node| node.as_ref().map(|node| labels.term(node))).collect();
            let rows = order.into_iter().map(&mut row).collect();
            Ok(Answer::Table(Table { variables: variables.into_iter().map(Variable::into_string).collect(), rows }))
        }
        QueryResults::Graph(triples) => {
            let mut statements: Vec<(Node, Triple)> = Vec::new();
            for triple in triples {
                let triple = triple.map_err(failed)?;
                let subject = made.node(triple.subject.into());
                let object = made.node(triple.object);
                let Ok(owned) = NamedOrBlankNode::try_from(subject.clone()) else { continue };
                statements.push((subject, Triple::new(owned, triple.predicate, object)));
                // The same statement may come again and again, and counts once.
                if statements.len() >= most.saturating_mul(2).max(1024) {
                    arrange(&mut statements);
                    if statements.len() > most {
                        break;
                    }
                }
            }
            arrange(&mut statements);
            if statements.len() > most {
                return Err(too_many("statements"));
            }
            let statement = |(_, triple): &(Node, Triple)| Statement {
                subject: labels.subject(&triple.subject),
                predicate: triple.predicate.as_str().to_owned(),
                object: labels.term(&triple.object),
            };
            Ok(Answer::Graph(statements.iter().map(statement).collect()))
        }
    }
}

/// Sorts statements, and keeps each once.
fn arrange(statements: &mut Vec<(Node, Triple)>) {
    statements.sort_by(|(one, left), (other, right)| {
        let predicates = || left.predicate.as_str().cmp(right.predicate.as_str());
        let objects = || Key::of(&left.object).cmp(&Key::of(&right.object));
        Key::of(one).cmp(&Key::of(other)).then_with(predicates).then_with(objects)
    });
    statements.dedup();
}

/// Names the blank nodes that a query makes, in the order in which it does.
#[derive(Default)]
struct Made {
    known: HashMap<BlankNode, usize>,
}

impl Made {
    /// A node whose label says when it was made. Nodes of files stay, and stand before these.
    fn node(&mut self, node: Node) -> Node {
        match node {
            Node::BlankNode(node) if !node.as_str().starts_with(load::READ) => {
                let next = self.known.len();
                let number = self.known.entry(node).or_insert(next);
                BlankNode::new_unchecked(format!("{0}{0}{number:08x}", load::READ)).into()
            }
            other => other,
        }
    }
}
