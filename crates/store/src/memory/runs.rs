//! DAG versions and runs in memory.

use std::collections::HashSet;

use super::State;
use crate::*;

pub(super) fn put_dag_version(state: &mut State, version: &NewDagVersion) -> Result<DagVersionKey> {
    let known = state.dags.get(&version.identity).cloned().unwrap_or_default();
    if let Some(newest) = known.last().and_then(|key| state.version(*key))
        && newest.source_hash == version.source_hash
    {
        return Ok(newest.key);
    }
    let mut ops = HashSet::new();
    if let Some(twice) = version.operators.iter().find(|operator| !ops.insert(operator.op)) {
        return Err(StoreError::Conflict(format!("operator {} appears twice in {}", twice.op, version.identity)));
    }
    let key = DagVersionKey(state.versions.len() as u64 + 1);
    let number = known.len() as u32 + 1;
    let dag = super::saved_dags::key_of(state, &version.identity);
    state.operators.insert(key, version.operators.len() as u64);
    state.versions.push(DagVersionRow {
        key,
        dag,
        identity: version.identity.clone(),
        version: number,
        source: version.source.clone(),
        source_hash: version.source_hash.clone(),
        created_at: version.created_at,
    });
    state.dags.entry(version.identity.clone()).or_default().push(key);
    Ok(key)
}

pub(super) fn create(state: &mut State, run: &NewRun, owner: &str) -> Result<RunKey> {
    let Some(version) = state.version(run.dag_version) else {
        return Err(StoreError::Conflict(format!("there is no DAG version {}", run.dag_version.0)));
    };
    if state.runs.iter().any(|other| other.run_id == run.run_id) {
        return Err(StoreError::Conflict(format!("run {} exists already", run.run_id)));
    }
    let key = RunKey(state.runs.len() as u64 + 1);
    let (dag_identity, dag, number) = (version.identity.clone(), version.dag, version.version);
    state.runs.push(RunRow {
        key,
        run_id: run.run_id.clone(),
        dag_version: run.dag_version,
        dag,
        version: number,
        dag_identity,
        state: RunState::Running,
        config: run.config.clone(),
        total: run.total,
        token_seed: run.token_seed,
        owner: owner.to_string(),
        owner_epoch: 1,
        cancel_requested: false,
        seq: 0,
        created_at: run.created_at,
        ended_at: None,
    });
    Ok(key)
}

pub(super) fn claim(state: &mut State, owner: &str, only: Option<RunKey>) -> Vec<RunRow> {
    let open = state.runs.iter_mut().filter(|run| run.state == RunState::Running && run.owner != owner);
    open.filter(|run| only.is_none_or(|key| key == run.key))
        .map(|run| {
            run.owner = owner.to_string();
            run.owner_epoch += 1;
            run.clone()
        })
        .collect()
}

pub(super) fn list(state: &State, filter: &RunFilter) -> Vec<RunRow> {
    let limit = if filter.limit == 0 { RUNS_PAGE_MAX_ROWS } else { filter.limit.min(RUNS_PAGE_MAX_ROWS) };
    let wanted = |run: &&RunRow| {
        filter.before.is_none_or(|before| run.key < before)
            && filter.dag_identity.as_ref().is_none_or(|identity| *identity == run.dag_identity)
            && (filter.states.is_empty() || filter.states.contains(&run.state))
    };
    state.runs.iter().rev().filter(wanted).take(limit as usize).cloned().collect()
}

pub(super) fn request_cancel(state: &mut State, run: RunKey) -> Result<()> {
    let row = state.run_mut(run).ok_or_else(|| StoreError::Conflict(format!("there is no run {}", run.0)))?;
    row.cancel_requested |= row.state == RunState::Running;
    Ok(())
}
