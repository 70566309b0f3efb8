//! One of the two runs: its DAG, options, report and outputs.

use crate::fail::Failure;
use crate::session::Session;
use crate::show::{self, report::RunReport};
use std::collections::HashMap;
use suanzi_dag::{Document, Limits, Operator};
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
        let mut missing = vec![0u32; dag.operators.len()];
        for edge in &dag.edges {
            missing[edge.target as usize] += 1;
        }
        let mut order: Vec<usize> = (0..missing.len()).filter(|ix| missing[*ix] == 0).collect();
        let mut at = 0;
        while at < order.len() {
            let source = order[at];
            for edge in dag.edges.iter().filter(|e| e.source as usize == source) {
                missing[edge.target as usize] -= 1;
                if missing[edge.target as usize] == 0 {
                    order.push(edge.target as usize);
                }
            }
            at += 1;
        }
        order.into_iter().map(|ix| dag.operators[ix].id.to_string()).collect()
    }
}
