//! One question while it is being answered: what stands in it, and what each key does to it.
//!
//! Always true here: a key changes the form and nothing else; what was rejected stays, to be changed.

use std::borrow::Cow;

use serde_json::Value;

use super::chooser::Chooser;
use super::editor::{Edited, Editor, Kind};
use super::frame::{Frame, Rank, Size, Style};
use super::keys::Key;
use super::words;
use crate::compose::variables::{Answer, Question};
use crate::values::{Problem, VariableKind};

/// The most rows that a text of several lines, or a list of choices, takes.
const ROWS: usize = 10;

/// What a form says beside what is filled in.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// What is asked.
    pub title: String,
    /// What is expected.
    pub expectation: String,
    /// More about it.
    pub help: Option<String>,
    /// What Enter takes where nothing is filled in.
    pub suggestion: Option<String>,
    /// What happens next where somebody says no.
    pub refused: Option<String>,
    /// Whether there is something to go back to.
    pub can_go_back: bool,
}

/// A question that is being answered.
#[derive(Debug)]
pub struct Form {
    texts: Texts,
    field: Field,
    /// What is wrong, or has to be known.
    note: Option<(Style, String)>,
    /// What `Tab` fills in.
    to_edit: Option<String>,
}

#[derive(Debug)]
enum Field {
    Text { editor: Editor, lines: bool, is_secret: bool },
    Choice { chooser: Chooser, values: Vec<Value>, rows: usize },
}

/// What becomes of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is still being filled in.
    Goes,
    /// The screen has another size.
    Resized,
    /// It is to be taken.
    Done,
    /// The person goes back.
    Back,
    /// The person leaves.
    Left,
}

impl Form {
    /// The form of a question about a variable, with what was answered before in it.
    pub fn of(question: &Question<'_>) -> Self {
        let variable = question.variable;
        let suggestion = words::suggestion(question);
        let note = words::problem(question).map(|problem| (Style::Wrong, problem));
        let texts = Texts {
            title: words::title(question),
            expectation: words::expectation(question),
            help: words::help(question),
            suggestion,
            refused: None,
            can_go_back: question.can_go_back,
        };
        if let Some(choices) = words::choices(&variable.kind) {
            let (labels, values): (Vec<String>, Vec<Value>) = choices.into_iter().unzip();
            let drafted = question.draft.and_then(|draft| match draft {
                Answer::Text(_) | Answer::Value(_) => question.read(draft).ok(),
                Answer::Suggestion | Answer::Back(_) => None,
            });
            let chosen = drafted.as_ref().or(question.suggestion.filter(|_| !question.is_secret));
            let chosen = chosen.and_then(|value| position_of(&values, value));
            let chooser = Chooser::new(labels, chosen).with_words(words::others(&variable.kind));
            let field = Field::Choice { chooser, values, rows: ROWS };
            return Self { texts, field, note, to_edit: None };
        }
        let lines = matches!(variable.kind, VariableKind::String { multiline: true, .. });
        let kind = match lines {
            _ if question.is_secret => Kind::Hidden,
            true => Kind::Lines,
            false => Kind::Line,
        };
        let typed = match question.draft {
            Some(Answer::Text(text)) => text.clone(),
            Some(Answer::Value(value)) => variable.kind.as_text(value),
            _ => String::new(),
        };
        let to_edit = question.suggestion.filter(|_| !question.is_secret).map(|value| variable.kind.as_text(value));
        let to_edit = to_edit.filter(|text| !text.is_empty());
        let field = Field::Text { editor: Editor::new(&typed, kind), lines, is_secret: question.is_secret };
        Self { texts, field, note, to_edit }
    }

    /// A form with a list, of which so many rows are shown.
    pub fn choice(texts: Texts, chooser: Chooser, rows: usize) -> Self {
        Self { texts, field: Field::Choice { chooser, values: Vec::new(), rows }, note: None, to_edit: None }
    }

    /// The position that is chosen in a list.
    pub fn position(&self) -> Option<usize> {
        match &self.field {
            Field::Choice { chooser, .. } => chooser.chosen(),
            Field::Text { .. } => None,
        }
    }

    /// What happens next, where what is typed says no.
    pub fn refused(&self) -> Option<&str> {
        match &self.field {
            Field::Choice { chooser, .. } if chooser.is_refused() => self.texts.refused.as_deref(),
            _ => None,
        }
    }

    /// What is filled in.
    pub fn answer(&self) -> Answer {
        match &self.field {
            Field::Text { editor, .. } if editor.text().is_empty() => Answer::Suggestion,
            Field::Text { editor, .. } => Answer::Text(editor.text().to_owned()),
            Field::Choice { chooser, values, .. } => {
                let value = chooser.chosen().and_then(|position| values.get(position));
                match (value, chooser.filter.text()) {
                    (Some(value), _) => Answer::Value(value.clone()),
                    (None, typed) if typed.trim().is_empty() => Answer::Suggestion,
                    (None, typed) => Answer::Text(typed.to_owned()),
                }
            }
        }
    }

    /// What is typed and would be lost.
    pub fn typed(&self) -> Option<String> {
        match &self.field {
            Field::Text { editor, .. } => Some(editor.text().to_owned()).filter(|text| !text.is_empty()),
            Field::Choice { .. } => None,
        }
    }

    /// What is wrong, in words that fit this form.
    pub fn problem_of(&self, problem: &Problem) -> String {
        match &self.field {
            Field::Choice { chooser, .. } if !chooser.filter.text().is_empty() => {
                format!("no choice contains `{}`", chooser.filter.text())
            }
            Field::Choice { .. } => "an answer is needed: choose one".to_owned(),
            Field::Text { .. } => problem.to_string(),
        }
    }

    /// Says what is wrong with what is filled in, which stays.
    pub fn reject(&mut self, problem: String) {
        self.note = Some((Style::Wrong, problem));
    }

    fn is_rejected(&self) -> bool {
        self.note.as_ref().is_some_and(|(style, _)| *style == Style::Wrong)
    }

    /// Where text is typed.
    fn editor(&self) -> &Editor {
        match &self.field {
            Field::Text { editor, .. } => editor,
            Field::Choice { chooser, .. } => &chooser.filter,
        }
    }

    fn takes_lines(&self) -> bool {
        matches!(self.field, Field::Text { lines: true, is_secret: false, .. })
    }

    /// Does what a key stands for.
    pub fn apply(&mut self, key: &Key) -> Outcome {
        let is_empty = self.editor().text().is_empty();
        match key {
            Key::Enter => return Outcome::Done,
            // What was typed before the question came has its line ends as line feeds.
            Key::Line if !self.takes_lines() => return Outcome::Done,
            Key::Leave => return Outcome::Left,
            Key::DeleteOrLeave if is_empty => return Outcome::Left,
            Key::Resized => return Outcome::Resized,
            Key::Back if self.texts.can_go_back => return Outcome::Back,
            Key::Back => self.note = Some((Style::Faint, "this is the first question".to_owned())),
            Key::Tab => {
                let may_fill = is_empty || self.is_rejected();
                if let (Some(text), true, Field::Text { editor, .. }) = (&self.to_edit, may_fill, &mut self.field) {
                    editor.clear();
                    editor.apply(&Key::Paste(text.clone()));
                    self.note = None;
                }
            }
            key => {
                let edited = match &mut self.field {
                    Field::Text { editor, .. } => editor.apply(key),
                    Field::Choice { chooser, .. } => chooser.apply(key),
                };
                match edited {
                    Edited::Nothing => {}
                    Edited::Text => self.note = self.refused().map(|next| (Style::Plain, next.to_owned())),
                    Edited::Joined => {
                        let note = "an answer is one line: pasted line breaks and tabs were turned into spaces";
                        self.note = Some((Style::Faint, note.to_owned()));
                    }
                }
            }
        }
        Outcome::Goes
    }

    /// What stands on the screen.
    pub fn frame(&self, size: Size) -> Frame {
        let mut frame = Frame::new(size);
        frame.text(Rank::Title, Style::Title, "", &self.texts.title);
        if !self.texts.expectation.is_empty() {
            frame.text(Rank::Expectation, Style::Faint, "  ", &self.texts.expectation);
        }
        if let Some(help) = &self.texts.help {
            frame.text(Rank::Help, Style::Plain, "  ", help);
        }
        self.field_in(&mut frame, size);
        if let Some((style, note)) = &self.note {
            let mark = if *style == Style::Wrong { "! " } else { "  " };
            frame.text(Rank::Problem, *style, "", &format!("{mark}{note}"));
        }
        frame.text(Rank::Keys, Style::Faint, "", &self.keys());
        frame.fitted()
    }

    fn field_in(&self, frame: &mut Frame, size: Size) {
        let (editor, rows, hint) = match &self.field {
            Field::Text { editor, .. } => {
                let hint = self.texts.suggestion.as_ref().map(|suggestion| format!("(Enter takes {suggestion})"));
                (editor, ROWS.min(size.rows / 2), hint)
            }
            Field::Choice { chooser, .. } => (&chooser.filter, 1, None),
        };
        let (lines, (row, column)) = editor.view(size.columns.saturating_sub(2), rows);
        frame.cursor_in_next(row, column + 2);
        for (number, line) in lines.iter().enumerate() {
            let mark = if number == 0 { "> " } else { "  " };
            let hint = hint.as_deref().filter(|_| editor.text().is_empty()).unwrap_or_default();
            frame.line(Rank::Input, &[(Style::Plain, mark), (Style::Chosen, line), (Style::Faint, hint)]);
        }
        if let Field::Choice { chooser, rows, .. } = &self.field {
            let most = size.rows.saturating_sub(frame.lines.len() + 3).min(*rows);
            let (shown, range, all) = chooser.view(most);
            for position in shown {
                let is_chosen = chooser.chosen() == Some(position);
                let (mark, style) = if is_chosen { ("* ", Style::Chosen) } else { ("  ", Style::Plain) };
                frame.line(Rank::Choice, &[(style, mark), (style, chooser.label(position))]);
            }
            if range.len() < all {
                let more = format!("  {} to {} of {all}", range.start + 1, range.end);
                frame.line(Rank::Choice, &[(Style::Faint, &more)]);
            }
        }
    }

    fn keys(&self) -> String {
        let mut keys: Vec<Cow<'_, str>> = Vec::new();
        match &self.field {
            Field::Choice { .. } => keys.push("Up, Down or letters choose".into()),
            Field::Text { .. } if self.takes_lines() => keys.push("Ctrl-J begins a new line, Enter finishes".into()),
            Field::Text { .. } => {}
        }
        match (&self.texts.suggestion, &self.to_edit) {
            (_, Some(_)) if self.editor().text().is_empty() => keys.push("Tab edits it".into()),
            (Some(shown), Some(_)) if self.is_rejected() => keys.push(format!("Tab fills in {shown}").into()),
            _ => {}
        }
        if self.is_rejected() && self.editor().is_all_before() {
            keys.push("Ctrl-U clears it".into());
        }
        if self.texts.can_go_back {
            keys.push("Esc goes back".into());
        }
        keys.push("Ctrl-C leaves".into());
        keys.join(", ")
    }
}

/// Where a value stands.
fn position_of(values: &[Value], value: &Value) -> Option<usize> {
    values.iter().position(|other| other == value)
}
