//! Names for versions of models.

use rusqlite::{Connection, OptionalExtension, params};

use super::quarantine::Quarantine;
use crate::{AliasRow, Result, StoreError};

pub(super) fn list(connection: &Connection, quarantine: &Quarantine, model: Option<&str>) -> Result<Vec<AliasRow>> {
    let mut select = connection.prepare_cached(
        "SELECT m.name, a.alias, a.version, a.changed_at FROM models m JOIN model_aliases a ON a.model = m.key
         WHERE ?1 IS NULL OR m.name = ?1 ORDER BY m.name, a.alias",
    )?;
    quarantine.list("model_aliases", &mut select, params![model], |row| {
        Ok(AliasRow { model: row.get(0)?, alias: row.get(1)?, version: row.get(2)?, changed_at: row.get(3)? })
    })
}

pub(super) fn put(connection: &Connection, alias: &AliasRow) -> Result<()> {
    let model: Option<i64> = connection
        .prepare_cached(
            "SELECT m.key FROM models m JOIN model_versions v ON v.model = m.key WHERE m.name = ?1 AND v.version = ?2",
        )?
        .query_row(params![alias.model, alias.version], |row| row.get(0))
        .optional()?;
    let Some(model) = model else {
        return Err(StoreError::Conflict(format!("model '{}' has no version {}", alias.model, alias.version)));
    };
    connection
        .prepare_cached(
            "INSERT INTO model_aliases (model, alias, version, changed_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version, changed_at = excluded.changed_at",
        )?
        .execute(params![model, alias.alias, alias.version, alias.changed_at])?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, model: &str, alias: &str) -> Result<bool> {
    Ok(connection
        .prepare_cached(
            "DELETE FROM model_aliases WHERE alias = ?2 AND model = (SELECT key FROM models WHERE name = ?1)",
        )?
        .execute(params![model, alias])?
        > 0)
}
