//! Writes the model as Rust source, laid out as rustfmt does.
//!
//! Always true here: nothing is decided, and nothing can fail; every public item has a doc comment.

use std::collections::BTreeSet;

use crate::GeneratedFile;
use crate::defaults::{Defaults, FieldDefault};
use crate::docs;
use crate::expression::Expression;
use crate::model::{Alternative, Field, Item, ItemId, Model, Module, Shape, Type, Variant};
use crate::options::Options;

/// The widest line that rustfmt leaves alone.
const MAX_WIDTH: usize = 100;

/// Writes `mod.rs` and one file for each module. `source` is the path of the schema, for the comments.
pub(crate) fn emit(model: &Model<'_>, defaults: &Defaults, options: &Options, source: &str) -> Vec<GeneratedFile> {
    let mut files = vec![GeneratedFile { path: "mod.rs".to_owned(), contents: module_list(model, source) }];
    for module in &model.modules {
        let mut writer = Writer { model, defaults, serde: options.serde, text: String::new() };
        writer.module(module);
        files.push(GeneratedFile { path: format!("{}.rs", module.name), contents: writer.text });
    }
    files
}

fn module_list(model: &Model<'_>, source: &str) -> String {
    let mut modules: Vec<&str> = model.modules.iter().map(|module| &module.name[..]).collect();
    modules.sort_unstable();
    let mut exports: Vec<String> = Vec::new();
    for module in &model.modules {
        exports
            .extend(module.items.iter().map(|item| format!("pub use {}::{};\n", module.name, model.items[*item].name)));
    }
    exports.sort_unstable();
    let mut text =
        docs::lines(&[format!("Types of `{source}`."), "Generated: change the schema, not these files.".to_owned()])
            .iter()
            .map(|line| format!("//! {line}").trim_end().to_owned() + "\n")
            .collect::<String>();
    text.push('\n');
    text.extend(modules.iter().map(|module| format!("mod {module};\n")));
    text.push('\n');
    text.push_str(&exports.concat());
    text
}

struct Writer<'m, 'a> {
    model: &'m Model<'a>,
    defaults: &'m Defaults,
    serde: bool,
    text: String,
}

impl Writer<'_, '_> {
    fn module(&mut self, module: &Module) {
        let model = self.model;
        let first = &model.items[module.items[0]];
        self.line(
            0,
            &format!("//! `{}` and what belongs to it. Generated: change the schema, not this file.", first.name),
        );
        self.imports(module);
        for item in &module.items {
            self.line(0, "");
            self.item(*item);
        }
    }

    fn imports(&mut self, module: &Module) {
        let model = self.model;
        let mut used: Vec<&Type> = Vec::new();
        for item in &module.items {
            match &model.items[*item].shape {
                Shape::Struct { fields, .. } => used.extend(fields.iter().map(|field| &field.rust_type)),
                Shape::OneOf(alternatives) => used.extend(alternatives.iter().map(|it| &it.rust_type)),
                Shape::Alias(target) => used.push(target),
                Shape::Unknown | Shape::Names { .. } => {}
            }
        }
        let mut names: BTreeSet<String> = BTreeSet::new();
        for item in used.iter().filter_map(|it| it.item()) {
            names.insert(model.items[item].name.clone());
        }
        // A default may be written out with types that no field of this module names.
        let expressions: Vec<&Expression> = module.items.iter().flat_map(|item| self.expressions(*item)).collect();
        for expression in &expressions {
            collect_types(expression, &mut names);
        }
        names.retain(|name| model.names.get(name).is_some_and(|item| !module.items.contains(item)));
        let needs_maps = used.iter().any(|it| it.has_map())
            || expressions.iter().any(|expression| expression.rust(0).contains("BTreeMap::"));
        if needs_maps {
            self.line(0, "\nuse std::collections::BTreeMap;");
        }
        if !names.is_empty() {
            self.line(0, "");
        }
        for name in names {
            self.line(0, &format!("use super::{name};"));
        }
    }

    /// The defaults of an item's fields.
    fn expressions(&self, item: ItemId) -> impl Iterator<Item = &Expression> {
        self.defaults.fields.range((item, 0)..=(item, usize::MAX)).map(|(_, default)| &default.expression)
    }

    fn item(&mut self, index: ItemId) {
        let model = self.model;
        let item = &model.items[index];
        match &item.shape {
            Shape::Struct { fields, closed } => self.structure(index, item, fields, *closed),
            Shape::Names { variants, default } => self.names(item, variants, *default),
            Shape::OneOf(alternatives) => self.alternatives(item, alternatives),
            Shape::Alias(target) => {
                self.docs(0, &item.docs, || format!("An alias, `{}`.", item.name));
                self.line(0, &format!("pub type {} = {};", item.name, target.rust(&model.items)));
            }
            Shape::Unknown => {}
        }
    }

    fn structure(&mut self, index: ItemId, item: &Item<'_>, fields: &[Field<'_>], closed: bool) {
        let defaults: Vec<Option<&FieldDefault>> =
            (0..fields.len()).map(|field| self.defaults.fields.get(&(index, field))).collect();
        let derives_default = self.defaults.items[index] && defaults.iter().flatten().all(|default| default.natural);
        self.docs(0, &item.docs, || format!("An object, `{}`.", item.name));
        let default = if derives_default { &["Default"][..] } else { &[] };
        self.derive(&[&["Debug", "Clone", "PartialEq"][..], default].concat());
        if closed {
            self.serde_line(0, "#[serde(deny_unknown_fields)]");
        }
        if fields.is_empty() {
            self.line(0, &format!("pub struct {} {{}}", item.name));
            return;
        }
        self.line(0, &format!("pub struct {} {{", item.name));
        for (field, default) in fields.iter().zip(&defaults) {
            self.field(item, field, *default);
        }
        self.line(0, "}");
        let own: Vec<_> = fields
            .iter()
            .zip(&defaults)
            .filter(|(field, default)| self.has_default_function(field, **default))
            .collect();
        if self.defaults.items[index] && !derives_default {
            let values = fields.iter().zip(&defaults).filter_map(|(field, default)| {
                let value = if self.has_default_function(field, *default) {
                    Expression::atom(format!("Self::{}()", default_function(field)))
                } else {
                    default.as_ref()?.expression.clone()
                };
                Some((field.name.clone(), value))
            });
            let value = Expression::Struct { name: "Self".to_owned(), fields: values.collect() };
            self.line(0, "");
            self.line(0, &format!("impl Default for {} {{", item.name));
            self.line(4, "fn default() -> Self {");
            self.line(8, &value.rust(8));
            self.line(4, "}");
            self.line(0, "}");
        }
        if !own.is_empty() {
            self.line(0, "");
            self.line(0, &format!("impl {} {{", item.name));
            for (position, (field, default)) in own.iter().enumerate() {
                if position > 0 {
                    self.line(0, "");
                }
                let result = field.rust_type.rust(&self.model.items);
                self.line(4, &format!("fn {}() -> {result} {{", default_function(field)));
                self.line(8, &default.map(|default| default.expression.rust(8)).unwrap_or_default());
                self.line(4, "}");
            }
            self.line(0, "}");
        }
    }

    /// Serde needs a function for a default that is not the type's own.
    fn has_default_function(&self, field: &Field<'_>, default: Option<&FieldDefault>) -> bool {
        self.serde && !field.required && default.is_some_and(|default| !default.natural)
    }

    fn field(&mut self, item: &Item<'_>, field: &Field<'_>, default: Option<&FieldDefault>) {
        self.docs(4, &field.docs, || format!("The property `{}`.", field.key));
        let plain = field.name.strip_prefix("r#").unwrap_or(&field.name);
        if plain != field.key {
            self.serde_line(4, &format!("#[serde(rename = {:?})]", field.key));
        }
        let optional = matches!(field.rust_type, Type::Optional(_));
        if self.has_default_function(field, default) {
            self.serde_line(4, &format!("#[serde(default = \"{}::{}\")]", item.name, default_function(field)));
        } else if !field.required && default.is_some() {
            self.serde_line(4, "#[serde(default)]");
        }
        if optional && field.required {
            // Serde takes an absent `Option` for null; a required property must be there.
            self.serde_line(4, "#[serde(deserialize_with = \"serde::Deserialize::deserialize\")]");
        } else if optional && default.is_some_and(|default| default.natural) {
            self.serde_line(4, "#[serde(skip_serializing_if = \"Option::is_none\")]");
        }
        self.line(4, &format!("pub {}: {},", field.name, field.rust_type.rust(&self.model.items)));
    }

    fn names(&mut self, item: &Item<'_>, variants: &[Variant], default: Option<usize>) {
        self.docs(0, &item.docs, || format!("One of several strings, `{}`.", item.name));
        let traits = ["Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default"];
        self.derive(&traits[..traits.len() - usize::from(default.is_none())]);
        self.line(0, &format!("pub enum {} {{", item.name));
        for (index, variant) in variants.iter().enumerate() {
            self.docs(4, &variant.docs, || format!("`{}`.", variant.text));
            if default == Some(index) {
                self.line(4, "#[default]");
            }
            if variant.name != variant.text {
                self.serde_line(4, &format!("#[serde(rename = {:?})]", variant.text));
            }
            self.line(4, &format!("{},", variant.name));
        }
        self.line(0, "}");
        self.line(0, "");
        self.line(0, &format!("impl {} {{", item.name));
        self.line(4, "/// Returns the string as it stands in JSON.");
        self.line(4, "pub const fn name(self) -> &'static str {");
        self.line(8, "match self {");
        for variant in variants {
            self.line(12, &format!("Self::{} => {:?},", variant.name, variant.text));
        }
        self.line(8, "}");
        self.line(4, "}");
        self.line(0, "");
        self.line(4, "/// Finds the value that a string of JSON means.");
        self.line(4, "pub fn from_name(name: &str) -> Option<Self> {");
        self.line(8, "match name {");
        for variant in variants {
            self.line(12, &format!("{:?} => Some(Self::{}),", variant.text, variant.name));
        }
        self.line(12, "_ => None,");
        self.line(8, "}");
        self.line(4, "}");
        self.line(0, "}");
    }

    fn alternatives(&mut self, item: &Item<'_>, alternatives: &[Alternative]) {
        self.docs(0, &item.docs, || format!("One of several types, `{}`; the first that fits counts.", item.name));
        self.derive(&["Debug", "Clone", "PartialEq"]);
        self.serde_line(0, "#[serde(untagged)]");
        self.line(0, &format!("pub enum {} {{", item.name));
        for alternative in alternatives {
            self.docs(4, &alternative.docs, || format!("The alternative `{}`.", alternative.name));
            self.line(4, &format!("{}({}),", alternative.name, alternative.rust_type.rust(&self.model.items)));
        }
        self.line(0, "}");
    }

    fn docs(&mut self, indent: usize, paragraphs: &[String], otherwise: impl FnOnce() -> String) {
        let mut lines = docs::lines(paragraphs);
        if lines.iter().all(String::is_empty) {
            lines = docs::lines(&[otherwise()]);
        }
        for line in lines {
            self.line(indent, format!("/// {line}").trim_end());
        }
    }

    /// Writes a `derive`: on one line, on three, or one trait on each line.
    fn derive(&mut self, traits: &[&str]) {
        let mut traits = traits.to_vec();
        if self.serde {
            traits.extend(["serde::Serialize", "serde::Deserialize"]);
        }
        let joined = traits.join(", ");
        if joined.len() + "#[derive()]".len() <= MAX_WIDTH {
            self.line(0, &format!("#[derive({joined})]"));
            return;
        }
        self.line(0, "#[derive(");
        if joined.len() + "    ,".len() <= MAX_WIDTH {
            self.line(4, &format!("{joined},"));
        } else {
            for name in traits {
                self.line(4, &format!("{name},"));
            }
        }
        self.line(0, ")]");
    }

    fn serde_line(&mut self, indent: usize, line: &str) {
        if self.serde {
            self.line(indent, line);
        }
    }

    fn line(&mut self, indent: usize, line: &str) {
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn default_function(field: &Field<'_>) -> String {
    format!("default_{}", field.name.strip_prefix("r#").unwrap_or(&field.name))
}

/// Collects the names of types that an expression mentions.
fn collect_types(expression: &Expression, names: &mut BTreeSet<String>) {
    match expression {
        Expression::Atom(text) | Expression::Call(text, _) => {
            names.extend(text.split_once("::").map(|(name, _)| name.to_owned()));
        }
        Expression::Struct { name, .. } => drop(names.insert(name.clone())),
        Expression::List(..) | Expression::Pair(..) => {}
    }
    match expression {
        Expression::Call(_, inner) => collect_types(inner, names),
        Expression::Struct { fields, .. } => fields.iter().for_each(|(_, value)| collect_types(value, names)),
        Expression::List(_, elements, _) => elements.iter().for_each(|element| collect_types(element, names)),
        Expression::Pair(left, right) => {
            collect_types(left, names);
            collect_types(right, names);
        }
        Expression::Atom(_) => {}
    }
}
