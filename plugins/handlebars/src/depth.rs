//! Counts how deep partials are nested, so that one that includes itself without an end is an error that names the
//! circle: the crate would go on until the stack is used up.
//!
//! Each partial is marked where it begins and ends; the marks write nothing.

use std::sync::{Arc, Mutex, PoisonError};

use handlebars::template::{Parameter, TemplateElement};
use handlebars::{Context, Decorator, Handlebars, RenderContext, RenderError, RenderErrorReason, Template};
use serde_json::Value;

use crate::tree;

/// How deep partials may be nested.
pub const DEEPEST: usize = 60;

/// How an error about a circle begins.
pub const CIRCLE: &str = "a partial includes itself: ";

/// The partials that are being rendered, outermost first.
#[derive(Clone, Default)]
pub struct Depth(Arc<Mutex<Vec<String>>>);

impl Depth {
    /// Adds what the marks call.
    pub fn add_to(&self, engine: &mut Handlebars<'_>) {
        let open = self.clone();
        engine.register_decorator(
            ENTER,
            Box::new(move |mark: &Decorator, _: &Handlebars, _: &Context, _: &mut RenderContext| {
                let name = mark.param(0).and_then(|name| name.value().as_str()).unwrap_or_default();
                open.enter(name).map_err(|message| RenderError::from(RenderErrorReason::Other(message)))
            }),
        );
        let open = self.clone();
        engine.register_decorator(
            LEAVE,
            Box::new(move |_: &Decorator, _: &Handlebars, _: &Context, _: &mut RenderContext| {
                open.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
                Ok(())
            }),
        );
    }

    /// Forgets what an error left open.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn enter(&self, name: &str) -> Result<(), String> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() < DEEPEST {
            open.push(name.to_owned());
            return Ok(());
        }
        let before = open.iter().rposition(|other| other == name);
        let circle = before.map(|before| open[before..].iter().map(String::as_str).chain([name]).collect::<Vec<_>>());
        Err(match circle {
            Some(circle) => format!("{CIRCLE}{}", circle.join(" → ")),
            None => format!("partials are nested more than {DEEPEST} deep"),
        })
    }
}

const ENTER: &str = "packbox_enter";
const LEAVE: &str = "packbox_leave";

/// Marks a partial, if it has a name, and the partials that are defined within.
pub fn mark(template: &mut Template, name: Option<&str>) {
    for element in &mut template.elements {
        // An inline partial has its name as a value.
        let name = match element {
            TemplateElement::DecoratorBlock(block) => match block.params.first() {
                Some(Parameter::Literal(Value::String(name))) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        };
        tree::inner(element).for_each(|inner| mark(inner, name.as_deref()));
    }
    let (Some(name), Ok(mut marks)) = (name, Template::compile(&format!("{{{{*{ENTER} \"\"}}}}{{{{*{LEAVE}}}}}")))
    else {
        return;
    };
    if marks.elements.len() != 2 || marks.mapping.len() != 2 {
        return;
    }
    if let Some(TemplateElement::DecoratorExpression(enter)) = marks.elements.first_mut() {
        enter.params = vec![Parameter::Literal(Value::String(name.to_owned()))];
    }
    template.elements.splice(0..0, marks.elements.drain(..1));
    template.mapping.splice(0..0, marks.mapping.drain(..1));
    template.elements.append(&mut marks.elements);
    template.mapping.append(&mut marks.mapping);
}
