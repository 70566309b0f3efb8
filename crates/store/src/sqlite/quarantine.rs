//! Rows that can't be read are left out of lists, said once on stderr and kept for [`crate::Store::take_warnings`]: one damaged row doesn't hide the others.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Params, Row, Statement};

use super::error::is_of_one_row;
use crate::{Result, StoreError};

/// Beyond this many different warnings, further ones aren't kept (they'd say the same).
const WARNINGS_MAX_COUNT: usize = 100;

#[derive(Default)]
pub(super) struct Quarantine {
    inner: Mutex<Warnings>,
}

#[derive(Default)]
struct Warnings {
    seen: HashSet<String>,
    unread: Vec<String>,
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
                Err(error) if is_of_one_row(&error) => self.warn(format!("{}: {error}", place(table, row))),
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
        std::mem::take(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner).unread)
    }

    fn warn(&self, warning: String) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.seen.len() < WARNINGS_MAX_COUNT && inner.seen.insert(warning.clone()) {
            eprintln!("warning: a row of the database is left out: {warning}");
            inner.unread.push(warning);
        }
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
