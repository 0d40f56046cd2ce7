//! What a loop goes through: `ITEM in LIST` with its limits, parsed and evaluated.

use liquid_core::model::{KString, KStringCow};
use liquid_core::parser::TryMatchToken;
use liquid_core::{Error, Expression, Result, Runtime, TagTokenIter, Value, ValueCow, ValueView};

/// The head of a loop.
#[derive(Debug)]
pub struct Head {
    /// The variable's name.
    pub name: KString,
    source: Source,
    /// `cols`, of a table only.
    pub columns: Option<Expression>,
    limit: Option<Expression>,
    offset: Option<Expression>,
    reversed: bool,
}

#[derive(Debug)]
enum Source {
    Value(Expression),
    Range(Expression, Expression),
}

impl Head {
    /// Reads the head of a loop that may be `reversed`.
    pub fn of_loop(arguments: &mut TagTokenIter<'_>) -> Result<Self> {
        Self::parse(arguments, "reversed", "\"limit\", \"offset\" or \"reversed\" expected.")
    }

    /// Reads the head of a table, which may say `cols`.
    pub fn of_table(arguments: &mut TagTokenIter<'_>) -> Result<Self> {
        Self::parse(arguments, "cols", "\"cols\", \"limit\" or \"offset\" expected.")
    }

    fn parse(arguments: &mut TagTokenIter<'_>, special: &str, options: &str) -> Result<Self> {
        let name = arguments.expect_next("Identifier expected.")?.expect_identifier().into_result()?;
        let word = arguments.expect_next("\"in\" expected.")?;
        word.expect_str("in").into_result_custom_msg("\"in\" expected.")?;
        let source = match arguments.expect_next("Array or range expected.")?.expect_value() {
            TryMatchToken::Matches(value) => Source::Value(value),
            TryMatchToken::Fails(token) => {
                token.expect_range().into_result().map(|(from, to)| Source::Range(from, to))?
            }
        };
        let name = KString::from_ref(name);
        let mut head = Self { name, source, columns: None, limit: None, offset: None, reversed: false };
        while let Some(token) = arguments.next() {
            match token.as_str() {
                "limit" => head.limit = Some(number(arguments)?),
                "offset" => head.offset = Some(number(arguments)?),
                "reversed" if special == "reversed" => head.reversed = true,
                "cols" if special == "cols" => head.columns = Some(number(arguments)?),
                _ => return Err(token.raise_custom_error(options)),
            }
        }
        Ok(head)
    }

    /// Evaluates the head and hands what there is to go through to an action, with the number of columns.
    pub fn with_items<T>(
        &self,
        runtime: &dyn Runtime,
        action: impl FnOnce(&Items<'_>, Option<u64>) -> Result<T>,
    ) -> Result<T> {
        let value;
        let all = match &self.source {
            Source::Value(expression) => {
                value = expression.evaluate(runtime)?;
                All::of(value.as_view())?
            }
            Source::Range(from, to) => All::Range { from: integer(from, runtime)?, to: integer(to, runtime)? },
        };
        let columns = size(self.columns.as_ref(), runtime)?;
        let limit = size(self.limit.as_ref(), runtime)?;
        let offset = size(self.offset.as_ref(), runtime)?.unwrap_or(0).min(all.count());
        // A limit counts what there is before the offset, too: the last places of such a loop are nil.
        let count = limit.map_or(all.count() - offset, |limit| limit.min(all.count()));
        action(&Items { all, offset, count, reversed: self.reversed }, columns)
    }
}

/// What a loop goes through.
pub struct Items<'a> {
    all: All<'a>,
    offset: u64,
    count: u64,
    reversed: bool,
}

impl Items<'_> {
    /// Returns how many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns one of them.
    pub fn get(&self, at: u64) -> ValueCow<'_> {
        let at = if self.reversed { self.count - 1 - at } else { at };
        self.all.get(self.offset.saturating_add(at))
    }
}

enum All<'a> {
    Values(Vec<&'a dyn ValueView>),
    Pairs(Vec<Vec<ValueCow<'a>>>),
    Range { from: i64, to: i64 },
}

impl<'a> All<'a> {
    fn of(value: &'a dyn ValueView) -> Result<Self> {
        if let Some(list) = value.as_array() {
            return Ok(Self::Values(list.values().collect()));
        }
        if let Some(object) = value.as_object() {
            let pair = |(key, value): (KStringCow<'a>, &'a dyn ValueView)| {
                vec![ValueCow::Owned(Value::scalar(key.into_owned())), ValueCow::Borrowed(value)]
            };
            return Ok(Self::Pairs(object.iter().map(pair).collect()));
        }
        if value.is_state() || value.is_nil() {
            return Ok(Self::Values(Vec::new()));
        }
        Err(unexpected("array", value))
    }

    fn count(&self) -> u64 {
        match self {
            Self::Values(values) => values.len() as u64,
            Self::Pairs(pairs) => pairs.len() as u64,
            Self::Range { from, to } if from > to => 0,
            Self::Range { from, to } => to.abs_diff(*from).saturating_add(1),
        }
    }

    /// Returns an item; nil after the last one.
    fn get(&self, at: u64) -> ValueCow<'_> {
        let index = usize::try_from(at).unwrap_or(usize::MAX);
        match self {
            Self::Values(values) => values.get(index).map(|value| ValueCow::Borrowed(*value)),
            Self::Pairs(pairs) => pairs.get(index).map(|pair| ValueCow::Borrowed(pair)),
            Self::Range { from, .. } if at < self.count() => {
                Some(ValueCow::Owned(Value::scalar(from.wrapping_add_unsigned(at))))
            }
            Self::Range { .. } => None,
        }
        .unwrap_or_default()
    }
}

/// Reads `: VALUE` after the name of an option.
fn number(arguments: &mut TagTokenIter<'_>) -> Result<Expression> {
    let colon = arguments.expect_next("\":\" expected.")?;
    colon.expect_str(":").into_result_custom_msg("\":\" expected.")?;
    arguments.expect_next("Value expected.")?.expect_value().into_result()
}

fn integer(expression: &Expression, runtime: &dyn Runtime) -> Result<i64> {
    let value = expression.evaluate(runtime)?;
    value.as_scalar().and_then(|scalar| scalar.to_integer()).ok_or_else(|| unexpected("whole number", &value))
}

/// Evaluates an option. One below zero counts as more than there ever are.
fn size(option: Option<&Expression>, runtime: &dyn Runtime) -> Result<Option<u64>> {
    option.map(|expression| integer(expression, runtime).map(i64::cast_unsigned)).transpose()
}

fn unexpected(expected: &str, found: &dyn ValueView) -> Error {
    Error::with_msg(format!("Expected {expected}, found `{}`", found.type_name()))
}
