//! A prepared DAG described for Python, which writes it as a script.

use crate::prepare::Prepared;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use suanzi_operator::bind::FileWhat;

/// The bound DAG as the Python side reads it (`suanzi.export.compose`): what is selected, in an order in which it can run.
pub fn for_script(prepared: &Prepared) -> Json {
    let ops = &prepared.document.dag.operators;
    let mut datasets = BTreeMap::new();
    let mut operators = Vec::new();
    for &at in &prepared.order {
        let at = at as usize;
        let bound = &prepared.bound.ops[at];
        if bound.disabled || !prepared.selected.ops[at] {
            continue;
        }
        let path_of = |param: &str| {
            prepared.files[at].iter().find(|f| f.param == param).map(|f| f.path.to_string_lossy().into_owned())
        };
        for file in &bound.files {
            if let (FileWhat::Dataset(id), Some(path)) = (&file.what, path_of(&file.param)) {
                datasets.insert(id.clone(), path);
            }
        }
        let files: BTreeMap<_, _> =
            prepared.files[at].iter().map(|f| (f.param.clone(), f.path.to_string_lossy().into_owned())).collect();
        let inputs: Vec<_> = bound
            .inputs
            .iter()
            .map(|i| json!({"name": i.name, "source": ops[i.source.0 as usize].id.to_string(), "output": i.source.1}))
            .collect();
        let spec = &bound.kind.spec;
        operators.push(json!({
            "id": ops[at].id.to_string(),
            "algo_name": spec.algo_name,
            "title": spec.name_en,
            "params": bound.params,
            "inputs": inputs,
            "outputs": spec.outputs.iter().map(|o| &o.name).collect::<Vec<_>>(),
            "files": files,
            "dir": bound.kind.origin.dir,
            "module": spec.module,
            "function": spec.function,
            "random": spec.random,
            "requirements": bound.requirements.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    }
    let name = prepared.identity.rsplit('/').next().unwrap_or_default();
    json!({"name": name, "seed": prepared.options.seed, "datasets": datasets, "operators": operators})
}
