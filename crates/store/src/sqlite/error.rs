//! SQLite's result codes as the store's errors.

use rusqlite::ErrorCode;

use crate::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error_code() else {
            return StoreError::Database(error.to_string());
        };
        match code {
            ErrorCode::DiskFull => StoreError::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Locked,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(error.to_string()),
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied => StoreError::Open(error.to_string()),
            _ => StoreError::Database(error.to_string()),
        }
    }
}

/// For a failing COMMIT: a full disk or a lock means it didn't happen, after anything else nobody knows.
pub(super) fn of_commit(error: rusqlite::Error) -> StoreError {
    match StoreError::from(error) {
        known @ (StoreError::Full | StoreError::Locked) => known,
        unknown => StoreError::CommitUnknown(unknown.to_string()),
    }
}

/// True where the row, not the database, is at fault.
pub(super) fn is_of_one_row(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    )
}
