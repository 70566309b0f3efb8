//! Which database the state lies in: a file of the home's unless the command line or the environment names another.

use crate::fail::Failure;
use crate::home::Home;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use suanzi_store::{OpenMode, SqliteStore, Store};
use suanzi_store_remote::{Access, DatabaseUrl, RemoteStore};

static CHOSEN: OnceLock<DatabaseUrl> = OnceLock::new();

/// Takes the address for the whole life of this process.
pub fn choose(url: Option<&str>) -> Result<(), Failure> {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(()) };
    let url = url.parse::<DatabaseUrl>().map_err(|error| {
        Failure::invalid(error).hint("--database-url and SUANZI_DATABASE_URL: see docs/guide/databases.md")
    })?;
    let _ = CHOSEN.set(url);
    Ok(())
}

/// Opens it. A file that nobody ever used is made by the first command, whatever it is.
pub fn open(home: &Home, access: Access) -> Result<Arc<dyn Store>, Failure> {
    if let Some(DatabaseUrl::Server(server)) = CHOSEN.get() {
        let store = RemoteStore::open(server, access)?;
        if access == Access::Owner {
            for warning in store.setting_warnings() {
                talk!("warning: {server}: {warning}");
            }
        }
        return Ok(Arc::new(store));
    }
    let path = file(home);
    let mode = if access == Access::Reader && path.exists() { OpenMode::ReadOnly } else { OpenMode::Owner };
    Ok(Arc::new(SqliteStore::open(&path, mode)?))
}

fn file(home: &Home) -> PathBuf {
    match CHOSEN.get() {
        Some(DatabaseUrl::Sqlite(path)) => path.clone(),
        _ => home.database(),
    }
}

/// For people; never with a password.
pub fn shown(home: &Home) -> String {
    match CHOSEN.get() {
        Some(DatabaseUrl::Server(server)) => server.to_string(),
        _ => format!("SQLite at {}", file(home).display()),
    }
}
