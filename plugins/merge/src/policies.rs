//! The policies by their names, with what they say about themselves.

use common::hints;

use crate::formats::Format;
use crate::{Failure, Job, Outcome, Policy, lines, region, structured};

/// A policy.
struct Known {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    options: &'static str,
}

/// All policies, sorted.
const KNOWN: [Known; 5] = [
    Known {
        name: "append-lines",
        summary: "unites lines as a set, for lists such as .gitignore",
        help: include_str!("../help/append-lines.md"),
        options: "{}",
    },
    Known {
        name: "merge-json",
        summary: "merges JSON by keys, with comments where there are any",
        help: include_str!("../help/merge-json.md"),
        options: r#"{"by":null}"#,
    },
    Known {
        name: "merge-toml",
        summary: "merges TOML by keys",
        help: include_str!("../help/merge-toml.md"),
        options: r#"{"by":null}"#,
    },
    Known {
        name: "merge-yaml",
        summary: "merges YAML by keys",
        help: include_str!("../help/merge-yaml.md"),
        options: r#"{"by":null}"#,
    },
    Known {
        name: "region",
        summary: "gives each owner a marked section of the file",
        help: include_str!("../help/region.md"),
        options: r#"{"comment":"","comment_end":""}"#,
    },
];

/// Lists the policies.
#[must_use]
pub fn all() -> Vec<Policy> {
    let policies = KNOWN.iter().map(|known| Policy {
        name: known.name.to_owned(),
        summary: known.summary.to_owned(),
        help: known.help.to_owned(),
        options: known.options.as_bytes().to_vec(),
    });
    policies.collect()
}

/// Merges one file.
pub fn merge(job: &Job) -> Result<Outcome, Failure> {
    if job.sides.is_empty() {
        return Err(Failure::Internal("there is no side to merge".to_owned()));
    }
    match job.policy.as_str() {
        "append-lines" => lines::merge(job),
        "merge-json" => structured::merge(job, Format::Json),
        "merge-toml" => structured::merge(job, Format::Toml),
        "merge-yaml" => structured::merge(job, Format::Yaml),
        "region" => region::merge(job),
        unknown => {
            let names = KNOWN.iter().map(|known| known.name);
            let near = match hints::nearest(unknown, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the policies are {}", hints::list(names)),
            };
            Err(Failure::Unsupported(format!("there is no policy `{unknown}`: {near}")))
        }
    }
}
