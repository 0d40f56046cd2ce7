//! Reads the cases of the corpus. Part of the tests of each guest and of the root package's harness.

use std::fs;
use std::path::Path;

/// A case: `README.md` says what its parts are.
#[derive(Debug, Default, Clone)]
pub struct Case {
    pub name: String,
    pub template: String,
    pub partials: Vec<(String, String)>,
    pub context: String,
    pub locals: String,
    /// The rule and the place, with a space between.
    pub error: Option<String>,
}

/// Reads all cases of an engine, sorted by name.
pub fn read_all(folder: &Path) -> Vec<Case> {
    let entries = fs::read_dir(folder).expect("the corpus");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Case {
    let text = fs::read_to_string(path).expect("a case");
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut case = Case { name, context: "{}".into(), locals: "{}".into(), ..Case::default() };
    let text = format!("\n{text}");
    let mut sections = text.split("\n=== ");
    assert_eq!(sections.next(), Some(""), "{}: a case begins with `=== `", case.name);
    for section in sections {
        let (head, body) = section.split_once('\n').unwrap_or((section, ""));
        match head.split_once(' ') {
            None if head == "template" => case.template = body.into(),
            None if head == "context" => case.context = body.into(),
            None if head == "locals" => case.locals = body.into(),
            Some(("partial", path)) => case.partials.push((path.into(), body.into())),
            Some(("error", what)) => case.error = Some(what.trim().into()),
            _ => panic!("{}: unknown section `{head}`", case.name),
        }
    }
    case
}
