//! The shapes of keys and tokens that services give out. Each has a prefix that means nothing else.

/// What a token looks like after its prefix.
#[derive(Debug)]
pub struct Shape {
    /// How it begins.
    pub prefix: &'static str,
    /// How many characters follow, at least.
    pub least: usize,
    /// Which characters follow.
    pub alphabet: fn(u8) -> bool,
    /// Whose it is.
    pub owner: &'static str,
}

/// The shapes, none the beginning of another.
pub const KINDS: &[Shape] = &[
    Shape { prefix: "AKIA", least: 16, alphabet: is_upper_or_digit, owner: "an AWS access key" },
    Shape { prefix: "ASIA", least: 16, alphabet: is_upper_or_digit, owner: "a temporary AWS access key" },
    Shape { prefix: "ghp_", least: 36, alphabet: is_alphanumeric, owner: "a GitHub token" },
    Shape { prefix: "gho_", least: 36, alphabet: is_alphanumeric, owner: "a GitHub token" },
    Shape { prefix: "ghs_", least: 36, alphabet: is_alphanumeric, owner: "a GitHub token" },
    Shape { prefix: "github_pat_", least: 22, alphabet: is_word, owner: "a GitHub token" },
    Shape { prefix: "glpat-", least: 20, alphabet: is_word, owner: "a GitLab token" },
    Shape { prefix: "xoxb-", least: 20, alphabet: is_word, owner: "a Slack token" },
    Shape { prefix: "xoxp-", least: 20, alphabet: is_word, owner: "a Slack token" },
    Shape { prefix: "xoxa-", least: 20, alphabet: is_word, owner: "a Slack token" },
    Shape { prefix: "sk_live_", least: 20, alphabet: is_alphanumeric, owner: "a Stripe key" },
    Shape { prefix: "rk_live_", least: 20, alphabet: is_alphanumeric, owner: "a Stripe key" },
    Shape { prefix: "AIza", least: 35, alphabet: is_word, owner: "a Google key" },
    Shape { prefix: "npm_", least: 36, alphabet: is_alphanumeric, owner: "an npm token" },
    Shape { prefix: "pypi-AgEIcHlwaS5vcmc", least: 40, alphabet: is_word, owner: "a PyPI token" },
];

/// One of these is in each prefix, and they are rare in texts: it is them that a text is searched for.
pub const ANCHORS: [u8; 3] = [b'_', b'-', b'I'];

impl Shape {
    /// Where in the prefix the first of [`ANCHORS`] is.
    #[must_use]
    pub fn anchor(&self) -> usize {
        self.prefix.bytes().position(|byte| ANCHORS.contains(&byte)).unwrap_or(0)
    }
}

/// Finds the end of a token of this shape that begins at an offset, which must be the beginning of a word.
#[must_use]
pub fn matches_at(shape: &Shape, bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?.strip_prefix(shape.prefix.as_bytes())?;
    let length = rest.iter().take_while(|byte| (shape.alphabet)(**byte)).count();
    (length >= shape.least).then_some(at + shape.prefix.len() + length)
}

fn is_upper_or_digit(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Says whether a byte is part of a word.
#[must_use]
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
