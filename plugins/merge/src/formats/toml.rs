//! Reads TOML.

use std::collections::BTreeSet;
use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Key, Table, TableLike, Value as Written};

use crate::failures::Fault;
use crate::model::{DEEPEST, Doc, Entry, Id, Kind, Shape, Value, Values};

/// Reads a text.
pub fn parse(text: &str, values: &mut Values) -> Result<Doc, Fault> {
    let parsed = Document::parse(text).map_err(|error| {
        let message = error.message().trim_end_matches('.').replace('\n', ", ");
        let range = error.span().unwrap_or(0..0);
        let range = range.start.min(text.len())..range.end.min(text.len());
        if message.starts_with("duplicate key") {
            return Fault::duplicate(text.get(range.clone()).unwrap_or(""), range);
        }
        let nested = message.contains("recurs");
        let rule = if nested { crate::failures::NESTING } else { crate::failures::SYNTAX };
        let message = if nested { "there are too many levels".to_owned() } else { message };
        Fault { rule, message, help: None, range }
    })?;
    let doc = Doc::default();
    let mut reader = Reader { text, doc, values };
    let root = reader.table(parsed.as_table(), Shape::Block, 0..0, 0)?;
    let Reader { mut doc, .. } = reader;
    doc.root = root;
    doc.comments = comments(text, &doc);
    Ok(doc)
}

struct Reader<'a> {
    text: &'a str,
    doc: Doc,
    values: &'a mut Values,
}

impl Reader<'_> {
    fn table(&mut self, table: &Table, shape: Shape, span: Range<usize>, depth: usize) -> Result<usize, Fault> {
        let keys = table.iter().filter_map(|(name, _)| table.get_key_value(name));
        let entries = self.entries(keys, &span, depth)?;
        Ok(self.finish(entries, span, shape))
    }

    fn inline(&mut self, table: &InlineTable, span: Range<usize>, depth: usize) -> Result<usize, Fault> {
        let shape = if table.is_dotted() { Shape::Dotted } else { Shape::Flow };
        let table: &dyn TableLike = table;
        let keys = table.iter().filter_map(|(name, _)| table.get_key_value(name));
        let entries = self.entries(keys, &span, depth)?;
        Ok(self.finish(entries, span, shape))
    }

    fn entries<'k>(
        &mut self,
        keys: impl Iterator<Item = (&'k Key, &'k Item)>,
        span: &Range<usize>,
        depth: usize,
    ) -> Result<Vec<Entry>, Fault> {
        if depth > DEEPEST {
            return Err(Fault::nesting(span.clone()));
        }
        let mut entries = Vec::new();
        for (key, item) in keys {
            let key_span = key.span().unwrap_or(span.clone());
            let node = self.item(item, &key_span, depth + 1)?;
            entries.push(Entry { key: self.values.key(key.get()), key_span, node });
        }
        Ok(entries)
    }

    fn finish(&mut self, entries: Vec<Entry>, span: Range<usize>, shape: Shape) -> usize {
        let id = self.values.table(entries.iter().map(|entry| (entry.key, self.doc.id(entry.node))).collect());
        self.doc.push(Kind::Table(entries), span, id, shape)
    }

    fn list(&mut self, items: Vec<usize>, span: Range<usize>, shape: Shape) -> usize {
        let ids: Vec<Id> = items.iter().map(|item| self.doc.id(*item)).collect();
        let id = self.values.id(Value::List(ids));
        self.doc.push(Kind::List(items), span, id, shape)
    }

    fn item(&mut self, item: &Item, key: &Range<usize>, depth: usize) -> Result<usize, Fault> {
        match item {
            Item::None => Err(Fault::syntax("a key has no value", key.clone())),
            Item::Value(value) => self.value(value, key, depth),
            Item::Table(table) if table.is_dotted() => self.table(table, Shape::Dotted, key.clone(), depth),
            Item::Table(table) if table.is_implicit() => self.table(table, Shape::Implicit, key.clone(), depth),
            Item::Table(table) => self.table(table, Shape::Header, table.span().unwrap_or(key.clone()), depth),
            Item::ArrayOfTables(tables) => {
                let mut items = Vec::new();
                for table in tables {
                    let span = table.span().unwrap_or(key.clone());
                    items.push(self.table(table, Shape::Header, span, depth + 1)?);
                }
                Ok(self.list(items, key.clone(), Shape::Headers))
            }
        }
    }

    fn value(&mut self, value: &Written, key: &Range<usize>, depth: usize) -> Result<usize, Fault> {
        let span = value.span().unwrap_or(key.clone());
        if depth > DEEPEST {
            return Err(Fault::nesting(span));
        }
        let scalar = match value {
            Written::String(text) => {
                let written = self.text.get(span.clone()).unwrap_or("");
                // A line end within a text is the same however it is written.
                let text =
                    if written.contains('\r') { text.value().replace("\r\n", "\n") } else { text.value().clone() };
                format!("s:{text}")
            }
            Written::Integer(integer) => format!("i:{}", integer.value()),
            Written::Float(float) if float.value().is_nan() => "f:nan".to_owned(),
            Written::Float(float) => format!("f:{:?}", float.value()),
            Written::Boolean(boolean) => format!("b:{}", boolean.value()),
            Written::Datetime(datetime) => format!("d:{}", datetime.value()),
            Written::Array(array) => {
                let mut items = Vec::new();
                for value in array {
                    items.push(self.value(value, &span, depth + 1)?);
                }
                return Ok(self.list(items, span, Shape::Flow));
            }
            Written::InlineTable(table) => return self.inline(table, span, depth),
        };
        let id = self.values.id(Value::Scalar(scalar));
        Ok(self.doc.push(Kind::Scalar, span, id, Shape::Scalar))
    }
}

/// Where comments are: whatever begins with `#` outside of keys and values.
fn comments(text: &str, doc: &Doc) -> Vec<Range<usize>> {
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    for node in &doc.nodes {
        if node.shape == Shape::Scalar || node.shape == Shape::Header {
            taken.insert((node.span.start, node.span.end));
        }
        if let Kind::Table(entries) = &node.kind {
            taken.extend(entries.iter().map(|entry| (entry.key_span.start, entry.key_span.end)));
        }
    }
    let mut comments = Vec::new();
    let mut at = 0;
    let gap = |from: usize, until: usize, comments: &mut Vec<Range<usize>>| {
        let mut from = from;
        while let Some(start) = text.get(from..until).and_then(|gap| gap.find('#')).map(|start| from + start) {
            let end = crate::text::line_end(text, start);
            comments.push(start..end);
            from = end.min(until);
        }
    };
    for (start, end) in taken {
        if start > at {
            gap(at, start, &mut comments);
        }
        at = at.max(end);
    }
    gap(at, text.len(), &mut comments);
    comments
}
