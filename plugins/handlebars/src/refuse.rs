//! Refuses helpers that are given too few values or too many, and what `each` and `with` can't take, once they are
//! reached. The crate ignores what is too much, and says of all that `each` and `with` can't take that it is missing.

use std::fmt;

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{
    Context, Decorator, Handlebars, Helper, JsonTruthy, RenderContext, RenderError, RenderErrorReason, Template,
};
use renderer::diagnose::{self, Problem};
use serde_json::Value;

use crate::helpers::kind;
use crate::{call, tree};

/// Why a helper is refused.
#[derive(Debug)]
pub enum Refused {
    /// It is given too little or too much, or something that it can't take. The name is what to point at.
    Problem(Problem, Option<String>),
    /// What it is given is missing where another value than the top level's is seen.
    Missing {
        /// What was looked up.
        path: String,
        /// What is seen there.
        seen: Value,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem, _) => formatter.write_str(&problem.message),
            Self::Missing { path, .. } => write!(formatter, "`{path}` is undefined"),
        }
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for RenderError {
    fn from(refused: Refused) -> Self {
        RenderErrorReason::NestedError(Box::new(refused)).into()
    }
}

const COUNT: &str = "packbox_count";
const KIND: &str = "packbox_kind";

/// Adds what the rewritten templates call.
pub fn add_to(engine: &mut Handlebars<'_>) {
    call::add_value(engine, COUNT, |helper| Err(miscounted(helper).into()));
    engine.register_decorator(KIND, Box::new(check_kind));
}

/// Replaces helpers that are given too few values or too many, and puts checks before `each` and `with`.
pub fn rewrite(template: &mut Template) {
    let mut at = 0;
    while let Some(element) = template.elements.get_mut(at) {
        match element {
            TemplateElement::Expression(inner)
            | TemplateElement::HtmlExpression(inner)
            | TemplateElement::HelperBlock(inner) => helper(inner, false),
            TemplateElement::PartialExpression(inner) | TemplateElement::PartialBlock(inner) => {
                inner.params.iter_mut().chain(inner.hash.values_mut()).for_each(parameter);
                let name = inner.name.as_name().map_or_else(|| "> (…)".to_owned(), |name| format!("> {name}"));
                if inner.params.len() > 1
                    && let Some(call) = count_call(&name, false, &inner.params)
                {
                    *element = TemplateElement::Expression(call);
                }
            }
            _ => {}
        }
        tree::inner(element).for_each(rewrite);
        if let Some(check) = kind_check(element) {
            template.elements.insert(at, check);
            // The crate gives what follows an `{{else}}` in its tag no place.
            if let Some(mapping) = template.mapping.get(at).cloned() {
                template.mapping.insert(at, mapping);
            }
            at += 1;
        }
        at += 1;
    }
}

fn parameter(value: &mut Parameter) {
    if let Parameter::Subexpression(inner) = value
        && let TemplateElement::Expression(inner) = inner.element.as_mut()
    {
        helper(inner, true);
    }
}

/// The least and the most values that a helper takes; none for one that takes any.
fn counts(name: &str) -> Option<(usize, usize)> {
    Some(match name {
        "and" | "or" => (1, usize::MAX),
        "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "lookup" => (2, 2),
        "log" | "raw" => return None,
        name if name.starts_with('>') => (0, 1),
        name if crate::helpers::HELPERS.contains(&name) => (1, 1),
        _ => return None,
    })
}

fn helper(helper: &mut HelperTemplate, within: bool) {
    helper.params.iter_mut().chain(helper.hash.values_mut()).for_each(parameter);
    let Some(name) = helper.name.as_name().map(str::to_owned) else { return };
    let Some((least, most)) = counts(&name) else { return };
    let block = matches!(name.as_str(), "if" | "unless" | "each" | "with");
    if (least..=most).contains(&helper.params.len()) && (helper.block || !block) {
        return;
    }
    if let Some(call) = count_call(&name, within, &helper.params) {
        helper.name = call.name;
        helper.params = call.params;
    }
}

/// The call that says what is wrong with how many values there are.
fn count_call(name: &str, within: bool, values: &[Parameter]) -> Option<Box<HelperTemplate>> {
    let call = tree::element(&format!("{{{{{COUNT} \"\"}}}}"))?;
    let (TemplateElement::Expression(mut call) | TemplateElement::HtmlExpression(mut call)) = call else { return None };
    let given = [name.to_owned(), if within { "(" } else { "" }.to_owned()].into_iter();
    call.params = given.chain(values.iter().map(shown)).map(|text| Parameter::Literal(Value::String(text))).collect();
    Some(call)
}

/// A value as it stands in a template.
fn shown(value: &Parameter) -> String {
    match value {
        Parameter::Literal(value) => value.to_string(),
        Parameter::Name(_) | Parameter::Path(_) => value.as_name().unwrap_or_default().to_owned(),
        Parameter::Subexpression(inner) => format!("({} …)", inner.name()),
        _ => String::new(),
    }
}

/// What is wrong with how many values a helper is given: its name, where it stands, and the values.
fn miscounted(call: &Helper<'_>) -> Refused {
    let mut texts = call.params().iter().map(|text| text.value().as_str().unwrap_or_default());
    let (name, within) = (texts.next().unwrap_or_default(), texts.next() == Some("("));
    let given: Vec<&str> = texts.collect();
    let (least, most) = counts(name).unwrap_or((1, 1));
    let block = matches!(name, "if" | "unless" | "each" | "with");
    let problem = |message, help: String| Problem::new(diagnose::TYPE, message).with_help(Some(help));
    let pointed = Some(name.to_owned());
    if block && (least..=most).contains(&given.len()) {
        let help = match name {
            "if" | "unless" if within => "choose with a block: `{{#if a}}b{{else}}c{{/if}}`".to_owned(),
            _ => format!("write `{{{{#{name} {}}}}}…{{{{/{name}}}}}`", given[0]),
        };
        return Refused::Problem(
            problem(format!("`{name}` is a block helper, but is used here without a block"), help),
            pointed,
        );
    }
    let takes = match (least, most) {
        (2, 2) => "two values",
        (_, 1) => "one value",
        _ => "one value or more",
    };
    let count = match given.len() {
        0 => "none".to_owned(),
        count if count < least => format!("only {count}"),
        count => count.to_string(),
    };
    let without = |inner: &str| counts(inner).is_some_and(|(least, most)| (least..=most).contains(&(given.len() - 1)));
    let example = match name {
        // What stands without the parentheses of a helper's call.
        _ if block && given.first().is_some_and(|inner| without(inner)) => {
            format!("`{{{{#{name} ({})}}}}`", given.join(" "))
        }
        "if" | "unless" if given.len() > 1 => {
            let given = given.join(" ");
            format!("`{{{{#{name} (and {given})}}}}` or `{{{{#{name} (or {given})}}}}`")
        }
        _ if block => format!("`{{{{#{name} value}}}}`"),
        "lookup" => "`{{lookup list 0}}`".to_owned(),
        name if name.starts_with('>') => format!("`{{{{{name} value key=other}}}}`"),
        _ if (least, most) == (1, 1) => format!("`{{{{{name} value}}}}`"),
        _ => format!("`{{{{#if ({name} a b)}}}}`"),
    };
    Refused::Problem(
        problem(format!("`{name}` takes {takes}, but is given {count}"), format!("write {example}")),
        pointed,
    )
}

/// The check that belongs before an `each` or a `with`; none where it has an `{{else}}` for what it can't take.
fn kind_check(element: &TemplateElement) -> Option<TemplateElement> {
    let TemplateElement::HelperBlock(block) = element else { return None };
    let name = block.name.as_name().filter(|name| matches!(*name, "each" | "with"))?;
    let value = block.params.first().filter(|_| block.inverse.is_none())?;
    let mut check = tree::element(&format!("{{{{*{KIND} \"{name}\" 0}}}}"))?;
    if let TemplateElement::DecoratorExpression(check) = &mut check {
        *check.params.last_mut()? = value.clone();
    }
    Some(check)
}

fn check_kind<'rc>(
    check: &Decorator<'rc>,
    _: &Handlebars<'_>,
    context: &'rc Context,
    state: &mut RenderContext<'_, 'rc>,
) -> Result<(), RenderError> {
    let (Some(name), Some(given)) = (check.param(0), check.param(1)) else { return Ok(()) };
    let is_each = name.value() == "each";
    let (path, value) = (given.relative_path(), given.value());
    if given.is_value_missing() {
        let seen = state.evaluate(context, "this")?;
        return match path {
            Some(path) if !std::ptr::eq(seen.as_json(), context.data()) => {
                Err(Refused::Missing { path: path.clone(), seen: seen.as_json().clone() }.into())
            }
            _ => Err(RenderError::strict_error(path)),
        };
    }
    if if is_each { value.is_array() || value.is_object() } else { value.is_truthy(false) } {
        return Ok(());
    }
    let shown = path.map_or_else(|| "what it is given".to_owned(), |path| format!("`{path}`"));
    let (message, help) = if is_each {
        let help = match (value, path) {
            (Value::Null, Some(path)) => format!("put `{{{{#if {path}}}}}` around it, or add an `{{{{else}}}}`"),
            (_, Some(path)) => format!("write `{{{{{path}}}}}` without `each`, or make it a list"),
            _ => "give it a list or a table".to_owned(),
        };
        (format!("{shown} is {}: `each` takes a list or a table", kind(value)), help)
    } else {
        let empty = match value {
            Value::Bool(_) => "false".to_owned(),
            Value::Number(_) => "zero".to_owned(),
            Value::Null => "none".to_owned(),
            Value::String(_) => "an empty text".to_owned(),
            other => kind(other).replacen("a ", "an empty ", 1),
        };
        (format!("{shown} is {empty}: `with` has nothing to show"), "add an `{{else}}` for that".to_owned())
    };
    let problem = Problem::new(diagnose::TYPE, message).with_help(Some(help));
    Err(Refused::Problem(problem, path.cloned()).into())
}
