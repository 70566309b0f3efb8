//! Models behind endpoints: answers, refusals, switches under load, processes that die.

use crate::http::{self, Answer};
use crate::pipeline::{ended, good};
use crate::server::{Server, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use suanzi_tests::{DagText, Op, Suanzi, repository};

const ROWS: usize = 200;
/// Threads that ask while versions are switched.
const ASKERS: usize = 4;

/// Ages with gaps, limits with decimals: what a GBDT takes.
const MAKE: &str = "\
import numpy as np, pandas as pd
def run(*inputs, params):
    random = np.random.default_rng(7)
    age = random.integers(20, 70, 200).astype('float64')
    limit = random.normal(1e5, 3e4, 200)
    bad = ((limit < 9e4) ^ (age > 50)).astype('int64')
    age[::17] = np.nan
    return pd.DataFrame({'limit': limit, 'age': age, 'late': random.integers(0, 5, 200), 'bad': bad})
";

/// Trains, registers a version of `credit-model`, and scores the table by it in the batch way.
fn dag(depth: u32) -> String {
    DagText::new("served")
        .op(Op::new("make", "python_script").param("code", MAKE))
        .op(Op::new("train", "gbdt").param("y_col", "bad").param("max_depth", depth).param("max_iter", 20))
        .op(Op::new("keep", "register_model").param("name", "credit-model"))
        .op(Op::new("batch", "batch_predict"))
        .edge("make", 0, "train", 0)
        .edge("train", 0, "keep", 0)
        .edge("keep", 0, "batch", 0)
        .edge("make", 0, "batch", 1)
        .yaml()
}

/// Registers a version; gives the rows it was scored on, with the scores that batch_predict gave.
#[track_caller]
fn registered(server: &Server, depth: u32) -> Vec<Value> {
    let run = ended(server, json!({ "source": dag(depth) }));
    let page = good(server, &format!("/api/v1/runs/{run}/tasks/batch/outputs/0/rows?limit={ROWS}"));
    let names: Vec<String> = page["columns"].as_array().expect("columns").iter().map(|c| text(&c["name"])).collect();
    let rows = page["rows"].as_array().expect("rows").iter();
    rows.map(|row| names.iter().cloned().zip(row.as_array().expect("a row").iter().cloned()).collect()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_string()
}

#[track_caller]
fn deploy(server: &Server, name: &str, asked: Value) -> Value {
    let answer = server.ask("PUT", &format!("/api/v1/services/{name}"), &asked.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn invoke(server: &Server, body: &Value) -> Answer {
    server.ask("POST", "/services/credit/invocations", &body.to_string())
}

fn shown(server: &Server) -> Value {
    good(server, "/api/v1/services/credit")
}

fn worker(server: &Server) -> Pid {
    let pid = shown(server)["pid"].as_i64().expect("a process");
    Pid::from_raw(pid.try_into().expect("a pid")).expect("a pid")
}

/// What computes the answers; the promises are the same.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Onnx,
    Python,
}

/// Served by Python processes alone.
const PYTHON: [&str; 2] = ["--onnxruntime", "off"];

impl By {
    fn server(self, suanzi: &Suanzi) -> Server<'_> {
        match self {
            By::Onnx => Server::start(suanzi, &[]),
            By::Python => Server::start(suanzi, &PYTHON),
        }
    }

    /// How far a score may be from the one that batch_predict gave.
    fn tolerance(self) -> f64 {
        if self == By::Onnx { 1e-6 } else { 0.0 }
    }

    fn is_near(self, found: &Value, expected: &Value) -> bool {
        let (one, other) = (found.as_f64().expect("a number"), expected.as_f64().expect("a number"));
        (one - other).abs() <= self.tolerance()
    }

    #[track_caller]
    fn same(self, found: &Value, expected: &Value) {
        assert!(self.is_near(found, expected), "{found} for {expected}");
    }
}

#[test]
fn a_model_in_python_answers_as_batch_predict_does_and_refuses_the_rest() {
    let suanzi = Suanzi::new();
    let server = By::Python.server(&suanzi);
    answers_and_refuses(By::Python, &server);
    too_many_requests_are_refused_and_those_under_way_answered(&server);
}

#[test]
fn a_model_in_onnx_answers_as_batch_predict_does_and_refuses_the_rest() {
    let suanzi = Suanzi::new();
    let server = By::Onnx.server(&suanzi);
    answers_and_refuses(By::Onnx, &server);
}

fn answers_and_refuses(by: By, server: &Server) {
    assert_eq!(invoke(server, &json!({})).status, 404);
    let scored = registered(server, 3);
    answers_are_those_of_batch_predict_in_every_form(by, server, &scored);
    the_guides_example_is_answered(server);
    what_a_model_does_not_take_is_said_by_row_and_column(server);
}

/// What computes, and in words why, as the API and the command tell it.
#[track_caller]
fn computed(server: &Server) -> (String, String) {
    let view = shown(server);
    let (runtime, note) = (text(&view["runtime"]), text(&view["runtime_note"]));
    let told = server.suanzi.run(["service", "show", "credit"]).success();
    let name = if runtime == "onnx" { "ONNX Runtime (" } else { "Python (" };
    assert!(told.stdout.contains(name) && told.stdout.contains(&note), "{told}");
    (runtime, note)
}

/// As one would paste it.
fn the_guides_example_is_answered(server: &Server) {
    let page = std::fs::read_to_string(repository::root().join("docs/guide/serving.md")).expect("the guide is there");
    let curl = page.split_once("curl ").expect("a request").1;
    let body = curl.split_once("-d '").and_then(|(_, rest)| rest.split_once('\'')).expect("a body").0;
    let path = curl.split_once(":8765").and_then(|(_, rest)| rest.split_once('\n')).expect("an address").0;
    let answer = server.ask("POST", path.trim(), body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = page.split_once("```json\n").and_then(|(_, rest)| rest.split_once("\n```")).expect("an answer").0;
    let told: Value = serde_json::from_str(told).expect("JSON");
    let keys = |answer: &Value| -> Vec<String> {
        answer["predictions"][0].as_object().expect("a row").keys().cloned().collect()
    };
    assert_eq!(keys(&answer.json()), keys(&told));
}

fn answers_are_those_of_batch_predict_in_every_form(by: By, server: &Server, scored: &[Value]) {
    // By the command: it attaches to the server.
    let view = server.suanzi.json(["service", "deploy", "credit", "--model", "credit-model", "--json"]);
    assert_eq!((&view["state"], &view["served"]["version"]), (&json!("ready"), &json!(1)), "{view}");
    assert_eq!(view["columns"][0], json!({ "name": "limit", "type": "float64" }), "{view}");
    let (runtime, note) = computed(server);
    match by {
        By::Onnx => assert!(runtime == "onnx" && note.contains("1000 rows scored both ways"), "{runtime}: {note}"),
        By::Python => assert!(runtime == "python" && note.contains("switched off"), "{runtime}: {note}"),
    }
    // A model that answers in the server needs no process.
    assert_eq!(view["pid"].is_null(), by == By::Onnx, "{view}");

    let records: Vec<Value> =
        scored.iter().map(|row| json!({ "late": row["late"], "age": row["age"], "limit": row["limit"] })).collect();
    let lists: Vec<Value> = scored.iter().map(|row| json!([row["limit"], row["age"], row["late"]])).collect();
    let column = |name: &str| scored.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    let columns = json!({ "limit": column("limit"), "age": column("age"), "late": column("late") });
    let names = json!(["limit", "age", "late"]);
    for body in [
        json!({ "dataframe_records": records }),
        json!({ "dataframe_split": { "columns": names, "data": lists } }),
        json!({ "instances": lists }),
        json!({ "inputs": columns }),
    ] {
        let answer = invoke(server, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let predictions = answer.json()["predictions"].as_array().expect("rows").clone();
        assert_eq!(predictions.len(), ROWS);
        for (row, found) in scored.iter().zip(predictions) {
            assert_eq!(found["predict_result"], row["predict_result"]);
            by.same(&found["predict_score"], &row["predict_score"]);
        }
    }

    let meta = good(server, "/v2/models/credit");
    assert_eq!((&meta["name"], &meta["versions"]), (&json!("credit"), &json!(["1"])), "{meta}");
    assert_eq!(meta["inputs"][2], json!({ "name": "late", "datatype": "INT64", "shape": [-1] }), "{meta}");
    let outputs: Vec<String> = meta["outputs"].as_array().expect("outputs").iter().map(|o| text(&o["name"])).collect();
    assert_eq!(outputs, ["predict_result", "predict_score"]);
    for path in ["/v2/health/live", "/v2/health/ready", "/v2/models/credit/ready"] {
        good(server, path);
    }
    let tensor = |name: &str, datatype: &str| json!({ "name": name, "shape": [ROWS], "datatype": datatype, "data": column(name) });
    let body = json!({
        "id": "seven",
        "inputs": [tensor("late", "INT64"), tensor("age", "FP64"), tensor("limit", "FP64")],
        "outputs": [{ "name": "predict_score" }],
    });
    let answer = server.ask("POST", "/v2/models/credit/infer", &body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!((&answer["id"], &answer["model_version"]), (&json!("seven"), &json!("1")), "{answer}");
    let output = &answer["outputs"][0];
    assert_eq!(answer["outputs"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(
        (&output["name"], &output["datatype"], &output["shape"]),
        (&json!("predict_score"), &json!("FP64"), &json!([ROWS]))
    );
    let data = output["data"].as_array().expect("data");
    assert_eq!(data.len(), ROWS);
    data.iter().zip(column("predict_score")).for_each(|(found, expected)| by.same(found, &expected));
    let traffic = &shown(server)["traffic"];
    assert_eq!((&traffic["requests"], &traffic["rows"]), (&json!(5), &json!(5 * ROWS)), "{traffic}");
    assert!(traffic["p50_us"].as_u64().is_some_and(|us| us > 0), "{traffic}");
}

fn what_a_model_does_not_take_is_said_by_row_and_column(server: &Server) {
    let answer = invoke(
        server,
        &json!({ "dataframe_records": [
            { "limit": 1, "age": null, "late": 0 },
            { "limit": "much", "late": 1 },
        ] }),
    );
    assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("invalid_input")), "{}", answer.body);
    let faults = answer.json()["faults"].clone();
    let places: Vec<_> =
        faults.as_array().expect("faults").iter().map(|f| (f["row"].clone(), f["field"].clone())).collect();
    assert_eq!(places, [(json!(1), json!("limit")), (json!(1), json!("age"))], "{faults}");
    assert_eq!(faults[0]["expected"], "a number, or null", "{faults}");
    let many: Vec<Value> = (0..10_001).map(|_| json!([1, 2, 3])).collect();
    for (body, status, said) in [
        ("nonsense".to_string(), 400, "isn't a JSON object"),
        (json!({ "rows": [] }).to_string(), 400, "is no form of input"),
        (json!({ "instances": [] }).to_string(), 422, "no rows"),
        (json!({ "instances": [[1, 2]] }).to_string(), 422, "row 0: it has 2 values"),
        (r#"{"instances": [[1, NaN, 3]]}"#.to_string(), 400, "isn't a JSON object"),
        (json!({ "instances": many }).to_string(), 422, "at most 10000"),
        (format!("{{\"instances\": \"{}\"}}", "x".repeat(9 << 20)), 413, "larger than 8 MiB"),
    ] {
        let answer = server.ask("POST", "/api/v1/services/credit/invocations", &body);
        assert_eq!(answer.status, status, "{said}: {}", answer.body);
        assert!(text(&answer.json()["detail"]).contains(said), "{said}: {}", answer.body);
    }
    for (method, path, body, status) in [
        ("PUT", "/api/v1/services/credit", json!({ "model": "none" }), 404),
        ("PUT", "/api/v1/services/credit", json!({ "model": "credit-model", "version": 9 }), 404),
        ("PUT", "/api/v1/services/-", json!({ "model": "credit-model" }), 400),
        ("PUT", "/api/v1/services/credit", json!({ "model": "credit-model", "concurrency": 0 }), 400),
        ("POST", "/api/v1/services/credit/roll-back", json!({}), 409),
        ("POST", "/v2/models/none/infer", json!({}), 404),
        ("POST", "/v2/models/credit/infer", json!({}), 400),
    ] {
        let answer = server.ask(method, path, &body.to_string());
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.body);
    }
    assert_eq!(http::ask(server.port, "POST", "/services/credit/invocations", &[], "{}").status, 401);
    assert_eq!(shown(server)["state"], "ready", "nothing of it harmed the model");
}

#[test]
fn versions_are_switched_and_rolled_back_under_load_without_a_failed_request() {
    let suanzi = Suanzi::new();
    switched_under_load(By::Python, &By::Python.server(&suanzi));
}

#[test]
fn versions_in_onnx_are_switched_under_load_without_a_failed_request() {
    let suanzi = Suanzi::new();
    switched_under_load(By::Onnx, &By::Onnx.server(&suanzi));
}

fn switched_under_load(by: By, server: &Server) {
    let old = registered(server, 1);
    let new = registered(server, 4);
    let scores = [&old, &new].map(|rows| rows[0]["predict_score"].clone());
    assert_ne!(scores[0], scores[1], "the versions can be told apart");
    deploy(server, "credit", json!({ "model": "credit-model", "version": 1 }));
    let body = json!({ "instances": [[old[0]["limit"], old[0]["age"], old[0]["late"]]] });
    let (over, answered) = (AtomicBool::new(false), [AtomicUsize::new(0), AtomicUsize::new(0)]);
    let waits = |version: usize| {
        let before = answered[version].load(Ordering::SeqCst);
        until("a version answers", || answered[version].load(Ordering::SeqCst) > before + 2 * ASKERS);
    };
    std::thread::scope(|scope| {
        for _ in 0..ASKERS {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let answer = invoke(server, &body);
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    let score = answer.json()["predictions"][0]["predict_score"].clone();
                    let version =
                        scores.iter().position(|known| by.is_near(&score, known)).expect("a score of a version");
                    answered[version].fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        waits(0);
        let view = deploy(server, "credit", json!({ "model": "credit-model" }));
        assert_eq!((&view["served"]["version"], &view["before"]["version"]), (&json!(2), &json!(1)), "{view}");
        // What was asked of the old one may be answered still; what is asked from now on isn't.
        by.same(&invoke(server, &body).json()["predictions"][0]["predict_score"], &scores[1]);
        waits(1);
        let back = server.ask("POST", "/api/v1/services/credit/roll-back", "").json();
        assert_eq!((&back["served"]["version"], &back["before"]["version"]), (&json!(1), &json!(2)), "{back}");
        by.same(&invoke(server, &body).json()["predictions"][0]["predict_score"], &scores[0]);
        waits(0);
        over.store(true, Ordering::SeqCst);
    });
    let traffic = shown(server)["traffic"].clone();
    assert_eq!((&traffic["failed"], &traffic["refused"]), (&json!(0), &json!(0)), "{traffic}");
}

fn too_many_requests_are_refused_and_those_under_way_answered(server: &Server) {
    deploy(server, "credit", json!({ "model": "credit-model", "concurrency": 2 }));
    let body = json!({ "instances": [[1, 2, 3]] });
    let held = worker(server);
    kill_process(held, Signal::STOP).expect("the process is there");
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..2).map(|_| scope.spawn(|| invoke(server, &body).status)).collect();
        until("both are under way", || shown(server)["in_flight"] == 2);
        let refused = invoke(server, &body);
        assert_eq!((refused.status, refused.json()["code"].clone()), (429, json!("service_busy")), "{}", refused.body);
        assert!(refused.header("retry-after").is_some(), "{}", refused.head);
        kill_process(held, Signal::CONT).expect("the process is there");
        for asked in asked {
            assert_eq!(asked.join().expect("no panic"), 200);
        }
    });
    assert_eq!(shown(server)["traffic"]["refused"], 1);
    assert_eq!(invoke(server, &body).status, 200);
}

#[test]
fn a_killed_process_comes_back_and_a_new_server_serves_what_the_old_one_did() {
    let suanzi = Suanzi::new();
    let server = By::Python.server(&suanzi);
    registered(&server, 2);
    deploy(&server, "credit", json!({ "model": "credit-model" }));
    let body = json!({ "instances": [[1, 2, 3]] });
    let held = worker(&server);
    kill_process(held, Signal::STOP).expect("the process is there");
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| invoke(&server, &body));
        until("it is under way", || shown(&server)["in_flight"] == 1);
        kill_process(held, Signal::KILL).expect("the process is there");
        let answer = asked.join().expect("no panic");
        assert_eq!((answer.status, answer.json()["code"].clone()), (503, json!("service_down")), "{}", answer.body);
        assert!(answer.header("retry-after").is_some(), "{}", answer.head);
    });
    // Waits for the process that is started again.
    until("it answers", || invoke(&server, &body).status == 200);
    let next = worker(&server);
    assert_ne!(next, held);
    server.kill();
    until("no process of the old server is left", || kill_process(next, Signal::CONT).is_err());

    // Whatever computes: here the other runtime.
    let server = By::Onnx.server(&suanzi);
    assert_eq!(invoke(&server, &body).status, 200, "the first request waits for the start");
    assert_eq!(computed(&server).0, "onnx");
    let removed = server.ask("DELETE", "/api/v1/services/credit", "");
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(invoke(&server, &body).status, 404);
    assert_eq!(good(&server, "/api/v1/services")["items"], json!([]));
}

/// A library that isn't one, and a model that has no ONNX form: Python answers, and it is said why.
#[test]
fn what_onnx_cannot_run_python_answers() {
    let suanzi = Suanzi::new();
    let library = suanzi.write("libonnxruntime.so", "no library");
    let server = Server::start(&suanzi, &["--onnxruntime", &library.to_string_lossy()]);
    let scored = registered(&server, 2);
    deploy(&server, "credit", json!({ "model": "credit-model" }));
    let (runtime, note) = computed(&server);
    assert!(runtime == "python" && note.contains("can't be opened"), "{runtime}: {note}");
    let ask = |server: &Server| {
        let answer =
            invoke(server, &json!({ "instances": [[scored[0]["limit"], scored[0]["age"], scored[0]["late"]]] }));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["predictions"][0]["predict_score"].clone()
    };
    By::Python.same(&ask(&server), &scored[0]["predict_score"]);
    server.kill();

    // Forests answer in ONNX where no value is missing, steps before a model in Python.
    let server = Server::start(&suanzi, &[]);
    ended(&server, json!({ "source": forests() }));
    for (model, runtime, said) in
        [("forest", "onnx", "rows with missing values go to Python"), ("bundle", "python", "steps before the model")]
    {
        deploy(&server, "credit", json!({ "model": model }));
        let (by, note) = computed(&server);
        assert!(by == runtime && note.contains(said), "{model}: {by}: {note}");
        for late in [json!(1), json!(null)] {
            let answer = invoke(&server, &json!({ "dataframe_records": [{ "limit": 9e4, "late": late }] }));
            assert_eq!(answer.status, 200, "{model}, {late}: {}", answer.body);
        }
        assert!(shown(&server)["pid"].is_i64(), "a process is there for what ONNX doesn't answer");
    }
}

/// Registers a `forest`, and a `bundle` of a step and a forest.
fn forests() -> String {
    DagText::new("forests")
        .op(Op::new("make", "python_script").param("code", MAKE))
        .op(Op::new("train", "random_forest")
            .param("y_col", "bad")
            .param("x_cols", ["limit", "late"])
            .param("n_estimators", 10))
        .op(Op::new("keep", "register_model").param("name", "forest"))
        .op(Op::new("scale", "scale_transform").param("columns", ["limit"]))
        .op(Op::new("retrain", "gbdt").param("y_col", "bad").param("x_cols", ["limit", "late"]).param("max_iter", 5))
        .op(Op::new("pack", "serving_pipeline"))
        .op(Op::new("keep2", "register_model").param("name", "bundle"))
        .edge("make", 0, "train", 0)
        .edge("train", 0, "keep", 0)
        .edge("make", 0, "scale", 0)
        .edge("scale", 0, "retrain", 0)
        .edge("retrain", 0, "pack", 0)
        .edge("make", 0, "pack", 1)
        .edge("scale", 1, "pack", 2)
        .edge("pack", 0, "keep2", 0)
        .yaml()
}

/// The example's run deploys what it registered: the service answers as its own prediction says, and a second run's version takes its place.
#[test]
fn a_run_deploys_what_it_registered() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let source = std::fs::read_to_string(repository::root().join("examples/online-service.yaml")).expect("it is there");
    let ask = |body: &Value| server.ask("POST", "/services/moons/invocations", &body.to_string());
    let served = || server.get("/api/v1/services/moons").json()["served"]["version"].clone();
    for (version, source) in [(1, source.clone()), (2, source.replace("max_iter: 40", "max_iter: 3"))] {
        let run = ended(&server, json!({ "source": source }));
        // The run is over when it is stored; the switch follows once the version answers.
        until("the version is served", || served() == version);
        let view = good(&server, "/api/v1/services/moons");
        assert_eq!(
            (&view["state"], &view["runtime"], &view["concurrency"]),
            (&json!("ready"), &json!("onnx"), &json!(64))
        );
        let page = good(&server, &format!("/api/v1/runs/{run}/tasks/scored/outputs/0/rows?limit=100"));
        let columns: Vec<String> =
            page["columns"].as_array().expect("columns").iter().map(|c| text(&c["name"])).collect();
        let rows = page["rows"].as_array().expect("rows");
        let place = |name: &str| columns.iter().position(|column| column == name).expect("a column");
        let answer = ask(&json!({ "dataframe_split": { "columns": columns, "data": rows } }));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let predictions = answer.json()["predictions"].as_array().expect("rows").clone();
        assert_eq!((rows.len(), predictions.len()), (100, 100));
        for (row, found) in rows.iter().zip(&predictions) {
            assert_eq!(found["predict_result"], row[place("predict_result")]);
            By::Onnx.same(&found["predict_score"], &row[place("predict_score")]);
        }
    }
    assert_eq!(good(&server, "/api/v1/services/moons")["before"]["version"], 1);
}

/// Gives a model that workers load, and the process of a service doesn't.
const ODD: &str = "\
import sys
from suanzi.sdk import Model, operator

class Odd:
    feature_names_in_ = ['limit']
    def predict(self, rows):
        return rows['limit']
    def __getstate__(self):
        return {'some': 'state'}
    def __setstate__(self, state):
        if 'suanzi.serving' in sys.modules:
            raise ValueError('not here')

@operator(name_en='Odd', name_zh='异', category='train')
def odd() -> Model:
    return Odd()
";

/// A deployment of what can't be loaded replaces nothing, and the service says so.
#[test]
fn a_runs_deployment_that_fails_replaces_nothing() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    registered(&server, 2);
    deploy(&server, "credit", json!({ "model": "credit-model" }));
    let dag = DagText::new("odd")
        .op(Op::new("make", "odd"))
        .op(Op::new("keep", "register_model").param("name", "odd"))
        .op(Op::new("serve", "deploy_service").param("name", "credit"))
        .edge("make", 0, "keep", 0)
        .edge("keep", 0, "serve", 0)
        .yaml();
    let file = suanzi.write("odd.yaml", dag);
    let source = suanzi.write("own/odd.py", ODD);
    let folder = source.parent().expect("a folder").to_string_lossy().into_owned();
    suanzi.run(["run", &file.to_string_lossy(), "--operators", &folder]).success();
    until("it says why", || shown(&server)["why"].as_str().is_some_and(|why| why.contains("replaced nothing")));
    let view = shown(&server);
    assert!(text(&view["why"]).contains("not here"), "{view}");
    assert_eq!((&view["state"], &view["served"]["model"]), (&json!("ready"), &json!("credit-model")), "{view}");
    assert_eq!(invoke(&server, &json!({ "instances": [[1, 2, 3]] })).status, 200);
}

#[test]
fn without_a_server_the_command_writes_down_what_the_next_one_serves() {
    let suanzi = Suanzi::new();
    let file = suanzi.write("served.yaml", dag(2));
    suanzi.run(["run", &file.to_string_lossy()]).success();
    let refused = suanzi.run(["service", "deploy", "credit", "--model", "none"]).exits(2);
    assert!(refused.stderr.contains("there is no model 'none'"), "{refused}");
    let told = suanzi.run(["service", "deploy", "credit", "--model", "credit-model"]).success();
    assert!(told.stderr.contains("`suanzi serve` will serve it"), "{told}");
    let shown = suanzi.json(["service", "show", "credit", "--json"]);
    assert_eq!((&shown["state"], &shown["served"]["version"]), (&json!("stopped"), &json!(1)), "{shown}");
    let refused = suanzi.run(["service", "roll-back", "credit"]).exits(2);
    assert!(refused.stderr.contains("served nothing before"), "{refused}");
    let server = Server::start(&suanzi, &[]);
    assert_eq!(invoke(&server, &json!({ "instances": [[1, 2, 3]] })).status, 200);
    let list = suanzi.run(["service", "list"]).success();
    assert!(list.stdout.contains("credit-model 1") && list.stdout.contains("ready"), "{list}");
    suanzi.run(["service", "remove", "credit"]).success();
    let refused = suanzi.run(["service", "show", "credit"]).exits(2);
    assert!(refused.stderr.contains("there is no service 'credit'"), "{refused}");
}
