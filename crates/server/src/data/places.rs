//! Where uploads, imported datasets and copies of other files lie in the home. All names are the server's own.

use super::work::{MAX_DOWNLOADS, MAX_TABLE_PROCESSES};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;

/// Uploads that nobody imported go after this many hours.
pub const UPLOAD_KEPT_H: u64 = 24;

pub(crate) struct Places {
    root: PathBuf,
    /// Table processes at one time.
    pub seats: Semaphore,
    pub downloads: Arc<Semaphore>,
}

impl Places {
    /// Below the home.
    pub fn new(root: &Path) -> Places {
        Places {
            root: root.to_path_buf(),
            seats: Semaphore::new(MAX_TABLE_PROCESSES),
            downloads: Arc::new(Semaphore::new(MAX_DOWNLOADS)),
        }
    }

    pub fn uploads(&self) -> io::Result<PathBuf> {
        self.directory("uploads")
    }

    pub fn datasets(&self) -> io::Result<PathBuf> {
        self.directory("datasets")
    }

    /// Arrow copies and statistics, which can be made again.
    pub fn copies(&self) -> io::Result<PathBuf> {
        self.directory("memory/tables")
    }

    /// The upload's directory. Ids are the server's own, so anything else names nothing.
    pub fn upload(&self, id: &str) -> Option<PathBuf> {
        let own = id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
        own.then(|| self.root.join("uploads").join(id)).filter(|dir| dir.is_dir())
    }

    /// Drops what was left behind: uploads that are old, or that were never finished.
    pub fn sweep(&self) {
        let old = SystemTime::now().checked_sub(Duration::from_secs(UPLOAD_KEPT_H * 3_600));
        for entry in fs::read_dir(self.root.join("uploads")).into_iter().flatten().flatten() {
            let changed = entry.metadata().and_then(|meta| meta.modified()).ok();
            let unfinished = !entry.path().join(super::upload::ABOUT).is_file();
            if unfinished || changed.is_some_and(|changed| old.is_some_and(|old| changed < old)) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        for entry in fs::read_dir(self.root.join("datasets")).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|ending| ending == "tmp") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn directory(&self, name: &str) -> io::Result<PathBuf> {
        let dir = self.root.join(name);
        DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        Ok(dir)
    }
}
