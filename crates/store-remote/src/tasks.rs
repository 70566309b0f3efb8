//! Tasks, attempts, outputs and past usage of runs, as they are read.

use std::collections::HashMap;

use suanzi_store::{AttemptEnd, AttemptRow, OutputRow, PAST_USAGE_ATTEMPTS, PastUsage, RunKey, TaskRow};

use crate::artifacts;
use crate::quarantine::{Quarantine, known};
use crate::session::{Answer, Session};
use crate::value::{Read, Row, values};

pub(crate) fn tasks(session: &mut dyn Session, quarantine: &Quarantine, run: RunKey) -> Answer<Vec<TaskRow>> {
    let sql = "SELECT op, state, attempt_no, failures, seq, changed_at FROM tasks WHERE run = ? ORDER BY op";
    quarantine.list(session, &format!("tasks of run {}, op", run.0), sql, &values![run.0], |row| {
        Ok(TaskRow {
            op: row.number(0)?,
            state: row.state(1)?,
            attempt_no: row.number(2)?,
            failures: row.number(3)?,
            seq: row.unsigned(4)?,
            changed_at: row.int(5)?,
        })
    })
}

pub(crate) fn attempts(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    run: RunKey,
    op: Option<u32>,
) -> Answer<Vec<AttemptRow>> {
    let mut sql =
        "SELECT op, attempt_no, token, state, dispatched_at, ended_at, wall_us, cpu_us, peak_rss_bytes, worker, \
                   failure, log_file, log_start, log_end FROM attempts WHERE run = ?"
            .to_string();
    let mut params = values![run.0].to_vec();
    if let Some(op) = op {
        sql.push_str(" AND op = ?");
        params.push(op.into());
    }
    sql.push_str(" ORDER BY op, attempt_no");
    quarantine.list(session, &format!("attempts of run {}, op", run.0), &sql, &params, attempt)
}

fn attempt(row: &Row) -> Read<AttemptRow> {
    let ended = match row.optional(5, Row::int)? {
        None => None,
        Some(at) => Some(AttemptEnd {
            at,
            wall_us: row.unsigned(6)?,
            cpu_us: row.unsigned(7)?,
            peak_rss_bytes: row.unsigned(8)?,
            worker: row.text(9)?,
            failure: row.text(10)?,
            log_file: row.unsigned(11)?,
            log_start: row.unsigned(12)?,
            log_end: row.unsigned(13)?,
        }),
    };
    Ok(AttemptRow {
        op: row.number(0)?,
        attempt_no: row.number(1)?,
        token: row.unsigned(2)?,
        state: row.state(3)?,
        dispatched_at: row.int(4)?,
        ended,
    })
}

pub(crate) fn outputs(session: &mut dyn Session, quarantine: &Quarantine, run: RunKey) -> Answer<Vec<OutputRow>> {
    let sql = format!(
        "SELECT o.op, o.port, {} FROM task_outputs o JOIN artifacts a ON a.key = o.artifact \
         WHERE o.run = ? ORDER BY o.op, o.port",
        artifacts::COLUMNS
    );
    quarantine.list(session, &format!("outputs of run {}, op", run.0), &sql, &values![run.0], |row| {
        Ok(OutputRow { op: row.number(0)?, port: row.number(1)?, artifact: artifacts::row_from(row, 2)? })
    })
}

pub(crate) fn past_usage(session: &mut dyn Session, history_keys: &[String]) -> Answer<Vec<Option<PastUsage>>> {
    // The literal conditions repeat the partial index's, so that it is used.
    let sql = format!(
        "SELECT wall_us, peak_rss_bytes FROM attempts \
         WHERE state = 'success' AND history_key <> '' AND history_key = ? \
         ORDER BY ended_at DESC, run DESC, op DESC, attempt_no DESC LIMIT {PAST_USAGE_ATTEMPTS}"
    );
    let mut known_usages: HashMap<&str, Option<PastUsage>> = HashMap::new();
    for key in history_keys {
        if known_usages.contains_key(key.as_str()) {
            continue;
        }
        let rows = session.query(&sql, &values![key])?;
        let newest = rows.iter().map(|row| known("attempts", row, |row| Ok((row.unsigned(0)?, row.unsigned(1)?))));
        known_usages.insert(key, PastUsage::of_newest(newest.collect::<Answer<Vec<_>>>()?));
    }
    Ok(history_keys.iter().map(|key| known_usages.get(key.as_str()).copied().flatten()).collect())
}
