//! What goes wrong with a request, as JSON.

use std::any::Any;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use thiserror::Error;

/// Why a request is not answered as it was meant to be.
#[derive(Debug, Error)]
pub enum ApiError {
    /// Nothing is at the path.
    #[error("there is nothing at this path")]
    NotFound,
    /// The path has no such method.
    #[error("the path does not have this method")]
    MethodNotAllowed,
    /// What was sent is not what is needed.
    #[error("{message}")]
    Rejected {
        /// The status of the answer, which is the client's fault.
        status: StatusCode,
        /// What is wrong.
        message: String,
    },
    /// There was no answer in time.
    #[error("this took too long")]
    TooSlow,
    /// The service is at fault; the reason is for the log, and not for the client.
    #[error("something went wrong here")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Rejected { status, .. } => *status,
            Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A word for programs: messages may change, and this does not.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Rejected { .. } => "rejected",
            Self::TooSlow => "too_slow",
            Self::Internal(_) => "internal",
        }
    }
}

#[derive(Serialize)]
struct Body {
    error: Fault,
}

#[derive(Serialize)]
struct Fault {
    code: &'static str,
    message: String,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            tracing::error!(error = %source, "a request failed");
        }
        let error = Fault {
            code: self.code(),
            message: self.to_string(),
        };
        (self.status(), Json(Body { error })).into_response()
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Rejected {
            status: rejection.status(),
            message: rejection.body_text(),
        }
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::Rejected {
            status: rejection.status(),
            message: rejection.body_text(),
        }
    }
}

/// Answers for a handler that panicked.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic
            .downcast_ref::<&str>()
            .map_or("a panic without a message", |message| message)
            .to_owned(),
    };
    ApiError::Internal(message.into()).into_response()
}
