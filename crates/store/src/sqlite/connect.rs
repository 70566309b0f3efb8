//! Opens connections: file mode, pragmas, and the sentences said when it doesn't work.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::migrate::APPLICATION_ID;
use crate::{Result, StoreError};

/// Older ones may corrupt a WAL database when the log is reset.
const SQLITE_OLDEST_VERSION: i32 = 3_051_003;
/// How long a statement waits for another process's lock before [`StoreError::Locked`].
const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Between two attempts at switching a file to write-ahead logging.
const SWITCH_PAUSE: Duration = Duration::from_millis(5);
/// More than the store has different statements, so that none is compiled twice.
const STATEMENT_CACHE_COUNT: usize = 128;
/// Page cache of the writer, in KiB. Cache keys are random: a cache smaller than the index's hot part means a read per insert.
const WRITER_CACHE_KIB: i64 = 32_768;
/// The log is copied into the database once it has this many pages (16 MiB): copying syncs twice, so not at every few commits.
const CHECKPOINT_PAGES: i64 = 4_000;
/// The log file is cut back to this size after a checkpoint.
const LOG_KEPT_BYTES: i64 = 64 << 20;
const FILE_MODE: u32 = 0o600;

/// The owner's one writing connection. Creates the file (mode 600) where there is none.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    check_library()?;
    create_private(path).map_err(|error| cannot_open(path, &error))?;
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    check_application(&connection, path)?;
    let mode = to_write_ahead_log(&connection)?;
    if mode != "wal" {
        return Err(cannot_open(path, &format!("its directory doesn't support write-ahead logging (got {mode:?})")));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_KEPT_BYTES)?;
    Ok(connection)
}

/// The journal mode afterwards. Of two owners that both want to switch a new file SQLite refuses one at once, without
/// waiting (each holds what the other needs), so that one asks again.
fn to_write_ahead_log(connection: &Connection) -> Result<String> {
    let asked = Instant::now();
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(StoreError::from) {
            Err(StoreError::Locked) if asked.elapsed() < Duration::from_millis(BUSY_TIMEOUT_MS) => {
                std::thread::sleep(SWITCH_PAUSE);
            }
            answer => return answer,
        }
    }
}

/// Where and how further reading connections are opened.
#[derive(Debug, Clone)]
pub(super) struct ReaderSource {
    path: PathBuf,
    /// The directory isn't writable and no log lies there, so nobody can be writing: read the file as it is.
    immutable: bool,
}

impl ReaderSource {
    pub(super) fn of_owner(path: &Path) -> Self {
        ReaderSource { path: path.to_path_buf(), immutable: false }
    }

    /// Finds out how a database can be read that another process, or nobody, owns.
    pub(super) fn probe(path: &Path) -> Result<(Self, Connection)> {
        check_library()?;
        if !path.is_file() {
            return Err(cannot_open(path, &"there is no such file"));
        }
        let mut source = ReaderSource::of_owner(path);
        let first = source.connect().and_then(|connection| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(connection)
        });
        let connection = match first {
            Ok(connection) => connection,
            Err(StoreError::Open(_)) if !log_of(path).exists() => {
                source.immutable = true;
                source.connect()?
            }
            Err(error) => return Err(error),
        };
        check_application(&connection, path)?;
        Ok((source, connection))
    }

    pub(super) fn connect(&self) -> Result<Connection> {
        if !self.immutable {
            return open(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        }
        let path = self.path.to_string_lossy();
        let mut uri = String::from("file:");
        for byte in path.bytes() {
            match byte {
                b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(byte as char),
                other => uri.push_str(&format!("%{other:02x}")),
            }
        }
        uri.push_str("?immutable=1");
        open(Path::new(&uri), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)
    }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| cannot_open(path, &error))?;
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_COUNT);
    // A read error on a mapped page kills the process; an ordinary read gives an error code.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn check_library() -> Result<()> {
    if rusqlite::version_number() < SQLITE_OLDEST_VERSION {
        let found = rusqlite::version();
        return Err(StoreError::Open(format!("SQLite {found} is linked, at least 3.51.3 is needed")));
    }
    Ok(())
}

/// Refuses to write into somebody else's database. Both marks are read from one snapshot: another owner may be migrating.
fn check_application(connection: &Connection, path: &Path) -> Result<()> {
    let snapshot = connection.unchecked_transaction()?;
    let application: i64 = snapshot.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    snapshot.finish()?;
    if application == APPLICATION_ID || (application == 0 && tables == 0) {
        return Ok(());
    }
    Err(cannot_open(path, &"it is the database of another program"))
}

fn create_private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path) {
        Ok(_) => sync_directory(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut permissions = std::fs::metadata(path)?.permissions();
            if permissions.mode() & 0o777 != FILE_MODE {
                permissions.set_mode(FILE_MODE);
                std::fs::set_permissions(path, permissions)?;
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// SQLite syncs the directory for the files it creates; this one we created.
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    std::fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    PathBuf::from(log)
}

pub(super) fn cannot_open(path: &Path, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::Open(format!("{}: {reason}", path.display()))
}
