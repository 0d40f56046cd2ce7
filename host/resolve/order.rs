//! In which order packs build upon each other.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::solve::Resolution;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::PackName;

/// Orders packs so that each stands after what it needs; packs that don't need each other stand by name.
///
/// # Errors
/// `Resolution` where packs need each other in a circle, which is named as a path.
pub fn order(resolution: &Resolution) -> Result<Vec<PackName>> {
    let mut graph: DiGraph<&PackName, ()> = DiGraph::new();
    // The last by name first: sorting by topology then gives the first by name where there is a choice.
    let nodes: BTreeMap<&PackName, NodeIndex> =
        resolution.packs.keys().rev().map(|name| (name, graph.add_node(name))).collect();
    for (name, chosen) in &resolution.packs {
        for needed in chosen.release.about.dependencies.keys() {
            if let (Some(from), Some(to)) = (nodes.get(needed), nodes.get(name)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    match toposort(&graph, None) {
        Ok(sorted) => Ok(sorted.into_iter().map(|node| graph[node].clone()).collect()),
        Err(cycle) => Err(circle(&graph, cycle.node_id())),
    }
}

/// The error that names a circle through a pack, or beside it.
fn circle(graph: &DiGraph<&PackName, ()>, node: NodeIndex) -> Error {
    let components = tarjan_scc(graph);
    let members = components.into_iter().find(|members| members.contains(&node)).unwrap_or_default();
    let members: BTreeSet<NodeIndex> = members.into_iter().collect();
    // Walk on, from what is needed by to what needs, until a pack comes up again.
    let mut path = vec![node];
    let mut places = BTreeMap::from([(node, 0)]);
    let circle = loop {
        let last = path[path.len() - 1];
        let next = graph.neighbors_directed(last, petgraph::Direction::Incoming).filter(|next| members.contains(next));
        let Some(next) = next.min_by_key(|node| graph[*node]) else { break path };
        if let Some(first) = places.insert(next, path.len()) {
            break path.split_off(first);
        }
        path.push(next);
    };
    // The same circle reads the same, wherever it was entered.
    let first = (0..circle.len()).min_by_key(|index| graph[circle[*index]]).unwrap_or(0);
    let names = circle[first..].iter().chain(&circle[..first]).chain(&circle[first..=first]);
    let names: Vec<&str> = names.map(|node| graph[*node].as_str()).collect();
    Error::new(ErrorKind::Resolution, format!("packs depend on each other in a cycle: {}", names.join(" → ")))
        .hint("one of them has to do without the next; tell their authors")
}
