//! Collection by size: artifacts least recently used go first, and no row refers to a file that is gone without saying so.

use crate::travel::{FILE_KEPT, FILES};
use std::collections::HashSet;
use std::time::{Duration, SystemTime};
use suanzi_artifact::{
    ArtifactError, ArtifactKey, ArtifactStore, Candidate, keep_preview, kept_preview_path, plan_collection, sweep,
};
use suanzi_store::{ArtifactFilter, ArtifactId, ArtifactRow, Store, StoreError};

/// Files that no row names are left this long: a worker may be about to publish them.
pub const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

#[derive(Debug, Default)]
pub struct Collected {
    pub artifacts: u64,
    pub bytes: u64,
    /// What stays, pinned or not.
    pub kept_bytes: u64,
    /// Leftovers of crashes.
    pub leftovers: u64,
}

/// Removes artifacts until the rest fits into `limit_bytes`. The caller owns the home.
pub fn collect(store: &dyn Store, artifacts: &dyn ArtifactStore, limit_bytes: u64) -> Result<Collected, CollectError> {
    let present = store.artifacts(&ArtifactFilter { present: true, ..ArtifactFilter::default() })?;
    let free: HashSet<ArtifactId> = store
        .artifacts(&ArtifactFilter { present: true, collectable: true, ..ArtifactFilter::default() })?
        .into_iter()
        .map(|a| a.id)
        .collect();
    let candidates: Vec<Candidate> = present
        .iter()
        .filter(|a| !a.path.is_empty())
        .map(|a| Candidate {
            id: a.id.0.clone(),
            bytes: a.bytes,
            last_used_ms: a.last_used,
            pinned: !free.contains(&a.id),
        })
        .collect();
    let plan = plan_collection(&candidates, limit_bytes);
    let ids: Vec<ArtifactId> = plan.evict.into_iter().map(ArtifactId).collect();
    let mut collected = remove(store, artifacts, &ids)?;
    collected.kept_bytes = plan.kept_bytes;
    Ok(collected)
}

/// Keeps the tables' first rows, marks, then removes: a crash in between leaves a file that nobody names, which [`sweep_leftovers`] finds.
fn remove(store: &dyn Store, artifacts: &dyn ArtifactStore, ids: &[ArtifactId]) -> Result<Collected, CollectError> {
    for artifact in
        store.artifacts(&ArtifactFilter { ids: ids.to_vec(), present: true, ..ArtifactFilter::default() })?
    {
        // A table that can't be read has no rows to show either; a full disk must not keep room from being made.
        if is_table(&artifact) {
            let kept = artifacts.root().join(kept_preview_path(&artifact.path));
            let _ = ArtifactKey::parse(&artifact.path)
                .and_then(|key| artifacts.fetch(&key))
                .and_then(|path| keep_preview(&path, &kept));
        }
    }
    let mut collected = Collected::default();
    for ArtifactRow { path, bytes, .. } in store.evict(ids)? {
        if let Ok(key) = ArtifactKey::parse(&path) {
            artifacts.remove(&key)?;
        }
        collected.artifacts += 1;
        collected.bytes += bytes;
    }
    Ok(collected)
}

/// Removes files below the artifact root, and objects, that no row names and that are older than [`LEFTOVER_AGE`].
pub fn sweep_leftovers(store: &dyn Store, artifacts: &dyn ArtifactStore) -> Result<u64, CollectError> {
    let known: HashSet<String> = store
        .artifacts(&ArtifactFilter::default())?
        .into_iter()
        .filter_map(|a| match a.present {
            true => Some(a.path),
            false => is_table(&a).then(|| kept_preview_path(&a.path)),
        })
        .collect();
    let now = SystemTime::now();
    let report = sweep(artifacts.root(), &|path| known.contains(path), LEFTOVER_AGE, now)?;
    if !artifacts.is_remote() {
        return Ok(report.removed.len() as u64);
    }
    let mut removed = 0;
    for object in artifacts.list()? {
        let kept = if object.key.as_str().starts_with(FILES) { FILE_KEPT } else { LEFTOVER_AGE };
        let old = now.duration_since(object.modified).is_ok_and(|age| age > kept);
        if old && !known.contains(object.key.as_str()) {
            artifacts.remove(&object.key)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_table(artifact: &ArtifactRow) -> bool {
    artifact.rows.is_some() && !artifact.path.is_empty()
}
