//! The first output, in the order of the graph, whose content differs between two runs: where a difference began.

use crate::diff::Side;
use crate::run::read_json;
use suanzi_api::{Divergence, TableDiff};
use suanzi_artifact::{ArtifactError, ArtifactKey, ArtifactStore};
use suanzi_store::ArtifactRow;

/// Differing rows that are shown.
const ROWS_SHOWN: usize = 10;

pub(crate) fn first(artifacts: &dyn ArtifactStore, before: &Side, after: &Side) -> Option<Divergence> {
    for id in after.in_order() {
        let mut ports: Vec<u16> = after.outputs.keys().filter(|(op, _)| *op == id).map(|(_, port)| *port).collect();
        ports.sort_unstable();
        for port in ports {
            let key = (id.clone(), port);
            let (Some(new), Some(old)) = (after.outputs.get(&key), before.outputs.get(&key)) else { continue };
            if new.id == old.id || !differs(artifacts, old, new) {
                continue;
            }
            let (table, note) = tables(artifacts, old, new);
            let readers = readers(after, &id, port);
            return Some(Divergence { readers, operator: id, port, port_type: new.port_type.clone(), table, note });
        }
    }
    None
}

/// Tables by content id, JSON by value, models by what they were made from: a pickle's bytes say nothing.
fn differs(artifacts: &dyn ArtifactStore, old: &ArtifactRow, new: &ArtifactRow) -> bool {
    match new.port_type.as_str() {
        "data" => match (&old.content_id, &new.content_id) {
            (Some(a), Some(b)) => a != b,
            _ => true,
        },
        "model" | "transform" | "estimator" => false,
        _ => match (read_json(old, artifacts), read_json(new, artifacts)) {
            (Some(a), Some(b)) => a != b,
            _ => old.bytes != new.bytes,
        },
    }
}

fn tables(artifacts: &dyn ArtifactStore, old: &ArtifactRow, new: &ArtifactRow) -> (Option<TableDiff>, Option<String>) {
    if new.port_type != "data" {
        return (None, None);
    }
    if !old.present || !new.present {
        return (None, Some("one of the tables was collected; run its operator again to see the rows".into()));
    }
    let file = |artifact: &ArtifactRow| artifacts.fetch(&ArtifactKey::parse(&artifact.path)?);
    let compared = || -> Result<_, ArtifactError> { suanzi_artifact::compare(&file(old)?, &file(new)?, ROWS_SHOWN) };
    match compared() {
        // The API's shape is that of the comparison.
        Ok(diff) => (serde_json::to_value(diff).ok().and_then(|diff| serde_json::from_value(diff).ok()), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

fn readers(side: &Side, id: &str, port: u16) -> Vec<String> {
    let operators = &side.document.dag.operators;
    let name = |op: u32| operators.get(op as usize).map(|op| op.id.to_string());
    let edges = side.document.dag.edges.iter().filter(|e| e.source_index == port);
    edges.filter(|e| name(e.source).as_deref() == Some(id)).filter_map(|e| name(e.target)).collect()
}
