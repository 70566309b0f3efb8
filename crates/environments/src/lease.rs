//! Who may touch an environment: many may use it, one may make it or take it away. The kernel lets go of a lock when its process ends, however that comes.

use crate::{EnvironmentError, EnvironmentId, Environments};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// An environment in use: nobody takes it away as long as this lives.
#[derive(Debug)]
pub struct Lease {
    pub id: EnvironmentId,
    /// Its interpreter.
    pub python: PathBuf,
    lock: File,
}

impl Lease {
    pub(crate) fn new(environments: &Environments, id: &EnvironmentId, lock: File) -> Lease {
        let lease = Lease { id: id.clone(), python: python(&environments.dir(id)), lock };
        lease.note_use();
        lease
    }

    /// It is in use now. Only `--unused` reads this: a disk that is full is no reason to fail.
    pub fn note_use(&self) {
        let _ = self.lock.set_modified(SystemTime::now());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.note_use();
    }
}

pub(crate) fn python(dir: &Path) -> PathBuf {
    dir.join("bin/python")
}

pub(crate) enum Wanted {
    Shared,
    Alone,
}

impl Environments {
    pub(crate) fn lock_path(&self, id: &EnvironmentId) -> PathBuf {
        self.root.join(format!("{id}.lock"))
    }

    /// The environment's lock, or `None` while another has it so that it can't be had.
    pub(crate) fn try_lock(&self, id: &EnvironmentId, wanted: Wanted) -> Result<Option<File>, EnvironmentError> {
        let path = self.lock_path(id);
        let operation = match wanted {
            Wanted::Shared => FlockOperation::NonBlockingLockShared,
            Wanted::Alone => FlockOperation::NonBlockingLockExclusive,
        };
        loop {
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .mode(0o600)
                .open(&path)
                .map_err(|e| EnvironmentError::io(&path, e))?;
            match flock(&lock, operation) {
                Ok(()) if is_at(&lock, &path) => return Ok(Some(lock)),
                // Taken away with its environment since it was opened: whoever comes next opens another.
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(EnvironmentError::io(&path, error)),
            }
        }
    }
}

fn is_at(lock: &File, path: &Path) -> bool {
    match (lock.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(there)) => (held.dev(), held.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}
