//! DAGs as they are kept: listed, titled, saved on a condition, drafted, hidden.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::quarantine::Quarantine;
use super::text::{signed, unsigned};
use crate::*;

const COLUMNS: &str = "SELECT d.key, d.identity, d.title, d.hidden, coalesce(v.version, 0), v.key, \
    (SELECT count(*) FROM operators o WHERE o.dag_version = v.key), d.draft_revision, d.draft IS NOT NULL, \
    max(coalesce(v.created_at, 0), d.draft_at), (SELECT max(r.key) FROM runs r WHERE r.dag = d.key) \
    FROM dags d LEFT JOIN dag_versions v ON v.key = \
        (SELECT w.key FROM dag_versions w WHERE w.dag = d.key ORDER BY w.version DESC LIMIT 1)";

fn row(row: &Row) -> rusqlite::Result<DagRow> {
    Ok(DagRow {
        key: DagKey(unsigned(row, 0)?),
        identity: row.get(1)?,
        title: row.get(2)?,
        hidden: row.get(3)?,
        version: row.get(4)?,
        version_key: row.get::<_, Option<i64>>(5)?.map(|key| DagVersionKey(key as u64)),
        operators: unsigned(row, 6)?,
        draft_revision: unsigned(row, 7)?,
        has_draft: row.get(8)?,
        updated_at: row.get(9)?,
        newest_run: row.get::<_, Option<i64>>(10)?.map(|key| RunKey(key as u64)),
    })
}

pub(super) fn get(connection: &Connection, quarantine: &Quarantine, key: DagKey) -> Result<Option<DagRow>> {
    let mut select = connection.prepare_cached(&format!("{COLUMNS} WHERE d.key = ?1"))?;
    quarantine.one("dags", &mut select, [signed(key.0)], row)
}

pub(super) fn list(connection: &Connection, quarantine: &Quarantine, filter: &DagFilter) -> Result<Vec<DagRow>> {
    let limit = if filter.limit == 0 { RUNS_PAGE_MAX_ROWS } else { filter.limit.min(RUNS_PAGE_MAX_ROWS) };
    let before = filter.before.map(|key| i64::try_from(key.0).unwrap_or(i64::MAX));
    let mut select = connection.prepare_cached(&format!(
        "{COLUMNS} WHERE d.hidden = 0 AND (?1 IS NULL OR d.key < ?1)
         AND (?2 = '' OR instr(lower(CASE d.title WHEN '' THEN d.identity ELSE d.title END), ?2) > 0)
         ORDER BY d.key DESC LIMIT ?3"
    ))?;
    quarantine.list("dags", &mut select, params![before, filter.text.to_lowercase(), limit], row)
}

pub(super) fn create(connection: &Connection, identity: &str, title: &str) -> Result<DagKey> {
    let made = connection
        .prepare_cached("INSERT INTO dags (identity, title) VALUES (?1, ?2) ON CONFLICT (identity) DO NOTHING")?
        .execute([identity, title])?;
    if made == 0 {
        return Err(StoreError::Conflict(format!("there is a DAG {identity} already")));
    }
    Ok(DagKey(connection.last_insert_rowid() as u64))
}

pub(super) fn save(
    connection: &Connection,
    key: DagKey,
    expected: u32,
    version: &NewDagVersion,
    title: Option<&str>,
) -> Result<Guarded<u32>> {
    let newest = newest_version(connection, key)?;
    if newest != expected {
        return Ok(Guarded::Moved(newest));
    }
    let identity: Option<String> = connection
        .prepare_cached("SELECT identity FROM dags WHERE key = ?1")?
        .query_row([signed(key.0)], |row| row.get(0))
        .optional()?;
    let Some(identity) = identity else { return Err(none(key)) };
    super::dags::put_version(connection, &NewDagVersion { identity, ..version.clone() })?;
    connection
        .prepare_cached("UPDATE dags SET draft = NULL, draft_at = 0, title = coalesce(?2, title) WHERE key = ?1")?
        .execute(params![signed(key.0), title])?;
    Ok(Guarded::Done(newest_version(connection, key)?))
}

fn newest_version(connection: &Connection, key: DagKey) -> Result<u32> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(version), 0) FROM dag_versions WHERE dag = ?1")?
        .query_row([signed(key.0)], |row| row.get(0))?)
}

pub(super) fn draft(connection: &Connection, key: DagKey) -> Result<Option<DraftRow>> {
    Ok(connection
        .prepare_cached("SELECT draft, draft_revision, draft_at FROM dags WHERE key = ?1 AND draft IS NOT NULL")?
        .query_row([signed(key.0)], |row| {
            Ok(DraftRow { source: row.get(0)?, revision: unsigned(row, 1)?, at: row.get(2)? })
        })
        .optional()?)
}

pub(super) fn put_draft(
    connection: &Connection,
    key: DagKey,
    expected: u64,
    source: &str,
    at: EpochMillis,
) -> Result<Guarded<u64>> {
    let found: Option<(bool, u64)> = connection
        .prepare_cached("SELECT draft IS NOT NULL, draft_revision FROM dags WHERE key = ?1")?
        .query_row([signed(key.0)], |row| Ok((row.get(0)?, unsigned(row, 1)?)))
        .optional()?;
    let Some((there, revision)) = found else { return Err(none(key)) };
    let present = if there { revision } else { 0 };
    if present != expected {
        return Ok(Guarded::Moved(present));
    }
    connection
        .prepare_cached("UPDATE dags SET draft = ?2, draft_revision = ?3, draft_at = ?4 WHERE key = ?1")?
        .execute(params![signed(key.0), source, signed(revision + 1), at])?;
    Ok(Guarded::Done(revision + 1))
}

pub(super) fn drop_draft(connection: &Connection, key: DagKey) -> Result<bool> {
    let dropped = connection
        .prepare_cached("UPDATE dags SET draft = NULL, draft_at = 0 WHERE key = ?1 AND draft IS NOT NULL")?
        .execute([signed(key.0)])?;
    Ok(dropped > 0)
}

pub(super) fn hide(connection: &Connection, key: DagKey) -> Result<bool> {
    let hidden = connection
        .prepare_cached("UPDATE dags SET hidden = 1 WHERE key = ?1 AND hidden = 0")?
        .execute([signed(key.0)])?;
    Ok(hidden > 0)
}

pub(super) fn versions(
    connection: &Connection,
    quarantine: &Quarantine,
    key: DagKey,
    before: Option<u32>,
    limit: u32,
) -> Result<Vec<DagVersionLine>> {
    let mut select = connection.prepare_cached(
        "SELECT version, created_at, source_hash FROM dag_versions
         WHERE dag = ?1 AND (?2 IS NULL OR version < ?2) ORDER BY version DESC LIMIT ?3",
    )?;
    quarantine.list("dag_versions", &mut select, params![signed(key.0), before, limit], |row| {
        Ok(DagVersionLine { version: row.get(0)?, created_at: row.get(1)?, source_hash: row.get(2)? })
    })
}

pub(super) fn version_key(connection: &Connection, key: DagKey, version: u32) -> Result<Option<DagVersionKey>> {
    Ok(connection
        .prepare_cached("SELECT key FROM dag_versions WHERE dag = ?1 AND version = ?2")?
        .query_row(params![signed(key.0), version], |row| Ok(DagVersionKey(unsigned(row, 0)?)))
        .optional()?)
}

pub(super) fn counts(connection: &Connection, runs: &[RunKey]) -> Result<Vec<TaskCounts>> {
    let mut select = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE state NOT IN ('running', 'retrying')), count(*) FILTER (WHERE state = 'failed'),
                count(*) FILTER (WHERE state = 'cached') FROM tasks WHERE run = ?1",
    )?;
    let mut all = Vec::with_capacity(runs.len());
    for run in runs {
        all.push(select.query_row([signed(run.0)], |row| {
            Ok(TaskCounts { done: row.get(0)?, failed: row.get(1)?, cached: row.get(2)? })
        })?);
    }
    Ok(all)
}

pub(super) fn asked(connection: &Connection, key: &str) -> Result<Option<AskedOnce>> {
    Ok(connection
        .prepare_cached("SELECT key, request_hash, run_id, created_at FROM asked_once WHERE key = ?1")?
        .query_row([key], |row| {
            let request = RequestKey { key: row.get(0)?, request_hash: row.get(1)? };
            Ok(AskedOnce { request, run_id: row.get(2)?, created_at: row.get(3)? })
        })
        .optional()?)
}

pub(super) fn create_asked_run(
    connection: &Connection,
    run: &NewRun,
    owner: &str,
    request: &RequestKey,
    forget_before: EpochMillis,
) -> Result<RunKey> {
    connection.prepare_cached("DELETE FROM asked_once WHERE created_at < ?1")?.execute([forget_before])?;
    if let Some(before) = asked(connection, &request.key)? {
        return Err(StoreError::AskedBefore { run_id: before.run_id });
    }
    let key = super::runs::create(connection, run, owner)?;
    connection
        .prepare_cached("INSERT INTO asked_once (key, request_hash, run_id, created_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![request.key, request.request_hash, run.run_id, run.created_at])?;
    Ok(key)
}

fn none(key: DagKey) -> StoreError {
    StoreError::Conflict(format!("there is no DAG {}", key.0))
}
