//! Packs on disk: what is loaded, what is refused, and what is said about it.
#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::error::{Error, ErrorKind};

const HEAD: &str = "[pack]\nname = \"demo\"\nversion = \"1.0.0\"\n";

/// Makes a pack of a manifest (below a valid `[pack]`) and files; a path that ends with `/` is a folder.
fn pack_with(manifest: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pack.toml"), format!("{HEAD}{manifest}")).unwrap();
    for (path, contents) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    folder
}

fn load(folder: &TempDir) -> Pack {
    Pack::load(folder.path(), &PackLimits::default())
        .unwrap_or_else(|error| panic!("{error}: {:#?}", error.body().findings))
}

fn refused(folder: &TempDir) -> Error {
    let error = Pack::load(folder.path(), &PackLimits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Manifest, "{error:?}");
    error
}

fn only_message(folder: &TempDir) -> (String, String) {
    let error = refused(folder);
    let findings = &error.body().findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    (findings[0].message.clone(), findings[0].help.clone().unwrap_or_default())
}

fn outputs(pack: &Pack) -> Vec<(String, String, String)> {
    let templates = pack.templates().unwrap();
    let describe =
        |template: Template| (template.source.to_string(), template.output.value.clone(), template.engine.to_string());
    templates.into_iter().map(describe).collect()
}

fn expected(list: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    list.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
}

fn path(text: &str) -> PackPath {
    PackPath::new(text).unwrap()
}

#[test]
fn files_are_listed_with_size_and_mode() {
    let folder = pack_with("", &[("b/c.txt", "four"), ("a.sh", "#!")]);
    fs::set_permissions(folder.path().join("a.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let pack = load(&folder);
    let names: Vec<_> = pack.files.keys().map(PackPath::as_str).collect();
    assert_eq!(names, ["a.sh", "b/c.txt", "pack.toml"]);
    assert_eq!(pack.files["a.sh"], FileInfo { bytes: 2, executable: true });
    assert_eq!(pack.files["b/c.txt"], FileInfo { bytes: 4, executable: false });
    assert_eq!(pack.read(&path("b/c.txt")).unwrap(), b"four");
    assert_eq!(pack.read(&path("b/d.txt")).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(pack.manifest_path.as_ref(), folder.path().join("pack.toml").display().to_string());
}

#[test]
fn packs_are_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone>() {}
    is_shared::<Pack>();
}

#[test]
fn ignored_entries_are_not_part_of_the_pack() {
    let ignore = "*.log\n/build/\nlink\n!keep.log\n";
    let files = [
        (".packboxignore", ignore),
        ("a.log", ""),
        ("keep.log", ""),
        ("build/x", ""),
        ("src/build/x", ""),
        (".git/config", ""),
        ("target/x", ""),
        ("src/target/x", ""),
    ];
    let folder = pack_with("", &files);
    symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let pack = load(&folder);
    let names: Vec<_> = pack.files.keys().map(PackPath::as_str).collect();
    assert_eq!(names, [".packboxignore", "keep.log", "pack.toml", "src/build/x", "src/target/x"]);
}

#[test]
fn links_pipes_and_odd_names_are_refused_all_at_once() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = pack_with("", &[("a", "")]);
    symlink("a", folder.path().join("to-file")).unwrap();
    symlink("/", folder.path().join("to-folder")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"bad\xff")), "").unwrap();
    fs::write(folder.path().join("back\\slash"), "").unwrap();
    let error = refused(&folder);
    let messages: Vec<_> = error.body().findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`back\\slash` has a path that is not valid: it must be separated by `/`, without `\\`",
            "`bad\u{fffd}` has a name that is not UTF-8",
            "`socket` is a socket",
            "`to-file` is a link, and links are not followed",
            "`to-folder` is a link, and links are not followed",
        ]
    );
    assert!(error.body().hint.as_deref().unwrap().contains(".packboxignore"));
}

#[test]
fn a_manifest_that_is_a_link_is_not_followed() {
    let folder = pack_with("", &[("other.toml", HEAD)]);
    fs::remove_file(folder.path().join("pack.toml")).unwrap();
    symlink("other.toml", folder.path().join("pack.toml")).unwrap();
    assert!(refused(&folder).to_string().ends_with("is not a regular file"));
}

#[test]
fn what_became_a_link_or_changed_after_loading_is_not_read() {
    let folder = pack_with("", &[("a/b/c", "abc"), ("d", "abc")]);
    let outside = pack_with("", &[("b/c", "xyz")]);
    let pack = load(&folder);
    fs::rename(folder.path().join("a"), folder.path().join("moved")).unwrap();
    symlink(outside.path(), folder.path().join("a")).unwrap();
    assert_eq!(pack.read(&path("a/b/c")).unwrap_err().kind(), ErrorKind::Io);
    for contents in ["abcd", "ab"] {
        fs::write(folder.path().join("d"), contents).unwrap();
        let error = pack.read(&path("d")).unwrap_err();
        assert!(error.to_string().contains("was changed while the pack was in use"), "{error}");
    }
    fs::remove_file(folder.path().join("d")).unwrap();
    symlink("moved/b/c", folder.path().join("d")).unwrap();
    assert_eq!(pack.read(&path("d")).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn missing_packs_get_a_hint() {
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("rust-service")).unwrap();
    let error = |name: &str| {
        let error = Pack::load(&parent.path().join(name), &PackLimits::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        (error.to_string(), error.body().hint.clone().unwrap())
    };
    assert!(error("rust-servcie").1.ends_with("/rust-service`?"));
    assert!(error("nothing-like-it").1.contains("packbox new NAME"));
    let (message, hint) = error("rust-service");
    assert!(message.ends_with("is an empty folder, not a pack") && hint.contains("packbox new"), "{message}");
    fs::write(parent.path().join("rust-service/other"), "").unwrap();
    let (message, hint) = error("rust-service");
    assert!(message.ends_with("is not a pack: it has no `pack.toml`") && hint.contains("packbox new"), "{message}");
    // What other tools have under names that are near, and what is no folder and no archive.
    for name in ["Cargo.toml", "package.toml", "pyproject.toml", "back.toml", "Pack.toml", "../rust-servics"] {
        let path = parent.path().join("rust-service").join(name);
        fs::write(&path, "[package]\nname = \"x\"\n").unwrap();
        assert!(error("rust-service").1.contains("packbox new"), "{name}");
        assert!(error("rust-servixs").1.ends_with("/rust-service`?"), "{name}");
        fs::remove_file(path).unwrap();
    }
    for name in ["pcak.toml", "PACK.TOML", "pack.tml", "packs.toml"] {
        let path = parent.path().join("rust-service").join(name);
        fs::write(&path, HEAD).unwrap();
        assert_eq!(error("rust-service").1, format!("rename `{name}` to `pack.toml`"));
        fs::remove_file(path).unwrap();
    }
    fs::write(parent.path().join("rust-service/Pack.toml"), HEAD).unwrap();
    assert_eq!(error("rust-service").1, "rename `Pack.toml` to `pack.toml`");
    fs::write(parent.path().join("rust-service/pack.toml"), HEAD).unwrap();
    let named = Pack::load(&parent.path().join("rust-service/pack.toml"), &PackLimits::default()).unwrap();
    assert!(named.label.ends_with("/rust-service"), "{}", named.label);
    assert!(Pack::load(Path::new("/nonexistent-pack"), &PackLimits::default()).is_err());
}

#[test]
fn entries_expand_to_templates() {
    let manifest = r#"
        [[templates]]
        source = "templates"
        output = "src"
        [[templates]]
        source = "templates/{{ name }}/main.rs.jinja"
        output = "{{ name }}.rs"
        [[templates]]
        source = "root"
        [[templates]]
        source = "raw"
        output = "."
        engine = "copy"
    "#;
    let folder = pack_with(
        manifest,
        &[
            ("templates/{{ name }}/main.rs.jinja", ""),
            ("templates/{{ name }}/lib.rs.j2", ""),
            ("templates/logo.png", ""),
            ("templates-other/x", ""),
            ("templates.x", ""),
            ("root/.jinja", ""),
            ("root/b/c.jinja", ""),
            ("raw/page.jinja", ""),
        ],
    );
    let pack = load(&folder);
    assert_eq!(
        outputs(&pack),
        expected(&[
            ("templates/logo.png", "src/logo.png", "copy"),
            ("templates/{{ name }}/lib.rs.j2", "src/{{ name }}/lib.rs", "jinja"),
            ("templates/{{ name }}/main.rs.jinja", "{{ name }}.rs", "jinja"),
            ("root/.jinja", ".jinja", "copy"),
            ("root/b/c.jinja", "b/c", "jinja"),
            ("raw/page.jinja", "page.jinja", "copy"),
        ])
    );
    assert_eq!(pack.templates().unwrap()[2].entry_index, 1);
}

#[test]
fn mistakes_in_entries_get_a_suggestion() {
    let (message, help) =
        only_message(&pack_with("[[templates]]\nsource = \"templates/a.rs.jinja\"", &[("templates/a.rs.jinja", "")]));
    assert_eq!(message, "`output` is missing for the file `templates/a.rs.jinja`");
    assert_eq!(help, "for instance `output = \"a.rs\"`");

    let manifest = "[[templates]]\nsource = \"templates/a.rs.jinja\"\noutput = \"src/\"";
    let (message, help) = only_message(&pack_with(manifest, &[("templates/a.rs.jinja", "")]));
    assert_eq!(message, "`output` names a folder, and `templates/a.rs.jinja` is a file");
    assert_eq!(help, "name the file: `output = \"src/a.rs\"`");

    let (message, help) = only_message(&pack_with("[[templates]]\nsource = \"tempaltes\"", &[("templates/a", "")]));
    assert_eq!(message, "`tempaltes` is neither a file of the pack nor a folder with files in it");
    assert_eq!(help, "did you mean `templates`?");

    load(&pack_with("[[templates]]\nsource = \"t\"\nengine = \"copy\"", &[("t/a.hbs", "")]));

    let list = "[variables.names]\ntype = \"list\"\n[[templates]]\nsource = \"t\"\nfor_each = \"names\"\n";
    let (message, _) = only_message(&pack_with(list, &[("t/a.jinja", "")]));
    assert_eq!(message, "every item of `names` would be written to `a`");
    load(&pack_with(list, &[("t/{{ item }}.jinja", "")]));
}

#[test]
fn files_that_the_manifest_names_have_to_exist() {
    let manifest = "message = \"next.md\"\n[plugins.p]\ncomponent = \"p.wasm\"\n[queries.q]\nfile = \"q.rq\"";
    let error = refused(&pack_with(manifest, &[("nxet.md", "")]));
    let messages: Vec<_> = error.body().findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`message` names `next.md`, which is not a file of the pack",
            "`component` names `p.wasm`, which is not a file of the pack",
            "`file` names `q.rq`, which is not a file of the pack",
        ]
    );
    assert_eq!(error.body().findings[0].help.as_deref(), Some("did you mean `nxet.md`?"));
    load(&pack_with(manifest, &[("next.md", ""), ("p.wasm", ""), ("q.rq", "")]));
}

#[test]
fn partials_are_what_no_entry_stands_for() {
    let manifest = r#"message = "next.md.jinja"
        [plugins.p]
        component = "p.yaml"
        [[templates]]
        source = "templates"
        [[templates]]
        source = "api.yaml"
        output = "api"
        engine = "plugin:p"
    "#;
    let files =
        ["next.md.jinja", "p.yaml", "templates/a.jinja", "api.yaml", "shared/b.jinja", "c.j2", "d.yaml", "e.txt"];
    let pack = load(&pack_with(manifest, &files.map(|file| (file, ""))));
    assert_eq!(pack.partials(&TemplateEngine::JINJA), [path("c.j2"), path("shared/b.jinja")]);
    assert_eq!(pack.partials(&TemplateEngine::Plugin(PluginName::new("p").unwrap())), [path("d.yaml")]);
    assert_eq!(pack.partials(&TemplateEngine::Copy), []);
}

#[test]
fn every_limit_on_files_binds_and_is_named() {
    let folder =
        pack_with("[[templates]]\nsource = \"t\"", &[("t/a.jinja", "12345"), ("t/b.jinja", "1"), ("t/c", "12345678")]);
    for (name, value, message) in [
        ("templates", 1, "has 2 templates, but the limit `templates` is 1"),
        ("template-bytes", 4, "t/a.jinja` has a size of 5 B, but the limit `template-bytes` is 4 B"),
        ("pack-bytes", 20, "but the limit `pack-bytes` is 20 B"),
        ("files", 3, "has more than 3 files and folders, the limit `files`"),
        ("manifest-bytes", 10, "pack.toml` has a size of "),
    ] {
        let mut limits = PackLimits::default();
        limits.set(&format!("{name}={value}")).unwrap();
        let error = Pack::load(folder.path(), &limits).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.body().hint.as_deref().unwrap().contains(&format!("`--limit {name}=")), "{error:?}");
    }
    let mut limits = PackLimits::default();
    for exact in ["templates=2", "template-bytes=5", "files=5"] {
        limits.set(exact).unwrap();
    }
    assert!(Pack::load(folder.path(), &limits).is_ok());
}

#[test]
fn folders_are_not_nested_without_end() {
    let folder = pack_with("", &[]);
    fs::create_dir_all(folder.path().join("d/".repeat(66))).unwrap();
    assert!(only_message(&folder).0.ends_with("is more than 64 folders deep"));
}

#[test]
fn the_digest_covers_paths_modes_and_contents() {
    let folder = pack_with("", &[("a", "1"), ("b", "2")]);
    let before = load(&folder).digest().unwrap();
    assert_eq!(load(&folder).digest().unwrap(), before);
    fs::set_permissions(folder.path().join("a"), fs::Permissions::from_mode(0o755)).unwrap();
    let with_mode = load(&folder).digest().unwrap();
    fs::write(folder.path().join("b"), "3").unwrap();
    let with_contents = load(&folder).digest().unwrap();
    fs::rename(folder.path().join("b"), folder.path().join("c")).unwrap();
    let with_path = load(&folder).digest().unwrap();
    let all = std::collections::BTreeSet::from([before, with_mode, with_contents, with_path]);
    assert_eq!(all.len(), 4);
}

#[test]
fn the_digest_has_the_documented_format() {
    let folder = pack_with("", &[]);
    let manifest = HEAD.as_bytes();
    let mut bytes = b"packbox pack 1\npack.toml\0-".to_vec();
    bytes.extend((manifest.len() as u64).to_le_bytes());
    bytes.extend(crate::digest::Digest::of(manifest).as_bytes());
    assert_eq!(load(&folder).digest().unwrap(), crate::digest::Digest::of(&bytes));
}

#[test]
fn host_versions_and_dependencies_are_checked() {
    let pack = load(&pack_with(
        "packbox = \">=0.1, <0.2\"\n[dependencies]\nextra = { version = \"1\", optional = true }",
        &[],
    ));
    assert!(pack.check_host(&semver::Version::new(0, 1, 7)).is_ok());
    let error = pack.check_host(&semver::Version::new(0, 2, 0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution);
    assert_eq!(error.to_string(), "`demo` needs packbox >=0.1, <0.2, but this is 0.2.0");
    assert_eq!(error.body().location.as_ref().unwrap().start.line, 4);
    assert!(pack.check_dependencies().is_ok());
    let pack = load(&pack_with("[dependencies]\nbase-rust = \"^1.0\"", &[]));
    let error = pack.check_dependencies().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resolution);
    assert!(error.to_string().starts_with("the pack needs `base-rust ^1.0`"), "{error}");
}
