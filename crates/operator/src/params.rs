//! Binds one operator's parameters to what its kind declares.

use crate::accept::accept;
use crate::bind::{FileParam, FileWhat};
use crate::canonical::{canonical, from_json};
use crate::catalogue::Kind;
use crate::given::Given;
use crate::manifest::ParamSpec;
use crate::nearest::nearest;
use crate::places::Places;
use crate::quote::{Quoted, Shown, listed};
use crate::report::Report;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use suanzi_dag::{Fault, Operator, Place};

/// Faults of one operator that say their parameter's own place; each costs a look through the operator's text, which may be all of the file. Further ones stand where the operator does.
const MAX_PLACED_FAULTS: u32 = 100;

#[derive(Debug, Default)]
pub(crate) struct BoundParams {
    pub params: Map<String, Json>,
    pub key_params: String,
    pub files: Vec<FileParam>,
}

pub(crate) fn bind_params(
    at: u32,
    operator: &Operator,
    kind: &Kind,
    given: &Given<'_>,
    places: &dyn Places,
    report: &mut Report,
) -> BoundParams {
    let spec = &kind.spec;
    let mut bound: BTreeMap<&str, (Json, &ParamSpec)> = BTreeMap::new();
    let mut placed = 0;
    let mut place = |name: &str| {
        placed += 1;
        let own = if placed <= MAX_PLACED_FAULTS { places.place_of_param(at, name) } else { None };
        own.or_else(|| places.place_of_operator(at))
    };
    for (name, value) in &operator.params {
        let Some(param) = spec.params.iter().find(|p| p.name == *name) else {
            unknown(operator, kind, name, &mut place, report);
            continue;
        };
        let value = match given.fill(value) {
            Ok(value) => value,
            Err(found) => {
                report.fault(operator.disabled, || {
                    let message = format!("{}: {}", Quoted(name), found.message);
                    let fault = Fault::new("parameter_unknown", message).hint(found.hint);
                    fault.at(place(name)).operator(operator.id.to_string())
                });
                continue;
            }
        };
        match accept(param, &value) {
            Ok(json) => {
                bound.insert(&param.name, (json, param));
            }
            Err(fault) => report.fault(operator.disabled, || {
                let fault = if fault.hint.is_none() { fault.hint(about(param)) } else { fault };
                fault.at(place(name)).operator(operator.id.to_string())
            }),
        }
    }
    for param in &spec.params {
        if bound.contains_key(param.name.as_str()) || param.legacy {
            continue;
        }
        if !param.required {
            bound.insert(&param.name, (default_of(param), param));
        } else if !operator.params.iter().any(|(name, _)| *name == param.name) {
            let place = || places.place_of_field(at, "params").or_else(|| places.place_of_operator(at));
            report.fault(operator.disabled, || missing(operator, kind, param).at(place()));
        }
    }
    finish(bound)
}

/// The default in the form in which a written value would be bound, so that writing it out changes no key.
fn default_of(param: &ParamSpec) -> Json {
    let default = from_json(&param.default);
    accept(param, &default).unwrap_or_else(|_| canonical(&default))
}

fn finish(bound: BTreeMap<&str, (Json, &ParamSpec)>) -> BoundParams {
    let mut result = BoundParams::default();
    let mut key = Map::new();
    for (name, (json, param)) in bound {
        match (param.kind.as_str(), &json) {
            // By content, through the files of the key.
            ("dataset", Json::String(id)) => {
                result.files.push(FileParam { param: name.to_owned(), what: FileWhat::Dataset(id.clone()) });
            }
            ("path", Json::String(path)) => {
                result.files.push(FileParam { param: name.to_owned(), what: FileWhat::Path(path.clone()) });
            }
            _ if param.legacy && param.ignored => {}
            _ => {
                key.insert(name.to_owned(), json.clone());
            }
        }
        result.params.insert(name.to_owned(), json);
    }
    result.key_params = Json::Object(key).to_string();
    result
}

fn unknown(
    operator: &Operator,
    kind: &Kind,
    name: &str,
    place: &mut dyn FnMut(&str) -> Option<Place>,
    report: &mut Report,
) {
    let spec = &kind.spec;
    let ignored = spec.unknown_params == "ignore";
    let fault = || {
        let known = || spec.params.iter().filter(|p| !p.legacy).map(|p| p.name.as_str());
        let hint = match nearest(name, known()) {
            Some(meant) => format!("did you mean {}?", Quoted(meant)),
            None if spec.params.is_empty() => "it has no parameters".to_owned(),
            None => format!("it has: {}", listed(known())),
        };
        let end = if ignored { ": it is ignored" } else { "" };
        let message = format!("{} has no parameter {}{end}", Quoted(&spec.algo_name), Quoted(name));
        Fault::new("param_unknown", message).hint(hint).at(place(name)).operator(operator.id.to_string())
    };
    report.fault(operator.disabled || ignored, fault);
}

fn missing(operator: &Operator, kind: &Kind, param: &ParamSpec) -> Fault {
    let message =
        format!("{} ({}) needs the parameter {}", Quoted(&operator.id.0), kind.spec.algo_name, Quoted(&param.name));
    let fault = Fault::new("param_missing", message).operator(operator.id.to_string());
    fault.hint(format!("add `{}:` to its params: {}", param.name, meaning(param)))
}

/// The hint of a fault that knows no better one: what the parameter is for, and how to do without it.
fn about(param: &ParamSpec) -> String {
    let default = || Shown(&from_json(&param.default)).to_string();
    match (param.required, param.help_en.as_str()) {
        (true, _) => meaning(param),
        (false, "") => format!("leave it out to get {}", default()),
        (false, help) => format!("{help} (leave it out to get {})", default()),
    }
}

fn meaning(param: &ParamSpec) -> String {
    match (param.help_en.as_str(), param.label_en.as_str()) {
        ("", "") => format!("a value of kind {}", param.kind),
        ("", label) => label.to_owned(),
        (help, _) => help.to_owned(),
    }
}
