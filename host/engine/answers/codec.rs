//! What a call gave, as bytes and back.
//!
//! Always true here: reading never panics and never allocates more than there are bytes; bytes that say something else than what was
//! written are no answer.

use crate::abi::{
    GuestAnswer, GuestAnswered, GuestDescription, GuestDiagnostic, GuestForm, GuestLiteral, GuestMerged, GuestOutcome,
    GuestOutput, GuestPart, GuestPolicy, GuestPosition, GuestReads, GuestRendered, GuestRow, GuestSeverity, GuestSpan,
    GuestStatement, GuestTable, GuestTerm, GuestValue, Metered,
};

/// Takes an answer apart.
#[derive(Debug, Default)]
pub struct Writer {
    /// The bytes so far.
    pub bytes: Vec<u8>,
    /// Bytes that the answer counts for where it is copied out of a guest.
    pub weight: u64,
}

impl Writer {
    /// Writes a number.
    pub fn number(&mut self, number: u64) {
        self.bytes.extend(number.to_le_bytes());
    }

    /// Writes bytes with their length.
    pub fn block(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend(bytes);
    }
}

/// Puts an answer together.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything was read.
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are left.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads so many bytes.
    pub fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// Reads a number.
    pub fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }

    /// Reads bytes that stand with their length.
    pub fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.bytes(length)
    }
}

/// What can be written and read again.
pub trait Kept: Sized {
    /// Writes it.
    fn put(&self, writer: &mut Writer);

    /// Reads it; none where it is not what was written.
    fn take(reader: &mut Reader<'_>) -> Option<Self>;
}

/// An answer of a call.
pub trait Answer: Kept {
    /// Whether it is one that may be taken again: what owners want differently is told anew each time.
    fn stands(&self) -> bool {
        true
    }

    /// The names that the call looked up, there or not.
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Kept for u64 {
    fn put(&self, writer: &mut Writer) {
        writer.number(*self);
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        reader.number()
    }
}

impl Kept for u32 {
    fn put(&self, writer: &mut Writer) {
        writer.number(u64::from(*self));
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        reader.number()?.try_into().ok()
    }
}

impl Kept for bool {
    fn put(&self, writer: &mut Writer) {
        writer.bytes.push(u8::from(*self));
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.bytes(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl Kept for String {
    fn put(&self, writer: &mut Writer) {
        writer.weight += self.len() as u64;
        writer.block(self.as_bytes());
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        String::from_utf8(reader.block()?.to_vec()).ok()
    }
}

impl Kept for Metered<String> {
    fn put(&self, writer: &mut Writer) {
        self.0.put(writer);
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        String::take(reader).map(Self)
    }
}

impl Kept for Metered<Vec<u8>> {
    fn put(&self, writer: &mut Writer) {
        writer.weight += self.0.len() as u64;
        writer.block(&self.0);
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        reader.block().map(|bytes| Self(bytes.to_vec()))
    }
}

/// Lists of what is no byte.
macro_rules! lists {
    ($($element:ty),+) => { $(
        impl Kept for Metered<Vec<$element>> {
            fn put(&self, writer: &mut Writer) {
                put_list(&self.0, writer);
            }

            fn take(reader: &mut Reader<'_>) -> Option<Self> {
                take_list(reader).map(Self)
            }
        }
    )+ };
}
lists!(
    Metered<String>,
    u32,
    GuestOutput,
    GuestDiagnostic,
    GuestSpan,
    GuestPart,
    Option<GuestTerm>,
    GuestRow,
    GuestStatement
);

fn put_list<T: Kept>(list: &[T], writer: &mut Writer) {
    writer.weight += size_of_val(list) as u64;
    writer.number(list.len() as u64);
    for element in list {
        element.put(writer);
    }
}

fn take_list<T: Kept>(reader: &mut Reader<'_>) -> Option<Vec<T>> {
    let length = usize::try_from(reader.number()?).ok()?;
    // Every element has a byte at least.
    let mut list = Vec::with_capacity(length.min(reader.left()));
    for _ in 0..length {
        list.push(T::take(reader)?);
    }
    Some(list)
}

impl Kept for Vec<String> {
    fn put(&self, writer: &mut Writer) {
        put_list(self, writer);
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        take_list(reader)
    }
}

impl Kept for Vec<GuestPolicy> {
    fn put(&self, writer: &mut Writer) {
        put_list(self, writer);
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        take_list(reader)
    }
}

impl<T: Kept> Kept for Option<T> {
    fn put(&self, writer: &mut Writer) {
        self.is_some().put(writer);
        if let Some(value) = self {
            value.put(writer);
        }
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        Some(if bool::take(reader)? { Some(T::take(reader)?) } else { None })
    }
}

/// Records, field by field.
macro_rules! records {
    ($($record:ident { $($field:ident),+ })+) => { $(
        impl Kept for $record {
            fn put(&self, writer: &mut Writer) {
                let Self { $($field),+ } = self;
                $($field.put(writer);)+
            }

            fn take(reader: &mut Reader<'_>) -> Option<Self> {
                Some(Self { $($field: Kept::take(reader)?),+ })
            }
        }
    )+ };
}
records! {
    GuestPosition { line, column }
    GuestSpan { path, start, end }
    GuestDiagnostic { rule, severity, message, help, span, related }
    GuestReads { variables, partials, absent }
    GuestOutput { path, contents, executable }
    GuestRendered { outputs, reads, notes }
    GuestValue { json, reads }
    GuestPart { start, end, owners }
    GuestMerged { contents, parts, notes }
    GuestPolicy { name, summary, help, options }
    GuestLiteral { value, datatype, language }
    GuestTable { variables, rows }
    GuestStatement { subject, predicate, object }
    GuestAnswered { answer, remarks, steps }
    GuestDescription { form, variables, mentions, ordered, graphs, any_graph, remarks }
}

impl Kept for GuestSeverity {
    fn put(&self, writer: &mut Writer) {
        writer.bytes.push(match self {
            Self::Error => 0,
            Self::Warning => 1,
            Self::Note => 2,
        });
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.bytes(1)? {
            [0] => Some(Self::Error),
            [1] => Some(Self::Warning),
            [2] => Some(Self::Note),
            _ => None,
        }
    }
}

/// Variants, each with a number and what is in it.
macro_rules! variants {
    ($($variant:ident { $($number:literal $case:ident),+ })+) => { $(
        impl Kept for $variant {
            fn put(&self, writer: &mut Writer) {
                match self {
                    $(Self::$case(value) => {
                        writer.bytes.push($number);
                        value.put(writer);
                    })+
                }
            }

            fn take(reader: &mut Reader<'_>) -> Option<Self> {
                match reader.bytes(1)? {
                    $([$number] => Kept::take(reader).map(Self::$case),)+
                    _ => None,
                }
            }
        }
    )+ };
}
variants! {
    GuestTerm { 0 Iri, 1 Blank, 2 Literal }
    GuestAnswer { 0 Boolean, 1 Table, 2 Graph }
}

impl Kept for GuestForm {
    fn put(&self, writer: &mut Writer) {
        writer.bytes.push(match self {
            Self::Select => 0,
            Self::Ask => 1,
            Self::Construct => 2,
            Self::Describe => 3,
        });
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        match reader.bytes(1)? {
            [0] => Some(Self::Select),
            [1] => Some(Self::Ask),
            [2] => Some(Self::Construct),
            [3] => Some(Self::Describe),
            _ => None,
        }
    }
}

impl Kept for GuestOutcome {
    fn put(&self, writer: &mut Writer) {
        // Conflicts are not kept.
        if let Self::Merged(merged) = self {
            merged.put(writer);
        }
    }

    fn take(reader: &mut Reader<'_>) -> Option<Self> {
        GuestMerged::take(reader).map(Self::Merged)
    }
}

fn looked_up(reads: &GuestReads) -> Vec<&str> {
    reads.variables.0.iter().chain(&reads.absent.0).map(|name| name.0.as_str()).collect()
}

impl Answer for GuestRendered {
    fn names(&self) -> Vec<&str> {
        looked_up(&self.reads)
    }
}

impl Answer for GuestValue {
    fn names(&self) -> Vec<&str> {
        looked_up(&self.reads)
    }
}

impl Answer for Vec<String> {}
impl Answer for Vec<GuestPolicy> {}
impl Answer for GuestDescription {}
impl Answer for GuestAnswered {}

impl Answer for GuestOutcome {
    fn stands(&self) -> bool {
        matches!(self, Self::Merged(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Metered<String> {
        Metered(text.to_owned())
    }

    fn rendered() -> GuestRendered {
        let span = GuestSpan { path: text("a"), start: GuestPosition { line: 1, column: 2 }, end: None };
        let note = GuestDiagnostic {
            rule: text("r"),
            severity: GuestSeverity::Note,
            message: text("said"),
            help: Some(text("do")),
            span: Some(span.clone()),
            related: Metered(vec![span]),
        };
        let output = GuestOutput { path: Some(text("p")), contents: Metered(vec![0, 255]), executable: true };
        GuestRendered {
            outputs: Metered(vec![output]),
            reads: GuestReads {
                variables: Metered(vec![text("name")]),
                partials: Metered(Vec::new()),
                absent: Metered(vec![text("gone")]),
            },
            notes: Metered(vec![note]),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_anything_less_is_not() {
        let rendered = rendered();
        let mut writer = Writer::default();
        rendered.put(&mut writer);
        let mut reader = Reader::new(&writer.bytes);
        assert_eq!(GuestRendered::take(&mut reader).as_ref(), Some(&rendered));
        assert!(reader.is_at_end());
        for length in 0..writer.bytes.len() {
            assert_eq!(GuestRendered::take(&mut Reader::new(&writer.bytes[..length])), None, "{length}");
        }
        assert_eq!(rendered.names(), ["name", "gone"]);
    }

    #[test]
    fn answers_of_queries_are_read_again() {
        let literal = GuestLiteral { value: text("v"), datatype: text("urn:d"), language: Some(text("de")) };
        let row = vec![None, Some(GuestTerm::Iri(text("urn:a"))), Some(GuestTerm::Literal(literal.clone()))];
        let table =
            GuestTable { variables: Metered(vec![text("a"), text("b"), text("c")]), rows: Metered(vec![Metered(row)]) };
        let statement = GuestStatement {
            subject: GuestTerm::Blank(text("b0")),
            predicate: text("urn:p"),
            object: GuestTerm::Literal(GuestLiteral { language: None, ..literal }),
        };
        for answer in
            [GuestAnswer::Boolean(true), GuestAnswer::Table(table), GuestAnswer::Graph(Metered(vec![statement]))]
        {
            let answered = GuestAnswered { answer, remarks: Metered(Vec::new()), steps: Some(Metered(b"{}".to_vec())) };
            let mut writer = Writer::default();
            answered.put(&mut writer);
            let mut reader = Reader::new(&writer.bytes);
            assert_eq!(GuestAnswered::take(&mut reader).as_ref(), Some(&answered));
            assert!(reader.is_at_end());
            for length in 0..writer.bytes.len() {
                assert_eq!(GuestAnswered::take(&mut Reader::new(&writer.bytes[..length])), None, "{length}");
            }
        }
    }

    #[test]
    fn a_length_beyond_the_bytes_takes_no_memory() {
        let mut bytes = u64::MAX.to_le_bytes().to_vec();
        bytes.extend([0; 40]);
        assert_eq!(GuestRendered::take(&mut Reader::new(&bytes)), None);
        assert_eq!(Vec::<String>::take(&mut Reader::new(&bytes)), None);
    }
}
