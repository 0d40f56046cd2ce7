//! What names mean to file systems: which characters hide, which names are devices, which names are packbox's own.
//!
//! Always true here: pure functions over text, without tables of a third party.

pub(super) use crate::text::fold;

/// Says whether a character is a control character, is not visible, or changes the direction of text. White space other
/// than the plain space counts as invisible.
pub(super) fn is_invisible(character: char) -> bool {
    // Of ASCII, all but the control characters are seen.
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Says whether a component is the name of a device on Windows, with or without an extension.
pub(super) fn is_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().trim_end_matches(' ');
    // The longest is as long as `CONOUT$`, or has a digit of two bytes.
    if stem.len() > 7 {
        return false;
    }
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].iter().any(|device| stem.eq_ignore_ascii_case(device)) {
        return true;
    }
    let mut characters = stem.chars();
    let Some(digit) = characters.next_back() else { return false };
    let port = characters.as_str();
    (port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT"))
        && matches!(digit, '1'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}')
}

/// Says whether some system opens `.git` when asked for a component: another case, its short name, or with the trailing
/// dots and spaces that Windows drops.
pub(super) fn is_git_folder(component: &str) -> bool {
    is_any_form(component, ".git", "git")
}

/// Says whether some system opens `.packbox` when asked for a component.
pub(super) fn is_reserved_for_packbox(component: &str) -> bool {
    is_any_form(component, ".packbox", "packbo")
}

/// Says whether a component is a name to some system, or its short name, which begins with `stem`.
fn is_any_form(component: &str, name: &str, stem: &str) -> bool {
    let trimmed = component.trim_end_matches(['.', ' ']);
    // Nearly all components are told apart by how they begin.
    let first = trimmed.as_bytes().first().map(u8::to_ascii_lowercase);
    if trimmed.is_ascii() && first != Some(b'.') && first != stem.as_bytes().first().copied() {
        return false;
    }
    let folded = fold(trimmed);
    folded == name || is_short_name(&folded, stem)
}

/// Says whether a folded name is `STEM~N`, the form of the short names that FAT and NTFS make up.
fn is_short_name(folded: &str, stem: &str) -> bool {
    folded
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('~'))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
