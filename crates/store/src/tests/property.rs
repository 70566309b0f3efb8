//! Random sequences of verbs leave memory and SQLite telling the same story. The two share no guard but [`crate::StoreRecord::is_consistent`].

use proptest::prelude::*;
use proptest::sample::select;

use super::Home;
use crate::conformance::scene::*;
use crate::*;

/// Small numbers, so that records meet each other.
const RUNS: u64 = 3;
const OPS: u32 = 3;
const CASES: u32 = 96;

#[derive(Debug, Clone)]
enum Verb {
    CreateRun { run_id: u8, owner: &'static str },
    Claim { owner: &'static str, only: Option<u64> },
    Apply { owner: &'static str, epochs: Vec<u64>, records: Vec<StoreRecord> },
    Cancel { run: u64 },
    Lookup { keys: Vec<u8> },
    Forget { keys: Vec<u8> },
    Evict { artifacts: Vec<ArtifactId> },
    SettleFiles { durable: Vec<ArtifactId>, lost: Vec<ArtifactId> },
    Register { name: &'static str, run: u64, op: u32, artifact: ArtifactId },
}

fn run() -> impl Strategy<Value = u64> {
    1..=RUNS
}

fn owner() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just(OWNER), 1 => Just("owner-2")]
}

fn key_numbers() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..6_u8, 0..3)
}

/// Names clash now and then: a token of two values instead of the attempt's.
fn artifact_id() -> impl Strategy<Value = ArtifactId> {
    (run(), 0..OPS, 1..3_u32, 0..2_u16).prop_map(|(run, op, no, port)| ArtifactId(format!("{run}-{op}-{no}-{port}")))
}

fn published() -> impl Strategy<Value = TaskResult> {
    (prop::collection::vec((artifact_id(), 0..3_u16, any::<bool>()), 0..3), key_numbers(), prop::option::of(0..4_u8))
        .prop_map(|(outputs, keys, self_hash)| TaskResult {
            outputs: outputs
                .into_iter()
                .map(|(id, port, inline)| NewArtifact {
                    path: if inline { String::new() } else { id.0.clone() },
                    inline: inline.then(|| vec![1, 2]),
                    ..artifact(&id.0, port)
                })
                .collect(),
            keys: keys.into_iter().map(key).collect(),
            self_hash: self_hash.map(key),
        })
}

fn ended() -> impl Strategy<Value = StoreRecord> {
    let sound = prop_oneof![
        6 => Just((AttemptState::Success, TaskState::Success)),
        2 => Just((AttemptState::Failed, TaskState::Retrying)),
        1 => Just((AttemptState::Lost, TaskState::Retrying)),
        1 => Just((AttemptState::TimedOut, TaskState::Failed)),
        1 => Just((AttemptState::Cancelled, TaskState::Cancelled)),
        1 => Just((AttemptState::Failed, TaskState::Running)),
    ];
    let who = (run(), 0..OPS, 1..4_u32, prop_oneof![8 => Just(0_u64), 1 => Just(1)]);
    let times = (select(vec![1_000_i64, 2_000, 2_000, 3_000]), 0..50_u64, 0..4_u32, select(vec!["", "h1", "h2"]));
    (who, sound, times, published(), 0..100_u64).prop_map(
        |((run, op, no, forged), (state, task), times, result, seq)| {
            let (at, wall_us, failures, history_key) = times;
            StoreRecord::Ended {
                run: RunKey(run),
                op,
                attempt_no: no,
                token: token(op, no) ^ forged,
                state,
                end: Box::new(AttemptEnd { wall_us, ..ended_at(at) }),
                task,
                failures,
                result: (state == AttemptState::Success).then(|| Box::new(result)),
                history_key: history_key.into(),
                seq,
            }
        },
    )
}

fn record() -> impl Strategy<Value = StoreRecord> {
    let settled_states = select(vec![TaskState::Cached, TaskState::Cached, TaskState::Skipped, TaskState::Cancelled]);
    let ports = prop::collection::vec((0..2_u16, artifact_id()), 0..2);
    prop_oneof![
        6 => (run(), 0..OPS, 0..4_u32, 0..100_u64).prop_map(|(run, op, no, seq)| dispatched(RunKey(run), op, no, seq)),
        6 => ended(),
        2 => (run(), 0..OPS, settled_states, ports, 0..100_u64).prop_map(|(run, op, state, outputs, seq)| {
            settled(RunKey(run), op, state, outputs, seq)
        }),
        1 => (run(), artifact_id(), 0..9_u8).prop_map(|(run, artifact, content)| StoreRecord::Described {
            run: RunKey(run),
            artifact,
            content_id: format!("c{content}"),
            stats: "{}".into(),
        }),
        2 => (run(), 0..OPS, 1..3_u32, key_numbers()).prop_map(|(run, op, attempt_no, keys)| StoreRecord::Keyed {
            run: RunKey(run),
            op,
            attempt_no,
            keys: keys.into_iter().map(key).collect(),
        }),
        1 => (run(), prop::collection::vec(artifact_id(), 0..3))
            .prop_map(|(run, artifacts)| StoreRecord::Durable { run: RunKey(run), artifacts }),
        1 => (run(), select(vec![RunState::Success, RunState::Cancelled, RunState::Running]), 0..100_u64)
            .prop_map(|(run, state, seq)| run_ended(RunKey(run), state, seq)),
    ]
}

/// A dispatch directly followed by its end, as the engine mostly writes them.
fn records() -> impl Strategy<Value = Vec<StoreRecord>> {
    let pair = ended().prop_map(|end| match &end {
        StoreRecord::Ended { run, op, attempt_no, .. } => vec![dispatched(*run, *op, *attempt_no, 1), end],
        _ => vec![end],
    });
    let some = prop_oneof![1 => pair, 1 => record().prop_map(|record| vec![record])];
    prop::collection::vec(some, 1..8).prop_map(|records| records.concat())
}

fn verb() -> impl Strategy<Value = Verb> {
    let epochs = prop::collection::vec(prop_oneof![8 => Just(1_u64), 2 => Just(2)], RUNS as usize);
    prop_oneof![
        1 => (0..6_u8, owner()).prop_map(|(run_id, owner)| Verb::CreateRun { run_id, owner }),
        1 => (owner(), prop::option::of(run())).prop_map(|(owner, only)| Verb::Claim { owner, only }),
        10 => (owner(), epochs, records()).prop_map(|(owner, epochs, records)| Verb::Apply { owner, epochs, records }),
        1 => run().prop_map(|run| Verb::Cancel { run }),
        1 => key_numbers().prop_map(|keys| Verb::Lookup { keys }),
        1 => key_numbers().prop_map(|keys| Verb::Forget { keys }),
        2 => prop::collection::vec(artifact_id(), 0..4).prop_map(|artifacts| Verb::Evict { artifacts }),
        1 => (prop::collection::vec(artifact_id(), 0..2), prop::collection::vec(artifact_id(), 0..3))
            .prop_map(|(durable, lost)| Verb::SettleFiles { durable, lost }),
        1 => (select(vec!["m", "n"]), run(), 0..OPS, artifact_id())
            .prop_map(|(name, run, op, artifact)| Verb::Register { name, run, op, artifact }),
    ]
}

/// What the verb answered, as text.
fn carry_out(store: &dyn Store, verb: &Verb) -> String {
    let keys = |numbers: &[u8]| numbers.iter().map(|number| key(*number)).collect::<Vec<_>>();
    match verb {
        Verb::CreateRun { run_id, owner } => {
            let dag_version = store.put_dag_version(&version_of("dag", &run_id.to_string())).unwrap();
            let run_id = format!("r{run_id}");
            let run = NewRun { run_id, dag_version, config: "{}".into(), total: 3, token_seed: 1, created_at: 5 };
            format!("{:?}", store.create_run(&run, owner))
        }
        Verb::Claim { owner, only } => format!("{:?}", store.claim_runs(owner, only.map(RunKey))),
        Verb::Apply { owner, epochs, records } => {
            let runs = (1..).map(RunKey).zip(epochs.iter().copied()).collect();
            let batch = Batch { owner: owner.to_string(), runs, records: records.clone() };
            format!("{:?}", store.apply(&batch))
        }
        Verb::Cancel { run } => format!("{:?}", store.request_cancel(RunKey(*run))),
        Verb::Lookup { keys: numbers } => format!("{:?}", found(store, &keys(numbers))),
        Verb::Forget { keys: numbers } => format!("{:?}", store.forget(&keys(numbers))),
        Verb::Evict { artifacts } => {
            let marked = store.evict(artifacts).unwrap();
            format!("{:?}", marked.into_iter().map(|artifact| artifact.id).collect::<Vec<_>>())
        }
        Verb::SettleFiles { durable, lost } => format!("{:?}", store.settle_files(durable, lost)),
        Verb::Register { name, run, op, artifact } => {
            let model = NewModelVersion {
                name: name.to_string(),
                run: RunKey(*run),
                op: *op,
                artifact: artifact.clone(),
                manifest: "{}".into(),
                created_at: 6,
            };
            format!("{:?}", store.register_model(&model))
        }
    }
}

/// Everything a reader can see, but for when artifacts were last used (the clock isn't the test's).
fn visible(store: &dyn Store) -> Vec<String> {
    let timeless = |artifact: ArtifactRow| ArtifactRow { last_used: 0, ..artifact };
    let mut seen = Vec::new();
    for run in store.runs(&RunFilter::default()).unwrap() {
        let outputs = store.outputs(run.key).unwrap().into_iter();
        let outputs: Vec<_> = outputs.map(|o| OutputRow { artifact: timeless(o.artifact), ..o }).collect();
        let tasks = store.tasks(run.key).unwrap().into_iter();
        // A task that was opened again changed when the clock says.
        let opened = |task: &TaskRow| task.state == TaskState::Retrying;
        let tasks = tasks.map(|t| TaskRow { changed_at: if opened(&t) { 0 } else { t.changed_at }, ..t });
        seen.push(format!("{:?}", tasks.collect::<Vec<_>>()));
        seen.push(format!("{:?}", store.attempts(run.key, None).unwrap()));
        seen.push(format!("{outputs:?}"));
        seen.push(format!("{run:?}"));
    }
    let artifacts = store.artifacts(&ArtifactFilter::default()).unwrap().into_iter();
    seen.push(format!("{:?}", artifacts.map(timeless).collect::<Vec<_>>()));
    let collectable = ArtifactFilter { collectable: true, ..ArtifactFilter::default() };
    let mut collectable: Vec<_> = store.artifacts(&collectable).unwrap().into_iter().map(|a| a.id).collect();
    collectable.sort();
    seen.push(format!("{collectable:?}"));
    let keys: Vec<_> = (0..6).map(key).collect();
    seen.push(format!("{:?}", found(store, &keys)));
    seen.push(format!("{:?}", store.has_self_hash(&keys).unwrap()));
    seen.push(format!("{:?}", store.past_usage(&["h1".into(), "h2".into()]).unwrap()));
    let models = store.model_versions(None).unwrap().into_iter();
    seen.push(format!("{:?}", models.map(|m| (m.name, m.version, m.run_id, m.op, m.artifact.id)).collect::<Vec<_>>()));
    seen
}

/// What holds in every state: one result per task, running attempts only under running tasks.
fn check_rows(store: &dyn Store) {
    for run in store.runs(&RunFilter::default()).unwrap() {
        let tasks = store.tasks(run.key).unwrap();
        for attempt in store.attempts(run.key, None).unwrap() {
            let task = tasks.iter().find(|task| task.op == attempt.op).expect("an attempt has a task");
            let newest_running = task.state == TaskState::Running && task.attempt_no == attempt.attempt_no;
            assert_eq!(attempt.state == AttemptState::Running, newest_running, "{task:?} {attempt:?}");
            let won = task.state == TaskState::Success && task.attempt_no == attempt.attempt_no;
            assert_eq!(attempt.state == AttemptState::Success, won, "{task:?} {attempt:?}");
        }
        for output in store.outputs(run.key).unwrap() {
            let task = tasks.iter().find(|task| task.op == output.op).expect("an output has a task");
            assert!(matches!(task.state, TaskState::Success | TaskState::Cached), "{task:?} {output:?}");
        }
        assert!(tasks.iter().all(|task| task.seq <= run.seq));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_sqlite_agree(verbs in prop::collection::vec(verb(), 1..25)) {
        let home = Home::new();
        let memory = MemoryStore::new();
        let sqlite = home.owner().with_defect(Defect::SynchronousOff).expect("unsynced, to be faster");
        for store in [&memory as &dyn Store, &sqlite] {
            for run in 1..RUNS {
                new_run(store, &format!("first-{run}"));
            }
        }
        for verb in &verbs {
            prop_assert_eq!(carry_out(&memory, verb), carry_out(&sqlite, verb), "{:?}", verb);
            check_rows(&sqlite);
        }
        prop_assert_eq!(visible(&memory), visible(&sqlite));
        drop(sqlite);
        prop_assert_eq!(visible(&memory), visible(&home.owner()), "and so after opening it again");
    }
}
