//! Facts: what validators are told about a pack, and what is found without them.

use std::sync::OnceLock;

use packbox::check::{CheckConfig, Checker, Depth, Validator, Weights};
use packbox::compose::variables::Sources;
use packbox::engine::Input;
use packbox_facts::Facts;
use serde_json::Map;

use crate::cost::Alone;
use crate::samples::{Sample, each, engine};

/// The built-in rules.
fn rules() -> &'static Validator {
    static RULES: OnceLock<Validator> = OnceLock::new();
    RULES.get_or_init(|| Validator::built_in(engine()).expect("the built-in rules"))
}

/// Does something with a checker that has the built-in rules.
fn checked<T>(depth: Depth, work: impl FnOnce(&Checker<'_>) -> T) -> T {
    let (config, values) = (CheckConfig::default(), Sources::default());
    let (validators, weights) = (std::slice::from_ref(rules()), Weights::default());
    work(&Checker { engine: engine(), validators, config: &config, weights, values: &values, depth, time: None })
}

/// What a validator is told about a pack.
fn facts(sample: &Sample) -> Facts {
    let given = checked(Depth::Lint, |checker| {
        checker.hand_over(sample.pack.clone(), rules(), &Map::new()).expect("what is handed over")
    });
    let Input::Check { facts, .. } = given else { panic!("a call of a validator") };
    serde_json::from_slice(&facts).expect("facts")
}

/// Compares what telling costs; `count` says how many elements the list has that was made long.
fn told(alone: &Alone, name: &str, length: usize, sample: impl Fn(usize) -> Sample, count: impl Fn(&Facts) -> usize) {
    let sample = |length| {
        let sample = sample(length);
        assert!(count(&facts(&sample)) >= length, "{name}");
        sample
    };
    alone.grows_with_its_length(name, length, sample, |sample| {
        facts(sample);
    });
}

fn named(length: usize, name: impl Fn(usize) -> String) -> Vec<(String, String)> {
    (0..length).map(|number| (name(number), String::new())).collect()
}

#[test]
fn files_and_templates() {
    let alone = Alone::wait();
    told(
        &alone,
        "facts about files",
        300,
        |length| Sample::new("", named(length, |number| number.to_string())),
        |facts| facts.files.len(),
    );
    told(
        &alone,
        "facts about ontologies",
        300,
        |length| Sample::new("[ontology]\nfiles = [\"o/*\"]\n", named(length, |number| format!("o/{number}.ttl"))),
        |facts| facts.files.len(),
    );
    told(
        &alone,
        "facts about templates",
        100,
        |length| {
            let entry = "[[templates]]\nsource = \"d\"\noutput = \"out\"\n";
            Sample::new(entry, named(length, |number| format!("d/{number}.jinja")))
        },
        |facts| facts.outputs.as_ref().map_or(0, Vec::len),
    );
    told(
        &alone,
        "facts about partials",
        100,
        |length| {
            let entry = "[[templates]]\nsource = \"t.jinja\"\noutput = \"out\"\n";
            let files = named(length, |number| format!("p{number}.jinja")).into_iter();
            Sample::new(entry, files.chain([("t.jinja".to_owned(), String::new())]))
        },
        |facts| facts.partials.len(),
    );
    told(
        &alone,
        "facts about names in a template",
        1_000,
        |length| {
            let text = each(length, |number| format!("{{{{ v{number} }}}}"));
            let entry = "[[templates]]\nsource = \"t.jinja\"\noutput = \"out\"\nwhen = \"false\"\n";
            Sample::new(entry, [("t.jinja".to_owned(), text)])
        },
        |facts| facts.templates[0].names.as_ref().map_or(0, |names| names.variables.len()),
    );
}

#[test]
fn variables_and_expressions() {
    let alone = Alone::wait();
    let places = |facts: &Facts| facts.places.len();
    let variables = |one: fn(usize) -> String| move |length| Sample::new(&each(length, one), []);
    told(
        &alone,
        "facts about variables that have no default",
        1_000,
        variables(|number| format!("[variables.v{number}]\ntype = \"string\"\n")),
        places,
    );
    told(
        &alone,
        "facts about variables of which no sample is known",
        1_000,
        variables(|number| format!("[variables.v{number}]\ntype = \"string\"\npattern = \"^[$]%$\"\n")),
        places,
    );
    told(
        &alone,
        "facts about expressions",
        500,
        variables(|number| format!("[variables.v{number}]\ntype = \"integer\"\ncompute = \"{number}\"\n")),
        |facts| facts.expressions.len(),
    );
    told(
        &alone,
        "facts about variables that need each other",
        200,
        |length| {
            let next = |number| (number + 1) % length;
            let one = |number| {
                format!(
                    "[variables.v{number}]\ntype = \"integer\"\ncompute = \"v{} + v{}\"\n",
                    next(number),
                    number / 2
                )
            };
            Sample::new(&each(length, one), [])
        },
        |facts| facts.expressions.len(),
    );
}

#[test]
fn plugins_and_what_else_the_manifest_names() {
    let alone = Alone::wait();
    // A component that is twice as large is named twice as often.
    let component = |length: usize| ("p.wasm".to_owned(), "x".repeat(length * 1_000));
    told(
        &alone,
        "facts about plugins of one component",
        50,
        |length| {
            let plugins = each(length, |number| format!("[plugins.p{number}]\ncomponent = \"p.wasm\"\n"));
            Sample::new(&plugins, [component(length)])
        },
        |facts| facts.plugins.len(),
    );
    told(
        &alone,
        "facts about plugins in use",
        100,
        |length| {
            let entry = |number| {
                format!(
                    "[plugins.p{number}]\ncomponent = \"p.wasm\"\n[[templates]]\nsource = \"t{number}.x{number}\"\noutput = \"{number}\"\nengine = \"plugin:p{number}\"\n"
                )
            };
            let files = named(length, |number| format!("t{number}.x{number}"));
            let partials = named(length, |number| format!("p{number}.x{number}"));
            Sample::new(&each(length, entry), files.into_iter().chain(partials).chain([component(1)]))
        },
        |facts| facts.plugins.len(),
    );
    told(
        &alone,
        "facts about queries",
        // A pack may have 50 of them.
        6,
        |length| {
            let queries = each(length, |number| format!("[queries.q{number}]\nfile = \"{number}.rq\"\n"));
            Sample::new(&queries, named(length, |number| format!("{number}.rq")))
        },
        |facts| facts.files.len(),
    );
    told(
        &alone,
        "facts about dependencies",
        1_000,
        |length| {
            let dependencies = each(length, |number| format!("pack-{number} = \"^1.0\"\n"));
            Sample::new(&format!("[dependencies]\n{dependencies}"), [])
        },
        |facts| facts.places.len(),
    );
}

#[test]
fn what_is_found_by_the_host_and_by_rules() {
    let alone = Alone::wait();
    let finds = |name: &str, depth: Depth, sample: &dyn Fn(usize) -> Sample| {
        alone.grows_with_its_length(name, 500, sample, |sample| {
            let report = checked(depth, |checker| checker.run("a".to_owned(), Ok(sample.pack.clone())));
            assert!(!report.findings.is_empty() || report.error.is_some(), "{name}");
        });
    };
    finds("levels of rules that do not exist", Depth::Lint, &|length| {
        Sample::new(&("[lints]\n".to_owned() + &each(length, |number| format!("\"no/rule-{number}\" = \"off\"\n"))), [])
    });
    finds("plugins that are not what the manifest says", Depth::Check, &|length| {
        let digest = "0".repeat(64);
        let one = |number| format!("[plugins.p{number}]\ncomponent = \"p.wasm\"\nsha256 = \"{digest}\"\n");
        Sample::new(&each(length, one), [("p.wasm".to_owned(), "x".repeat(length * 100))])
    });
    finds("suppressions in files", Depth::Lint, &|length| {
        let text = |number| format!("# packbox: allow(naming/output-case) because of {number}\n");
        Sample::new("", (0..length).map(|number| (format!("f{number}"), text(number))))
    });
}
