//! Types of `schemas/schema.json`.
//!
//! Generated: change the schema, not these files.

mod listener;
mod log_level;
mod port;
mod service;
mod upstream;

pub use listener::Listener;
pub use log_level::LogLevel;
pub use port::Port;
pub use service::Service;
pub use service::ServiceTls;
pub use service::ServiceTlsMinVersion;
pub use service::ServiceType;
pub use upstream::Upstream;
pub use upstream::UpstreamHost;
