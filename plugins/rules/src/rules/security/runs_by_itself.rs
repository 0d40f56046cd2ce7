//! `security/runs-by-itself`: nothing that is generated runs without being asked for.

use crate::findings::quoted;
use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::output_name;

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/runs-by-itself",
    summary: "a generated file whose commands other tools run on their own",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Nothing in a pack runs outside packbox's sandbox. Editors and package managers have no
sandbox: a task that starts when a folder is opened, a script that runs when dependencies are installed, a shell that
reads `.envrc`. A pack that makes such files should say so.

## Fails

```pack
[[templates]]
source = "package.json"
output = "package.json"

==> package.json
{ "scripts": { "postinstall": "node setup.js" } }
```

## Passes

```pack
[[templates]]
source = "package.json"
output = "package.json"

==> package.json
{ "scripts": { "test": "node --test" } }
```

## Otherwise

Say in the README and in the message what runs and when, and turn the rule off.
"#;

/// Names of files, what in them is meant, and when it runs. An empty text: the file itself is meant.
const FILES: &[(&str, &str, &str)] = &[
    (".envrc", "", "when a shell enters the folder"),
    ("devcontainer.json", "\"initializeCommand\"", "when an editor opens the folder"),
    ("devcontainer.json", "\"postCreateCommand\"", "when an editor opens the folder"),
    ("package.json", "\"install\"", "when dependencies are installed"),
    ("package.json", "\"postinstall\"", "when dependencies are installed"),
    ("package.json", "\"preinstall\"", "when dependencies are installed"),
    ("package.json", "\"prepare\"", "when dependencies are installed"),
    ("tasks.json", "\"folderOpen\"", "when an editor opens the folder"),
];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let mut last = ("", "");
    for template in &subject.facts.templates {
        let name = output_name(&template.output);
        if (template.source.as_str(), name) == last {
            continue;
        }
        last = (&template.source, name);
        let Some(source) = subject.source(&template.source) else { continue };
        let text = source.text.unwrap_or_default();
        for (_, what, when) in FILES.iter().filter(|(file, _, _)| *file == name) {
            if let Some(at) = text.find(what) {
                let message = format_args!("commands of {} run {when}", quoted(&template.output));
                findings.text(source, at..at + what.len(), message, "let the user run them");
            }
        }
    }
}
