//! Binds parameters: the value stands in the algebra in place of the variable, as a node of it. No text is made.
//!
//! Always true here: a value can be nothing but a value, whatever characters it is made of.

use std::collections::BTreeMap;

use oxrdf::{NamedNode, Term as Node, Variable};
use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};
use spargebra::term::{NamedNodePattern, TermPattern, TriplePattern};

/// Values by the names of their variables.
pub type Values = BTreeMap<String, Node>;

/// Puts values in place of variables.
///
/// # Errors
/// Says which variable can't have a value there.
pub fn substitute(query: &mut Query, values: &Values) -> Result<(), String> {
    if values.is_empty() {
        return Ok(());
    }
    let with = Substitution { values };
    match query {
        Query::Select { pattern, .. } | Query::Ask { pattern, .. } | Query::Describe { pattern, .. } => {
            with.pattern(pattern)
        }
        Query::Construct { template, pattern, .. } => {
            with.pattern(pattern)?;
            template.iter_mut().try_for_each(|triple| with.triple(triple))
        }
    }
}

struct Substitution<'a> {
    values: &'a Values,
}

impl Substitution<'_> {
    fn of(&self, variable: &Variable) -> Option<&Node> {
        self.values.get(variable.as_str())
    }

    fn iri(&self, variable: &Variable) -> Result<Option<NamedNode>, String> {
        match self.of(variable) {
            None => Ok(None),
            Some(Node::NamedNode(node)) => Ok(Some(node.clone())),
            Some(_) => Err(format!("`{variable}` stands where only an IRI can, and its value is a literal")),
        }
    }

    fn term(&self, term: &mut TermPattern) {
        if let TermPattern::Variable(variable) = term {
            match self.of(variable) {
                Some(Node::NamedNode(node)) => *term = node.clone().into(),
                Some(Node::Literal(literal)) => *term = literal.clone().into(),
                // Parameters are no blank nodes.
                Some(Node::BlankNode(_)) | None => {}
            }
        }
    }

    fn name(&self, name: &mut NamedNodePattern) -> Result<(), String> {
        if let NamedNodePattern::Variable(variable) = name
            && let Some(node) = self.iri(variable)?
        {
            *name = node.into();
        }
        Ok(())
    }

    fn triple(&self, triple: &mut TriplePattern) -> Result<(), String> {
        self.term(&mut triple.subject);
        self.term(&mut triple.object);
        self.name(&mut triple.predicate)
    }

    /// Refuses a variable that the query gives a value itself.
    fn unbound(&self, variable: &Variable, by: &str) -> Result<(), String> {
        match self.of(variable) {
            None => Ok(()),
            Some(_) => Err(format!("the query gives `{variable}` a value itself, by `{by}`")),
        }
    }

    fn pattern(&self, pattern: &mut GraphPattern) -> Result<(), String> {
        match pattern {
            GraphPattern::Bgp { patterns } => patterns.iter_mut().try_for_each(|triple| self.triple(triple)),
            GraphPattern::Path { subject, object, .. } => {
                self.term(subject);
                self.term(object);
                Ok(())
            }
            GraphPattern::Join { left, right }
            | GraphPattern::Union { left, right }
            | GraphPattern::Minus { left, right } => {
                self.pattern(left)?;
                self.pattern(right)
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                self.pattern(left)?;
                self.pattern(right)?;
                expression.iter_mut().try_for_each(|expression| self.expression(expression))
            }
            GraphPattern::Filter { expr, inner } => {
                self.pattern(inner)?;
                self.expression(expr)
            }
            GraphPattern::Graph { name, inner } | GraphPattern::Service { name, inner, .. } => {
                self.name(name)?;
                self.pattern(inner)
            }
            GraphPattern::Extend { inner, variable, expression } => {
                self.unbound(variable, "BIND")?;
                self.pattern(inner)?;
                self.expression(expression)
            }
            GraphPattern::Values { variables, .. } => {
                variables.iter().try_for_each(|variable| self.unbound(variable, "VALUES"))
            }
            GraphPattern::OrderBy { inner, expression } => {
                self.pattern(inner)?;
                expression.iter_mut().try_for_each(|one| {
                    let (OrderExpression::Asc(expression) | OrderExpression::Desc(expression)) = one;
                    self.expression(expression)
                })
            }
            GraphPattern::Project { inner, variables } => {
                self.pattern(inner)?;
                for variable in variables.iter() {
                    self.give(inner, variable);
                }
                Ok(())
            }
            GraphPattern::Distinct { inner } | GraphPattern::Reduced { inner } | GraphPattern::Slice { inner, .. } => {
                self.pattern(inner)
            }
            GraphPattern::Group { inner, variables, aggregates } => {
                self.pattern(inner)?;
                for variable in variables.iter() {
                    self.give(inner, variable);
                }
                aggregates.iter_mut().try_for_each(|(variable, aggregate)| {
                    self.unbound(variable, "AS")?;
                    match aggregate {
                        AggregateExpression::FunctionCall { expr, .. } => self.expression(expr),
                        AggregateExpression::CountSolutions { .. } => Ok(()),
                    }
                })
            }
        }
    }

    /// Gives a variable its value again where it is asked for by name.
    fn give(&self, inner: &mut GraphPattern, variable: &Variable) {
        let expression = match self.of(variable) {
            Some(Node::NamedNode(node)) => Expression::NamedNode(node.clone()),
            Some(Node::Literal(literal)) => Expression::Literal(literal.clone()),
            Some(Node::BlankNode(_)) | None => return,
        };
        let nothing = GraphPattern::Bgp { patterns: Vec::new() };
        let before = Box::new(std::mem::replace(inner, nothing));
        *inner = GraphPattern::Extend { inner: before, variable: variable.clone(), expression };
    }

    fn expression(&self, expression: &mut Expression) -> Result<(), String> {
        match expression {
            Expression::NamedNode(_) | Expression::Literal(_) => Ok(()),
            Expression::Variable(variable) => {
                match self.of(variable) {
                    Some(Node::NamedNode(node)) => *expression = Expression::NamedNode(node.clone()),
                    Some(Node::Literal(literal)) => *expression = Expression::Literal(literal.clone()),
                    Some(Node::BlankNode(_)) | None => {}
                }
                Ok(())
            }
            Expression::Bound(variable) => {
                if self.of(variable).is_some() {
                    *expression = Expression::Literal(true.into());
                }
                Ok(())
            }
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
                self.expression(left)?;
                self.expression(right)
            }
            Expression::In(one, several) => {
                self.expression(one)?;
                several.iter_mut().try_for_each(|expression| self.expression(expression))
            }
            Expression::UnaryPlus(inner) | Expression::UnaryMinus(inner) | Expression::Not(inner) => {
                self.expression(inner)
            }
            Expression::Exists(pattern) => self.pattern(pattern),
            Expression::If(condition, yes, no) => {
                [condition, yes, no].into_iter().try_for_each(|expression| self.expression(expression))
            }
            Expression::Coalesce(several) | Expression::FunctionCall(_, several) => {
                several.iter_mut().try_for_each(|expression| self.expression(expression))
            }
        }
    }
}
