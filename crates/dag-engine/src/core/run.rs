//! What the core keeps of a run: the plan it follows and what its tasks have published so far.

use std::path::PathBuf;
use std::sync::Arc;
use suanzi_executor::{AttemptId, CodeRef, Limits, OutputPort};
use suanzi_operator::keys::Key;
use suanzi_scheduler as sched;
use suanzi_store::{ArtifactRow, FileStat, RunKey};

/// A run as the core needs it. Immutable and shared: bindings, keys, limits.
#[derive(Debug)]
pub struct RunPlan {
    pub run_id: String,
    pub dag_identity: String,
    pub seed: u64,
    pub ops: Vec<OpPlan>,
    /// Who reads each operator's outputs.
    pub readers: Vec<Box<[u32]>>,
}

impl RunPlan {
    pub fn readers_of(&self, op: u32) -> &[u32] {
        self.readers.get(op as usize).map_or(&[], |r| r)
    }
}

#[derive(Debug)]
pub struct OpPlan {
    pub operator_id: String,
    pub algo_name: String,
    pub code: CodeRef,
    /// Canonical parameters, a JSON object.
    pub params: String,
    pub inputs: Vec<InputPlan>,
    pub outputs: Vec<OutputPort>,
    /// Of an environment of its own.
    pub requirements: Vec<String>,
    pub files: Vec<(String, PathBuf)>,
    /// As these are called beside artifacts in a store of objects.
    pub file_keys: Vec<(String, String)>,
    /// What those files looked like when they were hashed.
    pub stats: Vec<FileStat>,
    pub resources: Vec<(String, f64)>,
    pub limits: Limits,
    pub executor: u16,
    pub side_effects: bool,
    /// An attempt goes on without the engine that handed it out, and the next one re-attaches to it: it leaves once its dispatch is on record.
    pub outlives: bool,
    pub self_hash: Key,
    /// None below an operator whose outputs differ each time.
    pub derivation: Option<Key>,
    /// Its result may be found again.
    pub keyed: bool,
    /// Earlier results of the same kind, code and parameters exist, on whatever input: worth waiting for content ids.
    pub may_cut_off: bool,
    /// A cached result to be taken as it is.
    pub hit: Option<Arc<Vec<(u16, ArtifactRow)>>>,
}

#[derive(Debug)]
pub struct InputPlan {
    pub name: String,
    pub port_type: String,
    pub source: (u32, u16),
}

/// A run to begin with; its row is committed.
pub struct NewCoreRun {
    pub key: RunKey,
    pub epoch: u64,
    /// Sequence number of its newest record so far.
    pub seq: u64,
    pub plan: Arc<RunPlan>,
    pub spec: sched::RunSpec,
    /// Outputs that exist already: of operators outside the selection, and of tasks that recovery found done.
    pub published: Vec<(u32, Vec<(u16, ArtifactRow)>)>,
    pub failures: Vec<(u32, u32)>,
    /// Attempts that were running when their engine died: operator, number, token.
    pub lost: Vec<(u32, u32, u64)>,
    /// Those that go on without it.
    pub running: Vec<StillRunning>,
}

/// An attempt that an earlier engine handed out and whose end nobody recorded.
#[derive(Debug, Clone, Copy)]
pub struct StillRunning {
    pub op: u32,
    pub attempt_no: u32,
    pub token: u64,
    pub dispatched_at: i64,
}

pub(super) struct RunData {
    pub epoch: u64,
    pub seq: u64,
    pub plan: Arc<RunPlan>,
    pub ops: Vec<OpData>,
    /// Jobs of the describer, and what outputs asked for, not answered yet: the run's end waits for them.
    pub outstanding: u32,
    pub ended: Option<sched::RunState>,
}

#[derive(Default)]
pub(super) struct OpData {
    pub outputs: Vec<Published>,
    /// Key over its inputs' contents, once all are known.
    pub content_key: Option<Key>,
    pub failures: u32,
    /// A lookup waits for content ids of its inputs.
    pub lookup_waits: bool,
    /// The result that is to be published when the scheduler says so.
    pub finished: Option<Box<super::events::FinishedAttempt>>,
    /// Where the newest attempt runs.
    pub worker: (AttemptId, String),
    pub succeeded: Option<u32>,
    pub dispatched_at: i64,
}

/// One output port's artifact.
pub(super) struct Published {
    pub port: u16,
    pub artifact: ArtifactRow,
    /// What stands for its content in successors' content keys.
    pub identity: Option<String>,
}

impl RunData {
    pub fn new(new: NewCoreRun) -> (RunData, sched::RunSpec) {
        let mut ops: Vec<OpData> = Vec::new();
        ops.resize_with(new.plan.ops.len(), OpData::default);
        for (op, failures) in new.failures {
            if let Some(data) = ops.get_mut(op as usize) {
                data.failures = failures;
            }
        }
        let mut data = RunData { epoch: new.epoch, seq: new.seq, plan: new.plan, ops, outstanding: 0, ended: None };
        // In the order of edges, so that identities of models follow from those of their tables.
        for (op, artifacts) in new.published {
            data.publish(op, artifacts);
        }
        (data, new.spec)
    }

    /// Sets an operator's outputs; identities follow where they are known.
    pub fn publish(&mut self, op: u32, artifacts: Vec<(u16, ArtifactRow)>) {
        let Some(data) = self.ops.get_mut(op as usize) else { return };
        data.outputs =
            artifacts.into_iter().map(|(port, artifact)| Published { port, artifact, identity: None }).collect();
        self.identify(op);
    }

    pub fn output(&self, op: u32, port: u16) -> Option<&Published> {
        self.ops.get(op as usize)?.outputs.iter().find(|o| o.port == port)
    }

    pub fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
}
