//! Results found again by what they were computed from.

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::artifacts;
use super::quarantine::Quarantine;
use super::text::unsigned;
use crate::{CacheKey, CachedResult, Result, RunKey};

pub(super) fn lookup(
    connection: &Connection,
    quarantine: &Quarantine,
    keys: &[CacheKey],
) -> Result<Vec<Option<CachedResult>>> {
    let mut result = connection.prepare_cached(
        "SELECT r.run, r.op, runs.run_id, t.wall_us
         FROM cache_keys k JOIN results r ON r.key = k.result JOIN runs ON runs.key = r.run
         JOIN attempts t ON t.run = r.run AND t.op = r.op AND t.attempt_no = r.attempt_no
         WHERE k.key = ?1",
    )?;
    let mut outputs = connection.prepare_cached(&format!(
        "SELECT o.port, {} FROM task_outputs o LEFT JOIN artifacts a ON a.key = o.artifact
         WHERE o.run = ?1 AND o.op = ?2 ORDER BY o.port",
        artifacts::COLUMNS
    ))?;
    keys.iter().map(|key| lookup_one(&mut result, &mut outputs, quarantine, key)).collect()
}

/// A result that can't be read whole is no result: computing again is always right.
fn lookup_one(
    result: &mut CachedStatement,
    outputs: &mut CachedStatement,
    quarantine: &Quarantine,
    key: &CacheKey,
) -> Result<Option<CachedResult>> {
    let found = quarantine.list("results of run", result, [key], |row| {
        Ok(CachedResult {
            run: RunKey(unsigned(row, 0)?),
            op: row.get(1)?,
            run_id: row.get(2)?,
            outputs: Vec::new(),
            wall_us: unsigned(row, 3)?,
        })
    })?;
    let Some(mut found) = found.into_iter().next() else { return Ok(None) };
    let of_task = params![found.run.0 as i64, found.op];
    let ports = quarantine.list("cached outputs, port", outputs, of_task, |row| {
        Ok(artifacts::row_from(row, 1).and_then(|artifact| Ok((row.get(0)?, artifact))))
    })?;
    for port in ports {
        match port {
            Ok((number, artifact)) if artifact.present => found.outputs.push((number, artifact)),
            _ => return Ok(None),
        }
    }
    Ok(Some(found))
}

pub(super) fn has_self_hash(connection: &Connection, self_hashes: &[CacheKey]) -> Result<Vec<bool>> {
    let mut select = connection.prepare_cached("SELECT 1 FROM results WHERE self_hash = ?1 LIMIT 1")?;
    self_hashes.iter().map(|hash| Ok(select.query_row([hash], |_| Ok(())).optional()?.is_some())).collect()
}

pub(super) fn forget(connection: &Connection, keys: &[CacheKey]) -> Result<u64> {
    let mut delete = connection.prepare_cached("DELETE FROM cache_keys WHERE key = ?1")?;
    let mut gone = 0;
    for key in keys {
        gone += delete.execute([key])? as u64;
    }
    Ok(gone)
}
