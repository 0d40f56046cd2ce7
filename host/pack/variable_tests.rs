//! How values are read and checked against declarations.

use serde_json::json;

use super::*;
use crate::pack::{Manifest, PackLimits};
use crate::values::Pattern;

fn variable(declaration: &str) -> Variable {
    let text = format!("[pack]\nname = \"a\"\nversion = \"1.0.0\"\n[variables.v]\n{declaration}");
    let mut manifest = Manifest::parse("pack.toml", &text, &PackLimits::default()).unwrap();
    manifest.variables.remove(0)
}

fn parsed(declaration: &str, text: &str) -> Value {
    variable(declaration).parse_text(text).unwrap()
}

fn problem(declaration: &str, text: &str) -> String {
    variable(declaration).parse_text(text).unwrap_err().to_string()
}

#[test]
fn text_is_read_by_type() {
    assert_eq!(parsed("type = \"string\"", " 1"), json!(" 1"));
    assert_eq!(parsed("type = \"integer\"", " -7 "), json!(-7));
    assert_eq!(parsed("type = \"number\"", "3"), json!(3));
    assert_eq!(parsed("type = \"number\"", "3.50"), json!(3.5));
    assert_eq!(parsed("type = \"boolean\"", "Yes"), json!(true));
    assert_eq!(parsed("type = \"boolean\"", "0"), json!(false));
    assert_eq!(parsed("type = \"secret\"", "x"), json!("x"));
    assert_eq!(parsed("type = \"list\"", "a,b"), json!(["a", "b"]));
    assert_eq!(parsed("type = \"list\"", "one text"), json!(["one text"]));
    assert_eq!(parsed("type = \"list\"\nitems = \"integer\"", "7, 8"), json!([7, 8]));
    assert_eq!(parsed("type = \"list\"\nitems = \"number\"", "7,0.5"), json!([7, 0.5]));
    assert_eq!(parsed("type = \"list\"\nitems = \"boolean\"", "yes,off"), json!([true, false]));
    assert_eq!(parsed("type = \"list\"\nitems = \"table\"", "{\"b\": 1, \"c\": 2}"), json!([{"b": 1, "c": 2}]));
    assert_eq!(parsed("type = \"list\"", " [\"a\", \"b\"]"), json!(["a", "b"]));
    assert_eq!(parsed("type = \"list\"\nitems = \"integer\"", "7"), json!([7]));
    assert_eq!(parsed("type = \"list\"\nitems = \"table\"", "{\"b\": 1}"), json!([{"b": 1}]));
}

#[test]
fn problems_name_the_bound_and_the_value() {
    assert_eq!(problem("type = \"integer\"\nmax = 65535", "70000"), "must be at most 65535, got 70000");
    assert_eq!(problem("type = \"integer\"\nmin = 1", "0"), "must be at least 1, got 0");
    assert_eq!(problem("type = \"integer\"", "x"), "must be an integer, got \"x\"");
    assert_eq!(problem("type = \"integer\"", "9223372036854775808"), "must be an integer, got \"9223372036854775808\"");
    assert_eq!(problem("type = \"number\"\nmax = 1.5", "2"), "must be at most 1.5, got 2");
    assert_eq!(problem("type = \"number\"", "inf"), "must be a number, got \"inf\"");
    assert_eq!(problem("type = \"boolean\"", "maybe"), "must be true or false, got \"maybe\"");
    assert_eq!(problem("type = \"string\"\nmin_length = 2", "é"), "must have at least 2 characters, got \"é\"");
    assert_eq!(problem("type = \"string\"\nmax_length = 1", "éé"), "must have at most 1 character, got \"éé\"");
    assert_eq!(problem("type = \"string\"\npattern = \"^a$\"", "ab"), "must match `^a$`, got \"ab\"");
    let choice = "type = \"choice\"\nchoices = [\"postgres\", \"none\"]";
    assert_eq!(
        problem(choice, "postgers"),
        "must be one of `postgres`, `none` (did you mean `postgres`?), got \"postgers\""
    );
    assert_eq!(problem("type = \"list\"\nmin_items = 1", "[]"), "must have at least 1 item, got 0 of them");
    assert_eq!(problem("type = \"list\"\nmax_items = 1", "[1, 2]"), "must have at most 1 item, got 2 of them");
    assert_eq!(problem("type = \"list\"", "[\"a\", 2]"), "item 2 must be a text, got 2");
    assert_eq!(
        problem("type = \"list\"\nunique = true", "[\"a\", \"a\"]"),
        "item 2 must differ from item 1, got \"a\""
    );
    assert!(problem("type = \"list\"", "[1,").starts_with("must be a JSON array ("));
    assert!(problem("type = \"list\"\nitems = \"table\"", "x").contains("written as a JSON object"));
    // What is wrong has its place.
    for (text, fault) in [
        ("{\"a\": 1,}", "trailing comma at column 9, behind `{\"a\": 1,`"),
        ("[{\"name\": \"größe\" \"b\": 2}]", "expected `,` or `}` at column 19, behind `[{\"name\": \"größe\" `"),
        ("[{\"a\": 1},\n {\"b\": x}]", "expected value at line 2, column 8, behind ` {\"b\": `"),
        ("[{\"a\": 1}", "it ends before it is complete"),
    ] {
        let told = problem("type = \"list\"\nitems = \"table\"", text);
        assert!(told.contains(&format!("({fault})")), "{text}: {told}");
    }
}

#[test]
fn a_text_that_could_be_one_item_or_several_is_neither() {
    let list = |text: &str| problem("type = \"list\"", text);
    assert_eq!(list("a, b"), r#"could mean one item or several: write `["a, b"]` or `["a","b"]`"#);
    for text in ["Doe, J", "a,", ",", "a,b c", "a,\"b\"", "a,b\n"] {
        assert!(list(text).starts_with("could mean one item or several"), "{text:?}");
    }
    for (text, several) in [("a; b", r#"["a","b"]"#), ("a;b;", r#"["a","b"]"#), ("a;", r#"["a"]"#)] {
        assert_eq!(list(text), format!("could mean one item or several: write `[\"{text}\"]` or `{several}`"));
    }
    assert_eq!(parsed("type = \"list\"", "int main() { return 0; }"), json!(["int main() { return 0; }"]));
    // Whether words are one text or several, the pack's own items say.
    let words = problem("type = \"list\"\nexample = [\"api\"]\ndefault = []", "a b");
    assert_eq!(words, r#"could mean one item or several: write `["a b"]` or `["a","b"]`"#);
    assert_eq!(parsed("type = \"list\"\nexample = [\"api\", \"a text\"]", "a b"), json!(["a b"]));
    assert_eq!(parsed("type = \"list\"\ndefault = [\"api\"]", "[\"a b\"]"), json!(["a b"]));
    assert_eq!(list(""), r#"could mean no items or one empty item: write `[]` or `[""]`"#);
    let integers = |text: &str| problem("type = \"list\"\nitems = \"integer\"", text);
    assert_eq!(integers("1,x"), "item 2 must be an integer, got \"x\"");
    assert_eq!(integers("1,,2"), "item 2 must be an integer, but is empty");
    assert_eq!(integers("x"), "must be an integer, got \"x\"");
    assert_eq!(problem("type = \"integer\"", " "), "must be an integer, but is empty");
}

#[test]
fn what_is_written_is_read_as_the_same() {
    for (declaration, value, text) in [
        ("type = \"string\"", json!("a, b"), "a, b"),
        ("type = \"number\"", json!(2.0), "2.0"),
        ("type = \"boolean\"", json!(true), "true"),
        ("type = \"list\"", json!(["a", "b-c"]), "a,b-c"),
        ("type = \"list\"", json!(["a b"]), "a b"),
        ("type = \"list\"", json!(["a, b"]), "[\"a, b\"]"),
        ("type = \"list\"", json!(["[a"]), "[\"[a\"]"),
        ("type = \"list\"", json!([""]), "[\"\"]"),
        ("type = \"list\"", json!([]), "[]"),
        ("type = \"list\"\nitems = \"number\"", json!([1, 0.5]), "1,0.5"),
        ("type = \"list\"\nitems = \"table\"", json!([{"a": 1}, {"a": 2}]), "[{\"a\":1},{\"a\":2}]"),
    ] {
        assert_eq!(variable(declaration).kind.as_text(&value), text);
        assert_eq!(parsed(declaration, text), value);
    }
}

#[test]
fn patterns_are_anchored_by_their_author() {
    assert_eq!(parsed("type = \"string\"\npattern = \"b+\"", "abbc"), json!("abbc"));
    assert!(problem("type = \"string\"\npattern = \"^b+$\"", "bb\n").starts_with("must match"));
    assert!(Pattern::new(&"a".repeat(1001)).is_err());
    assert!(Pattern::new("(a{1000}){1000}").is_err());
    let long = "a".repeat(70_000);
    assert!(problem("type = \"string\"\npattern = \"a\"", &long).contains("must have at most 65536 bytes"));
}

#[test]
fn secrets_are_not_repeated() {
    let secret = variable("type = \"secret\"");
    let problem = secret.check(&json!(["hunter2"])).unwrap_err();
    assert_eq!(problem.to_string(), "must be a text");
    assert!(!format!("{problem:?}").contains("hunter2"));
}

#[test]
fn expectations_are_for_people() {
    for (declaration, expected) in [
        ("type = \"integer\"\nmin = 1024\nmax = 65535", "an integer from 1024 to 65535"),
        ("type = \"integer\"\nmin = 1", "an integer of at least 1"),
        ("type = \"number\"\nmax = 1.5", "a number of at most 1.5"),
        ("type = \"string\"", "a text"),
        (
            "type = \"string\"\nmin_length = 1\nmax_length = 9\npattern = \"a\"",
            "a text of 1 to 9 characters that matches `a`",
        ),
        ("type = \"boolean\"", "true or false"),
        ("type = \"choice\"\nchoices = [\"a\", \"b\"]", "one of `a`, `b`"),
        ("type = \"list\"", "a list of texts, written as `a,b` or `[\"a\",\"b\"]`"),
        (
            "type = \"list\"\nmin_items = 1\nunique = true\nitems = \"table\"",
            "a list of at least 1 table, each once, written as `[{\"key\":\"a\"},{\"key\":\"b\"}]`",
        ),
        ("type = \"secret\"", "a secret text"),
    ] {
        assert_eq!(variable(declaration).expectation(), expected);
    }
}
