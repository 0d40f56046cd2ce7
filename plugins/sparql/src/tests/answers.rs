//! What queries give, and in which order.

use super::{asked, refusal, rows, setting, turtle};
use crate::{Answer, Query, Setting, ask};

const SERVICES: &str = r#"
    @prefix : <http://example.org/> .
    :shop a :Service ; :port 8080 ; :name "Shop"@en ; :needs :stock .
    :stock a :Service ; :port 443 ; :name "Stock" ; :needs :base .
    :base a :Service ; :port 9 .
"#;

#[test]
fn a_select_without_an_order_is_sorted_numbers_by_value() {
    let given = rows(asked(SERVICES, "PREFIX : <http://example.org/> SELECT ?port ?s { ?s :port ?port }"));
    assert_eq!(
        given,
        [
            "\"9\"^^integer <http://example.org/base>",
            "\"443\"^^integer <http://example.org/stock>",
            "\"8080\"^^integer <http://example.org/shop>",
        ]
    );
}

#[test]
fn an_order_of_the_query_is_kept() {
    let text = "PREFIX : <http://example.org/> SELECT ?s { ?s :port ?port } ORDER BY DESC(?port) LIMIT 2";
    assert_eq!(rows(asked(SERVICES, text)), ["<http://example.org/shop>", "<http://example.org/stock>"]);
}

#[test]
fn what_is_optional_may_have_no_value() {
    let text = "PREFIX : <http://example.org/> SELECT ?s ?name { ?s a :Service OPTIONAL { ?s :name ?name } }";
    assert_eq!(
        rows(asked(SERVICES, text)),
        [
            "<http://example.org/base> -",
            "<http://example.org/shop> \"Shop\"@en",
            "<http://example.org/stock> \"Stock\"",
        ]
    );
}

#[test]
fn the_other_forms_give_what_they_are_for() {
    assert_eq!(rows(asked(SERVICES, "PREFIX : <http://example.org/> ASK { :shop :needs+ :base }")), ["true"]);
    let text = "PREFIX : <http://example.org/> CONSTRUCT { ?b :serves ?a } WHERE { ?a :needs ?b }";
    assert_eq!(
        rows(asked(SERVICES, text)),
        [
            "<http://example.org/base> <http://example.org/serves> <http://example.org/stock>",
            "<http://example.org/stock> <http://example.org/serves> <http://example.org/shop>",
        ]
    );
    let described = rows(asked(SERVICES, "DESCRIBE <http://example.org/base>"));
    assert_eq!(described.len(), 2, "{described:?}");
}

#[test]
fn chance_and_time_are_arguments_and_a_batch_is_single_calls() {
    let text = "SELECT (NOW() AS ?now) {}";
    assert_eq!(rows(asked("", text)), ["\"2023-11-14T22:13:20Z\"^^dateTime"]);
    // Natively, other bytes are drawn than in the component; that a batch is single calls is tested there, too.
    let queries: Vec<Query> = vec![super::query("ASK {}"), super::query(text)];
    let later = Setting { now: 0, ..setting() };
    let given = ask::ask(&later, &[turtle(SERVICES)], &queries);
    assert_eq!(given[0].as_ref().unwrap().answer, Answer::Boolean(true));
    assert_eq!(rows(given[1].clone()), ["\"1970-01-01T00:00:00Z\"^^dateTime"]);
}

#[test]
fn more_rows_than_are_allowed_are_a_failure() {
    let query = Query { limit: 2, ..super::query("SELECT ?s { ?s ?p ?o }") };
    let given = ask::ask(&setting(), &[turtle(SERVICES)], &[query]).remove(0);
    assert_eq!(
        refusal(given),
        "query/rows: the query gives more than 2 rows (ask for less, with `LIMIT` for instance, or raise the limit `rows`)"
    );
}

#[test]
fn steps_are_told_with_their_rows() {
    let text = "PREFIX : <http://example.org/> SELECT ?s { ?s :port ?port FILTER(?port > 9) } ORDER BY ?port";
    let query = Query { explain: true, ..super::query(text) };
    let given = ask::ask(&setting(), &[turtle(SERVICES)], &[query]).remove(0).unwrap();
    let steps: serde_json::Value = serde_json::from_slice(&given.steps.unwrap()).unwrap();
    let mut told = Vec::new();
    let mut waiting = vec![&steps];
    while let Some(step) = waiting.pop() {
        told.push(format!("{} {}", step["rows"], step["name"].as_str().unwrap()));
        waiting.extend(step["children"].as_array().unwrap());
    }
    assert_eq!(
        told,
        [
            "2 Project(?s)",
            "2 Sort(ASC(?port), ASC(?s))",
            "2 Filter((?port > \"9\"^^<http://www.w3.org/2001/XMLSchema#integer>))",
            "3 QuadPattern(?s <http://example.org/port> ?port)",
        ]
    );
}
