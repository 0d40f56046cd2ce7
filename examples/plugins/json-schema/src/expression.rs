//! Rust expressions and how rustfmt would lay them out.

/// The widest struct literal that stays on one line, as in rustfmt's defaults.
const STRUCT_WIDTH: usize = 18;
/// The widest list that stays on one line.
const LIST_WIDTH: usize = 60;

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    Atom(String),
    /// A function and its argument.
    Call(String, Box<Expression>),
    Struct {
        name: String,
        fields: Vec<(String, Expression)>,
    },
    /// What stands before the bracket, the elements, what stands behind it.
    List(&'static str, Vec<Expression>, &'static str),
    Pair(Box<Expression>, Box<Expression>),
}

impl Expression {
    pub(crate) fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }

    /// Writes the expression; lines after the first are indented by `indent` spaces.
    pub(crate) fn rust(&self, indent: usize) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::Call(function, argument) => format!("{function}({})", argument.rust(indent)),
            Self::Pair(left, right) => format!("({}, {})", left.rust(indent), right.rust(indent)),
            Self::Struct { name, fields } => {
                let parts: Vec<_> =
                    fields.iter().map(|(field, value)| format!("{field}: {}", value.rust(indent + 4))).collect();
                if parts.is_empty() {
                    format!("{name} {{}}")
                } else {
                    let joined = parts.join(", ");
                    if joined.len() <= STRUCT_WIDTH && !joined.contains('\n') {
                        format!("{name} {{ {joined} }}")
                    } else {
                        format!("{name} {{{}}}", lines(&parts, indent))
                    }
                }
            }
            Self::List(before, elements, behind) => {
                let parts: Vec<_> = elements.iter().map(|element| element.rust(indent + 4)).collect();
                let joined = parts.join(", ");
                if joined.len() <= LIST_WIDTH && !joined.contains('\n') {
                    format!("{before}[{joined}]{behind}")
                } else {
                    format!("{before}[{}]{behind}", lines(&parts, indent))
                }
            }
        }
    }
}

fn lines(parts: &[String], indent: usize) -> String {
    let inner = " ".repeat(indent + 4);
    format!("\n{inner}{},\n{}", parts.join(&format!(",\n{inner}")), " ".repeat(indent))
}
