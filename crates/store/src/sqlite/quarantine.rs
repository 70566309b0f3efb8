//! Rows that can't be read are left out of lists, said once on stderr and kept for [`crate::Store::take_warnings`]: one damaged row doesn't hide the others.

use rusqlite::{Params, Row, Statement};

use super::error::is_of_one_row;
use crate::warnings::Warnings;
use crate::{Result, StoreError};

#[derive(Default)]
pub(super) struct Quarantine {
    warnings: Warnings,
}

impl Quarantine {
    /// All rows `read` understands. `table` names the rows in warnings.
    pub(super) fn list<T>(
        &self,
        table: &str,
        statement: &mut Statement,
        params: impl Params,
        read: impl Fn(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            match read(row) {
                Ok(value) => found.push(value),
                Err(error) if is_of_one_row(&error) => self.warnings.warn(format!("{}: {error}", place(table, row))),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    /// One row, asked for by key: here an unreadable one is an error, as "there is none" would be a lie.
    pub(super) fn one<T>(
        &self,
        table: &str,
        statement: &mut Statement,
        params: impl Params,
        read: impl Fn(&Row) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut rows = statement.query(params)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        match read(row) {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_of_one_row(&error) => Err(StoreError::Corrupt(format!("{}: {error}", place(table, row)))),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn take(&self) -> Vec<String> {
        self.warnings.take()
    }
}

/// The row's first column is its key, as far as a reader of the warning needs one.
fn place(table: &str, row: &Row) -> String {
    match row.get_ref(0) {
        Ok(rusqlite::types::ValueRef::Integer(key)) => format!("{table} {key}"),
        Ok(rusqlite::types::ValueRef::Text(key)) => format!("{table} {}", String::from_utf8_lossy(key)),
        _ => table.to_string(),
    }
}
