//! Names that templates of other tools read and no pack has: what is written instead.
//!
//! Always true here: this is looked at only once a name is known to be undefined.

/// The object that Cookiecutter keeps all variables in.
const COOKIECUTTER: &str = "cookiecutter";
/// How some templates for Copier begin the names of variables.
const COPIER_PREFIX: &str = "copier__";
/// What Copier sets by itself.
const COPIER: [&str; 7] = [
    "_copier_answers",
    "_copier_conf",
    "_copier_operation",
    "_copier_phase",
    "_copier_python",
    "_external_data",
    "_folder_name",
];
/// What cargo-generate sets by itself, with hyphens as it writes them.
const CARGO_GENERATE: [&str; 8] =
    ["authors", "crate_name", "crate_type", "is_init", "os-arch", "project-name", "username", "within_cargo_project"];

/// What to write instead of a name, with what follows it (`cookiecutter.project_name`, `project-name`), where it is one of
/// another tool.
pub(crate) fn instead(read: &str, is_declared: impl Fn(&str) -> bool) -> Option<String> {
    let end = |text: &str| text.find(|next: char| !is_of_name(next)).unwrap_or(text.len());
    let with_hyphens = &read[..read.find(|next: char| !is_of_name(next) && next != '-').unwrap_or(read.len())];
    let with_hyphens = with_hyphens.trim_end_matches('-');
    let name = &read[..end(read)];
    let write = |variable: &str| {
        let declare = if is_declared(variable) { String::new() } else { ", and declare it under `[variables]`".into() };
        format!("write `{{{{ {variable} }}}}`{declare}")
    };
    if name == COOKIECUTTER {
        let field = read[end(read)..].strip_prefix('.').map(|field| &field[..end(field)]).unwrap_or_default();
        let write = if field.is_empty() {
            "write `{{ name }}` in place of `{{ cookiecutter.name }}`".to_owned()
        } else {
            write(field)
        };
        return Some(format!("{write}: variables are at the top level here"));
    }
    if let Some(variable) = name.strip_prefix(COPIER_PREFIX).filter(|variable| !variable.is_empty()) {
        return Some(write(variable));
    }
    let tool = if COPIER.contains(&name) {
        Some(("Copier", name))
    } else {
        CARGO_GENERATE.iter().find(|own| [name, with_hyphens].contains(*own)).map(|own| ("cargo-generate", *own))
    };
    let plain = with_hyphens.replace('-', "_");
    if with_hyphens.contains('-') && (is_declared(&plain) || tool.is_some()) {
        return Some(format!("{}: names have no hyphens here", write(&plain)));
    }
    tool.filter(|(_, own)| !is_declared(own)).map(|(tool, own)| {
        let compute =
            if own == "crate_name" { ", for instance with `compute = \"project_name | snake_case\"`" } else { "" };
        format!("{tool} sets `{own}` by itself, but packbox sets no variables: declare one for it under `[variables]`{compute}")
    })
}

fn is_of_name(next: char) -> bool {
    next == '_' || next.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_tools_are_known() {
        let told = |read: &str| instead(read, |name| name == "project_name");
        let is = |read: &str, expected: &str| assert_eq!(told(read).as_deref(), Some(expected), "{read}");
        is("cookiecutter.project_name }}", "write `{{ project_name }}`: variables are at the top level here");
        is(
            "cookiecutter.slug|lower",
            "write `{{ slug }}`, and declare it under `[variables]`: variables are at the top level here",
        );
        is(
            "cookiecutter",
            "write `{{ name }}` in place of `{{ cookiecutter.name }}`: variables are at the top level here",
        );
        is("copier__project_name", "write `{{ project_name }}`");
        is(
            "_copier_conf.dst_path",
            "Copier sets `_copier_conf` by itself, but packbox sets no variables: declare one for it under `[variables]`",
        );
        is("project-name}}", "write `{{ project_name }}`: names have no hyphens here");
        is("os-arch", "write `{{ os_arch }}`, and declare it under `[variables]`: names have no hyphens here");
        is(
            "crate_name",
            "cargo-generate sets `crate_name` by itself, but packbox sets no variables: declare one for it under `[variables]`, \
             for instance with `compute = \"project_name | snake_case\"`",
        );
        for other in ["name", "a-b", "cookiecutters.x", "project - name", ""] {
            assert_eq!(told(other), None, "{other}");
        }
    }

    #[test]
    fn the_page_has_the_pack_of_its_case() {
        let read = |path| std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let pack = read("tests/cli/coming-from/input/pack/pack.toml");
        assert!(read("docs/coming-from.md").contains(&format!("```toml\n{pack}```")));
    }
}
