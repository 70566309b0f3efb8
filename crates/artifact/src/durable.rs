//! Making files survive a power cut.

use std::fs::File;
use std::path::Path;

use crate::ArtifactError;

/// Flushes a file's content and the entry in its folder to stable storage.
///
/// # Errors
/// [`ArtifactError::NotFound`] or [`ArtifactError::Io`]. After a failed flush the kernel may have dropped the dirty
/// pages: trying again proves nothing, the caller must treat the file as lost.
pub fn fsync_file_and_dir(path: &Path) -> Result<(), ArtifactError> {
    let sync = |path: &Path| {
        let file = File::open(path).map_err(|e| ArtifactError::io(path, e))?;
        file.sync_all().map_err(|e| ArtifactError::io(path, e))
    };
    sync(path)?;
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync(Path::new(".")),
        Some(parent) => sync(parent),
        None => Ok(()),
    }
}
