//! What a template names: variables, partials, components, blocks. Rather too much than too little.
//!
//! A name counts as a variable of the context wherever it is not surely something else: what a loop, a component or an
//! unconditional `set` before it defines does not count, what is set under a condition does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::tokens::{Kind, Tag, Token, tags};

/// The engine's name for a dump of all variables.
pub const DUMP: &str = "__tera_context";

/// What a template names, each name with the first place where it stands.
#[derive(Debug, Default)]
pub struct Scan {
    /// Names that may be looked up in the context.
    pub variables: BTreeMap<String, Range<usize>>,
    /// What it includes.
    pub includes: BTreeMap<String, Range<usize>>,
    /// What it extends.
    pub extends: Option<(String, Range<usize>)>,
    /// Components that it uses.
    pub uses: BTreeMap<String, Range<usize>>,
    /// Components that it defines.
    pub defines: BTreeSet<String>,
    /// Blocks that it defines.
    pub blocks: BTreeSet<String>,
    /// Whether it may compute.
    pub computes: bool,
    /// Names that are joined with `~`, or stand in a list or a table that is written down.
    pub joined: Vec<Range<usize>>,
    /// Names that are handed on as they are, by `set` and to components, under which name.
    pub given: Vec<(String, Range<usize>)>,
    /// Names that the template itself binds, with the list that a loop takes them from where that is all.
    pub bound: BTreeMap<String, Option<String>>,
}

impl Scan {
    /// Reads a template.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut walk = Walk { scan: Self::default(), scopes: vec![Scope::new(Block::Template)] };
        for tag in tags(text) {
            walk.scan.computes |= tag.computes;
            walk.tag(&tag);
        }
        walk.scan
    }

    /// Whether it stands alone: nothing extended, included or called from elsewhere, no block.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.extends.is_none() && self.blocks.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Template,
    For,
    Component,
    Other,
}

/// What is open, and the names that it surely defines.
#[derive(Debug)]
struct Scope {
    block: Block,
    names: BTreeSet<String>,
}

impl Scope {
    fn new(block: Block) -> Self {
        Self { block, names: BTreeSet::new() }
    }
}

/// Words that are never a variable.
const KEYWORDS: [&str; 17] = [
    "true", "True", "false", "False", "and", "or", "not", "is", "in", "none", "None", "null", "if", "else", "for",
    "continue", "break",
];

struct Walk {
    scan: Scan,
    scopes: Vec<Scope>,
}

impl Walk {
    fn tag(&mut self, tag: &Tag<'_>) {
        let tokens = tag.tokens.as_slice();
        let keyword = match tokens.first() {
            Some(Token { kind: Kind::Word(word), .. }) if tag.block => *word,
            Some(Token { kind: Kind::Sign("<"), .. }) if tag.block => {
                self.expression(tokens);
                self.open(Block::Other);
                return;
            }
            Some(Token { kind: Kind::Sign("</"), .. }) if tag.block => return self.close(),
            _ => return self.expression(tokens),
        };
        let rest = &tokens[1..];
        match keyword {
            "for" => self.for_loop(rest),
            "if" => {
                self.expression(rest);
                self.open(Block::Other);
            }
            "elif" => {
                self.forget();
                self.expression(rest);
            }
            "else" => self.forget(),
            "set" | "set_global" => self.set(rest, keyword == "set_global"),
            "filter" => {
                // The first word is the filter's name.
                self.expression(rest.get(1..).unwrap_or_default());
                self.open(Block::Other);
            }
            "block" => {
                if let Some(Kind::Word(name)) = rest.first().map(|token| token.kind) {
                    self.scan.blocks.insert(name.to_owned());
                }
                self.open(Block::Other);
            }
            "component" => self.component(rest),
            "include" => {
                if let Some((name, range)) = literal(rest) {
                    self.scan.includes.entry(name).or_insert(range);
                }
            }
            "extends" => {
                if self.scan.extends.is_none() {
                    self.scan.extends = literal(rest);
                }
            }
            "endfor" | "endif" | "endset" | "endset_global" | "endfilter" | "endblock" | "endcomponent" => self.close(),
            _ => self.expression(rest),
        }
    }

    fn open(&mut self, block: Block) {
        self.scopes.push(Scope::new(block));
    }

    fn close(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    /// What the innermost block has defined so far does not hold in its other branch.
    fn forget(&mut self) {
        if let Some(scope) = self.scopes.last_mut().filter(|scope| scope.block != Block::Template) {
            scope.names.clear();
        }
    }

    fn define(&mut self, name: &str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.insert(name.to_owned());
        }
        self.scan.bound.insert(name.to_owned(), None);
    }

    fn is_defined(&self, name: &str) -> bool {
        for scope in self.scopes.iter().rev() {
            if scope.names.contains(name) {
                return true;
            }
            if scope.block == Block::Component {
                return false;
            }
        }
        false
    }

    fn for_loop(&mut self, tokens: &[Token<'_>]) {
        let split = tokens.iter().position(|token| token.kind == Kind::Word("in")).unwrap_or(0);
        self.expression(&tokens[split..]);
        self.open(Block::For);
        self.define("loop");
        for token in &tokens[..split] {
            if let Kind::Word(name) = token.kind {
                let is_new = !self.scan.bound.contains_key(name);
                self.define(name);
                if is_new && split == 1 {
                    self.scan.bound.insert(name.to_owned(), path(&tokens[split + 1..]));
                }
            }
        }
    }

    fn set(&mut self, tokens: &[Token<'_>], global: bool) {
        let name = match tokens.first().map(|token| token.kind) {
            Some(Kind::Word(name)) => name.to_owned(),
            _ => return,
        };
        let assigns = tokens.get(1).is_some_and(|token| token.kind == Kind::Sign("="));
        if assigns {
            self.expression(&tokens[2..]);
            self.give(&name, tokens, 2, None);
        } else {
            // A block set may have filters: `{% set x | upper %}`.
            self.expression(&tokens[1..]);
        }
        // A template that extends another one may have its own text, and so its own `set`, left out.
        self.scan.bound.insert(name.clone(), None);
        if self.scan.extends.is_none() && !global {
            self.define(&name);
        }
        if !assigns {
            self.open(Block::Other);
        }
    }

    /// Notes what a name is given, where that is another name which ends with a sign.
    fn give(&mut self, name: &str, tokens: &[Token<'_>], at: usize, sign: Option<Kind<'_>>) {
        if let Some(end) = path_end(tokens, at).filter(|end| kind_at(tokens, *end) == sign) {
            self.scan.given.push((name.to_owned(), tokens[at].range.start..tokens[end - 1].range.end));
        }
    }

    fn component(&mut self, tokens: &[Token<'_>]) {
        let (name, used) = dotted(tokens);
        self.scan.defines.insert(name);
        let mut scope = Scope::new(Block::Component);
        scope.names.insert("body".to_owned());
        let mut depth = 0;
        for (at, token) in tokens.iter().enumerate().skip(used) {
            match token.kind {
                Kind::Sign("(" | "[" | "{" | "?[") => depth += 1,
                Kind::Sign(")" | "]" | "}") => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Kind::Word(word) if depth == 1 => match before(tokens, at) {
                    Some(Kind::Sign("@")) => {
                        scope.names.insert(word.to_owned());
                        self.read(word, &token.range);
                    }
                    Some(Kind::Sign("(" | "," | "...")) => {
                        scope.names.insert(word.to_owned());
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        self.scan.bound.extend(scope.names.iter().map(|name| (name.clone(), None)));
        self.scopes.push(scope);
    }

    fn read(&mut self, name: &str, range: &Range<usize>) {
        if !self.scan.variables.contains_key(name) && !self.is_defined(name) {
            self.scan.variables.insert(name.to_owned(), range.clone());
        }
    }

    fn expression(&mut self, tokens: &[Token<'_>]) {
        // By far the most common tag: `{{ name }}`.
        if let [Token { kind: Kind::Word(word), range }] = tokens {
            if !KEYWORDS.contains(word) {
                self.read(word, range);
            }
            return;
        }
        let comprehensions = comprehensions(tokens);
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            match token.kind {
                Kind::Sign("<") if begins_component(tokens, at) => {
                    let (name, used) = dotted(&tokens[at + 1..]);
                    self.scan.uses.entry(name).or_insert_with(|| token.range.end..tokens[at + used].range.end);
                    at += used;
                }
                Kind::Word(word)
                    if !KEYWORDS.contains(&word)
                        && is_variable(tokens, at)
                        && !comprehensions.iter().any(|comprehension| comprehension.defines(word, at)) =>
                {
                    self.read(word, &token.range);
                }
                _ => {}
            }
            if let (Kind::Word(name), Some(Kind::Sign("=")), Some(Kind::Sign("{"))) =
                (token.kind, kind_at(tokens, at + 1), kind_at(tokens, at + 2))
            {
                self.give(name, tokens, at + 3, Some(Kind::Sign("}")));
            }
            if let Some(end) = path_end(tokens, at).filter(|end| is_joined(tokens, at, *end)) {
                self.scan.joined.push(token.range.start..tokens[end - 1].range.end);
            }
            at += 1;
        }
        for name in comprehensions.iter().flat_map(|comprehension| &comprehension.names) {
            self.scan.bound.insert((*name).to_owned(), None);
        }
    }
}

/// Returns where the name that begins at a place ends, with all that is looked up in it; none where none begins there.
#[must_use]
pub fn path_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    match tokens.get(at)?.kind {
        Kind::Word(word) if !KEYWORDS.contains(&word) && is_variable(tokens, at) => {}
        _ => return None,
    }
    let mut end = at + 1;
    loop {
        match (kind_at(tokens, end), kind_at(tokens, end + 1), kind_at(tokens, end + 2)) {
            (Some(Kind::Sign("." | "?.")), Some(Kind::Word(_) | Kind::Number), _) => end += 2,
            (Some(Kind::Sign("[" | "?[")), Some(Kind::Number | Kind::Text(_)), Some(Kind::Sign("]"))) => end += 3,
            // What is computed, or called.
            (Some(Kind::Sign("[" | "?[" | "(")), ..) => return None,
            _ => return Some(end),
        }
    }
}

/// Whether the name between two places is an operand of `~`, or an item of a list or a table that is written down.
fn is_joined(tokens: &[Token<'_>], at: usize, end: usize) -> bool {
    let next = kind_at(tokens, end);
    let ends = match next {
        None => true,
        Some(Kind::Sign(sign)) => matches!(sign, "~" | ")" | "]" | "}" | "," | "==" | "!=" | "-"),
        Some(Kind::Word(word)) => matches!(word, "if" | "else" | "for" | "and" | "or"),
        _ => false,
    };
    let is_item = || {
        let Some(open) = enclosing(tokens, at) else { return false };
        let is_literal = match before(tokens, open) {
            None | Some(Kind::Sign(_)) => !matches!(before(tokens, open), Some(Kind::Sign("]" | ")" | "}"))),
            Some(Kind::Word(word)) => KEYWORDS.contains(&word),
            _ => false,
        };
        match (tokens[open].kind, before(tokens, at)) {
            (Kind::Sign("["), Some(Kind::Sign("[" | ","))) => is_literal,
            (Kind::Sign("{"), Some(Kind::Sign(":"))) => true,
            _ => false,
        }
    };
    next == Some(Kind::Sign("~")) || ends && (before(tokens, at) == Some(Kind::Sign("~")) || is_item())
}

/// Returns a name that is all of some tokens.
fn path(tokens: &[Token<'_>]) -> Option<String> {
    let is_all = path_end(tokens, 0) == Some(tokens.len());
    let text = tokens.iter().map(|token| match token.kind {
        Kind::Word(text) | Kind::Sign(text) if text != "[" && text != "]" => Some(text),
        _ => None,
    });
    text.collect::<Option<String>>().filter(|_| is_all)
}

fn literal(tokens: &[Token<'_>]) -> Option<(String, Range<usize>)> {
    match tokens.first() {
        Some(Token { kind: Kind::Text(text), range }) => Some((unescaped(text), range.clone())),
        _ => None,
    }
}

fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => result.push('\n'),
                Some('t') => result.push('\t'),
                Some('r') => result.push('\r'),
                Some(other) => result.push(other),
                None => {}
            },
            other => result.push(other),
        }
    }
    result
}

fn kind_at<'a>(tokens: &[Token<'a>], at: usize) -> Option<Kind<'a>> {
    tokens.get(at).map(|token| token.kind)
}

fn before<'a>(tokens: &[Token<'a>], at: usize) -> Option<Kind<'a>> {
    at.checked_sub(1).map(|before| tokens[before].kind)
}

/// Reads a name of words and points; returns how many tokens it has.
fn dotted(tokens: &[Token<'_>]) -> (String, usize) {
    let mut name = String::new();
    let mut used = 0;
    for token in tokens {
        match token.kind {
            Kind::Word(word) if name.is_empty() || name.ends_with('.') => name.push_str(word),
            Kind::Sign(".") if !name.is_empty() && !name.ends_with('.') => name.push('.'),
            _ => break,
        }
        used += 1;
    }
    (name, used)
}

/// Whether the `<` at a place begins a component: nothing that could be compared stands before it.
fn begins_component(tokens: &[Token<'_>], at: usize) -> bool {
    let follows = matches!(tokens.get(at + 1).map(|token| token.kind), Some(Kind::Word(_)));
    let compares = match before(tokens, at) {
        None => false,
        Some(Kind::Word(word)) => !matches!(word, "and" | "or" | "not" | "in" | "if" | "else"),
        Some(Kind::Text(_) | Kind::Number) => true,
        Some(Kind::Sign(sign)) => matches!(sign, ")" | "]" | "}"),
    };
    follows && !compares
}

/// Whether the word at a place is looked up: it is no attribute, filter, test, function, argument's or attribute's name.
fn is_variable(tokens: &[Token<'_>], at: usize) -> bool {
    let before_that = at.checked_sub(1).and_then(|at| before(tokens, at));
    match before(tokens, at) {
        Some(Kind::Sign("." | "?." | "|") | Kind::Word("is")) => return false,
        Some(Kind::Word("not")) if before_that == Some(Kind::Word("is")) => return false,
        _ => {}
    }
    !matches!(tokens.get(at + 1).map(|token| token.kind), Some(Kind::Sign("(" | "=")))
}

/// `[value for value in values if condition]`: what it defines, and where that holds.
struct Comprehension<'a> {
    names: Vec<&'a str>,
    whole: Range<usize>,
    /// What is iterated does not see the names.
    items: Range<usize>,
}

impl Comprehension<'_> {
    fn defines(&self, name: &str, at: usize) -> bool {
        self.whole.contains(&at) && !self.items.contains(&at) && self.names.contains(&name)
    }
}

fn comprehensions<'a>(tokens: &[Token<'a>]) -> Vec<Comprehension<'a>> {
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|at| tokens[*at].kind == Kind::Word("for")) {
        let Some(open) = enclosing(tokens, at) else { continue };
        let Some(split) = (at..tokens.len()).find(|next| tokens[*next].kind == Kind::Word("in")) else { continue };
        let names = tokens[at + 1..split].iter().filter_map(|token| match token.kind {
            Kind::Word(name) => Some(name),
            _ => None,
        });
        let mut depth = 0_usize;
        let mut items = split + 1..tokens.len();
        let mut end = tokens.len();
        for (next, token) in tokens.iter().enumerate().skip(split + 1) {
            match token.kind {
                Kind::Sign("(" | "[" | "{" | "?[") => depth += 1,
                Kind::Sign(")" | "]" | "}") if depth == 0 => {
                    end = next;
                    break;
                }
                Kind::Sign(")" | "]" | "}") => depth -= 1,
                Kind::Word("if") if depth == 0 && items.end == tokens.len() => items.end = next,
                _ => {}
            }
        }
        items.end = items.end.min(end);
        found.push(Comprehension { names: names.collect(), whole: open..end, items });
    }
    found
}

/// Returns the bracket that a place stands in.
fn enclosing(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for open in (0..at).rev() {
        match tokens[open].kind {
            Kind::Sign(")" | "]" | "}") => depth += 1,
            Kind::Sign("(" | "[" | "{" | "?[") if depth == 0 => return Some(open),
            Kind::Sign("(" | "[" | "{" | "?[") => depth -= 1,
            _ => {}
        }
    }
    None
}
