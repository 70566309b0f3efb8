//! Where artifacts are kept. The trait is the border: everything above it knows keys, not folders or buckets.

mod local;
mod memory;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{ArtifactError, ArtifactKey, Table};

pub use local::LocalArtifacts;
pub use memory::MemoryArtifacts;

/// A place for artifacts. Writing is not here: workers write tables themselves, under a temporary name, and rename.
pub trait ArtifactStore: Send + Sync + Debug {
    /// Opens a table for reading.
    ///
    /// # Errors
    /// [`ArtifactError::NotFound`], [`ArtifactError::Malformed`] or [`ArtifactError::Io`].
    fn open_table(&self, key: &ArtifactKey) -> Result<Table, ArtifactError>;

    /// Size in bytes.
    ///
    /// # Errors
    /// [`ArtifactError::NotFound`] or [`ArtifactError::Io`].
    fn size(&self, key: &ArtifactKey) -> Result<u64, ArtifactError>;

    /// Removes an artifact; `false` if there was none, so that removing again after a crash is no error.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    fn remove(&self, key: &ArtifactKey) -> Result<bool, ArtifactError>;

    /// Makes an artifact survive a power cut. After an error it must be taken for lost.
    ///
    /// # Errors
    /// [`ArtifactError::NotFound`] or [`ArtifactError::Io`].
    fn persist(&self, key: &ArtifactKey) -> Result<(), ArtifactError>;

    /// All artifacts, in the order of their keys.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    fn list(&self) -> Result<Vec<ArtifactEntry>, ArtifactError>;

    /// Where an artifact lies, or would lie, on this machine's disk; nothing if the store keeps it elsewhere.
    fn local_path(&self, key: &ArtifactKey) -> Option<PathBuf>;

    /// Brings an artifact to this machine's disk, unless it is there, and answers where. Whether it is whole, its reader finds out.
    ///
    /// # Errors
    /// [`ArtifactError::NotFound`], [`ArtifactError::Away`], [`ArtifactError::Refused`] or [`ArtifactError::Io`].
    fn fetch(&self, key: &ArtifactKey) -> Result<PathBuf, ArtifactError>;

    /// Takes a file that others shall find under a key, unless it was taken not long ago. Only where [`ArtifactStore::is_remote`].
    ///
    /// # Errors
    /// [`ArtifactError::Away`], [`ArtifactError::Refused`] or [`ArtifactError::Io`].
    fn keep(&self, file: &Path, _key: &ArtifactKey) -> Result<(), ArtifactError> {
        let source = std::io::ErrorKind::Unsupported.into();
        Err(ArtifactError::Io { path: file.to_owned(), source })
    }

    /// The folder on this machine's disk that holds artifacts, or copies of them.
    fn root(&self) -> &Path;

    /// Whether [`ArtifactStore::root`] holds only copies.
    fn is_remote(&self) -> bool {
        false
    }

    /// Where it lies, for people.
    fn shown(&self, key: &ArtifactKey) -> String {
        self.root().join(key.as_str()).display().to_string()
    }
}

/// A stored artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactEntry {
    pub key: ArtifactKey,
    pub bytes: u64,
    /// When its content last changed.
    pub modified: SystemTime,
}
