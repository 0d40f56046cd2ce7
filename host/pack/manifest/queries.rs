//! `[queries.NAME]`: read and checked; nothing runs them yet.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::TableReader;
use crate::pack::names::{PackPath, QueryName};
use crate::pack::spanned::Spanned;
use crate::pack::variable::Variable;

/// A named query.
#[derive(Debug, Clone)]
pub struct Query {
    /// The file that holds it.
    pub file: Spanned<PackPath>,
}

pub(super) fn read_queries(root: &mut TableReader<'_, '_>, variables: &[Variable]) -> BTreeMap<QueryName, Query> {
    let mut queries = BTreeMap::new();
    let variables: BTreeSet<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
    for (name, value) in root.entries::<QueryName>("queries", "query") {
        let Some(mut table) = value.table(format!("[queries.{}]", name.value)) else { continue };
        let file = table.require("file", "for instance `file = \"queries/services.rq\"`");
        let file = file.and_then(super::ValueReader::parsed);
        let findings = table.findings;
        table.finish(&[]);
        if variables.contains(name.value.as_str()) {
            let message = format!("the query `{}` has the name of a variable", name.value);
            findings.add_with_help(
                "manifest/value",
                &name.range,
                message,
                "rename one of them: `for_each` could mean both",
            );
        }
        if let Some(file) = file {
            queries.insert(name.value, Query { file });
        }
    }
    queries
}
