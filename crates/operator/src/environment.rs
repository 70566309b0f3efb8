//! `env` of an operator: the Python requirements it has in this DAG, besides those that its kind declares.

use crate::catalogue::Kind;
use crate::placement::LOCAL;
use crate::places::Places;
use crate::quote::Quoted;
use crate::report::Report;
use crate::requirement::{PythonRequirement, read_all, together};
use crate::scheduling::kind as kind_of;
use suanzi_dag::{Fault, Operator, Value};

const FORM: &str = "write a list of packages with their versions: `env: [\"lightgbm==4.5.0\"]`";

/// Those of the kind and of the DAG together.
pub(crate) fn requirements(
    at: u32,
    operator: &Operator,
    kind: &Kind,
    places: &dyn Places,
    report: &mut Report,
) -> Vec<PythonRequirement> {
    // The catalogue took the kind only with requirements that read.
    let own = read_all(kind.spec.requirements.iter().map(String::as_str)).unwrap_or_default();
    match of_dag(operator.env.as_ref()) {
        Ok(of_dag) => together(&own, &of_dag),
        Err((message, hint)) => {
            report.fault(operator.disabled, || {
                let place = places.place_of_field(at, "env").or_else(|| places.place_of_operator(at));
                let message = format!("{}: {message}", Quoted(&operator.id.0));
                Fault::new("bad_requirement", message).hint(hint).at(place).operator(operator.id.to_string())
            });
            own
        }
    }
}

/// Only workers of Suanzi's own run in environments that it makes.
pub(crate) fn check_executor(at: u32, operator: &Operator, executor: &str, places: &dyn Places, report: &mut Report) {
    if executor == LOCAL {
        return;
    }
    report.fault(operator.disabled, || {
        let place = ["env", "executor", "data_type"].iter().find_map(|field| places.place_of_field(at, field));
        let message = format!(
            "{} has Python requirements, and {} makes no environments",
            Quoted(&operator.id.0),
            Quoted(executor)
        );
        Fault::new("environment_unsupported", message)
            .hint("let it run on `local`, or install the packages on the platform and leave the requirements out")
            .at(place.or_else(|| places.place_of_operator(at)))
            .operator(operator.id.to_string())
    });
}

fn of_dag(env: Option<&Value>) -> Result<Vec<PythonRequirement>, (String, String)> {
    let items = match env {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::List(items)) => items,
        Some(other) => return Err((format!("`env` must be a list, not {}", kind_of(other)), FORM.into())),
    };
    let mut texts = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        match item {
            Value::Str(text) => texts.push(text.as_str()),
            other => {
                return Err((
                    format!("entry {} of `env` must be a string, not {}", at + 1, kind_of(other)),
                    FORM.into(),
                ));
            }
        }
    }
    read_all(texts.iter().copied()).map_err(|(at, error)| {
        let text = texts.get(at).copied().unwrap_or_default();
        (format!("entry {} of `env`, {}, is no requirement: {}", at + 1, Quoted(text), error.message), error.hint)
    })
}
