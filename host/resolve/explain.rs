//! Why nothing fits, told from what was asked for down to what stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef as _;
use resolvo::conflict::{ConflictCause, ConflictEdge, ConflictGraph, ConflictNode};
use resolvo::{Interner as _, SolvableId, VersionSetId};

use super::candidates::Candidates;
use super::provider::Provider;
use crate::error::{Error, ErrorKind};

/// The most lines of an explanation.
const MOST_LINES: usize = 40;
/// The most versions that a line names.
const MOST_VERSIONS: usize = 4;

/// Makes the error that tells why.
pub(super) fn explain(graph: &ConflictGraph, provider: &Provider<'_>, candidates: &Candidates) -> Error {
    let mut story = Story { graph, provider, candidates, lines: Vec::new(), told: BTreeSet::new() };
    story.tell(&[graph.root_node], 0);
    // Where no release needs what can't be had, its needs tell nothing.
    let advice = match story.told.len() {
        1 => "ask for other versions; `packbox info PACK` shows which exist",
        _ => "ask for other versions, or leave one of these packs out; `packbox deps PACK` shows what a pack needs",
    };
    let mut lines = story.lines;
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("  … and more".to_owned());
    }
    Error::new(ErrorKind::Resolution, format!("no combination of packs works:\n{}", lines.join("\n"))).hint(advice)
}

/// What goes out from a release.
type Edges = BTreeSet<(NodeIndex, ConflictEdge)>;

struct Story<'a> {
    graph: &'a ConflictGraph,
    provider: &'a Provider<'a>,
    candidates: &'a Candidates,
    lines: Vec<String>,
    /// Groups of releases whose needs were told.
    told: BTreeSet<Vec<NodeIndex>>,
}

impl Story<'_> {
    /// Whether more was told than is shown; nothing is looked for then, as stories may be as deep as packs are many.
    fn is_full(&self) -> bool {
        self.lines.len() > MOST_LINES
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.lines.push(format!("{}{text}", "  ".repeat(depth + 1)));
    }

    /// Tells what a group of releases needs that can't be had, and why not.
    fn tell(&mut self, group: &[NodeIndex], depth: usize) {
        if !self.told.insert(group.to_vec()) {
            self.line(depth, "(as above)");
            return;
        }
        let who = match self.graph.graph[group[0]] {
            ConflictNode::Root => "you ask for".to_owned(),
            _ => format!("{} {}", self.releases(group), if group.len() == 1 { "needs" } else { "need" }),
        };
        let mut needs: BTreeMap<VersionSetId, Vec<NodeIndex>> = BTreeMap::new();
        for node in group {
            for edge in self.graph.graph.edges_directed(*node, Direction::Outgoing) {
                if let ConflictEdge::Requires(resolvo::Requirement::Single(set)) = edge.weight() {
                    needs.entry(*set).or_default().push(edge.target());
                }
            }
        }
        for (set, mut targets) in needs {
            if self.is_full() {
                return;
            }
            targets.sort();
            targets.dedup();
            let name = self.provider.pool.resolve_package_name(self.provider.version_set_name(set));
            let range = self.provider.pool.resolve_version_set(set);
            if targets.iter().any(|target| matches!(self.graph.graph[*target], ConflictNode::UnresolvedDependency)) {
                let known = self.candidates.packs.get(name).map_or(&[][..], Vec::as_slice);
                let versions: Vec<String> = known.iter().map(|known| known.release.version.to_string()).collect();
                let what = if versions.is_empty() {
                    "which no registry has".to_owned()
                } else {
                    format!("and there are only {}", some(&versions))
                };
                self.line(depth, &format!("{who} `{name} {range}`, {what}"));
                continue;
            }
            self.line(depth, &format!("{who} `{name} {range}`"));
            for group in self.alike(&targets) {
                self.obstacle(&group, depth + 1);
            }
        }
    }

    /// Tells why releases can't be chosen.
    fn obstacle(&mut self, group: &[NodeIndex], depth: usize) {
        if self.is_full() {
            return;
        }
        let edges = self.graph.graph.edges_directed(group[0], Direction::Outgoing);
        let mut reasons = BTreeSet::new();
        let mut needs_more = false;
        for edge in edges {
            match edge.weight() {
                ConflictEdge::Requires(_) => needs_more = true,
                ConflictEdge::Conflict(ConflictCause::Excluded) => {
                    if let ConflictNode::Excluded(why) = self.graph.graph[edge.target()] {
                        let why = self.provider.pool.resolve_string(why).to_string();
                        // It is said of one release.
                        let why = if group.len() == 1 { why } else { why.replacen("it ", "each ", 1) };
                        reasons.insert(format!("can't be chosen: {why}"));
                    }
                }
                ConflictEdge::Conflict(ConflictCause::ForbidMultipleInstances) => {
                    reasons.insert(other_version(group));
                }
                ConflictEdge::Conflict(ConflictCause::Constrains(set)) => {
                    let name = self.provider.pool.resolve_package_name(self.provider.version_set_name(*set));
                    let range = self.provider.pool.resolve_version_set(*set);
                    let work = if group.len() == 1 { "works" } else { "work" };
                    reasons.insert(format!("{work} with `{name} {range}` only"));
                }
                ConflictEdge::Conflict(ConflictCause::Locked(_)) => {
                    let is = if group.len() == 1 { "is" } else { "are" };
                    reasons.insert(format!("{is} not what the lock holds"));
                }
            }
        }
        let incoming = self.graph.graph.edges_directed(group[0], Direction::Incoming);
        for edge in incoming {
            if let ConflictEdge::Conflict(ConflictCause::ForbidMultipleInstances) = edge.weight() {
                reasons.insert(other_version(group));
            }
        }
        let releases = self.releases(group);
        for reason in reasons {
            self.line(depth, &format!("{releases} {reason}"));
        }
        if needs_more {
            self.tell(group, depth);
        }
    }

    /// Puts releases together from which the same edges go out.
    fn alike(&self, targets: &[NodeIndex]) -> Vec<Vec<NodeIndex>> {
        let mut places: BTreeMap<Edges, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<NodeIndex>> = Vec::new();
        for target in targets {
            let edges = self.graph.graph.edges_directed(*target, Direction::Outgoing);
            let edges = edges.map(|edge| (edge.target(), *edge.weight()));
            // Which of its own kind a release excludes does not matter.
            let edges = edges
                .filter(|(_, edge)| !matches!(edge, ConflictEdge::Conflict(ConflictCause::ForbidMultipleInstances)));
            let edges: Edges = edges.collect();
            let place = *places.entry(edges).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(*target),
                None => groups.push(vec![*target]),
            }
        }
        groups
    }

    /// Names releases of one pack: `web 1.0.0`, `web 1.0.0, 1.1.0 and 3 more`.
    fn releases(&self, group: &[NodeIndex]) -> String {
        let solvables: Vec<SolvableId> = group
            .iter()
            .filter_map(|node| match self.graph.graph[*node] {
                ConflictNode::Solvable(id) => Some(id),
                _ => None,
            })
            .collect();
        let record = |id: &SolvableId| &self.provider.pool.resolve_solvable(*id).record.release;
        let Some(first) = solvables.first() else { return "something".to_owned() };
        let mut versions: Vec<_> = solvables.iter().map(|id| &record(id).version).collect();
        versions.sort_by(|left, right| right.cmp(left));
        let versions: Vec<String> = versions.into_iter().map(ToString::to_string).collect();
        format!("{} {}", record(first).name, some(&versions))
    }
}

fn other_version(group: &[NodeIndex]) -> String {
    let is = if group.len() == 1 { "is a different version" } else { "are different versions" };
    format!("{is} from what is needed elsewhere, and only one can be chosen")
}

/// The first of some texts, and how many there are beside.
fn some(texts: &[String]) -> String {
    let shown = &texts[..texts.len().min(MOST_VERSIONS)];
    match (shown, texts.len() - shown.len()) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
