//! Credentials from the user's own Docker configuration: what it holds, and what the credential helpers know that it names.
//!
//! Always true here: an entry fits whatever the spelling of its host; one for a path fits the repositories below it, and the
//! longest path is taken first. What could not be used is told with its reason, since without it nobody knows why a registry
//! refuses.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::Deserialize;

use super::helper::{self, Answer};
use super::origin::{Host, default_port};
use super::reference::Repository;
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::interrupt::Interrupt;
use crate::text::printable_line;

/// The most of a Docker configuration that is read.
const LARGEST: u64 = 1 << 20;
/// How many names a helper is asked for.
const MOST_ASKED: usize = 4;
/// The name under which Docker keeps credentials for its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// What a helper gives as the name where the secret is an identity token.
const TOKEN: &str = "<token>";

/// Takes base64 with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where credentials come from.
#[derive(Debug, Clone, Default)]
pub struct CredentialSource {
    /// Docker's configuration; none: no credentials.
    pub docker_config: Option<PathBuf>,
}

/// What a user has for a registry.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// A name and a password.
    Password { user: String, password: String },
    /// An identity token, for which a realm gives tokens.
    Identity(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Password { .. } => "Password",
            Self::Identity(_) => "Identity",
        })
    }
}

impl Credentials {
    /// What stands in a header of basic authentication; none for an identity token.
    pub fn basic(&self) -> Option<String> {
        match self {
            Self::Password { user, password } => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
            Self::Identity(_) => None,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The credentials that fit best.
    pub credentials: Option<Credentials>,
    /// Why others could not be used, and what to do about it: sentences without an end.
    pub remarks: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DockerConfig {
    auths: BTreeMap<String, DockerAuth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DockerAuth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

impl CredentialSource {
    /// Finds what the user has for a repository.
    ///
    /// # Errors
    /// `Usage` where the configuration is none; `Io`, `Interrupted`.
    pub(super) fn find(&self, repository: &Repository, plain_http: bool, interrupt: &Interrupt) -> Result<Found> {
        let Some(path) = &self.docker_config else { return Ok(Found::default()) };
        let Some(config) = read(path)? else { return Ok(Found::default()) };
        let port = default_port(plain_http);
        let auths = fitting(&config.auths, repository, port);
        let mut found = Found::default();
        let own_helper = fitting(&config.cred_helpers, repository, port).into_iter().next();
        let helper = own_helper.map(|(_, helper)| helper).or(config.creds_store.as_ref());
        if let Some(helper) = helper {
            let own_name = own_helper.map(|(name, _)| name).filter(|name| name.contains('/'));
            for name in asked_for(repository, own_name.into_iter().chain(auths.iter().map(|(name, _)| *name))) {
                match helper::ask(helper, &name, interrupt)? {
                    Answer::Found { user, secret } => {
                        found.credentials = Some(if user == TOKEN {
                            Credentials::Identity(secret)
                        } else {
                            Credentials::Password { user, password: secret }
                        });
                        return Ok(found);
                    }
                    Answer::Unknown => {}
                    Answer::Failed(why) => {
                        let program = helper::program(helper);
                        found.remarks.push(format!(
                            "the credential helper `{program}`, which `{}` names, {why}",
                            printable_line(&path.display().to_string())
                        ));
                        break;
                    }
                }
            }
        }
        for (name, auth) in auths {
            match auth.credentials() {
                Ok(None) => {}
                Ok(Some(Credentials::Password { password, .. })) if password.is_empty() => {
                    let name = printable_line(name);
                    found.remarks.push(format!("the password that Docker's configuration holds for `{name}` is empty"));
                }
                Ok(Some(credentials)) => {
                    found.credentials = Some(credentials);
                    break;
                }
                Err(()) => {
                    let (path, host) = (path.display(), &repository.host);
                    let detail = format!("`{path}` holds credentials for `{host}` that can't be read");
                    return Err(Error::new(ErrorKind::Usage, detail).hint(format!("run `docker login {host}` again")));
                }
            }
        }
        Ok(found)
    }
}

impl DockerAuth {
    /// What it holds; the error is for what can't be read.
    fn credentials(&self) -> Result<Option<Credentials>, ()> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credentials::Identity(token)));
        }
        if let (Some(user), Some(password)) = (filled(&self.username), &self.password) {
            return Ok(Some(Credentials::Password { user, password: password.clone() }));
        }
        let Some(encoded) = filled(&self.auth) else { return Ok(None) };
        let decoded = LENIENT.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(())?;
        let (user, password) = decoded.split_once(':').ok_or(())?;
        let password = password.trim_end_matches('\0');
        Ok(Some(Credentials::Password { user: user.to_owned(), password: password.to_owned() }))
    }
}

/// What a helper is asked for: the names in the configuration, as it may know the credentials by them, and then the one that
/// Docker would use.
fn asked_for<'c>(repository: &Repository, names: impl Iterator<Item = &'c str>) -> Vec<String> {
    let server = if is_docker_hub(&repository.host) { DOCKER_HUB.to_owned() } else { repository.host.to_string() };
    let mut asked: Vec<String> = names.take(MOST_ASKED - 1).map(str::to_owned).collect();
    if !asked.contains(&server) {
        asked.push(server);
    }
    asked
}

/// The entries that fit a repository: those with the longest path first, and of these the one that is spelled as we do.
fn fitting<'c, T>(entries: &'c BTreeMap<String, T>, repository: &Repository, port: u16) -> Vec<(&'c str, &'c T)> {
    let mut fitting: Vec<(usize, &str, &T)> =
        entries.iter().filter_map(|(name, entry)| Some((fit(name, repository, port)?, name.as_str(), entry))).collect();
    let own = repository.host.to_string();
    fitting.sort_by_key(|(length, name, _)| (Reverse(*length), *name != own));
    fitting.into_iter().map(|(_, name, entry)| (name, entry)).collect()
}

/// How long the path of an entry is, where the entry fits.
fn fit(name: &str, repository: &Repository, port: u16) -> Option<usize> {
    let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    let host = Host::parse(host)?;
    let is_hub = is_docker_hub(&host) && is_docker_hub(&repository.host);
    if !is_hub && !host.is(&repository.host, port) {
        return None;
    }
    // What Docker writes for a registry as a whole.
    let path = match path.trim_matches('/') {
        "v1" | "v2" => "",
        path => path,
    };
    let below = repository.path.strip_prefix(path);
    below.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/')).then_some(path.len())
}

/// Whether it is Docker's own registry, which has several names.
pub(super) fn is_docker_hub(host: &Host) -> bool {
    matches!(host.name.as_str(), "docker.io" | "index.docker.io" | "registry-1.docker.io")
        && host.port.is_none_or(|port| port == 443)
}

fn read(path: &Path) -> Result<Option<DockerConfig>> {
    let shown = printable_line(&path.display().to_string());
    let bytes = match files::read_own(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(format!("cannot read `{shown}`"), error)),
    };
    let text = files::text(&bytes).map_err(|error| error.error(ErrorKind::Usage, &format!("`{shown}`"), &shown))?;
    serde_json::from_str(text).map(Some).map_err(|error| {
        // Not the text itself: it holds secrets.
        let (line, column) = (error.line(), error.column());
        let detail = format!("`{shown}` is not a Docker configuration (line {line}, column {column})");
        Error::new(ErrorKind::Usage, detail).hint("correct it, or create it again with `docker login`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(config: &str, repository: &str) -> Result<Found> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, config).unwrap();
        let source = CredentialSource { docker_config: Some(path) };
        source.find(&repository.parse().unwrap(), false, &Interrupt::default())
    }

    fn user(config: &str, repository: &str) -> Option<String> {
        match find(config, repository).unwrap().credentials {
            Some(Credentials::Password { user, .. }) => Some(user),
            Some(Credentials::Identity(token)) => Some(format!("token {token}")),
            None => None,
        }
    }

    #[test]
    fn docker_configurations_are_read() {
        let source = CredentialSource { docker_config: Some("/nonexistent/config.json".into()) };
        let repository: Repository = "host:5000/x".parse().unwrap();
        assert_eq!(source.find(&repository, false, &Interrupt::default()).unwrap().credentials, None);
        let config = "\u{feff}{\"auths\":{\"host:5000\":{\"auth\":\"dXNlcjpwYXNz\"}}}";
        let found = find(config, "host:5000/x").unwrap().credentials.unwrap();
        assert_eq!(found.basic().unwrap(), "Basic dXNlcjpwYXNz");
        assert_eq!(user(config, "host/x"), None);
        let config = r#"{"credHelpers":{"host":"../evil"}}"#;
        assert_eq!(find(config, "host/x").unwrap_err().kind(), ErrorKind::Usage);
        for broken in ["{", r#"{"auths":{"host":{"auth":"!"}}}"#, r#"{"auths":{"host":{"auth":"dXNlcg=="}}}"#] {
            assert_eq!(find(broken, "host/x").unwrap_err().kind(), ErrorKind::Usage, "{broken}");
        }
        let secret = "{\"auths\":{\"host\":{\"auth\":\"c2VjcmV0\"\0}}}";
        let error = find(secret, "host/x").unwrap_err();
        assert!(error.to_string().contains("NUL") && !format!("{error:?}").contains("c2VjcmV0"), "{error:?}");
    }

    #[test]
    fn an_entry_fits_in_any_spelling() {
        for name in [
            "host.example",
            "HOST.example",
            "https://host.example",
            "https://Host.Example:443/v1/",
            "host.example:443",
            "http://host.example/v2/",
            "host.example.",
            "https://host.example/",
        ] {
            let config = serde_json::json!({ "auths": { name: { "username": "u", "password": "p" } } }).to_string();
            assert_eq!(user(&config, "host.example/team/packs").as_deref(), Some("u"), "{name}");
            assert_eq!(user(&config, "HOST.example:443/team/packs").as_deref(), Some("u"), "{name}");
            assert_eq!(user(&config, "host.example:5000/team/packs"), None, "{name}");
            assert_eq!(user(&config, "other.example/team/packs"), None, "{name}");
        }
        for name in [DOCKER_HUB, "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/"] {
            let config = serde_json::json!({ "auths": { name: { "username": "u", "password": "p" } } }).to_string();
            assert_eq!(user(&config, "registry-1.docker.io/team/packs").as_deref(), Some("u"), "{name}");
        }
    }

    #[test]
    fn helpers_are_asked_for_what_docker_knows() {
        let asked = |repository: &str, names: &[&str]| asked_for(&repository.parse().unwrap(), names.iter().copied());
        assert_eq!(asked("registry-1.docker.io/a", &[]), [DOCKER_HUB]);
        assert_eq!(asked("docker.io/a", &[DOCKER_HUB]), [DOCKER_HUB]);
        assert_eq!(asked("HOST:5000/a", &["https://host:5000/v1/"]), ["https://host:5000/v1/", "host:5000"]);
        assert_eq!(asked("host/a", &["1", "2", "3", "4", "5"]), ["1", "2", "3", "host"]);
    }

    #[test]
    fn the_longest_path_is_taken_first() {
        let auth = |user: &str| serde_json::json!({ "username": user, "password": "p" });
        let config = serde_json::json!({ "auths": {
            "host": auth("all"), "host/team": auth("team"), "https://HOST/team/packs/": auth("packs"), "host/te": auth("no"),
        } });
        let config = config.to_string();
        for (repository, expected) in [
            ("host/team/packs", "packs"),
            ("host/team/packs/web", "packs"),
            ("host/team/other", "team"),
            ("host/x", "all"),
        ] {
            assert_eq!(user(&config, repository).as_deref(), Some(expected), "{repository}");
        }
    }

    #[test]
    fn tokens_are_used_and_empty_passwords_are_not() {
        let config = r#"{"auths":{"host":{"auth":"MDAwOg==","identitytoken":"refresh"}}}"#;
        assert_eq!(user(config, "host/x").as_deref(), Some("token refresh"));
        for empty in [r#"{"auth":"dXNlcjo="}"#, r#"{"username":"user","password":""}"#] {
            let found = find(&format!("{{\"auths\":{{\"host\":{empty}}}}}"), "host/x").unwrap();
            assert_eq!(found.credentials, None, "{empty}");
            assert!(found.remarks[0].contains("for `host` is empty"), "{found:?}");
        }
        // The next that fits is taken.
        let config = r#"{"auths":{"host/x":{"auth":"dXNlcjo="},"host":{"auth":"dXNlcjpwYXNz"}}}"#;
        assert_eq!(user(config, "host/x").as_deref(), Some("user"));
    }
}
