//! Globs over a pack's files, with the syntax of `.packboxignore`: a `/` that is not at the end anchors a glob at the
//! pack's folder.
//!
//! Always true here: matching has a budget; a set of globs that uses it up matches everything from then on.

use super::ignore::Ignore;

/// A set of globs.
#[derive(Debug, Clone)]
pub struct Globs(Ignore);

impl Globs {
    /// Takes globs; what can match nothing is left out.
    pub fn new<'a>(globs: impl IntoIterator<Item = &'a str>) -> Self {
        let lines = globs.into_iter().filter(|glob| !glob.contains('\n')).map(|glob| match glob.chars().next() {
            // At the start of a line these mean something else.
            Some('!' | '#') => format!("\\{glob}\n"),
            _ => format!("{glob}\n"),
        });
        Self(Ignore::parse(&lines.collect::<String>()))
    }

    /// Whether any of the globs matches a file's path.
    pub fn matches(&mut self, path: &str) -> bool {
        self.0.leaves_out(path, false).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_paths() {
        let mut globs = Globs::new(["ontology/*.ttl", "*.md", "!odd"]);
        assert!(globs.matches("ontology/a.ttl") && globs.matches("docs/a.md") && globs.matches("!odd"));
        assert!(!globs.matches("other/ontology/a.ttl") && !globs.matches("a.txt"));
        assert!(Globs::new(["**"]).matches("a/b.c") && Globs::new(["**/*.jinja"]).matches("t.jinja"));
    }
}
