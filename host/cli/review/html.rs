//! HTML, put together so that text can't become anything else.
//!
//! Always true here: names of elements and attributes are packbox's own, at compile time; all other text is escaped when it is
//! added, and characters that control, hide or reorder text are shown by their number.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::text::is_hidden;

/// Attributes of an element, by their names.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

/// A document, or a part of one, as it grows.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Adds an element with what `content` adds to it.
    pub fn element(&mut self, name: &'static str, attributes: Attributes<'_>, content: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        content(self);
        self.0 += "</";
        self.0 += name;
        self.0.push('>');
    }

    /// Adds an element that holds a text.
    pub fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |inside| inside.text(text));
    }

    /// Adds an element that has no content, as `meta`.
    pub fn void(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.0.push('<');
        self.0 += name;
        for (attribute, value) in attributes {
            self.0.push(' ');
            self.0 += attribute;
            self.0 += "=\"";
            self.plain(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    /// Adds a text; what could hide or reorder it stands out.
    pub fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((at, hidden)) = rest.char_indices().find(|(_, character)| is_unseen(*character)) {
            self.escaped(&rest[..at]);
            self.0 += "<span class=\"unseen\">";
            self.number(hidden);
            self.0 += "</span>";
            rest = &rest[at + hidden.len_utf8()..];
        }
        self.escaped(rest);
    }

    /// Adds a text where there can be no elements: a title, the value of an attribute.
    pub fn plain(&mut self, text: &str) {
        let mut rest = text;
        while let Some((at, hidden)) = rest.char_indices().find(|(_, character)| is_unseen(*character)) {
            self.escaped(&rest[..at]);
            self.number(hidden);
            rest = &rest[at + hidden.len_utf8()..];
        }
        self.escaped(rest);
    }

    fn number(&mut self, character: char) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "U+{:04X}", u32::from(character));
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0 += "&amp;",
                '<' => self.0 += "&lt;",
                '>' => self.0 += "&gt;",
                '"' => self.0 += "&quot;",
                '\'' => self.0 += "&#39;",
                other => self.0.push(other),
            }
        }
    }
}

/// Whether a character controls, hides or reorders text, or takes room for nothing.
fn is_unseen(character: char) -> bool {
    is_hidden(character)
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2028}'
            | '\u{2029}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0080}'..='\u{e0fff}'
        )
}

/// A whole document that asks for nothing: its own style and script are all that it may use, by their digests.
#[must_use]
pub fn document(title: &str, style: &'static str, script: &'static str, body: impl FnOnce(&mut Html)) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(style),
        source(script)
    );
    let mut html = Html("<!doctype html>\n".to_owned());
    html.element("html", &[("lang", "en")], |html| {
        html.element("head", &[], |head| {
            head.void("meta", &[("charset", "utf-8")]);
            head.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
            head.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            head.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
            head.element("title", &[], |inside| inside.plain(title));
            head.element("style", &[], |inside| inside.0 += style);
        });
        html.element("body", &[], |html| {
            body(html);
            html.element("script", &[], |inside| inside.0 += script);
        });
    });
    html.0.push('\n');
    html.0
}

/// What a policy calls a style or script with these bytes.
fn source(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let is_there = digit <= group.len();
            let value = (bits >> (18 - 6 * digit)) as usize & 63;
            text.push(if is_there { char::from(DIGITS[value]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let mut html = Html::default();
        html.leaf("p", &[("title", "\"'><svg onload=x>\n\u{202e}")], "</p><!-- & '\" \0\u{202e}\u{61c}\u{e0041}é\t\n");
        assert_eq!(
            html.0,
            "<p title=\"&quot;&#39;&gt;&lt;svg onload=x&gt;\nU+202E\">&lt;/p&gt;&lt;!-- &amp; &#39;&quot; \
             <span class=\"unseen\">U+0000</span><span class=\"unseen\">U+202E</span><span class=\"unseen\">U+061C</span>\
             <span class=\"unseen\">U+E0041</span>é\t\n</p>"
        );
    }

    #[test]
    fn what_the_policy_names_is_what_stands_there() {
        let page = document("</title><script>alert(1)</script>", "p{}", "f()", |body| body.leaf("p", &[], "x"));
        assert!(page.contains("style-src &#39;sha256-"), "{page}");
        assert!(page.contains("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title><style>p{}</style>"));
        assert!(page.ends_with("<p>x</p><script>f()</script></body></html>\n"));
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
