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
    let error = check_imports(&world.shared(&packs, share("port", &["a", "b"])).unwrap()).unwrap_err();
    assert_eq!(places(&error.body().findings[0]), ["b-1.0.0:4", "a-1.0.0:4"]);
}
