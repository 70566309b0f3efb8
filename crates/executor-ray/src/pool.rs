//! The pool: one job on the cluster that takes tasks. Started when the first task needs it, looked after when it doesn't answer, stopped at the end.
//! It outlives an engine that dies for as long as `python/suanzi/pool` waits for calls; the next engine finds it by a note.

use crate::jobs::Jobs;
use crate::note::{self, Note};
use crate::package::{RayPackage, pack};
use crate::settings::RayOptions;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use suanzi_executor_http::{BaseUrl, CallError, Origin, Target, hex};
use tokio::sync::Mutex;

/// In the job's log, before the address where the pool listens (`python/suanzi/pool/__main__.py`).
pub const READY: &str = "suanzi-pool: ready at ";
/// How long the cluster may take to start the job.
const START_LIMIT: Duration = Duration::from_secs(120);
const LOOK_PAUSE: Duration = Duration::from_millis(200);
/// Ray gives a job that is stopped 3 seconds.
const STOP_LIMIT: Duration = Duration::from_secs(4);
/// How long a cluster may take to have all its nodes again, where its memory of a pool of ours is gone: it answers with the first of them.
const JOINING_SECONDS: u32 = 120;
const MAX_QUOTED_CHARS: usize = 600;

/// A pool that was submitted. Only this home knows the token: the job's arguments hold its hash, since whoever sees the cluster can read them.
#[derive(Clone)]
struct Submitted {
    id: String,
    token: String,
}

/// What others may look at without waiting for a start.
#[derive(Default)]
struct Known {
    submitted: Option<Submitted>,
    target: Option<Arc<Target>>,
    /// Somebody called there and nobody answered.
    missed: bool,
    /// There was a pool before, and it is gone: the cluster may have been started anew.
    anew: bool,
}

pub struct PoolOrigin {
    jobs: Jobs,
    name: String,
    code: PathBuf,
    note: PathBuf,
    tell: fn(&str),
    package: StdMutex<Option<RayPackage>>,
    known: StdMutex<Known>,
    /// Held by the one that starts or looks after it.
    starting: Mutex<()>,
}

impl PoolOrigin {
    pub fn new(options: &RayOptions) -> PoolOrigin {
        PoolOrigin {
            jobs: Jobs::new(options.target.clone()),
            name: options.terms.name.clone(),
            code: options.terms.package.clone(),
            note: options.note.clone(),
            tell: options.terms.tell,
            package: StdMutex::default(),
            known: StdMutex::default(),
            starting: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn package(&self) -> Result<RayPackage, CallError> {
        let mut package = self.package.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(package) = &*package {
            return Ok(package.clone());
        }
        let made = pack(&self.code).map_err(|error| CallError::Unusable(error.to_string()))?;
        Ok(package.insert(made).clone())
    }

    async fn find(&self) -> Result<Arc<Target>, CallError> {
        let _starting = self.starting.lock().await;
        if let Some(target) = self.usable() {
            return Ok(target);
        }
        let (there, submitted) = {
            let known = self.known();
            (known.target.clone(), known.submitted.clone())
        };
        if let (Some(target), Some(submitted)) = (there, submitted) {
            match self.jobs.job(&submitted.id).await? {
                // It runs: what went wrong was on the way.
                Some(job) if !job.state.ended() => {
                    self.known().missed = false;
                    return Ok(target);
                }
                _ => {
                    (self.tell)(&format!(
                        "executor {}: its pool on the cluster is gone; another is started",
                        self.name
                    ));
                    // Unknown doesn't mean that nothing of it runs, so it is asked to end; what it still writes, nobody reads.
                    self.dispose(&submitted.id).await;
                    self.unknown();
                }
            }
        }
        self.start().await
    }

    /// The pool that an engine before this one started, if it runs still. Another version's is ended.
    async fn of_earlier_engine(&self, package: &RayPackage) -> Result<Option<Submitted>, CallError> {
        let Some(Note { id, token, cluster, package: noted }) = note::read(&self.note) else { return Ok(None) };
        if cluster != self.jobs.shown() {
            return Ok(None);
        }
        if noted == package.name && self.jobs.job(&id).await?.is_some_and(|job| !job.state.ended()) {
            return Ok(Some(Submitted { id, token }));
        }
        self.dispose(&id).await;
        self.unknown();
        Ok(None)
    }

    fn unknown(&self) {
        *self.known() = Known { anew: true, ..Known::default() };
        note::remove(&self.note);
    }

    fn usable(&self) -> Option<Arc<Target>> {
        let known = self.known();
        known.target.clone().filter(|_| !known.missed)
    }

    async fn start(&self) -> Result<Arc<Target>, CallError> {
        let package = self.package()?;
        let mut earlier = self.known().submitted.clone();
        if earlier.is_none() {
            earlier = self.of_earlier_engine(&package).await?;
            self.known().submitted = earlier.clone();
        }
        let submitted = match earlier {
            Some(earlier) => earlier,
            None => {
                let random = |error: std::io::Error| CallError::Unusable(error.to_string());
                let id = format!("suanzi-pool-{}", hex::<8>().map_err(random)?);
                let submitted = Submitted { id, token: hex::<32>().map_err(random)? };
                let (Submitted { id, token }, cluster) = (submitted.clone(), self.jobs.shown());
                let note = Note { id, token, cluster, package: package.name.clone() };
                note::write(&self.note, &note).map_err(|error| {
                    CallError::Unusable(format!("{} can't be written: {error}", self.note.display()))
                })?;
                // Noted before it is sent: whatever comes of it, the end looks after it.
                self.known().submitted = Some(submitted.clone());
                submitted
            }
        };
        self.jobs.bring(&package).await?;
        let Submitted { id, token } = &submitted;
        let joining = if self.known().anew { JOINING_SECONDS } else { 0 };
        let hash = sha256(token.as_bytes());
        let entrypoint =
            format!("exec python -m suanzi.pool --name {id} --token-sha256 {hash} --joining-seconds {joining}");
        self.jobs.submit(id, &entrypoint, &package).await?;
        let base = match self.ready(id).await {
            Err(error @ CallError::Unusable(_)) => {
                self.dispose(id).await;
                self.unknown();
                return Err(error);
            }
            other => other?,
        };
        let target = Arc::new(Target { base, token: Some(token.clone()) });
        let mut known = self.known();
        known.target = Some(target.clone());
        known.missed = false;
        Ok(target)
    }

    /// Waits until the pool says where it listens.
    async fn ready(&self, id: &str) -> Result<BaseUrl, CallError> {
        let began = Instant::now();
        loop {
            let job =
                self.jobs.job(id).await?.ok_or_else(|| CallError::Away("the cluster forgot the pool's job".into()))?;
            let log = if matches!(job.state, crate::jobs::JobState::Pending) {
                String::new()
            } else {
                self.jobs
                    .logs(id)
                    .await
                    .or_else(|error| if job.state.ended() { Ok(String::new()) } else { Err(error) })?
            };
            if job.state.ended() {
                let message = last_chars(&job.message.unwrap_or_default());
                let log = last_chars(log.trim());
                // Ray's own message may end with the log.
                let last = log.lines().last().unwrap_or_default();
                let why = if message.contains(last) { message } else { format!("{message}: {log}") };
                return Err(CallError::Unusable(format!("the pool's job on the cluster ended: {why}")));
            }
            if let Some(address) = log.lines().find_map(|line| line.strip_prefix(READY)) {
                return BaseUrl::parse(address.trim()).map_err(CallError::Malformed);
            }
            if began.elapsed() >= START_LIMIT {
                return Err(CallError::Slow(START_LIMIT));
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }

    /// Stops a job and has the cluster forget it, as far as that is there.
    async fn dispose(&self, id: &str) {
        let began = Instant::now();
        while began.elapsed() < STOP_LIMIT {
            match self.jobs.job(id).await {
                Ok(Some(job)) if job.state.ended() => {
                    // It stays in the cluster's list where this fails.
                    let _ = self.jobs.delete(id).await;
                    return;
                }
                Ok(Some(_)) => {
                    // A stop may not take while a job waits: it is looked at again.
                    let _ = self.jobs.stop(id).await;
                }
                Ok(None) => return,
                // One call that failed doesn't leave a job running.
                Err(_) => {}
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }
}

impl Origin for PoolOrigin {
    fn target(&self) -> BoxFuture<'_, Result<Arc<Target>, CallError>> {
        Box::pin(async {
            match self.usable() {
                Some(target) => Ok(target),
                None => self.find().await,
            }
        })
    }

    fn present(&self) -> Option<Arc<Target>> {
        self.known().target.clone()
    }

    fn missed(&self, target: &Arc<Target>) {
        let mut known = self.known();
        if known.target.as_ref().is_some_and(|now| Arc::ptr_eq(now, target)) {
            known.missed = true;
        }
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let submitted = self.known().submitted.take();
            if let Some(submitted) = submitted {
                self.dispose(&submitted.id).await;
                note::remove(&self.note);
            }
        })
    }

    fn outlives(&self) -> bool {
        true
    }

    fn shown(&self) -> String {
        format!("the Ray cluster at {}", self.jobs.shown())
    }
}

/// Hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn last_chars(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(MAX_QUOTED_CHARS);
    text.chars().skip(skipped).collect()
}
