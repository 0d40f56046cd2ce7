//! Parts of a page that more than one of its sections has.

use super::html::Html;

/// Adds a section with its heading, that links lead to.
pub fn section(html: &mut Html, id: &'static str, heading: &str, content: impl FnOnce(&mut Html)) {
    let labelled = format!("{id}-heading");
    html.element("section", &[("id", id), ("aria-labelledby", &labelled), ("tabindex", "-1")], |section| {
        section.leaf("h2", &[("id", &labelled)], heading);
        content(section);
    });
}

/// Adds a row of a list of terms.
pub fn fact(list: &mut Html, name: &str, content: impl FnOnce(&mut Html)) {
    list.element("div", &[], |row| {
        row.leaf("dt", &[], name);
        row.element("dd", &[], content);
    });
}

/// Cuts a text to so many characters, and says how many are left out.
pub fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… and {} more characters", &text[..end], text[end..].chars().count()),
    }
}
