//! Names in OCI registries, as strict types: they become parts of addresses.

use std::fmt;
use std::str::FromStr;

use super::origin::{Host, default_port};
use crate::error::{Error, ErrorKind, Result};
use crate::text;

/// The longest repository, in bytes.
const LONGEST: usize = 255;

/// `HOST[:PORT]/REPOSITORY`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The registry's host, in one spelling.
    pub host: Host,
    /// The repository, without a `/` at either end.
    pub path: String,
}

impl Repository {
    /// A repository below this one.
    #[must_use]
    pub fn below(&self, name: &str) -> Self {
        Self { host: self.host.clone(), path: format!("{}/{name}", self.path) }
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
            Error::new(ErrorKind::Usage, format!("`oci://{shown}` is not an OCI repository: {why}"))
                .hint("write `oci://HOST/REPOSITORY`, for instance `oci://ghcr.example/team/packs`")
        };
        let (host, path) = text.split_once('/').ok_or_else(|| invalid("there is no repository after the host"))?;
        if path.len() > LONGEST {
            return Err(invalid("it is too long"));
        }
        let mut host = Host::parse(host).ok_or_else(|| invalid("its host is not valid"))?;
        // On this machine the port of TLS may be one of plain HTTP.
        if host.port == Some(default_port(false)) && !host.is_loopback() {
            host.port = None;
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
            return Err(invalid("its repository must consist of a-z, 0-9, `.`, `_`, `-` and `/`"));
        }
        Ok(Self { host, path: path.to_owned() })
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
        for (spelled, one) in [
            ("GHCR.example:443/a", "ghcr.example/a"),
            ("ghcr.example./a", "ghcr.example/a"),
            ("[0::1]:5000/a", "[::1]:5000/a"),
            ("127.0.0.1:443/a", "127.0.0.1:443/a"),
            ("ghcr.example:80/a", "ghcr.example:80/a"),
        ] {
            assert_eq!(spelled.parse::<Repository>().unwrap().to_string(), format!("oci://{one}"));
        }
    }
}
