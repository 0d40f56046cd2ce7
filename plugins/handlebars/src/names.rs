//! What a template names: variables, partials, blocks. Rather too much than too little.
//!
//! A path counts as one of the top level unless it is surely about the item of an `each` or the value of a `with`. A
//! partial counts as rendered at the top level, wherever it is included.

use std::collections::BTreeSet;

use handlebars::template::{BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};
use handlebars::{Path, PathSeg, Template};

use crate::helpers::HELPERS;

/// What a template names.
#[derive(Debug, Default, Clone)]
pub struct Names {
    /// Names that may be looked up at the top level.
    pub variables: BTreeSet<String>,
    /// Whether it may read the top level as a whole: `this`, `@root` or `..` where that is the top level.
    pub whole: bool,
    /// Partials that it names literally and does not define itself.
    pub partials: BTreeSet<String>,
    /// Whether it computes the name of a partial.
    pub computed: bool,
    /// Partials that it gives two or more named arguments.
    pub argued: BTreeSet<String>,
    /// Partials that it defines: `{{#*inline "name"}}`.
    pub blocks: BTreeSet<String>,
}

impl Names {
    /// Reads a template.
    #[must_use]
    pub fn new(template: &Template) -> Self {
        let mut names = Self::default();
        names.template(template, 0, &mut Vec::new());
        names.partials.retain(|name| !names.blocks.contains(name));
        names
    }

    fn template(&mut self, template: &Template, depth: usize, defined: &mut Vec<String>) {
        for element in &template.elements {
            match element {
                TemplateElement::Expression(helper)
                | TemplateElement::HtmlExpression(helper)
                | TemplateElement::HelperBlock(helper) => self.helper(helper, depth, defined),
                TemplateElement::DecoratorExpression(decorator) | TemplateElement::DecoratorBlock(decorator) => {
                    self.decorator(decorator, depth, defined);
                }
                TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                    self.partial(partial, depth, defined);
                }
                _ => {}
            }
        }
    }

    fn helper(&mut self, helper: &HelperTemplate, depth: usize, defined: &mut Vec<String>) {
        let alone = !helper.block && helper.params.is_empty() && helper.hash.is_empty();
        let name = helper.name.as_name().unwrap_or_default();
        if alone && !HELPERS.contains(&name) {
            self.parameter(&helper.name, depth, defined);
        }
        self.arguments(&helper.params, helper.hash.values(), depth, defined);
        let before = defined.len();
        let inner = if helper.block && matches!(name, "each" | "with") {
            match &helper.block_param {
                Some(BlockParam::Single(name)) => defined.extend(name.as_name().map(str::to_owned)),
                Some(BlockParam::Pair((value, key))) => {
                    defined.extend([value, key].into_iter().filter_map(|name| name.as_name()).map(str::to_owned));
                }
                _ => {}
            }
            depth + 1
        } else {
            depth
        };
        if let Some(template) = &helper.template {
            self.template(template, inner, defined);
        }
        defined.truncate(before);
        if let Some(template) = &helper.inverse {
            self.template(template, depth, defined);
        }
    }

    fn decorator(&mut self, decorator: &DecoratorTemplate, depth: usize, defined: &mut Vec<String>) {
        self.arguments(&decorator.params, decorator.hash.values(), depth, defined);
        if let Some(Parameter::Literal(name)) = decorator.params.first() {
            self.blocks.extend(name.as_str().map(str::to_owned));
        }
        if let Some(template) = &decorator.template {
            self.template(template, 0, &mut Vec::new());
        }
    }

    fn partial(&mut self, partial: &DecoratorTemplate, depth: usize, defined: &mut Vec<String>) {
        match partial.name.as_name() {
            Some("@partial-block") => {}
            Some(name) => {
                self.partials.insert(name.to_owned());
                if partial.hash.len() > 1 {
                    self.argued.insert(name.to_owned());
                }
            }
            None => {
                self.computed = true;
                self.parameter(&partial.name, depth, defined);
            }
        }
        self.arguments(&partial.params, partial.hash.values(), depth, defined);
        if let Some(template) = &partial.template {
            self.template(template, 0, &mut Vec::new());
        }
    }

    fn arguments<'a>(
        &mut self,
        positional: &'a [Parameter],
        named: impl Iterator<Item = &'a Parameter>,
        depth: usize,
        defined: &mut Vec<String>,
    ) {
        for parameter in positional.iter().chain(named) {
            self.parameter(parameter, depth, defined);
        }
    }

    fn parameter(&mut self, parameter: &Parameter, depth: usize, defined: &mut Vec<String>) {
        match parameter {
            Parameter::Name(name) => {
                self.variables.insert(name.clone());
            }
            Parameter::Path(path) => self.path(path, depth, defined),
            Parameter::Subexpression(inner) => {
                // What stands first between parentheses is always a helper.
                if let TemplateElement::Expression(helper) = inner.as_element() {
                    self.arguments(&helper.params, helper.hash.values(), depth, defined);
                }
            }
            _ => {}
        }
    }

    fn path(&mut self, path: &Path, depth: usize, defined: &[String]) {
        let (segments, raw) = match path {
            Path::Relative((segments, raw)) => (segments, raw),
            // The engine does not know `@root` alone; a later version may.
            Path::Local((_, name, _)) => {
                self.whole |= name == "root";
                return;
            }
        };
        let ups = raw.matches("../").count() + usize::from(raw.ends_with("..") && !raw.ends_with("../"));
        let root = raw.starts_with("@root");
        let first = segments.iter().find_map(|segment| match segment {
            PathSeg::Named(name) => Some(name.as_str()),
            _ => None,
        });
        match first {
            _ if !root && ups < depth => {}
            Some(name) if !root && ups == 0 && defined.iter().any(|defined| defined == name) => {}
            Some(name) => {
                self.variables.insert(unbracketed(name).to_owned());
                self.variables.insert(name.to_owned());
            }
            None => self.whole = true,
        }
    }
}

/// A name may stand between brackets: `[a name]`.
fn unbracketed(name: &str) -> &str {
    name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name)
}
