//! Files that were lost before they were durable, and the tasks that relied on them.

use super::State;
use crate::clock::now_ms;
use crate::*;

pub(super) fn settle(state: &mut State, durable: &[ArtifactId], lost: &[ArtifactId]) -> u64 {
    for at in durable.iter().filter_map(|id| state.artifact_by_id.get(id)) {
        state.artifacts[*at].durable = true;
    }
    let mut opened = 0;
    for id in lost {
        let Some(at) = state.artifact_by_id.get(id).copied() else { continue };
        let artifact = &mut state.artifacts[at];
        if artifact.present {
            artifact.present = false;
            artifact.inline = None;
            opened += open_tasks(state, at);
        }
    }
    opened
}

fn open_tasks(state: &mut State, lost: usize) -> u64 {
    let mut relying: Vec<(RunKey, u32)> =
        state.outputs.iter().filter(|(_, at)| **at == lost).map(|((run, op, _), _)| (*run, *op)).collect();
    relying.dedup();
    let mut opened = 0;
    for (run, op) in relying {
        let is_final = |task: &super::Task| matches!(task.row.state, TaskState::Success | TaskState::Cached);
        if !state.tasks.get(&(run, op)).is_some_and(is_final) {
            continue;
        }
        let Some(row) = state.run_mut(run).filter(|row| row.state == RunState::Running) else { continue };
        row.seq += 1;
        let seq = row.seq;
        open_task(state, run, op, seq);
        opened += 1;
    }
    opened
}

fn open_task(state: &mut State, run: RunKey, op: u32, seq: u64) {
    let Some(task) = state.tasks.get_mut(&(run, op)) else { return };
    task.row.state = TaskState::Retrying;
    task.row.seq = seq;
    task.row.changed_at = now_ms();
    let attempt_no = task.row.attempt_no;
    if let Some(attempt) = state.attempts.get_mut(&(run, op, attempt_no))
        && attempt.state == AttemptState::Success
    {
        attempt.state = AttemptState::Lost;
        let moment = attempt.ended.as_ref().map(|end| (end.at, run, op, attempt_no));
        for samples in state.history.values_mut() {
            moment.as_ref().map(|moment| samples.remove(moment));
        }
    }
    if let Some(result) = state.result_of.remove(&(run, op)) {
        state.keys.retain(|_, at| *at != result);
        if let Some(hash) = state.results[result].self_hash
            && let Some(count) = state.self_hashes.get_mut(&hash)
        {
            *count -= 1;
        }
    }
    let ports: Vec<_> = state.outputs.range((run, op, 0)..=(run, op, u16::MAX)).map(|(key, _)| *key).collect();
    for key in ports {
        state.outputs.remove(&key);
    }
}
