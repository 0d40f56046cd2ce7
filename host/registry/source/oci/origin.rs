//! Hosts and origins in one spelling, and the addresses that a registry names.
//!
//! Always true here: a host is in lower case and without a dot at its end, an IPv6 address in its short form; an origin has
//! its port, named or not. So two spellings of the same are equal, and nothing else is.

use std::fmt::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr};

use fluent_uri::{Uri, UriRef};

/// The longest host, in bytes.
const LONGEST: usize = 255;

/// `HOST[:PORT]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name, or the address; one of IPv6 in brackets.
    pub name: String,
    /// The port, where it was named.
    pub port: Option<u16>,
}

impl Host {
    /// Reads a host; none where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.rsplit_once(':') {
            // Within brackets there are colons, too.
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (text, ""),
        };
        let port = if port.is_empty() { None } else { Some(port.parse().ok().filter(|_| is_digits(port))?) };
        let name = match name.strip_prefix('[') {
            Some(address) => format!("[{}]", address.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?),
            None => name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase(),
        };
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
            && !name.starts_with(['.', '-'])
            && !name.contains("..");
        (text.len() <= LONGEST && (is_name || name.starts_with('['))).then_some(Self { name, port })
    }

    /// Whether it is this machine, for which plain HTTP can be allowed.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let is_address = self.name.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback());
        self.name == "localhost" || self.name == "[::1]" || is_address
    }

    /// Whether it is the other one, where a port that is not named is this one.
    #[must_use]
    pub fn is(&self, other: &Self, default_port: u16) -> bool {
        self.name == other.name && self.port.unwrap_or(default_port) == other.port.unwrap_or(default_port)
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

/// The port that a scheme has where none is named.
pub(super) const fn default_port(plain_http: bool) -> u16 {
    if plain_http { 80 } else { 443 }
}

/// An address of `http` or `https`, with its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// As it is asked for: the host in its one spelling, without a fragment.
    pub text: String,
    /// Whether it is one of `http`.
    pub plain_http: bool,
    /// Its host.
    pub host: Host,
}

impl Address {
    /// Reads an address as a registry names it, which may be relative to the one that was asked.
    ///
    /// # Errors
    /// In words, why it is not followed.
    pub fn resolve(from: &str, location: &str) -> Result<Self, &'static str> {
        const NONE: &str = "it is not an address";
        let base = Uri::parse(from).map_err(|_| NONE)?;
        let escaped = escaped(location);
        let reference = UriRef::parse(escaped.as_str()).map_err(|_| NONE)?;
        let uri = reference.resolve_against(&base).map_err(|_| NONE)?;
        let plain_http = match uri.scheme().as_str().to_ascii_lowercase().as_str() {
            "https" => false,
            "http" => true,
            _ => return Err("packbox connects to `https` addresses only"),
        };
        let authority = uri.authority().ok_or(NONE)?;
        if authority.has_userinfo() {
            return Err("there is a name or a password in it");
        }
        let host = Host::parse(authority.as_str()).ok_or("its host is not valid")?;
        let (scheme, path) = (if plain_http { "http" } else { "https" }, uri.path().as_str());
        let path = if path.is_empty() { "/" } else { path };
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(Self { plain_http, text: format!("{scheme}://{host}{path}{query}"), host })
    }

    /// Whether it is of the same origin: scheme, host and port.
    pub fn is_at(&self, host: &Host, plain_http: bool) -> bool {
        self.plain_http == plain_http && self.host.is(host, default_port(plain_http))
    }
}

/// Escapes what no address has and some servers send as it is.
fn escaped(location: &str) -> String {
    let mut escaped = String::with_capacity(location.len());
    for character in location.chars() {
        match character {
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | ' ' => {
                // Writing to a string does not fail.
                let _ = write!(escaped, "%{:02X}", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_host_are_one() {
        let host = |text: &str| Host::parse(text).unwrap_or_else(|| panic!("{text}"));
        for (one, other) in [
            ("Ghcr.Example", "ghcr.example"),
            ("ghcr.example.", "ghcr.example"),
            ("ghcr.example:443", "ghcr.example"),
            ("ghcr.example:", "ghcr.example"),
            ("GHCR.example.:0443", "ghcr.example"),
            ("[::1]:443", "[0:0:0:0:0:0:0:1]"),
            ("[2001:DB8::A]", "[2001:db8:0::a]:443"),
        ] {
            assert!(host(one).is(&host(other), 443), "{one} {other}");
        }
        for (one, other) in [("a.example", "b.example"), ("a.example:444", "a.example"), ("a.example", "a.example.b")] {
            assert!(!host(one).is(&host(other), 443), "{one} {other}");
        }
        assert!(!host("a.example:443").is(&host("a.example"), 80));
        for none in ["", ".", "a..b", ":1", "a:b", "a:99999", "[::1", "[x]", "u@h", "a b", "-a", "a/b", "a:+1"] {
            assert_eq!(Host::parse(none), None, "{none}");
        }
        assert!(["127.0.0.1:5000", "localhost", "LOCALHOST.", "[::1]:1"].iter().all(|text| host(text).is_loopback()));
        assert!(!host("127.0.0.1.example").is_loopback() && !host("localhost.example").is_loopback());
    }

    #[test]
    fn locations_are_resolved_as_addresses_are() {
        let from = "https://host.example/v2/team/blobs/uploads/?a=b";
        for (location, whole) in [
            ("https://HOST.example.:443/x", "https://host.example:443/x"),
            ("/v2/x?y=z#part", "https://host.example/v2/x?y=z"),
            ("session?_state=1", "https://host.example/v2/team/blobs/uploads/session?_state=1"),
            ("../../x", "https://host.example/v2/team/x"),
            ("?digest=1", "https://host.example/v2/team/blobs/uploads/?digest=1"),
            ("//other.example/y", "https://other.example/y"),
            ("https://other.example/a b|c?sig=%2B", "https://other.example/a%20b%7Cc?sig=%2B"),
        ] {
            assert_eq!(
                Address::resolve(from, location).map(|address| address.text),
                Ok(whole.to_owned()),
                "{location}"
            );
        }
        for (location, why) in [
            ("ftp://host.example/x", "`https` addresses only"),
            ("file:///etc/passwd", "`https` addresses only"),
            ("https://user:secret@host.example/x", "a name or a password"),
            ("https://host.example:x/", "not an address"),
            ("https://ho%41st/", "its host is not valid"),
        ] {
            let refused = Address::resolve(from, location).unwrap_err();
            assert!(refused.contains(why), "{location}: {refused}");
        }
        let own = Host::parse("host.example").unwrap();
        let at = |location: &str| Address::resolve(from, location).unwrap().is_at(&own, false);
        assert!(at("https://HOST.EXAMPLE:443/x") && at("https://host.example./x") && at("x"));
        assert!(!at("http://host.example/x") && !at("http://host.example:443/x") && !at("https://host.example:444/x"));
    }
}
