//! Names in OCI registries, as strict types: they become parts of addresses.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::text;

/// The longest host or repository, in bytes.
const LONGEST: usize = 255;

/// `HOST[:PORT]/REPOSITORY`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The registry's host, with its port where it has one.
    pub host: String,
    /// The repository, without a `/` at either end.
    pub path: String,
}

impl Repository {
    /// Whether the host is this machine, for which plain HTTP can be allowed.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = host_name(&self.host);
        name == "localhost" || name == "[::1]" || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
    }

    /// A repository below this one.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        Self { host: self.host.clone(), path: format!("{}/{name}", self.path) }
    }
}

/// A host without its port.
pub(super) fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "oci://{}/{}", self.host, self.path)
    }
}

impl FromStr for Repository {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = |why: &str| {
            let shown = text::printable_line(text);
            Error::new(ErrorKind::Usage, format!("`oci://{shown}` is no OCI repository: {why}"))
                .hint("write `oci://HOST/REPOSITORY`, for instance `oci://ghcr.example/team/packs`")
        };
        let (host, path) = text.split_once('/').ok_or_else(|| invalid("there is no repository behind the host"))?;
        if host.len() > LONGEST || path.len() > LONGEST {
            return Err(invalid("it is too long"));
        }
        let name = host_name(host);
        let is_ip6 = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .is_some_and(|name| name.parse::<std::net::Ipv6Addr>().is_ok());
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
            && !name.starts_with(['.', '-']);
        if !is_ip6 && !is_name {
            return Err(invalid("its host is none"));
        }
        // Words of a-z and 0-9, with one `.`, `_`, `__` or any number of `-` between two.
        let is_component = |component: &str| {
            let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let edges = [component.bytes().next(), component.bytes().last()];
            edges.iter().all(|edge| edge.is_some_and(inner))
                && component.bytes().all(|byte| inner(byte) || matches!(byte, b'.' | b'_' | b'-'))
                && !component.contains("..")
        };
        if !path.split('/').all(is_component) {
            return Err(invalid("its repository is made of a-z, 0-9, `.`, `_`, `-` and `/`"));
        }
        Ok(Self { host: host.to_owned(), path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_strict() {
        for valid in ["127.0.0.1:5000/packs", "ghcr.example/a/b-c_d.e", "localhost/x", "[::1]:5000/x"] {
            assert_eq!(valid.parse::<Repository>().unwrap().to_string(), format!("oci://{valid}"));
        }
        for invalid in [
            "host",
            "/x",
            "host/",
            "host/..",
            "host/a/../b",
            "host/A",
            "u:p@host/x",
            "host/x?y",
            "host/x#y",
            "host /x",
            "host/a//b",
        ] {
            assert_eq!(invalid.parse::<Repository>().unwrap_err().kind(), ErrorKind::Usage, "{invalid}");
        }
        let is_loopback = |text: &str| text.parse::<Repository>().unwrap().is_loopback();
        assert!(is_loopback("127.0.0.1:5000/x") && is_loopback("localhost/x") && is_loopback("[::1]:1/x"));
        assert!(!is_loopback("127.0.0.1.example/x") && !is_loopback("localhost.example/x"));
    }
}
