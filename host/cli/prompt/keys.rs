//! What a person can do at a question, whatever keys do it.

/// A key, or what a terminal says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// Text that was pasted, with its line breaks as line feeds.
    Paste(String),
    /// Takes the answer.
    Enter,
    /// Begins a line within an answer.
    Line,
    /// Goes back a question.
    Back,
    /// Ends it all.
    Leave,
    /// Moves by a character.
    Left,
    /// Moves by a character.
    Right,
    /// Moves by a word.
    WordLeft,
    /// Moves by a word.
    WordRight,
    /// Moves to the beginning of the line.
    Home,
    /// Moves to the end of the line.
    End,
    /// Moves by a line, or by a choice.
    Up,
    /// Moves by a line, or by a choice.
    Down,
    /// Moves by a page.
    PageUp,
    /// Moves by a page.
    PageDown,
    /// Deletes the character before the cursor.
    DeleteLeft,
    /// Deletes the character at the cursor. On an empty line a terminal's end of input.
    DeleteRight,
    /// Deletes the character at the cursor, or ends it all where there is none at all: Ctrl-D.
    DeleteOrLeave,
    /// Deletes to the beginning of the word.
    DeleteWordLeft,
    /// Deletes to the end of the word.
    DeleteWordRight,
    /// Deletes to the beginning of the line.
    DeleteToStart,
    /// Deletes to the end of the line.
    DeleteToEnd,
    /// Takes the suggestion to change it.
    Tab,
    /// The terminal has another size.
    Resized,
    /// Anything else.
    Other,
}
