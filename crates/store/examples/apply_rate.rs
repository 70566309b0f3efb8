//! How many state changes per second SQLite commits, synced, by batch size: `cargo run -p suanzi-store --example apply_rate [DIRECTORY]`.
//!
//! Each task is a dispatch and an end (two changes) that publishes one artifact under one cache key. The second figure has only dispatches and ends without results.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use suanzi_store::*;

const OWNER: &str = "rate";
const TIME_PER_FIGURE: Duration = Duration::from_secs(2);

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let home = tempfile::tempdir_in(directory)?;
    let store = SqliteStore::open(&home.path().join("rate.db"), OpenMode::Owner)?;
    println!("{:>8} {:>14} {:>14}", "changes", "with result/s", "without/s");
    for changes in [1, 2, 100, 1_000, 10_000] {
        let with = rate(&store, &format!("with-{changes}"), changes, true)?;
        let without = rate(&store, &format!("without-{changes}"), changes, false)?;
        println!("{changes:>8} {with:>14.0} {without:>14.0}");
    }
    Ok(())
}

fn rate(store: &SqliteStore, run_id: &str, changes: usize, publish: bool) -> Result<f64> {
    let run = new_run(store, run_id)?;
    let (mut op, mut written, mut held) = (0_u32, 0_usize, Vec::new());
    let start = Instant::now();
    while start.elapsed() < TIME_PER_FIGURE {
        while held.len() < changes {
            held.extend(task(run, op, publish));
            op += 1;
        }
        let rest = held.split_off(changes);
        let batch = Batch { owner: OWNER.into(), runs: vec![(run, 1)], records: held };
        let outcome = store.apply(&batch)?;
        assert_eq!(outcome, BatchOutcome::default(), "every record is written");
        written += changes;
        held = rest;
    }
    Ok(written as f64 / start.elapsed().as_secs_f64())
}

fn new_run(store: &SqliteStore, run_id: &str) -> Result<RunKey> {
    let version = NewDagVersion {
        identity: "rate".into(),
        source: String::new(),
        source_hash: String::new(),
        operators: vec![],
        relations: vec![],
        created_at: 0,
    };
    let dag_version = store.put_dag_version(&version)?;
    let run =
        NewRun { run_id: run_id.into(), dag_version, config: "{}".into(), total: 0, token_seed: 0, created_at: 0 };
    store.create_run(&run, OWNER)
}

fn task(run: RunKey, op: u32, publish: bool) -> [StoreRecord; 2] {
    let token = scatter((run.0 << 32) | u64::from(op));
    let (at, seq) = (1_700_000_000_000 + i64::from(op), u64::from(op) * 2);
    let result = TaskResult {
        outputs: vec![NewArtifact {
            id: ArtifactId(format!("{}-{op}-1-0-{token:016x}", run.0)),
            port: 0,
            port_type: "data".into(),
            path: format!("{}/{op}-1-0-{token:016x}.arrow", run.0),
            inline: None,
            bytes: 1_000_000,
            rows: Some(30_000),
            manifest: r#"{"columns":["a","b","c"]}"#.into(),
            identity: None,
        }],
        keys: vec![hash(token)],
        self_hash: Some(hash(!token)),
    };
    let end = AttemptEnd { at, wall_us: 1_000, cpu_us: 900, worker: "worker-1".into(), ..AttemptEnd::default() };
    [
        StoreRecord::Dispatched { run, op, attempt_no: 1, token, at, seq },
        StoreRecord::Ended {
            run,
            op,
            attempt_no: 1,
            token,
            state: AttemptState::Success,
            end: Box::new(end),
            task: TaskState::Success,
            failures: 0,
            result: publish.then(|| Box::new(result)),
            history_key: format!("{:016x}", scatter(u64::from(op % 100))),
            seq: seq + 1,
        },
    ]
}

/// Splitmix: numbers as scattered as hashes are.
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn hash(number: u64) -> CacheKey {
    let mut bytes = [0; 32];
    for (part, word) in bytes.chunks_exact_mut(8).zip(0_u64..) {
        part.copy_from_slice(&scatter(number ^ (word << 56)).to_le_bytes());
    }
    CacheKey(bytes)
}
