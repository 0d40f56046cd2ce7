//! What of the values that are given is for which pack.

use serde_json::json;

use super::*;
use crate::compose::variables::Preset;
use crate::diagnostic::Span;
use crate::error::ErrorKind;

const A: &str =
    "[variables.name]\ntype = \"string\"\ndefault = \"of a\"\n[variables.port]\ntype = \"integer\"\ndefault = 1\n";
const B: &str =
    "[variables.name]\ntype = \"string\"\ndefault = \"of b\"\n[variables.extra]\ntype = \"string\"\ndefault = \"e\"\n";

fn both() -> (World, PackSet) {
    let world = World::new();
    let set = world.set(&[("a", A), ("b", B)]);
    (world, set)
}

fn all(set: &PackSet, sources: &Sources) -> Vec<Value> {
    let values = valued(set, sources, &Presets::default());
    let values = values.unwrap_or_else(|error| panic!("{error}: {:#?}", error.body().findings));
    values.into_iter().map(|values| Value::Object(values.values)).collect()
}

fn refused(set: &PackSet, sources: &Sources) -> Error {
    valued(set, sources, &Presets::default()).unwrap_err()
}

#[test]
fn a_name_is_the_only_packs_and_a_pack_can_be_named() {
    let (_world, set) = both();
    let given = flags(&["port=8080", "b.name=mine", "b.extra=f"]);
    assert_eq!(all(&set, &given), [json!({ "name": "of a", "port": 8080 }), json!({ "name": "mine", "extra": "f" })]);
}

#[test]
fn a_name_of_several_packs_is_refused_with_all_of_them() {
    let (_world, set) = both();
    let error = refused(&set, &flags(&["name=x"]));
    assert_eq!(error.kind(), ErrorKind::Usage);
    let help = "name the pack, too: `--var a.name=…`";
    assert_eq!(told(&error), [("`name` could mean `a.name` or `b.name`".to_owned(), help.to_owned())]);

    let error = refused(&set, &answers("port = 1\nname = \"hush\"\n"));
    assert_eq!(error.kind(), ErrorKind::Usage);
    let finding = &error.body().findings[0];
    assert_eq!(finding.help.as_deref(), Some("write it below `[a]`, or `[b]`"));
    assert_eq!(finding.span.as_ref().map(|span| span.start.line), Some(2));
    // What was given could be a secret.
    assert!(!format!("{error:?}").contains("hush"));

    let environment = [("PACKBOX_VAR_NAME".to_owned(), "x".to_owned())].into();
    let error = refused(&set, &Sources { environment, ..Sources::default() });
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(told(&error)[0].1, "unset `PACKBOX_VAR_NAME`, and use `--var a.name=…`");
}

#[test]
fn a_name_that_no_pack_has_is_told_with_what_was_meant() {
    let (_world, set) = both();
    for (flag, message, help) in [
        ("prot=1", "none of the packs has a variable `prot`", "did you mean `port`?"),
        ("else.name=1", "none of the packs is `else`", "the packs are a, b"),
        ("a.nmae=1", "the pack `a` has no variable `nmae`", "did you mean `a.name`?"),
        ("b.port=1", "the pack `b` has no variable `port`", "its variables are name, extra"),
        ("zzz=1", "none of the packs has a variable `zzz`", "their variables are extra, name, port"),
    ] {
        let error = refused(&set, &flags(&[flag]));
        assert_eq!(error.kind(), ErrorKind::Variables, "{flag}");
        assert_eq!(told(&error), [(message.to_owned(), help.to_owned())]);
    }
    // All at once, and before what is ambiguous.
    assert_eq!(refused(&set, &flags(&["prot=1", "c.name=1", "name=x"])).body().findings.len(), 2);
}

#[test]
fn a_table_of_answers_is_that_of_a_pack() {
    let (_world, set) = both();
    let given = answers("port = 5\n[a]\nname = \"x\"\n[b]\nname = \"y\"\n");
    assert_eq!(all(&set, &given), [json!({ "name": "x", "port": 5 }), json!({ "name": "y", "extra": "e" })]);
    let error = refused(&set, &answers("[a]\nname = \"x\"\n[b]\nport = 1\n[c]\nname = \"z\"\n"));
    assert_eq!(error.kind(), ErrorKind::Variables);
    let lines: Vec<_> = error.body().findings.iter().map(|finding| finding.span.as_ref().unwrap().start.line).collect();
    assert_eq!(lines, [4, 5], "{error:?}");
    assert_eq!(told(&error)[0].0, "the pack `b` has no variable `port`");
}

#[test]
fn the_environment_names_no_packs() {
    let (_world, set) = both();
    let environment = [("PACKBOX_VAR_PORT", "7"), ("PACKBOX_VAR_OTHER", "x")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let given = Sources { environment, ..Sources::default() };
    assert_eq!(all(&set, &given)[0], json!({ "name": "of a", "port": 7 }));
}

#[test]
fn what_settings_say_of_a_pack_comes_before_what_they_say_of_all() {
    let (_world, set) = both();
    let preset = |values: &[(&str, Value)]| Preset {
        path: "compose.toml".to_owned(),
        values: values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone(), Span::file("compose.toml")))
            .collect(),
    };
    let presets = Presets {
        shared: preset(&[("port", json!(1000)), ("extra", json!("all"))]),
        of: [("a".parse().unwrap(), preset(&[("port", json!(2000)), ("name", json!("x"))]))].into(),
    };
    let values = valued(&set, &Sources::default(), &presets).unwrap();
    assert_eq!(Value::Object(values[0].values.clone()), json!({ "name": "x", "port": 2000 }));
    assert_eq!(values[1].values["extra"], "all");
    // What is typed comes first.
    let values = valued(&set, &flags(&["port=3000"]), &presets).unwrap();
    assert_eq!(values[0].values["port"], 3000);

    let ambiguous = Presets { shared: preset(&[("name", json!("x"))]), ..Presets::default() };
    let error = valued(&set, &Sources::default(), &ambiguous).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let unknown = Presets { shared: preset(&[("prot", json!(1))]), ..Presets::default() };
    let error = valued(&set, &Sources::default(), &unknown).unwrap_err();
    assert_eq!(told(&error)[0].1, "did you mean `port`?");
}

/// What a `compose.toml` with these answers says.
fn presets(answers: &str) -> Presets {
    Settings::parse("compose.toml", &format!("[packs]\na = \"1\"\n{answers}")).unwrap().answers
}

#[test]
fn the_environment_comes_before_settings_and_after_what_a_program_gives() {
    let (_world, set) = both();
    let environment: std::collections::BTreeMap<_, _> = [("PACKBOX_VAR_PORT".to_owned(), "7".to_owned())].into();
    let settings = presets("[answers]\nport = 1000\nextra = \"s\"\n");
    for settings in [settings.clone(), presets("[answers.a]\nport = 1000\n[answers.b]\nextra = \"s\"\n")] {
        let given = Sources { environment: environment.clone(), ..Sources::default() };
        let values = valued(&set, &given, &settings).unwrap();
        assert_eq!((&values[0].values["port"], &values[1].values["extra"]), (&json!(7), &json!("s")));
    }
    let preset = Preset {
        path: "inputs".to_owned(),
        values: vec![
            ("port".to_owned(), json!(9), Span::file("inputs")),
            ("b.name".to_owned(), json!("p"), Span::file("inputs")),
        ],
    };
    let given = Sources { preset: Some(preset), environment, ..Sources::default() };
    let values = valued(&set, &given, &settings).unwrap();
    assert_eq!((&values[0].values["port"], &values[1].values["name"]), (&json!(9), &json!("p")));
    let mut wrong = given.clone();
    wrong.preset.as_mut().unwrap().values[0].0 = "prot".to_owned();
    assert_eq!(told(&refused(&set, &wrong))[0].1, "did you mean `port`?");
}

#[test]
fn a_dotted_name_in_quotes_is_refused_in_files() {
    let (_world, set) = both();
    let message = "`a.name` is one name, as it stands in quotes, and no variable has a `.` in its name".to_owned();
    let error = refused(&set, &answers("\"a.name\" = \"x\"\n"));
    assert_eq!(error.kind(), ErrorKind::Variables);
    assert_eq!(told(&error), [(message.clone(), "write `name = …` below `[a]`".to_owned())]);
    let error =
        valued(&set, &Sources::default(), &presets("[answers]\n\"a.name\" = \"x\"\n\"c.name\" = 1\n")).unwrap_err();
    assert_eq!(told(&error)[0], (message, "write `name = …` below `[answers.a]`".to_owned()));
    assert_eq!(told(&error)[1].1, "write what is a pack's below a table of its name, `[answers.PACK]`");
    assert_eq!(error.body().findings[0].span.as_ref().map(|span| span.start.line), Some(4));
    // Without quotes it is a table.
    assert_eq!(all(&set, &answers("a.name = \"x\"\n"))[0]["name"], "x");
    let values = valued(&set, &Sources::default(), &presets("[answers]\na.name = \"x\"\n")).unwrap();
    assert_eq!(values[0].values["name"], "x");
}

#[test]
fn settings_answer_for_what_packs_need() {
    let (_world, set) = both();
    let values =
        valued(&set, &Sources::default(), &presets("[answers.b]\nname = \"x\"\n[answers.a]\nport = 2\n")).unwrap();
    assert_eq!((&values[0].values["port"], &values[1].values["name"]), (&json!(2), &json!("x")));
    for (answers, message, help, line) in [
        ("[answers.b]\nnmae = 1\n", "the pack `b` has no variable `nmae`", "did you mean `b.name`?", 4),
        (
            "[answers.zebra]\nname = 1\n",
            "none of the packs has a variable `zebra`",
            "their variables are extra, name, port",
            3,
        ),
        (
            "[answers]\nstrategy = \"layer\"\n",
            "none of the packs has a variable `strategy`",
            "the `strategy` of the file stands above the first `[…]`",
            4,
        ),
    ] {
        let error = valued(&set, &Sources::default(), &presets(answers)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Variables);
        assert_eq!(told(&error), [(message.to_owned(), help.to_owned())]);
        assert_eq!(error.body().findings[0].span.as_ref().map(|span| span.start.line), Some(line));
    }
    let error = valued(&set, &Sources::default(), &presets("[answers]\nname = 1\n")).unwrap_err();
    assert_eq!(told(&error)[0].1, "write it below `[answers.a]`, or `[answers.b]`");
}

#[test]
fn a_table_comes_before_a_bare_name_in_both_files() {
    let (_world, set) = both();
    let text = "port = 9\n[a]\nport = 8\n";
    assert_eq!(all(&set, &answers(text))[0]["port"], 8);
    let settings = presets("[answers]\nport = 9\n[answers.a]\nport = 8\n");
    assert_eq!(valued(&set, &Sources::default(), &settings).unwrap()[0].values["port"], 8);
    let world = World::new();
    assert_eq!(all(&world.set(&[("a", A)]), &answers(text))[0]["port"], 8);
}

#[test]
fn a_pack_that_is_alone_can_be_named_too() {
    let world = World::new();
    let set = world.set(&[("a", A)]);
    assert_eq!(all(&set, &flags(&["a.name=x", "port=2"])), [json!({ "name": "x", "port": 2 })]);
    assert_eq!(all(&set, &answers("port = 2\n[a]\nname = \"x\"\n")), [json!({ "name": "x", "port": 2 })]);
    for (given, message) in [
        (flags(&["b.name=x"]), "the pack has no variable `b.name`"),
        (flags(&["a.nmae=x"]), "the pack has no variable `nmae`"),
        (answers("[a]\nnmae = 1\n"), "the pack has no variable `nmae`"),
        (answers("\"a.name\" = 1\n"), "the pack has no variable `a.name`"),
        (answers("[b]\nname = 1\n"), "the pack has no variable `b`"),
    ] {
        let error = refused(&set, &given);
        assert_eq!((error.kind(), told(&error)[0].0.as_str()), (ErrorKind::Variables, message));
    }
}

#[test]
fn a_pack_that_is_alone_is_given_all() {
    let world = World::new();
    let set = world.set(&[("a", A)]);
    assert_eq!(all(&set, &flags(&["name=x", "port=2"])), [json!({ "name": "x", "port": 2 })]);
    let error = refused(&set, &flags(&["nmae=x"]));
    assert_eq!(error.kind(), ErrorKind::Variables);
}

#[test]
fn a_name_that_is_taken_from_another_pack_is_that_packs() {
    let world = World::new();
    let b = "[dependencies]\na = \"^1\"\n[variables.name]\ntype = \"string\"\nfrom = \"a.name\"\n[variables.door]\ntype = \"integer\"\nfrom = \"a.port\"\n";
    let set = world.set(&[("a", A), ("b", b)]);
    let all = all(&set, &flags(&["name=x"]));
    assert_eq!(all, [json!({ "name": "x", "port": 1 }), json!({ "name": "x", "door": 1 })]);
    // A name that only the pack has that takes it is that pack's.
    let given = valued(&set, &flags(&["door=9"]), &Presets::default()).unwrap();
    assert_eq!((&given[0].values["port"], &given[1].values["door"]), (&json!(1), &json!(9)));
    // Where several packs have it, it is none of them's.
    let c = b
        .replace("a.name", "a.port")
        .replace("variables.name]\ntype = \"string\"", "variables.number]\ntype = \"integer\"");
    let set = world.set(&[("a", A), ("b", b), ("c", &c)]);
    let error = refused(&set, &flags(&["door=9"]));
    assert_eq!(told(&error)[0].0, "`door` could mean `b.door` or `c.door`");
}
