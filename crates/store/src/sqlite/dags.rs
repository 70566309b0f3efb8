//! Versions of DAGs.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::quarantine::Quarantine;
use crate::{DagKey, DagVersionKey, DagVersionRow, NewDagVersion, Result, StoreError};

pub(super) fn put_version(connection: &Connection, version: &NewDagVersion) -> Result<DagVersionKey> {
    connection
        .prepare_cached("INSERT INTO dags (identity) VALUES (?1) ON CONFLICT (identity) DO NOTHING")?
        .execute([&version.identity])?;
    let dag: i64 = connection
        .prepare_cached("SELECT key FROM dags WHERE identity = ?1")?
        .query_row([&version.identity], |row| row.get(0))?;
    let newest: Option<(u64, u32, String)> = connection
        .prepare_cached(
            "SELECT key, version, source_hash FROM dag_versions WHERE dag = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row([dag], |row| Ok((super::text::unsigned(row, 0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let number = match newest {
        Some((key, _, hash)) if hash == version.source_hash => return Ok(DagVersionKey(key)),
        Some((_, number, _)) => number + 1,
        None => 1,
    };
    connection
        .prepare_cached(
            "INSERT INTO dag_versions (dag, version, source, source_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![dag, number, version.source, version.source_hash, version.created_at])?;
    let key = connection.last_insert_rowid();
    put_operators(connection, key, version)?;
    put_relations(connection, key, version)?;
    Ok(DagVersionKey(key as u64))
}

fn put_operators(connection: &Connection, key: i64, version: &NewDagVersion) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO operators (dag_version, op, operator_id, algo_name, category, inputs, outputs, params, config)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for o in &version.operators {
        let row = params![key, o.op, o.operator_id, o.algo_name, o.category, o.inputs, o.outputs, o.params, o.config];
        insert.execute(row).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => {
                StoreError::Conflict(format!("operator {} appears twice in {}", o.op, version.identity))
            }
            _ => error.into(),
        })?;
    }
    Ok(())
}

fn put_relations(connection: &Connection, key: i64, version: &NewDagVersion) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO relations (dag_version, position, source, source_index, target, target_index)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, r) in version.relations.iter().enumerate() {
        insert.execute(params![key, position as i64, r.source, r.source_index, r.target, r.target_index])?;
    }
    Ok(())
}

pub(super) fn version(
    connection: &Connection,
    quarantine: &Quarantine,
    key: DagVersionKey,
) -> Result<Option<DagVersionRow>> {
    let mut select = connection.prepare_cached(
        "SELECT v.key, d.identity, v.version, v.source, v.source_hash, v.created_at, v.dag
         FROM dag_versions v JOIN dags d ON d.key = v.dag WHERE v.key = ?1",
    )?;
    quarantine.one("dag_versions", &mut select, [key.0 as i64], |row: &Row| {
        Ok(DagVersionRow {
            key,
            dag: DagKey(super::text::unsigned(row, 6)?),
            identity: row.get(1)?,
            version: row.get(2)?,
            source: row.get(3)?,
            source_hash: row.get(4)?,
            created_at: row.get(5)?,
        })
    })
}
