//! DAGs as they are kept: listed, titled, saved on a condition, drafted, hidden; and requests that begin one run.

use std::collections::HashMap;

use suanzi_store::*;

use crate::quarantine::{Quarantine, known, one};
use crate::rows;
use crate::session::{Answer, Fault, Session};
use crate::value::{Read, Row, Value, values};

const COLUMNS: &str = "SELECT d.key, d.identity, d.title, d.hidden, coalesce(v.version, 0), v.key, \
    (SELECT count(*) FROM operators o WHERE o.dag_version = v.key), d.draft_revision, \
    CASE WHEN d.draft IS NULL THEN 0 ELSE 1 END, greatest(coalesce(v.created_at, 0), d.draft_at), \
    (SELECT max(r.key) FROM runs r WHERE r.dag = d.key) FROM dags d LEFT JOIN dag_versions v ON v.key = \
        (SELECT w.key FROM dag_versions w WHERE w.dag = d.key ORDER BY w.version DESC LIMIT 1)";

fn row(row: &Row) -> Read<DagRow> {
    Ok(DagRow {
        key: DagKey(row.unsigned(0)?),
        identity: row.text(1)?,
        title: row.text(2)?,
        hidden: row.flag(3)?,
        version: row.number(4)?,
        version_key: row.optional(5, Row::unsigned)?.map(DagVersionKey),
        operators: row.unsigned(6)?,
        draft_revision: row.unsigned(7)?,
        has_draft: row.flag(8)?,
        updated_at: row.int(9)?,
        newest_run: row.optional(10, Row::unsigned)?.map(RunKey),
    })
}

pub(crate) fn get(session: &mut dyn Session, key: DagKey) -> Answer<Option<DagRow>> {
    one(session, "dags", &format!("{COLUMNS} WHERE d.key = ?"), &values![key.0], row)
}

pub(crate) fn list(session: &mut dyn Session, quarantine: &Quarantine, filter: &DagFilter) -> Answer<Vec<DagRow>> {
    let (mut sql, mut params) = (format!("{COLUMNS} WHERE d.hidden = 0"), Vec::new());
    if let Some(before) = filter.before {
        sql.push_str(" AND d.key < ?");
        params.push(Value::Int(i64::try_from(before.0).unwrap_or(i64::MAX)));
    }
    if !filter.text.is_empty() {
        sql.push_str(" AND position(? IN lower(CASE d.title WHEN '' THEN d.identity ELSE d.title END)) > 0");
        params.push(filter.text.to_lowercase().as_str().into());
    }
    let limit = if filter.limit == 0 { RUNS_PAGE_MAX_ROWS } else { filter.limit.min(RUNS_PAGE_MAX_ROWS) };
    sql.push_str(&format!(" ORDER BY d.key DESC LIMIT {limit}"));
    quarantine.list(session, "dags", &sql, &params, row)
}

pub(crate) fn create(session: &mut dyn Session, identity: &str, title: &str) -> Answer<DagKey> {
    if session.one("SELECT \"key\" FROM dags WHERE identity = ?", &values![identity])?.is_some() {
        return Err(Fault::Store(StoreError::Conflict(format!("there is a DAG {identity} already"))));
    }
    Ok(DagKey(super::dags::insert_dag(session, identity, title)? as u64))
}

pub(crate) fn save(
    session: &mut dyn Session,
    key: DagKey,
    expected: u32,
    version: &NewDagVersion,
    title: Option<&str>,
) -> Answer<Guarded<u32>> {
    let identity =
        one(session, "dags", "SELECT identity FROM dags WHERE \"key\" = ? FOR UPDATE", &values![key.0], |row| {
            row.text(0)
        })?;
    let newest = newest_version(session, key)?;
    if newest != expected {
        return Ok(Guarded::Moved(newest));
    }
    let Some(identity) = identity else { return Err(none(key)) };
    super::dags::put_version(session, &NewDagVersion { identity, ..version.clone() })?;
    session.execute("UPDATE dags SET draft = NULL, draft_at = 0 WHERE \"key\" = ?", &values![key.0])?;
    if let Some(title) = title {
        session.execute("UPDATE dags SET title = ? WHERE \"key\" = ?", &values![title, key.0])?;
    }
    Ok(Guarded::Done(newest_version(session, key)?))
}

fn newest_version(session: &mut dyn Session, key: DagKey) -> Answer<u32> {
    let sql = "SELECT coalesce(max(version), 0) FROM dag_versions WHERE dag = ?";
    Ok(one(session, "dag_versions", sql, &values![key.0], |row| row.number(0))?.unwrap_or(0))
}

pub(crate) fn draft(session: &mut dyn Session, key: DagKey) -> Answer<Option<DraftRow>> {
    let sql = "SELECT draft, draft_revision, draft_at FROM dags WHERE \"key\" = ? AND draft IS NOT NULL";
    one(session, "dags", sql, &values![key.0], |row| {
        Ok(DraftRow { source: row.text(0)?, revision: row.unsigned(1)?, at: row.int(2)? })
    })
}

pub(crate) fn put_draft(
    session: &mut dyn Session,
    key: DagKey,
    expected: u64,
    source: &str,
    at: EpochMillis,
) -> Answer<Guarded<u64>> {
    let sql = "SELECT CASE WHEN draft IS NULL THEN 0 ELSE 1 END, draft_revision FROM dags WHERE \"key\" = ? FOR UPDATE";
    let found = one(session, "dags", sql, &values![key.0], |row| Ok((row.flag(0)?, row.unsigned(1)?)))?;
    let Some((there, revision)) = found else { return Err(none(key)) };
    let present = if there { revision } else { 0 };
    if present != expected {
        return Ok(Guarded::Moved(present));
    }
    session.execute(
        "UPDATE dags SET draft = ?, draft_revision = ?, draft_at = ? WHERE \"key\" = ?",
        &values![source, revision + 1, at, key.0],
    )?;
    Ok(Guarded::Done(revision + 1))
}

pub(crate) fn drop_draft(session: &mut dyn Session, key: DagKey) -> Answer<bool> {
    let sql = "UPDATE dags SET draft = NULL, draft_at = 0 WHERE \"key\" = ? AND draft IS NOT NULL";
    Ok(session.execute(sql, &values![key.0])? > 0)
}

pub(crate) fn hide(session: &mut dyn Session, key: DagKey) -> Answer<bool> {
    Ok(session.execute("UPDATE dags SET hidden = 1 WHERE \"key\" = ? AND hidden = 0", &values![key.0])? > 0)
}

pub(crate) fn versions(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    key: DagKey,
    before: Option<u32>,
    limit: u32,
) -> Answer<Vec<DagVersionLine>> {
    let before = before.map_or(i64::MAX, i64::from);
    let sql = format!(
        "SELECT version, created_at, source_hash FROM dag_versions WHERE dag = ? AND version < ? \
         ORDER BY version DESC LIMIT {limit}"
    );
    quarantine.list(session, "dag_versions", &sql, &values![key.0, before], |row| {
        Ok(DagVersionLine { version: row.number(0)?, created_at: row.int(1)?, source_hash: row.text(2)? })
    })
}

pub(crate) fn version_key(session: &mut dyn Session, key: DagKey, version: u32) -> Answer<Option<DagVersionKey>> {
    let sql = "SELECT \"key\" FROM dag_versions WHERE dag = ? AND version = ?";
    one(session, "dag_versions", sql, &values![key.0, version], |row| row.unsigned(0).map(DagVersionKey))
}

pub(crate) fn counts(session: &mut dyn Session, runs: &[RunKey]) -> Answer<Vec<TaskCounts>> {
    let keys: Vec<Value> = runs.iter().map(|run| run.0.into()).collect();
    let sql = "SELECT run, count(CASE WHEN state NOT IN ('running', 'retrying') THEN 1 END), \
               count(CASE WHEN state = 'failed' THEN 1 END), count(CASE WHEN state = 'cached' THEN 1 END) \
               FROM tasks WHERE run IN ({}) GROUP BY run";
    let mut found = HashMap::new();
    for row in rows::select_in(session, sql, 1, &keys)? {
        let read = |row: &Row| {
            let counts = TaskCounts { done: row.number(1)?, failed: row.number(2)?, cached: row.number(3)? };
            Ok((row.unsigned(0)?, counts))
        };
        let (run, counts) = known("tasks of run", &row, read)?;
        found.insert(run, counts);
    }
    Ok(runs.iter().map(|run| found.get(&run.0).copied().unwrap_or_default()).collect())
}

pub(crate) fn asked(session: &mut dyn Session, key: &str) -> Answer<Option<AskedOnce>> {
    let sql = "SELECT \"key\", request_hash, run_id, created_at FROM asked_once WHERE \"key\" = ?";
    one(session, "asked_once", sql, &values![key], |row| {
        let request = RequestKey { key: row.text(0)?, request_hash: row.text(1)? };
        Ok(AskedOnce { request, run_id: row.text(2)?, created_at: row.int(3)? })
    })
}

pub(crate) fn create_asked_run(
    session: &mut dyn Session,
    run: &NewRun,
    owner: &str,
    request: &RequestKey,
    forget_before: EpochMillis,
) -> Answer<RunKey> {
    session.execute("DELETE FROM asked_once WHERE created_at < ?", &values![forget_before])?;
    if let Some(before) = asked(session, &request.key)? {
        return Err(Fault::Store(StoreError::AskedBefore { run_id: before.run_id }));
    }
    let key = super::runs::create(session, run, owner)?;
    session.execute(
        "INSERT INTO asked_once (\"key\", request_hash, run_id, created_at) VALUES (?, ?, ?, ?)",
        &values![&request.key, &request.request_hash, &run.run_id, run.created_at],
    )?;
    Ok(key)
}

fn none(key: DagKey) -> Fault {
    Fault::Store(StoreError::Conflict(format!("there is no DAG {}", key.0)))
}
