//! Rows that can't be read are left out of lists and said once: one damaged row doesn't hide the others.

use suanzi_store::StoreError;
use suanzi_store::implementing::Warnings;

use crate::session::{Answer, Fault, Session};
use crate::value::{Read, Row, Value};

#[derive(Default)]
pub(crate) struct Quarantine {
    pub(crate) warnings: Warnings,
}

impl Quarantine {
    /// All rows that `read` understands. `table` names the rows in warnings.
    pub(crate) fn keep<T>(&self, table: &str, rows: Vec<Row>, read: impl Fn(&Row) -> Read<T>) -> Vec<T> {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            match read(&row) {
                Ok(value) => kept.push(value),
                Err(why) => self.warnings.warn(format!("{}: {why}", place(table, &row))),
            }
        }
        kept
    }

    pub(crate) fn list<T>(
        &self,
        session: &mut dyn Session,
        table: &str,
        sql: &str,
        params: &[Value],
        read: impl Fn(&Row) -> Read<T>,
    ) -> Answer<Vec<T>> {
        Ok(self.keep(table, session.query(sql, params)?, read))
    }
}

/// A row asked for by key: here an unreadable one is an error, as "there is none" would be a lie.
pub(crate) fn one<T>(
    session: &mut dyn Session,
    table: &str,
    sql: &str,
    params: &[Value],
    read: impl Fn(&Row) -> Read<T>,
) -> Answer<Option<T>> {
    session.one(sql, params)?.map(|row| known(table, &row, &read)).transpose()
}

/// What `read` reads of a row that can't be left out.
pub(crate) fn known<T>(table: &str, row: &Row, read: impl Fn(&Row) -> Read<T>) -> Answer<T> {
    read(row).map_err(|why| Fault::Store(StoreError::Corrupt(format!("{}: {why}", place(table, row)))))
}

/// The row's first column is its key, as far as a reader of the warning needs one.
fn place(table: &str, row: &Row) -> String {
    match row.0.first() {
        Some(Value::Int(key)) => format!("{table} {key}"),
        Some(Value::Text(key)) => format!("{table} {key}"),
        Some(Value::Bytes(key)) => format!("{table} {}", String::from_utf8_lossy(key)),
        _ => table.to_string(),
    }
}
