//! What waits to be sent: a file for each run in the home, moved once it is settled. Whoever owns the home writes; others only look.

use crate::describe;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use suanzi_artifact::ArtifactStore;
use suanzi_store::Store;

/// How long after each failed attempt the next one follows; the last of these from then on.
const PAUSES_MS: &[i64] = &[1_000, 10_000, 60_000, 10 * 60_000, 3_600_000];
/// After so long without success a run is given up.
const GIVEN_UP_AFTER_MS: i64 = 7 * 24 * 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Waiting,
    Sent,
    GivenUp,
}

/// A run on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub run_id: String,
    pub state: State,
    pub attempts: u32,
    /// Not before, in milliseconds since 1970.
    pub next_at: i64,
    /// Why the last attempt failed; of a run that was sent, what couldn't go there.
    pub reason: String,
    /// MLflow's id of the run, once it is there.
    pub mlflow_run: Option<String>,
    pub noted_at: i64,
}

/// Sends a described run. Gives MLflow's id of it and a note on what couldn't go there; else why not.
pub type Sending<'a> = dyn Fn(&Value) -> Result<(String, String), String> + 'a;

/// The runs of a home that go to an MLflow server.
#[derive(Debug, Clone)]
pub struct Outbox {
    waiting: PathBuf,
    settled: PathBuf,
}

impl Outbox {
    /// Of the home at `root`. Touches nothing.
    pub fn of(root: &Path) -> Outbox {
        let folder = root.join("mlflow");
        Outbox { waiting: folder.join("waiting"), settled: folder.join("settled") }
    }

    /// Notes a run that has ended; one that is noted already stays as it is. Durable when it returns.
    ///
    /// # Errors
    /// The file system's.
    pub fn note(&self, run_id: &str, now: i64) -> io::Result<()> {
        if self.entry(run_id)?.is_some() {
            return Ok(());
        }
        fs::create_dir_all(&self.waiting)?;
        fs::create_dir_all(&self.settled)?;
        self.write(&Entry {
            run_id: run_id.to_string(),
            state: State::Waiting,
            attempts: 0,
            next_at: now,
            reason: String::new(),
            mlflow_run: None,
            noted_at: now,
        })
    }

    /// How a run stands, if it was noted.
    ///
    /// # Errors
    /// The file system's; a file that can't be read any more.
    pub fn entry(&self, run_id: &str) -> io::Result<Option<Entry>> {
        for folder in [&self.settled, &self.waiting] {
            match fs::read(file(folder, run_id)) {
                Ok(bytes) => return serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// What waits, the earliest due first. Files that can't be read are left out.
    ///
    /// # Errors
    /// The file system's.
    pub fn waiting(&self) -> io::Result<Vec<Entry>> {
        let files = match fs::read_dir(&self.waiting) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut entries: Vec<Entry> = Vec::new();
        for found in files {
            let path = found?.path();
            if path.extension().is_some_and(|ending| ending == "json") {
                entries.extend(fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()));
            }
        }
        entries.sort_by(|a, b| (a.next_at, &a.run_id).cmp(&(b.next_at, &b.run_id)));
        Ok(entries)
    }

    /// Sends what is due, one after the other. After a failure the others wait too: they go to the same server. Gives when the next is due.
    ///
    /// # Errors
    /// The file system's.
    pub fn send_due(
        &self,
        store: &dyn Store,
        artifacts: &dyn ArtifactStore,
        now: i64,
        send: &Sending<'_>,
    ) -> io::Result<Option<i64>> {
        let waiting = self.waiting()?;
        // A clock that was set back makes nobody wait for longer than the longest pause.
        let longest = PAUSES_MS.iter().copied().max().unwrap_or_default();
        let later = |entry: &Entry| entry.next_at > now && entry.next_at <= now + longest;
        // Once one has failed, new ones don't try the server before that one does.
        if let Some(failed) = waiting.iter().find(|entry| entry.attempts > 0 && later(entry)) {
            return Ok(Some(failed.next_at));
        }
        for entry in waiting {
            if later(&entry) {
                return Ok(Some(entry.next_at));
            }
            let settled = attempt(store, artifacts, entry, now, send);
            self.write(&settled)?;
            if settled.state == State::Waiting {
                return Ok(Some(settled.next_at));
            }
        }
        Ok(None)
    }

    fn write(&self, entry: &Entry) -> io::Result<()> {
        let waits = entry.state == State::Waiting;
        let folder = if waits { &self.waiting } else { &self.settled };
        let path = file(folder, &entry.run_id);
        let beside = path.with_extension("new");
        let mut written = fs::File::create(&beside)?;
        written.write_all(&serde_json::to_vec_pretty(entry)?)?;
        written.sync_all()?;
        fs::rename(&beside, &path)?;
        fs::File::open(folder)?.sync_all()?;
        if !waits {
            fs::remove_file(file(&self.waiting, &entry.run_id))?;
        }
        Ok(())
    }
}

/// Ids of runs are letters, digits and hyphens.
fn file(folder: &Path, run_id: &str) -> PathBuf {
    let plain: String = run_id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    folder.join(format!("{plain}.json"))
}

fn attempt(store: &dyn Store, artifacts: &dyn ArtifactStore, entry: Entry, now: i64, send: &Sending<'_>) -> Entry {
    let attempts = entry.attempts.saturating_add(1);
    let run = match store.run_by_id(&entry.run_id) {
        Ok(Some(run)) => run,
        Ok(None) => return Entry { state: State::GivenUp, attempts, reason: "the run is gone".into(), ..entry },
        Err(error) => return again(entry, attempts, now, error.to_string()),
    };
    let sent = describe(store, artifacts, &run).map_err(|error| error.to_string()).and_then(|run| send(&run));
    match sent {
        Ok((id, note)) => Entry { state: State::Sent, attempts, reason: note, mlflow_run: Some(id), ..entry },
        Err(reason) => again(entry, attempts, now, reason),
    }
}

fn again(entry: Entry, attempts: u32, now: i64, reason: String) -> Entry {
    if now - entry.noted_at > GIVEN_UP_AFTER_MS {
        return Entry { state: State::GivenUp, attempts, reason, ..entry };
    }
    let pause = PAUSES_MS.get(attempts as usize - 1).or(PAUSES_MS.last()).copied().unwrap_or_default();
    Entry { attempts, next_at: now + pause, reason, ..entry }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use suanzi_store::{MemoryStore, NewDagVersion, NewRun};

    fn artifacts(home: &tempfile::TempDir) -> suanzi_artifact::LocalArtifacts {
        suanzi_artifact::LocalArtifacts::new(home.path()).expect("a folder")
    }

    fn with_run(id: &str) -> MemoryStore {
        let store = MemoryStore::new();
        let source =
            "dag: {name: d, operator_list: [a], operator_details: {a: {algo_name: k, params: {x: 1}}}}".to_string();
        let version = NewDagVersion {
            identity: "d".into(),
            source,
            source_hash: "h".into(),
            operators: Vec::new(),
            relations: Vec::new(),
            created_at: 1,
        };
        let dag_version = store.put_dag_version(&version).expect("a version");
        let run =
            NewRun { run_id: id.into(), dag_version, config: "{}".into(), total: 1, token_seed: 1, created_at: 1 };
        store.create_run(&run, "serve-1").expect("a run");
        store
    }

    #[test]
    fn what_failed_waits_longer_and_longer_until_it_is_sent() {
        let (home, store) = (tempfile::tempdir().expect("a directory"), with_run("r-1"));
        let outbox = Outbox::of(home.path());
        assert_eq!(outbox.waiting().expect("a look"), []);
        outbox.note("r-1", 1_000).expect("noted");
        let away = |_: &Value| Err("nobody is there".to_string());
        let mut now = 1_000;
        for (attempts, pause) in [(1, 1_000), (2, 10_000), (3, 60_000), (4, 600_000), (5, 3_600_000), (6, 3_600_000)] {
            let next = outbox.send_due(&store, &artifacts(&home), now, &away).expect("a look");
            assert_eq!(next, Some(now + pause));
            // Not before.
            assert_eq!(outbox.send_due(&store, &artifacts(&home), now, &away).expect("a look"), next);
            let entry = outbox.entry("r-1").expect("a look").expect("an entry");
            assert_eq!(
                (entry.state, entry.attempts, entry.reason.as_str()),
                (State::Waiting, attempts, "nobody is there")
            );
            now += pause;
        }
        let there = |run: &Value| {
            assert_eq!(run.pointer("/operators/0/params/x"), Some(&Value::from(1)));
            Ok(("m-1".to_string(), String::new()))
        };
        assert_eq!(outbox.send_due(&store, &artifacts(&home), now, &there).expect("a look"), None);
        let entry = outbox.entry("r-1").expect("a look").expect("an entry");
        assert_eq!((entry.state, entry.mlflow_run.as_deref()), (State::Sent, Some("m-1")));
        assert_eq!(outbox.waiting().expect("a look"), []);
        // Noted again, it isn't sent twice.
        outbox.note("r-1", now).expect("noted");
        assert_eq!(outbox.waiting().expect("a look"), []);
    }

    #[test]
    fn after_a_failure_the_others_wait_too_and_the_hopeless_are_given_up() {
        let (home, store) = (tempfile::tempdir().expect("a directory"), with_run("r-1"));
        let outbox = Outbox::of(home.path());
        outbox.note("gone", 1).expect("noted");
        outbox.note("r-1", 2).expect("noted");
        let asked = Cell::new(0);
        let away = |_: &Value| {
            asked.set(asked.get() + 1);
            Err("no".to_string())
        };
        outbox.send_due(&store, &artifacts(&home), 10, &away).expect("a look");
        assert_eq!(asked.get(), 1);
        assert_eq!(outbox.entry("gone").expect("a look").expect("an entry").state, State::GivenUp);
        outbox.send_due(&store, &artifacts(&home), 10 + GIVEN_UP_AFTER_MS, &away).expect("a look");
        assert_eq!(outbox.entry("r-1").expect("a look").expect("an entry").state, State::GivenUp);
    }
}
