//! Models that are served under a name.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::quarantine::Quarantine;
use crate::{Result, ServedVersion, ServiceRow, StoreError};

const SELECT: &str =
    "SELECT s.name, m.name, s.version, b.name, s.before_version, s.concurrency, s.created_at, s.changed_at
     FROM services s JOIN models m ON m.key = s.model LEFT JOIN models b ON b.key = s.before_model";

pub(super) fn list(connection: &Connection, quarantine: &Quarantine) -> Result<Vec<ServiceRow>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} ORDER BY s.name"))?;
    quarantine.list("services", &mut select, [], read)
}

pub(super) fn get(connection: &Connection, quarantine: &Quarantine, name: &str) -> Result<Option<ServiceRow>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} WHERE s.name = ?1"))?;
    quarantine.one("services", &mut select, [name], read)
}

fn read(row: &Row) -> rusqlite::Result<ServiceRow> {
    let before: Option<String> = row.get(3)?;
    Ok(ServiceRow {
        name: row.get(0)?,
        served: ServedVersion { model: row.get(1)?, version: row.get(2)? },
        before: match before {
            Some(model) => Some(ServedVersion { model, version: row.get(4)? }),
            None => None,
        },
        concurrency: row.get(5)?,
        created_at: row.get(6)?,
        changed_at: row.get(7)?,
    })
}

pub(super) fn put(connection: &Connection, service: &ServiceRow) -> Result<()> {
    let served = key(connection, &service.served)?;
    let before = service.before.as_ref().map(|before| key(connection, before)).transpose()?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO services
             (name, model, version, before_model, before_version, concurrency, created_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            service.name,
            served,
            service.served.version,
            before,
            service.before.as_ref().map(|before| before.version),
            service.concurrency,
            service.created_at,
            service.changed_at
        ])?;
    Ok(())
}

/// The model's key, if it has that version.
fn key(connection: &Connection, version: &ServedVersion) -> Result<i64> {
    let key = connection
        .prepare_cached(
            "SELECT m.key FROM models m JOIN model_versions v ON v.model = m.key WHERE m.name = ?1 AND v.version = ?2",
        )?
        .query_row(params![version.model, version.version], |row| row.get(0))
        .optional()?;
    key.ok_or_else(|| StoreError::Conflict(format!("model '{}' has no version {}", version.model, version.version)))
}

pub(super) fn remove(connection: &Connection, name: &str) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM services WHERE name = ?1")?.execute([name])? > 0)
}
