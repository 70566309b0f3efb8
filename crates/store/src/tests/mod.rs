//! The suite on both implementations, what only SQLite can get wrong, and both against each other.

mod conformance;
mod planted;
mod power;
mod property;
mod sqlite;

use std::path::PathBuf;

use tempfile::TempDir;

use crate::{OpenMode, SqliteStore};

/// A home for one database.
struct Home {
    directory: TempDir,
}

impl Home {
    fn new() -> Self {
        Home { directory: tempfile::tempdir().expect("a directory for the test") }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("suanzi.db")
    }

    fn owner(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), OpenMode::Owner).expect("the database opens")
    }

    fn reader(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), OpenMode::ReadOnly).expect("the database opens for reading")
    }
}
