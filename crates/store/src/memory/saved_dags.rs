//! Kept DAGs in memory.

use super::State;
use crate::*;

#[derive(Default)]
pub(super) struct Saved {
    pub identity: String,
    pub title: String,
    hidden: bool,
    draft: Option<DraftRow>,
    /// Outlives the draft.
    revision: u64,
}

pub(super) fn create(state: &mut State, identity: &str, title: &str) -> Result<DagKey> {
    if state.saved.iter().any(|saved| saved.identity == identity) {
        return Err(StoreError::Conflict(format!("there is a DAG {identity} already")));
    }
    state.dags.entry(identity.to_string()).or_default();
    state.saved.push(Saved { identity: identity.into(), title: title.into(), ..Saved::default() });
    Ok(DagKey(state.saved.len() as u64))
}

/// Of the DAG with that identity, made where there is none.
pub(super) fn key_of(state: &mut State, identity: &str) -> DagKey {
    if let Some(at) = state.saved.iter().position(|saved| saved.identity == identity) {
        return DagKey(at as u64 + 1);
    }
    state.saved.push(Saved { identity: identity.into(), ..Saved::default() });
    DagKey(state.saved.len() as u64)
}

pub(super) fn get(state: &State, key: DagKey) -> Option<DagRow> {
    Some(row(state, key, saved(state, key)?))
}

fn saved(state: &State, key: DagKey) -> Option<&Saved> {
    state.saved.get(usize::try_from(key.0.checked_sub(1)?).ok()?)
}

fn saved_mut(state: &mut State, key: DagKey) -> Result<&mut Saved> {
    let at = key.0.checked_sub(1).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| state.saved.get_mut(at)).ok_or_else(|| StoreError::Conflict(format!("there is no DAG {}", key.0)))
}

fn row(state: &State, key: DagKey, saved: &Saved) -> DagRow {
    let newest = state.dags.get(&saved.identity).and_then(|keys| keys.last()).and_then(|key| state.version(*key));
    let draft_at = saved.draft.as_ref().map_or(0, |draft| draft.at);
    DagRow {
        key,
        identity: saved.identity.clone(),
        title: saved.title.clone(),
        hidden: saved.hidden,
        version: newest.map_or(0, |version| version.version),
        version_key: newest.map(|version| version.key),
        operators: newest.and_then(|version| state.operators.get(&version.key)).copied().unwrap_or(0),
        draft_revision: saved.revision,
        has_draft: saved.draft.is_some(),
        updated_at: newest.map_or(0, |version| version.created_at).max(draft_at),
        newest_run: state.runs.iter().rev().find(|run| run.dag_identity == saved.identity).map(|run| run.key),
    }
}

pub(super) fn list(state: &State, filter: &DagFilter) -> Vec<DagRow> {
    let limit = if filter.limit == 0 { RUNS_PAGE_MAX_ROWS } else { filter.limit.min(RUNS_PAGE_MAX_ROWS) };
    let text = filter.text.to_lowercase();
    let all = state.saved.iter().enumerate().rev().map(|(at, saved)| (DagKey(at as u64 + 1), saved));
    all.filter(|(key, saved)| {
        let shown = if saved.title.is_empty() { &saved.identity } else { &saved.title };
        !saved.hidden && filter.before.is_none_or(|before| *key < before) && shown.to_lowercase().contains(&text)
    })
    .take(limit as usize)
    .map(|(key, saved)| row(state, key, saved))
    .collect()
}

pub(super) fn save(
    state: &mut State,
    key: DagKey,
    expected: u32,
    version: &NewDagVersion,
    title: Option<&str>,
) -> Result<Guarded<u32>> {
    let newest = get(state, key).map_or(0, |row| row.version);
    if newest != expected {
        return Ok(Guarded::Moved(newest));
    }
    let identity = saved_mut(state, key)?.identity.clone();
    super::runs::put_dag_version(state, &NewDagVersion { identity, ..version.clone() })?;
    let saved = saved_mut(state, key)?;
    saved.draft = None;
    if let Some(title) = title {
        saved.title = title.to_string();
    }
    Ok(Guarded::Done(get(state, key).map_or(0, |row| row.version)))
}

pub(super) fn draft(state: &State, key: DagKey) -> Option<DraftRow> {
    saved(state, key)?.draft.clone()
}

pub(super) fn put_draft(
    state: &mut State,
    key: DagKey,
    expected: u64,
    source: &str,
    at: EpochMillis,
) -> Result<Guarded<u64>> {
    let saved = saved_mut(state, key)?;
    let present = saved.draft.as_ref().map_or(0, |draft| draft.revision);
    if present != expected {
        return Ok(Guarded::Moved(present));
    }
    saved.revision += 1;
    saved.draft = Some(DraftRow { source: source.to_string(), revision: saved.revision, at });
    Ok(Guarded::Done(saved.revision))
}

pub(super) fn drop_draft(state: &mut State, key: DagKey) -> bool {
    saved_mut(state, key).is_ok_and(|saved| saved.draft.take().is_some())
}

pub(super) fn hide(state: &mut State, key: DagKey) -> bool {
    saved_mut(state, key).is_ok_and(|saved| !std::mem::replace(&mut saved.hidden, true))
}

pub(super) fn versions(state: &State, key: DagKey, before: Option<u32>, limit: u32) -> Vec<DagVersionLine> {
    let keys = saved(state, key).and_then(|saved| state.dags.get(&saved.identity)).map_or(&[][..], |keys| keys);
    let rows = keys.iter().rev().filter_map(|key| state.version(*key));
    rows.filter(|row| before.is_none_or(|before| row.version < before))
        .take(limit as usize)
        .map(|row| DagVersionLine {
            version: row.version,
            created_at: row.created_at,
            source_hash: row.source_hash.clone(),
        })
        .collect()
}

pub(super) fn version_key(state: &State, key: DagKey, version: u32) -> Option<DagVersionKey> {
    state.dags.get(&saved(state, key)?.identity)?.get(usize::try_from(version.checked_sub(1)?).ok()?).copied()
}

pub(super) fn counts(state: &State, run: RunKey) -> TaskCounts {
    let mut counts = TaskCounts::default();
    for (_, task) in state.tasks.range((run, 0)..=(run, u32::MAX)) {
        counts.done += u32::from(task.row.state.is_final());
        counts.failed += u32::from(task.row.state == TaskState::Failed);
        counts.cached += u32::from(task.row.state == TaskState::Cached);
    }
    counts
}

pub(super) fn create_asked_run(
    state: &mut State,
    run: &NewRun,
    owner: &str,
    request: &RequestKey,
    forget_before: EpochMillis,
) -> Result<RunKey> {
    if let Some(before) = state.asked.get(&request.key).filter(|asked| asked.created_at >= forget_before) {
        return Err(StoreError::AskedBefore { run_id: before.run_id.clone() });
    }
    let key = super::runs::create(state, run, owner)?;
    state.asked.retain(|_, asked| asked.created_at >= forget_before);
    let asked = AskedOnce { request: request.clone(), run_id: run.run_id.clone(), created_at: run.created_at };
    state.asked.insert(request.key.clone(), asked);
    Ok(key)
}
