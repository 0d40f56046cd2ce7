//! The schema and every schema that it refers to, parsed.
//!
//! Always true here: document 0 is the template; a document is loaded because a `$ref` names it, directly or not, and
//! paths never leave the pack.

use std::collections::{BTreeMap, BTreeSet};

use packbox_sdk::{Diagnostic, Failure, Source};

use crate::json::{self, Member, Node};

/// A parsed schema.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) root: Node,
    /// Where each of `$defs` stands among its members, by name.
    index: BTreeMap<String, usize>,
}

/// All parsed schemas.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) documents: Vec<Document>,
    /// Paths that are referred to and were not handed in, sorted.
    pub(crate) absent: Vec<String>,
}

impl Document {
    /// Returns the members of `$defs`.
    pub(crate) fn definitions(&self) -> &[Member] {
        self.root.get("$defs").map_or(&[], Node::members)
    }

    /// Finds a member of `$defs`.
    pub(crate) fn definition(&self, name: &str) -> Option<&Member> {
        self.index.get(name).and_then(|position| self.definitions().get(*position))
    }

    /// Returns the text as something to find places in.
    pub(crate) fn source(&self) -> Source<'_> {
        Source::new(&self.path, self.text.as_bytes())
    }

    fn parse(file: &Source<'_>) -> Result<Self, Failure> {
        let text = file.text()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        match json::parse(&text) {
            Ok(root) => {
                let names = root.get("$defs").map_or(&[][..], Node::members).iter().map(|member| member.key.clone());
                let index = names.enumerate().map(|(position, name)| (name, position)).collect();
                Ok(Self { path: file.path().to_owned(), text, root, index })
            }
            Err(error) => {
                let source = Source::new(file.path(), text.as_bytes());
                let mut diagnostic =
                    Diagnostic::error("json-schema/syntax", error.message).at(source.span(error.range));
                diagnostic.related.extend(error.first.map(|range| source.span(range)));
                Err(diagnostic.into())
            }
        }
    }
}

impl Library {
    /// Parses a schema and what it refers to. `find` returns another file of the pack.
    pub(crate) fn load<'a>(template: &Source<'_>, find: &dyn Fn(&str) -> Option<Source<'a>>) -> Result<Self, Failure> {
        let mut documents = vec![Document::parse(template)?];
        let mut absent = BTreeSet::new();
        let mut errors: Vec<Diagnostic> = Vec::new();
        let mut looked_up = BTreeSet::new();
        let mut next = 0;
        while next < documents.len() {
            let mut wanted = BTreeSet::new();
            collect_references(&documents[next].root, &documents[next].path, &mut wanted);
            for path in wanted {
                if documents[0].path == path || !looked_up.insert(path.clone()) {
                    continue;
                }
                match find(&path).as_ref().map(Document::parse) {
                    Some(Ok(document)) => documents.push(document),
                    Some(Err(Failure::Invalid(found))) => errors.extend(found),
                    Some(Err(failure)) => return Err(failure),
                    None => drop(absent.insert(path)),
                }
            }
            next += 1;
        }
        documents[1..].sort_by(|left, right| left.path.cmp(&right.path));
        if errors.is_empty() {
            Ok(Self { documents, absent: absent.into_iter().collect() })
        } else {
            Err(errors.into())
        }
    }

    /// Finds a document by its path.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.documents.iter().position(|document| document.path == path)
    }
}

/// Returns the path that a reference means, seen from the file that it stands in; none for a URL, an absolute path or a
/// path that leaves the pack.
pub(crate) fn resolve_path(base: &str, reference: &str) -> Option<String> {
    if reference.starts_with('/') || reference.contains([':', '\\']) {
        return None;
    }
    let mut components: Vec<&str> = base.split('/').collect();
    components.pop();
    for component in reference.split('/') {
        match component {
            "." | "" => {}
            ".." => drop(components.pop()?),
            name => components.push(name),
        }
    }
    Some(components.join("/"))
}

fn collect_references(node: &Node, base: &str, found: &mut BTreeSet<String>) {
    for element in node.elements() {
        collect_references(element, base, found);
    }
    for member in node.members() {
        if member.key == "$ref"
            && let Some(reference) = member.node.text()
        {
            let path = reference.split('#').next().unwrap_or_default();
            found.extend(Some(path).filter(|path| !path.is_empty()).and_then(|path| resolve_path(base, path)));
        }
        collect_references(&member.node, base, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_relative_to_their_file_and_stay_in_the_pack() {
        assert_eq!(resolve_path("schemas/a.json", "b.json").as_deref(), Some("schemas/b.json"));
        assert_eq!(resolve_path("schemas/a.json", "../x/./b.json").as_deref(), Some("x/b.json"));
        assert_eq!(resolve_path("a.json", "../b.json"), None);
        assert_eq!(resolve_path("a.json", "https://example.org/b.json"), None);
        assert_eq!(resolve_path("a.json", "/b.json"), None);
    }

    #[test]
    fn referred_schemas_are_loaded_once_and_transitively() {
        let partials = [
            ("s/b.json", r#"{"$ref": "a.json#/$defs/X", "y": {"$ref": "c.json"}}"#),
            ("s/c.json", r#"{"$ref": "gone.json"}"#),
            ("s/unused.json", "not JSON"),
        ];
        let find = |path: &str| {
            let (path, text) = partials.iter().find(|(name, _)| *name == path)?;
            Some(Source::new(path, text.as_bytes()))
        };
        let schema = Source::new("s/a.json", br#"{"items": [{"$ref": "b.json"}]}"#);
        let library = Library::load(&schema, &find).unwrap();
        let paths: Vec<_> = library.documents.iter().map(|document| document.path.as_str()).collect();
        assert_eq!(paths, ["s/a.json", "s/b.json", "s/c.json"]);
        assert_eq!(library.absent, ["s/gone.json"]);
    }
}
