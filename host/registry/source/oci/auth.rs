//! Credentials: where they come from, and who gets them.
//!
//! They come from the user's own Docker configuration: what it holds, and the credential helpers that it names. Always true
//! here: they are sent to the registry's host, or to a token realm on that host (and for Docker's own registry on Docker's);
//! nothing that a registry answers names another place for them, or a program to run.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::Deserialize;

use super::reference::host_name;
use crate::error::{Error, ErrorKind, Result};
use crate::text;

/// The most of a Docker configuration, or of a helper's answer, that is read.
const LARGEST: u64 = 1 << 20;
/// How long a credential helper may take.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// A name and a password, or an identity token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Credentials {
    /// What stands in a header of basic authentication.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }
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
}

impl CredentialSource {
    /// Finds what the user has for a host.
    pub(super) fn find(&self, host: &str) -> Result<Option<Credentials>> {
        let Some(path) = &self.docker_config else { return Ok(None) };
        let Some(config) = read(path)? else { return Ok(None) };
        let names = names_of(host);
        let helper = names.iter().find_map(|name| config.cred_helpers.get(name));
        if let Some(helper) = helper.or(config.creds_store.as_ref())
            && let Some(found) = ask(helper, host)?
        {
            return Ok(Some(found));
        }
        let Some(auth) = names.iter().find_map(|name| config.auths.get(name)) else { return Ok(None) };
        if let (Some(user), Some(password)) = (&auth.username, &auth.password) {
            return Ok(Some(Credentials { user: user.clone(), password: password.clone() }));
        }
        let Some(encoded) = auth.auth.as_deref().filter(|auth| !auth.is_empty()) else { return Ok(None) };
        let decoded = LENIENT.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
        match pair {
            Some((user, password)) => {
                Ok(Some(Credentials { user: user.to_owned(), password: password.trim_end_matches('\0').to_owned() }))
            }
            None => Err(Error::new(
                ErrorKind::Usage,
                format!("`{}` holds credentials for `{host}` that can't be read", path.display()),
            )
            .hint(format!("run `docker login {host}` again"))),
        }
    }
}

/// How Docker's configuration may name a host.
fn names_of(host: &str) -> Vec<String> {
    let mut names =
        vec![host.to_owned(), format!("https://{host}"), format!("https://{host}/v1/"), format!("https://{host}/v2/")];
    if is_docker_hub(host) {
        names.extend(["https://index.docker.io/v1/", "docker.io", "index.docker.io"].map(str::to_owned));
    }
    names
}

fn is_docker_hub(host: &str) -> bool {
    matches!(host, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}

fn read(path: &Path) -> Result<Option<DockerConfig>> {
    let failed = |error| Error::io(format!("cannot read `{}`", path.display()), error);
    let text = match crate::files::read_own(path, LARGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        // Not the text itself: it holds secrets.
        let (line, column) = (error.line(), error.column());
        Error::new(
            ErrorKind::Usage,
            format!("`{}` is no Docker configuration (line {line}, column {column})", path.display()),
        )
    })
}

/// What a credential helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks a credential helper that the user's configuration names.
fn ask(helper: &str, host: &str) -> Result<Option<Credentials>> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if helper.is_empty() || !helper.bytes().all(is_plain) {
        let shown = text::printable_line(helper);
        return Err(Error::new(
            ErrorKind::Usage,
            format!("Docker's configuration names a credential helper `{shown}`, which is no name"),
        ));
    }
    let program = format!("docker-credential-{helper}");
    let failed = |error| Error::io(format!("cannot run the credential helper `{program}`"), error);
    let mut command = Command::new(&program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(host.as_bytes());
    }
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break status,
            None if begin.elapsed() > PATIENCE => {
                let _ = child.kill();
                let _ = child.wait();
                let seconds = PATIENCE.as_secs();
                return Err(Error::new(
                    ErrorKind::Io,
                    format!("the credential helper `{program}` took longer than {seconds} s"),
                ));
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let mut answer = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(LARGEST).read_to_end(&mut answer).map_err(failed)?;
    }
    // A helper that knows nothing of the host fails.
    if !status.success() {
        return Ok(None);
    }
    let answer: Option<Answer> = serde_json::from_slice(&answer).ok();
    Ok(answer
        .filter(|answer| !answer.secret.is_empty())
        .map(|answer| Credentials { user: answer.username, password: answer.secret }))
}

/// What a registry asks for where it refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A name and a password.
    Basic,
    /// A token from a realm.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// Reads a `WWW-Authenticate` header.
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut parameters = parameters(rest);
        Some(Self::Bearer {
            realm: parameters.remove("realm")?,
            service: parameters.remove("service"),
            scope: parameters.remove("scope"),
        })
    }
}

/// Reads `name="value"` pairs.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']).to_ascii_lowercase();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.insert(name, value.trim().to_owned());
        rest = after;
    }
    found
}

/// Whether credentials for a registry may be sent to a token realm: to the same host only.
pub(super) fn is_own_realm(host: &str, realm_host: &str) -> bool {
    host_name(host).eq_ignore_ascii_case(host_name(realm_host))
        || (is_docker_hub(host) && realm_host.eq_ignore_ascii_case("auth.docker.io"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let header = "Bearer realm=\"https://host/token\",service=\"s, t\", scope=\"repository:a:pull,push\"";
        let expected = Challenge::Bearer {
            realm: "https://host/token".to_owned(),
            service: Some("s, t".to_owned()),
            scope: Some("repository:a:pull,push".to_owned()),
        };
        assert_eq!(Challenge::parse(header), Some(expected));
        assert_eq!(Challenge::parse("Basic realm=x"), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("Negotiate"), None);
        assert_eq!(Challenge::parse("Bearer service=x"), None);
    }

    #[test]
    fn credentials_go_to_the_own_realm_only() {
        assert!(is_own_realm("ghcr.example", "ghcr.example"));
        assert!(is_own_realm("host:5000", "host:5001"));
        assert!(is_own_realm("registry-1.docker.io", "auth.docker.io"));
        for foreign in ["evil.example", "ghcr.example.evil.example", "auth.docker.io"] {
            assert!(!is_own_realm("ghcr.example", foreign), "{foreign}");
        }
    }

    #[test]
    fn docker_configurations_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let source = CredentialSource { docker_config: Some(path.clone()) };
        assert_eq!(source.find("host:5000").unwrap(), None);
        std::fs::write(
            &path,
            r#"{"auths":{"host:5000":{"auth":"dXNlcjpwYXNz"},"https://other/v1/":{"username":"u","password":"p"}}}"#,
        )
        .unwrap();
        let found = source.find("host:5000").unwrap().unwrap();
        assert_eq!((found.user.as_str(), found.password.as_str()), ("user", "pass"));
        assert_eq!(found.basic(), "Basic dXNlcjpwYXNz");
        assert_eq!(source.find("other").unwrap().unwrap().user, "u");
        assert_eq!(source.find("host").unwrap(), None);
        std::fs::write(&path, r#"{"credHelpers":{"host":"../evil"}}"#).unwrap();
        assert_eq!(source.find("host").unwrap_err().kind(), ErrorKind::Usage);
    }
}
