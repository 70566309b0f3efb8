//! Removes what crashes left behind: files that no artifact's row names.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::AtFlags;

use crate::ArtifactError;
use crate::walk::{WalkEntry, walk};

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Files removed, by their path below the root.
    pub removed: Vec<String>,
    pub removed_bytes: u64,
    /// Files that some artifact names.
    pub known: u64,
    /// Files nobody names, left because they are younger than the age given: a worker may be about to publish them.
    pub young: u64,
    /// Links, pipes, files that could not be removed, and the like, left where they are.
    pub skipped: u64,
}

/// Removes regular files below `root` for which `is_known(path below root)` is false and that were last changed more
/// than `older_than` before `now`; then the folders this leaves empty, if as old. No link is followed or removed.
///
/// # Errors
/// [`ArtifactError::Io`] if the folders can't be read. A file that can't be removed is only counted.
pub fn sweep(
    root: &Path,
    is_known: &dyn Fn(&str) -> bool,
    older_than: Duration,
    now: SystemTime,
) -> Result<SweepReport, ArtifactError> {
    let mut report = SweepReport::default();
    // A time in the future (a clock set back) is young.
    let is_old = |modified: SystemTime| now.duration_since(modified).is_ok_and(|age| age > older_than);
    walk(root, &mut |entry| {
        match entry {
            WalkEntry::File { relative, .. } if is_known(relative) => report.known += 1,
            WalkEntry::File { modified, .. } if !is_old(modified) => report.young += 1,
            WalkEntry::File { relative, folder, name, bytes, .. } => {
                match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
                    Ok(()) => {
                        report.removed.push(relative.to_owned());
                        report.removed_bytes = report.removed_bytes.saturating_add(bytes);
                    }
                    Err(error) if io::Error::from(error).kind() == io::ErrorKind::NotFound => {}
                    Err(_) => report.skipped += 1,
                }
            }
            WalkEntry::Folder { folder, name, modified } if is_old(modified) => {
                // Fails, as it should, unless the folder is empty.
                let _ = rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR);
            }
            WalkEntry::Folder { .. } => {}
            WalkEntry::Other => report.skipped += 1,
        }
        Ok(())
    })
    .map_err(|error| ArtifactError::io(root, error))?;
    report.removed.sort();
    Ok(report)
}
