//! What an operator costs the engine itself: a DAG in layers of 1,000 on an executor that does nothing, state in SQLite. `cargo run --release -p suanzi-dag-engine --example wide -- OPERATORS DIRECTORY`; `bench/workloads/wide.py` runs it.
//!
//! Prints one JSON object: seconds from the submission to the durable end, bytes of memory that the run added at most, successful attempts that the database has.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use suanzi_dag_engine::{
    CacheMode, Engine, EngineOptions, Environment, FileAccess, Preparer, Resolution, RunEvent, RunOptions, STOP_GRACE,
};
use suanzi_executor::NullExecutor;
use suanzi_operator::{Catalogue, Origin, read_manifest};
use suanzi_operator_engine::OperatorEngine;
use suanzi_store::{OpenMode, SqliteStore, Store};

type Failure = Box<dyn std::error::Error>;

const LAYER: usize = 1_000;
const SLOTS: u32 = 4;
const MANIFEST: &str = r#"{"manifest_version": 1, "source_hash": "", "operators": [{"algo_name": "nothing", "name_en": "", "name_zh": "", "category": "other", "doc_en": "", "doc_zh": "", "module": "m", "function": "f", "inputs": [{"name": "inputs", "type": "any", "required": false, "variadic": true, "model_stands_for_table": false, "doc_en": "", "doc_zh": ""}], "outputs": [{"name": "any", "type": "any", "doc_en": "", "doc_zh": ""}], "params": [], "deterministic": false, "random": false, "side_effects": false, "unknown_params": "refuse", "executors": ["local"]}]}"#;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let operators: usize = args.next().ok_or("how many operators?")?.parse()?;
    let directory = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let home = tempfile::tempdir_in(directory)?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&home.path().join("wide.db"), OpenMode::Owner)?);
    let executor = NullExecutor::new(SLOTS, Duration::ZERO);
    let engine = Engine::start(
        EngineOptions {
            artifact_dir: home.path().to_path_buf(),
            owner: "wide".into(),
            pools: BTreeMap::new(),
            stop_grace: STOP_GRACE,
        },
        store.clone(),
        Arc::new(OperatorEngine::new(vec![Arc::new(executor)])),
    );
    let mut catalogue = Catalogue::new();
    let origin = Origin { package: "wide".into(), dir: None, code_hash: String::new() };
    catalogue.add(read_manifest(MANIFEST.as_bytes())?, origin)?;
    let text = layers(operators);

    let before = status_bytes("VmRSS:")?;
    let began = Instant::now();
    let document = Arc::new(suanzi_dag::read(&text, &suanzi_dag::Limits::file()).map_err(|faults| faults.to_string())?);
    let preparer = Preparer {
        catalogue: &catalogue,
        environment: &Environment::default(),
        store: store.as_ref(),
        executors: &["local".into()],
        pools: &BTreeMap::new(),
        default_distributed: None,
        files: FileAccess::Any,
    };
    let options = RunOptions { cache: CacheMode::Bypass, ..RunOptions::default() };
    let prepared = preparer.prepare(document, &options)?;
    let resolution = Resolution::of(&prepared, store.as_ref())?;
    let submitted = engine.submit(&prepared, &resolution)?;
    let key = submitted.key;
    let mut ended = None;
    for event in submitted.events {
        if let RunEvent::RunEnded { state, .. } = event {
            ended = Some(state);
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let engine_bytes = status_bytes("VmHWM:")?.saturating_sub(before);
    engine.shutdown();
    let successes = store.tasks(key)?.iter().filter(|task| task.state == suanzi_store::TaskState::Success).count();
    println!(
        "{}",
        serde_json::json!({
            "operators": operators, "seconds": seconds, "engine_bytes": engine_bytes, "successes": successes,
            "state": format!("{ended:?}"),
        })
    );
    Ok(())
}

/// Layers of [`LAYER`] operators, each fed by the one above it.
fn layers(operators: usize) -> String {
    let ids: Vec<String> = (0..operators).map(|n| format!("o{n}")).collect();
    let rels: serde_json::Map<String, serde_json::Value> = (0..operators.saturating_sub(LAYER))
        .map(|n| {
            let to = serde_json::json!([{ "target": ids[n + LAYER], "source_index": 0, "target_index": 0 }]);
            (ids[n].clone(), to)
        })
        .collect();
    let details: serde_json::Map<String, serde_json::Value> =
        ids.iter().map(|id| (id.clone(), serde_json::json!({ "algo_name": "nothing" }))).collect();
    serde_json::json!({ "dag": { "name": "wide", "operator_list": ids, "operator_rels": rels, "operator_details": details } })
        .to_string()
}

/// A figure of `/proc/self/status`, in bytes.
fn status_bytes(name: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such figure")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
