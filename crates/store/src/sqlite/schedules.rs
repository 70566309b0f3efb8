//! Schedules, and the runs they began.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::quarantine::Quarantine;
use super::text::{signed, unsigned};
use crate::{EpochMillis, NewRun, Result, RunKey, ScheduleRow, ScheduledRun, StoreError};

pub(super) fn create_run(
    connection: &Connection,
    run: &NewRun,
    owner: &str,
    logical_at: EpochMillis,
) -> Result<RunKey> {
    let taken: Option<String> = connection
        .prepare_cached(
            "SELECT r.run_id FROM scheduled_runs s JOIN runs r ON r.key = s.run
             WHERE s.dag = (SELECT dag FROM dag_versions WHERE key = ?1) AND s.logical_at = ?2",
        )?
        .query_row(params![signed(run.dag_version.0), logical_at], |row| row.get(0))
        .optional()?;
    if let Some(run_id) = taken {
        return Err(StoreError::LogicalTimeTaken { run_id });
    }
    let key = super::runs::create(connection, run, owner)?;
    connection
        .prepare_cached(
            "INSERT INTO scheduled_runs (dag, logical_at, run)
             SELECT dag, ?2, ?3 FROM dag_versions WHERE key = ?1",
        )?
        .execute(params![signed(run.dag_version.0), logical_at, signed(key.0)])?;
    Ok(key)
}

pub(super) fn runs(
    connection: &Connection,
    quarantine: &Quarantine,
    dag: &str,
    limit: u32,
) -> Result<Vec<ScheduledRun>> {
    let mut select = connection.prepare_cached(
        "SELECT s.run, s.logical_at, r.run_id FROM scheduled_runs s JOIN runs r ON r.key = s.run
         WHERE s.dag = (SELECT key FROM dags WHERE identity = ?1) ORDER BY s.logical_at DESC LIMIT ?2",
    )?;
    quarantine.list("scheduled_runs", &mut select, params![dag, limit], |row| {
        Ok(ScheduledRun { run: RunKey(unsigned(row, 0)?), logical_at: row.get(1)?, run_id: row.get(2)? })
    })
}

pub(super) fn put(connection: &Connection, schedule: &ScheduleRow) -> Result<()> {
    let put = connection
        .prepare_cached(
            "INSERT OR REPLACE INTO schedules (dag, spec, handled_to, paused, last)
             SELECT key, ?2, ?3, ?4, ?5 FROM dags WHERE identity = ?1",
        )?
        .execute(params![schedule.dag, schedule.spec, schedule.handled_to, schedule.paused, schedule.last])?;
    if put == 0 { Err(StoreError::Conflict(format!("there is no DAG {}", schedule.dag))) } else { Ok(()) }
}

pub(super) fn list(connection: &Connection, quarantine: &Quarantine) -> Result<Vec<ScheduleRow>> {
    let mut select = connection.prepare_cached(
        "SELECT d.identity, s.spec, s.handled_to, s.paused, s.last
         FROM schedules s JOIN dags d ON d.key = s.dag ORDER BY d.identity",
    )?;
    quarantine.list("schedules", &mut select, [], |row: &Row| {
        Ok(ScheduleRow {
            dag: row.get(0)?,
            spec: row.get(1)?,
            handled_to: row.get(2)?,
            paused: row.get(3)?,
            last: row.get(4)?,
        })
    })
}
