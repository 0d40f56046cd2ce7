//! Plans: parsed, written, compared with the pack, and built.

use packbox::digest::Digest;
use packbox::limits::{Budget, RunLimits};
use packbox::plan::{self, Plan, Sources};
use serde_json::{Value, json};

use crate::cost::Alone;
use crate::samples::{Sample, each, toolbox, values};

fn file(template: &str) -> Value {
    let digest = Digest::of(b"").to_string();
    json!({
        "template": template, "template_sha256": digest, "engine": "copy", "output": template, "on_conflict": "own",
    })
}

/// A plan, with something changed in that of its pack.
fn text(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let digest = Digest::of(b"").to_string();
    let mut plan = json!({
        "pack": { "name": "a", "version": "1.0.0", "path": "a", "manifest_sha256": digest },
        "values": {}, "secrets": [], "engines": {}, "partials": {}, "files": [file("t")], "message": null,
    });
    change(&mut plan);
    let all = json!({
        "format": plan::FORMAT, "packbox": "0.1.0", "leading": "a", "strategy": "merge", "packs": [plan], "outputs": [],
    });
    all.to_string().into_bytes()
}

/// The plan of the pack in a plan.
fn parsed(text: &[u8]) -> Plan {
    plan::parse(text).expect("a plan").packs.remove(0)
}

/// A plan of so many files, each changed by its number.
fn of_files(length: usize, change: impl Fn(usize, &mut Value)) -> Vec<u8> {
    let files = (0..length).map(|number| {
        let mut file = file(&format!("d/{number}"));
        change(number, &mut file);
        file
    });
    text(|plan| plan["files"] = files.collect())
}

fn list(length: usize) -> Value {
    (0..length).map(|number| Value::from(format!("element {number}"))).collect()
}

fn object(length: usize, value: &Value) -> Value {
    Value::Object((0..length).map(|number| (format!("key-{number}"), value.clone())).collect())
}

fn read_and_written(alone: &Alone, name: &str, length: usize, list: impl Fn(usize) -> Vec<u8>) {
    alone.grows_with_its_length(name, length, list, |text| {
        let plan = plan::parse(text).expect("a plan");
        let written = plan::to_text(&plan, &Budget::new(RunLimits::DEFAULT)).expect("a text");
        assert!(written.len() > text.len());
    });
}

#[test]
fn plans_are_read_and_written() {
    let alone = Alone::wait();
    let files = |name: &str, length: usize, change: &dyn Fn(usize, &mut Value)| {
        read_and_written(&alone, name, length, |length| of_files(length, change));
    };
    files("planned files", 2_000, &|_, _| {});
    files("planned files with items", 1_000, &|number, file| file["item"] = json!({ "name": number, "list": [1, 2] }));
    files("planned files with options", 1_000, &|_, file| file["options"] = object(5, &json!([1])));
    files("planned files with chains", 1_000, &|_, file| {
        file["then"] = json!([{ "engine": "jinja", "options": { "a": 1 } }, { "engine": "plugin:b" }]);
    });
    files("planned files that read", 1_000, &|_, file| file["reads"] = list(5));
    let one = |name: &str, at: &str, element: &dyn Fn(usize) -> Value| {
        let change = |length| text(|plan| *plan.pointer_mut(at).expect("a place") = element(length));
        read_and_written(&alone, name, 1_000, change);
    };
    one("values of a plan", "/values", &|length| object(length, &json!("x")));
    one("a long value of a plan", "/values", &|length| json!({ "a": list(length) }));
    one("secrets of a plan", "/secrets", &list);
    one("engines of a plan", "/engines", &|length| object(length, &Digest::of(b"").to_string().into()));
    one("partials of a plan", "/partials", &|length| object(length, &Digest::of(b"").to_string().into()));
    read_and_written(&alone, "variables that a file reads", 5_000, |length| {
        of_files(1, |_, file| file["reads"] = list(length))
    });
    read_and_written(&alone, "options of a file", 5_000, |length| {
        of_files(1, |_, file| file["options"] = object(length, &json!(1)))
    });
}

/// A pack whose files are copied from a folder.
fn copied(length: usize) -> Sample {
    let files = (0..length).map(|number| (format!("d/{number}"), number.to_string()));
    Sample::new("[[templates]]\nsource = \"d\"\noutput = \"out\"\n", files)
}

fn built(sample: &Sample) -> (Plan, Sources) {
    plan::build(&sample.pack, &toolbox(&sample.pack), &values(&sample.pack)).expect("a plan")
}

#[test]
fn plans_are_compared_with_the_pack() {
    let alone = Alone::wait();
    let planned = |length| {
        let sample = copied(length);
        let plan = built(&sample).0;
        (sample, plan)
    };
    alone.grows_with_its_length("files of a plan", 300, planned, |(sample, plan)| {
        assert_eq!(plan::reload(plan, &sample.pack, &toolbox(&sample.pack)).expect("sources").len(), plan.files.len());
    });
    let differs = |name: &str, length: usize, other: &dyn Fn(usize) -> (Sample, Plan)| {
        alone.grows_with_its_length(name, length, other, |(sample, plan)| {
            plan::reload(plan, &sample.pack, &toolbox(&sample.pack)).expect_err("another pack");
        });
    };
    differs("files of a plan that were changed", 300, &|length| {
        let (sample, mut plan) = planned(length);
        plan.files.iter_mut().for_each(|file| file.template_sha256 = Digest::of(b"another"));
        (sample, plan)
    });
    differs("files of a plan that are not there", 5_000, &|length| (copied(1), parsed(&of_files(length, |_, _| {}))));
    differs("engines of a plan that are not there", 5_000, &|length| {
        let engines = (0..length).map(|number| (format!("plugin:p{number}"), Digest::of(b"").to_string().into()));
        let text = text(|plan| plan["engines"] = Value::Object(engines.collect()));
        (copied(1), parsed(&text))
    });
}

/// One that has to be built.
fn builds(alone: &Alone, name: &str, length: usize, sample: impl Fn(usize) -> Sample) {
    let sample = |length| {
        let sample = sample(length);
        let values = values(&sample.pack);
        (sample, values)
    };
    alone.grows_with_its_length(name, length, sample, |(sample, values)| {
        let (plan, _) = plan::build(&sample.pack, &toolbox(&sample.pack), values).expect("a plan");
        assert!(!plan.files.is_empty());
    });
}

fn one_file(manifest: &str) -> Sample {
    Sample::new(manifest, [("t.jinja".to_owned(), String::new())])
}

#[test]
fn plans_are_built() {
    let alone = Alone::wait();
    builds(&alone, "files that are copied", 300, copied);
    builds(&alone, "files with options that are shared", 300, |length| {
        let files = (0..length).map(|number| (format!("d/{number}"), String::new()));
        let options = each(length, |number| format!("k{number} = 1\n"));
        let entry =
            "[[templates]]\nsource = \"d\"\noutput = \"out\"\nengine = \"jinja\"\nthen = [{ engine = \"tera\" }]\n";
        Sample::new(&format!("{entry}[templates.options]\n{options}"), files)
    });
    builds(&alone, "items of a list", 1_000, |length| {
        let items = each(length, |number| format!("\"item {number}\", "));
        one_file(&format!(
            "[variables.v]\ntype = \"list\"\ndefault = [{items}]\n[[templates]]\nsource = \"t.jinja\"\noutput = \"{{{{ item }}}}\"\nfor_each = \"v\"\n"
        ))
    });
    builds(&alone, "entries with conditions and paths", 500, |length| {
        one_file(&each(length, |number| {
            format!(
                "[[templates]]\nsource = \"t.jinja\"\noutput = \"{{{{ 'a' }}}}{number}\"\nwhen = \"{number} >= 0\"\n"
            )
        }))
    });
    builds(&alone, "entries that plugins render, and their partials", 200, |length| {
        let entry = |number| {
            format!(
                "[plugins.p{number}]\ncomponent = \"p.wasm\"\n[[templates]]\nsource = \"t{number}.x{number}\"\noutput = \"{number}\"\nengine = \"plugin:p{number}\"\n"
            )
        };
        let files = (0..length).flat_map(|number| {
            [(format!("t{number}.x{number}"), String::new()), (format!("p{number}.x{number}"), String::new())]
        });
        Sample::new(&each(length, entry), files.chain([("p.wasm".to_owned(), String::new())]))
    });
    let fails = |name: &str, entry: &dyn Fn(usize) -> String| {
        let sample = |length| one_file(&each(length, entry));
        alone.grows_with_its_length(name, 500, sample, |sample| {
            plan::build(&sample.pack, &toolbox(&sample.pack), &values(&sample.pack))
                .expect_err("expressions that fail");
        });
    };
    fails("conditions that fail", &|number| {
        format!("[[templates]]\nsource = \"t.jinja\"\noutput = \"{number}\"\nwhen = \"{number} + 'a'\"\n")
    });
    fails("paths that are refused", &|number| {
        format!("[[templates]]\nsource = \"t.jinja\"\noutput = \"{{{{ '..' }}}}/{number}\"\n")
    });
}
