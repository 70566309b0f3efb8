//! Runs: created, taken over, asked to stop, listed.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::quarantine::Quarantine;
use super::text::{Word, signed, state, unsigned};
use crate::{
    DagKey, DagVersionKey, NewRun, RUNS_PAGE_MAX_ROWS, Result, RunFilter, RunKey, RunRow, RunState, StoreError,
};

const COLUMNS: &str = "SELECT r.key, r.run_id, r.dag_version, d.identity, r.state, r.config, r.total, r.token_seed, \
    r.owner, r.owner_epoch, r.cancel_requested, r.seq, r.created_at, r.ended_at, \
    r.dag, v.version FROM runs r JOIN dags d ON d.key = r.dag JOIN dag_versions v ON v.key = r.dag_version";

fn row(row: &Row) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        key: RunKey(unsigned(row, 0)?),
        run_id: row.get(1)?,
        dag_version: DagVersionKey(unsigned(row, 2)?),
        dag: DagKey(unsigned(row, 14)?),
        version: row.get(15)?,
        dag_identity: row.get(3)?,
        state: state(row, 4)?,
        config: row.get(5)?,
        total: row.get(6)?,
        token_seed: unsigned(row, 7)?,
        owner: row.get(8)?,
        owner_epoch: unsigned(row, 9)?,
        cancel_requested: row.get(10)?,
        seq: unsigned(row, 11)?,
        created_at: row.get(12)?,
        ended_at: row.get(13)?,
    })
}

pub(super) fn create(connection: &Connection, run: &NewRun, owner: &str) -> Result<RunKey> {
    let dag: Option<i64> = connection
        .prepare_cached("SELECT dag FROM dag_versions WHERE key = ?1")?
        .query_row([signed(run.dag_version.0)], |row| row.get(0))
        .optional()?;
    let Some(dag) = dag else {
        return Err(StoreError::Conflict(format!("there is no DAG version {}", run.dag_version.0)));
    };
    connection
        .prepare_cached(
            "INSERT INTO runs (run_id, dag, dag_version, state, config, total, token_seed, owner, owner_epoch, created_at)
             VALUES (?1, ?2, ?3, 'running', ?4, ?5, ?6, ?7, 1, ?8)",
        )?
        .execute(params![
            run.run_id,
            dag,
            signed(run.dag_version.0),
            run.config,
            run.total,
            signed(run.token_seed),
            owner,
            run.created_at
        ])
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => StoreError::Conflict(format!("run {} exists already", run.run_id)),
            _ => error.into(),
        })?;
    Ok(RunKey(connection.last_insert_rowid() as u64))
}

pub(super) fn claim(
    connection: &Connection,
    quarantine: &Quarantine,
    owner: &str,
    only: Option<RunKey>,
) -> Result<Vec<RunRow>> {
    let open =
        format!("{COLUMNS} WHERE r.state = 'running' AND r.owner <> ?1 AND (?2 IS NULL OR r.key = ?2) ORDER BY r.key");
    let only = only.map(|run| signed(run.0));
    let mut select = connection.prepare_cached(&open)?;
    let mut claimed = quarantine.list("runs", &mut select, params![owner, only], row)?;
    let mut take =
        connection.prepare_cached("UPDATE runs SET owner = ?2, owner_epoch = owner_epoch + 1 WHERE key = ?1")?;
    for run in &mut claimed {
        take.execute(params![signed(run.key.0), owner])?;
        run.owner = owner.to_string();
        run.owner_epoch += 1;
    }
    Ok(claimed)
}

pub(super) fn by_key(connection: &Connection, quarantine: &Quarantine, run: RunKey) -> Result<Option<RunRow>> {
    let mut select = connection.prepare_cached(&format!("{COLUMNS} WHERE r.key = ?1"))?;
    quarantine.one("runs", &mut select, [signed(run.0)], row)
}

pub(super) fn by_id(connection: &Connection, quarantine: &Quarantine, run_id: &str) -> Result<Option<RunRow>> {
    let mut select = connection.prepare_cached(&format!("{COLUMNS} WHERE r.run_id = ?1"))?;
    quarantine.one("runs", &mut select, [run_id], row)
}

pub(super) fn list(connection: &Connection, quarantine: &Quarantine, filter: &RunFilter) -> Result<Vec<RunRow>> {
    let limit = if filter.limit == 0 { RUNS_PAGE_MAX_ROWS } else { filter.limit.min(RUNS_PAGE_MAX_ROWS) };
    // States are our own words, so they may stand in the text: this keeps the partial index of open runs usable.
    let mut sql = format!("{COLUMNS} WHERE (?1 IS NULL OR r.key < ?1)");
    if filter.dag_identity.is_some() {
        sql.push_str(" AND r.dag = (SELECT key FROM dags WHERE identity = ?2)");
    } else {
        sql.push_str(" AND ?2 IS NULL");
    }
    if !filter.states.is_empty() {
        let all = [RunState::Running, RunState::Success, RunState::Failed, RunState::Cancelled];
        let words = all.iter().filter(|state| filter.states.contains(state)).map(|state| state.word());
        let list: Vec<String> = words.map(|word| format!("'{word}'")).collect();
        sql.push_str(&format!(" AND r.state IN ({})", list.join(", ")));
    }
    sql.push_str(" ORDER BY r.key DESC LIMIT ?3");
    let before = filter.before.map(|run| i64::try_from(run.0).unwrap_or(i64::MAX));
    let mut select = connection.prepare_cached(&sql)?;
    quarantine.list("runs", &mut select, params![before, filter.dag_identity, limit], row)
}

pub(super) fn request_cancel(connection: &Connection, run: RunKey) -> Result<()> {
    let asked = connection
        .prepare_cached("UPDATE runs SET cancel_requested = 1 WHERE key = ?1 AND state = 'running'")?
        .execute([signed(run.0)])?;
    if asked > 0 {
        return Ok(());
    }
    let exists = connection
        .prepare_cached("SELECT 1 FROM runs WHERE key = ?1")?
        .query_row([signed(run.0)], |_| Ok(()))
        .optional()?;
    exists.ok_or_else(|| StoreError::Conflict(format!("there is no run {}", run.0)))
}
