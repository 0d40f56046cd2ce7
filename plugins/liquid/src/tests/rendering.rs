//! What the guest adds to the engine: reads, inspection, help, options, an order for objects, no clock.

use super::*;
use crate::inspect;

const CONTEXT: &str = r#"{"title":"t","user":{"name":"Ann","email":"e"},"items":["b","a"],"port":80,"unused":1}"#;

fn reads(partials: &[(&str, &str)], text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let rendered = one(CONTEXT, partials, text).expect("a result");
    (rendered.reads.variables, rendered.reads.partials, rendered.reads.absent)
}

#[test]
fn reads_name_what_was_looked_up() {
    let (variables, partials, absent) = reads(
        &[("a", "{{ port }}{% if nope %}{% endif %}"), ("b", "{{ unused }}")],
        "{{ title }}{% include 'a' %}{% if false %}{{ user }}{% endif %}",
    );
    assert_eq!(variables, ["port", "title"]);
    assert_eq!(partials, ["a"]);
    assert_eq!(absent, ["nope"]);
    assert_eq!(reads(&[], "{% assign title = 1 %}{{ title }}").0, Vec::<String>::new());
}

#[test]
fn a_partial_that_was_parsed_before_is_read_again() {
    let jobs = [job("a", "{% include 'p' %}"), job("b", "{% include 'p' %}"), job("c", "")];
    let answers = render::render(b"{}", vec![file("p", "x")], &jobs);
    let partials: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().expect("a result").reads.partials.len()).collect();
    assert_eq!(partials, [1, 1, 0]);
}

#[test]
fn locals_are_no_reads() {
    let mut wanted = job("main", "{{ item }}{{ title }}{{ port }}");
    wanted.locals = br#"{"item":1,"title":"local"}"#.to_vec();
    let rendered = render::render(CONTEXT.as_bytes(), vec![], &[wanted]).remove(0);
    assert_eq!(text(&rendered), "1local80");
    assert_eq!(rendered.expect("a result").reads.variables, ["port"]);
}

#[test]
fn inspection_lists_names() {
    let template = "{{ user.name | append: title }}{% for i in items limit:n %}{{ i }}{{ forloop.index }}{{ x[y] }}{% endfor %}\
                    {% assign a = port | plus: 1 %}{{ a }}{% include 'p' label:z %}{% raw %}{{ q }}{% endraw %}";
    let found = inspect::inspect(&file("main", template)).expect("names");
    assert_eq!(found.variables, ["items", "n", "port", "title", "user", "x", "y", "z"]);
    assert_eq!(found.partials, ["p"]);
    let Err(Failure::Invalid(diagnostics)) = inspect::inspect(&file("main", "\n{% if %}")) else { panic!("no error") };
    assert_eq!(diagnostics[0].rule, "template/syntax");
}

#[test]
fn help_names_what_was_meant() {
    let help = |text: &str| wrong(one(CONTEXT, &[("parts/head", "")], text)).help.unwrap_or_default();
    assert!(help("{{ titel }}").starts_with("did you mean `title`? the pack declares: `items`, "));
    assert_eq!(help("{{ user.nmae }}"), "did you mean `name`? it has: `email`, `name`");
    assert_eq!(help("{{ title | upcas }}"), "did you mean `upcase`?");
    assert_eq!(help("{% iff x %}"), "did you mean `if`?");
    assert_eq!(help("{% render 'parts/haed' %}"), "did you mean `parts/head`?");
}

#[test]
fn an_error_in_a_partial_names_the_way() {
    let partials = [("inner", "x\n{{ nope }}"), ("outer", "{% include 'inner' %}"), ("broken", "\n{% if %}")];
    let related = |text: &str| {
        let found = wrong(one(CONTEXT, &partials, text));
        (place(found.span.as_ref().unwrap()), found.related.iter().map(place).collect::<Vec<_>>())
    };
    let (at, way) = related("a\n{% include 'outer' %}");
    assert_eq!((at.as_str(), way), ("inner:2:4-2:8", vec!["outer:1:12-1:19".into(), "2:12-2:19".into()]));
    let (at, way) = related("{% render 'broken' %}");
    assert!(at.starts_with("broken:2:"), "{at}");
    assert_eq!(way, ["1:11-1:19"]);
}

#[test]
fn objects_keep_their_order() {
    let context = r#"{"o":{"z":1,"a":2,"m":3,"b":4,"y":5,"c":6}}"#;
    let result = one(context, &[], "{% for p in o %}{{ p[0] }}{% endfor %} {{ o }} {{ o | tojson }}");
    assert_eq!(text(&result), "zambyc z1a2m3b4y5c6 {\"z\": 1, \"a\": 2, \"m\": 3, \"b\": 4, \"y\": 5, \"c\": 6}");
}

#[test]
fn there_is_no_clock() {
    for text in
        ["{{ 'now' | date: '%Y' }}", "{{ ' Today ' | date: '%Y' }}", "{% assign n = 'NOW' %}{{ n | date: '%s' }}"]
    {
        let found = wrong(one("{}", &[], text));
        assert!(found.message.starts_with("there is no clock"), "{text}: {}", found.message);
    }
    assert_eq!(text(&one("{}", &[], "{{ 'tomorrow' | date: '%Y' }}")), "tomorrow");
}

#[test]
fn options_and_input_are_checked() {
    let mut wanted = job("main", "x");
    wanted.options = br#"{"trim_blocks":true}"#.to_vec();
    let found = wrong(render::render(b"{}", vec![], &[wanted]).remove(0));
    assert_eq!((found.rule.as_str(), found.message.as_str()), ("template/option", "unknown option `trim_blocks`"));
    assert_eq!(wrong(render::render(b"[]", vec![], &[job("main", "x")]).remove(0)).rule, "template/error");
    let indented = one(r#"{"l":[1]}"#, &[], "{{ l | tojson: indent: 2 }}");
    assert_eq!(text(&indented), "[\n  1\n]");
}
