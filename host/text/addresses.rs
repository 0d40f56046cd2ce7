//! Addresses in texts, and the credentials in them.

/// Characters that end an address in a message, or in a line of TOML.
const ENDS: [char; 4] = ['"', '\'', '`', '<'];

/// A text with `…` in place of what addresses in it say before `@`, such as a name and a password; none where no address does.
#[must_use]
pub fn without_credentials(text: &str) -> Option<String> {
    let (mut told, mut rest, mut has_any) = (String::with_capacity(text.len()), text, false);
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        told.push_str(before);
        let address =
            &behind[..behind.find(|end: char| end.is_whitespace() || ENDS.contains(&end)).unwrap_or(behind.len())];
        // Of one that was cut short, nobody knows what follows.
        let hidden = match address.rfind('@') {
            Some(at) => at,
            None if address.ends_with('…') && address.contains(':') => address.len() - '…'.len_utf8(),
            None => 0,
        };
        if hidden > 0 {
            told.push('…');
            has_any = true;
        }
        let rest_of_it = &address[hidden..];
        told.push_str(if hidden > 0 { rest_of_it.trim_start_matches('…') } else { rest_of_it });
        rest = &behind[address.len()..];
    }
    told.push_str(rest);
    has_any.then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_addresses() {
        for (text, told) in [
            ("x is `https://user:pw@host/p`, no", "x is `https://…@host/p`, no"),
            ("\"oci://pw@host\" and 'https://a:b@c'", "\"oci://…@host\" and 'https://…@c'"),
            ("https://user:p/w@x@host", "https://…@host"),
            ("`https://user:cut…`, `https://host:80`", "`https://…`, `https://host:80`"),
        ] {
            assert_eq!(without_credentials(text).as_deref(), Some(told));
        }
        for text in ["", "a@b", "https://host:80/path", "`https://host/…`", "://", "https://@host"] {
            assert_eq!(without_credentials(text), None, "{text}");
        }
    }
}
