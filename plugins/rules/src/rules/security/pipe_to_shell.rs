//! `security/pipe-to-shell`: what is downloaded is not run unseen.

use crate::rule::{ALL_FILES, Findings, Rule, Severity, Subject};
use crate::source::lines;

/// The rule.
pub const RULE: Rule = Rule {
    id: "security/pipe-to-shell",
    summary: "a download that is piped into a shell",
    severity: Severity::Warning,
    options: &[],
    files: ALL_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"`curl … | sh` runs whatever the server sends at that moment, with the rights of whoever runs the
script. Download a version by its number, check its digest, and then run it.

## Fails

```pack
[[templates]]
source = "setup.sh"
output = "setup.sh"

==> setup.sh
curl -fsSL https://example.org/install.sh | sudo bash
```

```pack
[[templates]]
source = "setup.sh"
output = "setup.sh"

==> setup.sh
bash <(wget -qO- https://example.org/install.sh)
```

## Passes

```pack
[[templates]]
source = "setup.sh"
output = "setup.sh"

==> setup.sh
curl -fsSL -o tool.tar.gz https://example.org/tool-1.2.tar.gz
echo "$digest  tool.tar.gz" | sha256sum --check
curl -s https://example.org/list.json | jq .name
```
"#;

/// Programs that run what they read.
const SHELLS: &[&str] =
    &["sh", "bash", "zsh", "dash", "fish", "ksh", "python", "python3", "perl", "ruby", "node", "iex"];

/// Programs that download.
const DOWNLOADS: &[&str] = &["curl ", "wget ", "irm ", "iwr ", "Invoke-WebRequest ", "Invoke-RestMethod "];

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let help = "download a fixed version, check its digest, and then run it";
    for (source, text) in subject.generated().filter(|(source, _)| source.has_any(b"|<(")) {
        // Few files download anything, and looking at whole texts is quick.
        if !DOWNLOADS.iter().any(|program| text.contains(program)) {
            continue;
        }
        for (start, line) in lines(text) {
            let Some(at) = DOWNLOADS.iter().filter_map(|program| line.find(program)).min() else { continue };
            let piped = line.get(at..).unwrap_or_default().split('|').skip(1).any(runs_input);
            let before = line.get(..at).unwrap_or_default().trim_end();
            let substituted = ["<(", "$(", "`", "(", "\""].iter().any(|opening| before.ends_with(opening));
            let substituted = substituted && {
                let command = before.trim_end_matches(['<', '(', '$', '`', '"', ' ']).trim_end_matches(" -c");
                let program = command.rsplit([' ', '\t', ';', '&', '/']).next().unwrap_or_default();
                SHELLS.contains(&program) || program == "eval" || program == "source"
            };
            if piped || substituted {
                findings.text(
                    source,
                    start + at..start + line.len(),
                    format_args!("a download is run without being checked"),
                    help,
                );
            }
        }
    }
}

fn runs_input(command: &str) -> bool {
    let mut words = command
        .split_whitespace()
        .skip_while(|word| matches!(*word, "sudo" | "env" | "exec") || word.starts_with('-') || word.contains('='));
    let first = words.next().unwrap_or_default().trim_end_matches([')', '"', '\'', '`', ';']);
    SHELLS.contains(&first.rsplit('/').next().unwrap_or_default())
}
