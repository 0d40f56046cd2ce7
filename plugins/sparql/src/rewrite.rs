//! Changes the algebra of a query.

use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};

/// Changes all patterns of a query, each before those within it.
pub fn patterns(query: &mut Query, change: &mut impl FnMut(&mut GraphPattern)) {
    let (Query::Select { pattern, .. }
    | Query::Ask { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Construct { pattern, .. }) = query;
    in_pattern(pattern, change);
}

/// Changes all expressions within an expression, each before those within it; patterns within are left alone.
pub fn expressions(expression: &mut Expression, change: &mut impl FnMut(&mut Expression)) {
    change(expression);
    inner(expression, &mut |inner| expressions(inner, change));
}

fn in_pattern(pattern: &mut GraphPattern, change: &mut impl FnMut(&mut GraphPattern)) {
    change(pattern);
    match pattern {
        GraphPattern::Bgp { .. } | GraphPattern::Path { .. } | GraphPattern::Values { .. } => {}
        GraphPattern::Join { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            in_pattern(left, change);
            in_pattern(right, change);
        }
        GraphPattern::LeftJoin { left, right, expression } => {
            in_pattern(left, change);
            in_pattern(right, change);
            if let Some(expression) = expression {
                in_expression(expression, change);
            }
        }
        GraphPattern::Filter { expr: expression, inner } | GraphPattern::Extend { inner, expression, .. } => {
            in_pattern(inner, change);
            in_expression(expression, change);
        }
        GraphPattern::OrderBy { inner, expression } => {
            in_pattern(inner, change);
            for one in expression {
                let (OrderExpression::Asc(by) | OrderExpression::Desc(by)) = one;
                in_expression(by, change);
            }
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            in_pattern(inner, change);
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    in_expression(expr, change);
                }
            }
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Service { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => in_pattern(inner, change),
    }
}

fn in_expression(expression: &mut Expression, change: &mut impl FnMut(&mut GraphPattern)) {
    if let Expression::Exists(pattern) = expression {
        in_pattern(pattern, change);
    }
    inner(expression, &mut |inner| in_expression(inner, change));
}

/// Goes to the expressions directly within an expression.
fn inner(expression: &mut Expression, visit: &mut dyn FnMut(&mut Expression)) {
    match expression {
        Expression::NamedNode(_)
        | Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Bound(_)
        | Expression::Exists(_) => {}
        Expression::Or(left, right)
        | Expression::And(left, right)
        | Expression::Equal(left, right)
        | Expression::SameTerm(left, right)
        | Expression::Greater(left, right)
        | Expression::GreaterOrEqual(left, right)
        | Expression::Less(left, right)
        | Expression::LessOrEqual(left, right)
        | Expression::Add(left, right)
        | Expression::Subtract(left, right)
        | Expression::Multiply(left, right)
        | Expression::Divide(left, right) => {
            visit(left);
            visit(right);
        }
        Expression::In(one, several) => {
            visit(one);
            several.iter_mut().for_each(visit);
        }
        Expression::UnaryPlus(inner) | Expression::UnaryMinus(inner) | Expression::Not(inner) => visit(inner),
        Expression::If(condition, yes, no) => [condition, yes, no].into_iter().for_each(|one| visit(one)),
        Expression::Coalesce(several) | Expression::FunctionCall(_, several) => several.iter_mut().for_each(visit),
    }
}
