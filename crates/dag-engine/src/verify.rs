//! A look, before anything relies on them, at files that the last owner of the home had not brought to the disk for good.
//!
//! A killed process loses nothing that it wrote: the kernel still has it. A machine that went down does. So after a kill sizes are compared, after a restart of
//! the machine contents too; what can't be compared is taken for lost and made again.

use crate::describe::identify;
use suanzi_artifact::{ArtifactError, ArtifactKey, ArtifactStore, fsync_file_and_dir};
use suanzi_store::{ArtifactFilter, ArtifactId, ArtifactRow, Store, StoreError};

/// What happened since the files were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The machine kept running.
    SameBoot,
    /// It went down, or nobody knows.
    Restart,
}

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

/// What a look at the files found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Whole, and on the disk for good now.
    pub durable: u64,
    /// Missing, damaged, or not known to be whole.
    pub lost: u64,
    /// Tasks of unended runs that wait for another attempt because of that.
    pub opened: u64,
}

/// Looks at all of them and has the store note what it found. The caller owns the home, and no engine of it runs yet.
///
/// # Errors
/// The database's, or that a store of objects doesn't answer: then nothing was noted.
pub fn verify_files(store: &dyn Store, artifacts: &dyn ArtifactStore, since: Since) -> Result<Verified, VerifyError> {
    let doubtful =
        store.artifacts(&ArtifactFilter { not_durable: true, present: true, ..ArtifactFilter::default() })?;
    let (mut durable, mut lost) = (Vec::new(), Vec::new());
    // What lies in the database was synced with it.
    for artifact in doubtful.into_iter().filter(|artifact| !artifact.path.is_empty()) {
        let whole = match artifacts.is_remote() {
            true => is_object(&artifact, artifacts)?,
            false => {
                is_whole(&artifact, artifacts, since)
                    && fsync_file_and_dir(&artifacts.root().join(&artifact.path)).is_ok()
            }
        };
        if whole { &mut durable } else { &mut lost }.push(artifact);
    }
    if durable.is_empty() && lost.is_empty() {
        return Ok(Verified::default());
    }
    let opened = store.settle_files(&ids(&durable), &ids(&lost))?;
    Ok(Verified { durable: durable.len() as u64, lost: lost.len() as u64, opened })
}

fn ids(artifacts: &[ArtifactRow]) -> Vec<ArtifactId> {
    artifacts.iter().map(|artifact| artifact.id.clone()).collect()
}

/// An object is written whole or not at all.
fn is_object(artifact: &ArtifactRow, artifacts: &dyn ArtifactStore) -> Result<bool, ArtifactError> {
    let Ok(key) = ArtifactKey::parse(&artifact.path) else { return Ok(false) };
    match artifacts.size(&key) {
        Ok(bytes) => Ok(bytes == artifact.bytes),
        Err(ArtifactError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_whole(artifact: &ArtifactRow, artifacts: &dyn ArtifactStore, since: Since) -> bool {
    let path = artifacts.root().join(&artifact.path);
    let same_size =
        std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file() && found.len() == artifact.bytes);
    match since {
        Since::SameBoot => same_size,
        // Of models and files nothing is known that their content could be compared with.
        Since::Restart => {
            same_size
                && artifact.content_id.as_ref().is_some_and(|known| identify(artifacts, &path).as_ref() == Some(known))
        }
    }
}
