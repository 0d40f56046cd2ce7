//! Secrets, and what is computed from them: nothing that is shown holds them.

use serde_json::json;

use super::*;

const SECRET: &str = "[variables.token]\ntype = \"secret\"\n\
     [variables.header]\ntype = \"string\"\nmax_length = 20\ncompute = \"'Bearer ' ~ token\"\n\
     [variables.length]\ntype = \"integer\"\ncompute = \"header | length\"\n\
     [variables.plain]\ntype = \"string\"\ndefault = \"p\"\n";

#[test]
fn secrets_and_what_is_made_from_them_stay_secret() {
    let case = Case::new(SECRET).flag("token=hunter2");
    let values = case.values();
    assert_eq!(values.values["header"], json!("Bearer hunter2"));
    assert_eq!(json!(values.public()), json!({"token": null, "header": null, "length": null, "plain": "p"}));
    let secrets: Vec<_> = values.secrets.iter().map(VariableName::as_str).collect();
    assert_eq!(secrets, ["header", "length", "token"]);
    for shown in [format!("{values:?}"), format!("{:?}", case.sources), format!("{:?}", text("hunter2"))] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn no_message_holds_a_secret() {
    let mut shown = Vec::new();
    let mut show = |error: Error| shown.push(format!("{error} {:?}", error.body()));
    // Too long once computed, so the value is invalid.
    show(Case::new(SECRET).flag("token=hunter2-and-much-more").ask(None).unwrap_err());
    // Not a string, misspelt, and not TOML.
    show(Case::new(SECRET).answers("token = [\"hunter2\"]").ask(None).unwrap_err());
    show(Case::new(SECRET).answers("tokne = \"hunter2\"").ask(None).unwrap_err());
    show(Case::new(SECRET).answers("token = hunter2").ask(None).unwrap_err());
    // An expression whose error repeats what it read.
    let failing = "[variables.token]\ntype = \"secret\"\n[variables.a]\ntype = \"integer\"\ncompute = \"token.x.y\"\n\
                   [variables.b]\ntype = \"string\"\nwhen = \"token | int > 3\"\n";
    show(Case::new(failing).flag("token=hunter2").ask(None).unwrap_err());
    // An argument that lost its name.
    show(Sources::default().add_flag("hunter2").unwrap_err());
    for shown in shown {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
