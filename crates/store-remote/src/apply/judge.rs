//! Judges records in their order. A record's guards are looked at before anything of it is noted: it counts whole or not at all.

use std::collections::HashSet;

use suanzi_store::*;

use super::{
    Artifact, ArtifactRef, Attempt, Desk, End, FreshArtifact, Keyed, PublishedResult, ResultRef, Task, TaskId,
};

pub(super) fn all<'b>(batch: &'b Batch, desk: &mut Desk<'b>) {
    for (position, record) in batch.records.iter().enumerate() {
        if !matches!(desk.runs.get(&record.run()), Some(Some(_))) {
            continue;
        }
        if !record.is_consistent() || !judge(desk, record) {
            desk.outcome.stale.push(position);
        }
    }
}

/// False where a guard failed; then nothing was noted.
fn judge<'b>(desk: &mut Desk<'b>, record: &'b StoreRecord) -> bool {
    match record {
        StoreRecord::Dispatched { run, op, attempt_no, token, at, seq } => {
            let known = desk.tasks.get(&(*run, *op)).copied();
            let refused = known.is_some_and(|task| task.state.is_final() || task.attempt_no >= *attempt_no);
            if refused || !is_running(desk, *run) {
                return false;
            }
            lose_attempt(desk, (*run, *op), *at);
            let task = Task {
                state: TaskState::Running,
                attempt_no: *attempt_no,
                token: *token,
                failures: known.map_or(0, |task| task.failures),
                seq: *seq,
                changed_at: *at,
                changed: true,
            };
            desk.tasks.insert((*run, *op), task);
            desk.attempts.insert((*run, *op, *attempt_no), Attempt { token: *token, dispatched_at: *at, end: None });
            saw(desk, *run, *seq)
        }
        StoreRecord::Ended { run, op, attempt_no, token, state, end, task, failures, result, history_key, seq } => {
            let id = (*run, *op);
            let Some(known) = desk.tasks.get(&id).copied() else { return false };
            let newest = (known.attempt_no, known.token) == (*attempt_no, *token);
            if !is_running(desk, *run) || known.state != TaskState::Running || !newest {
                return false;
            }
            if result.as_ref().is_some_and(|result| !are_new(desk, &result.outputs)) {
                return false;
            }
            let changed =
                Task { state: *task, failures: *failures, seq: *seq, changed_at: end.at, changed: true, ..known };
            desk.tasks.insert(id, changed);
            end_attempt(desk, id, &known, (*state, end.at, Some((end, history_key))));
            if let Some(result) = result {
                publish(desk, id, *attempt_no, end.at, result);
            }
            saw(desk, *run, *seq)
        }
        StoreRecord::Settled { run, op, state, outputs, at, seq } => {
            let id = (*run, *op);
            let known = desk.tasks.get(&id).copied();
            if !is_running(desk, *run) || known.is_some_and(|task| task.state.is_final()) {
                return false;
            }
            let mut taken = Vec::with_capacity(outputs.len());
            for (port, artifact) in outputs {
                match desk.artifacts.get(artifact.0.as_str()) {
                    Some(artifact) if artifact.present => taken.push((id, *port, artifact.at)),
                    _ => return false,
                }
            }
            lose_attempt(desk, id, *at);
            let (attempt_no, token, failures) =
                known.map_or((0, 0, 0), |task| (task.attempt_no, task.token, task.failures));
            let task = Task { state: *state, attempt_no, token, failures, seq: *seq, changed_at: *at, changed: true };
            desk.tasks.insert(id, task);
            desk.outputs.extend(taken);
            saw(desk, *run, *seq)
        }
        StoreRecord::Described { artifact, content_id, stats, .. } => {
            match desk.artifacts.get(artifact.0.as_str()).map(|artifact| artifact.at) {
                None => return false,
                Some(ArtifactRef::Kept(key)) => desk.described.push((key, content_id, stats)),
                Some(ArtifactRef::Fresh(at)) => desk.fresh_artifacts[at].described = Some((content_id, stats)),
            }
            true
        }
        StoreRecord::Keyed { run, op, attempt_no, keys } => {
            let Some(result) = desk.results.get(&(*run, *op)).copied() else { return false };
            if result.attempt_no != *attempt_no || !result.whole {
                return false;
            }
            for key in keys {
                // It only replaces older ones and those with an artifact that is gone.
                if !desk.keys.get(key).is_some_and(|other| other.whole && other.result >= result.at) {
                    desk.keys.insert(*key, Keyed { result: result.at, whole: true, changed: true });
                }
            }
            true
        }
        StoreRecord::Durable { artifacts, .. } => {
            let known: Vec<ArtifactRef> = artifacts
                .iter()
                .filter_map(|id| desk.artifacts.get(id.0.as_str()).map(|artifact| artifact.at))
                .collect();
            if known.len() < artifacts.len() {
                return false;
            }
            for artifact in known {
                match artifact {
                    ArtifactRef::Kept(key) => desk.durable.push(key),
                    ArtifactRef::Fresh(at) => desk.fresh_artifacts[at].durable = true,
                }
            }
            true
        }
        StoreRecord::RunEnded { run, state, at, seq } => {
            if let Some(Some(own)) = desk.runs.get_mut(run)
                && own.running
            {
                own.running = false;
                own.ended = Some((*state, *at));
                return saw(desk, *run, *seq);
            }
            false
        }
    }
}

fn publish<'b>(desk: &mut Desk<'b>, task: TaskId, attempt_no: u32, at: EpochMillis, result: &'b TaskResult) {
    for new in &result.outputs {
        let artifact = ArtifactRef::Fresh(desk.fresh_artifacts.len());
        desk.fresh_artifacts.push(FreshArtifact { task, new, created_at: at, described: None, durable: false });
        desk.artifacts.insert(&new.id.0, Artifact { at: artifact, present: true });
        desk.outputs.push((task, new.port, artifact));
    }
    let at = ResultRef::Fresh(desk.fresh_results.len());
    desk.fresh_results.push((task, attempt_no, result.self_hash));
    desk.results.insert(task, PublishedResult { at, attempt_no, whole: true });
    for key in &result.keys {
        desk.keys.insert(*key, Keyed { result: at, whole: true, changed: true });
    }
}

fn are_new(desk: &Desk, outputs: &[NewArtifact]) -> bool {
    let mut names = HashSet::new();
    outputs.iter().all(|output| !desk.artifacts.contains_key(output.id.0.as_str()) && names.insert(&output.id))
}

/// A running attempt is its task's newest: nobody will hear of it again.
fn lose_attempt(desk: &mut Desk, task: TaskId, at: EpochMillis) {
    if let Some(known) = desk.tasks.get(&task).copied()
        && known.state == TaskState::Running
    {
        end_attempt(desk, task, &known, (AttemptState::Lost, at, None));
    }
}

fn end_attempt<'b>(desk: &mut Desk<'b>, (run, op): TaskId, task: &Task, end: End<'b>) {
    let attempt = desk.attempts.entry((run, op, task.attempt_no));
    // Of one that began in an earlier batch only the end is written: see `write::attempts`.
    let attempt = attempt.or_insert(Attempt { token: task.token, dispatched_at: 0, end: None });
    attempt.end = Some(end);
}

fn is_running(desk: &Desk, run: RunKey) -> bool {
    matches!(desk.runs.get(&run), Some(Some(own)) if own.running)
}

fn saw(desk: &mut Desk, run: RunKey, seq: u64) -> bool {
    if let Some(Some(own)) = desk.runs.get_mut(&run) {
        own.seq = own.seq.max(seq);
    }
    true
}
