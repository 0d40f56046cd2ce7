//! Characters that look like nothing, or like something else.

use crate::source::Source;

/// Says whether a character changes the direction of the text around it, as in <https://trojansource.codes>.
#[must_use]
pub fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Says whether a character is shown as nothing at all. Joiners are not among them: scripts and emoji need them.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
            | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Says whether a character is a joiner or a direction mark: nothing is seen of it, and scripts and emoji need it.
#[must_use]
pub fn is_joiner_or_mark(character: char) -> bool {
    matches!(character, '\u{200c}'..='\u{200f}' | '\u{61c}')
}

/// Says whether a character must not be shown as it is.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    is_bidi_control(character) || is_invisible(character) || is_joiner_or_mark(character)
}

/// Says whether a character is a control that no text needs.
#[must_use]
pub fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{c}')
}

/// Says whether a file may hold characters of [`is_hidden`]: their first bytes are few.
#[must_use]
pub fn may_hide(source: &Source<'_>) -> bool {
    source.has_any(&[0xc2, 0xcd, 0xd8, 0xe1, 0xe2, 0xe3, 0xef, 0xf3])
}

/// Writes a character as `U+202E`.
#[must_use]
pub fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// The scripts that have letters which look like those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Script {
    /// Latin.
    Latin,
    /// Greek.
    Greek,
    /// Cyrillic.
    Cyrillic,
    /// Armenian.
    Armenian,
    /// Cherokee.
    Cherokee,
}

impl Script {
    /// Returns the script's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Greek => "Greek",
            Self::Cyrillic => "Cyrillic",
            Self::Armenian => "Armenian",
            Self::Cherokee => "Cherokee",
        }
    }
}

/// Returns the script of a letter; `None` for scripts without look-alikes, and for what is no letter.
#[must_use]
pub fn script(character: char) -> Option<Script> {
    match character {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' => Some(Script::Latin),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Script::Greek),
        '\u{400}'..='\u{52f}' => Some(Script::Cyrillic),
        '\u{531}'..='\u{58f}' => Some(Script::Armenian),
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Some(Script::Cherokee),
        _ => None,
    }
}

/// Returns the ASCII character that a symbol or a full-width letter is easily taken for.
#[must_use]
pub fn looks_like(character: char) -> Option<char> {
    match character {
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => Some('/'),
        '\u{2024}' | '\u{a4f8}' => Some('.'),
        '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{fe63}' => Some('-'),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0),
        _ => None,
    }
}
