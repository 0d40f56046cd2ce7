//! Values that must not be seen: taken out of every text that leaves the process.

use std::fmt;

/// What a secret is replaced by.
const REPLACEMENT: &str = "[secret]";

/// Values that must not be seen. Its `Debug` shows how many there are.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Collects values; empty ones are left out. Longer ones are replaced first, so that one within another is no help.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, longest first.
    pub(crate) fn values(&self) -> &[String] {
        &self.0
    }

    /// Replaces every secret in a text.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), REPLACEMENT);
            }
        }
        text
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_and_not_shown() {
        let secrets = Secrets::new(["abc".into(), "abcdef".into(), String::new()]);
        assert_eq!(secrets.redact("x abcdef abc"), "x [secret] [secret]");
        assert_eq!(format!("{secrets:?}"), "Secrets(2)");
    }
}
