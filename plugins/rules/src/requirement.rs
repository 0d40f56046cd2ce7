//! Version requirements such as `>=0.1, <0.2`. The host has checked that they are valid; only their shape matters here.

/// A requirement, part by part.
#[derive(Debug)]
pub struct Requirement<'a> {
    parts: Vec<(&'a str, &'a str)>,
}

impl<'a> Requirement<'a> {
    /// Splits a requirement into operators and versions.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let split = |part: &'a str| {
            let part = part.trim();
            let end = part.find(|character: char| !"<>=^~".contains(character)).unwrap_or(part.len());
            let (operator, version) = part.split_at(end);
            (operator, version.trim())
        };
        Self { parts: text.split(',').map(split).collect() }
    }

    /// Says whether any version will do.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.parts.iter().all(|(_, version)| version.is_empty() || version.starts_with(['*', 'x', 'X']))
    }

    /// Says whether there is a version that is too new.
    #[must_use]
    pub fn has_upper_bound(&self) -> bool {
        !self.is_wildcard() && self.parts.iter().any(|(operator, _)| !operator.starts_with('>'))
    }

    /// Returns the pre-release that it names.
    #[must_use]
    pub fn pre_release(&self) -> Option<&'a str> {
        self.parts.iter().map(|(_, version)| *version).find(|version| is_pre_release(version))
    }
}

/// Says whether a version is a pre-release; its build metadata does not count.
#[must_use]
pub fn is_pre_release(version: &str) -> bool {
    version.split('+').next().is_some_and(|version| version.contains('-'))
}
