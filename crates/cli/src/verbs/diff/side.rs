//! One of the two runs: its DAG, options, report and outputs.

use crate::fail::Failure;
use crate::session::Session;
use crate::show::{self, report::RunReport};
use std::collections::HashMap;
use suanzi_dag::{Document, Limits, Operator, topological_order};
use suanzi_dag_engine::RunOptions;
use suanzi_store::{ArtifactRow, RunRow};

pub struct Side {
    pub run: RunRow,
    pub document: Document,
    pub options: RunOptions,
    pub report: RunReport,
    /// By operator id and port.
    pub outputs: HashMap<(String, u16), ArtifactRow>,
    by_id: HashMap<String, usize>,
}

impl Side {
    pub fn load(session: &Session, name: &str) -> Result<Side, Failure> {
        let store = session.store.as_ref();
        let run = show::find_run(store, name)?;
        let version =
            store.dag_version(run.dag_version)?.ok_or_else(|| Failure::invalid("the run's DAG version is gone"))?;
        let document =
            suanzi_dag::read(&version.source, &Limits::file()).map_err(|f| Failure::faults("the stored DAG", &f))?;
        let report = RunReport::load(store, &session.home, run.key)?;
        let options = serde_json::from_str(&run.config).unwrap_or_default();
        let id = |op: u32| document.dag.operators.get(op as usize).map(|op| op.id.to_string());
        let outputs =
            store.outputs(run.key)?.into_iter().filter_map(|o| Some(((id(o.op)?, o.port), o.artifact))).collect();
        let by_id = document.dag.operators.iter().enumerate().map(|(ix, op)| (op.id.to_string(), ix)).collect();
        Ok(Side { run, document, options, report, outputs, by_id })
    }

    pub fn operator(&self, id: &str) -> Option<&Operator> {
        self.document.dag.operators.get(*self.by_id.get(id)?)
    }

    /// Operator ids, each after those it reads from.
    pub fn in_order(&self) -> Vec<String> {
        let dag = &self.document.dag;
        let order = topological_order(dag.operators.len(), dag.edges.iter().map(|e| (e.source, e.target)));
        order.into_iter().map(|ix| dag.operators[ix as usize].id.to_string()).collect()
    }
}
