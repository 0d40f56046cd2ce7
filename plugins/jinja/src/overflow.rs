//! An operation whose result is out of range is an error wherever it stands: in a comparison, in a text that is joined,
//! in a condition.
//!
//! What has rendered and may have met such a number is rendered again with a filter behind each operation, which says
//! where that was. Most templates don't compute with floats, and are done with a look at their compiled code.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::machinery::{self, Instruction, Token};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Template};

use crate::arithmetic::{self, FILTER, Floats, Part};
use crate::locate::Source;
use crate::{expressions, finite, render};

/// Operations of code in which nothing is computed from a result of an earlier round: as many factors of 10³⁸ stay far from what
/// floats can't hold.
const FEW: u8 = 6;

/// The absolute value from which a constant is not small.
const LARGE: f64 = 1e38;

/// What compiled code, or the tokens of a text, may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own, and any of them may hold")]
pub struct Does {
    /// It computes.
    computes: bool,
    /// It makes floats, whatever it is given.
    floats: bool,
    /// It has a value that may have been computed before it ran.
    folded: bool,
    /// How many sums and products it has.
    operations: u8,
    /// Nothing bounds what comes of small numbers: it divides, raises to a power, reads numbers from text, has large constants, or
    /// can compute from what it computed in a round before.
    unbounded: bool,
}

impl Does {
    /// Looks at the code of a template.
    #[must_use]
    pub fn of<'a>(template: &Template<'a, 'a>) -> Self {
        let code = machinery::get_compiled_template(template);
        let mut does = Self::default();
        for code in std::iter::once(&code.instructions).chain(code.blocks.values()) {
            let (mut stored, mut loops) = (0_usize, 0_usize);
            for instruction in (0..).map_while(|at| code.get(at)) {
                does.see(instruction);
                stored += usize::from(matches!(instruction, Instruction::StoreLocal(_)));
                loops += usize::from(matches!(instruction, Instruction::Iterate(_)));
            }
            // Each loop stores its item; what else is stored may be read in the next round.
            does.unbounded |= stored > loops;
        }
        does
    }

    /// Says what any of two may do.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            computes: self.computes || other.computes,
            floats: self.floats || other.floats,
            folded: self.folded || other.folded,
            operations: self.operations.saturating_add(other.operations),
            unbounded: self.unbounded || other.unbounded,
        }
    }

    /// Whether a number that is not finite may arise in texts; `given` says which floats there are among the variables.
    fn may_overflow(self, texts: &[Source<'_>], given: impl FnOnce() -> Floats) -> bool {
        if self.folded && texts.iter().any(|source| has_large(source.text)) {
            return true;
        }
        let is_bounded = !self.unbounded && self.operations <= FEW;
        self.computes
            && match given() {
                Floats::None => self.floats && !is_bounded,
                Floats::Small => !is_bounded,
                Floats::Large => true,
            }
    }

    fn see(&mut self, instruction: &Instruction<'_>) {
        match instruction {
            Instruction::Add | Instruction::Sub | Instruction::Mul => {
                self.computes = true;
                self.operations = self.operations.saturating_add(1);
            }
            Instruction::IntDiv | Instruction::Rem => (self.computes, self.unbounded) = (true, true),
            Instruction::Div | Instruction::Pow => {
                (self.computes, self.floats, self.unbounded) = (true, true, true);
            }
            Instruction::ApplyFilter(name, ..) => self.filter(name),
            Instruction::SetAttr(_) | Instruction::BuildMacro(..) | Instruction::FastRecurse => self.unbounded = true,
            Instruction::PushLoop(flags) => self.unbounded |= flags & RECURSIVE != 0,
            Instruction::LoadConst(value) => self.constant(value),
            _ => {}
        }
    }

    fn filter(&mut self, name: &str) {
        self.floats |= makes_float(name);
        // It reads a number from a text, however large.
        self.unbounded |= name == "float";
    }

    fn constant(&mut self, value: &Value) {
        match value.kind() {
            ValueKind::Bool => self.folded = true,
            ValueKind::Number if !value.is_integer() => {
                (self.floats, self.folded) = (true, true);
                self.unbounded |=
                    f64::try_from(value.clone()).map_or(true, |number| number.is_nan() || number.abs() >= LARGE);
            }
            ValueKind::String => {
                let text = value.as_str().unwrap_or_default();
                self.filter(text);
                // Looking for a text in a text begins dearly, for a byte it does not.
                let bytes = text.as_bytes();
                self.folded |=
                    (bytes.contains(&b'N') && text.contains("NaN")) || (bytes.contains(&b'f') && text.contains("inf"));
            }
            ValueKind::Seq => value.try_iter().into_iter().flatten().for_each(|item| self.constant(&item)),
            ValueKind::Map => {
                let keys = value.try_iter().into_iter().flatten();
                keys.filter_map(|key| value.get_item(&key).ok()).for_each(|item| self.constant(&item));
            }
            _ => {}
        }
    }
}

fn makes_float(filter: &str) -> bool {
    matches!(filter, "float" | "round")
}

/// Whether a text may have a literal that is large, or a power of one.
fn has_large(text: &str) -> bool {
    let is_digit = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
    let power = text.match_indices("**").any(|(at, _)| is_digit(text[at + 2..].trim_start_matches([' ', '-', '('])));
    power
        || text.as_bytes().windows(3).any(|part| {
            part[0].is_ascii_digit() && matches!(part[1], b'e' | b'E') && matches!(part[2], b'0'..=b'9' | b'+' | b'-')
        })
}

/// What the engine notes of a loop that may call itself.
const RECURSIVE: u8 = 2;

/// What is wrong, in which text, and where.
type Found = (&'static str, usize, Range<usize>);

/// Renders the first of some texts again, if that can find anything: `does` is what they do, and `given` says which floats
/// there are among the variables.
#[must_use]
pub fn find(sources: &[Source<'_>], does: Does, root: Value, given: impl FnOnce() -> Floats) -> Option<Found> {
    if !does.may_overflow(sources, given) {
        return None;
    }
    let texts = watched(sources, || true)?;
    let (mut environment, found) = watching();
    environment.set_syntax(sources.first()?.syntax.clone()?);
    let (first, partials) = texts.split_first()?;
    for (source, text) in sources[1..].iter().zip(partials) {
        environment.add_template_owned(source.path.to_owned(), text.clone()).ok()?;
    }
    let again = environment.template_from_named_str(sources.first()?.path, first).ok()?;
    render::to_text(&again, root).err()?;
    taken(&found)
}

/// Evaluates an expression without tags again.
#[must_use]
pub fn find_in_expression(source: &Source<'_>, root: Value, given: impl FnOnce() -> bool) -> Option<Found> {
    let computes = source.text.bytes().any(|byte| matches!(byte, b'+' | b'-' | b'*' | b'/' | b'%'));
    if !computes && !has_large(source.text) {
        return None;
    }
    let texts = watched(std::slice::from_ref(source), given)?;
    let (environment, found) = watching();
    expressions::value(&environment, texts.first()?, root).err()?;
    taken(&found)
}

fn taken(found: &Mutex<Option<Found>>) -> Option<Found> {
    found.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// An environment whose filter remembers the first number that is not finite.
fn watching() -> (Environment<'static>, Arc<Mutex<Option<Found>>>) {
    let mut environment = render::base().clone();
    let found: Arc<Mutex<Option<Found>>> = Arc::default();
    let seen = found.clone();
    environment.add_filter(FILTER, move |value: Value, place: Kwargs| -> Result<Value, Error> {
        let is_float = value.kind() == ValueKind::Number && !value.is_integer();
        let problem = f64::try_from(value.clone()).ok().filter(|_| is_float).and_then(finite::problem);
        let (of, start, end) = (place.get::<usize>("of")?, place.get::<usize>("start")?, place.get::<usize>("end")?);
        let Some(problem) = problem else { return Ok(value) };
        seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((problem, of, start..end));
        Err(Error::new(ErrorKind::InvalidOperation, problem))
    });
    (environment, found)
}

/// Writes the filter into texts; none where nothing computes with floats.
fn watched(sources: &[Source<'_>], given: impl FnOnce() -> bool) -> Option<Vec<String>> {
    let operations: Vec<_> = sources.iter().map(operations).collect();
    let floats = operations.iter().any(|(_, floats)| *floats);
    if operations.iter().all(|(found, _)| found.is_empty()) || !(floats || given()) {
        return None;
    }
    let texts = sources.iter().zip(operations).enumerate();
    Some(texts.map(|(of, (source, (found, _)))| arithmetic::watched(source.text, of, &found)).collect())
}

/// Lists the operations of a text, and says whether it makes floats.
fn operations(source: &Source<'_>) -> (Vec<Range<usize>>, bool) {
    let is_expression = source.syntax.is_none();
    let tokens = machinery::tokenize(source.text, is_expression, source.syntax.clone().unwrap_or_default());
    let (mut found, mut parts, mut floats) = (Vec::new(), Vec::new(), false);
    // The word that a tag begins with is no value.
    let mut begins = false;
    for (token, span) in tokens.map_while(Result::ok) {
        floats |= match &token {
            Token::Float(_) | Token::Div | Token::Pow => true,
            Token::Ident(name) | Token::Str(name) => makes_float(name),
            _ => false,
        };
        let range = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::VariableStart | Token::BlockStart => begins = matches!(token, Token::BlockStart),
            Token::VariableEnd | Token::BlockEnd => found.extend(arithmetic::operations(parts.drain(..))),
            Token::TemplateData(_) => {}
            _ if begins => begins = false,
            _ => parts.push((part(&token), range)),
        }
    }
    found.extend(arithmetic::operations(parts));
    (found, floats)
}

fn part(token: &Token<'_>) -> Part {
    match token {
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::FloorDiv | Token::Pow | Token::Mod => {
            Part::Operator
        }
        Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => Part::Opens,
        Token::ParenClose | Token::BracketClose | Token::BraceClose => Part::Closes,
        Token::Ident("is") => Part::Blurs,
        Token::Ident("and" | "or" | "not" | "in" | "if" | "else") => Part::Splits,
        Token::Float(number) if number.is_infinite() => Part::OutOfRange,
        Token::Ident(_) | Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Int128(_) | Token::Float(_) => {
            Part::Value
        }
        Token::Dot | Token::Pipe => Part::Value,
        _ => Part::Splits,
    }
}
