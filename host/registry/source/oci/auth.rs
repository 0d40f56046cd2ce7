//! What a registry asks for where it refuses, and whether what it asks for may be sent where it wants it.
//!
//! Always true here: credentials are sent to the registry's host, or to a token realm on that host (for Docker's own registry
//! on Docker's), or to the one host that the user allowed by name; nothing that a registry answers names another.

use std::collections::BTreeMap;

use super::credentials::is_docker_hub;
use super::origin::Host;
use super::reference::Repository;
use crate::advice::said;
use crate::error::{Error, ErrorKind};

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

/// The error where credentials for a registry would have to be sent to another host.
pub(super) fn other_host(repository: &Repository, realm_host: &Host) -> Error {
    let detail = format!("`{repository}` wants its credentials sent to `{realm_host}`");
    Error::new(ErrorKind::Refused, detail).hint(format!(
        "credentials go to the registry's own host only; if that host belongs to it, too, write \
         `token-host = \"{realm_host}\"` for it in `registries.toml`{}",
        said(format!(", or add it with `--token-host {realm_host}`"), String::new())
    ))
}

/// Whether credentials for a registry may be sent to a token realm, which is an address of `https`: on the same host, or on
/// the one that the user allowed, whose port is that of `https` where it names none.
pub(super) fn is_own_realm(host: &Host, realm: &Host, allowed: Option<&Host>) -> bool {
    host.name == realm.name
        || (is_docker_hub(host) && realm.name == "auth.docker.io")
        || allowed.is_some_and(|allowed| allowed.is(realm, 443))
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
        let host = |text: &str| Host::parse(text).expect(text);
        let is_own = |registry: &str, realm: &str, allowed: Option<&str>| {
            is_own_realm(&host(registry), &host(realm), allowed.map(host).as_ref())
        };
        assert!(is_own("ghcr.example", "GHCR.example:443", None));
        assert!(is_own("host:5000", "host:5001", None));
        assert!(is_own("registry-1.docker.io", "auth.docker.io", None));
        assert!(is_own("registry.example", "gitlab.example", Some("GitLab.example.")));
        assert!(is_own("registry.example", "gitlab.example:8443", Some("gitlab.example:8443")));
        for foreign in ["evil.example", "ghcr.example.evil.example", "auth.docker.io", "gitlab.example:8443"] {
            assert!(!is_own("ghcr.example", foreign, None), "{foreign}");
            assert!(!is_own("ghcr.example", foreign, Some("gitlab.example")), "{foreign}");
        }
    }
}
