//! `Listener` and what belongs to it. Generated: change the schema, not this file.

use super::Port;

/// An object, `Listener`.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    /// The property `address`.
    pub address: std::net::Ipv4Addr,
    /// The property `port`.
    pub port: Port,
}

impl Default for Listener {
    fn default() -> Self {
        Self {
            address: std::net::Ipv4Addr::LOCALHOST,
            port: 8080,
        }
    }
}
