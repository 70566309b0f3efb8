//! `suanzi export --python FILE`: the pipeline as a script of pandas and scikit-learn that runs alone.

use crate::args::ExportArgs;
use crate::fail::{Failure, INVALID};
use crate::session::{Session, read_document};
use crate::show;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use suanzi_dag_engine::Prepared;
use suanzi_operator::bind::FileWhat;

pub fn run(args: ExportArgs) -> Result<ExitCode, Failure> {
    let file = args.file.display().to_string();
    let document = read_document(&args.file)?;
    let session = Session::reader()?;
    let options = super::run::options(&args.dag, &args.file, &document, session.store.as_ref())?;
    let catalogue = session.catalogue(&options.operator_dirs)?;
    let prepared = session.prepare(&catalogue, document, &options, &file)?;
    show::warnings(&file, &prepared.bound.warnings);
    let python = &session.python;
    let mut command = Command::new(&python.path);
    command.args(["-W", "ignore", "-m", "suanzi.export"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    if let Some(path) = &python.python_path {
        command.env("PYTHONPATH", path);
    }
    let unusable = |error: std::io::Error| {
        Failure::invalid(format!("{} can't be used: {error}", python.path.display()))
            .hint("`suanzi doctor` says which interpreter is used, and why")
    };
    let mut child = command.env("PYTHONDONTWRITEBYTECODE", "1").spawn().map_err(unusable)?;
    let text = described(&prepared).to_string();
    // A child that ended already says why itself.
    let _ = child.stdin.take().map(|mut pipe| pipe.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(unusable)?;
    if !output.status.success() {
        return Ok(ExitCode::from(INVALID));
    }
    match &args.output {
        Some(path) => std::fs::write(path, &output.stdout).map_err(|error| {
            Failure::invalid(format!("{} can't be written: {error}", path.display())).hint("name a file in a directory")
        })?,
        None => std::io::stdout().lock().write_all(&output.stdout)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The bound DAG as the Python side reads it: `suanzi.export.compose`.
fn described(prepared: &Prepared) -> Json {
    let ops = &prepared.document.dag.operators;
    let mut datasets = BTreeMap::new();
    let mut operators = Vec::new();
    for &at in &prepared.order {
        let at = at as usize;
        let bound = &prepared.bound.ops[at];
        if bound.disabled {
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
        }));
    }
    let name = prepared.identity.rsplit('/').next().unwrap_or_default();
    json!({"name": name, "seed": prepared.options.seed, "datasets": datasets, "operators": operators})
}
