//! `Service` and what belongs to it. Generated: change the schema, not this file.

use std::collections::BTreeMap;

use super::Listener;
use super::LogLevel;
use super::Upstream;

/// Service
///
/// How the service runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Shown in logs.
    ///
    /// Constraints, not checked here: `minLength` 1.
    pub name: String,
    /// The property `listen`.
    pub listen: Listener,
    /// The property `logLevel`.
    pub log_level: LogLevel,
    /// Constraints, not checked here: `minimum` 1, `maximum` 256.
    pub workers: u16,
    /// The property `ratio`.
    pub ratio: f64,
    /// What it speaks.
    pub r#type: Option<ServiceType>,
    /// The property `tls`.
    pub tls: Option<ServiceTls>,
    /// The property `labels`.
    pub labels: BTreeMap<String, String>,
    /// Constraints, not checked here: `maxItems` 16.
    pub upstreams: Option<Vec<Upstream>>,
    /// The property `note`.
    pub note: Option<String>,
}

/// What it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceType {
    /// `http`.
    Http,
    /// `grpc`.
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
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceTls {
    /// The property `certificate`.
    pub certificate: String,
    /// The property `minVersion`.
    pub min_version: Option<ServiceTlsMinVersion>,
}

/// One of several strings, `ServiceTlsMinVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceTlsMinVersion {
    /// `1.2`.
    Value12,
    /// `1.3`.
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
