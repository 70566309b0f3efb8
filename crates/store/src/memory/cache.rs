//! Artifacts, cached results and models in memory.

use std::collections::HashSet;

use super::{Model, State};
use crate::clock::now_ms;
use crate::*;

pub(super) fn lookup(state: &mut State, keys: &[CacheKey]) -> Vec<Option<CachedResult>> {
    let found: Vec<_> = keys.iter().map(|key| lookup_one(state, key)).collect();
    let now = now_ms();
    for (_, artifact) in found.iter().flatten().flat_map(|result| &result.outputs) {
        if let Some(at) = state.artifact_by_id.get(&artifact.id).copied() {
            let artifact = &mut state.artifacts[at];
            artifact.last_used = artifact.last_used.max(now);
        }
    }
    found
}

fn lookup_one(state: &State, key: &CacheKey) -> Option<CachedResult> {
    let published = &state.results[*state.keys.get(key)?];
    let outputs: Vec<_> =
        state.outputs_of(published.run, published.op).map(|(port, artifact)| (port, artifact.clone())).collect();
    if outputs.iter().any(|(_, artifact)| !artifact.present) {
        return None;
    }
    let attempt = state.attempts.get(&(published.run, published.op, published.attempt_no))?;
    Some(CachedResult {
        run_id: state.run(published.run)?.run_id.clone(),
        run: published.run,
        op: published.op,
        outputs,
        wall_us: attempt.ended.as_ref().map_or(0, |end| end.wall_us),
    })
}

/// Positions of artifacts that may not be collected: outputs of runs in progress and registered models.
fn pinned(state: &State) -> HashSet<usize> {
    let running = state.runs.iter().filter(|run| run.state == RunState::Running);
    let outputs = running.flat_map(|run| state.outputs.range((run.key, 0, 0)..=(run.key, u32::MAX, u16::MAX)));
    let models = state.models.values().flatten().map(|model| model.artifact);
    outputs.map(|(_, at)| *at).chain(models).collect()
}

pub(super) fn artifacts(state: &State, filter: &ArtifactFilter) -> Vec<ArtifactRow> {
    let pinned = if filter.collectable { pinned(state) } else { HashSet::new() };
    let wanted = |(at, artifact): &(usize, &ArtifactRow)| {
        !(filter.not_durable && artifact.durable)
            && (artifact.present || !(filter.present || filter.collectable))
            && !(filter.collectable && (artifact.path.is_empty() || pinned.contains(at)))
    };
    let mut found: Vec<ArtifactRow> = if filter.ids.is_empty() {
        state.artifacts.iter().enumerate().filter(wanted).map(|(_, artifact)| artifact.clone()).collect()
    } else {
        let positions = different(&filter.ids).filter_map(|id| state.artifact_by_id.get(id).copied());
        positions.map(|at| (at, &state.artifacts[at])).filter(wanted).map(|(_, artifact)| artifact.clone()).collect()
    };
    if filter.collectable {
        found.sort_by_key(|artifact| artifact.last_used);
    }
    if filter.limit > 0 {
        found.truncate(filter.limit as usize);
    }
    found
}

pub(super) fn evict(state: &mut State, ids: &[ArtifactId]) -> Vec<ArtifactRow> {
    let pinned = pinned(state);
    let mut marked = Vec::new();
    for at in different(ids).filter_map(|id| state.artifact_by_id.get(id).copied()) {
        let artifact = &mut state.artifacts[at];
        if artifact.present && !pinned.contains(&at) {
            artifact.present = false;
            artifact.inline = None;
            marked.push(artifact.clone());
        }
    }
    marked
}

pub(super) fn register_model(state: &mut State, model: &NewModelVersion) -> Result<u32> {
    let same_task = |other: &Model| (other.version.run, other.version.op) == (model.run, model.op);
    for versions in state.models.values() {
        if let Some(at) = versions.iter().position(same_task) {
            return Ok(at as u32 + 1);
        }
    }
    if state.run(model.run).is_none() {
        return Err(StoreError::Conflict(format!("there is no run {}", model.run.0)));
    }
    let artifact = state.artifact_by_id.get(&model.artifact).copied().filter(|at| state.artifacts[*at].present);
    let Some(artifact) = artifact else {
        return Err(StoreError::Conflict(format!("artifact {} doesn't exist or was evicted", model.artifact.0)));
    };
    let versions = state.models.entry(model.name.clone()).or_default();
    versions.push(Model { version: model.clone(), artifact });
    Ok(versions.len() as u32)
}

pub(super) fn model_versions(state: &State, name: Option<&str>) -> Vec<ModelVersionRow> {
    let models = state.models.iter().filter(|(of, _)| name.is_none_or(|name| name == *of));
    let versions = models.flat_map(|(_, versions)| versions.iter().enumerate());
    versions
        .filter_map(|(position, model)| {
            Some(ModelVersionRow {
                name: model.version.name.clone(),
                version: position as u32 + 1,
                run_id: state.run(model.version.run)?.run_id.clone(),
                op: model.version.op,
                artifact: state.artifacts[model.artifact].clone(),
                manifest: model.version.manifest.clone(),
                created_at: model.version.created_at,
            })
        })
        .collect()
}

/// The ids in their order, each once.
fn different(ids: &[ArtifactId]) -> impl Iterator<Item = &ArtifactId> {
    let mut seen = HashSet::new();
    ids.iter().filter(move |id| seen.insert(*id))
}
