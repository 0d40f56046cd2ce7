//! What became of variables, for people.
//!
//! Always true here: what a stranger wrote stands on one line, and is cut where it is long.

use std::fmt::Write as _;

use serde_json::Value;

use super::fold::table;
use crate::diagnostic::Span;
use crate::explain::{
    Bond, Dependent, ExplainedVariable, Explanation, Outcome, Part, Reader, Rendering, Source, State, Unrendered,
};
use crate::pack::PackName;
use crate::show::{LONGEST, count, gist, value as shown_value};
use crate::text::printable_line;

/// Rows of a list that are shown.
const SHOWN: usize = 40;
/// The longest value that is shown whole, in characters.
const WHOLE: usize = 400;

/// The page about one variable, or about all.
pub fn page(explanation: &Explanation, is_one: bool) -> String {
    match &explanation.variables[..] {
        [variable] if is_one => one(explanation, variable),
        _ => all(explanation),
    }
}

/// A line for each variable, below its pack.
fn all(explanation: &Explanation) -> String {
    let mut out = String::new();
    for pack in &explanation.packs {
        let own = explanation.variables.iter().filter(|variable| variable.pack == pack.name);
        let rows: Vec<Vec<String>> = own
            .map(|variable| {
                let from = variable.sources.iter().filter(|source| source.outcome != Outcome::PassedOver);
                let from: Vec<String> = from.map(|source| place_of(&source.what, source.place.as_ref())).collect();
                let from = match variable.state {
                    // A list may be made of several.
                    State::Set => from.join(", and "),
                    _ => variable.why.as_deref().map(printable_line).unwrap_or_default(),
                };
                vec![format!("  {}", variable.name), head_value(variable), from]
            })
            .collect();
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{} {}", pack.name, pack.version);
        out += &if rows.is_empty() { "  it has no variables\n".to_owned() } else { table(&rows) };
    }
    out
}

fn one(explanation: &Explanation, variable: &ExplainedVariable) -> String {
    let name = format!("{}.{}", variable.pack, variable.name);
    let mut out = match variable.state {
        State::Set => format!("{name} is {}\n", whole(variable)),
        State::Hidden => format!("{name} is {}: {}\n", whole(variable), variable.why.as_deref().unwrap_or_default()),
        State::Invalid | State::Missing | State::Unknown => {
            let why = variable.why.as_deref().map(printable_line).unwrap_or_default();
            let mut told = format!("{name} has no value: {why}\n");
            if let Some(span) = variable.place.as_ref().filter(|_| variable.state == State::Invalid) {
                let _ = writeln!(told, "  --> {}", place(span));
            }
            for line in variable.help.iter().flat_map(|help| help.lines()) {
                let _ = writeln!(told, "  = help: {}", printable_line(line));
            }
            told
        }
    };
    section(&mut out, "who gives it a value", variable.sources.iter().map(source));
    let definitions = variable.definitions.iter().map(|definition| {
        let of = format!("{}.{}", definition.pack, definition.name);
        vec![of, printable_line(&definition.expects), place(&definition.place)]
    });
    section(&mut out, "what holds for it", definitions);
    section(&mut out, "what it is worked out from", variable.reads.iter().map(read));
    section(&mut out, "what is worked out from it", variable.dependents.iter().map(|bond| dependent(bond, &name)));
    let several = explanation.packs.len() > 1;
    let is_known =
        |pack: &PackName| !explanation.unrendered.iter().any(|one| one.what == Rendering::Files && one.pack == *pack);
    // The message is no file.
    let has_message = variable.outputs.iter().any(|reader| reader.parts.contains(&Part::Message));
    let heading = if has_message { "what reads it" } else { "which files read it" };
    section(
        &mut out,
        heading,
        variable.outputs.iter().map(|reader| self::reader(reader, &name, (several, is_known(&reader.pack)))),
    );
    let matters = |pack: &PackName| {
        variable.pack == *pack
            || variable.dependents.iter().any(|dependent| dependent.in_force && dependent.pack == *pack)
    };
    for Unrendered { pack, what, why } in explanation.unrendered.iter().filter(|one| matters(&one.pack)) {
        let why = printable_line(why);
        let _ = match what {
            Rendering::Files => writeln!(
                out,
                "\nnote: the files of {pack} could not be rendered, so only what its manifest says is known of them: {why}"
            ),
            Rendering::Message => writeln!(
                out,
                "\nnote: the message of {pack} could not be rendered, so it is not known what it reads: {why}"
            ),
        };
    }
    out
}

/// Adds a heading with rows below it; nothing where there are none.
fn section(out: &mut String, heading: &str, rows: impl ExactSizeIterator<Item = Vec<String>>) {
    let more = rows.len().saturating_sub(SHOWN);
    let rows: Vec<Vec<String>> = rows
        .take(SHOWN)
        .map(|mut row| {
            row[0] = format!("  {}", row[0]);
            row
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "\n{heading}\n{}", table(&rows));
    if more > 0 {
        let _ = writeln!(out, "  and {}; `--format json` has all", count(more, "more"));
    }
}

fn source(source: &Source) -> Vec<String> {
    let outcome = match source.outcome {
        Outcome::Taken => "taken",
        Outcome::Merged => "merged",
        Outcome::Refused => "refused",
        Outcome::PassedOver => "passed over",
    };
    let value = source.value.as_ref().map(short).unwrap_or_default();
    // What will not do is said above.
    let why = source.why.as_deref().filter(|_| source.outcome != Outcome::Refused).map(printable_line);
    vec![outcome.to_owned(), place_of(&source.what, source.place.as_ref()), value, why.unwrap_or_default()]
}

fn bond(bond: Bond) -> &'static str {
    match bond {
        Bond::Compute => "compute",
        Bond::When => "when",
        Bond::From => "from",
        Bond::Share => "[share]",
    }
}

fn read(dependent: &Dependent) -> Vec<String> {
    vec![format!("{}.{}", dependent.pack, dependent.name), bond(dependent.by).to_owned(), place(&dependent.place)]
}

fn dependent(dependent: &Dependent, of: &str) -> Vec<String> {
    let how = match (dependent.in_force, dependent.through == of) {
        (false, _) => "not now: it has another value".to_owned(),
        (true, true) => String::new(),
        (true, false) => format!("through {}", dependent.through),
    };
    let mut row = read(dependent);
    row.push(how);
    row
}

fn reader(reader: &Reader, of: &str, (several, is_known): (bool, bool)) -> Vec<String> {
    let part = |part: &Part| match part {
        Part::Condition => "its condition",
        Part::List => "its list",
        Part::Path => "its path",
        Part::Template => "its template",
        Part::Message => "what it says after generation",
        Part::Plugin => "its plugin, which is given all variables",
    };
    let parts: Vec<&str> = reader.parts.iter().map(part).collect();
    let mut how = parts.join(", ");
    if reader.variable != of {
        let _ = write!(how, ", through {}", reader.variable);
    }
    let output = match &reader.output {
        _ if reader.parts.contains(&Part::Message) => "(the message)".to_owned(),
        Some(output) => printable_line(output),
        None if is_known => "(no file now)".to_owned(),
        None => "(not known)".to_owned(),
    };
    let template = printable_line(&reader.template);
    let template = if several { format!("{}: {template}", reader.pack) } else { template };
    vec![output, template, how]
}

fn place(span: &Span) -> String {
    printable_line(&span.to_string())
}

fn place_of(what: &str, span: Option<&Span>) -> String {
    let what = printable_line(what);
    match span {
        // A file that was named is not named again.
        Some(span) if what == format!("`{}`", span.path) => place(span),
        Some(span) => format!("{what}, {}", place(span)),
        None => what,
    }
}

fn short(value: &Value) -> String {
    gist(value, LONGEST).unwrap_or_else(|| shown_value(value))
}

fn head_value(variable: &ExplainedVariable) -> String {
    match (&variable.value, variable.state) {
        (_, State::Set) if variable.secret => "a secret".to_owned(),
        (Some(value), _) => short(value),
        (None, _) => "-".to_owned(),
    }
}

/// The value, whole where it is not very long.
fn whole(variable: &ExplainedVariable) -> String {
    match (&variable.value, variable.secret) {
        (Some(value), false) => {
            let text = value.to_string();
            if text.chars().nth(WHOLE).is_some() { short(value) } else { printable_line(&text) }
        }
        (_, true) => "a secret".to_owned(),
        (None, false) => "null".to_owned(),
    }
}
