//! Registered models and their versions.

use rusqlite::{Connection, OptionalExtension, params};

use super::artifacts;
use super::quarantine::Quarantine;
use super::text::signed;
use crate::{ModelVersionRow, NewModelVersion, Result, StoreError};

pub(super) fn register(connection: &Connection, model: &NewModelVersion) -> Result<u32> {
    let registered: Option<u32> = connection
        .prepare_cached("SELECT version FROM model_versions WHERE run = ?1 AND op = ?2")?
        .query_row(params![signed(model.run.0), model.op], |row| row.get(0))
        .optional()?;
    if let Some(version) = registered {
        return Ok(version);
    }
    let run = connection
        .prepare_cached("SELECT 1 FROM runs WHERE key = ?1")?
        .query_row([signed(model.run.0)], |_| Ok(()))
        .optional()?;
    if run.is_none() {
        return Err(StoreError::Conflict(format!("there is no run {}", model.run.0)));
    }
    let artifact: Option<i64> = connection
        .prepare_cached("SELECT key FROM artifacts WHERE id = ?1 AND present = 1")?
        .query_row([&model.artifact.0], |row| row.get(0))
        .optional()?;
    let Some(artifact) = artifact else {
        return Err(StoreError::Conflict(format!("artifact {} doesn't exist or was evicted", model.artifact.0)));
    };
    connection
        .prepare_cached("INSERT INTO models (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")?
        .execute([&model.name])?;
    let key: i64 = connection
        .prepare_cached("SELECT key FROM models WHERE name = ?1")?
        .query_row([&model.name], |row| row.get(0))?;
    let version: u32 = connection
        .prepare_cached("SELECT coalesce(max(version), 0) + 1 FROM model_versions WHERE model = ?1")?
        .query_row([key], |row| row.get(0))?;
    connection
        .prepare_cached(
            "INSERT INTO model_versions (model, version, run, op, artifact, manifest, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![key, version, signed(model.run.0), model.op, artifact, model.manifest, model.created_at])?;
    Ok(version)
}

pub(super) fn versions(
    connection: &Connection,
    quarantine: &Quarantine,
    name: Option<&str>,
) -> Result<Vec<ModelVersionRow>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT m.name, v.version, r.run_id, v.op, v.manifest, v.created_at, {}
         FROM models m JOIN model_versions v ON v.model = m.key JOIN runs r ON r.key = v.run
         JOIN artifacts a ON a.key = v.artifact
         WHERE ?1 IS NULL OR m.name = ?1 ORDER BY m.name, v.version",
        artifacts::COLUMNS
    ))?;
    quarantine.list("model_versions", &mut select, params![name], |row| {
        Ok(ModelVersionRow {
            name: row.get(0)?,
            version: row.get(1)?,
            run_id: row.get(2)?,
            op: row.get(3)?,
            manifest: row.get(4)?,
            created_at: row.get(5)?,
            artifact: artifacts::row_from(row, 6)?,
        })
    })
}
