//! What an operator costs the engine itself: a DAG in layers of 1,000 on an executor that does nothing, state in SQLite. `cargo run --release -p suanzi-dag-engine --example wide -- OPERATORS DIRECTORY`; `bench/workloads/wide.py` runs it.
//!
//! Prints one JSON object: seconds from the submission to the durable end, bytes of memory that the run added at most, successful attempts that the database has.

mod nothing;

use nothing::{Bench, Failure, layers};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use suanzi_dag_engine::{Resolution, RunEvent};
use suanzi_executor::NullExecutor;

const LAYER: usize = 1_000;
const SLOTS: u32 = 4;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let operators: usize = args.next().ok_or("how many operators?")?.parse()?;
    let directory = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let home = tempfile::tempdir_in(directory)?;
    let bench = Bench::new(home.path(), "wide", NullExecutor::new(SLOTS, Duration::ZERO))?;
    let text = layers(operators, LAYER);

    let before = status_bytes("VmRSS:")?;
    let began = Instant::now();
    let prepared = bench.prepared(&text)?;
    let resolution = Resolution::of(&prepared, bench.store.as_ref())?;
    let submitted = bench.engine.submit(&prepared, &resolution)?;
    let key = submitted.key;
    let mut ended = None;
    for event in submitted.events {
        if let RunEvent::RunEnded { state, .. } = event {
            ended = Some(state);
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let engine_bytes = status_bytes("VmHWM:")?.saturating_sub(before);
    bench.engine.shutdown();
    let tasks = bench.store.tasks(key)?;
    let successes = tasks.iter().filter(|task| task.state == suanzi_store::TaskState::Success).count();
    println!(
        "{}",
        serde_json::json!({
            "operators": operators, "seconds": seconds, "engine_bytes": engine_bytes, "successes": successes,
            "state": format!("{ended:?}"),
        })
    );
    Ok(())
}

/// A figure of `/proc/self/status`, in bytes.
fn status_bytes(name: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such figure")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
