//! Gives `ORDER BY` a total order.
//!
//! Always true here: rows that an `ORDER BY` does not tell apart come in the order of their values, and values that SPARQL
//! does not compare come in the order of [`Key`].

use oxrdf::{Literal, NamedNode, Term as Node, Variable};
use spareval::QueryEvaluator;
use spargebra::Query;
use spargebra::algebra::{Expression, Function, GraphPattern, OrderExpression};

use crate::rewrite;
use crate::terms::Key;

/// The function that gives what is sorted by. No query can write a name with a blank.
fn name() -> NamedNode {
    NamedNode::new_unchecked("order key")
}

/// Lets an evaluator know the function.
#[must_use]
pub fn with_keys(evaluator: QueryEvaluator) -> QueryEvaluator {
    evaluator.with_custom_function(name(), |arguments: &[Node]| {
        Some(Literal::new_simple_literal(Key::of(arguments.first()?).written()).into())
    })
}

/// Makes every `ORDER BY` of a query sort by keys.
pub fn total(query: &mut Query) {
    let mut made = 0;
    rewrite::patterns(query, &mut |pattern| match pattern {
        GraphPattern::Project { inner, variables } => {
            if let GraphPattern::OrderBy { expression, .. } = &mut **inner {
                complete(expression, variables);
            }
        }
        GraphPattern::OrderBy { inner, expression } => {
            for one in expression {
                let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = one;
                key(inner, by, made);
                made += 1;
            }
        }
        _ => {}
    });
}

/// Adds the variables that are not sorted by yet.
fn complete(by: &mut Vec<OrderExpression>, variables: &[Variable]) {
    for variable in variables {
        let is_there = by.iter().any(|one| {
            let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = one;
            matches!(by, Expression::Variable(by) if by == variable)
        });
        if !is_there {
            by.push(OrderExpression::Asc(variable.clone().into()));
        }
    }
}

/// Computes the key of an expression once for each row, and sorts by that.
fn key(inner: &mut GraphPattern, by: &mut Expression, made: usize) {
    let variable = Variable::new_unchecked(format!("order key {made}"));
    let value = std::mem::replace(by, variable.clone().into());
    let before = Box::new(std::mem::replace(inner, GraphPattern::Bgp { patterns: Vec::new() }));
    let expression = Expression::FunctionCall(Function::Custom(name()), vec![value]);
    *inner = GraphPattern::Extend { inner: before, variable, expression };
}
