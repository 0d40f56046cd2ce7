//! The order of things that need each other.
//!
//! Always true here: what could stand in several orders stands in the order of its keys.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Orders things so that each stands after all that it needs, and by key where there is a choice; what is needed and not there is
/// passed over.
///
/// # Errors
/// A circle of things that need each other: the first of it by key stands at its beginning and at its end.
pub fn order<K: Ord + Clone>(needs: &BTreeMap<K, BTreeSet<K>>) -> Result<Vec<K>, Vec<K>> {
    let present = |key: &&K| needs.contains_key(*key);
    let mut open: BTreeMap<&K, usize> =
        needs.iter().map(|(key, needed)| (key, needed.iter().filter(present).count())).collect();
    let mut needed_by: BTreeMap<&K, Vec<&K>> = BTreeMap::new();
    for (key, needed) in needs {
        for needed in needed.iter().filter(present) {
            needed_by.entry(needed).or_default().push(key);
        }
    }
    let mut ready: BTreeSet<&K> = open.iter().filter(|(_, open)| **open == 0).map(|(key, _)| *key).collect();
    let mut ordered = Vec::with_capacity(needs.len());
    while let Some(key) = ready.pop_first() {
        ordered.push(key.clone());
        for dependent in needed_by.get(key).into_iter().flatten() {
            if let Some(open) = open.get_mut(dependent) {
                *open -= 1;
                if *open == 0 {
                    ready.insert(dependent);
                }
            }
        }
    }
    if ordered.len() == needs.len() { Ok(ordered) } else { Err(circle(needs)) }
}

/// A circle, from what needs something to what it needs.
fn circle<K: Ord + Clone>(needs: &BTreeMap<K, BTreeSet<K>>) -> Vec<K> {
    let mut graph: DiGraph<&K, ()> = DiGraph::new();
    let nodes: BTreeMap<&K, NodeIndex> = needs.keys().map(|key| (key, graph.add_node(key))).collect();
    for (key, needed) in needs {
        for needed in needed {
            if let (Some(from), Some(to)) = (nodes.get(needed), nodes.get(key)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    let is_circle = |members: &Vec<NodeIndex>| {
        members.len() > 1 || members.first().is_some_and(|node| graph.contains_edge(*node, *node))
    };
    let circles = tarjan_scc(&graph).into_iter().filter(is_circle);
    // The same one whatever order things were found in.
    let members: BTreeSet<NodeIndex> =
        circles.min_by_key(|members| members.iter().map(|node| graph[*node]).min()).into_iter().flatten().collect();
    let Some(first) = members.iter().min_by_key(|node| graph[**node]) else { return Vec::new() };
    // Walk on until something comes up again.
    let mut path = vec![*first];
    let mut places = BTreeMap::from([(*first, 0)]);
    let circle = loop {
        let last = path[path.len() - 1];
        let next = graph
            .neighbors_directed(last, Direction::Incoming)
            .filter(|next| members.contains(next))
            .min_by_key(|node| graph[*node]);
        let Some(next) = next else { break path };
        if let Some(begin) = places.insert(next, path.len()) {
            break path.split_off(begin);
        }
        path.push(next);
    };
    let first = (0..circle.len()).min_by_key(|index| graph[circle[*index]]).unwrap_or(0);
    let around = circle[first..].iter().chain(&circle[..first]).chain(&circle[first..=first]);
    around.map(|node| graph[*node].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(needs: &[(&str, &[&str])]) -> Result<Vec<String>, Vec<String>> {
        let own = |text: &&str| (*text).to_owned();
        order(&needs.iter().map(|(key, needed)| (own(key), needed.iter().map(own).collect())).collect())
    }

    #[test]
    fn what_is_needed_comes_first_and_the_rest_by_key() {
        assert_eq!(ordered(&[("d", &[]), ("a", &["c"]), ("c", &[]), ("b", &[])]).unwrap(), ["b", "c", "a", "d"]);
        assert_eq!(ordered(&[("a", &["gone"]), ("b", &["a"])]).unwrap(), ["a", "b"]);
        assert_eq!(
            ordered(&[("top", &["l", "r"]), ("l", &["z"]), ("r", &["z"]), ("z", &[])]).unwrap(),
            ["z", "l", "r", "top"]
        );
    }

    #[test]
    fn circles_are_named_from_their_first() {
        assert_eq!(ordered(&[("a", &["a"])]).unwrap_err(), ["a", "a"]);
        assert_eq!(
            ordered(&[("x", &["b"]), ("b", &["c"]), ("c", &["a"]), ("a", &["b"])]).unwrap_err(),
            ["a", "b", "c", "a"]
        );
    }
}
