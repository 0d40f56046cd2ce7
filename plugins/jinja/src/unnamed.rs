//! Finds the name of what is undefined where the engine's error has none: in the name of a partial, between brackets, as
//! an operand, as what items of a list are asked for.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::{Span, ast};

use crate::context::Root;
use crate::locate::{Named, Source, bytes, resolve, whole};
use crate::missing::Missing;
use crate::strict::lacks;
use crate::syntax::{Loop, Visitor};

/// What the engine says of a name of a partial that is no text.
pub const NO_NAME: &str = "template name was not a string";
/// What is said of a value that has no name.
pub const NO_VALUE: &str = "an undefined value was used";

/// What is undefined.
pub struct Unnamed {
    /// As it is written, or the key that an item lacks.
    pub name: String,
    /// What to say of it.
    pub message: String,
    /// Where it stands; none where that is to be found by its name.
    pub named: Option<Named>,
}

/// Finds what an error with a message is about, which happened at a range.
#[must_use]
pub fn find(source: &Source<'_>, at: &Range<usize>, message: &str, root: &Root) -> Option<Unnamed> {
    let about = match message {
        NO_NAME => About::Partial,
        NO_VALUE => return item(source, at, root).or_else(|| alone(source, at)),
        _ if message.starts_with("item ") && message.ends_with("` is undefined") => {
            return item(source, at, root).map(|found| Unnamed { message: message.to_owned(), ..found });
        }
        _ if message.ends_with("[...]` is undefined") || message.contains(" can only be multiplied with ") => {
            About::Part
        }
        _ => return None,
    };
    let mut naming = Naming { text: source.text, at, root, about, first: false, free: Vec::new(), found: None };
    source.walk(&mut naming);
    let name = naming.found?;
    Some(Unnamed { message: format!("`{name}` is undefined"), name, named: None })
}

/// A name that stands alone where the error is.
fn alone(source: &Source<'_>, at: &Range<usize>) -> Option<Unnamed> {
    struct Alone<'s>(&'s Range<usize>, bool);
    impl<'s> Visitor<'s> for Alone<'_> {
        fn expression(&mut self, expression: &ast::Expr<'s>, _loops: &[Loop<'_, 's>]) {
            let is_name = matches!(expression, ast::Expr::Var(_) | ast::Expr::GetAttr(_));
            self.1 |= is_name && whole(expression) == *self.0;
        }
    }
    let mut visitor = Alone(at, false);
    source.walk(&mut visitor);
    let name = source.text.get(at.clone()).filter(|_| visitor.1)?.to_owned();
    let named = Some(Named { range: at.clone(), missing: Some(Missing::Unknown) });
    Some(Unnamed { message: format!("`{name}` is undefined"), name, named })
}

fn item(source: &Source<'_>, at: &Range<usize>, root: &Root) -> Option<Unnamed> {
    let mut asking = Asking { text: source.text, at, root, found: None };
    source.walk(&mut asking);
    asking.found
}

/// Finds the filter that asks items for a key, at the place of an error or before it in the same tag.
struct Asking<'s> {
    text: &'s str,
    at: &'s Range<usize>,
    root: &'s Root,
    found: Option<Unnamed>,
}

impl<'s> Visitor<'s> for Asking<'s> {
    fn expression(&mut self, expression: &ast::Expr<'s>, loops: &[Loop<'_, 's>]) {
        let ast::Expr::Filter(filter) = expression else { return };
        let end = bytes(expression.span()).end;
        let between = self.text.get(end.min(self.at.end)..self.at.end).unwrap_or_default();
        if end > self.at.end || ["%}", "}}"].iter().any(|sign| between.contains(sign)) {
            return;
        }
        let key = filter.args.iter().enumerate().find_map(|(place, argument)| match (filter.name, argument) {
            ("attr" | "selectattr" | "rejectattr" | "groupby", ast::CallArg::Pos(key)) if place == 0 => Some(key),
            (_, ast::CallArg::Kwarg("attribute", key)) => Some(key),
            _ => None,
        });
        let Some(ast::Expr::Const(key)) = key else { return };
        let (Some(name), Some(of)) = (key.value.as_str(), &filter.expr) else { return };
        let values = resolve(self.root, of, loops);
        let is_item = filter.name != "attr";
        let items: Vec<Value> =
            if is_item { values.iter().filter_map(|value| value.try_iter().ok()).flatten().collect() } else { values };
        let lacking = items.iter().position(|item| lacks(item, name));
        // What the list is can't always be told.
        if lacking.is_none() && !items.is_empty() {
            return;
        }
        let message = match lacking {
            Some(at) if is_item => format!("item {} of the list: `{name}` is undefined", at + 1),
            None if is_item => format!("an item of the list: `{name}` is undefined"),
            _ => format!("`{name}` is undefined"),
        };
        let missing =
            lacking.map(|at| Missing::of(&items[at..=at], &Value::from(name))).filter(|_| !name.contains('.'));
        let quoted = bytes(key.span());
        let range = quoted.start + 1..quoted.end.saturating_sub(1).max(quoted.start + 1);
        let named = Some(Named { range, missing: Some(missing.unwrap_or(Missing::Unknown)) });
        self.found = Some(Unnamed { name: name.to_owned(), message, named });
    }
}

/// What the name stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The name of a partial, as a whole or as one of a list.
    Partial,
    /// An operand, or what stands between brackets.
    Part,
}

struct Naming<'s> {
    text: &'s str,
    at: &'s Range<usize>,
    root: &'s Root,
    about: About,
    /// Whether the next expression is the name of a partial as a whole.
    first: bool,
    /// Variables that are one of the names, if they are none of the template's own.
    free: Vec<&'s str>,
    found: Option<String>,
}

impl<'s> Visitor<'s> for Naming<'s> {
    fn naming(&mut self, span: Option<Span>) {
        if self.about == About::Partial {
            self.first = span.is_some_and(|span| bytes(span) == *self.at);
            self.free.clear();
        }
    }

    fn free_variable(&mut self, name: &'s str) {
        if self.found.is_none() && self.free.contains(&name) && self.root.peek(name).is_none() {
            self.found = Some(name.to_owned());
        }
    }

    fn expression(&mut self, expression: &ast::Expr<'s>, loops: &[Loop<'_, 's>]) {
        if std::mem::take(&mut self.first) {
            return self.name(expression, loops);
        }
        let is_within = |range: Range<usize>| self.at.start <= range.start && range.end <= self.at.end;
        match expression {
            _ if self.about == About::Partial => {}
            ast::Expr::BinOp(operation) if is_within(whole(expression)) => {
                self.name(&operation.left, loops);
                self.name(&operation.right, loops);
            }
            ast::Expr::GetItem(item) if is_within(bytes(item.subscript_expr.span())) => {
                self.name(&item.subscript_expr, loops);
            }
            _ => {}
        }
    }
}

impl<'s> Naming<'s> {
    fn name(&mut self, expression: &ast::Expr<'s>, loops: &[Loop<'_, 's>]) {
        let (base, key) = match expression {
            ast::Expr::Var(variable) => return self.free.push(variable.id),
            ast::Expr::List(list) => return list.items.iter().for_each(|item| self.name(item, loops)),
            ast::Expr::Tuple(tuple) => return tuple.items.iter().for_each(|item| self.name(item, loops)),
            ast::Expr::IfExpr(choice) => {
                self.name(&choice.true_expr, loops);
                return choice.false_expr.iter().for_each(|other| self.name(other, loops));
            }
            ast::Expr::GetAttr(attribute) => (&attribute.expr, Value::from(attribute.name)),
            ast::Expr::GetItem(item) => match item.subscript_expr.as_const() {
                Some(key) => (&item.expr, key),
                None => return,
            },
            _ => return,
        };
        let values = resolve(self.root, base, loops);
        let lacks = |value: &Value| value.get_item(&key).is_ok_and(|found| found.is_undefined());
        if self.found.is_none() && !values.is_empty() && values.iter().all(lacks) {
            self.found = self.text.get(whole(expression)).map(str::to_owned);
        }
    }
}
