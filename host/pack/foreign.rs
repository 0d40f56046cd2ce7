//! What somebody named that is no pack: what it is, and what to do with it today.
//!
//! Always true here: this is looked at only once there is an error to explain; no link is followed, and nothing is fetched.

use std::path::Path;

use super::folder::{EntryKind, Folder, Level};
use super::names::MANIFEST_NAME;
use crate::advice::said;
use crate::error::{Error, ErrorKind};
use crate::text::printable_line;

/// What a program is told that names something else.
pub(super) const PACKS_ARE: &str = "a pack is a folder with a `pack.toml` in it, or a `.pack` archive of one";
/// How many names of a folder are looked at.
const MOST_NAMES: usize = 1000;
/// How many packs of a folder are listed.
const MOST_LISTED: usize = 10;

/// Templates of other tools: a file or folder that only they have, what it is then, and what makes something of it.
const TOOLS: &[(&str, &str, &str)] = &[
    ("cookiecutter.json", "a Cookiecutter template", "`cookiecutter {}`"),
    ("copier.yml", "a Copier template", "`copier copy {} DIR`"),
    ("copier.yaml", "a Copier template", "`copier copy {} DIR`"),
    ("cargo-generate.toml", "a cargo-generate template", "`cargo generate --path {}`"),
    (".template.config", "a `dotnet new` template", "`dotnet new install {}`"),
    ("Chart.yaml", "a Helm chart", "`helm template {}`"),
    ("degit.json", "a template for degit", "`degit`"),
    ("plopfile.js", "a project with Plop generators", "`plop`"),
    ("_templates", "a project with Hygen generators", "`hygen`"),
    ("generators", "a generator for Yeoman", "`yo`"),
];

/// Tools of whose templates a page says how each part is written here, by what only they have.
const EXPLAINED: [&str; 4] = ["cookiecutter.json", "copier.yml", "copier.yaml", "cargo-generate.toml"];

/// What is packbox's own and no pack.
const OWN: &[(&str, &str, &str)] = &[
    ("packbox-plugin.toml", "a plugin project", "`packbox plugin build {}` makes the component that a pack carries"),
    (
        "packbox-registry.toml",
        "a registry",
        "`packbox registry add NAME {}` adds it; then use the names of its packs, not their paths",
    ),
    (
        ".packbox",
        "a project that was generated",
        "name the pack that it was made from, and this folder with `--output`",
    ),
];

/// What archives of other forms begin with.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "an archive compressed with gzip"),
    (b"\xfd7zXZ\0", "an archive compressed with xz"),
    (b"BZh", "an archive compressed with bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\0asm", "a WebAssembly component"),
];

/// Endings of archives in web addresses.
const ENDINGS: [&str; 7] = [".zip", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar"];

/// Hosts of repositories, with the short form that other tools have for each.
const FORGES: [(&str, &[&str]); 4] = [
    ("github.com", &["gh:", "github:"]),
    ("gitlab.com", &["gl:", "gitlab:"]),
    ("bitbucket.org", &["bb:", "bitbucket:"]),
    ("codeberg.org", &["codeberg:"]),
];

/// Explains a folder without a manifest, where its names tell what it is.
pub(super) fn folder(path: &Path, folder: &Folder) -> Option<Error> {
    let shown = printable_line(&path.display().to_string());
    let error =
        |what: &str, hint: String| Some(Error::new(ErrorKind::NotFound, format!("`{shown}` {what}")).hint(hint));
    let typed = |hint: String| said(hint, PACKS_ARE.to_owned());
    let mut top = folder.top().ok()?;
    let entries = top.entries(MOST_NAMES).ok()?;
    let names: Vec<&str> = entries.iter().filter_map(|entry| entry.name.to_str()).collect();
    if entries.is_empty() {
        return error("is an empty folder, not a pack", typed(format!("`packbox new {shown}` makes a new pack there")));
    }
    if let Some((marker, what, hint)) = OWN.iter().find(|(marker, ..)| names.contains(marker)) {
        return error(&format!("is {what}, not a pack: it has `{marker}`"), typed(hint.replace("{}", &shown)));
    }
    // A project of Node may have any folder of that name.
    let is_sure = |marker: &str| marker != "generators" || names.contains(&"package.json");
    if let Some((marker, what, run)) = TOOLS.iter().find(|(marker, ..)| names.contains(marker) && is_sure(marker)) {
        let run = run.replace("{}", &shown);
        let page = if EXPLAINED.contains(marker) { "; docs/coming-from.md says how each part is written" } else { "" };
        return error(
            &format!("is {what}, not a pack: it has `{marker}`"),
            typed(format!(
                "{run} uses it; to turn it into a pack, start with `packbox new NAME` and copy its files \
                 there{page}"
            )),
        );
    }
    let packs = packs_below(&mut top, names.iter().copied());
    if packs.is_empty() {
        return None;
    }
    let list: Vec<String> =
        packs.iter().take(MOST_LISTED).map(|name| format!("`{}`", path.join(name).display())).collect();
    let more = if packs.len() > MOST_LISTED { " and more" } else { "" };
    error("is not a pack, but has packs in it", printable_line(&format!("name one of them: {}{more}", list.join(", "))))
}

/// The folders in a folder, and in those, that have a manifest.
fn packs_below<'n>(top: &mut Level, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut packs = Vec::new();
    for name in names {
        let Ok(mut level) = top.enter(name.as_ref()) else { continue };
        let Ok(entries) = level.entries(MOST_NAMES) else { continue };
        if entries.iter().any(|entry| entry.name == MANIFEST_NAME) {
            packs.push(name.to_owned());
            continue;
        }
        for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Folder) {
            let (Some(inner), Ok(mut below)) = (entry.name.to_str(), level.enter(&entry.name)) else { continue };
            if below.entries(MOST_NAMES).is_ok_and(|entries| entries.iter().any(|entry| entry.name == MANIFEST_NAME)) {
                packs.push(format!("{name}/{inner}"));
            }
        }
        if packs.len() > MOST_LISTED {
            break;
        }
    }
    packs.sort();
    packs
}

/// Names a file by how it begins.
pub(super) fn file(bytes: &[u8]) -> Option<&'static str> {
    ARCHIVES.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
}

/// Whether a text is an address, such as that of a git repository, and neither a path nor a name.
#[must_use]
pub fn is_address(text: &str) -> bool {
    Address::read(text).is_some()
}

/// Explains an address that was named where a pack should be.
pub(super) fn address(text: &str) -> Option<Error> {
    let Address { shown, what, hint } = Address::read(text)?;
    let takes = "packbox takes folders, `.pack` archives and names of packs";
    Some(Error::new(ErrorKind::NotFound, format!("`{shown}` is {what}; {takes}")).hint(hint))
}

struct Address {
    /// Without a name and a password, which may be in it.
    shown: String,
    what: &'static str,
    hint: String,
}

impl Address {
    fn read(text: &str) -> Option<Self> {
        let git = |url: String| {
            let name = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default().trim_end_matches(".git");
            let hint =
                format!("run `git clone {url}`, then name the folder: `./{name}`, or the folder of a pack in it");
            Some(Self { shown: url, what: "the address of a git repository", hint })
        };
        let text = printable_line(text);
        for (forge, short) in FORGES {
            if let Some(repository) = short.iter().find_map(|short| text.strip_prefix(short)) {
                return git(format!("https://{forge}/{}", repository.trim_start_matches('/')));
            }
            if text.strip_prefix("www.").unwrap_or(&text).strip_prefix(forge).is_some_and(|rest| rest.starts_with('/'))
            {
                return git(format!("https://{text}"));
            }
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            // As `scp` writes it.
            let (user, rest) = text.split_once('@')?;
            let (host, path) = rest.split_once(':')?;
            let is_git = !user.contains('/') && !path.is_empty() && (host.contains('.') || path.contains('/'));
            return if is_git { git(text) } else { None };
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let whole = format!("{scheme}://{host}/{path}");
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let file = path.rsplit('/').next().unwrap_or_default();
        let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        let other = |what: &'static str, hint: String| Some(Self { shown: whole.clone(), what, hint });
        match scheme.to_ascii_lowercase().as_str() {
            "file" => other("the address of a file", format!("name the path: `/{path}`")),
            "oci" => other(
                "an OCI reference",
                said(
                    format!("run `packbox install {whole}`, then name the pack"),
                    "install it with a `Library`, then name the pack".to_owned(),
                ),
            ),
            "git" | "ssh" => git(format!("{scheme}://{authority}/{path}")),
            "http" | "https" if ENDINGS.iter().any(|ending| path.ends_with(ending)) => other(
                "the address of an archive",
                format!("download it, unpack it, and name the folder with the `{MANIFEST_NAME}`"),
            ),
            "http" | "https" if extension == "pack" => {
                other("the address of a pack", format!("download it, then name the file: `./{file}`"))
            }
            "http" | "https" => {
                let forge = FORGES.iter().any(|(forge, _)| host.strip_prefix("www.").unwrap_or(host) == *forge);
                let parts: Vec<&str> = path.split('/').collect();
                // What stands behind the repository is a branch, and a folder in it; GitLab has groups within groups.
                let repository = match parts.iter().position(|part| *part == "-" || part.strip_suffix(".git").is_some())
                {
                    Some(end) if parts[end] != "-" => parts.get(..=end),
                    Some(end) => parts.get(..end),
                    None if host.ends_with("gitlab.com") => Some(&parts[..]),
                    None => parts.get(..2),
                };
                match repository {
                    Some(repository) if forge && repository.len() > 1 => {
                        git(format!("{scheme}://{host}/{}", repository.join("/")))
                    }
                    _ if extension == "git" => git(format!("{scheme}://{host}/{path}")),
                    _ => other(
                        "a web address",
                        "download what is there, and name the folder or the `.pack` file".to_owned(),
                    ),
                }
            }
            scheme => match scheme.strip_prefix("git+") {
                Some(inner) => git(format!("{inner}://{host}/{path}")),
                None => other("an address", "get what is there, and name the folder or the `.pack` file".to_owned()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths_and_names() {
        for (text, what, hint) in [
            ("https://github.com/owner/repo", "a git repository", "`git clone https://github.com/owner/repo`"),
            (
                "https://github.com/owner/repo/tree/main/packs/a",
                "a git repository",
                "clone https://github.com/owner/repo`",
            ),
            ("https://gitlab.com/g/s/p.git", "a git repository", "clone https://gitlab.com/g/s/p.git`"),
            ("https://gitlab.com/g/s/p/-/tree/main/a", "a git repository", "clone https://gitlab.com/g/s/p`"),
            ("https://github.com/o/b.git/tree/main/a", "a git repository", "clone https://github.com/o/b.git`"),
            ("https://git.example/team/repo.git", "a git repository", "`./repo`"),
            ("https://user:secret@git.example/repo.git", "a git repository", "clone https://git.example/repo.git`"),
            ("git@github.com:owner/repo.git", "a git repository", "`git clone git@github.com:owner/repo.git`"),
            ("ssh://git@host/owner/repo", "a git repository", "`git clone ssh://git@host/owner/repo`"),
            ("git+https://host/repo", "a git repository", "`git clone https://host/repo`"),
            ("github.com/owner/repo", "a git repository", "`git clone https://github.com/owner/repo`"),
            ("gh:owner/repo", "a git repository", "`git clone https://github.com/owner/repo`"),
            ("gitlab:team/sub/repo", "a git repository", "`git clone https://gitlab.com/team/sub/repo`"),
            ("https://github.com/o/r/archive/refs/heads/main.zip", "an archive", "download it, unpack it"),
            ("https://host/a.tar.gz?token=1", "an archive", "unpack it"),
            ("https://host/a-1.0.0.pack", "of a pack", "`./a-1.0.0.pack`"),
            ("https://host/page", "a web address", "download"),
            ("oci://host/team/a:1.0.0", "an OCI reference", "`packbox install oci://host/team/a:1.0.0`"),
            ("file:///srv/pack", "a file", "`/srv/pack`"),
            ("s3://bucket/pack", "an address", "get what is there"),
        ] {
            let error = address(text).unwrap_or_else(|| panic!("{text}"));
            let body = error.body();
            let found = body.hint.as_deref().unwrap_or_default();
            assert!(body.detail.contains(what) && found.contains(hint), "{text}: {} {found}", body.detail);
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
        for text in
            ["web", "web@1.2", "web@^1", "main/web", "./a", "../a/b", "/srv/a", "a.pack", "a b", "C:/packs/a", "a@b:c"]
        {
            assert!(!is_address(text), "{text}");
        }
    }
}
