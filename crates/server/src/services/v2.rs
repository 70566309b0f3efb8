//! The Open Inference Protocol, version 2: a tensor for each column, or one of all.

use super::input::{Faults, Rows, refused, rows};
use super::routes::taken;
use super::worker::{About, Scores};
use crate::asked::At;
use crate::problem::Answer;
use crate::service::Service;
use axum::Json;
use axum::extract::{Request, State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use suanzi_api::{Code, Problem, ServiceRuntime, ServiceState};

/// Most levels of lists in a tensor's data.
const MAX_DEPTH: usize = 2;

type Shared = State<Arc<Service>>;

#[derive(Deserialize)]
struct Infer {
    #[serde(default)]
    id: Option<String>,
    inputs: Vec<Tensor>,
    #[serde(default)]
    outputs: Vec<Wanted>,
}

/// What a request says beside its rows.
struct Asked {
    id: Option<String>,
    /// Names of outputs; all of them where there are none.
    wanted: Vec<String>,
}

#[derive(Deserialize)]
struct Tensor {
    name: String,
    shape: Vec<u64>,
    datatype: String,
    data: Value,
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
}

pub(super) async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

/// Ready when every service is.
pub(super) async fn ready(State(service): Shared) -> Result<Json<Value>, Answer> {
    let views = service.services.list().await?;
    match views.iter().find(|view| view.state != ServiceState::Ready) {
        None => Ok(Json(json!({ "ready": true }))),
        Some(view) => {
            let said = format!("service '{}' doesn't answer yet", view.name);
            Err(Problem::new(Code::ServiceDown, said).hint(view.why.clone()).into())
        }
    }
}

pub(super) async fn model(State(service): Shared, At(name): At<String>) -> Result<Json<Value>, Answer> {
    let (row, model) = service.services.endpoint(&name)?.model().await?;
    let inputs =
        model.about.columns.iter().map(
            |column| json!({ "name": column.name, "datatype": datatype_of(column.r#type.as_deref()), "shape": [-1] }),
        );
    let outputs = model.about.outputs.iter();
    let outputs = outputs.map(|output| json!({ "name": output.name, "datatype": output.datatype, "shape": [-1] }));
    Ok(Json(json!({
        "name": name,
        "versions": [row.served.version.to_string()],
        "platform": match model.runtime() {
            ServiceRuntime::Onnx => "onnxruntime_onnx",
            ServiceRuntime::Python => "suanzi_python",
        },
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
    })))
}

pub(super) async fn model_ready(State(service): Shared, At(name): At<String>) -> Result<Json<Value>, Answer> {
    let view = service.services.show(&name).await?;
    match view.state {
        ServiceState::Ready => Ok(Json(json!({ "name": name, "ready": true }))),
        _ => {
            let said = format!("service '{name}' doesn't answer yet");
            Err(Problem::new(Code::ServiceDown, said).hint(view.why).into())
        }
    }
}

pub(super) async fn infer(
    State(service): Shared,
    At(name): At<String>,
    request: Request,
) -> Result<Json<Value>, Answer> {
    let endpoint = service.services.endpoint(&name)?;
    let entered = endpoint.enter()?;
    let body = taken(&service, request).await?;
    let (scored, Asked { id, wanted }) = entered.score(body, read).await?;
    let outputs = tensors(&scored.scores, scored.rows, &wanted)?;
    let version = scored.version.to_string();
    let mut answer = json!({ "model_name": name, "model_version": version, "outputs": outputs });
    if let Some(id) = id {
        answer["id"] = id.into();
    }
    Ok(Json(answer))
}

fn read(body: &[u8], about: &About) -> Result<(Rows, Asked), Problem> {
    let asked: Infer = serde_json::from_slice(body)
        .map_err(|e| Problem::new(Code::BadRequest, format!("the body is no inference request: {e}")))?;
    let rows = of_tensors(&asked.inputs, about)?;
    let wanted = asked.outputs.into_iter().map(|wanted| wanted.name).collect();
    Ok((rows, Asked { id: asked.id, wanted }))
}

/// Tensors named as columns, each with a value a row; or one tensor with all columns in the order of the model.
fn of_tensors(tensors: &[Tensor], about: &About) -> Result<Rows, Problem> {
    let mut faults = Faults::default();
    let mut flat = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let mut values = Vec::new();
        flatten(&tensor.data, 0, &mut values);
        let size = tensor.shape.iter().try_fold(1_u64, |size, length| size.checked_mul(*length));
        if size != Some(values.len() as u64) {
            let shape = tensor.shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
            let found = format!("its data has {} values", values.len());
            faults.add(None, Some(&tensor.name), format!("as many as its shape [{shape}] says"), &found);
        }
        if !is_datatype(&tensor.datatype) {
            let found = format!("its datatype is '{}'", tensor.datatype);
            faults.add(None, Some(&tensor.name), "BOOL, BYTES, FP16 to FP64, INT8 to INT64 or UINT8 to UINT64", &found);
        }
        flat.push(values);
    }
    faults.none()?;
    let width = about.columns.len();
    if let [tensor] = tensors
        && let [count, columns] = tensor.shape[..]
        && columns == width as u64
        && (width > 1 || about.columns[0].name != tensor.name)
    {
        return rows(about, count as usize, |row, column| flat[0].get(row * width + column).copied());
    }
    let mut faults = Faults::default();
    let mut places = Vec::with_capacity(width);
    for column in &about.columns {
        match tensors.iter().position(|tensor| tensor.name == column.name) {
            Some(at) => places.push(at),
            None => faults.add(None, Some(&column.name), "an input of this name", "it is missing"),
        }
    }
    faults.none()?;
    let count = places.first().map_or(0, |at| flat[*at].len());
    let mut faults = Faults::default();
    for at in places.iter().filter(|at| flat[**at].len() != count) {
        let found = format!("it has {} values", flat[*at].len());
        faults.add(None, Some(&tensors[*at].name), format!("{count}, as the first column has"), &found);
    }
    faults.none()?;
    if count == 0 {
        return Err(refused("the request has no rows", ""));
    }
    rows(about, count, |row, column| flat[places[column]].get(row).copied())
}

fn flatten<'a>(value: &'a Value, depth: usize, into: &mut Vec<&'a Value>) {
    match value {
        Value::Array(values) if depth < MAX_DEPTH => values.iter().for_each(|value| flatten(value, depth + 1, into)),
        value => into.push(value),
    }
}

fn tensors(scores: &Scores, count: usize, wanted: &[String]) -> Result<Vec<Value>, Problem> {
    if let Some(name) = wanted.iter().find(|name| !scores.contains_key(name.as_str())) {
        let has = scores.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(refused(format!("the model has no output '{name}'"), &format!("its outputs: {has}")));
    }
    let chosen = scores.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    Ok(chosen
        .map(|(name, values)| json!({ "name": name, "datatype": datatype(values), "shape": [count], "data": values }))
        .collect())
}

fn datatype(values: &Value) -> &'static str {
    let all = |is: fn(&Value) -> bool| values.as_array().is_some_and(|values| values.iter().all(is));
    match () {
        () if all(|v| v.is_boolean()) => "BOOL",
        () if all(|v| v.is_i64()) => "INT64",
        () if all(|v| v.is_number() || v.is_null()) => "FP64",
        () => "BYTES",
    }
}

/// As a column's type in the table that the model was trained on.
fn datatype_of(kind: Option<&str>) -> &'static str {
    match kind.unwrap_or_default().to_ascii_lowercase().as_str() {
        kind if kind.starts_with("int") || kind.starts_with("uint") => "INT64",
        kind if kind.starts_with("float") || kind.starts_with("double") => "FP64",
        kind if kind.starts_with("bool") => "BOOL",
        _ => "BYTES",
    }
}

fn is_datatype(name: &str) -> bool {
    matches!(
        name,
        "BOOL"
            | "BYTES"
            | "FP16"
            | "FP32"
            | "FP64"
            | "INT8"
            | "INT16"
            | "INT32"
            | "INT64"
            | "UINT8"
            | "UINT16"
            | "UINT32"
            | "UINT64"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use suanzi_api::ServiceColumn;

    fn of(inputs: Value) -> Result<Rows, Problem> {
        let column = |name: &str| ServiceColumn { name: name.into(), r#type: Some("int64".into()) };
        let about = About { columns: vec![column("a"), column("b")], ..About::default() };
        let tensors: Vec<Tensor> = serde_json::from_value(inputs).expect("tensors");
        of_tensors(&tensors, &about)
    }

    #[test]
    fn columns_and_matrices_are_the_same_rows() {
        let cells: Vec<u8> = [1_i64, 3, 2, 4].iter().flat_map(|n| n.to_le_bytes()).collect();
        let expected = Rows { count: 2, kinds: "ii".into(), texts: vec![], cells };
        for inputs in [
            json!([{"name": "b", "shape": [2], "datatype": "INT64", "data": [2, 4]},
                   {"name": "a", "shape": [2, 1], "datatype": "INT64", "data": [[1], [3]]}]),
            json!([{"name": "rows", "shape": [2, 2], "datatype": "INT64", "data": [1, 2, 3, 4]}]),
            json!([{"name": "rows", "shape": [2, 2], "datatype": "FP64", "data": [[1, 2], [3, 4]]}]),
        ] {
            assert_eq!(of(inputs.clone()).unwrap_or_else(|p| panic!("{inputs}: {p:?}")), expected, "{inputs}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_tensor_is_said_with_its_name() {
        let tensor = |name: &str, shape: Value, kind: &str, data: Value| json!({"name": name, "shape": shape, "datatype": kind, "data": data});
        for (inputs, said) in [
            (json!([]), "column 'a': it is missing"),
            (
                json!([tensor("a", json!([2]), "INT64", json!([1]))]),
                "its data has 1 values; expected as many as its shape [2]",
            ),
            (json!([tensor("a", json!([u64::MAX, 9]), "INT64", json!([1]))]), "as many as its shape"),
            (json!([tensor("a", json!([1]), "INT", json!([1]))]), "its datatype is 'INT'"),
            (json!([tensor("a", json!([1]), "INT64", json!([1]))]), "column 'b': it is missing"),
            (
                json!([tensor("a", json!([1]), "INT64", json!([1])), tensor("b", json!([2]), "INT64", json!([1, 2]))]),
                "column 'b': it has 2 values",
            ),
            (json!([tensor("r", json!([1, 2]), "BYTES", json!(["x", 1]))]), "row 0, column 'a': it is \"x\""),
            (json!([tensor("r", json!([0, 2]), "INT64", json!([]))]), "no rows"),
        ] {
            let problem = of(inputs.clone()).expect_err("refused");
            assert!(problem.detail.contains(said), "{inputs}: {}", problem.detail);
        }
    }

    #[test]
    fn outputs_are_chosen_by_name() {
        let scores = json!({"predict_result": ["x"], "predict_score": [0.5], "n": [1], "b": [true]});
        let scores = scores.as_object().expect("an object");
        let kinds: Vec<_> = tensors(scores, 1, &[]).expect("all").iter().map(|t| t["datatype"].clone()).collect();
        assert_eq!(kinds, ["BYTES", "FP64", "INT64", "BOOL"]);
        assert_eq!(tensors(scores, 1, &["n".into()]).expect("one").len(), 1);
        assert_eq!(tensors(scores, 1, &["none".into()]).expect_err("no such").code, Code::InvalidInput);
    }
}
