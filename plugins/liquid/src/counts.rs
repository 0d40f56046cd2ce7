//! The engine's filters that count characters, words or items. They take their numbers for those of the machine: in
//! WebAssembly, which has 32 bits, larger ones lose their upper half. Here such numbers count as very many.

use std::fmt;

use liquid_core::parser::{FilterArguments, FilterReflection, ParseFilter};
use liquid_core::{Expression, Filter, Result, Runtime, Value, ValueView};

/// More than there ever are in a text or a list.
const MANY: i64 = 1 << 30;

/// A filter whose numbers are cut.
#[derive(Debug, Clone)]
pub struct Counting<P>(pub P);

impl<P: ParseFilter + Clone + 'static> ParseFilter for Counting<P> {
    fn parse(&self, arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        let positional: Vec<Expression> = arguments.positional.collect();
        let again =
            FilterArguments { positional: Box::new(positional.clone().into_iter()), keyword: arguments.keyword };
        Ok(Box::new(Cut { filter: self.0.parse(again)?, parser: self.0.clone(), positional }))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self.0.reflection()
    }
}

struct Cut<P> {
    filter: Box<dyn Filter>,
    parser: P,
    positional: Vec<Expression>,
}

impl<P> fmt::Debug for Cut<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.filter, formatter)
    }
}

impl<P> fmt::Display for Cut<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.filter, formatter)
    }
}

impl<P: ParseFilter + Clone + 'static> Filter for Cut<P> {
    fn evaluate(&self, input: &dyn ValueView, runtime: &dyn Runtime) -> Result<Value> {
        let mut arguments = Vec::with_capacity(self.positional.len());
        let mut cut = false;
        for argument in &self.positional {
            let value = argument.evaluate(runtime)?;
            let number =
                value.as_scalar().filter(|_| value.type_name() != "string").and_then(|scalar| scalar.to_integer());
            let large = number.filter(|number| number.unsigned_abs() > MANY.unsigned_abs());
            cut |= large.is_some();
            let value = large.map_or_else(|| value.to_value(), |number| Value::scalar(number.clamp(-MANY, MANY)));
            arguments.push(Expression::Literal(value));
        }
        if !cut {
            return self.filter.evaluate(input, runtime);
        }
        let arguments =
            FilterArguments { positional: Box::new(arguments.into_iter()), keyword: Box::new(std::iter::empty()) };
        self.parser.parse(arguments)?.evaluate(input, runtime)
    }
}
