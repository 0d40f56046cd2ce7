//! What a manifest may say, and what is said about one that is wrong.

use serde_json::json;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::error::ErrorKind;
use crate::pack::PackLimits;
use crate::values::{ItemKind, VariableKind};

const HEAD: &str = "[pack]\nname = \"demo\"\nversion = \"1.2.0\"\n";

fn parse(body: &str) -> Manifest {
    Manifest::parse("demo/pack.toml", &format!("{HEAD}{body}"), &PackLimits::default()).unwrap_or_else(|error| {
        panic!("{error}: {:#?}", error.body().findings);
    })
}

fn findings(text: &str) -> Vec<Diagnostic> {
    let error = Manifest::parse("demo/pack.toml", text, &PackLimits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Manifest);
    let findings = &error.body().findings;
    assert!(findings.iter().all(|finding| finding.span.is_some()), "{findings:#?}");
    findings.clone()
}

/// Writes a finding the way a terminal would, so that tests see what a user sees.
fn render(finding: &Diagnostic) -> String {
    let span = finding.span.as_ref().unwrap();
    let excerpt = span.excerpt.as_deref().unwrap_or_default();
    let width = span.end.filter(|end| end.line == span.start.line).map_or(1, |end| end.column - span.start.column);
    let help = finding.help.as_deref().map(|help| format!("help: {help}\n")).unwrap_or_default();
    format!(
        "{} [{}]\n{}:{}:{}\n{excerpt}\n{}{}\n{help}",
        finding.message,
        finding.rule,
        span.path,
        span.start.line,
        span.start.column,
        " ".repeat(span.start.column as usize - 1),
        "^".repeat(width as usize),
    )
}

fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

/// The only finding about a body below a valid `[pack]`.
fn finding(body: &str) -> String {
    let findings = findings(&format!("{HEAD}{body}"));
    assert_eq!(findings.len(), 1, "{findings:#?}");
    render(&findings[0])
}

#[test]
fn the_whole_format_is_read() {
    let manifest = parse(include_str!("tests/full.toml"));
    let pack = &manifest.pack;
    assert_eq!(pack.name.value.as_str(), "demo");
    assert_eq!(pack.version.value, semver::Version::new(1, 2, 0));
    let dependencies: Vec<_> = manifest
        .dependencies
        .iter()
        .map(|(name, dependency)| (name.as_str(), dependency.requirement.value.to_string(), dependency.optional))
        .collect();
    assert_eq!(dependencies, [("base-rust", "^1.0".into(), false), ("docker-basics", "^0.8".into(), true)]);
    let names: Vec<_> = manifest.variables.iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(names, ["zone", "crate_name", "port", "ratio", "docker", "database", "services", "token", "image"]);
    assert_eq!(manifest.variables[2].default, Some(json!(8080)));
    assert_eq!(manifest.variables[8].compute.as_ref().unwrap().value, "crate_name ~ ':latest'");
    let VariableKind::Choice { choices } = &manifest.variables[5].kind else { panic!() };
    assert_eq!((choices[0].value.as_str(), choices[0].label.as_deref()), ("pg", Some("PostgreSQL")));
    assert_eq!((choices[1].value.as_str(), choices[1].label.as_deref()), ("none", None));
    let VariableKind::List { items, min_items, unique, .. } = manifest.variables[6].kind else { panic!() };
    assert_eq!((items, min_items, unique), (ItemKind::Table, Some(1), true));

    let [first, second] = &manifest.templates[..] else { panic!() };
    assert_eq!(first.for_each.as_ref().unwrap().value, "services");
    assert_eq!(first.executable, Some(true));
    assert_eq!(first.on_conflict, OnConflict::CreateOnce);
    assert_eq!(first.engine.as_ref().unwrap().value.to_string(), "plugin:openapi");
    assert_eq!(json!(first.options), json!({"spec": {"z": 1, "a": [1.5, "2026-01-01"]}}));
    assert_eq!((&second.on_conflict, &second.output, second.executable), (&OnConflict::Own, &None, None));

    let plugin = &manifest.plugins["openapi"];
    assert_eq!(plugin.component.value.as_str(), "plugins/openapi.wasm");
    assert_eq!(plugin.grants[0].value, crate::grants::Grant::WasiStub);
    assert_eq!(plugin.limits.asked.memory, Some(64 << 20));
    assert_eq!(plugin.limits.asked.time, Some(std::time::Duration::from_millis(500)));
    assert_eq!(plugin.limits.asked.outputs, Some(7));
    assert_eq!(plugin.limits.asked.result, Some(4096));
    assert_eq!(manifest.ontology.files[0].value, "ontology/*.ttl");
    assert_eq!(manifest.queries["operations"].file().unwrap().value.as_str(), "queries/operations.rq");
    assert_eq!(manifest.lints["naming/output-case"].value, LintLevel::Warn);
}

#[test]
fn spans_point_at_what_they_are_about() {
    let text = format!("{HEAD}[[templates]]\nsource = \"a\"\nwhen = \"x and y\"\n");
    let manifest = Manifest::parse("pack.toml", &text, &PackLimits::default()).unwrap();
    let when = manifest.templates[0].when.as_ref().unwrap();
    assert_eq!(&text[when.range.clone()], "\"x and y\"");
    assert_eq!(&text[manifest.templates[0].range.clone()], "[[templates]]");
    assert_eq!(&text[manifest.pack.name.range.clone()], "\"demo\"");
}

#[test]
fn every_mistake_is_reported_at_once_in_the_order_of_the_text() {
    let text =
        "[pack]\nnmae = \"demo\"\nversion = 1\n[variables.port]\ntype = \"intger\"\n[[templates]]\noutput = \"/a\"\n";
    let found: Vec<_> = findings(text)
        .into_iter()
        .map(|finding| (finding.span.unwrap().start.line, finding.rule, finding.help.unwrap_or_default()))
        .collect();
    let lines_and_rules: Vec<_> = found.iter().map(|(line, rule, _)| (*line, rule.as_str())).collect();
    assert_eq!(
        lines_and_rules,
        [
            (1, "manifest/missing-key"),
            (2, "manifest/unknown-key"),
            (3, "manifest/type"),
            (5, "manifest/value"),
            (6, "manifest/missing-key"),
            (7, "manifest/value"),
        ]
    );
    assert_eq!(found[1].2, "did you mean `name`?");
    assert_eq!(found[3].2, "did you mean `integer`?");
}

#[test]
fn errors_read_well() {
    assert_eq!(
        finding("[variables.port]\ntype = \"integer\"\ndefualt = 8080\n"),
        "unknown key `defualt` in [variables.port] [manifest/unknown-key]\n\
         demo/pack.toml:6:1\n\
         defualt = 8080\n\
         ^^^^^^^\n\
         help: did you mean `default`?\n"
    );
    assert_eq!(
        finding("[variables.name]\ntype = \"string\"\nmin = 1\n"),
        "`min` does not apply in [variables.name] [manifest/unknown-key]\n\
         demo/pack.toml:6:1\n\
         min = 1\n\
         ^^^\n\
         help: it is for variables of type integer or number\n"
    );
    assert_eq!(
        finding("[variables.port]\ntype = \"integer\"\nmax = 10\ndefault = 8080\n"),
        "the default of `port` must be at most 10, got 8080 [manifest/value]\n\
         demo/pack.toml:7:11\n\
         default = 8080\n          ^^^^\n"
    );
    assert_eq!(
        finding("[[templates]]\nsource = \"../a\"\n"),
        "`source` is `../a`: must not have `.` or `..` components [manifest/value]\n\
         demo/pack.toml:5:10\n\
         source = \"../a\"\n         ^^^^^^\n"
    );
}

#[test]
fn a_manifest_without_a_pack_is_refused() {
    let found = findings("");
    assert_eq!(found[0].message, "`pack` is missing");
    assert!(findings("[pack]\nname = \"A\"\nversion = \"1\"\n").len() == 2);
    assert!(findings("pack = 1")[0].message.contains("must be a table, not an integer"));
}

#[test]
fn keys_that_no_type_has_are_found_whatever_the_type() {
    for (kind, first) in
        [("type = \"lst\"\n", "`lst` is not a variable type"), ("type = 1\n", "must be a string"), ("", "is missing")]
    {
        let found = findings(&format!("{HEAD}[variables.a]\n{kind}defualt = 1\nmin = 1\nunique = true\n"));
        let messages: Vec<_> = found.iter().map(|finding| &*finding.message).collect();
        assert_eq!(found.len(), 2, "{messages:?}");
        assert!(messages.iter().any(|message| message.contains(first)), "{messages:?}");
        assert!(messages.contains(&"unknown key `defualt` in [variables.a]"), "{messages:?}");
    }
}

#[test]
fn single_mistakes_are_found() {
    for (body, expected) in [
        ("[pakc]\n", "unknown key `pakc` in the manifest"),
        ("[variables.item]\ntype = \"string\"", "must not be `item`"),
        ("[variables.Port]\ntype = \"string\"", "is not the name of a variable"),
        ("[variables.a]\n", "`type` is missing in [variables.a]"),
        ("[variables.a]\ntype = \"string\"\npattern = \"(\"", "is not a valid regular expression"),
        ("[variables.a]\ntype = \"string\"\npattern = \"^b$\"\ndefault = \"abc\"", "must match `^b$`"),
        ("[variables.a]\ntype = \"string\"\nmin_length = 3\nmax_length = 2", "`max_length` is less than `min_length`"),
        ("[variables.a]\ntype = \"string\"\nmin_length = -1", "must not be negative"),
        ("[variables.a]\ntype = \"integer\"\nmin = 3\nmax = 2", "`max` is less than `min`"),
        ("[variables.a]\ntype = \"integer\"\nmin = 1.5", "must be an integer, not a number"),
        ("[variables.a]\ntype = \"integer\"\nexample = \"x\"", "the example of `a` must be an integer, got \"x\""),
        ("[variables.a]\ntype = \"number\"\ndefault = nan", "must be finite"),
        ("[variables.a]\ntype = \"number\"\nmin = \"1\"", "must be a number, not a string"),
        ("[variables.a]\ntype = \"boolean\"\ndefault = 1", "must be true or false, got 1"),
        ("[variables.a]\ntype = \"choice\"", "`choices` is missing"),
        ("[variables.a]\ntype = \"choice\"\nchoices = []", "must not be empty"),
        ("[variables.a]\ntype = \"choice\"\nchoices = [\"b\", \"b\"]", "the choice `b` is listed twice"),
        ("[variables.a]\ntype = \"choice\"\nchoices = [1]", "must be a string, or a table"),
        ("[variables.a]\ntype = \"choice\"\nchoices = [\"b\"]\ndefault = \"c\"", "must be one of `b`"),
        ("[variables.a]\ntype = \"list\"\nitems = \"lists\"", "must be one of string, integer, number, boolean, table"),
        ("[variables.a]\ntype = \"list\"\ndefault = [1]", "item 1 must be a text, got 1"),
        ("[variables.a]\ntype = \"secret\"\ndefault = \"x\"", "a secret cannot have a default"),
        ("[variables.a]\ntype = \"string\"\ndefault = \"x\"\ncompute = \"y\"", "has both `default` and `compute`"),
        ("[variables.a]\ntype = \"string\"\nwhen = true", "`when` must be a string, not a boolean"),
        ("[[templates]]\noutput = \"a\"", "`source` is missing in this [[templates]] entry"),
        ("[[templates]]\nsource = \"a\"\noutput = \"a/../b\"", "`output` must not have `.` or `..`"),
        ("[[templates]]\nsource = \"a\"\noutput = \"\"", "`output` must not be empty"),
        ("[[templates]]\nsource = \"a\"\noutput = \"/{{ b }}\"", "`output` must be relative"),
        (
            "[[templates]]\nsource = \"a\"\nengine = \"mustache\"",
            "must be jinja, tera, handlebars, liquid, copy or plugin:NAME",
        ),
        ("[[templates]]\nsource = \"a\"\nengine = \"tear\"", "did you mean `tera`?"),
        ("[[templates]]\nsource = \"a\"\nthen = \"tera\"", "`then` must be a list, not a string"),
        ("[[templates]]\nsource = \"a\"\nthen = [1]", "must be the name of an engine, or a table"),
        ("[[templates]]\nsource = \"a\"\nthen = [\"copy\"]", "`copy` does nothing in a chain"),
        ("[[templates]]\nsource = \"a\"\nthen = [\"plugin:x\"]", "there is no plugin `x` in this pack"),
        ("[[templates]]\nsource = \"a\"\nthen = [{ options = {} }]", "`engine` is missing in this stage of `then`"),
        (
            "[[templates]]\nsource = \"a\"\nthen = [{ engine = \"tera\", option = 1 }]",
            "unknown key `option` in this stage",
        ),
        (
            "[[templates]]\nsource = \"a\"\nthen = [\"tera\", \"tera\", \"tera\", \"tera\", \"tera\", \"tera\", \"tera\", \"tera\", \"tera\"]",
            "`then` has 9 stages, but at most 8 are allowed",
        ),
        ("[[templates]]\nsource = \"a\"\nengine = \"plugin:x\"", "there is no plugin `x` in this pack"),
        ("[[templates]]\nsource = \"a\"\non_conflict = \"merge-jsn\"", "did you mean `merge-json`?"),
        (
            "[[templates]]\nsource = \"a\"\non_conflict = \"mine\"",
            "must be one of own, create-once, merge-toml, merge-json",
        ),
        ("[[templates]]\nsource = \"a\"\non_conflict = 1", "must be the name of a policy, or a table with `policy`"),
        ("[[templates]]\nsource = \"a\"\non_conflict = {}", "`policy` is missing in `on_conflict`"),
        ("[[templates]]\nsource = \"a\"\non_conflict = { policy = \"own\" }", "write `on_conflict = \"own\"`"),
        (
            "[[templates]]\nsource = \"a\"\non_conflict = { policy = \"merge-tml\" }",
            "`merge-tml` is not a policy that merges: must be one of merge-toml, merge-json, merge-yaml, append-lines, region, or a plugin's: `{ policy = \"merge-tml\", plugin = \"NAME\" }`; did you mean `merge-toml`?",
        ),
        (
            "[[templates]]\nsource = \"a\"\non_conflict = { policy = \"region\", option = {} }",
            "did you mean `options`?",
        ),
        (
            "[[templates]]\nsource = \"a\"\non_conflict = { policy = \"x\", plugin = \"house\" }",
            "there is no plugin `house` in this pack",
        ),
        ("[variables.a]\ntype = \"string\"\nfrom = \"base\"", "must look like `base.crate_name`"),
        (
            "[variables.a]\ntype = \"string\"\nfrom = \"base.b\"",
            "names the pack `base`, which this pack does not depend on",
        ),
        ("[dependencies]\nbase = \"1\"\n[variables.a]\ntype = \"string\"\nfrom = \"bass.b\"", "did you mean `base`?"),
        ("[variables.a]\ntype = \"list\"\nmerge = \"union\"", "`merge` says how what `from` names is merged"),
        (
            "[dependencies]\nbase = \"1\"\n[variables.a]\ntype = \"string\"\nfrom = \"base.b\"\nmerge = \"union\"",
            "`merge` is for variables of type list",
        ),
        (
            "[dependencies]\nbase = \"1\"\n[variables.a]\ntype = \"list\"\nfrom = \"base.b\"\nmerge = \"merge-by:\"",
            "must be replace, append, union or merge-by:KEY",
        ),
        ("[[templates]]\nsource = \"a\"\noptions = 1", "`options` must be a table"),
        ("[[templates]]\nsource = \"a\"\nfor_each = \"b\"", "there is no `b`"),
        ("[templates]\nsource = \"a\"", "`templates` must be a list, not a table"),
        ("[plugins.p]\n", "`component` is missing"),
        ("[plugins.p]\ncomponent = \"a\"\nsha256 = \"12\"", "64 lower-case hexadecimal digits"),
        ("[plugins.p]\ncomponent = \"a\"\nmemory = \"1MiB\"", "`memory` does not apply in [plugins.p]"),
        ("[plugins.p]\ncomponent = \"a\"\nlimits.memory = \"much\"", "which is not a size above 0"),
        ("[plugins.p]\ncomponent = \"a\"\nlimits.memory = 0", "must be above 0"),
        ("[plugins.p]\ncomponent = \"a\"\nlimits.time = \"2\"", "which is not a duration above 0"),
        ("[plugins.\"../p\"]\ncomponent = \"a\"", "is not the name of a plugin"),
        ("[dependencies]\na = \"x.y\"", "`a` is `x.y`"),
        ("[dependencies]\na = { optional = true }", "`version` is missing in the dependency `a`"),
        ("[lints]\nnaming = \"warn\"", "must look like `naming/output-case`"),
        ("[lints]\n\"a/b\" = \"loud\"", "must be off, note, warn or error"),
        ("[ontology]\nfiles = [\"/etc/*\"]", "the path of an ontology must be relative"),
        ("[ontology]\nbase = \"shop#\"", "must be an absolute IRI"),
        ("[ontology]\nprefixes.\"a:\" = \"https://e/\"", "is not the name of a prefix"),
        ("[ontology]\nprefixes.a = \"https://e/>\"", "without spaces and without any of"),
        ("[ontology]\nprefix = {}", "did you mean `prefixes`?"),
        ("[shapes]\nfiles = [\"../a.ttl\"]", "the path of shapes"),
        ("[queries.q]\n", "[queries.q] has neither `file` nor `text`"),
        ("[queries.q]\nfile = \"a.rq\"\ntext = \"ASK {}\"", "[queries.q] has both `file` and `text`"),
        ("[queries.q]\ntext = \" \"", "`text` must not be empty"),
        ("[queries]\nq = \"a.rq\"", "write `[queries.NAME]` above it"),
        ("[queries.q]\ntext = \"ASK {}\"\nparameter = {}", "did you mean `parameters`?"),
        ("[queries.q]\ntext = \"ASK {}\"\nparameters.\"?a\" = \"b\"", "without the `?`"),
        ("[queries.q]\ntext = \"ASK {}\"\nparameters.a = 1", "write `\"1\"`"),
        ("[queries.q]\ntext = \"ASK {}\"\nparameters.a = { iri = \"b\", uri = 1 }", "did you mean `iri`?"),
        ("[queries.q]\ntext = \"ASK {}\"\nparameters.a = \" \"", "of the parameter `a` must not be empty"),
        ("[queries.q]\ntext = \"ASK {}\"\ngraph = \"made\"", "must be an absolute IRI"),
        ("[queries.q]\ntext = \"ASK {}\"\ngate = true\ngraph = \"a:b\"", "has both `gate` and `graph`"),
        ("[queries.q]\ntext = \"ASK {}\"\nmessage = \"no\"", "`message` is for gates, and [queries.q] is none"),
        ("[queries.q]\ntext = \"ASK {}\"\ngate = true\nseverity = \"warn\"", "did you mean `warning`?"),
        ("[variables.g]\ntype = \"graph\"\ncompute = \"'/etc/a.ttl'\"", "a graph cannot be computed"),
        ("[variables.g]\ntype = \"graph\"\ndefault = \"/etc/a.ttl\"", "the default of a graph is no file"),
        ("[variables.g]\ntype = \"graph\"\nexample = \"a.txt\"", "whose name ends in `.ttl`"),
        ("[variables.q]\ntype = \"list\"\n[queries.q]\nfile = \"q.rq\"", "has the name of a variable"),
    ] {
        let found = finding(body);
        assert!(found.contains(expected), "{body}\n{found}");
    }
}

#[test]
fn for_each_wants_a_list_variable_or_a_query() {
    let entry = "[[templates]]\nsource = \"a\"\noutput = \"{{ item }}\"\nfor_each = \"services\"\n";
    assert_eq!(parse(&format!("{entry}[variables.services]\ntype = \"list\"")).templates.len(), 1);
    let found = finding(&format!("{entry}[variables.services]\ntype = \"string\""));
    assert!(found.contains("which is not a list"), "{found}");
    assert_eq!(parse(&format!("{entry}[queries.services]\nfile = \"s.rq\"")).templates.len(), 1);
    let found = finding(&format!("{entry}[queries.servces]\nfile = \"s.rq\""));
    assert!(found.contains("did you mean `servces`?"), "{found}");
    // What is wrong with the query is told, and not that there is none.
    let found = findings(&format!("{HEAD}{entry}[queries.services]\nfil = \"s.rq\""));
    assert!(found.iter().all(|finding| !finding.message.contains("there is no")), "{found:?}");
    let found = finding(&format!("{entry}[variables.servces]\ntype = \"list\""));
    assert!(found.contains("did you mean `servces`?"), "{found}");
}

#[test]
fn limits_on_counts_are_named() {
    let variables = repeated(101, |at| format!("[variables.v{at}]\ntype = \"string\"\n"));
    let queries = repeated(51, |at| format!("[queries.q{at}]\nfile = \"a.rq\"\n"));
    for (body, name) in [(variables, "variables=101"), (queries, "queries=51")] {
        let text = format!("{HEAD}{body}");
        let error = Manifest::parse("pack.toml", &text, &PackLimits::default()).unwrap_err();
        assert!(error.body().hint.as_deref().unwrap().contains(&format!("`--limit {name}`")));
        let mut limits = PackLimits::default();
        limits.set(name).unwrap();
        assert!(Manifest::parse("pack.toml", &text, &limits).is_ok());
    }
}

#[test]
fn hostile_manifests_get_a_bounded_answer() {
    let many = repeated(5000, |at| format!("k{at} = 1\n"));
    assert_eq!(findings(&many).len(), 100);
    let deep = format!("{HEAD}[[templates]]\nsource = \"a\"\noptions.a = {}1{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(findings(&deep)[0].rule, "manifest/syntax");
    let long = "x".repeat(100_000);
    let found = findings(&format!("{HEAD}{long} = 1"));
    assert!(found[0].message.len() < 300);
}
