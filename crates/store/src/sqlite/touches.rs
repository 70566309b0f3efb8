//! When artifacts were last used: noted in memory by lookups, written with the next batch, so that a lookup never waits for a disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, params};

use crate::clock::now_ms;
use crate::{ArtifactId, EpochMillis, Result};

/// Beyond this many noted artifacts further ones are dropped until the next batch: a use forgotten only makes an artifact look older.
const PENDING_MAX_COUNT: usize = 10_000;

#[derive(Default)]
pub(super) struct Touches {
    pending: Mutex<HashMap<ArtifactId, EpochMillis>>,
}

impl Touches {
    pub(super) fn add<'a>(&self, artifacts: impl Iterator<Item = &'a ArtifactId>) {
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

    /// Within the caller's transaction. If that fails, these uses are forgotten.
    pub(super) fn write(&self, connection: &Connection) -> Result<()> {
        let pending = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if pending.is_empty() {
            return Ok(());
        }
        let mut touch =
            connection.prepare_cached("UPDATE artifacts SET last_used = max(last_used, ?2) WHERE id = ?1")?;
        for (artifact, at) in pending {
            touch.execute(params![artifact.0, at])?;
        }
        Ok(())
    }
}
