//! Finds what an error is about in the text of a template.
//!
//! All of this runs only once something is wrong, so it parses the template again rather than keep its tree.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::{self, Span, ast};
use minijinja::syntax::SyntaxConfig;

use crate::context::Root;
use crate::missing::Missing;
use crate::syntax::{self, Loop, Visitor};

/// A template or an expression.
#[derive(Clone)]
pub struct Source<'a> {
    /// The path of the template.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whether the text is an expression of a manifest, in either mode: it has no path then.
    pub bare: bool,
    /// How a template's text is to be read; none for a bare expression without tags.
    pub syntax: Option<SyntaxConfig>,
}

impl Source<'_> {
    /// Returns the path that a span should have.
    #[must_use]
    pub fn reported_path(&self) -> &str {
        if self.bare { "" } else { self.path }
    }

    /// Visits what it says; nothing where it is no template.
    pub(crate) fn walk<'s>(&'s self, visitor: &mut dyn Visitor<'s>) {
        match &self.syntax {
            Some(syntax) => {
                if let Ok(template) = machinery::parse(self.text, self.path, syntax.clone()) {
                    syntax::walk(&template, visitor);
                }
            }
            None => {
                if let Ok(expression) = machinery::parse_expr(self.text) {
                    syntax::walk_expression(&expression, visitor);
                }
            }
        }
    }
}

/// What an error is about.
pub enum Wanted {
    /// An undefined value, as the engine describes it: `name`, `name.attribute`, `name["key"]`.
    Value(String),
    /// A filter that does not exist.
    Filter(String),
    /// A test that does not exist.
    Test(String),
    /// A function that does not exist.
    Function(String),
    /// A partial that does not exist.
    Partial(String),
    /// A method that a kind of value does not have.
    Method {
        /// The kind, as the error names it.
        of: String,
        /// The method.
        name: String,
    },
}

/// Where it stands.
pub struct Named {
    /// The name itself, in bytes of the text.
    pub range: Range<usize>,
    /// For what a value lacks: what is known of that.
    pub missing: Option<Missing>,
}

/// Items of a list that are looked at for the one that lacks a key.
const LOOKED_AT: usize = 1000;

/// Finds the place that is about what an error is about: within the error's own range, or else the last one before it,
/// because the engine places some errors at the filter or operator that a value was handed to.
pub fn find(source: &Source<'_>, wanted: &Wanted, error: Option<Range<usize>>, root: &Root) -> Option<Named> {
    let error = error.unwrap_or(0..source.text.len());
    let mut finder = Finder { text: source.text, wanted, error, root, inside: None, before: None };
    source.walk(&mut finder);
    finder.inside.or(finder.before.map(|(_, named)| named))
}

/// Finds where a template names a partial.
#[must_use]
pub fn reference(source: &Source<'_>, partial: &str) -> Option<Range<usize>> {
    struct Reference<'a>(&'a str, Option<Range<usize>>);
    impl Visitor<'_> for Reference<'_> {
        fn partial(&mut self, name: &str, span: Span) {
            if self.1.is_none() && name == self.0 {
                self.1 = Some(bytes(span));
            }
        }
    }
    let mut visitor = Reference(partial, None);
    source.walk(&mut visitor);
    visitor.1.filter(|range| range.start <= range.end && range.end <= source.text.len())
}

/// Whether a template names a partial anywhere.
#[must_use]
pub fn includes(source: &Source<'_>, partial: &str) -> bool {
    reference(source, partial).is_some()
}

/// Whether an expression that computes something, rather than a statement, stands at a range.
#[must_use]
pub fn is_operation(source: &Source<'_>, range: &Range<usize>) -> bool {
    struct Operation<'a>(&'a Range<usize>, bool);
    impl<'a> Visitor<'a> for Operation<'_> {
        fn expression(&mut self, expression: &ast::Expr<'a>, _loops: &[Loop<'_, 'a>]) {
            let language = match expression {
                ast::Expr::Const(_) => true,
                ast::Expr::Call(call) => matches!(&call.expr, ast::Expr::Var(callee) if callee.id == "super"),
                _ => false,
            };
            self.1 |= !language && bytes(expression.span()) == *self.0;
        }
    }
    let mut visitor = Operation(range, false);
    source.walk(&mut visitor);
    visitor.1
}

/// Returns the names of the macros that a template defines.
#[must_use]
pub fn macros(source: &Source<'_>) -> Vec<String> {
    struct Macros(Vec<String>);
    impl<'a> Visitor<'a> for Macros {
        fn macro_name(&mut self, name: &'a str) {
            self.0.push(name.to_owned());
        }
    }
    let mut visitor = Macros(Vec::new());
    source.walk(&mut visitor);
    visitor.0
}

pub(crate) fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// Returns the range of an expression. The engine's own begins at the last but one part of a path: `.b.c` in `a.b.c`.
pub(crate) fn whole(expression: &ast::Expr<'_>) -> Range<usize> {
    let mut first = expression;
    loop {
        first = match first {
            ast::Expr::GetAttr(attribute) => &attribute.expr,
            ast::Expr::GetItem(item) => &item.expr,
            ast::Expr::Call(call) => &call.expr,
            ast::Expr::Slice(slice) => &slice.expr,
            _ => break,
        };
    }
    let range = bytes(expression.span());
    range.start.min(bytes(first.span()).start)..range.end
}

struct Finder<'a> {
    text: &'a str,
    wanted: &'a Wanted,
    /// Where the error happened.
    error: Range<usize>,
    root: &'a Root,
    /// The first match within that range, and the last one that begins before it.
    inside: Option<Named>,
    before: Option<(usize, Named)>,
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn expression(&mut self, expression: &ast::Expr<'a>, loops: &[Loop<'_, 'a>]) {
        let range = whole(expression);
        let inside = self.error.start <= range.start && range.end <= self.error.end;
        let before = range.start < self.error.start;
        if self.inside.is_some() || !(inside || before) || self.text.get(range.clone()).is_none() {
            return;
        }
        let found = match (self.wanted, expression) {
            (Wanted::Value(description), _) => self.value(description, expression, range.clone(), loops),
            (Wanted::Filter(name), ast::Expr::Filter(filter)) if filter.name == name => {
                let after = filter.expr.as_ref().map_or(range.start, |inner| bytes(inner.span()).end);
                self.word(name, after..range.end)
            }
            (Wanted::Test(name), ast::Expr::Test(test)) if test.name == name => {
                self.word(name, bytes(test.expr.span()).end..range.end)
            }
            (Wanted::Function(name), ast::Expr::Call(call)) => match &call.expr {
                ast::Expr::Var(callee) if callee.id == name => self.word(name, range.clone()),
                _ => None,
            },
            (Wanted::Method { name, .. }, ast::Expr::Call(call)) => match &call.expr {
                ast::Expr::GetAttr(attribute) if attribute.name == name => {
                    self.word(name, bytes(attribute.expr.span()).end..range.end)
                }
                _ => None,
            },
            _ => None,
        };
        if found.is_none() {
            return;
        }
        if inside {
            self.inside = found;
        } else if self.before.as_ref().is_none_or(|(start, _)| *start <= range.start) {
            self.before = found.map(|named| (range.start, named));
        }
    }
}

impl Finder<'_> {
    /// Finds a word in a range: the first occurrence, because what stands before it was parsed as something else.
    fn word(&self, word: &str, range: Range<usize>) -> Option<Named> {
        let start = range.start + self.text.get(range)?.find(word)?;
        Some(Named { range: start..start + word.len(), missing: None })
    }

    fn value<'a>(
        &self,
        description: &str,
        expression: &ast::Expr<'a>,
        range: Range<usize>,
        loops: &[Loop<'_, 'a>],
    ) -> Option<Named> {
        let (base, key) = match expression {
            ast::Expr::Var(variable) if variable.id == description => {
                return Some(Named { range, missing: None });
            }
            ast::Expr::GetAttr(attribute) => (&attribute.expr, Value::from(attribute.name)),
            ast::Expr::GetItem(item) => (&item.expr, item.subscript_expr.as_const()?),
            _ => return None,
        };
        let name = key.to_string();
        let text = self.text.get(range.clone())?;
        if normal(text) != normal(description)
            && !(description.starts_with("(...)") && ends_with_name(description, &name))
        {
            return None;
        }
        let at = text.rfind(&name).map_or(range.clone(), |at| range.start + at..range.start + at + name.len());
        Some(Named { range: at, missing: Some(Missing::of(&resolve(self.root, base, loops), &key)) })
    }
}

/// Works out what an expression may stand for, as far as the context says so: names, what they were set to, their parts,
/// items of loops.
pub(crate) fn resolve<'a>(root: &Root, expression: &ast::Expr<'a>, loops: &[Loop<'_, 'a>]) -> Vec<Value> {
    let part = |values: Vec<Value>, key: &Value| -> Vec<Value> {
        values.iter().filter_map(|value| value.get_item(key).ok()).filter(|value| !value.is_undefined()).collect()
    };
    match expression {
        ast::Expr::Var(variable) => {
            let Some((depth, binding)) = loops.iter().enumerate().rev().find(|(_, each)| each.variable == variable.id)
            else {
                return root.peek(variable.id).cloned().into_iter().collect();
            };
            let values = resolve(root, binding.value, &loops[..depth]);
            if !binding.each {
                return values;
            }
            values.iter().filter_map(|value| value.try_iter().ok()).flatten().take(LOOKED_AT).collect()
        }
        ast::Expr::GetAttr(attribute) => part(resolve(root, &attribute.expr, loops), &Value::from(attribute.name)),
        ast::Expr::GetItem(item) => match item.subscript_expr.as_const() {
            Some(key) => part(resolve(root, &item.expr, loops), &key),
            None => Vec::new(),
        },
        ast::Expr::Const(constant) => vec![constant.value.clone()],
        _ => Vec::new(),
    }
}

fn ends_with_name(description: &str, name: &str) -> bool {
    description.ends_with(&format!(".{name}")) || description.ends_with(&format!("[{name:?}]"))
}

/// Makes two ways to write the same lookup equal: blanks go, quotes are double.
fn normal(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).map(|c| if c == '\'' { '"' } else { c }).collect()
}
