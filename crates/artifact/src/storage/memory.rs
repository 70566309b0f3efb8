//! Artifacts in memory, for tests of what is built above the store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{ArtifactEntry, ArtifactStore};
use crate::{ArtifactError, ArtifactKey, Table};

/// Bytes and time of change.
type Entries = BTreeMap<ArtifactKey, (Vec<u8>, SystemTime)>;

/// Artifacts that live as long as the value; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryArtifacts {
    entries: Arc<Mutex<Entries>>,
}

impl MemoryArtifacts {
    /// Stores the bytes of an artifact, replacing what was there.
    pub fn put(&self, key: ArtifactKey, bytes: Vec<u8>, modified: SystemTime) {
        self.with(|entries| entries.insert(key, (bytes, modified)));
    }

    fn with<R>(&self, work: impl FnOnce(&mut Entries) -> R) -> R {
        work(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get<R>(&self, key: &ArtifactKey, read: impl FnOnce(&[u8]) -> R) -> Result<R, ArtifactError> {
        self.with(|entries| entries.get(key).map(|(bytes, _)| read(bytes)))
            .ok_or_else(|| ArtifactError::NotFound { path: key.as_str().into() })
    }
}

impl ArtifactStore for MemoryArtifacts {
    fn open_table(&self, key: &ArtifactKey) -> Result<Table, ArtifactError> {
        Table::from_bytes(self.get(key, <[u8]>::to_vec)?, Path::new(key.as_str()))
    }

    fn size(&self, key: &ArtifactKey) -> Result<u64, ArtifactError> {
        self.get(key, |bytes| bytes.len() as u64)
    }

    fn remove(&self, key: &ArtifactKey) -> Result<bool, ArtifactError> {
        Ok(self.with(|entries| entries.remove(key)).is_some())
    }

    fn persist(&self, key: &ArtifactKey) -> Result<(), ArtifactError> {
        self.get(key, |_| ())
    }

    fn list(&self) -> Result<Vec<ArtifactEntry>, ArtifactError> {
        let entry = |(key, (bytes, modified)): (&ArtifactKey, &(Vec<u8>, SystemTime))| ArtifactEntry {
            key: key.clone(),
            bytes: bytes.len() as u64,
            modified: *modified,
        };
        Ok(self.with(|entries| entries.iter().map(entry).collect()))
    }

    fn local_path(&self, _key: &ArtifactKey) -> Option<PathBuf> {
        None
    }

    fn fetch(&self, key: &ArtifactKey) -> Result<PathBuf, ArtifactError> {
        let source = std::io::ErrorKind::Unsupported.into();
        Err(ArtifactError::Io { path: key.as_str().into(), source })
    }

    fn root(&self) -> &Path {
        Path::new("")
    }
}
