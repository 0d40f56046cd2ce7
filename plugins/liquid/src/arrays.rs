//! The engine's filters of lists and objects, and what they need to keep an object's order.
//!
//! The engine's value that one filter gives the next holds objects as they were packed (`value`). The filters that look
//! into lists and objects get them unpacked. Those that compare their own copies of the items are written anew.

use std::cmp::Ordering;
use std::fmt;

use liquid_core::model::ValueViewCmp;
use liquid_core::parser::FilterArguments;
use liquid_core::{
    Display_filter, Error, Expression, Filter, FilterParameters, FilterReflection, FromFilterParameters, ParseFilter,
    Result, Runtime, Value, ValueView,
};
use liquid_lib::stdlib;

use crate::counts::Counting;
use crate::value;

/// Returns the filters of lists and objects, and those that count.
#[must_use]
pub fn all() -> Vec<Box<dyn ParseFilter>> {
    vec![
        Box::new(Seeing(stdlib::Compact)),
        Box::new(Seeing(stdlib::Concat)),
        Box::new(Seeing(stdlib::Default)),
        Box::new(Seeing(stdlib::First)),
        Box::new(Seeing(stdlib::Join)),
        Box::new(Seeing(stdlib::Last)),
        Box::new(Seeing(stdlib::Map)),
        Box::new(Seeing(stdlib::Reverse)),
        Box::new(Seeing(stdlib::Size)),
        Box::new(Seeing(Counting(stdlib::Slice))),
        Box::new(Seeing(stdlib::Where)),
        Box::new(Seeing(ParseSort)),
        Box::new(Seeing(ParseSortNatural)),
        Box::new(Seeing(ParseUniq)),
        Box::new(Counting(stdlib::Truncate)),
        Box::new(Counting(stdlib::TruncateWords)),
    ]
}

/// A filter that gets its input unpacked.
#[derive(Debug, Clone)]
pub struct Seeing<P>(pub P);

impl<P: ParseFilter + Clone + 'static> ParseFilter for Seeing<P> {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        Ok(Box::new(Unpacking(self.0.parse(arguments)?)))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self.0.reflection()
    }
}

#[derive(Debug)]
struct Unpacking(Box<dyn Filter>);

impl fmt::Display for Unpacking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Filter for Unpacking {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        match value::unpacked(input) {
            Some(node) => self.0.evaluate(node.as_view(), runtime),
            None => self.0.evaluate(input, runtime),
        }
    }
}

#[derive(Debug, FilterParameters)]
struct SortArguments {
    #[parameter(description = "The key of the objects to sort by.", arg_type = "str")]
    property: Option<Expression>,
}

#[derive(Debug, Clone, ParseFilter, FilterReflection)]
#[filter(name = "sort", description = "Sorts a list.", parameters(SortArguments), parsed(Sort))]
struct ParseSort;

#[derive(Debug, FromFilterParameters, Display_filter)]
#[name = "sort"]
struct Sort {
    #[parameters]
    arguments: SortArguments,
}

impl Filter for Sort {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let arguments = self.arguments.evaluate(runtime)?;
        let items = keyed(input, arguments.property.as_deref())?;
        Ok(Value::array(sorted(items).into_iter().map(|(_, item)| item.to_value())))
    }
}

/// Up to here the standard library's sort inserts items one by one, and does not mind what has no order.
const FEW: usize = 20;

/// Sorts by keys; equal ones, and ones that can't be compared, keep their order. Halves are sorted and merged by hand:
/// the standard library's sort may panic where not all keys can be compared.
fn sorted(mut items: Vec<Keyed<'_>>) -> Vec<Keyed<'_>> {
    if items.len() <= FEW {
        items.sort_by(compare);
        return items;
    }
    let mut right = sorted(items.split_off(items.len() / 2)).into_iter().peekable();
    let mut merged = Vec::with_capacity(items.len() * 2 + 1);
    for item in sorted(items) {
        while let Some(other) = right.next_if(|other| compare(&item, other) == Ordering::Greater) {
            merged.push(other);
        }
        merged.push(item);
    }
    merged.extend(right);
    merged
}

/// Compares keys; nil comes last.
fn compare((one, _): &Keyed<'_>, (other, _): &Keyed<'_>) -> Ordering {
    match (one.is_nil(), other.is_nil()) {
        (false, false) => ValueViewCmp::new(*one).partial_cmp(&ValueViewCmp::new(*other)).unwrap_or(Ordering::Equal),
        (one, other) => one.cmp(&other),
    }
}

#[derive(Debug, Clone, ParseFilter, FilterReflection)]
#[filter(
    name = "sort_natural",
    description = "Sorts a list, ignoring upper and lower case.",
    parameters(SortArguments),
    parsed(SortNatural)
)]
struct ParseSortNatural;

#[derive(Debug, FromFilterParameters, Display_filter)]
#[name = "sort_natural"]
struct SortNatural {
    #[parameters]
    arguments: SortArguments,
}

impl Filter for SortNatural {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let arguments = self.arguments.evaluate(runtime)?;
        let items = keyed(input, arguments.property.as_deref())?;
        let mut items: Vec<_> =
            items.into_iter().map(|(key, item)| (key.is_nil(), key.to_kstr().to_lowercase(), item)).collect();
        items.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        Ok(Value::array(items.into_iter().map(|(_, _, item)| item.to_value())))
    }
}

/// An item with what it is sorted by.
type Keyed<'a> = (&'a dyn ValueView, &'a dyn ValueView);

/// Returns the items of a list, or a value alone, each with itself or the value of a key of it. Nil has no items.
fn keyed<'a>(input: &'a dyn ValueView, property: Option<&str>) -> Result<Vec<Keyed<'a>>> {
    let items: Vec<&dyn ValueView> = match input.as_array() {
        Some(list) => list.values().collect(),
        None if input.is_nil() => Vec::new(),
        None => vec![input],
    };
    let Some(property) = property else { return Ok(items.into_iter().map(|item| (item, item)).collect()) };
    let key = |item: &'a dyn ValueView| {
        let key = item.as_object().map(|object| object.get(property).unwrap_or(&NIL));
        key.map(|key| (key, item)).ok_or_else(|| invalid("Array of objects expected"))
    };
    items.into_iter().map(key).collect()
}

static NIL: Value = Value::Nil;

#[derive(Debug, Clone, ParseFilter, FilterReflection)]
#[filter(name = "uniq", description = "Removes items that already occurred in the list.", parsed(Uniq))]
struct ParseUniq;

#[derive(Debug, Default, Display_filter)]
#[name = "uniq"]
struct Uniq;

impl Filter for Uniq {
    fn evaluate(&self, input: &dyn ValueView, _runtime: &dyn Runtime) -> Result<Value> {
        let list = input.as_array().ok_or_else(|| invalid("Array expected"))?;
        let mut kept: Vec<&dyn ValueView> = Vec::new();
        for item in list.values() {
            if !kept.iter().any(|before| ValueViewCmp::new(*before) == ValueViewCmp::new(item)) {
                kept.push(item);
            }
        }
        Ok(Value::array(kept.into_iter().map(ValueView::to_value)))
    }
}

/// The error of the engine for an input of the wrong type.
fn invalid(cause: &'static str) -> Error {
    Error::with_msg("Invalid input").context("cause", cause)
}
