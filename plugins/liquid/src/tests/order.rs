//! Objects keep their order wherever they go, and give what the plain crate gives where it has an order at all.

use super::*;

const CONTEXT: &str = r#"{
    "o": {"z": 1, "a": 2, "m": {"y": 3, "b": 4}, "c": [{"k": 5, "d": 6}]},
    "same": {"a": 2, "m": {"b": 4, "y": 3}, "c": [{"d": 6, "k": 5}], "z": 1},
    "list": [{"z": 2, "n": "b"}, {"z": 1, "n": "A"}, {"n": "c", "z": null}, {"n": "A", "z": 1}],
    "mixed": [1, {"q": 1}, null, [2]],
    "none": {}, "one": {"": [1, 2]}, "nil": null, "words": ["b", "A", "c"]
}"#;

const PAIR: (&str, &str) = (
    "pair",
    "{{ i[0] }}:{% if i[1].y %}{{ i[1].y }}{% for p in i[1] %}{{ p[0] }},{% endfor %}{% endif %}{% if i[1] contains 'b' %}{{ i[1] }}{% endif %};",
);

fn gives(text: &str) -> String {
    let partials = [
        (
            "show",
            "{{ x }};{{ x.m }};{% for p in x %}{{ p[0] }}{% endfor %}{% assign y = x %};{{ y }}{% if x == y %}={% endif %}",
        ),
        ("assigns", "{% assign o = list | first %}{{ o }}{{ o.n }}"),
        ("each", "{{ i }}{{ forloop.index }}"),
        PAIR,
    ];
    let rendered = one(CONTEXT, &partials, text);
    self::text(&rendered).to_owned()
}

/// The way of an object and what comes of it.
const WAYS: &[(&str, &str)] = &[
    ("{{ o }}", "z1a2my3b4ck5d6"),
    ("{{ o | default: 1 }} {{ o.m | default: 1 }}", "z1a2my3b4ck5d6 y3b4"),
    ("{% assign x = o %}{{ x }} {{ x.m }} {{ x.c[0] }} {{ x.size }}", "z1a2my3b4ck5d6 y3b4 k5d6 4"),
    ("{% assign x = o.c %}{{ x }} {{ x.first }} {{ x | first }} {{ x | last | size }}", "k5d6 k5d6 k5d6 2"),
    ("{% assign x = o %}{% for p in x %}{{ p[0] }}:{{ p[1] }},{% endfor %}", "z:1,a:2,m:y3b4,c:k5d6,"),
    ("{% for p in o.c %}{% for q in p %}{{ q }}.{% endfor %}{% endfor %}", "k5.d6."),
    (
        "{% tablerow p in o.m %}{{ p }}{% endtablerow %}",
        r#"<tr class="row1"><td class="col1">y3</td><td class="col2">b4</td></tr>"#,
    ),
    ("{% for p in o reversed limit:2 %}{{ p }} {% endfor %}", "a2 z1 "),
    ("{% capture x %}{{ o.m }}{% endcapture %}{{ x }}", "y3b4"),
    ("{% include 'show' x:o %}", "z1a2my3b4ck5d6;y3b4;zamc;z1a2my3b4ck5d6="),
    ("{% render 'show', x:o %}", "z1a2my3b4ck5d6;y3b4;zamc;z1a2my3b4ck5d6="),
    ("{% render 'each' for list as i %}", "z2nb1z1nA2ncz3nAz14"),
    ("{% render 'pair' for o as i %}", "z:;a:;m:3y,b,y3b4;c:;"),
    ("{% render 'each' for o as i %}", "z11a22my3b43ck5d64"),
    ("{% render 'assigns', list:list %}{{ o.z }}", "z2nbb1"),
    ("{% include 'assigns' %}{{ o.z }}", "z2nbb2"),
    ("{{ list | sort: 'z' | map: 'n' | join }} {{ list | sort: 'z' }}", "A A b c z1nAnAz1z2nbncz"),
    ("{{ list | sort_natural: 'n' }}", "z1nAnAz1z2nbncz"),
    ("{{ list | uniq }} {{ list | uniq | size }}", "z2nbz1nAncz 3"),
    ("{{ list | where: 'n', 'A' | last }} {{ list | where: 'z' | size }}", "nAz1 3"),
    (
        "{{ list | reverse | compact: 'z' | map: 'z' }} {{ list | slice: 1, 2 | first | tojson }}",
        r#"112 {"z": 1, "n": "A"}"#,
    ),
    ("{{ list | first | append: '!' }} {{ list | concat: o.c | last | upcase }}", "z2nb! K5D6"),
    ("{{ o | size }} {{ none | size }} {{ one | size }} {{ one }} {{ one | tojson }}", r#"4 0 1 12 {"": [1, 2]}"#),
    ("{{ one | default: 1 | size }}{% assign x = one %}{{ x | size }}{{ x[''] | join }}", "111 2"),
    (
        "{{ none | default: 'd' }}{% assign x = none %}{{ x | default: 'd' }}{{ none | where: 'a' | first | default: 'e' }}",
        "dde",
    ),
    (
        "{% if o == same %}1{% endif %}{% assign x = same %}{% if x == o %}2{% endif %}{% if x.m != o.m %}3{% endif %}",
        "12",
    ),
    (
        "{% assign x = o %}{% if x contains 'a' %}1{% endif %}{% if x contains '' %}2{% endif %}{% if x.c contains o.c[0] %}3{% endif %}",
        "13",
    ),
    ("{% assign x = none %}{% if x == empty %}1{% endif %}{% if x %}2{% endif %}{% if o == empty %}3{% endif %}", "12"),
    (
        "{% for x in list %}{% case x %}{% when list[2] %}{{ forloop.index }}{% endcase %}{% cycle x.n, o.m %}{% endfor %}",
        "by3b43cy3b4",
    ),
    (
        "{% for x in (1..2) %}{% assign f = forloop %}{% endfor %}{{ f }} {{ f.index }}",
        "length2parentloopindex01index2rindex00rindex1firstfalselasttrue 2",
    ),
    (
        "{% for x in (1..1) %}{{ forloop }}{% for y in (1..1) %}{{ forloop.parentloop.last }}{% endfor %}{% endfor %}",
        "length1parentloopindex00index1rindex00rindex1firsttruelasttruetrue",
    ),
    (
        "{{ mixed | compact | size }} {{ mixed | tojson }} {{ mixed | reverse | tojson }}",
        r#"3 [1, {"q": 1}, null, [2]] [[2], null, {"q": 1}, 1]"#,
    ),
    ("{% increment o %}{% increment n %}{% increment n %}{{ n }} {{ o.z }}", "0012 1"),
    (
        "{{ words | sort }} {{ words | sort_natural | join: ' ' }} {{ nil | sort | size }} {{ o | sort | size }}",
        "Abc A b c 0 1",
    ),
];

#[test]
fn objects_keep_their_order_on_every_way() {
    for (text, wanted) in WAYS {
        assert_eq!(gives(text), *wanted, "{text}");
    }
}

/// The same ways with objects of one key, where the plain crate has an order, too.
#[test]
fn the_plain_crate_goes_the_same_ways() {
    let context = r#"{
        "o": {"m": {"m": {"m": [1]}}}, "same": {"m": {"m": {"m": [1]}}}, "list": [{"n": "b"}, {"n": "A"}, {"z": 1}, {"n": "A"}],
        "mixed": [1, {"q": 1}, null, [2]], "none": {}, "one": {"": [1, 2]}, "nil": null, "words": ["b", "A", "c"]
    }"#;
    let partials: Vec<(String, String)> = [
        ("show", "{{ x }};{{ x.m }};{% for p in x %}{{ p[0] }}{% endfor %}{% assign y = x %};{{ y }}"),
        ("assigns", "{% assign o = list | first %}{{ o }}{{ o.n }}"),
        ("each", "{{ i }}{{ forloop.index }}"),
        PAIR,
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .to_vec();
    // A loop's own object has no order there.
    for (text, _) in WAYS.iter().filter(|(text, _)| !text.contains("= forloop") && !text.contains("{{ forloop }}")) {
        let files = partials.iter().map(|(name, text)| file(name, text)).collect();
        let ours = render::render(context.as_bytes(), files, &[job("main", text)]).remove(0);
        let plain = twin::render(text, &partials, context, "{}");
        match (ours, plain) {
            (Ok(ours), Ok(plain)) => assert_eq!(String::from_utf8_lossy(&ours.outputs[0].contents), plain, "{text}"),
            (Err(_), Err(_)) => {}
            (ours, plain) => panic!("{text}: {ours:?} and {plain:?}"),
        }
    }
}

/// Items that can't be compared have no order that all of them agree on. The standard library's sort may panic on that.
#[test]
fn what_cannot_be_compared_is_sorted_somehow() {
    for step in [3_u32, 5, 7, 11] {
        let item = |at: u32| match at * step % 4 {
            0 => format!("{}", at * 7919 % 101),
            1 => format!("\"{}\"", at * 7919 % 103),
            2 => format!("{{\"k\": {}}}", at * 7919 % 97),
            _ => format!("[{}.5, {at}]", at * 7919 % 89),
        };
        let items: Vec<String> = (0..500).map(item).collect();
        let context = format!("{{\"l\": [{}]}}", items.join(","));
        assert_eq!(text(&one(&context, &[], "{{ l | sort | size }} {{ l | sort | sort_natural | size }}")), "500 500");
    }
    let numbers: Vec<String> = (0..500).map(|at| format!("{{\"k\": {}, \"at\": {at}}}", at * 7919 % 17)).collect();
    let context = format!("{{\"l\": [{}]}}", numbers.join(","));
    let template = "{{ l | sort: 'k' | map: 'at' | join: ',' }}";
    assert_eq!(text(&one(&context, &[], template)), twin::render(template, &[], &context, "{}").expect("a result"));
}
