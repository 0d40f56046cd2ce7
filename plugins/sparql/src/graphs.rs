//! The statements of all sources, as queries look them up.
//!
//! Always true here: statements are found in the order of their nodes, whatever order they came in.

use std::convert::Infallible;
use std::rc::Rc;
use std::slice;

use oxrdf::{GraphName, NamedNode, NamedOrBlankNode, Quad, Term as Node};
use rustc_hash::FxHashMap;
use spareval::{InternalQuad, QueryableDataset};

use crate::terms::Key;

/// A statement by the numbers of its graph, subject, predicate and object; the default graph has the number 0.
type Row = [u32; 4];

/// In which order the parts of a row stand in an index; each is where the part stands in a [`Row`].
type Layout = [usize; 4];

const GRAPH: usize = 0;
const SUBJECT: usize = 1;
const PREDICATE: usize = 2;
const OBJECT: usize = 3;

/// Indices by which a graph is looked into.
const WITHIN: [Layout; 3] =
    [[GRAPH, SUBJECT, PREDICATE, OBJECT], [GRAPH, PREDICATE, OBJECT, SUBJECT], [GRAPH, OBJECT, SUBJECT, PREDICATE]];
/// Indices by which all named graphs are looked into.
const ACROSS: [Layout; 3] =
    [[SUBJECT, PREDICATE, OBJECT, GRAPH], [PREDICATE, OBJECT, SUBJECT, GRAPH], [OBJECT, SUBJECT, PREDICATE, GRAPH]];

/// Statements on their way.
#[derive(Debug, Default)]
pub struct Builder {
    terms: Vec<Rc<Node>>,
    numbers: FxHashMap<Rc<Node>, u32>,
    rows: Vec<Row>,
}

impl Builder {
    /// Adds a statement to a graph.
    pub fn add(&mut self, graph: Option<Node>, subject: Node, predicate: NamedNode, object: Node) {
        let graph = graph.map_or(0, |graph| self.number(graph));
        let row = [graph, self.number(subject), self.number(predicate.into()), self.number(object)];
        self.rows.push(row);
    }

    fn number(&mut self, node: Node) -> u32 {
        if let Some(known) = self.numbers.get(&node) {
            return *known;
        }
        let node = Rc::new(node);
        self.terms.push(Rc::clone(&node));
        let number = crate::failures::number(self.terms.len());
        self.numbers.insert(node, number);
        number
    }

    /// All statements that were added, each once.
    #[must_use]
    pub fn finish(mut self) -> Graphs {
        let mut order: Vec<(Key<'_>, u32)> =
            (1..).zip(&self.terms).map(|(number, node)| (Key::of(node), number)).collect();
        order.sort_unstable();
        let order: Vec<usize> = order.into_iter().map(|(_, number)| number as usize).collect();
        let mut places = vec![0; self.terms.len() + 1];
        for (place, number) in (1..).zip(&order) {
            places[*number] = place;
        }
        let terms: Vec<Rc<Node>> = order.iter().map(|number| Rc::clone(&self.terms[number - 1])).collect();
        for number in self.numbers.values_mut() {
            *number = places[*number as usize];
        }
        for row in &mut self.rows {
            *row = row.map(|number| places[number as usize]);
        }
        self.rows.sort_unstable();
        self.rows.dedup();
        self.rows.shrink_to_fit();
        let mut names: Vec<u32> = self.rows.iter().map(|row| row[GRAPH]).filter(|graph| *graph != 0).collect();
        names.dedup();
        let first_named = self.rows.partition_point(|row| row[GRAPH] == 0);
        let across = ACROSS.map(|layout| arranged(&self.rows[first_named..], layout));
        let others = [WITHIN[1], WITHIN[2]].map(|layout| arranged(&self.rows, layout));
        let [by_predicate, by_object] = others;
        Graphs { terms, numbers: self.numbers, within: [self.rows, by_predicate, by_object], across, names }
    }
}

/// Rows in another order.
fn arranged(rows: &[Row], layout: Layout) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.iter().map(|row| layout.map(|part| row[part])).collect();
    rows.sort_unstable();
    rows
}

/// Statements that can be looked up.
#[derive(Debug)]
pub struct Graphs {
    /// All nodes, in their order; the first has the number 1.
    terms: Vec<Rc<Node>>,
    numbers: FxHashMap<Rc<Node>, u32>,
    within: [Vec<Row>; 3],
    across: [Vec<Row>; 3],
    /// The named graphs, in their order.
    names: Vec<u32>,
}

impl Graphs {
    /// Whether a statement has this node, or is in a graph of this name.
    #[must_use]
    pub fn has(&self, node: &Node) -> bool {
        self.numbers.contains_key(node)
    }

    /// Whether there is no statement at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.within[0].is_empty()
    }

    /// All IRIs, sorted.
    pub fn iris(&self) -> impl Iterator<Item = &str> {
        self.terms
            .iter()
            .filter_map(|node| if let Node::NamedNode(node) = &**node { Some(node.as_str()) } else { None })
    }

    /// All IRIs that begin like this, sorted.
    pub fn iris_beginning<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a str> {
        let start = self.terms.partition_point(|node| Key::of(node) < Key::Iri(beginning));
        let iris = self.terms[start..].iter().map_while(|node| match &**node {
            Node::NamedNode(node) => Some(node.as_str()),
            Node::BlankNode(_) | Node::Literal(_) => None,
        });
        iris.take_while(move |iri| iri.starts_with(beginning))
    }

    /// All statements.
    pub fn quads(&self) -> impl Iterator<Item = Quad> {
        self.within[0].iter().filter_map(|[graph, subject, predicate, object]| {
            let graph = match self.term(*graph) {
                None => GraphName::DefaultGraph,
                Some(node) => NamedOrBlankNode::try_from(node.clone()).ok()?.into(),
            };
            let subject = NamedOrBlankNode::try_from(self.term(*subject)?.clone()).ok()?;
            let predicate = NamedNode::try_from(self.term(*predicate)?.clone()).ok()?;
            Some(Quad::new(subject, predicate, self.term(*object)?.clone(), graph))
        })
    }

    fn term(&self, number: u32) -> Option<&Node> {
        self.terms.get((number as usize).checked_sub(1)?).map(|node| &**node)
    }
}

/// A node of a query: one of the graphs, or another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    /// The number of a node that the graphs have.
    Known(u32),
    /// A node that they do not have.
    Other(Rc<Node>),
}

/// Graphs, as a query sees them.
#[derive(Debug, Clone, Copy)]
pub struct View<'a>(pub &'a Graphs);

impl<'a> QueryableDataset<'a> for View<'a> {
    type InternalTerm = Id;
    type Error = Infallible;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Id>,
        predicate: Option<&Id>,
        object: Option<&Id>,
        graph_name: Option<Option<&Id>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Id>, Infallible>> + use<'a> {
        let place = match graph_name {
            None => Place::Named,
            Some(None) => Place::Default,
            Some(Some(graph)) => Place::Graph(graph),
        };
        Quads::find(self.0, subject, predicate, object, place).unwrap_or(Quads { rows: [].iter(), layout: WITHIN[0] })
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Id, Infallible>> + use<'a> {
        self.0.names.iter().map(|name| Ok(Id::Known(*name)))
    }

    fn contains_internal_graph_name(&self, graph_name: &Id) -> Result<bool, Infallible> {
        Ok(matches!(graph_name, Id::Known(name) if self.0.names.binary_search(name).is_ok()))
    }

    fn internalize_term(&self, term: Node) -> Result<Id, Infallible> {
        Ok(match self.0.numbers.get(&term) {
            Some(number) => Id::Known(*number),
            None => Id::Other(Rc::new(term)),
        })
    }

    fn externalize_term(&self, term: Id) -> Result<Node, Infallible> {
        Ok(match term {
            Id::Known(number) => (*self.0.terms[number as usize - 1]).clone(),
            Id::Other(node) => Rc::unwrap_or_clone(node),
        })
    }
}

/// Where statements are looked for.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// In all named graphs.
    Named,
    /// In the default graph.
    Default,
    /// In a named graph.
    Graph(&'a Id),
}

/// Rows of an index that fit a pattern.
struct Quads<'a> {
    rows: slice::Iter<'a, Row>,
    layout: Layout,
}

impl<'a> Quads<'a> {
    /// The rows that fit; none where one of the nodes is in no statement.
    fn find(
        graphs: &'a Graphs,
        subject: Option<&Id>,
        predicate: Option<&Id>,
        object: Option<&Id>,
        graph: Place<'_>,
    ) -> Option<Self> {
        let number = |id: Option<&Id>| match id {
            None => Some(None),
            Some(Id::Known(number)) => Some(Some(*number)),
            Some(Id::Other(_)) => None,
        };
        let graph = match graph {
            Place::Named => None,
            Place::Default => Some(0),
            Place::Graph(id) => number(Some(id))?,
        };
        let wanted = [graph, number(subject)?, number(predicate)?, number(object)?];
        // An index fits if what is asked for stands at its beginning.
        let at = match wanted {
            [_, Some(_), _, None] | [_, Some(_), Some(_), Some(_)] | [_, None, None, None] => 0,
            [_, None, Some(_), _] => 1,
            [_, _, None, Some(_)] => 2,
        };
        let (index, layout) = match graph {
            Some(_) => (&graphs.within[at], WITHIN[at]),
            None => (&graphs.across[at], ACROSS[at]),
        };
        let mut prefix = [0; 4];
        let mut length = 0;
        while let Some(number) = layout.get(length).and_then(|part| wanted[*part]) {
            prefix[length] = number;
            length += 1;
        }
        let start = index.partition_point(|row| row[..length] < prefix[..length]);
        let count = index[start..].partition_point(|row| row[..length] <= prefix[..length]);
        Some(Quads { rows: index[start..start + count].iter(), layout })
    }
}

impl Iterator for Quads<'_> {
    type Item = Result<InternalQuad<Id>, Infallible>;

    fn next(&mut self) -> Option<Self::Item> {
        let arranged = self.rows.next()?;
        let mut row = [0; 4];
        for (part, number) in self.layout.iter().zip(arranged) {
            row[*part] = *number;
        }
        Some(Ok(InternalQuad {
            subject: Id::Known(row[SUBJECT]),
            predicate: Id::Known(row[PREDICATE]),
            object: Id::Known(row[OBJECT]),
            graph_name: (row[GRAPH] != 0).then_some(Id::Known(row[GRAPH])),
        }))
    }
}
