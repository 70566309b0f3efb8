//! Schedules and messages in memory.

use super::State;
use crate::*;

pub(super) fn create_run(state: &mut State, run: &NewRun, owner: &str, logical_at: EpochMillis) -> Result<RunKey> {
    let dag = state.version(run.dag_version).map(|version| version.identity.clone()).unwrap_or_default();
    if let Some(taken) = state.scheduled_runs.get(&(dag.clone(), logical_at)) {
        let run_id = state.run(*taken).map(|row| row.run_id.clone()).unwrap_or_default();
        return Err(StoreError::LogicalTimeTaken { run_id });
    }
    let key = super::runs::create(state, run, owner)?;
    state.scheduled_runs.insert((dag, logical_at), key);
    Ok(key)
}

pub(super) fn runs(state: &State, dag: &str, limit: u32) -> Vec<ScheduledRun> {
    let of_dag = state.scheduled_runs.range((dag.to_string(), i64::MIN)..=(dag.to_string(), i64::MAX)).rev();
    of_dag
        .take(limit as usize)
        .map(|((_, logical_at), run)| ScheduledRun {
            logical_at: *logical_at,
            run: *run,
            run_id: state.run(*run).map(|row| row.run_id.clone()).unwrap_or_default(),
        })
        .collect()
}

pub(super) fn put(state: &mut State, schedule: &ScheduleRow) -> Result<()> {
    if !state.dags.contains_key(&schedule.dag) {
        return Err(StoreError::Conflict(format!("there is no DAG {}", schedule.dag)));
    }
    state.schedules.insert(schedule.dag.clone(), schedule.clone());
    Ok(())
}

pub(super) fn put_notification(state: &mut State, new: &NewNotification) -> bool {
    if state.notifications.iter().any(|row| row.run_id == new.run_id && row.url == new.url) {
        return false;
    }
    let key = state.notifications.last().map_or(1, |row| row.key + 1);
    state.notifications.push(NotificationRow {
        key,
        run_id: new.run_id.clone(),
        url: new.url.clone(),
        body: new.body.clone(),
        state: NotificationState::Waiting,
        attempts: 0,
        next_at: new.created_at,
        reason: String::new(),
        created_at: new.created_at,
    });
    true
}

pub(super) fn waiting(state: &State, limit: u32) -> Vec<NotificationRow> {
    let mut waiting: Vec<NotificationRow> =
        state.notifications.iter().filter(|row| row.state == NotificationState::Waiting).cloned().collect();
    waiting.sort_by_key(|row| (row.next_at, row.key));
    waiting.truncate(limit as usize);
    waiting
}

pub(super) fn settle(state: &mut State, settled: &NotificationRow) {
    let waiting = |row: &&mut NotificationRow| row.key == settled.key && row.state == NotificationState::Waiting;
    if let Some(row) = state.notifications.iter_mut().find(waiting) {
        row.state = settled.state;
        row.attempts = settled.attempts;
        row.next_at = settled.next_at;
        row.reason = settled.reason.clone();
    }
}

pub(super) fn prune(state: &mut State, before: EpochMillis) -> u64 {
    let all = state.notifications.len();
    state.notifications.retain(|row| row.state == NotificationState::Waiting || row.created_at >= before);
    (all - state.notifications.len()) as u64
}
