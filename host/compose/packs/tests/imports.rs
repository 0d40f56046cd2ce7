//! Values that packs take from each other, and variables that are one for several packs.

use serde_json::json;

use super::*;
use crate::compose::variables::Origin;
use crate::diagnostic::Span;
use crate::error::ErrorKind;

const NEEDS: &str = "[dependencies]\nbase = \"^1\"\n";

/// `base` and `web`, each with one variable; that of `web` takes its value from `base`.
fn pair(base: &str, web: &str) -> (World, PackSet) {
    let world = World::new();
    let set = world.set(&[("base", base), ("web", &format!("{NEEDS}{web}"))]);
    (world, set)
}

fn list(default: &Value, more: &str) -> String {
    let default = toml::Value::try_from(default).unwrap();
    let items = if default.to_string().contains('{') { "table" } else { "string" };
    format!("[variables.tags]\ntype = \"list\"\nitems = \"{items}\"\ndefault = {default}\n{more}")
}

#[test]
fn lists_are_joined_as_they_say() {
    for (rule, base, own, joined) in [
        ("replace", json!(["a", "b"]), json!(["b", "c"]), json!(["a", "b"])),
        ("append", json!(["a", "b"]), json!(["b", "c"]), json!(["a", "b", "b", "c"])),
        ("union", json!(["a", "b"]), json!(["b", "c", "c"]), json!(["a", "b", "c"])),
        (
            "merge-by:name",
            json!([{ "name": "x", "v": 1 }, { "name": "y", "v": 1 }, { "v": 7 }]),
            json!([{ "name": "y", "v": 2 }, { "v": 7 }, { "name": "z", "v": 2 }]),
            json!([{ "name": "x", "v": 1 }, { "name": "y", "v": 2 }, { "v": 7 }, { "v": 7 }, { "name": "z", "v": 2 }]),
        ),
    ] {
        let (_world, set) = pair(&list(&base, ""), &list(&own, &format!("from = \"base.tags\"\nmerge = \"{rule}\"\n")));
        assert_eq!(last(&set, &Sources::default())["tags"], joined, "{rule}");
    }
}

#[test]
fn what_is_given_for_the_pack_itself_counts() {
    let tags = |rule: &str| list(&json!(["b"]), &format!("from = \"base.tags\"\nmerge = \"{rule}\"\n"));
    let given = answers("[web]\ntags = [\"x\", \"a\"]\n");
    let came = |rule: &str| {
        let (_world, set) = pair(&list(&json!(["a"]), ""), &tags(rule));
        last(&set, &given)["tags"].clone()
    };
    assert_eq!(came("replace"), json!(["x", "a"]));
    assert_eq!(came("append"), json!(["a", "x", "a"]));
    assert_eq!(came("union"), json!(["a", "x"]));
}

#[test]
fn another_type_is_told_with_both_definitions() {
    let (_world, set) = pair(
        "[variables.port]\ntype = \"integer\"\ndefault = 1\n",
        "[variables.port]\ntype = \"string\"\nfrom = \"base.port\"\n",
    );
    let error = check_imports(&set).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Manifest);
    let message = "`port` of `web` is of type string, but takes the value of `base.port`, which is of type integer";
    assert_eq!(told(&error), [(message.to_owned(), "give both the same type".to_owned())]);
    assert_eq!(places(&error.body().findings[0]), ["web-1.0.0:8", "base-1.0.0:4"]);
}

#[test]
fn a_variable_that_is_not_there_is_told_with_the_one_that_was_meant() {
    let (_world, set) = pair(
        "[variables.crate_name]\ntype = \"string\"\ndefault = \"x\"\n",
        "[variables.name]\ntype = \"string\"\nfrom = \"base.crate_nam\"\n",
    );
    let error = check_imports(&set).unwrap_err();
    let help = "did you mean `base.crate_name`?";
    assert_eq!(told(&error), [("the pack `base` has no variable `crate_nam`".to_owned(), help.to_owned())]);
}

#[test]
fn a_value_that_does_not_fit_is_told_with_both_definitions() {
    let (_world, set) = pair(
        "[variables.name]\ntype = \"string\"\ndefault = \"Shop\"\n",
        "[variables.name]\ntype = \"string\"\npattern = \"^[a-z]+$\"\nfrom = \"base.name\"\n",
    );
    let error = valued(&set, &Sources::default(), &Presets::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Variables);
    let finding = &error.body().findings[0];
    assert!(finding.message.ends_with("(the value of `base.name`)"), "{}", finding.message);
    assert_eq!(places(finding), ["web-1.0.0:9", "base-1.0.0:4"]);
    // One that both take.
    assert_eq!(last(&set, &flags(&["base.name=shop"]))["name"], "shop");
}

#[test]
fn a_secret_stays_one() {
    let (_world, set) =
        pair("[variables.token]\ntype = \"secret\"\n", "[variables.key]\ntype = \"secret\"\nfrom = \"base.token\"\n");
    let values = valued(&set, &flags(&["token=hush-hush-hush"]), &Presets::default()).unwrap();
    let web = &values[1];
    assert_eq!(web.values["key"], "hush-hush-hush");
    assert_eq!(web.origins["key"], Origin::Import);
    assert_eq!(web.public()["key"], Value::Null);
    assert_eq!(web.to_redact().values(), ["hush-hush-hush"]);
    let sources = Sources { imported: imported(&set, &set.packs()[1], &values[..1]), ..Sources::default() };
    assert!(!format!("{:?}", sources.imported).contains("hush"), "{:?}", sources.imported);
}

#[test]
fn a_secret_that_does_not_fit_is_not_shown() {
    let (_world, set) =
        pair("[variables.token]\ntype = \"secret\"\n", "[variables.token]\ntype = \"string\"\nfrom = \"base.token\"\n");
    // It can't become what is shown.
    assert_eq!(check_imports(&set).unwrap_err().kind(), ErrorKind::Manifest);
}

#[test]
fn values_go_through_several_packs() {
    let world = World::new();
    let needing = |pack: &str| {
        format!("[dependencies]\n{pack} = \"^1\"\n[variables.name]\ntype = \"string\"\nfrom = \"{pack}.name\"\n")
    };
    let first = "[variables.name]\ntype = \"string\"\n";
    let set = world.set(&[("a", &needing("b")), ("b", &needing("c")), ("c", first)]);
    assert_eq!(last(&set, &flags(&["name=x"]))["name"], "x");
    assert_eq!(last(&set, &flags(&["c.name=x", "b.name=y"]))["name"], "y", "what is given between comes after");
}

#[test]
fn what_is_not_there_is_not_taken() {
    let world = World::new();
    let needs = "[dependencies]\nbase = { version = \"^1\", optional = true }\n";
    let web = format!("{needs}[variables.name]\ntype = \"string\"\ndefault = \"own\"\nfrom = \"base.name\"\n");
    assert_eq!(last(&world.set(&[("web", &web), ("zoo", "")]), &Sources::default()).len(), 0);
    let set = world.set(&[("web", &web)]);
    assert_eq!(last(&set, &Sources::default())["name"], "own");
    // What does not matter there has no value.
    let base = "[variables.name]\ntype = \"string\"\nwhen = \"false\"\n";
    let set = world.set(&[("base", base), ("web", &web)]);
    assert_eq!(last(&set, &Sources::default())["name"], "own");
}

fn share(name: &str, packs: &[&str]) -> Vec<Share> {
    let packs = packs.iter().map(|pack| pack.parse().unwrap()).collect();
    vec![Share { name: name.parse().unwrap(), packs, place: Span::file("compose.toml") }]
}

#[test]
fn what_is_shared_is_the_first_packs() {
    let world = World::new();
    let name = "[variables.name]\ntype = \"string\"\n";
    let packs = [("a", name), ("m", name), ("z", name)];
    let set = world.shared(&packs, share("name", &["z", "a"])).unwrap();
    // The first stands before those that take its value; `m` shares nothing.
    assert_eq!(names(&set), ["m", "z", "a"]);
    let values = valued(&set, &flags(&["z.name=x", "m.name=y"]), &Presets::default()).unwrap();
    let of = |index: usize| &values[index].values["name"];
    assert_eq!((of(0), of(1), of(2)), (&json!("y"), &json!("x"), &json!("x")));
    let set = world.shared(&packs, share("name", &["z", "a", "m"])).unwrap();
    assert_eq!(last(&set, &flags(&["name=x"]))["name"], "x");
}

#[test]
fn what_can_not_be_shared_is_told() {
    let world = World::new();
    let packs = [("a", "[variables.name]\ntype = \"string\"\n"), ("b", "[variables.port]\ntype = \"integer\"\n")];
    for (name, of, message, help) in [
        ("name", ["a", "b"], "the pack `b` has no variable `name`", "its variables are port"),
        ("name", ["a", "else"], "`else` is none of the packs", "the packs are a, b"),
        ("prot", ["b", "a"], "the pack `b` has no variable `prot`", "did you mean `port`?"),
    ] {
        let error = world.shared(&packs, share(name, &of)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert_eq!(told(&error)[0], (message.to_owned(), help.to_owned()));
    }
    // Of another type.
    let packs = [("a", "[variables.port]\ntype = \"string\"\n"), ("b", "[variables.port]\ntype = \"integer\"\n")];
    let error = world.shared(&packs, share("port", &["a", "b"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let message = "`a.port` is of type string, and `b.port` of type integer";
    let help = "only variables of one type can be shared: leave out `b`";
    assert_eq!(told(&error), [(message.to_owned(), help.to_owned())]);
    assert_eq!(places(&error.body().findings[0]), ["compose.toml:1", "a-1.0.0:4", "b-1.0.0:4"]);
}

#[test]
fn what_a_pack_takes_already_is_not_shared() {
    let world = World::new();
    let name = "[variables.name]\ntype = \"string\"\n";
    let taking = format!("{NEEDS}{name}from = \"base.name\"\n");
    let packs = [("base", name), ("more", name), ("web", &taking)];
    let error = world.shared(&packs, share("name", &["more", "web"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let message = "`web.name` takes the value of `base.name`, as its pack says, and not that of `more.name`";
    assert_eq!(told(&error), [(message.to_owned(), "leave out `web`".to_owned())]);
    assert_eq!(places(&error.body().findings[0]), ["compose.toml:1", "web-1.0.0:8"]);
    // What is taken from there anyway is no mistake; the first of a list may take its value itself.
    assert!(world.shared(&packs, share("name", &["base", "web"])).is_ok());
    let set = world.shared(&packs, share("name", &["web", "more"])).unwrap();
    assert_eq!(valued(&set, &flags(&["name=x"]), &Presets::default()).unwrap()[2].values["name"], "x");
}

#[test]
fn sharing_against_what_packs_need_is_told_where_it_is_said() {
    let world = World::new();
    let name = "[variables.name]\ntype = \"string\"\ndefault = \"x\"\n";
    let needing = |other: &str| format!("[dependencies]\n{other} = \"^1\"\n{name}");
    let (b, c) = (needing("a"), needing("b"));
    let packs = [("a", name), ("b", &*b), ("c", &*c)];
    for (list, message, help) in [
        (["b", "a"], "packs would stand in a circle: a → b → a", "write `a` first, as `b` needs it"),
        (["c", "a"], "packs would stand in a circle: a → c → b → a", "write `a` first"),
    ] {
        let error = world.shared(&packs, share("name", &list)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{list:?}");
        let (said, helped) = told(&error).remove(0);
        assert!(said.ends_with(message) && helped == help, "{said} ({helped})");
        assert_eq!(places(&error.body().findings[0]), ["compose.toml:1"]);
    }
    // Two lists that are against each other, of packs that need nothing.
    let both = format!("{name}[variables.port]\ntype = \"string\"\ndefault = \"y\"\n");
    let against = [share("name", &["a", "b"]), share("port", &["b", "a"])].concat();
    let error = world.shared(&[("a", &both), ("b", &both)], against).unwrap_err();
    assert_eq!((error.kind(), error.body().findings.len()), (ErrorKind::Usage, 2));
    // A circle that is the packs' own stays theirs.
    let (a, b) = (needing("b"), needing("a"));
    let error = world.shared(&[("a", &a), ("b", &b)], share("name", &["a", "b"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution);
}

#[test]
fn lists_of_other_items_and_choices_without_one_in_common_are_of_other_types() {
    let list = |items: &str| format!("[variables.v]\ntype = \"list\"\nitems = \"{items}\"\ndefault = []\n");
    let choice = |of: &str| {
        let values: Vec<String> = of.split(' ').map(|value| format!("\"{value}\"")).collect();
        format!("[variables.v]\ntype = \"choice\"\nchoices = [{}]\ndefault = {}\n", values.join(", "), values[0])
    };
    for (base, web, message, help) in [
        (
            list("integer"),
            list("string"),
            "list of strings, but takes the value of `base.v`, which is of type list of integers",
            "give both the same type",
        ),
        (list("integer"), list("number"), "which is of type list of integers", "give both the same type"),
        (
            choice("a b"),
            choice("c d e f g h"),
            "is of type choice (c, d, e, f, g, …), but takes the value of `base.v`, which is of type choice (a, b)",
            "give them a choice in common",
        ),
        (choice("a b"), list("string"), "which is of type choice (a, b)", "give both the same type"),
    ] {
        let (_world, set) = pair(&base, &format!("{web}from = \"base.v\"\n"));
        let error = check_imports(&set).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Manifest);
        let (said, helped) = told(&error).remove(0);
        assert!(said.contains(message) && helped == help, "{said} ({helped})");
        assert_eq!(places(&error.body().findings[0]).len(), 2);
    }
    for (base, web) in [(list("table"), list("table")), (choice("a b"), choice("b c"))] {
        let (_world, set) = pair(&base, &format!("{web}from = \"base.v\"\n"));
        assert!(check_imports(&set).is_ok());
    }
}
