//! How questions look on a terminal. Their words are the variable's (`pack/variable.rs`) and its type's (`values/check.rs`).

use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text};
use serde_json::Value;

use crate::compose::variables::{Answer, Prompter, Question};
use crate::error::{Error, ErrorKind, Result};
use crate::text::{printable, printable_line};
use crate::values::VariableKind;

/// Asks on the terminal.
#[derive(Debug, Clone, Copy)]
pub struct TerminalPrompter;

impl Prompter for TerminalPrompter {
    fn ask(&self, question: &Question<'_>) -> Result<Answer> {
        let variable = question.variable;
        let title = printable_line(variable.question());
        let mut help = variable.help.as_deref().map(printable).unwrap_or_default();
        if let Some(problem) = question.problem {
            help = if help.is_empty() { problem.to_string() } else { format!("{problem}. {help}") };
        }
        if help.is_empty() {
            help = variable.expectation();
        }
        let answer = match &variable.kind {
            VariableKind::Boolean => {
                let suggestion = question.suggestion.and_then(Value::as_bool);
                let mut prompt = Confirm::new(&title).with_help_message(&help);
                prompt.default = suggestion;
                prompt.prompt().map(|answer| Answer::Value(Value::from(answer)))
            }
            VariableKind::Choice { choices } => {
                let labels =
                    choices.iter().map(|choice| printable_line(choice.label.as_deref().unwrap_or(&choice.value)));
                let cursor = question
                    .suggestion
                    .and_then(Value::as_str)
                    .and_then(|value| choices.iter().position(|choice| choice.value == value));
                Select::new(&title, labels.collect())
                    .with_help_message(&help)
                    .with_starting_cursor(cursor.unwrap_or(0))
                    .raw_prompt()
                    .map(|answer| Answer::Value(Value::from(choices[answer.index].value.as_str())))
            }
            _ if question.is_secret => Password::new(&title)
                .with_help_message(&help)
                .with_display_mode(PasswordDisplayMode::Masked)
                .without_confirmation()
                .prompt()
                .map(Answer::Text),
            _ => {
                let suggestion = question.suggestion.map(as_text);
                let mut prompt = Text::new(&title).with_help_message(&help);
                if let Some(suggestion) = &suggestion {
                    prompt = prompt.with_default(suggestion);
                }
                let example = variable.example.as_ref().map(as_text);
                if let Some(example) = &example {
                    prompt = prompt.with_placeholder(example);
                }
                prompt.prompt().map(|text| match &suggestion {
                    Some(suggestion) if *suggestion == text => Answer::Suggestion,
                    _ => Answer::Text(text),
                })
            }
        };
        answer.map_err(|error| match error {
            InquireError::OperationCanceled | InquireError::OperationInterrupted => {
                Error::new(ErrorKind::Interrupted, "interrupted; nothing was written")
            }
            error => Error::new(ErrorKind::Io, "cannot ask on this terminal")
                .caused_by(error)
                .hint("give values with `--var`, or run with `--no-input`"),
        })
    }
}

/// A value as it would be typed.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => printable_line(text),
        other => printable_line(&other.to_string()),
    }
}
