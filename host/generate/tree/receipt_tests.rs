//! Tests of [`Receipt`].

use super::super::{Provenance, TreeFile};
use super::*;

fn sample() -> Receipt {
    let file = |path: &str, plugin: bool| {
        let provenance = Provenance {
            template: format!("templates/{path}.jinja"),
            template_digest: Digest::of(path.as_bytes()),
            engine: if plugin { "plugin:shout" } else { "jinja" }.to_owned(),
            plugin_digest: plugin.then(|| Digest::of(b"plugin")),
            then: Vec::new(),
            variables: vec!["name".to_owned(), "author".to_owned(), "name".to_owned()],
            on_conflict: crate::pack::OnConflict::Own,
        };
        TreeFile::new(OutputPath::new(path).unwrap(), path.into(), plugin, provenance)
    };
    let tree = Tree::build(vec![file("src/b", false), file("a", true)]).unwrap();
    let header = ReceiptHeader {
        pack: "rust-service".to_owned(),
        version: Version::new(1, 2, 0),
        pack_digest: None,
        packbox: Version::new(0, 1, 0),
        engines: [("jinja".to_owned(), Some(Digest::of(b"jinja"))), ("copy".to_owned(), None)].into(),
        packs: Vec::new(),
    };
    Receipt::new(header, &tree)
}

fn text() -> String {
    String::from_utf8(sample().to_bytes().unwrap()).unwrap()
}

fn refusal(text: &str) -> Error {
    let error = Receipt::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.exit_code(), 4);
    assert!(error.body().hint.is_some());
    error
}

#[test]
fn receipts_round_trip() {
    let receipt = sample();
    assert_eq!(Receipt::parse(&receipt.to_bytes().unwrap()).unwrap(), receipt);
    assert_eq!(receipt.header().pack, "rust-service");
    assert_eq!(receipt.files()[0].variables, ["author", "name"]);
}

#[test]
fn keys_are_sorted_and_a_line_feed_ends_it() {
    fn check(value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(object) => {
                assert!(object.keys().is_sorted(), "{:?}", object.keys().collect::<Vec<_>>());
                object.values().for_each(check);
            }
            serde_json::Value::Array(values) => values.iter().for_each(check),
            _ => {}
        }
    }
    let text = text();
    assert!(text.starts_with("{\n  \"engines\": {\n    \"copy\": null,\n") && text.ends_with("}\n"));
    check(&serde_json::from_str(&text).unwrap());
}

#[test]
fn hostile_receipts_are_refused() {
    let good = text();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    refusal("");
    refusal("[]");
    refusal(&"[".repeat(100_000));
    refusal(&changed("\"path\": \"a\"", "\"path\": \"../a\""));
    refusal(&changed("\"path\": \"a\"", "\"path\": \".packbox/journal.json\""));
    refusal(&changed("\"path\": \"a\"", "\"path\": \"x\""));
    refusal(&changed("\"path\": \"a\"", "\"path\": \"src/b\""));
    refusal(&changed("\"bytes\": 1", "\"bytes\": -1"));
    refusal(&changed("\"bytes\": 1", "\"extra\": 1,\n\"bytes\": 1"));
    refusal(&changed("rust-service", "../x"));
    refusal(&changed("1.2.0", "1.2"));
    let later = refusal(&changed("\"format\": 1", "\"format\": 2"));
    assert!(later.to_string().contains("format 2"), "{later}");
    let huge = vec![b' '; usize::try_from(Receipt::MAX_BYTES).unwrap() + 1];
    assert_eq!(Receipt::parse(&huge).unwrap_err().kind(), ErrorKind::Refused);
}
