//! `team/license-header`: generated sources say under which license they are.

use packbox_sdk::facts::Role;
use packbox_sdk::{Diagnostic, Failure, Rule, Severity, Subject};
use serde::{Deserialize, Serialize};

const ID: &str = "team/license-header";

/// Extensions of sources, before `.jinja` or the like.
const EXTENSIONS: [&str; 12] = ["c", "cpp", "go", "h", "java", "js", "kt", "py", "rb", "rs", "swift", "ts"];

const PAGE: &str = "\
A generated file gets copied, and then nobody can tell where it came from. Each source that the pack
generates begins with a line that names its license.

## Fails

    fn main() {}

## Passes

    // SPDX-License-Identifier: Apache-2.0
    fn main() {}

## Options

`text` is what has to stand there, and `lines` says within how many lines.
";

/// What `packbox.toml` may set.
#[derive(Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    text: String,
    lines: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { text: "SPDX-License-Identifier:".to_owned(), lines: 5 }
    }
}

/// Describes the rule.
pub(crate) fn rule() -> Rule {
    Rule::new(ID, "generated sources name their license", Severity::Warning)
        .help(PAGE)
        .options(&Options::default())
        .files(EXTENSIONS.iter().flat_map(|extension| [format!("*.{extension}"), format!("*.{extension}.*")]))
}

/// Checks every source that becomes an output.
pub(crate) fn check(subject: &Subject<'_>) -> Result<Vec<Diagnostic>, Failure> {
    let options: Options = subject.options(ID)?;
    let mut findings = Vec::new();
    let generated = subject.facts.files.iter().filter(|file| matches!(file.role, Role::Template | Role::Copy));
    for file in generated.filter_map(|fact| subject.file(&fact.path)).filter(|file| is_source(file.name())) {
        let Ok(text) = file.text() else { continue };
        if text.trim().is_empty() || text.lines().take(options.lines).any(|line| line.contains(&options.text)) {
            continue;
        }
        let first = text.lines().next().unwrap_or_default();
        findings.push(
            Diagnostic::warning(ID, format!("the first {} lines do not say `{}`", options.lines, options.text))
                .maybe_at(file.span_of(first))
                .help("begin the file with a comment that names the license"),
        );
    }
    Ok(findings)
}

fn is_source(name: &str) -> bool {
    name.split('.').skip(1).any(|part| EXTENSIONS.contains(&part))
}
