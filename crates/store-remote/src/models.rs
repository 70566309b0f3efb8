//! Registered models and their versions.

use suanzi_store::{ModelVersionRow, NewModelVersion, StoreError};

use crate::artifacts;
use crate::quarantine::{Quarantine, one};
use crate::session::{Answer, Fault, Session};
use crate::value::values;

pub(crate) fn register(session: &mut dyn Session, model: &NewModelVersion) -> Answer<u32> {
    let conflict = |why: String| Err(Fault::Store(StoreError::Conflict(why)));
    let sql = "SELECT version FROM model_versions WHERE run = ? AND op = ?";
    let registered = one(session, "model_versions", sql, &values![model.run.0, model.op], |row| row.number(0))?;
    if let Some(version) = registered {
        return Ok(version);
    }
    if session.one("SELECT \"key\" FROM runs WHERE \"key\" = ?", &values![model.run.0])?.is_none() {
        return conflict(format!("there is no run {}", model.run.0));
    }
    let sql = "SELECT \"key\" FROM artifacts WHERE id = ? AND present = 1";
    let artifact = one(session, "artifacts", sql, &values![&model.artifact.0], |row| row.int(0))?;
    let Some(artifact) = artifact else {
        return conflict(format!("artifact {} doesn't exist or was evicted", model.artifact.0));
    };
    let sql = "SELECT \"key\" FROM models WHERE name = ? FOR UPDATE";
    let key = match one(session, "models", sql, &values![&model.name], |row| row.int(0))? {
        Some(key) => key,
        None => session.insert("INSERT INTO models (name) VALUES (?)", &values![&model.name])?,
    };
    let sql = "SELECT coalesce(max(version), 0) + 1 FROM model_versions WHERE model = ?";
    let version: u32 = one(session, "model_versions", sql, &values![key], |row| row.number(0))?.unwrap_or(1);
    session.execute(
        "INSERT INTO model_versions (model, version, run, op, artifact, manifest, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        &values![key, version, model.run.0, model.op, artifact, &model.manifest, model.created_at],
    )?;
    Ok(version)
}

pub(crate) fn versions(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    name: Option<&str>,
) -> Answer<Vec<ModelVersionRow>> {
    let (only, params) = match name {
        Some(name) => ("WHERE m.name = ?", values![name].to_vec()),
        None => ("", Vec::new()),
    };
    let sql = format!(
        "SELECT m.name, v.version, r.run_id, v.op, v.manifest, v.created_at, {} \
         FROM models m JOIN model_versions v ON v.model = m.key JOIN runs r ON r.key = v.run \
         JOIN artifacts a ON a.key = v.artifact {only} ORDER BY m.name, v.version",
        artifacts::COLUMNS
    );
    quarantine.list(session, "model_versions", &sql, &params, |row| {
        Ok(ModelVersionRow {
            name: row.text(0)?,
            version: row.number(1)?,
            run_id: row.text(2)?,
            op: row.number(3)?,
            manifest: row.text(4)?,
            created_at: row.int(5)?,
            artifact: artifacts::row_from(row, 6)?,
        })
    })
}
