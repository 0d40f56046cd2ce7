//! `Upstream` and what belongs to it. Generated: change the schema, not this file.

use super::Port;

/// One of several types, `Upstream`; the first that fits counts.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Upstream {
    /// Url
    ///
    /// Constraints, not checked here: `format` `uri`.
    Url(String),
    /// Host
    Host(UpstreamHost),
}

/// Host
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct UpstreamHost {
    /// The property `host`.
    pub host: String,
    /// The property `port`.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
}
