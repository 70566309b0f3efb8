//! Whether a declaration makes sense by itself, checked once when it enters the catalogue: binding can rely on it.

use crate::accept::accept;
use crate::canonical::from_json;
use crate::manifest::{OperatorSpec, ParamSpec, Partition};
use crate::requirement::read_all;
use std::collections::BTreeSet;

pub(crate) const PORT_TYPES: [&str; 10] =
    ["data", "model", "transform", "estimator", "metrics", "report", "file", "model_ref", "endpoint", "any"];
pub(crate) const PARAM_KINDS: [&str; 13] = [
    "integer", "number", "boolean", "string", "column", "columns", "choice", "list", "map", "any", "code", "dataset",
    "path",
];
/// A list's items may be of these: a file in a list would have no name to be resolved under.
const ITEM_KINDS: [&str; 8] = ["integer", "number", "boolean", "string", "column", "choice", "map", "any"];
const MAX_ALGO_NAME_BYTES: usize = 256;
/// Ports are numbered in 16 bits.
const MAX_PORTS: usize = u16::MAX as usize;

/// What is wrong with a declaration, in words; the caller says of which operator.
pub(crate) fn check_spec(spec: &OperatorSpec) -> Result<(), String> {
    let name = &spec.algo_name;
    if name.is_empty() || name.len() > MAX_ALGO_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(format!("its algo_name must have 1 to {MAX_ALGO_NAME_BYTES} bytes and no control characters"));
    }
    if spec.module.is_empty() || spec.function.is_empty() {
        return Err("it names no module and function".into());
    }
    if !["refuse", "ignore"].contains(&spec.unknown_params.as_str()) {
        return Err(format!("unknown_params is '{}', not 'refuse' or 'ignore'", spec.unknown_params));
    }
    if spec.executors.is_empty() {
        return Err("it runs on no executor".into());
    }
    if let Err((at, error)) = read_all(spec.requirements.iter().map(String::as_str)) {
        let text = spec.requirements.get(at).map_or("", String::as_str);
        return Err(format!("requirement '{text}': {error}: {}", error.hint));
    }
    check_ports(spec)?;
    if let Some(partition) = &spec.partition {
        check_partition(spec, partition)?;
    }
    unique("parameters", spec.params.iter().map(|p| p.name.as_str()))?;
    spec.params
        .iter()
        .try_for_each(|param| check_param(param).map_err(|what| format!("parameter '{}': {what}", param.name)))
}

fn check_ports(spec: &OperatorSpec) -> Result<(), String> {
    if spec.inputs.len() > MAX_PORTS || spec.outputs.len() > MAX_PORTS {
        return Err(format!("it has more than {MAX_PORTS} ports"));
    }
    unique("inputs", spec.inputs.iter().map(|i| i.name.as_str()))?;
    unique("outputs", spec.outputs.iter().map(|o| o.name.as_str()))?;
    for (at, input) in spec.inputs.iter().enumerate() {
        known_port(&input.name, &input.port_type)?;
        if input.variadic && at + 1 != spec.inputs.len() {
            return Err(format!("input '{}' is variadic and not the last", input.name));
        }
        if input.model_stands_for_table && input.port_type != "data" {
            return Err(format!("input '{}' takes no tables, so a model can't stand for one", input.name));
        }
    }
    for output in &spec.outputs {
        known_port(&output.name, &output.port_type)?;
        if output.trained_on.is_some_and(|input| usize::from(input) >= spec.inputs.len()) {
            return Err(format!("output '{}' is trained on an input that doesn't exist", output.name));
        }
    }
    Ok(())
}

fn check_partition(spec: &OperatorSpec, partition: &Partition) -> Result<(), String> {
    if !["map", "combine"].contains(&partition.how.as_str()) {
        return Err(format!("it works on pieces by '{}', not 'map' or 'combine'", partition.how));
    }
    let cut = spec.inputs.iter().find(|input| input.name == partition.input);
    if !cut.is_some_and(|input| input.port_type == "data" && input.required && !input.variadic) {
        return Err(format!("it works on pieces of '{}', which is no input for one table", partition.input));
    }
    Ok(())
}

fn known_port(name: &str, port_type: &str) -> Result<(), String> {
    if PORT_TYPES.contains(&port_type) {
        Ok(())
    } else {
        Err(format!("port '{name}' has the unknown type '{port_type}'"))
    }
}

fn check_param(param: &ParamSpec) -> Result<(), String> {
    if !PARAM_KINDS.contains(&param.kind.as_str()) {
        return Err(format!("its kind '{}' is unknown", param.kind));
    }
    let items = param.items.as_deref();
    if let Some(items) = items
        && !ITEM_KINDS.contains(&items)
    {
        return Err(format!("its items can't be of kind '{items}'"));
    }
    if (param.kind == "choice" || items == Some("choice")) && param.choices.is_empty() {
        return Err("it has no choices".into());
    }
    if param.ignored && !param.legacy {
        return Err("only a legacy parameter can be ignored".into());
    }
    if param.required || param.legacy || param.default.is_null() {
        return Ok(());
    }
    accept(param, &from_json(&param.default))
        .map(|_| ())
        .map_err(|fault| format!("its default isn't allowed: {}", fault.message))
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() {
            return Err(format!("one of its {what} has no name"));
        }
        if !seen.insert(name) {
            return Err(format!("two of its {what} are called '{name}'"));
        }
    }
    Ok(())
}
