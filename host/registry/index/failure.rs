//! What goes wrong with the index, as errors.

use rusqlite::ErrorCode;

use crate::advice::said;
use crate::error::{Error, ErrorKind};

/// Turns what SQLite says into an error; `action` is what was tried.
pub(super) fn failed(action: &str) -> impl FnOnce(rusqlite::Error) -> Error + '_ {
    move |error| {
        let damaged = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TypeMismatch)
        ) || matches!(
            error,
            rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)
        );
        let kind = if damaged { ErrorKind::Integrity } else { ErrorKind::Io };
        let made = Error::new(kind, format!("cannot {action}")).caused_by(error);
        if damaged { made.hint(format!("it is damaged; {}", anew())) } else { made }
    }
}

/// How a new index is made.
pub(super) fn anew() -> &'static str {
    said(
        "remove `index.sqlite` in packbox's data folder (`packbox doctor` shows it): `packbox registry sync` makes a new one",
        "remove `data/index.sqlite` in the home: `Library::sync` makes a new one",
    )
}
