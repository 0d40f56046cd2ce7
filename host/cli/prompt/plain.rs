//! Questions on a terminal that can only print lines: `TERM=dumb`.
//!
//! Always true here: nothing is sent to the terminal but lines of text; the terminal itself edits what is typed; a secret is
//! not shown.

use std::io::{self, Write as _};

use super::editor::{Editor, Kind};
use super::input::{self, Raw, broken, left};
use super::keys::Key;
use super::words;
use crate::compose::variables::{Answer, Question};
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::text::printable_line;

/// What goes back a question, on a line of its own.
const BACK: &str = "<";

/// Asks one question.
pub fn ask(question: &Question<'_>, interrupt: &Interrupt) -> Result<Answer> {
    let choices = words::choices(&question.variable.kind);
    let mut said = vec![words::title(question)];
    let expectation = words::expectation(question);
    if !expectation.is_empty() {
        said.push(format!("  {expectation}"));
    }
    said.extend(
        words::help(question).iter().flat_map(|help| help.lines()).map(|line| format!("  {}", printable_line(line))),
    );
    said.extend(choices.iter().flatten().enumerate().map(|(number, (label, _))| format!("  {}) {label}", number + 1)));
    let suggestion = match question.draft.filter(|_| !question.is_secret) {
        Some(answer @ (Answer::Text(_) | Answer::Value(_))) => {
            question.read(answer).ok().map(|value| (words::shown(question.variable, &value, false), answer.clone()))
        }
        _ => None,
    };
    let suggestion = suggestion.or_else(|| Some((words::suggestion(question)?, Answer::Suggestion)));
    let mut keys: Vec<String> = suggestion.iter().map(|(shown, _)| format!("Enter takes {shown}")).collect();
    if question.can_go_back {
        keys.push(format!("`{BACK}` goes back"));
    }
    keys.push("Ctrl-C leaves".to_owned());
    said.push(format!("  ({})", keys.join(", ")));
    said.extend(words::problem(question).map(|problem| format!("! {problem}")));
    say(&said)?;
    loop {
        let line = if question.is_secret { hidden_line(interrupt)? } else { line(interrupt)? };
        let answer = match (line.as_str(), &choices, &suggestion) {
            (BACK, ..) if question.can_go_back => return Ok(Answer::Back(None)),
            ("", _, Some((_, answer))) => answer.clone(),
            (text, Some(choices), _) => chosen(text, choices.iter().map(|(label, _)| label.as_str()))
                .and_then(|position| choices.get(position))
                .map_or_else(|| Answer::Text(line.clone()), |(_, value)| Answer::Value(value.clone())),
            _ => Answer::Text(line.clone()),
        };
        match question.read(&answer) {
            Ok(_) => return Ok(answer),
            Err(problem) => say(&[format!("! {problem}")])?,
        }
    }
}

/// Lets one of several be picked, of which Enter takes the usual one; none where the person goes back. `refused` is what
/// happens next where somebody says no and that is none of them.
pub fn pick(
    (title, refused): (&str, &str),
    labels: &[String],
    usual: usize,
    interrupt: &Interrupt,
) -> Result<Option<usize>> {
    let mut said = vec![title.to_owned()];
    said.extend(labels.iter().enumerate().map(|(number, label)| format!("  {}) {label}", number + 1)));
    said.push(format!("  (Enter takes {}, `{BACK}` goes back, Ctrl-C leaves)", usual + 1));
    say(&said)?;
    loop {
        let line = line(interrupt)?;
        match line.as_str() {
            BACK => return Ok(None),
            "" => return Ok(Some(usual)),
            text => match (chosen(text, labels.iter().map(String::as_str)), yes_or_no(text)) {
                (Some(position), _) => return Ok(Some(position)),
                // The first one is what `yes` means, wherever something is picked.
                (None, Some(true)) => return Ok(Some(0)),
                (None, Some(false)) if refused.is_empty() => return Ok(Some(labels.len().saturating_sub(1))),
                (None, Some(false)) => say(&[format!("! {refused}")])?,
                (None, None) => say(&["! type one of the numbers".to_owned()])?,
            },
        }
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match &*text.trim().to_lowercase() {
        "y" | "yes" | "ok" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

/// The one that a number or a label stands for.
fn chosen<'a>(text: &str, mut labels: impl ExactSizeIterator<Item = &'a str>) -> Option<usize> {
    let number = text.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    number.filter(|number| *number < labels.len()).or_else(|| labels.position(|label| label == text.trim()))
}

fn say(lines: &[String]) -> Result<()> {
    let mut text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    text.push_str("> ");
    let mut stderr = io::stderr().lock();
    stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()).map_err(|error| broken(&error))
}

/// Waits for a line.
fn line(interrupt: &Interrupt) -> Result<String> {
    input::ready(interrupt)?;
    let mut line = String::new();
    match io::stdin().read_line(&mut line) {
        // The end of input: nobody answers any more.
        Ok(0) => {
            let _ = writeln!(io::stderr());
            Err(left())
        }
        Ok(_) => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
        Err(error) => Err(broken(&error)),
    }
}

/// Waits for a line that the terminal does not show.
fn hidden_line(interrupt: &Interrupt) -> Result<String> {
    let _raw = Raw::begin()?;
    let mut editor = Editor::new("", Kind::Hidden);
    loop {
        match input::next(interrupt)? {
            Key::Enter => break,
            Key::Leave => return Err(left()),
            Key::DeleteOrLeave if editor.text().is_empty() => return Err(left()),
            key => {
                editor.apply(&key);
            }
        }
    }
    let _ = io::stderr().write_all(b"\r\n");
    Ok(editor.text().to_owned())
}
