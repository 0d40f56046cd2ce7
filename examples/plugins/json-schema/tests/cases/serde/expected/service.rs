//! `Service` and what belongs to it. Generated: change the schema, not this file.

use std::collections::BTreeMap;

use super::Listener;
use super::LogLevel;
use super::Upstream;

/// Service
///
/// How the service runs.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Shown in logs.
    ///
    /// Constraints, not checked here: `minLength` 1.
    pub name: String,
    /// The property `listen`.
    pub listen: Listener,
    /// The property `logLevel`.
    #[serde(rename = "logLevel")]
    #[serde(default)]
    pub log_level: LogLevel,
    /// Constraints, not checked here: `minimum` 1, `maximum` 256.
    #[serde(default = "Service::default_workers")]
    pub workers: u16,
    /// The property `ratio`.
    #[serde(default = "Service::default_ratio")]
    pub ratio: f64,
    /// What it speaks.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ServiceType>,
    /// The property `tls`.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<ServiceTls>,
    /// The property `labels`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Constraints, not checked here: `maxItems` 16.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstreams: Option<Vec<Upstream>>,
    /// The property `note`.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Service {
    fn default_workers() -> u16 {
        4
    }

    fn default_ratio() -> f64 {
        0.5
    }
}

/// What it speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum ServiceType {
    /// `http`.
    #[serde(rename = "http")]
    Http,
    /// `grpc`.
    #[serde(rename = "grpc")]
    Grpc,
}

impl ServiceType {
    /// Returns the string as it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
        }
    }

    /// Finds the value that a string of JSON means.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "http" => Some(Self::Http),
            "grpc" => Some(Self::Grpc),
            _ => None,
        }
    }
}

/// An object, `ServiceTls`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ServiceTls {
    /// The property `certificate`.
    pub certificate: String,
    /// The property `minVersion`.
    #[serde(rename = "minVersion")]
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_version: Option<ServiceTlsMinVersion>,
}

/// One of several strings, `ServiceTlsMinVersion`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum ServiceTlsMinVersion {
    /// `1.2`.
    #[serde(rename = "1.2")]
    Value12,
    /// `1.3`.
    #[serde(rename = "1.3")]
    Value13,
}

impl ServiceTlsMinVersion {
    /// Returns the string as it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value12 => "1.2",
            Self::Value13 => "1.3",
        }
    }

    /// Finds the value that a string of JSON means.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "1.2" => Some(Self::Value12),
            "1.3" => Some(Self::Value13),
            _ => None,
        }
    }
}
