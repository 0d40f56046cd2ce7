//! Finds what an error is about in the text of a template.
//!
//! All of this runs only once something is wrong, so it parses the template again rather than keep its tree.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::{self, Span, ast};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;

use crate::context::Root;
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

    fn walk<'s>(&'s self, visitor: &mut dyn Visitor<'s>) {
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
}

/// Where it stands.
pub struct Named {
    /// The name itself, in bytes of the text.
    pub range: Range<usize>,
    /// For a missing attribute: its name, and the names that the value does have.
    pub attribute: Option<(String, Vec<String>)>,
}

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

fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
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
        let range = bytes(expression.span());
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
        Some(Named { range: start..start + word.len(), attribute: None })
    }

    fn value<'a>(
        &self,
        description: &str,
        expression: &ast::Expr<'a>,
        range: Range<usize>,
        loops: &[Loop<'_, 'a>],
    ) -> Option<Named> {
        let (base, name) = match expression {
            ast::Expr::Var(variable) if variable.id == description => {
                return Some(Named { range, attribute: None });
            }
            ast::Expr::GetAttr(attribute) => (&attribute.expr, attribute.name.to_owned()),
            ast::Expr::GetItem(item) => (&item.expr, item.subscript_expr.as_const()?.as_str()?.to_owned()),
            _ => return None,
        };
        let text = self.text.get(range.clone())?;
        if normal(text) != normal(description)
            && !(description.starts_with("(...)") && ends_with_name(description, &name))
        {
            return None;
        }
        let siblings = match self.resolve(base, loops) {
            Some(value) if value.kind() == ValueKind::Map => {
                value.try_iter().ok()?.filter_map(|key| key.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        let at = text.rfind(&name).map_or(range.clone(), |at| range.start + at..range.start + at + name.len());
        // Where the value has that attribute after all, another value of the same name was meant.
        let attribute = if siblings.is_empty() || siblings.contains(&name) { None } else { Some((name, siblings)) };
        Some(Named { range: at, attribute: Some(attribute.unwrap_or_default()) })
    }

    /// Works out what an expression stands for, as far as the context says so: names, their parts, items of loops.
    fn resolve<'a>(&self, expression: &ast::Expr<'a>, loops: &[Loop<'_, 'a>]) -> Option<Value> {
        match expression {
            ast::Expr::Var(variable) => {
                match loops.iter().enumerate().rev().find(|(_, each)| each.variable == variable.id) {
                    Some((depth, each)) => self.resolve(each.items, &loops[..depth])?.try_iter().ok()?.next(),
                    None => self.root.peek(variable.id).cloned(),
                }
            }
            ast::Expr::GetAttr(attribute) => self.resolve(&attribute.expr, loops)?.get_attr(attribute.name).ok(),
            ast::Expr::GetItem(item) => {
                self.resolve(&item.expr, loops)?.get_item(&item.subscript_expr.as_const()?).ok()
            }
            _ => None,
        }
    }
}

fn ends_with_name(description: &str, name: &str) -> bool {
    description.ends_with(&format!(".{name}")) || description.ends_with(&format!("[{name:?}]"))
}

/// Makes two ways to write the same lookup equal: blanks go, quotes are double.
fn normal(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).map(|c| if c == '\'' { '"' } else { c }).collect()
}
