//! Reads schemas into the model: which definitions there are, and what their references mean.
//!
//! Always true here: a definition is read once, in the order root, `$defs`, other files by first reference; what cannot be
//! read is reported and becomes [`Shape::Unknown`], so that one run finds every mistake.

mod alternatives;
mod objects;
mod types;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use packbox_sdk::Severity;

use crate::diagnostic::{Report, Spot};
use crate::json::{Node, Value};
use crate::library::{Library, resolve_path};
use crate::model::{Item, ItemId, Model, Module, Shape, Type};
use crate::options::Options;
use crate::{keywords, names};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// How many definitions a message lists.
const MAX_LISTED: usize = 12;

/// A schema and the document that it stands in.
#[derive(Clone, Copy)]
struct At<'a> {
    document: usize,
    node: &'a Node,
}

impl<'a> At<'a> {
    fn spot(self) -> Spot {
        self.part(&self.node.range)
    }

    fn part(self, range: &Range<usize>) -> Spot {
        Spot { document: self.document, range: range.clone() }
    }

    /// The value of a keyword and its place, or none.
    fn get(self, keyword: &str) -> Option<At<'a>> {
        self.node.get(keyword).map(|node| At { document: self.document, node })
    }

    /// The place of a keyword, or of the whole schema where it is absent.
    fn keyword_spot(self, keyword: &str) -> Spot {
        self.node.member(keyword).map_or_else(|| self.spot(), |member| self.part(&member.key_range))
    }
}

/// A document, or one of its `$defs`.
type Key = (usize, Option<String>);

struct Builder<'a, 'r, 'l> {
    library: &'a Library,
    options: &'r Options,
    report: &'r mut Report<'l>,
    model: Model<'a>,
    definitions: BTreeMap<Key, ItemId>,
    queue: VecDeque<(ItemId, At<'a>)>,
    /// The module that is being read.
    module: usize,
    /// Names of all modules.
    modules: BTreeSet<String>,
}

/// Builds the model of the library's first document; none where there is nothing to build. Mistakes are reported.
pub(crate) fn build<'a>(library: &'a Library, options: &Options, report: &mut Report<'_>) -> Option<Model<'a>> {
    let model = Model { items: Vec::new(), modules: Vec::new(), names: BTreeMap::new() };
    let (definitions, queue) = (BTreeMap::new(), VecDeque::new());
    let mut builder =
        Builder { library, options, report, model, definitions, queue, module: 0, modules: BTreeSet::new() };
    for document in 0..library.documents.len() {
        builder.check_dialect(document);
    }
    let root = At { document: 0, node: &library.documents[0].root };
    if !matches!(root.node.value, Value::Object(_)) {
        builder.report.error(
            "json-schema/invalid",
            &root.spot(),
            format!("a schema must be an object, not {}", root.node.kind()),
            "",
        );
        return None;
    }
    if keywords::shapes_a_type(root.node) {
        builder.define((0, None));
    } else {
        keywords::check(root.node, 0, true, builder.report);
    }
    for member in library.documents[0].definitions() {
        builder.define((0, Some(member.key.clone())));
    }
    if builder.model.items.is_empty() && !builder.report.has_errors() {
        let help = "give the schema a `type` or `$defs`";
        builder.report.error("json-schema/invalid", &root.spot(), "the schema defines no type", help);
    }
    while let Some((item, at)) = builder.queue.pop_front() {
        builder.read_definition(item, at);
    }
    Some(builder.model)
}

impl<'a> Builder<'a, '_, '_> {
    fn check_dialect(&mut self, document: usize) {
        let root = At { document, node: &self.library.documents[document].root };
        if let Some(dialect) = root.get("$schema")
            && dialect.node.text().map(|text| text.trim_end_matches('#')) != Some(DIALECT)
        {
            let help = format!("write the schema in draft 2020-12: `{DIALECT}`");
            self.report.error(
                "json-schema/unsupported",
                &dialect.spot(),
                "this dialect of JSON Schema is not supported",
                help,
            );
        }
        if let Some(definitions) = root.get("$defs")
            && !matches!(definitions.node.value, Value::Object(_))
        {
            let message = format!("`$defs` must be an object, not {}", definitions.node.kind());
            self.report.error("json-schema/invalid", &definitions.spot(), message, "");
        }
    }

    /// Returns the item of a definition and queues it for reading at the first time. The caller knows that it exists.
    fn define(&mut self, key: Key) -> Option<ItemId> {
        if let Some(item) = self.definitions.get(&key) {
            return Some(*item);
        }
        let document = &self.library.documents[key.0];
        let (at, name_spot, wanted) = match &key.1 {
            None => {
                let at = At { document: key.0, node: &document.root };
                (at, at.keyword_spot("title"), self.root_name(at))
            }
            Some(name) => {
                let member = document.definition(name)?;
                let at = At { document: key.0, node: &member.node };
                (at, at.part(&member.key_range), name.clone())
            }
        };
        let name = self.type_name(&wanted, &name_spot)?;
        let module = self.model.modules.len();
        let module_name = names::module_name(&name);
        let item = self.add_item(name, module, name_spot.clone())?;
        if !self.modules.insert(module_name.clone()) {
            let message = format!("two definitions would be written to `{module_name}.rs`");
            self.report.error("json-schema/name", &name_spot, message, "rename one of them");
            return None;
        }
        self.model.modules.push(Module { name: module_name, items: vec![item] });
        self.definitions.insert(key, item);
        self.queue.push_back((item, at));
        Some(item)
    }

    fn root_name(&self, at: At<'_>) -> String {
        let path = &self.library.documents[at.document].path;
        let stem = path.rsplit('/').next().unwrap_or(path);
        let stem = stem.split('.').find(|part| !part.is_empty()).unwrap_or(stem);
        let option = self.options.root.as_ref().map(|name| name.as_str().to_owned()).filter(|_| at.document == 0);
        option.or_else(|| at.get("title")?.node.text().map(str::to_owned)).unwrap_or_else(|| stem.to_owned())
    }

    fn read_definition(&mut self, item: ItemId, at: At<'a>) {
        self.module = self.model.items[item].module;
        self.model.items[item].docs = keywords::documentation(at.node);
        let name = self.model.items[item].name.clone();
        let Some(read) = self.read_type(at, &name, Some(item)) else {
            return;
        };
        if read != Type::Item(item) || matches!(self.model.items[item].shape, Shape::Unknown) {
            self.model.items[item].shape = Shape::Alias(read);
        }
        let takes_default = matches!(self.model.items[item].shape, Shape::Names { .. });
        if at.get("default").is_some() && !takes_default {
            let message = "a `default` of a definition has no effect unless it is an enumeration of strings";
            let help = "put it beside the property that uses the definition";
            let spot = at.keyword_spot("default");
            self.report.note(Severity::Warning, "json-schema/ignored", &spot, message, help);
        }
    }

    /// Adds an item in a module. Errors are reported: a name that is taken.
    fn add_item(&mut self, name: String, module: usize, spot: Spot) -> Option<ItemId> {
        if let Some(other) = self.model.names.get(&name) {
            let other = self.model.items[*other].spot.clone();
            let help = "rename one of them; a nested type is named after its place";
            self.report.error("json-schema/name", &spot, format!("two types would be called `{name}`"), help);
            self.report.relate(&other);
            return None;
        }
        self.model.names.insert(name.clone(), self.model.items.len());
        self.model.items.push(Item { name, module, spot, docs: Vec::new(), shape: Shape::Unknown });
        Some(self.model.items.len() - 1)
    }

    /// Adds an item for a type that stands within another one, or takes the slot that a definition offers.
    fn nested_item(&mut self, at: At<'a>, name: &str, slot: Option<ItemId>) -> Option<ItemId> {
        if let Some(item) = slot {
            return Some(item);
        }
        let name = self.type_name(name, &at.spot())?;
        let item = self.add_item(name, self.module, at.spot())?;
        self.model.items[item].docs = keywords::documentation(at.node);
        let module = self.module;
        self.model.modules[module].items.push(item);
        Some(item)
    }

    fn type_name(&mut self, text: &str, spot: &Spot) -> Option<String> {
        let name = names::type_name(text);
        if name.is_none() {
            self.no_name(text, spot);
        }
        name
    }

    fn no_name(&mut self, text: &str, spot: &Spot) {
        let message = format!("no Rust name can be made of `{text}`");
        self.report.error("json-schema/name", spot, message, "use ASCII letters, digits, `-` and `_`");
    }

    fn resolve(&mut self, at: At<'a>) -> Option<Type> {
        let reference = at.get("$ref")?;
        let spot = reference.spot();
        let Some(text) = reference.node.text() else {
            let message = format!("`$ref` must be a string, not {}", reference.node.kind());
            self.report.error("json-schema/reference", &spot, message, "");
            return None;
        };
        if let Some(beside) = at.node.members().iter().find(|member| keywords::matters_beside_reference(&member.key)) {
            let message = format!("`{}` beside `$ref` is not supported", beside.key);
            let help = "make a definition of its own for this use";
            self.report.error("json-schema/unsupported", &at.part(&beside.key_range), message, help);
            return None;
        }
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let document = self.resolve_document(at.document, path, &spot)?;
        let name = match fragment.strip_prefix("/$defs/") {
            None if fragment.is_empty() || fragment == "/" => None,
            Some(name) if !name.contains('/') => Some(name.replace("~1", "/").replace("~0", "~")),
            _ => {
                let message = format!("`{text}` refers to something other than a definition");
                let help = "move what it refers to into `$defs` and refer to `#/$defs/Name`";
                self.report.error("json-schema/reference", &spot, message, help);
                return None;
            }
        };
        if let Some(name) = &name
            && self.library.documents[document].definition(name).is_none()
        {
            let definitions = self.library.documents[document].definitions().iter();
            let known: Vec<_> = definitions.map(|member| &member.key[..]).take(MAX_LISTED).collect();
            let help =
                if known.is_empty() { String::new() } else { format!("its definitions are {}", known.join(", ")) };
            let path = self.library.documents[document].path.clone();
            self.report.error("json-schema/reference", &spot, format!("`{path}` has no definition `{name}`"), help);
            return None;
        }
        self.define((document, name)).map(Type::Item)
    }

    fn resolve_document(&mut self, base: usize, path: &str, spot: &Spot) -> Option<usize> {
        if path.is_empty() {
            return Some(base);
        }
        let Some(resolved) = resolve_path(&self.library.documents[base].path, path) else {
            let help = "refer to a file of the pack by its path relative to this one";
            self.report.error("json-schema/reference", spot, format!("`{path}` is not a path within the pack"), help);
            return None;
        };
        let found = self.library.find(&resolved);
        if found.is_none() {
            let help = "the file must be in the pack and be handed to the renderer";
            self.report.error("json-schema/reference", spot, format!("there is no schema `{resolved}`"), help);
        }
        found
    }
}
