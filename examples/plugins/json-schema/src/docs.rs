//! Descriptions become doc comments that are text and nothing else.
//!
//! Always true here: no line is taken for code by rustdoc, so that no description of a stranger is compiled and run by
//! `cargo test`; no HTML gets through.

/// Returns the lines of a doc comment, without their `///`; an empty line stands between paragraphs.
pub(crate) fn lines(paragraphs: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(paragraph.trim().lines().map(harmless));
    }
    lines
}

/// Collapses blanks (indented text would be code), breaks up fences, escapes what opens HTML.
fn harmless(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut in_code = false;
    for (index, word) in line
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .enumerate()
    {
        if index > 0 {
            text.push(' ');
        }
        for character in word.replace("```", "'''").replace("~~~", "'''").chars() {
            in_code ^= character == '`';
            if character == '<' && !in_code {
                text.push('\\');
            }
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_becomes_code_or_html() {
        let text = "First\r\n    panic!()\n````rust\nx\n~~~~\n- \tpanic!()\n<b>a</b> `a < b`";
        let expected = ["First", "panic!()", "'''`rust", "x", "'''~", "- panic!()", "\\<b>a\\</b> `a < b`"];
        assert_eq!(lines(&[text.to_owned()]), expected);
        assert_eq!(lines(&["a".to_owned(), "b".to_owned()]), ["a", "", "b"]);
    }
}
