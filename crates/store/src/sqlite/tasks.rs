//! Tasks, attempts, outputs and durations of runs, as they are read.

use rusqlite::{Connection, Row, params};

use super::artifacts;
use super::quarantine::Quarantine;
use super::text::{signed, state, unsigned};
use crate::{AttemptEnd, AttemptRow, EpochMillis, OutputRow, PAST_USAGE_ATTEMPTS, PastUsage, Result, RunKey, TaskRow};

pub(super) fn tasks(connection: &Connection, quarantine: &Quarantine, run: RunKey) -> Result<Vec<TaskRow>> {
    let mut select = connection.prepare_cached(
        "SELECT op, state, attempt_no, failures, seq, changed_at FROM tasks WHERE run = ?1 ORDER BY op",
    )?;
    quarantine.list(&format!("tasks of run {}, op", run.0), &mut select, [signed(run.0)], |row| {
        Ok(TaskRow {
            op: row.get(0)?,
            state: state(row, 1)?,
            attempt_no: row.get(2)?,
            failures: row.get(3)?,
            seq: unsigned(row, 4)?,
            changed_at: row.get(5)?,
        })
    })
}

pub(super) fn attempts(
    connection: &Connection,
    quarantine: &Quarantine,
    run: RunKey,
    op: Option<u32>,
) -> Result<Vec<AttemptRow>> {
    let of_op = if op.is_some() { "op = ?2" } else { "?2 IS NULL" };
    let mut select = connection.prepare_cached(&format!(
        "SELECT op, attempt_no, token, state, dispatched_at, ended_at, wall_us, cpu_us, peak_rss_bytes, worker, failure,
                log_file, log_start, log_end
         FROM attempts WHERE run = ?1 AND {of_op} ORDER BY op, attempt_no"
    ))?;
    quarantine.list(&format!("attempts of run {}, op", run.0), &mut select, params![signed(run.0), op], attempt)
}

fn attempt(row: &Row) -> rusqlite::Result<AttemptRow> {
    let ended_at: Option<EpochMillis> = row.get(5)?;
    let ended = match ended_at {
        None => None,
        Some(at) => Some(AttemptEnd {
            at,
            wall_us: unsigned(row, 6)?,
            cpu_us: unsigned(row, 7)?,
            peak_rss_bytes: unsigned(row, 8)?,
            worker: row.get(9)?,
            failure: row.get(10)?,
            log_file: unsigned(row, 11)?,
            log_start: unsigned(row, 12)?,
            log_end: unsigned(row, 13)?,
        }),
    };
    Ok(AttemptRow {
        op: row.get(0)?,
        attempt_no: row.get(1)?,
        token: unsigned(row, 2)?,
        state: state(row, 3)?,
        dispatched_at: row.get(4)?,
        ended,
    })
}

pub(super) fn outputs(connection: &Connection, quarantine: &Quarantine, run: RunKey) -> Result<Vec<OutputRow>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT o.op, o.port, {} FROM task_outputs o JOIN artifacts a ON a.key = o.artifact
         WHERE o.run = ?1 ORDER BY o.op, o.port",
        artifacts::COLUMNS
    ))?;
    quarantine.list(&format!("outputs of run {}, op", run.0), &mut select, [signed(run.0)], |row| {
        Ok(OutputRow { op: row.get(0)?, port: row.get(1)?, artifact: artifacts::row_from(row, 2)? })
    })
}

pub(super) fn past_usage(connection: &Connection, history_keys: &[String]) -> Result<Vec<Option<PastUsage>>> {
    // The literal conditions repeat the partial index's, so that it is used.
    let mut select = connection.prepare_cached(
        "SELECT wall_us, peak_rss_bytes FROM attempts WHERE state = 'success' AND history_key <> '' AND history_key = ?1
         ORDER BY ended_at DESC, run DESC, op DESC, attempt_no DESC LIMIT ?2",
    )?;
    let mut usages = Vec::with_capacity(history_keys.len());
    for key in history_keys {
        let rows = select
            .query_map(params![key, PAST_USAGE_ATTEMPTS as i64], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))?;
        usages.push(PastUsage::of_newest(rows.collect::<rusqlite::Result<Vec<_>>>()?));
    }
    Ok(usages)
}
