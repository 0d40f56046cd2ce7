//! `Listener` and what belongs to it. Generated: change the schema, not this file.

use super::Port;

/// An object, `Listener`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Listener {
    /// The property `address`.
    #[serde(default = "Listener::default_address")]
    pub address: std::net::Ipv4Addr,
    /// The property `port`.
    #[serde(default = "Listener::default_port")]
    pub port: Port,
}

impl Default for Listener {
    fn default() -> Self {
        Self {
            address: Self::default_address(),
            port: Self::default_port(),
        }
    }
}

impl Listener {
    fn default_address() -> std::net::Ipv4Addr {
        std::net::Ipv4Addr::LOCALHOST
    }

    fn default_port() -> Port {
        8080
    }
}
