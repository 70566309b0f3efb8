//! Short words for building what the cases need: a DAG version, runs, records and batches.

use crate::*;

pub const OWNER: &str = "owner-1";

pub fn version_of(identity: &str, source: &str) -> NewDagVersion {
    NewDagVersion {
        identity: identity.into(),
        source: source.into(),
        source_hash: format!("hash of {source}"),
        operators: (0..3).map(operator).collect(),
        relations: vec![RelationRow { source: 0, source_index: 0, target: 1, target_index: 0 }],
        created_at: 100,
    }
}

pub fn operator(op: u32) -> OperatorRow {
    OperatorRow {
        op,
        operator_id: format!("operator-{op}"),
        algo_name: "noop".into(),
        category: "test".into(),
        inputs: "[]".into(),
        outputs: "[]".into(),
        params: "{}".into(),
        config: "{}".into(),
    }
}

/// A running run of its own DAG, owned by [`OWNER`] with epoch 1.
pub fn new_run(store: &dyn Store, run_id: &str) -> RunKey {
    new_run_of(store, run_id, "dag", OWNER)
}

pub fn new_run_of(store: &dyn Store, run_id: &str, identity: &str, owner: &str) -> RunKey {
    let dag_version = store.put_dag_version(&version_of(identity, "source")).expect("version is stored");
    let run = NewRun {
        run_id: run_id.into(),
        dag_version,
        config: r#"{"seed":0}"#.into(),
        total: 3,
        token_seed: 7,
        created_at: 200,
    };
    store.create_run(&run, owner).expect("run is created")
}

/// The token tests give an attempt.
pub fn token(op: u32, attempt_no: u32) -> u64 {
    (u64::from(op) << 32) | u64::from(attempt_no) | (1 << 63)
}

pub fn dispatched(run: RunKey, op: u32, attempt_no: u32, seq: u64) -> StoreRecord {
    StoreRecord::Dispatched { run, op, attempt_no, token: token(op, attempt_no), at: 1_000, seq }
}

/// A success that publishes `result`.
pub fn succeeded(run: RunKey, op: u32, attempt_no: u32, result: TaskResult, seq: u64) -> StoreRecord {
    StoreRecord::Ended {
        run,
        op,
        attempt_no,
        token: token(op, attempt_no),
        state: AttemptState::Success,
        end: Box::new(ended_at(2_000)),
        task: TaskState::Success,
        failures: 0,
        result: Some(Box::new(result)),
        history_key: format!("history of {op}"),
        seq,
    }
}

/// A failure; the task is `task` after it.
pub fn failed(run: RunKey, op: u32, attempt_no: u32, task: TaskState, seq: u64) -> StoreRecord {
    StoreRecord::Ended {
        run,
        op,
        attempt_no,
        token: token(op, attempt_no),
        state: AttemptState::Failed,
        end: Box::new(AttemptEnd { failure: r#"{"message":"no"}"#.into(), ..ended_at(2_000) }),
        task,
        failures: attempt_no,
        result: None,
        history_key: String::new(),
        seq,
    }
}

pub fn ended_at(at: EpochMillis) -> AttemptEnd {
    AttemptEnd {
        at,
        wall_us: 500,
        cpu_us: 400,
        peak_rss_bytes: 1 << 20,
        worker: "worker-1".into(),
        failure: String::new(),
        log_file: 1,
        log_start: 10,
        log_end: 20,
    }
}

pub fn settled(run: RunKey, op: u32, state: TaskState, outputs: Vec<(u16, ArtifactId)>, seq: u64) -> StoreRecord {
    StoreRecord::Settled { run, op, state, outputs, at: 3_000, seq }
}

pub fn run_ended(run: RunKey, state: RunState, seq: u64) -> StoreRecord {
    StoreRecord::RunEnded { run, state, at: 9_000, seq }
}

pub fn artifact(id: &str, port: u16) -> NewArtifact {
    NewArtifact {
        id: ArtifactId(id.into()),
        port,
        port_type: "data".into(),
        path: format!("{id}.arrow"),
        inline: None,
        bytes: 1_000,
        rows: Some(10),
        manifest: "{}".into(),
        identity: None,
    }
}

/// A result of one artifact on port 0, found under `keys`.
pub fn result(artifact_id: &str, keys: &[CacheKey]) -> TaskResult {
    TaskResult { outputs: vec![artifact(artifact_id, 0)], keys: keys.to_vec(), self_hash: keys.first().copied() }
}

pub fn key(number: u8) -> CacheKey {
    CacheKey([number; 32])
}

pub fn id(artifact_id: &str) -> ArtifactId {
    ArtifactId(artifact_id.into())
}

pub fn batch(owner: &str, runs: &[(RunKey, u64)], records: Vec<StoreRecord>) -> Batch {
    Batch { owner: owner.into(), runs: runs.to_vec(), records }
}

/// Applies under the first ownership; every record has to be written.
pub fn write(store: &dyn Store, run: RunKey, records: Vec<StoreRecord>) {
    assert_eq!(outcome_of(store, run, records), BatchOutcome::default());
}

/// Applies under the first ownership.
pub fn outcome_of(store: &dyn Store, run: RunKey, records: Vec<StoreRecord>) -> BatchOutcome {
    store.apply(&batch(OWNER, &[(run, 1)], records)).expect("batch is applied")
}

pub fn stale(positions: &[usize]) -> BatchOutcome {
    BatchOutcome { refused: vec![], stale: positions.to_vec() }
}

pub fn task(store: &dyn Store, run: RunKey, op: u32) -> Option<TaskRow> {
    store.tasks(run).expect("tasks are read").into_iter().find(|task| task.op == op)
}

pub fn state_of(store: &dyn Store, run: RunKey, op: u32) -> Option<TaskState> {
    task(store, run, op).map(|task| task.state)
}

/// The states of a task's attempts, in order.
pub fn attempt_states(store: &dyn Store, run: RunKey, op: u32) -> Vec<AttemptState> {
    store.attempts(run, Some(op)).expect("attempts are read").iter().map(|attempt| attempt.state).collect()
}

/// Ids of a run's outputs by (op, port).
pub fn output_ids(store: &dyn Store, run: RunKey) -> Vec<(u32, u16, String)> {
    let outputs = store.outputs(run).expect("outputs are read");
    outputs.into_iter().map(|output| (output.op, output.port, output.artifact.id.0)).collect()
}

/// The artifact ids each key leads to.
pub fn found(store: &dyn Store, keys: &[CacheKey]) -> Vec<Option<Vec<String>>> {
    let results = store.lookup(keys).expect("lookup works");
    results.into_iter().map(|hit| hit.map(|hit| hit.outputs.into_iter().map(|(_, a)| a.id.0).collect())).collect()
}
