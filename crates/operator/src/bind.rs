//! Binds a DAG to the catalogue: every operator gets its kind, executor, parameters and inputs, or every fault is said.

use crate::catalogue::{Catalogue, Kind};
use crate::given::Given;
use crate::params::{BoundParams, bind_params};
use crate::placement;
use crate::places::Places;
use crate::ports::{Incoming, Ports, left_out};
use crate::quote::{Quoted, listed};
use crate::report::Report;
use crate::requirement::PythonRequirement;
use crate::{environment, notes, scheduling};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;
use suanzi_dag::{Dag, Fault, Faults, Operator};

/// What is configured, and asked for on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindOptions {
    /// `--executor`.
    pub executor_flag: Option<String>,
    /// Names of the configured executors.
    pub executors: Vec<String>,
    /// Those of them that take any Python function: an operator that runs on `local` runs on these too.
    pub python_executors: Vec<String>,
    /// The executor that `distributed` means.
    pub default_distributed: Option<String>,
    /// Values for the DAG's parameters (`--param`), in place of the defaults that it declares.
    pub parameters: BTreeMap<String, Json>,
}

impl BindOptions {
    /// Of executors that all take Python, as every one that this program has does, but Spark's.
    pub fn on(executors: &[String]) -> BindOptions {
        let python = executors.iter().filter(|name| *name != placement::SPARK);
        BindOptions {
            executors: executors.to_vec(),
            python_executors: python.cloned().collect(),
            ..BindOptions::default()
        }
    }
}

impl Default for BindOptions {
    fn default() -> BindOptions {
        BindOptions {
            executor_flag: None,
            executors: vec![placement::LOCAL.to_owned()],
            python_executors: Vec::new(),
            default_distributed: None,
            parameters: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// In the order of `Dag::operators`.
    pub ops: Vec<BoundOp>,
    pub warnings: Faults,
}

#[derive(Debug, Clone, PartialEq)]
pub struct BoundOp {
    pub kind: Arc<Kind>,
    pub executor: String,
    /// Defaults filled in, sorted by name at every depth; equal values have one form (`C: 1` and `C: 1.0`).
    pub params: Map<String, Json>,
    /// The parameters that can change the result, as JSON text: without files (they count by content) and ignored ones.
    pub key_params: String,
    /// In port order, those of a variadic input one after the other. Nothing comes from operators that are left out.
    pub inputs: Vec<BoundInput>,
    pub files: Vec<FileParam>,
    /// Operators that must end first: sources of its edges and of the tables that models stand for; sorted, each once.
    pub predecessors: Vec<u32>,
    /// Distributions of an environment of its own, sorted; none: it runs in Suanzi's.
    pub requirements: Vec<PythonRequirement>,
    /// Left out of every run: marked `disabled`, or it requires the output of one that is.
    pub disabled: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundInput {
    /// The declared input's name.
    pub name: String,
    /// As delivered: the type of the source's output.
    pub port_type: String,
    /// Operator and output.
    pub source: (u32, u16),
    /// The model's output that the edge comes from, where `source` is the table it stands for.
    pub stands_for: Option<(u32, u16)>,
}

/// A file that a parameter names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileParam {
    pub param: String,
    pub what: FileWhat,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileWhat {
    /// The id of a registered data set.
    Dataset(String),
    /// A path as written; relative ones start where the DAG's file is.
    Path(String),
}

/// All faults at once, sorted by place; warnings come with them, or with the bound DAG.
///
/// Faults: `unknown_algorithm`, `dangling_edge`, `port_index`, `port_type`, `input_taken`, `missing_input`, `model_without_table`, `param_missing`, `param_unknown`, `parameter_unknown`, those of [`crate::accept`],
/// `executor_unknown`, `executor_unsupported`, `bad_requirement`, `environment_unsupported`, `more_faults`, those of [`crate::scheduling`] and [`crate::notes`]. Warnings: `model_stands_for_table`, `param_unknown`, `executor_kept`, and faults of disabled operators.
pub fn bind(dag: &Dag, places: &dyn Places, catalogue: &Catalogue, options: &BindOptions) -> Result<Bound, Faults> {
    let mut report = Report::default();
    scheduling::check(dag, places, &mut report);
    notes::check(dag, places, &mut report);
    let mut kinds = Vec::with_capacity(dag.operators.len());
    for (at, operator) in dag.operators.iter().enumerate() {
        let kind = catalogue.get(&operator.algo_name).cloned();
        if kind.is_none() {
            report.error(|| unknown_algorithm(at as u32, operator, places, catalogue));
        }
        kinds.push(kind);
    }
    let incoming = Incoming::new(dag, places, &mut report);
    let left_out = left_out(dag, &kinds, &incoming);
    let ports = Ports { dag, kinds: &kinds, incoming: &incoming, left_out: &left_out, places };
    let flag = placement::flag(options, &mut report);
    let given = Given::new(dag, &options.parameters, &mut report);
    let mut ops = Vec::with_capacity(dag.operators.len());
    for (at, operator) in dag.operators.iter().enumerate() {
        let Some(kind) = &kinds[at] else { continue };
        let op = at as u32;
        let BoundParams { params, key_params, files } = bind_params(op, operator, kind, &given, places, &mut report);
        let (inputs, predecessors) = ports.bind(op, &mut report);
        let requirements = environment::requirements(op, operator, kind, places, &mut report);
        // What asks for an environment stays where there are some, as what can't run on the flag's executor does.
        let flag = flag.as_deref().filter(|name| requirements.is_empty() || *name == placement::LOCAL);
        let executor = placement::place(op, operator, kind, options, flag, places, &mut report);
        if !requirements.is_empty() {
            environment::check_executor(op, operator, &executor, places, &mut report);
        }
        let disabled = left_out[at];
        ops.push(BoundOp {
            kind: kind.clone(),
            executor,
            params,
            key_params,
            inputs,
            files,
            predecessors,
            requirements,
            disabled,
        });
    }
    report.finish().map(|warnings| Bound { ops, warnings })
}

fn unknown_algorithm(at: u32, operator: &Operator, places: &dyn Places, catalogue: &Catalogue) -> Fault {
    let place = places.place_of_field(at, "algo_name").or_else(|| places.place_of_operator(at));
    let message = format!("{}: there is no algorithm {}", Quoted(&operator.id.0), Quoted(&operator.algo_name));
    let fault = Fault::new("unknown_algorithm", message).at(place).operator(operator.id.to_string());
    match catalogue.nearest(&operator.algo_name) {
        Some(meant) => fault.hint(format!("did you mean {}?", Quoted(meant))),
        None => fault.hint(format!("known: {}", listed(catalogue.iter().map(|k| &k.spec.algo_name)))),
    }
}
