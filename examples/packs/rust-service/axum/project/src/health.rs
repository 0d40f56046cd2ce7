//! Whether the service is there.

use axum::Json;
use serde::Serialize;

/// What is said about the service.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ok`, if anything is said at all.
    pub status: &'static str,
    /// The crate's version.
    pub version: &'static str,
}

/// Answers `GET /health`.
pub async fn health() -> Json<Health> {
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}
