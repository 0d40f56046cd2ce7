//! `manifest/license-expression`: tools can read a pack's license.

use spdx::error::Reason;
use spdx::{Expression, ParseMode};

use crate::findings::quoted;
use crate::rule::{Findings, NO_FILES, Rule, Severity, Subject};

/// The rule.
pub const RULE: Rule = Rule {
    id: "manifest/license-expression",
    summary: "a license that is not an SPDX expression",
    severity: Severity::Warning,
    options: &[],
    files: NO_FILES,
    page: PAGE,
    check,
};

const PAGE: &str = r#"Tools that check licenses understand [SPDX expressions](https://spdx.org/licenses/) and nothing
else: identifiers from the list, spelled as they are there, joined by `AND`, `OR` and `WITH`. Deprecated identifiers such as
`GPL-3.0` are ambiguous.

## Fails

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
license = "Apache 2"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
license = "MIT/Apache-2.0"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
license = "GPL-3.0"
```

## Passes

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
license = "(MIT OR Apache-2.0) AND CC-BY-4.0"
```

```pack
[pack]
name = "rust-cli"
version = "1.0.0"
license = "LicenseRef-proprietary"
```

## Otherwise

For a license that is not on the list, write `LicenseRef-` and a name.
"#;

/// What is longer is no license, and not worth reading.
const LONGEST: usize = 1_000;

fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let Some(license) = subject.string("/pack/license") else { return };
    let at = "/pack/license";
    if license.len() > LONGEST {
        let message = format_args!("the license has {} bytes, more than any SPDX expression needs", license.len());
        return findings.key(at, message, "name the license, and put its text into a file");
    }
    let Err(error) = Expression::parse_mode(license, ParseMode::STRICT) else { return };
    let part = quoted(license.get(error.span.clone()).unwrap_or(license));
    let (message, help) = match error.reason {
        Reason::UnknownLicense | Reason::UnknownTerm => (
            format!("{part} is not the SPDX identifier of a license"),
            "see https://spdx.org/licenses/ for the spelling",
        ),
        Reason::UnknownException => (
            format!("{part} is not the SPDX identifier of an exception"),
            "see https://spdx.org/licenses/exceptions-index.html",
        ),
        Reason::DeprecatedLicenseId | Reason::GnuNoPlus | Reason::GnuPlusWithSuffix => (
            format!("{part} is a deprecated SPDX identifier"),
            "write for instance `GPL-3.0-only` or `GPL-3.0-or-later`",
        ),
        Reason::InvalidCharacters
        | Reason::UnclosedParens
        | Reason::UnopenedParens
        | Reason::Empty
        | Reason::Unexpected(_)
        | Reason::SeparatedPlus => (
            format!("the license {} is not an SPDX expression", quoted(license)),
            "join identifiers with `AND` and `OR`",
        ),
    };
    findings.key(at, format_args!("{message}"), help);
}
