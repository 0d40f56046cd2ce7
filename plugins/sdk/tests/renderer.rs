//! What the SDK makes of a batch: contexts, locals, options, partials, and what is said where something does not fit.

use packbox_sdk::testing::{TestJob, TestRendered};
use packbox_sdk::{Diagnostic, Failure, Job, Rendered, Renderer, json};
use serde::Deserialize;

#[derive(Deserialize)]
struct Service {
    port: u16,
}

#[derive(Deserialize)]
struct Context {
    name: String,
    #[serde(default)]
    services: Vec<Service>,
    item: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    width: u8,
    nested: Nested,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Nested {
    list: Vec<bool>,
}

/// Writes what it was handed.
struct Echo;

impl Renderer for Echo {
    type Context = Context;
    type Options = Options;

    fn render(job: &Job<'_, Context, Options>) -> Result<Rendered, Failure> {
        let Context { name, services, item } = job.context;
        let ports: Vec<u16> = services.iter().map(|service| service.port).collect();
        let nested = job.options.nested.list.len();
        let mut text = format!("{name} {ports:?} {item:?} {} {nested}\n", job.options.width);
        for path in job.template.text()?.lines() {
            text += job.partials.get(path).map_or(Ok("-"), |partial| partial.text())?;
        }
        let note = Diagnostic::note("echo/said", "something").at(job.template.point(0));
        Ok(Rendered::text(text).file("b/c", "x").note(note))
    }
}

packbox_sdk::export_renderer!(Echo);

fn job() -> TestJob {
    TestJob::new("t.txt", "").context(json!({ "name": "n", "services": [{ "port": 1 }], "other": null }))
}

fn render(job: &TestJob) -> TestRendered {
    job.render::<Echo>().unwrap()
}

fn first(job: &TestJob) -> String {
    render(job).files().remove("").unwrap()
}

#[test]
fn locals_are_laid_over_the_context() {
    assert_eq!(first(&job()), "n [1] None 0 0\n");
    assert_eq!(first(&job().locals(json!({ "item": 7 }))), "n [1] Some(7) 0 0\n");
    assert_eq!(first(&job().locals(json!({ "name": "m", "item": null }))), "m [1] None 0 0\n");
}

#[test]
fn files_and_remarks_arrive() {
    let rendered = render(&job());
    assert_eq!(rendered.files()["b/c"], "x");
    assert_eq!(rendered.notes(), "note[echo/said]: something\n  at t.txt:1:1\n");
}

#[test]
fn reads_are_the_whole_context_and_the_partials_that_were_asked_for() {
    let job = job().template("p/a\np/gone\n").partial("p/a", "A").partial("p/b", "B").locals(json!({ "name": "m" }));
    let rendered = render(&job);
    assert_eq!(rendered.files()[""], "m [1] None 0 0\nA-");
    let [variables, partials, absent] = rendered.reads();
    assert_eq!(
        (variables, partials, absent),
        (&["other", "services"].map(String::from)[..], &["p/a".to_owned()][..], &["p/gone".to_owned()][..])
    );
}

#[test]
fn a_renderer_may_say_what_it_read() {
    struct One;
    impl Renderer for One {
        type Context = packbox_sdk::serde_json::Value;
        type Options = Options;
        fn render(_: &Job<'_, Self::Context, Options>) -> Result<Rendered, Failure> {
            Ok(Rendered::new().reading(["b", "a", "b", "item"]))
        }
    }
    let job = TestJob::new("t", "").context(json!({ "a": 1, "b": 2, "c": 3 })).locals(json!({ "item": 1 }));
    assert_eq!(job.render::<One>().unwrap().reads()[0], ["a", "b"]);
}

#[test]
fn what_does_not_fit_is_named_by_its_path() {
    let error = job().context(json!({ "name": "n", "services": [{ "port": 1 }, { "port": 70_000 }] })).errors::<Echo>();
    assert_eq!(
        error,
        "error[plugin/context]: the variable `services[1].port` does not match what the plugin expects: invalid value: integer `70000`, expected u16\n  \
         help: check the variable's type and value in `pack.toml`, and what the plugin's documentation asks for\n"
    );
    let error = job().context(json!({})).errors::<Echo>();
    assert!(
        error.starts_with(
            "error[plugin/context]: the variables do not match what the plugin expects: missing field `name`\n"
        ),
        "{error}"
    );
    let error = job().locals(json!({ "item": "x" })).errors::<Echo>();
    assert!(
        error.starts_with(
            "error[plugin/context]: the variable `item` does not match what the plugin expects: invalid type: string"
        ),
        "{error}"
    );

    let error = job().options(json!({ "nested": { "list": [true, 1] } })).errors::<Echo>();
    assert_eq!(
        error,
        "error[plugin/options]: the option `nested.list[1]` does not match what the plugin expects: invalid type: integer `1`, expected a boolean\n  \
         help: check `options` of this template in `pack.toml`\n"
    );
    let error = job().options(json!({ "witdh": 1 })).errors::<Echo>();
    assert!(
        error.contains(
            "the option `witdh` does not match what the plugin expects: unknown field `witdh`, expected `width` or"
        ),
        "{error}"
    );
}

#[test]
fn what_the_host_never_hands_over_is_a_failure_and_no_panic() {
    for broken in [json!(null), json!([]), json!("x"), json!(1)] {
        for job in [job().context(broken.clone()), job().locals(broken.clone()), job().options(broken.clone())] {
            assert!(matches!(job.render::<Echo>(), Err(Failure::Internal(_))), "{broken}");
        }
    }
}

#[test]
fn deep_json_is_an_error() {
    let mut deep = json!(0);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let options = job().options(json!({ "nested": deep }));
    assert!(matches!(options.render::<Echo>(), Err(Failure::Internal(_))));
    assert!(matches!(job().context(json!({ "name": deep })).render::<Echo>(), Err(Failure::Internal(_))));
}

#[test]
fn a_template_that_is_no_text_is_an_error_where_that_begins() {
    assert_eq!(
        job().template(b"a\nb\xc3(").errors::<Echo>(),
        "error[plugin/encoding]: the file is not UTF-8\n  at t.txt:2:2-2:3\n  \
         help: save it as UTF-8, or copy it instead of rendering it\n"
    );
}

#[test]
fn a_renderer_that_cannot_tell_says_so() {
    assert!(matches!(job().inspect::<Echo>(), Err(Failure::Unsupported(_))));
}

#[test]
#[should_panic(expected = "gives something else than alone")]
fn what_is_kept_between_jobs_is_found() {
    use std::sync::atomic::{AtomicU32, Ordering};
    static CALLS: AtomicU32 = AtomicU32::new(0);
    struct Counts;
    impl Renderer for Counts {
        type Context = packbox_sdk::serde_json::Value;
        type Options = Options;
        fn render(_: &Job<'_, Self::Context, Options>) -> Result<Rendered, Failure> {
            Ok(Rendered::text(CALLS.fetch_add(1, Ordering::Relaxed).to_string()))
        }
    }
    let _ = job().render::<Counts>();
}
