//! An operator that does nothing, and an engine for it that has no Python: what is measured is the engine alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use suanzi_dag_engine::{
    CacheMode, Engine, EngineOptions, Environment, FileAccess, PrepareError, Prepared, Preparer, RunOptions, STOP_GRACE,
};
use suanzi_executor::NullExecutor;
use suanzi_operator::{Catalogue, Origin, read_manifest};
use suanzi_operator_engine::OperatorEngine;
use suanzi_store::{OpenMode, SqliteStore, Store};

pub type Failure = Box<dyn std::error::Error>;

const MANIFEST: &str = r#"{"manifest_version": 1, "source_hash": "", "operators": [{"algo_name": "nothing", "name_en": "", "name_zh": "", "category": "other", "doc_en": "", "doc_zh": "", "module": "m", "function": "f", "inputs": [{"name": "inputs", "type": "any", "required": false, "variadic": true, "model_stands_for_table": false, "doc_en": "", "doc_zh": ""}], "outputs": [{"name": "any", "type": "any", "doc_en": "", "doc_zh": ""}], "params": [], "deterministic": false, "random": false, "side_effects": false, "unknown_params": "refuse", "executors": ["local"]}]}"#;

pub struct Bench {
    pub store: Arc<dyn Store>,
    pub engine: Engine,
    catalogue: Catalogue,
}

impl Bench {
    /// An engine on the database in `home`, made where there is none.
    pub fn new(home: &Path, owner: &str, executor: NullExecutor) -> Result<Bench, Failure> {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&home.join("nothing.db"), OpenMode::Owner)?);
        let options = EngineOptions {
            artifacts: Arc::new(suanzi_artifact::LocalArtifacts::new(home)?),
            objects: None,
            first_is_here: true,
            owner: owner.into(),
            pools: BTreeMap::new(),
            stop_grace: STOP_GRACE,
        };
        let operators = Arc::new(OperatorEngine::new(vec![Arc::new(executor)]));
        let engine = Engine::start(options, store.clone(), operators);
        let mut catalogue = Catalogue::new();
        let origin = Origin { package: "nothing".into(), dir: None, code_hash: String::new() };
        catalogue.add(read_manifest(MANIFEST.as_bytes())?, origin)?;
        Ok(Bench { store, engine, catalogue })
    }

    pub fn prepared(&self, text: &str) -> Result<Prepared, Failure> {
        let document = suanzi_dag::read(text, &suanzi_dag::Limits::file()).map_err(|faults| faults.to_string())?;
        let preparer = Preparer {
            catalogue: &self.catalogue,
            environment: &Environment::default(),
            store: self.store.as_ref(),
            executors: &["local".into()],
            pools: &BTreeMap::new(),
            default_distributed: None,
            files: FileAccess::Any,
        };
        let options = RunOptions { cache: CacheMode::Bypass, ..RunOptions::default() };
        preparer.prepare(Arc::new(document), &options).map_err(|error: PrepareError| error.into())
    }
}

/// Layers of so many operators, each fed by the one above it.
pub fn layers(operators: usize, width: usize) -> String {
    let ids: Vec<String> = (0..operators).map(|n| format!("o{n}")).collect();
    let rels: serde_json::Map<String, serde_json::Value> = (0..operators.saturating_sub(width))
        .map(|n| {
            let to = serde_json::json!([{ "target": ids[n + width], "source_index": 0, "target_index": 0 }]);
            (ids[n].clone(), to)
        })
        .collect();
    let details: serde_json::Map<String, serde_json::Value> =
        ids.iter().map(|id| (id.clone(), serde_json::json!({ "algo_name": "nothing" }))).collect();
    serde_json::json!({ "dag": { "name": "nothing", "operator_list": ids, "operator_rels": rels, "operator_details": details } })
        .to_string()
}
