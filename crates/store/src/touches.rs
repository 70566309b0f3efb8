//! When artifacts were last used: noted in memory by lookups, written with the next batch, so that a lookup never waits for a disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::now_ms;
use crate::{ArtifactId, EpochMillis};

/// Beyond this many noted artifacts further ones are dropped until the next batch: a use forgotten only makes an artifact look older.
const PENDING_MAX_COUNT: usize = 10_000;

#[derive(Default)]
pub struct Touches {
    pending: Mutex<HashMap<ArtifactId, EpochMillis>>,
}

impl Touches {
    pub fn add<'a>(&self, artifacts: impl Iterator<Item = &'a ArtifactId>) {
        let now = now_ms();
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for artifact in artifacts {
            if let Some(at) = pending.get_mut(artifact) {
                *at = now;
            } else if pending.len() < PENDING_MAX_COUNT {
                pending.insert(artifact.clone(), now);
            }
        }
    }

    /// What was noted since the last call. A caller that then fails to write them forgets these uses.
    pub fn take(&self) -> HashMap<ArtifactId, EpochMillis> {
        std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
