//! One batch in memory: every record's guard is looked at before anything of it is written.

use std::collections::HashSet;

use super::{Published, State, Task};
use crate::*;

pub(super) fn apply(state: &mut State, batch: &Batch) -> BatchOutcome {
    let mut outcome = BatchOutcome::default();
    let owns = |run: &RunKey, epoch: &u64| {
        state.run(*run).is_some_and(|row| row.owner == batch.owner && row.owner_epoch == *epoch)
    };
    let (listed, strangers): (Vec<_>, Vec<_>) = batch.runs.iter().partition(|(run, epoch)| owns(run, epoch));
    let listed: HashSet<RunKey> = listed.into_iter().map(|(run, _)| run).collect();
    let strangers = strangers.into_iter().map(|(run, _)| run);
    let unlisted = batch.records.iter().map(StoreRecord::run).filter(|run| !listed.contains(run));
    for run in strangers.chain(unlisted) {
        if !outcome.refused.contains(&run) {
            outcome.refused.push(run);
        }
    }
    for (position, record) in batch.records.iter().enumerate() {
        if outcome.refused.contains(&record.run()) {
            continue;
        }
        if !record.is_consistent() || !write(state, record) {
            outcome.stale.push(position);
        }
    }
    outcome
}

/// False where the record's guard failed; then nothing was written.
fn write(state: &mut State, record: &StoreRecord) -> bool {
    match record {
        StoreRecord::Dispatched { run, op, attempt_no, token, at, seq } => {
            if !is_running(state, *run) {
                return false;
            }
            let known = state.tasks.get(&(*run, *op)).map(|task| &task.row);
            if known.is_some_and(|row| row.state.is_final() || row.attempt_no >= *attempt_no) {
                return false;
            }
            let failures = known.map_or(0, |row| row.failures);
            lose_attempts(state, *run, *op, *at);
            let row = TaskRow {
                op: *op,
                state: TaskState::Running,
                attempt_no: *attempt_no,
                failures,
                seq: *seq,
                changed_at: *at,
            };
            state.tasks.insert((*run, *op), Task { row, token: *token });
            let attempt = AttemptRow {
                op: *op,
                attempt_no: *attempt_no,
                token: *token,
                state: AttemptState::Running,
                dispatched_at: *at,
                ended: None,
            };
            state.attempts.insert((*run, *op, *attempt_no), attempt);
            saw(state, *run, *seq);
            true
        }
        StoreRecord::Ended {
            run,
            op,
            attempt_no,
            token,
            state: end_state,
            end,
            task,
            failures,
            result,
            history_key,
            seq,
        } => {
            let Some(current) = state.tasks.get(&(*run, *op)) else { return false };
            let newest = (current.row.attempt_no, current.token) == (*attempt_no, *token);
            if !is_running(state, *run) || current.row.state != TaskState::Running || !newest {
                return false;
            }
            if result.as_ref().is_some_and(|result| !are_new(state, &result.outputs)) {
                return false;
            }
            if let Some(current) = state.tasks.get_mut(&(*run, *op)) {
                current.row.state = *task;
                current.row.failures = *failures;
                current.row.seq = *seq;
                current.row.changed_at = end.at;
            }
            if let Some(attempt) = state.attempts.get_mut(&(*run, *op, *attempt_no)) {
                attempt.state = *end_state;
                attempt.ended = Some((**end).clone());
            }
            if *end_state == AttemptState::Success && !history_key.is_empty() {
                let samples = state.history.entry(history_key.clone()).or_default();
                samples.insert((end.at, *run, *op, *attempt_no), (end.wall_us, end.peak_rss_bytes));
            }
            if let Some(result) = result {
                publish(state, *run, *op, *attempt_no, end.at, result);
            }
            saw(state, *run, *seq);
            true
        }
        StoreRecord::Settled { run, op, state: settled, outputs, at, seq } => {
            let known = state.tasks.get(&(*run, *op)).map(|task| &task.row);
            if !is_running(state, *run) || known.is_some_and(|row| row.state.is_final()) {
                return false;
            }
            let mut artifacts = Vec::with_capacity(outputs.len());
            for (port, id) in outputs {
                match state.artifact_by_id.get(id).copied() {
                    Some(at) if state.artifacts[at].present => artifacts.push((*port, at)),
                    _ => return false,
                }
            }
            let (attempt_no, failures) = known.map_or((0, 0), |row| (row.attempt_no, row.failures));
            let row = TaskRow { op: *op, state: *settled, attempt_no, failures, seq: *seq, changed_at: *at };
            lose_attempts(state, *run, *op, *at);
            state.tasks.insert((*run, *op), Task { row, token: 0 });
            for (port, artifact) in artifacts {
                state.outputs.insert((*run, *op, port), artifact);
            }
            saw(state, *run, *seq);
            true
        }
        StoreRecord::Described { artifact, content_id, stats, .. } => {
            let Some(at) = state.artifact_by_id.get(artifact).copied() else { return false };
            state.artifacts[at].content_id = Some(content_id.clone());
            state.artifacts[at].stats = Some(stats.clone());
            true
        }
        StoreRecord::Keyed { run, op, attempt_no, keys } => {
            let Some(result) = state.result_of.get(&(*run, *op)).copied() else { return false };
            if state.results[result].attempt_no != *attempt_no || !is_whole(state, result) {
                return false;
            }
            for key in keys {
                let newer = state.keys.get(key).copied().filter(|other| *other > result && is_whole(state, *other));
                if newer.is_none() {
                    state.keys.insert(*key, result);
                }
            }
            true
        }
        StoreRecord::Durable { artifacts, .. } => {
            let known: Vec<_> = artifacts.iter().map_while(|id| state.artifact_by_id.get(id).copied()).collect();
            if known.len() < artifacts.len() {
                return false;
            }
            for at in known {
                state.artifacts[at].durable = true;
            }
            true
        }
        StoreRecord::RunEnded { run, state: end_state, at, seq } => {
            let Some(row) = state.run_mut(*run).filter(|row| row.state == RunState::Running) else { return false };
            row.state = *end_state;
            row.ended_at = Some(*at);
            saw(state, *run, *seq);
            true
        }
    }
}

fn publish(state: &mut State, run: RunKey, op: u32, attempt_no: u32, at: EpochMillis, result: &TaskResult) {
    for output in &result.outputs {
        let position = state.artifacts.len();
        state.artifacts.push(ArtifactRow {
            id: output.id.clone(),
            run,
            op,
            port_type: output.port_type.clone(),
            path: output.path.clone(),
            inline: output.inline.clone(),
            bytes: output.bytes,
            rows: output.rows,
            manifest: output.manifest.clone(),
            identity: output.identity.clone(),
            content_id: None,
            stats: None,
            durable: false,
            present: true,
            created_at: at,
            last_used: at,
        });
        state.artifact_by_id.insert(output.id.clone(), position);
        state.outputs.insert((run, op, output.port), position);
    }
    let position = state.results.len();
    state.results.push(Published { run, op, attempt_no, self_hash: result.self_hash });
    state.result_of.insert((run, op), position);
    state.keys.extend(result.keys.iter().map(|key| (*key, position)));
    if let Some(hash) = result.self_hash {
        *state.self_hashes.entry(hash).or_default() += 1;
    }
}

fn is_running(state: &State, run: RunKey) -> bool {
    state.run(run).is_some_and(|row| row.state == RunState::Running)
}

fn saw(state: &mut State, run: RunKey, seq: u64) {
    if let Some(row) = state.run_mut(run) {
        row.seq = row.seq.max(seq);
    }
}

/// Attempts nobody will hear of again: a newer one began or the task was settled without them.
fn lose_attempts(state: &mut State, run: RunKey, op: u32, at: EpochMillis) {
    for (_, attempt) in state.attempts.range_mut((run, op, 0)..=(run, op, u32::MAX)) {
        if attempt.state == AttemptState::Running {
            attempt.state = AttemptState::Lost;
            attempt.ended = Some(AttemptEnd { at, ..AttemptEnd::default() });
        }
    }
}

fn are_new(state: &State, outputs: &[NewArtifact]) -> bool {
    let mut names = HashSet::new();
    outputs.iter().all(|output| !state.artifact_by_id.contains_key(&output.id) && names.insert(&output.id))
}

fn is_whole(state: &State, result: usize) -> bool {
    let published = &state.results[result];
    state.outputs_of(published.run, published.op).all(|(_, artifact)| artifact.present)
}
