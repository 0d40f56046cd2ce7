//! Lets `BNODE("label")` give the same blank node within one row, and another one in each row, as SPARQL says.

use oxrdf::vocab::xsd;
use oxrdf::{BlankNode, NamedNode, Term as Node, Variable};
use spareval::QueryEvaluator;
use spargebra::Query;
use spargebra::algebra::{Expression, Function, GraphPattern};

use crate::rewrite;

/// The function that gives a blank node of a row. No query can write a name with a blank.
fn name() -> NamedNode {
    NamedNode::new_unchecked("row node")
}

/// Lets an evaluator know the function.
#[must_use]
pub fn with_nodes(evaluator: QueryEvaluator) -> QueryEvaluator {
    evaluator.with_custom_function(name(), |arguments: &[Node]| match arguments {
        [Node::Literal(label), Node::BlankNode(row)] if label.datatype() == xsd::STRING => {
            Some(BlankNode::new_unchecked(format!("{} {}", row.as_str(), label.value())).into())
        }
        _ => None,
    })
}

/// Gives each row a node of its own where blank nodes are made from labels.
pub fn distinguish(query: &mut Query) {
    let mut made = 0;
    rewrite::patterns(query, &mut |pattern| {
        let row = Variable::new_unchecked(format!("row node {made}"));
        let mut found = false;
        let mut at = pattern;
        while let GraphPattern::Extend { inner, expression, .. } = at {
            rewrite::expressions(expression, &mut |expression| {
                if let Expression::FunctionCall(function @ Function::BNode, arguments) = expression
                    && arguments.len() == 1
                {
                    *function = Function::Custom(name());
                    arguments.push(row.clone().into());
                    found = true;
                }
            });
            at = inner;
        }
        if found {
            let inner = Box::new(std::mem::replace(at, GraphPattern::Bgp { patterns: Vec::new() }));
            let expression = Expression::FunctionCall(Function::BNode, Vec::new());
            *at = GraphPattern::Extend { inner, variable: row, expression };
            made += 1;
        }
    });
}
