//! Schedules, and the runs they began.

use suanzi_store::{EpochMillis, NewRun, RunKey, ScheduleRow, ScheduledRun, StoreError};

use crate::quarantine::{Quarantine, one};
use crate::rows;
use crate::session::{Answer, Clash, Fault, Session};
use crate::value::values;

pub(crate) fn create_run(
    session: &mut dyn Session,
    run: &NewRun,
    owner: &str,
    logical_at: EpochMillis,
) -> Answer<RunKey> {
    let sql = "SELECT r.run_id FROM scheduled_runs s JOIN runs r ON r.key = s.run \
               WHERE s.dag = (SELECT dag FROM dag_versions WHERE \"key\" = ?) AND s.logical_at = ?";
    let taken = one(session, "scheduled_runs", sql, &values![run.dag_version.0, logical_at], |row| row.text(0))?;
    if let Some(run_id) = taken {
        return Err(Fault::Store(StoreError::LogicalTimeTaken { run_id }));
    }
    let key = super::runs::create(session, run, owner)?;
    let sql = "SELECT dag FROM dag_versions WHERE \"key\" = ?";
    let dag = one(session, "dag_versions", sql, &values![run.dag_version.0], |row| row.int(0))?;
    let sql = "INSERT INTO scheduled_runs (dag, logical_at, run) VALUES (?, ?, ?)";
    session.execute(sql, &values![dag, logical_at, key.0])?;
    Ok(key)
}

pub(crate) fn runs(
    session: &mut dyn Session,
    quarantine: &Quarantine,
    dag: &str,
    limit: u32,
) -> Answer<Vec<ScheduledRun>> {
    let sql = format!(
        "SELECT s.run, s.logical_at, r.run_id FROM scheduled_runs s JOIN runs r ON r.key = s.run \
         WHERE s.dag = (SELECT \"key\" FROM dags WHERE identity = ?) ORDER BY s.logical_at DESC LIMIT {limit}"
    );
    quarantine.list(session, "scheduled_runs", &sql, &values![dag], |row| {
        Ok(ScheduledRun { run: RunKey(row.unsigned(0)?), logical_at: row.int(1)?, run_id: row.text(2)? })
    })
}

pub(crate) fn put(session: &mut dyn Session, schedule: &ScheduleRow) -> Answer<()> {
    let sql = "SELECT \"key\" FROM dags WHERE identity = ?";
    let Some(dag) = one(session, "dags", sql, &values![&schedule.dag], |row| row.int(0))? else {
        return Err(Fault::Store(StoreError::Conflict(format!("there is no DAG {}", schedule.dag))));
    };
    let columns = ["dag", "spec", "handled_to", "paused", "last"];
    let row = values![dag, &schedule.spec, schedule.handled_to, schedule.paused, &schedule.last];
    rows::insert(session, "schedules", &columns, Clash::Overwrite(&["dag"], &columns[1..]), [row])
}

pub(crate) fn list(session: &mut dyn Session, quarantine: &Quarantine) -> Answer<Vec<ScheduleRow>> {
    let sql = "SELECT d.identity, s.spec, s.handled_to, s.paused, s.last \
               FROM schedules s JOIN dags d ON d.key = s.dag ORDER BY d.identity";
    quarantine.list(session, "schedules", sql, &[], |row| {
        Ok(ScheduleRow {
            dag: row.text(0)?,
            spec: row.text(1)?,
            handled_to: row.int(2)?,
            paused: row.flag(3)?,
            last: row.text(4)?,
        })
    })
}
