//! Runs that go to an MLflow server once they have ended: noted by whoever sees the end, sent by a thread that no run waits for.

use crate::clock::Clock;
use crate::host::Host;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::Builder;
use suanzi_api::{MlflowState, MlflowView};
use suanzi_artifact::ArtifactStore;
use suanzi_mlflow::{Outbox, State, is_wanted};
use suanzi_store::{RunFilter, RunState, Store};

/// How far back a start looks for ended runs that weren't noted.
const LOOK_BACK_MS: i64 = 24 * 3_600_000;
const LOOKED_THROUGH: u32 = 1_000;
/// After the disk or the database refused.
const AGAIN_MS: i64 = 5_000;

pub(crate) struct Mlflow {
    outbox: Outbox,
    clock: Arc<dyn Clock>,
}

impl Mlflow {
    pub fn new(home: &Path, clock: Arc<dyn Clock>) -> Mlflow {
        Mlflow { outbox: Outbox::of(home), clock }
    }

    /// A run has ended.
    pub fn ended(&self, run_id: &str) {
        if !is_wanted() {
            return;
        }
        match self.outbox.note(run_id, self.clock.now()) {
            Ok(()) => self.clock.wake(),
            // The next start notes it.
            Err(error) => eprintln!("warning: run {run_id} isn't noted for MLflow: {error}"),
        }
    }

    /// What became of a run, if it was to go there.
    pub fn view(&self, run_id: &str) -> Option<MlflowView> {
        let entry = self.outbox.entry(run_id).ok().flatten()?;
        Some(MlflowView {
            state: match entry.state {
                State::Waiting => MlflowState::Waiting,
                State::Sent => MlflowState::Sent,
                State::GivenUp => MlflowState::GivenUp,
            },
            attempts: entry.attempts,
            reason: Some(entry.reason).filter(|reason| !reason.is_empty()),
            run_id: entry.mlflow_run,
        })
    }

    /// Sends from now on, in a thread that ends with the process. What it was sending then is sent again at the next start.
    pub fn begin(
        self: Arc<Self>,
        store: Arc<dyn Store>,
        artifacts: Arc<dyn ArtifactStore>,
        host: Arc<dyn Host>,
    ) -> io::Result<()> {
        if !is_wanted() {
            return Ok(());
        }
        Builder::new()
            .name("suanzi-mlflow".into())
            .spawn(move || self.run(store.as_ref(), artifacts.as_ref(), host.as_ref()))
            .map(drop)
    }

    fn run(&self, store: &dyn Store, artifacts: &dyn ArtifactStore, host: &dyn Host) {
        self.catch_up(store);
        let mut said = String::new();
        loop {
            let now = self.clock.now();
            let next = self.outbox.send_due(store, artifacts, now, &|run| host.mlflow(run)).unwrap_or_else(|error| {
                eprintln!("warning: runs for MLflow wait: {error}");
                Some(now + AGAIN_MS)
            });
            let waiting = self.outbox.waiting().unwrap_or_default();
            let why = waiting.iter().find(|entry| entry.attempts > 0).map(|entry| entry.reason.clone());
            let why = why.unwrap_or_default();
            if !why.is_empty() && why != said {
                eprintln!("warning: MLflow: {why}; {} runs wait and are sent later", waiting.len());
            }
            said = why;
            self.clock.wait_until(next);
        }
    }

    /// What a crash between a run's end and its note left out.
    fn catch_up(&self, store: &dyn Store) {
        let states = vec![RunState::Failed, RunState::Success, RunState::Cancelled];
        let ended = store.runs(&RunFilter { states, limit: LOOKED_THROUGH, ..RunFilter::default() });
        let since = self.clock.now() - LOOK_BACK_MS;
        for run in ended.unwrap_or_default() {
            if run.ended_at.is_some_and(|at| at > since) {
                self.ended(&run.run_id);
            }
        }
    }
}
