//! Nothing that can be handed over makes a rule panic.

use super::pack::{self, cases};
use crate::bindings::exports::packbox::plugin::validator::Subject;
use crate::bindings::packbox::plugin::types::File;
use crate::{check, registry};

/// A generator whose numbers are the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        const PIECES: &[&str] = &[
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "\"",
            "'",
            "\\",
            "\u{202e}",
            "\u{e0041}",
            "é",
            "raw",
            "include",
            "(",
            "[",
            "|",
            "$",
            "\r\n",
            " in ",
            "=",
            "null",
            "-1",
            "{}",
            "[]",
            "\0",
            "-----BEGIN ",
            "/home/",
            "ghp_",
            "..",
            "//",
        ];
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            if self.below(2) == 0 {
                let piece = PIECES[self.below(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            } else {
                let end = (at + self.below(8)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
}

#[test]
fn changed_cases_do_not_panic() {
    let mut random = Random(1);
    let all = registry::ALL.iter().flat_map(|rule| cases(rule.page, "Fails"));
    let small = all.filter(|case| !case.contains("(repeat"));
    for original in small.map(|case| super::host::subject(&pack::parse(&case))) {
        for _ in 0..60 {
            let (mut manifest, mut facts) = (original.manifest.clone(), original.facts.clone());
            let mut files: Vec<File> = original.files.clone();
            match random.below(6) {
                0 => random.change(&mut manifest),
                1 => random.change(&mut facts),
                _ => files.iter_mut().for_each(|file| random.change(&mut file.contents)),
            }
            // An answer of any kind will do.
            let _ = check::check(&Subject { manifest, facts, files }, b"{}");
        }
    }
}

#[test]
fn values_of_other_types_do_not_panic() {
    let mut random = Random(2);
    let values =
        ["null", "1", "-1.5", "\"\"", "\"a\"", "[]", "{}", "true", "[[{}]]", "18446744073709551615", "{\"a\":[1]}"];
    let manifest = "[variables.a]\ntype = \"string\"\n\n[[templates]]\nsource = \"a.jinja\"\noutput = \"{{ a }}\"\n";
    let case = format!("{manifest}\n==> a.jinja\n{{{{ a }}}}\n");
    let original = super::host::subject(&pack::parse(&case));
    for _ in 0..3000 {
        let mut subject = original.clone();
        let json = if random.below(2) == 0 { &mut subject.manifest } else { &mut subject.facts };
        let text = String::from_utf8(json.clone()).unwrap();
        let starts: Vec<usize> = text.match_indices(':').map(|(at, _)| at + 1).collect();
        let start = starts[random.below(starts.len())];
        let end = start + text[start..].find([',', '}', ']']).unwrap_or(0);
        *json = format!("{}{}{}", &text[..start], values[random.below(values.len())], &text[end..]).into_bytes();
        let _ = check::check(&subject, b"{}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let subject = Subject { manifest: b"{".to_vec(), facts: b"{}".to_vec(), files: Vec::new() };
    assert!(check::check(&subject, b"{}").is_err());
    let subject = Subject { manifest: b"{}".to_vec(), facts: b"{}".to_vec(), files: Vec::new() };
    assert!(check::check(&subject, b"{}").is_ok());
    assert!(check::check(&subject, b"[").is_err());
}
