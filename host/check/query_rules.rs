//! The rules about queries, with their pages. The query engine finds most of it; which of it counts for a pack is said in
//! `queries.rs`.

use super::report::RuleInfo;
use crate::diagnostic::Severity;

/// A query whose rows come in no order.
pub(super) const UNORDERED: &str = "query/unordered";
/// A prefix that nothing uses.
pub(super) const UNUSED_PREFIX: &str = "query/unused-prefix";
/// A query that nothing reads.
pub(super) const UNUSED: &str = "query/unused";

/// What stands around the query of a sample.
const BEFORE: &str =
    "[ontology]\nfiles = [\"shop.ttl\"]\nprefixes = { s = \"urn:s:\" }\n\n[queries.rows]\ntext = '''\n";
const AFTER: &str = "\n'''\n\n[[templates]]\nsource = \"ports.txt.jinja\"\noutput = \"ports.txt\"\n==> shop.ttl\n\
    <urn:s:orders> <urn:s:port> 8080 ; <urn:s:calls> <urn:s:stock> .\n<urn:s:stock> <urn:s:port> 8081 .\n\
    ==> ports.txt.jinja\n{% for row in rows %}{{ row.port }} {% endfor %}\n";

/// The rules about queries.
#[must_use]
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub fn query_rules() -> Vec<RuleInfo> {
    let rule = |id: &str, default_level, summary: &str, why: &str, [fails, passes]: [String; 2]| RuleInfo {
        id: id.to_owned(),
        summary: summary.to_owned(),
        default_level,
        help: format!("{why}\n\n## Fails\n\n```pack\n{fails}```\n\n## Passes\n\n```pack\n{passes}```\n"),
    };
    let of = |fails: &str, passes: &str| [fails, passes].map(|query| format!("{BEFORE}{query}{AFTER}"));
    let warning = Severity::Warning;
    vec![
        rule(
            "query/cartesian-product",
            warning,
            "the patterns of a query have variables in common",
            "Patterns that no variable joins give each row of one with each row of the other: a hundred services and a hundred \
             calls are ten thousand rows.",
            of(
                "SELECT ?port ?other WHERE { ?service s:port ?port . ?caller s:calls ?other } ORDER BY ?port ?other",
                "SELECT ?port ?other WHERE { ?service s:port ?port ; s:calls ?other } ORDER BY ?port ?other",
            ),
        ),
        rule(
            "query/duplicate-prefix",
            warning,
            "a prefix has one meaning",
            "A prefix that is declared twice, or otherwise than under `prefixes` of `[ontology]`, means something else than who \
             reads on expects.",
            of(
                "PREFIX s: <urn:other:>\nSELECT ?port WHERE { ?service s:port ?port } ORDER BY ?port",
                "SELECT ?port WHERE { ?service s:port ?port } ORDER BY ?port",
            ),
        ),
        rule(
            "query/select-star",
            warning,
            "a query names the variables that it gives",
            "`SELECT *` gives whatever variables the query happens to have: whoever adds a pattern changes what templates see.",
            of(
                "SELECT * WHERE { ?service s:port ?port } ORDER BY ?port",
                "SELECT ?service ?port WHERE { ?service s:port ?port } ORDER BY ?port",
            ),
        ),
        rule(
            "query/unbound-variable",
            warning,
            "each variable of a query gets a value somewhere",
            "A variable that no pattern binds and that is no parameter has no value: what is compared with it is never true, and \
             its column is empty. Often it is a typing mistake.",
            of(
                "SELECT ?port WHERE { ?service s:port ?port FILTER(?prot > 80) } ORDER BY ?port",
                "SELECT ?port WHERE { ?service s:port ?port FILTER(?port > 80) } ORDER BY ?port",
            ),
        ),
        rule(
            "query/unbounded-path",
            warning,
            "a path of any length has a `LIMIT`",
            "`+` and `*` follow as many steps as there are. In a graph where much is connected, that is each pair of nodes.",
            of(
                "SELECT ?port WHERE { ?service s:calls+/s:port ?port } ORDER BY ?port",
                "SELECT ?port WHERE { ?service s:calls+/s:port ?port } ORDER BY ?port LIMIT 100",
            ),
        ),
        rule(
            "query/unknown-iri",
            warning,
            "some graph has the IRIs that a query asks for",
            "A pattern with an IRI that no graph has finds nothing. The graphs are those of the pack, the examples of its \
             variables of type `graph`, and what its queries make: a query about what only users bring gives such a variable an \
             example.",
            of(
                "SELECT ?port WHERE { ?service s:prot ?port } ORDER BY ?port",
                "SELECT ?port WHERE { ?service s:port ?port } ORDER BY ?port",
            ),
        ),
        rule(
            UNORDERED,
            Severity::Note,
            "rows that become files have an order",
            "Rows of a query without `ORDER BY` are sorted by all their terms. So they are the same each time, but the order is not \
             the one that the pack chose, and a new column changes it.",
            of(
                "SELECT ?port WHERE { ?service s:port ?port }",
                "SELECT ?port WHERE { ?service s:port ?port } ORDER BY ?port",
            ),
        ),
        rule(
            UNUSED,
            Severity::Note,
            "a query is read, or is a gate",
            "A query that no template, expression or other query reads, and that decides nothing, is not asked: only `packbox \
             query` asks it.",
            [
                format!(
                    "{BEFORE}SELECT ?port WHERE {{ ?service s:port ?port }} ORDER BY ?port{}",
                    AFTER.replace(" rows %}{{ row.port }} {%", " [] %}{%")
                ),
                format!("{BEFORE}SELECT ?port WHERE {{ ?service s:port ?port }} ORDER BY ?port{AFTER}"),
            ],
        ),
        rule(
            UNUSED_PREFIX,
            warning,
            "a prefix that is declared is used",
            "A prefix that nothing uses is often one that was written otherwise somewhere.",
            of(
                "PREFIX t: <urn:t:>\nSELECT ?port WHERE { ?service s:port ?port } ORDER BY ?port",
                "PREFIX t: <urn:s:>\nSELECT ?port WHERE { ?service t:port ?port ; s:calls ?other } ORDER BY ?port",
            ),
        ),
    ]
}
