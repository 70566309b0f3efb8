//! Artifacts in a folder of this machine (or one that several machines mount).

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};

use super::{ArtifactEntry, ArtifactStore};
use crate::walk::{WalkEntry, open_folder_at, open_root, walk};
use crate::{ArtifactError, ArtifactKey, Table};

/// A folder of artifacts. Below the root no symbolic link is followed: a worker could have planted it.
#[derive(Debug, Clone)]
pub struct LocalArtifacts {
    root: PathBuf,
}

impl LocalArtifacts {
    /// Uses a folder, making it if need be.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, ArtifactError> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(|e| ArtifactError::io(&root, e))?;
        Ok(Self { root })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, key: &ArtifactKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Opens the folder an artifact lies in, step by step from the root; answers it with the file's name.
    fn folder<'k>(&self, key: &'k ArtifactKey) -> io::Result<(OwnedFd, &'k str)> {
        let mut folder = open_root(&self.root)?;
        let mut parts = key.parts().peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return Ok((folder, part));
            }
            folder = open_folder_at(&folder, part.as_ref())?;
        }
        Err(io::ErrorKind::NotFound.into())
    }

    fn file(&self, key: &ArtifactKey) -> io::Result<(OwnedFd, File)> {
        let (folder, name) = self.folder(key)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&folder, name, flags, Mode::empty())?);
        match file.metadata()?.is_file() {
            true => Ok((folder, file)),
            false => Err(io::Error::other("it is not a regular file")),
        }
    }
}

impl ArtifactStore for LocalArtifacts {
    fn open_table(&self, key: &ArtifactKey) -> Result<Table, ArtifactError> {
        let path = self.path(key);
        let (_, file) = self.file(key).map_err(|e| ArtifactError::io(&path, e))?;
        Table::from_file(file, &path)
    }

    fn size(&self, key: &ArtifactKey) -> Result<u64, ArtifactError> {
        let size = self.file(key).and_then(|(_, file)| Ok(file.metadata()?.len()));
        size.map_err(|e| ArtifactError::io(&self.path(key), e))
    }

    fn remove(&self, key: &ArtifactKey) -> Result<bool, ArtifactError> {
        let removed =
            self.folder(key).and_then(|(folder, name)| Ok(rustix::fs::unlinkat(&folder, name, AtFlags::empty())?));
        match removed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(ArtifactError::io(&self.path(key), error)),
        }
    }

    fn persist(&self, key: &ArtifactKey) -> Result<(), ArtifactError> {
        let synced = self.file(key).and_then(|(folder, file)| {
            file.sync_all()?;
            // Each folder on the way may be new, with its own entry still unwritten in the one above.
            rustix::fs::fsync(&folder)?;
            let mut folder = open_root(&self.root)?;
            rustix::fs::fsync(&folder)?;
            let parts: Vec<&str> = key.parts().collect();
            for part in &parts[..parts.len().saturating_sub(2)] {
                folder = open_folder_at(&folder, part.as_ref())?;
                rustix::fs::fsync(&folder)?;
            }
            Ok(())
        });
        synced.map_err(|e| ArtifactError::io(&self.path(key), e))
    }

    fn list(&self) -> Result<Vec<ArtifactEntry>, ArtifactError> {
        let mut entries = Vec::new();
        walk(&self.root, &mut |entry| {
            if let WalkEntry::File { relative, bytes, modified, .. } = entry
                && let Ok(key) = ArtifactKey::parse(relative)
            {
                entries.push(ArtifactEntry { key, bytes, modified });
            }
            Ok(())
        })
        .map_err(|e| ArtifactError::io(&self.root, e))?;
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(entries)
    }

    fn local_path(&self, key: &ArtifactKey) -> Option<PathBuf> {
        Some(self.path(key))
    }

    fn fetch(&self, key: &ArtifactKey) -> Result<PathBuf, ArtifactError> {
        Ok(self.path(key))
    }

    fn root(&self) -> &Path {
        &self.root
    }
}
