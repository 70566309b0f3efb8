//! What is kept of environments: their records, what they take, and how they are taken away.

use crate::lease::Wanted;
use crate::make::site_packages;
use crate::{EnvironmentError, EnvironmentId, Environments};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Written last: an environment without it isn't whole.
pub(crate) const RECORD: &str = "suanzi.json";

/// What is written down of an environment, or of the last attempt to make it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    requirements: Vec<String>,
    /// What pip installed for them.
    #[serde(default)]
    installed: Vec<String>,
    at_ms: u64,
    #[serde(default)]
    took_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Ready,
    /// A process makes it.
    Making,
    /// The last attempt to make it failed; the next run that needs it tries again.
    Failed(String),
    /// Left by a process that was killed; swept away when it is needed again or removed.
    Unfinished,
}

/// An environment as `suanzi env list` shows it.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: EnvironmentId,
    pub state: State,
    pub requirements: Vec<String>,
    /// Names and versions.
    pub installed: Vec<String>,
    pub bytes: u64,
    pub made_ms: Option<u64>,
    /// How long that took.
    pub took_ms: u64,
    pub used_ms: Option<u64>,
    /// Workers use it now.
    pub in_use: bool,
}

impl Record {
    pub fn new(requirements: &[String], dir: &Path, took: Duration) -> Record {
        Record {
            requirements: requirements.to_vec(),
            installed: installed(dir),
            at_ms: ms(SystemTime::now()),
            took_ms: took.as_millis() as u64,
            failure: None,
        }
    }

    pub fn failed(requirements: &[String], failure: &str) -> Record {
        let (installed, at_ms) = (Vec::new(), ms(SystemTime::now()));
        Record { requirements: requirements.to_vec(), installed, at_ms, took_ms: 0, failure: Some(failure.to_owned()) }
    }
}

/// `name-1.0.dist-info` of each distribution as `name==1.0`.
fn installed(dir: &Path) -> Vec<String> {
    let Ok(own) = site_packages(dir) else { return Vec::new() };
    let entries = fs::read_dir(own).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".dist-info")?.to_owned()));
    let mut found: Vec<String> = names.map(|name| name.replacen('-', "==", 1)).collect();
    found.sort();
    found
}

fn ms(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}

pub(crate) fn is_whole(dir: &Path) -> bool {
    dir.join(RECORD).is_file()
}

/// Whole or not at all.
pub(crate) fn write(path: &Path, record: &Record) -> Result<(), EnvironmentError> {
    let fresh = path.with_extension("new");
    let text = serde_json::to_string_pretty(record).map_err(|e| EnvironmentError::io(path, e))?;
    fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, path)).map_err(|e| EnvironmentError::io(path, e))
}

fn read(path: &Path) -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Takes a directory away, its record first: cut short, it isn't whole.
pub(crate) fn sweep(dir: &Path) -> Result<(), EnvironmentError> {
    for removed in [fs::remove_file(dir.join(RECORD)), fs::remove_dir_all(dir)] {
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(EnvironmentError::io(dir, error)),
            _ => {}
        }
    }
    Ok(())
}

impl Environments {
    /// All there are, the last used first.
    pub fn list(&self) -> Result<Vec<Kept>, EnvironmentError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(EnvironmentError::io(&self.root, error)),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut ids: Vec<EnvironmentId> =
            names.filter_map(|name| EnvironmentId::parse(name.split('.').next().unwrap_or_default())).collect();
        ids.sort();
        ids.dedup();
        let mut all: Vec<Kept> = ids.into_iter().filter_map(|id| self.look(id)).collect();
        all.sort_by(|a, b| b.used_ms.cmp(&a.used_ms).then(a.id.cmp(&b.id)));
        Ok(all)
    }

    /// `None` where only a lock is left of it.
    fn look(&self, id: EnvironmentId) -> Option<Kept> {
        let dir = self.dir(&id);
        let (whole, failure) = (read(&dir.join(RECORD)), read(&self.failure_path(&id)));
        // Locks are only looked at, and let go of at once.
        let making = matches!(self.try_lock(&id, Wanted::Shared), Ok(None));
        let in_use = !making && matches!(self.try_lock(&id, Wanted::Alone), Ok(None));
        let state = match (&whole, making, failure.as_ref().and_then(|f| f.failure.clone())) {
            (Some(_), ..) => State::Ready,
            (None, true, _) => State::Making,
            (None, false, Some(why)) => State::Failed(why),
            (None, false, None) if dir.is_dir() => State::Unfinished,
            (None, false, None) => return None,
        };
        let used = fs::metadata(self.lock_path(&id)).and_then(|meta| meta.modified()).ok();
        let record = whole.as_ref().or(failure.as_ref());
        Some(Kept {
            state,
            requirements: record.map(|r| r.requirements.clone()).unwrap_or_default(),
            installed: record.map(|r| r.installed.clone()).unwrap_or_default(),
            bytes: bytes_below(&dir),
            made_ms: whole.as_ref().map(|r| r.at_ms),
            took_ms: whole.as_ref().map_or(0, |r| r.took_ms),
            used_ms: used.map(ms),
            in_use,
            id,
        })
    }

    /// Takes it away, unless it is in use or being made.
    pub fn remove(&self, id: &EnvironmentId) -> Result<(), EnvironmentError> {
        let Some(_alone) = self.try_lock(id, Wanted::Alone)? else { return Err(EnvironmentError::InUse(id.clone())) };
        sweep(&self.dir(id))?;
        let _ = fs::remove_file(self.failure_path(id));
        // Last, and while it is held: whoever opened it meanwhile sees that it is gone.
        let _ = fs::remove_file(self.lock_path(id));
        Ok(())
    }
}

/// What its files take, links not followed.
fn bytes_below(dir: &Path) -> u64 {
    let mut bytes = 0;
    let mut dirs = vec![dir.to_path_buf()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            bytes += meta.blocks() * 512;
            if meta.is_dir() {
                dirs.push(entry.path());
            }
        }
    }
    bytes
}
