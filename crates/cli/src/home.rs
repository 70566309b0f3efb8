//! `$SUANZI_HOME`: where all state lives, and the lock that says who owns it.

use crate::fail::Failure;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct Home {
    pub root: PathBuf,
}

/// Held as long as this process owns the home.
pub struct Owner {
    _lock: File,
}

impl Home {
    pub fn open() -> Result<Home, Failure> {
        let root = match std::env::var_os("SUANZI_HOME").filter(|v| !v.is_empty()) {
            Some(set) => PathBuf::from(set),
            None => match std::env::var_os("HOME").filter(|v| !v.is_empty()) {
                Some(home) => PathBuf::from(home).join(".suanzi"),
                None => {
                    return Err(Failure::invalid("neither SUANZI_HOME nor HOME is set")
                        .hint("set SUANZI_HOME to a directory for Suanzi's state"));
                }
            },
        };
        let root = std::path::absolute(&root).unwrap_or(root);
        let home = Home { root };
        for dir in [home.root.clone(), home.artifacts(), home.logs(), home.memory()] {
            fs::create_dir_all(&dir).map_err(|e| {
                Failure::invalid(format!("{} can't be made: {e}", dir.display()))
                    .hint("set SUANZI_HOME to a directory that can be written")
            })?;
        }
        // Results and logs are the user's own.
        let _ = fs::set_permissions(&home.root, Permissions::from_mode(0o700));
        Ok(home)
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("suanzi.db")
    }

    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// What can be worked out again: manifests, answers of interpreters.
    pub fn memory(&self) -> PathBuf {
        self.root.join("memory")
    }

    pub fn socket(&self) -> PathBuf {
        self.root.join("engine.sock")
    }

    /// Takes the home, or `None` when a living process has it.
    pub fn own(&self) -> Result<Option<Owner>, Failure> {
        let path = self.root.join("engine.lock");
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .read(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| Failure::invalid(format!("{} can't be opened: {e}", path.display())))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                let _ = lock.set_len(0);
                let _ = writeln!(lock, "{}", std::process::id());
                Ok(Some(Owner { _lock: lock }))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(Failure::invalid(format!("{} can't be locked: {error}", path.display()))),
        }
    }
}
