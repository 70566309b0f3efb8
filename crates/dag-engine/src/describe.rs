//! The describer: off the critical path, it reads each published table for its content id, brings every published file to the disk for good, and last works out statistics.

use crate::core::{CheckJob, DescribeJob};
use crate::durable::{Step, durable};
use crate::hold::Message;
use crate::prepare::files::is_unchanged;
use rustix::io::Errno;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};
use suanzi_artifact::{self as artifact, ArtifactError, ArtifactKey, ArtifactStore, Table};

/// How long is waited for descriptors, or for a store that doesn't answer, before the engine gives up.
const ROOM_FOR: Duration = Duration::from_secs(3_600);
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) enum Job {
    Describe(DescribeJob),
    Check(CheckJob),
}

/// Runs until the engine drops its end of the channel and all jobs are done.
pub(crate) fn run(jobs: Receiver<Job>, artifacts: &dyn ArtifactStore, tell: &dyn Fn(Message)) {
    let mut unsynced: VecDeque<DescribeJob> = VecDeque::new();
    let mut unread: VecDeque<DescribeJob> = VecDeque::new();
    loop {
        // Content ids first: successors may wait for them. Then durability: the run's end waits for it. Statistics wait for both.
        let next = if unsynced.is_empty() && unread.is_empty() {
            jobs.recv().map_err(|_| TryRecvError::Disconnected)
        } else {
            jobs.try_recv()
        };
        match next {
            Ok(Job::Check(job)) => {
                let unchanged = job.stats.iter().all(is_unchanged);
                if !unchanged {
                    talk!(
                        "warning: a file changed while it was read; the result is used in this run and not kept for others"
                    );
                }
                tell(Message::FilesChecked { job, unchanged });
            }
            Ok(Job::Describe(job)) => {
                if job.table {
                    tell(Message::Identified { job: job.clone(), content_id: identify(artifacts, &job.path) });
                }
                unsynced.push_back(job);
            }
            Err(error) => {
                if let Some(job) = unsynced.pop_front() {
                    sync(artifacts, &job);
                    tell(Message::Durable { run: job.run, artifact: job.artifact.clone() });
                    if job.table {
                        unread.push_back(job);
                    }
                } else if let Some(job) = unread.pop_front() {
                    if let Some((content_id, stats)) = describe(artifacts, &job.path) {
                        tell(Message::Described { job, content_id, stats });
                    }
                } else if error == TryRecvError::Disconnected {
                    return;
                }
            }
        }
    }
}

/// Tables that hold the same values in the same layout: operator code can tell a category column from a plain one.
fn id_of(content_id: &str, layout_id: &str) -> String {
    format!("{content_id}-{layout_id}")
}

/// The key of an artifact that tasks know by this path, if it has one.
fn key_of(artifacts: &dyn ArtifactStore, path: &Path) -> Option<ArtifactKey> {
    ArtifactKey::parse(path.strip_prefix(artifacts.root()).ok()?.to_str()?).ok()
}

fn here(artifacts: &dyn ArtifactStore, path: &Path) -> Result<PathBuf, ArtifactError> {
    match key_of(artifacts, path) {
        Some(key) => artifacts.fetch(&key),
        None => Ok(path.to_owned()),
    }
}

pub(crate) fn identify(artifacts: &dyn ArtifactStore, path: &Path) -> Option<String> {
    let id = || -> Result<String, ArtifactError> {
        let path = &here(artifacts, path)?;
        Ok(id_of(&artifact::content_id(path)?, &artifact::layout_id(Table::open(path)?.schema())))
    };
    match once_there_is_room(id) {
        Ok(id) => Some(id),
        Err(error) => {
            talk!("warning: {} can't be read: {error}", path.display());
            None
        }
    }
}

fn describe(artifacts: &dyn ArtifactStore, path: &Path) -> Option<(String, String)> {
    let table = artifact::describe(&here(artifacts, path).ok()?).ok()?;
    Some((id_of(&table.content_id, &table.layout_id), serde_json::to_string(&table.stats).ok()?))
}

fn sync(artifacts: &dyn ArtifactStore, job: &DescribeJob) {
    let persist = || match key_of(artifacts, &job.path).filter(|_| artifacts.is_remote()) {
        Some(key) => artifacts.persist(&key),
        None => artifact::fsync_file_and_dir(&job.path),
    };
    if let Err(error) = durable(Step::Synced, || once_there_is_room(persist)) {
        talk!(
            "error: {} can't be stored for good ({error}); stopping now, `suanzi runs resume` goes on",
            job.path.display()
        );
        std::process::abort();
    }
}

/// Asks again while there are no descriptors or no memory left, or the store doesn't answer: that passes, and nothing was done yet.
fn once_there_is_room<T>(open: impl Fn() -> Result<T, ArtifactError>) -> Result<T, ArtifactError> {
    let began = Instant::now();
    let mut said = false;
    loop {
        match open() {
            Err(error) if is_shortage(&error) && began.elapsed() < ROOM_FOR => {
                if !said {
                    let what = if matches!(error, ArtifactError::Away { .. }) { "artifacts" } else { "files" };
                    talk!("warning: waiting until {what} can be opened again ({error})");
                    said = true;
                }
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

fn is_shortage(error: &ArtifactError) -> bool {
    let source = match error {
        ArtifactError::Away { .. } => return true,
        ArtifactError::Io { source, .. } => source,
        _ => return false,
    };
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::NOMEM];
    source.raw_os_error().is_some_and(|code| shortages.iter().any(|short| short.raw_os_error() == code))
}
