//! The file system of a world: which files there are, who wrote them, and which would survive a power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Default)]
pub struct Disk {
    /// Path → the execution that wrote it.
    files: BTreeMap<PathBuf, u64>,
    synced: BTreeSet<PathBuf>,
}

impl Disk {
    /// Gives the execution that wrote the file before, if there is one.
    pub fn write(&mut self, path: &Path, execution: u64) -> Option<u64> {
        self.synced.remove(path);
        self.files.insert(path.to_path_buf(), execution)
    }

    pub fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    pub fn sync(&mut self, path: &Path) {
        if self.exists(path) {
            self.synced.insert(path.to_path_buf());
        }
    }

    pub fn is_synced(&self, path: &Path) -> bool {
        self.synced.contains(path)
    }
}
