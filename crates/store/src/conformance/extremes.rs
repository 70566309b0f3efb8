//! Large and odd values: every byte comes back.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    any_text_comes_back,
    all_bits_of_numbers_come_back,
    large_blobs_come_back,
    ten_thousand_records_in_one_batch,
    a_large_version_is_stored
];

/// Unicode beyond the basic plane, combining marks, quotes, NUL, line ends, right-to-left marks.
const ODD: &str = "算子 🧮 e\u{301} '\"\\ \0 \r\n\t \u{202e}txt; DROP TABLE runs; --";
const LARGE_BYTES: usize = 8 << 20;

fn any_text_comes_back(store: &dyn Store) {
    let mut version = version_of(ODD, ODD);
    version.operators[0].operator_id = ODD.into();
    let dag_version = store.put_dag_version(&version).unwrap();
    assert_eq!(store.dag_version(dag_version).unwrap().unwrap().source, ODD);
    let run =
        NewRun { run_id: ODD.into(), dag_version, config: ODD.into(), total: 1, token_seed: 0, created_at: i64::MIN };
    let key = store.create_run(&run, ODD).unwrap();
    assert_eq!(store.run_by_id(ODD).unwrap().unwrap().key, key);
    let filter = RunFilter { dag_identity: Some(ODD.into()), ..RunFilter::default() };
    assert_eq!(store.runs(&filter).unwrap()[0].config, ODD);
    let odd =
        NewArtifact { manifest: ODD.into(), identity: Some(ODD.into()), port_type: ODD.into(), ..artifact(ODD, 0) };
    let published = TaskResult { outputs: vec![odd], keys: vec![key_of_zeros()], self_hash: None };
    let mut end = succeeded(key, 0, 1, published, 2);
    if let StoreRecord::Ended { end, history_key, .. } = &mut end {
        (end.worker, end.failure, *history_key) = (ODD.into(), ODD.into(), ODD.into());
    }
    let records = vec![dispatched(key, 0, 1, 1), end];
    assert_eq!(store.apply(&batch(ODD, &[(key, 1)], records)).unwrap(), BatchOutcome::default());
    let hit = store.lookup(&[key_of_zeros()]).unwrap().remove(0).unwrap();
    assert_eq!((hit.run_id.as_str(), hit.outputs[0].1.id.0.as_str()), (ODD, ODD));
    assert_eq!(hit.outputs[0].1.identity.as_deref(), Some(ODD));
    assert_eq!(store.attempts(key, None).unwrap()[0].ended.as_ref().unwrap().worker, ODD);
    assert_eq!(store.past_usage(&[ODD.into()]).unwrap()[0].map(|usage| usage.wall_us), Some(500));
}

fn key_of_zeros() -> CacheKey {
    CacheKey([0; 32])
}

fn all_bits_of_numbers_come_back(store: &dyn Store) {
    let run = new_run(store, "r");
    let end = AttemptEnd {
        at: i64::MAX,
        wall_us: u64::MAX,
        cpu_us: u64::MAX - 1,
        peak_rss_bytes: 1 << 63,
        worker: String::new(),
        failure: String::new(),
        log_file: u64::MAX,
        log_start: u64::MAX,
        log_end: u64::MAX,
    };
    let wide = NewArtifact { port: u16::MAX, bytes: u64::MAX, rows: Some(u64::MAX), ..artifact("a", 0) };
    let result = TaskResult { outputs: vec![wide], keys: vec![], self_hash: None };
    write(
        store,
        run,
        vec![
            StoreRecord::Dispatched {
                run,
                op: u32::MAX,
                attempt_no: u32::MAX,
                token: u64::MAX,
                at: i64::MIN,
                seq: u64::MAX - 1,
            },
            StoreRecord::Ended {
                run,
                op: u32::MAX,
                attempt_no: u32::MAX,
                token: u64::MAX,
                state: AttemptState::Success,
                end: Box::new(end.clone()),
                task: TaskState::Success,
                failures: u32::MAX,
                result: Some(Box::new(result)),
                history_key: String::new(),
                seq: u64::MAX,
            },
        ],
    );
    let done = store.tasks(run).unwrap().remove(0);
    assert_eq!((done.op, done.attempt_no, done.failures, done.seq), (u32::MAX, u32::MAX, u32::MAX, u64::MAX));
    let attempt = store.attempts(run, Some(u32::MAX)).unwrap().remove(0);
    assert_eq!((attempt.token, attempt.dispatched_at, attempt.ended), (u64::MAX, i64::MIN, Some(end)));
    let output = store.outputs(run).unwrap().remove(0);
    assert_eq!((output.port, output.artifact.bytes, output.artifact.rows), (u16::MAX, u64::MAX, Some(u64::MAX)));
    assert_eq!(store.run(run).unwrap().unwrap().seq, u64::MAX);
}

fn large_blobs_come_back(store: &dyn Store) {
    let run = new_run(store, "r");
    let blob: Vec<u8> = (0..LARGE_BYTES).map(|n| ((n * 31) >> 3) as u8).collect();
    let text = "数".repeat(LARGE_BYTES / 3);
    let outputs = vec![
        NewArtifact { inline: Some(blob.clone()), ..artifact("blob", 0) },
        NewArtifact { inline: Some(vec![]), manifest: text.clone(), ..artifact("empty", 1) },
    ];
    let records =
        vec![dispatched(run, 0, 1, 1), succeeded(run, 0, 1, TaskResult { outputs, keys: vec![], self_hash: None }, 2)];
    write(store, run, records);
    let read = store.outputs(run).unwrap();
    assert!(read[0].artifact.inline.as_ref() == Some(&blob), "8 MiB come back as they were");
    assert_eq!(read[1].artifact.inline, Some(vec![]), "empty isn't absent");
    assert!(read[1].artifact.manifest == text);
}

fn ten_thousand_records_in_one_batch(store: &dyn Store) {
    let (run, other) = (new_run(store, "r"), new_run(store, "other"));
    let mut records = Vec::new();
    for op in 0..5_000_u32 {
        let of = if op % 2 == 0 { run } else { other };
        let mut cache_key = [0; 32];
        cache_key[..4].copy_from_slice(&op.to_le_bytes());
        let seq = u64::from(op) * 2;
        records.push(dispatched(of, op, 1, seq));
        records.push(succeeded(of, op, 1, result(&format!("a{op}"), &[CacheKey(cache_key)]), seq + 1));
    }
    let outcome = store.apply(&batch(OWNER, &[(run, 1), (other, 1)], records.clone())).unwrap();
    assert_eq!(outcome, BatchOutcome::default());
    let again = store.apply(&batch(OWNER, &[(run, 1), (other, 1)], records)).unwrap();
    assert_eq!(again.stale, (0..10_000).collect::<Vec<_>>());
    let tasks = store.tasks(run).unwrap();
    assert_eq!(tasks.len(), 2_500);
    assert!(tasks.windows(2).all(|pair| pair[0].op < pair[1].op));
    assert_eq!(store.outputs(other).unwrap().len(), 2_500);
    assert_eq!(store.run(other).unwrap().unwrap().seq, 9_999);
}

fn a_large_version_is_stored(store: &dyn Store) {
    let mut version = version_of("large", &"- 算子\n".repeat(100_000));
    version.operators = (0..100_000).map(operator).collect();
    version.relations =
        (1..100_000).map(|op| RelationRow { source: op - 1, source_index: 0, target: op, target_index: 0 }).collect();
    let key = store.put_dag_version(&version).unwrap();
    assert!(store.dag_version(key).unwrap().unwrap().source == version.source);
}
