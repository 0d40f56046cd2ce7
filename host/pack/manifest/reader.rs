//! Reads typed values out of a TOML tree and collects everything that is wrong with it.
//!
//! Always true here: a mistake is reported at its place and reading goes on, so that a person sees all of them at once;
//! a table knows the keys that were asked for, so any other key is a mistake. Errors never stop the walk.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde_json::{Map, Number, Value};
use toml::Spanned as TomlSpanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Marks};
use crate::pack::spanned::Spanned;
use crate::show::quoted;
use crate::text::meant;

/// How many findings are kept.
const MAX_FINDINGS: usize = 100;

/// What is wrong with a document, so far.
pub(crate) struct Findings<'t> {
    path: &'t str,
    text: &'t str,
    marks: OnceCell<Marks>,
    list: RefCell<Vec<Diagnostic>>,
}

impl<'t> Findings<'t> {
    /// Starts with nothing wrong in a text that the user knows as `path`.
    pub(crate) fn new(path: &'t str, text: &'t str) -> Self {
        Self { path, text, marks: OnceCell::new(), list: RefCell::default() }
    }

    /// Adds what is wrong at a place.
    pub(crate) fn add(&self, rule: &str, place: &Range<usize>, message: impl Into<String>) {
        self.push(rule, place, message.into(), None);
    }

    /// Adds what is wrong at a place, and what to do about it.
    pub(crate) fn add_with_help(
        &self,
        rule: &str,
        place: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(rule, place, message.into(), Some(help.into()));
    }

    /// Returns what was found, in the order of the text.
    pub(crate) fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.list.into_inner();
        list.sort_by_key(|finding| finding.span.as_ref().map(|span| span.start));
        list
    }

    /// Whether nothing more is kept, so that what takes time to say need not be found out.
    pub(crate) fn is_full(&self) -> bool {
        self.list.borrow().len() >= MAX_FINDINGS
    }

    fn push(&self, rule: &str, place: &Range<usize>, message: String, help: Option<String>) {
        let mut list = self.list.borrow_mut();
        if list.len() < MAX_FINDINGS {
            let marks = self.marks.get_or_init(|| Marks::of(self.text));
            let mut finding = Diagnostic::error(rule, message).at(marks.span(self.path, self.text, place.clone()));
            finding.help = help;
            list.push(finding);
        }
    }
}

/// Names the rules of findings after another document than a manifest: `config/value` for `manifest/value`.
pub(crate) fn in_group(group: &str, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let renamed = findings.into_iter().map(|mut finding| {
        if let Some(name) = finding.rule.strip_prefix("manifest/") {
            finding.rule = format!("{group}/{name}");
        }
        finding
    });
    renamed.collect()
}

/// A table that is being read.
pub(crate) struct TableReader<'a, 't> {
    /// Where mistakes go.
    pub(crate) findings: &'a Findings<'t>,
    /// Where the table's header is.
    pub(crate) place: Range<usize>,
    title: Cow<'static, str>,
    table: &'a DeTable<'t>,
    known: Vec<&'static str>,
}

/// A value that is being read, with the name to use for it in messages.
pub(crate) struct ValueReader<'a, 't> {
    findings: &'a Findings<'t>,
    title: Title<'a>,
    value: &'a TomlSpanned<DeValue<'t>>,
}

/// How messages call a value; put into words only once there is something to say.
#[derive(Clone, Copy)]
enum Title<'a> {
    Key(&'a str),
    ElementOf(&'a str),
}

impl fmt::Display for Title<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => formatter.write_str(&quoted(key)),
            Self::ElementOf(key) => write!(formatter, "an element of {}", quoted(key)),
        }
    }
}

impl<'a, 't> TableReader<'a, 't> {
    /// Begins with the document itself.
    pub(crate) fn root(findings: &'a Findings<'t>, table: &'a DeTable<'t>) -> Self {
        Self { findings, place: 0..0, title: Cow::Borrowed(""), table, known: Vec::new() }
    }

    /// Begins with a document that is no manifest, to be called `title` in messages.
    pub(crate) fn document(findings: &'a Findings<'t>, table: &'a DeTable<'t>, title: &'static str) -> Self {
        Self { title: Cow::Borrowed(title), ..Self::root(findings, table) }
    }

    /// Returns the value of a key, if there is one.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<ValueReader<'a, 't>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let value = self.table.get(key)?;
        Some(ValueReader { findings: self.findings, title: Title::Key(key), value })
    }

    /// Returns the value of a key and reports it where it is missing.
    pub(crate) fn require(&mut self, key: &'static str, help: &str) -> Option<ValueReader<'a, 't>> {
        let value = self.get(key);
        if value.is_none() {
            let message = if self.title.is_empty() {
                format!("`{key}` is missing")
            } else {
                format!("`{key}` is missing in {}", self.title)
            };
            self.findings.add_with_help("manifest/missing-key", &self.place, message, help);
        }
        value
    }

    /// Reads an optional string.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        self.get(key)?.text()
    }

    /// Reads an optional string that must not be empty.
    pub(crate) fn filled_text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.findings.add("manifest/value", &text.range, format!("`{key}` must not be empty"));
            return None;
        }
        Some(text)
    }

    /// Reads an optional string that has to be a valid `T`.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, key: &'static str) -> Option<Spanned<T>> {
        self.get(key)?.parsed()
    }

    /// Reads an optional boolean.
    pub(crate) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.get(key)?.boolean()
    }

    /// Reads an optional integer that is not negative.
    pub(crate) fn count(&mut self, key: &'static str) -> Option<Spanned<u64>> {
        let integer = self.get(key)?.integer()?;
        let Ok(count) = u64::try_from(integer.value) else {
            self.findings.add("manifest/value", &integer.range, format!("`{key}` must not be negative"));
            return None;
        };
        Some(integer.with(count))
    }

    /// Reads an optional list of strings, each of which has to be a valid `T`.
    pub(crate) fn all_parsed<T: FromStr<Err: fmt::Display>>(&mut self, key: &'static str) -> Vec<Spanned<T>> {
        self.elements(key).into_iter().filter_map(ValueReader::parsed).collect()
    }

    /// Reads an optional list of strings.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<Spanned<String>> {
        self.elements(key).into_iter().filter_map(ValueReader::text).collect()
    }

    /// Returns the elements of an optional list.
    pub(crate) fn elements(&mut self, key: &'static str) -> Vec<ValueReader<'a, 't>> {
        self.get(key).map(ValueReader::elements).unwrap_or_default()
    }

    /// Returns an optional table.
    pub(crate) fn table(&mut self, key: &'static str) -> Option<Self> {
        self.get(key)?.table(format!("[{key}]"))
    }

    /// Whether a table has a key, whatever its value.
    pub(crate) fn holds(&self, table: &str, key: &str) -> bool {
        self.table.get(table).and_then(|table| table.get_ref().as_table()).is_some_and(|table| table.contains_key(key))
    }

    /// Returns the entries of an optional table with names of the author's choice, in the order of the text, with the
    /// place of each name. A name that is not a valid `N` is reported and left out.
    pub(crate) fn entries<N>(&mut self, key: &'static str, what: &str) -> Vec<(Spanned<N>, ValueReader<'a, 't>)>
    where
        N: FromStr<Err: fmt::Display>,
    {
        let Some(table) = self.table(key) else { return Vec::new() };
        Self::named(table.all(), what)
    }

    /// The same, where each name has a table: what stands beside these tables is reported with where it belongs, `header`.
    pub(crate) fn entries_in_tables<N>(
        &mut self,
        key: &'static str,
        what: &str,
        header: &str,
    ) -> Vec<(Spanned<N>, ValueReader<'a, 't>)>
    where
        N: FromStr<Err: fmt::Display>,
    {
        let Some(table) = self.table(key) else { return Vec::new() };
        let (tables, beside): (Vec<_>, Vec<_>) =
            table.all().into_iter().partition(|(_, value)| matches!(value.raw(), DeValue::Table(_)));
        for (name, value) in beside {
            let message = format!("{} stands in `[{key}]`, which has a table for each {what}", quoted(&name.value));
            let found = value.kind();
            let help = format!("write `{header}` above it, with the name of the {what}");
            self.findings.add_with_help("manifest/type", &name.range, format!("{message}, but it is {found}"), help);
        }
        Self::named(tables, what)
    }

    fn named<N: FromStr<Err: fmt::Display>>(
        entries: Vec<(Spanned<String>, ValueReader<'a, 't>)>,
        what: &str,
    ) -> Vec<(Spanned<N>, ValueReader<'a, 't>)> {
        let parsed = entries.into_iter().filter_map(|(name, value)| match name.value.parse() {
            Ok(parsed) => Some((name.with(parsed), value)),
            Err(error) => {
                let message = format!("{} is not the name of a {what}: it {error}", quoted(&name.value));
                let lower = name.value.trim().to_lowercase();
                let meant = [lower.replace(['-', ' '], "_"), lower.replace(['_', ' '], "-")];
                let is_right = |name: &&String| name.parse::<N>().is_ok();
                // A name with a `/` in it that was written as a table in a table.
                let below = value.raw().as_table().and_then(|table| table.keys().next());
                let joined = below.map(|key| format!("{}/{}", name.value, key.get_ref()));
                let help = match (meant.iter().find(is_right), joined.as_ref().filter(is_right)) {
                    (Some(meant), _) => Some(format!("write `{meant}`")),
                    (None, Some(joined)) => Some(format!("write it as one name, in quotes: `\"{joined}\"`")),
                    (None, None) => None,
                };
                value.findings.push("manifest/value", &name.range, message, help);
                None
            }
        });
        parsed.collect()
    }

    /// Returns all entries in the order of the text, with the place of each key.
    pub(crate) fn all(self) -> Vec<(Spanned<String>, ValueReader<'a, 't>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let read = entries.into_iter().map(|(key, value)| {
            let value = ValueReader { findings: self.findings, title: Title::Key(key.get_ref()), value };
            (Spanned { value: key.get_ref().to_string(), range: key.span() }, value)
        });
        read.collect()
    }

    /// Reports the keys that nobody asked for. `elsewhere` lists keys that are right in other tables of this sort, each
    /// with what it belongs to.
    pub(crate) fn finish(self, elsewhere: &[(&str, &str)]) {
        for key in self.table.keys().filter(|key| !self.known.contains(&key.get_ref().as_ref())) {
            // A hostile table has any number of them, and looking for near names takes time.
            if self.findings.is_full() {
                return;
            }
            let name = key.get_ref().as_ref();
            let place = if self.title.is_empty() { "the manifest" } else { &*self.title };
            if let Some((_, owner)) = elsewhere.iter().find(|(other, _)| *other == name) {
                let message = format!("`{name}` does not apply in {place}");
                self.findings.add_with_help("manifest/unknown-key", &key.span(), message, format!("it is for {owner}"));
                continue;
            }
            let message = format!("unknown key {} in {place}", quoted(name));
            let help = match meant(name, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys are {}", self.known.join(", ")),
            };
            self.findings.add_with_help("manifest/unknown-key", &key.span(), message, help);
        }
    }
}

impl<'a, 't> ValueReader<'a, 't> {
    /// Where the value is.
    pub(crate) fn range(&self) -> Range<usize> {
        self.value.span()
    }

    /// Where mistakes go.
    pub(crate) fn findings(&self) -> &'a Findings<'t> {
        self.findings
    }

    /// Returns the value itself, for those that may have several types.
    pub(crate) fn raw(&self) -> &'a DeValue<'t> {
        self.value.get_ref()
    }

    /// Reads a string.
    pub(crate) fn text(self) -> Option<Spanned<String>> {
        match self.raw() {
            DeValue::String(text) => Some(Spanned { value: text.clone().into_owned(), range: self.range() }),
            _ => self.wrong_type("a string"),
        }
    }

    /// Reads a string that has to be a valid `T`.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(self) -> Option<Spanned<T>> {
        self.parsed_or(|_| None)
    }

    /// Reads a string that has to be a valid `T`; `mend` says what was meant by one that is none, if it is one then.
    pub(crate) fn parsed_or<T: FromStr<Err: fmt::Display>>(
        self,
        mend: impl FnOnce(&str) -> Option<String>,
    ) -> Option<Spanned<T>> {
        let (findings, title) = (self.findings, self.title);
        let text = self.text()?;
        match text.value.parse() {
            Ok(value) => Some(text.with(value)),
            Err(error) => {
                let message = format!("{title} is {}: {error}", quoted(&text.value));
                let meant = mend(&text.value).filter(|meant| meant.parse::<T>().is_ok());
                findings.push("manifest/value", &text.range, message, meant.map(|meant| format!("write `{meant}`")));
                None
            }
        }
    }

    /// Reads a boolean.
    pub(crate) fn boolean(self) -> Option<bool> {
        match self.raw() {
            DeValue::Boolean(value) => Some(*value),
            _ => self.wrong_type("a boolean (true or false, without quotes)"),
        }
    }

    /// Reads an integer.
    pub(crate) fn integer(self) -> Option<Spanned<i64>> {
        let DeValue::Integer(integer) = self.raw() else { return self.wrong_type("an integer") };
        let value = to_i64(integer);
        if value.is_none() {
            self.findings.add("manifest/value", &self.range(), format!("{} does not fit in 64 bits", self.title));
        }
        Some(Spanned { value: value?, range: self.range() })
    }

    /// Returns the elements of a list.
    pub(crate) fn elements(self) -> Vec<Self> {
        let DeValue::Array(array) = self.raw() else {
            return self.wrong_type("a list").unwrap_or_default();
        };
        let (Title::Key(key) | Title::ElementOf(key)) = self.title;
        array.iter().map(|value| Self { findings: self.findings, title: Title::ElementOf(key), value }).collect()
    }

    /// Returns a table, to be called `title` in messages.
    pub(crate) fn table(self, title: impl Into<Cow<'static, str>>) -> Option<TableReader<'a, 't>> {
        let title = title.into();
        let DeValue::Table(table) = self.raw() else {
            let header = title.starts_with('[') && !title.starts_with("[[");
            let help = header.then(|| format!("write the header `{title}`, and its keys in the lines below"));
            return self.wrong_type_with("a table", help);
        };
        Some(TableReader { findings: self.findings, place: self.range(), title, table, known: Vec::new() })
    }

    /// Converts any value to JSON; dates and times become strings.
    pub(crate) fn json(self) -> Option<Spanned<Value>> {
        let value = to_json(self.value, self.findings)?;
        Some(Spanned { value, range: self.range() })
    }

    /// Reports that the value has another type.
    pub(crate) fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        self.wrong_type_with(expected, self.meant(expected))
    }

    fn wrong_type_with<T>(&self, expected: &str, help: Option<String>) -> Option<T> {
        let message = format!("{} must be {expected}, not {}", self.title, self.kind());
        self.findings.push("manifest/type", &self.range(), message, help);
        None
    }

    /// What the value is, in words.
    fn kind(&self) -> &'static str {
        match self.raw() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        }
    }

    /// What to write in place of a value of another type, where that is plain.
    fn meant(&self, expected: &str) -> Option<String> {
        let Title::Key(key) = self.title else { return None };
        let line = match self.raw() {
            DeValue::Table(_) if expected == "a list" => {
                return Some(format!("write the header with two brackets: `[[{key}]]`")).filter(|_| key == "templates");
            }
            DeValue::String(text) if expected == "a list" => {
                let items: Vec<String> =
                    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(in_quotes).collect();
                format!("{key} = [{}]", items.join(", "))
            }
            DeValue::String(text) if expected.starts_with("a boolean") => {
                format!("{key} = {}", text.parse::<bool>().ok()?)
            }
            DeValue::String(text) if expected == "an integer" => format!("{key} = {}", text.parse::<i64>().ok()?),
            DeValue::Integer(number) if expected == "a string" => format!("{key} = {}", in_quotes(number.as_str())),
            DeValue::Float(number) if expected == "a string" => format!("{key} = {}", in_quotes(number.as_str())),
            DeValue::Boolean(value) if expected == "a string" => format!("{key} = {}", in_quotes(&value.to_string())),
            _ => return None,
        };
        Some(format!("write {}", quoted(&line)))
    }
}

/// A text as TOML has it.
fn in_quotes(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Converts a tree; its depth is bounded by the parser.
fn to_json(value: &TomlSpanned<DeValue<'_>>, findings: &Findings<'_>) -> Option<Value> {
    let unfit = |message: &str| {
        findings.add("manifest/value", &value.span(), message);
        None
    };
    match value.get_ref() {
        DeValue::Integer(_) => match scalar_to_json(value.get_ref()) {
            None => unfit("the integer does not fit in 64 bits"),
            value => value,
        },
        DeValue::Float(_) => match scalar_to_json(value.get_ref()) {
            None => unfit("the number must be finite"),
            value => value,
        },
        DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => scalar_to_json(value.get_ref()),
        DeValue::Array(array) => array.iter().map(|element| to_json(element, findings)).collect(),
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(key.get_ref().to_string(), to_json(value, findings)?);
            }
            Some(Value::Object(map))
        }
    }
}

/// Converts what is neither a list nor a table; none where JSON can't say it.
pub(super) fn scalar_to_json(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Boolean(value) => Some(Value::from(*value)),
        DeValue::Datetime(value) => Some(Value::from(value.to_string())),
        DeValue::Integer(integer) => to_i64(integer).map(Value::from),
        DeValue::Float(float) => float.as_str().parse().ok().and_then(Number::from_f64).map(Value::Number),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn to_i64(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
