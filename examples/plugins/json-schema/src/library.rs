//! The schema and every schema that it refers to, parsed.
//!
//! Always true here: document 0 is the template; a document is loaded because a `$ref` names it, directly or not, and
//! paths never leave the pack.

use std::collections::{BTreeMap, BTreeSet};

use crate::SourceFile;
use crate::diagnostic::{Diagnostic, Place};
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

    fn parse(file: &SourceFile) -> Result<Self, Box<Diagnostic>> {
        let text = match std::str::from_utf8(&file.contents) {
            Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
            Err(error) => {
                // The valid part is enough to find the place.
                let valid = String::from_utf8_lossy(&file.contents[..error.valid_up_to()]).into_owned();
                let place = Place::new(&file.path, &valid, &(valid.len()..valid.len()));
                return Err(Box::new(Diagnostic::error("json-schema/syntax", "not UTF-8").at(place)));
            }
        };
        match json::parse(&text) {
            Ok(root) => {
                let names = root.get("$defs").map_or(&[][..], Node::members).iter().map(|member| member.key.clone());
                let index = names.enumerate().map(|(position, name)| (name, position)).collect();
                Ok(Self { path: file.path.clone(), text, root, index })
            }
            Err(error) => {
                let place = Place::new(&file.path, &text, &error.range);
                let mut diagnostic = Diagnostic::error("json-schema/syntax", error.message).at(place);
                diagnostic.related.extend(error.first.map(|range| Place::new(&file.path, &text, &range)));
                Err(Box::new(diagnostic))
            }
        }
    }
}

impl Library {
    /// Parses a schema and what it refers to.
    pub(crate) fn load(template: &SourceFile, partials: &[SourceFile]) -> Result<Self, Vec<Diagnostic>> {
        let mut documents = vec![Document::parse(template).map_err(|error| vec![*error])?];
        let mut absent = BTreeSet::new();
        let mut errors = Vec::new();
        let mut next = 0;
        while next < documents.len() {
            let mut wanted = BTreeSet::new();
            collect_references(&documents[next].root, &documents[next].path, &mut wanted);
            for path in wanted {
                if documents.iter().any(|document| document.path == path) {
                    continue;
                }
                match partials.iter().find(|file| file.path == path).map(Document::parse) {
                    Some(Ok(document)) => documents.push(document),
                    Some(Err(error)) if errors.iter().all(|known: &Diagnostic| known.place != error.place) => {
                        errors.push(*error);
                    }
                    Some(Err(_)) => {}
                    None => drop(absent.insert(path)),
                }
            }
            next += 1;
        }
        documents[1..].sort_by(|left, right| left.path.cmp(&right.path));
        if errors.is_empty() { Ok(Self { documents, absent: absent.into_iter().collect() }) } else { Err(errors) }
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
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), contents: text.as_bytes().to_vec() };
        let partials = [
            file("s/b.json", r#"{"$ref": "a.json#/$defs/X", "y": {"$ref": "c.json"}}"#),
            file("s/c.json", r#"{"$ref": "gone.json"}"#),
            file("s/unused.json", "not JSON"),
        ];
        let library = Library::load(&file("s/a.json", r#"{"items": [{"$ref": "b.json"}]}"#), &partials).unwrap();
        let paths: Vec<_> = library.documents.iter().map(|document| document.path.as_str()).collect();
        assert_eq!(paths, ["s/a.json", "s/b.json", "s/c.json"]);
        assert_eq!(library.absent, ["s/gone.json"]);
    }
}
