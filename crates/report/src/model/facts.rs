//! The facts of one version.

use super::graph::{after, before};
use crate::{ReportError, document_of, read_json};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use suanzi_artifact::{ArtifactKey, ArtifactStore};
use suanzi_dag::{Dag, topological_order};
use suanzi_dag_engine::RunOptions;
use suanzi_store::{ArtifactRow, EpochMillis, ModelVersionRow, OutputRow, Store};

/// What a card tells and a comparison compares. As JSON it is what `suanzi.card` reads.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ModelFacts {
    pub name: String,
    pub version: u32,
    pub aliases: Vec<String>,
    pub registered_at_ms: EpochMillis,
    pub run_id: String,
    /// The one that registered it.
    pub operator: String,
    /// The one that made the model; none where the run's DAG can't be read any more.
    pub trainer: Option<String>,
    pub bytes: u64,
    pub dag: String,
    pub dag_version: u32,
    pub seed: u64,
    /// Fingerprint of the Python environment.
    pub environment: String,
    /// The DAG's own parameters, as the run had them.
    pub dag_parameters: BTreeMap<String, Value>,
    /// What was written down at registering.
    pub manifest: Value,
    pub metrics: Map<String, Value>,
    /// What leads to the model, each after what it reads.
    pub steps: Vec<Step>,
    /// Tables that come from outside.
    pub data: Vec<Table>,
    /// Files by their dataset's id or path, with their content's id.
    pub files: BTreeMap<String, String>,
    pub splits: Vec<Split>,
    /// What the model was trained on.
    pub training: Option<Table>,
    pub evaluations: Vec<Evaluation>,
    /// The reports of `feature_importance` on this model.
    pub importances: Vec<(String, Value)>,
}

/// An operator with the parameters it was given.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    pub operator: String,
    pub algo_name: String,
    pub params: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    pub operator: String,
    pub port: u16,
    pub rows: Option<u64>,
    pub content_id: Option<String>,
    /// Its file, while it is there.
    pub path: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Split {
    pub operator: String,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Part {
    pub port: u16,
    pub rows: Option<u64>,
    pub content_id: Option<String>,
}

/// Figures of predictions that follow from the model.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    pub operator: String,
    pub algo_name: String,
    pub params: Map<String, Value>,
    pub result: Value,
    /// The rows that were judged.
    pub table: Option<Table>,
}

/// Reads what is known of a version. A DAG that can't be read any more leaves the lineage empty.
///
/// # Errors
/// The database's.
pub fn model_facts(
    store: &dyn Store,
    artifacts: &dyn ArtifactStore,
    row: ModelVersionRow,
) -> Result<ModelFacts, ReportError> {
    let aliases = store.model_aliases(Some(&row.name))?.into_iter().filter(|alias| alias.version == row.version);
    let manifest: Value = serde_json::from_str(&row.manifest).unwrap_or_default();
    let mut facts = ModelFacts {
        aliases: aliases.map(|alias| alias.alias).collect(),
        name: row.name,
        version: row.version,
        registered_at_ms: row.created_at,
        run_id: row.run_id,
        bytes: row.artifact.bytes,
        metrics: manifest.get("metrics").and_then(Value::as_object).cloned().unwrap_or_default(),
        manifest,
        ..ModelFacts::default()
    };
    let Some(run) = store.run_by_id(&facts.run_id)? else { return Ok(facts) };
    let options: RunOptions = serde_json::from_str(&run.config).unwrap_or_default();
    facts.dag = run.dag_identity.clone();
    facts.dag_version = run.version;
    facts.seed = options.seed;
    facts.environment = options.basis.environment;
    facts.files = options.basis.files;
    let document = match document_of(store, &run) {
        Ok(document) => document,
        Err(ReportError::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(facts),
    };
    let defaults = document.dag.parameters.iter();
    facts.dag_parameters =
        defaults.map(|(name, value)| (name.clone(), serde_json::to_value(value).unwrap_or_default())).collect();
    facts.dag_parameters.extend(options.parameters);
    let lineage = Lineage { dag: &document.dag, outputs: store.outputs(run.key)?, artifacts };
    lineage.tell(row.op, &row.artifact, &mut facts);
    Ok(facts)
}

struct Lineage<'a> {
    dag: &'a Dag,
    outputs: Vec<OutputRow>,
    artifacts: &'a dyn ArtifactStore,
}

impl Lineage<'_> {
    fn tell(&self, registrar: u32, model: &ArtifactRow, facts: &mut ModelFacts) {
        facts.operator = self.id(registrar);
        let trainer = self.outputs.iter().find(|output| output.artifact.id == model.id).map(|output| output.op);
        let Some(trainer) = trainer else { return };
        facts.trainer = Some(self.id(trainer));
        let leading: BTreeSet<u32> = before(self.dag, &[trainer]).into_iter().chain([trainer]).collect();
        let edges = self.dag.edges.iter().map(|edge| (edge.source, edge.target));
        for op in topological_order(self.dag.operators.len(), edges).into_iter().filter(|op| leading.contains(op)) {
            facts.steps.push(self.step(op));
            let tables: Vec<Table> = self.tables(op).collect();
            if self.dag.edges.iter().all(|edge| edge.target != op) {
                facts.data.extend(tables);
            } else if tables.len() > 1 {
                let parts = tables.into_iter().map(|t| Part { port: t.port, rows: t.rows, content_id: t.content_id });
                facts.splits.push(Split { operator: self.id(op), parts: parts.collect() });
            }
        }
        facts.training = self.trained_on(trainer, &leading);
        // What predicts with the model, and what was handed to the registry beside it.
        let given = before(self.dag, &[registrar]);
        let following: BTreeSet<u32> = after(self.dag, &[trainer]).union(&given).copied().collect();
        for output in self.outputs.iter().filter(|output| following.contains(&output.op)) {
            self.judged(output, facts);
        }
    }

    /// The first table that the trainer reads; of a bundle, what its model was trained on.
    fn trained_on(&self, trainer: u32, leading: &BTreeSet<u32>) -> Option<Table> {
        let reads = |op: u32| {
            let mut edges: Vec<_> = self.dag.edges.iter().filter(|edge| edge.target == op).collect();
            edges.sort_by_key(|edge| edge.target_index);
            edges.into_iter().find_map(|edge| self.tables(edge.source).find(|t| t.port == edge.source_index))
        };
        let models = self.outputs.iter().filter(|o| leading.contains(&o.op) && o.artifact.port_type == "model");
        let inner = models.map(|output| output.op).find(|op| *op != trainer);
        inner.and_then(reads).or_else(|| reads(trainer))
    }

    fn judged(&self, output: &OutputRow, facts: &mut ModelFacts) {
        let Some(operator) = self.dag.operators.get(output.op as usize) else { return };
        let port_type = output.artifact.port_type.as_str();
        if port_type == "report" && operator.algo_name == "feature_importance" {
            facts.importances.extend(read_json(&output.artifact, self.artifacts).map(|r| (self.id(output.op), r)));
        }
        if port_type != "metrics" {
            return;
        }
        let Some(result) = read_json(&output.artifact, self.artifacts) else { return };
        if !result.get("metrics").is_some_and(Value::is_object) {
            return;
        }
        let table = self.dag.edges.iter().find(|edge| edge.target == output.op && edge.target_index == 0);
        let table = table.and_then(|edge| self.tables(edge.source).find(|t| t.port == edge.source_index));
        let Step { operator, algo_name, params } = self.step(output.op);
        facts.evaluations.push(Evaluation { operator, algo_name, params, result, table });
    }

    fn step(&self, op: u32) -> Step {
        let Some(operator) = self.dag.operators.get(op as usize) else {
            return Step { operator: String::new(), algo_name: String::new(), params: Map::new() };
        };
        let params = operator.params.iter();
        Step {
            operator: operator.id.to_string(),
            algo_name: operator.algo_name.clone(),
            params: params
                .map(|(name, value)| (name.clone(), serde_json::to_value(value).unwrap_or_default()))
                .collect(),
        }
    }

    fn tables(&self, op: u32) -> impl Iterator<Item = Table> {
        let tables = self.outputs.iter().filter(move |output| output.op == op && output.artifact.port_type == "data");
        tables.map(|OutputRow { op, port, artifact }| Table {
            operator: self.id(*op),
            port: *port,
            rows: artifact.rows,
            content_id: artifact.content_id.clone(),
            path: (artifact.present && !artifact.path.is_empty())
                .then(|| ArtifactKey::parse(&artifact.path).ok().map(|key| self.artifacts.shown(&key)))
                .flatten(),
        })
    }

    fn id(&self, op: u32) -> String {
        self.dag.operators.get(op as usize).map(|op| op.id.to_string()).unwrap_or_default()
    }
}
