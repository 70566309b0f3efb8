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

#[test]
fn a_served_model_answers_as_batch_predict_does_and_refuses_the_rest() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    assert_eq!(invoke(&server, &json!({})).status, 404);
    let scored = registered(&server, 3);
    answers_are_those_of_batch_predict_in_every_form(&suanzi, &server, &scored);
    the_guides_example_is_answered(&server);
    what_a_model_does_not_take_is_said_by_row_and_column(&server);
    too_many_requests_are_refused_and_those_under_way_answered(&server);
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

fn answers_are_those_of_batch_predict_in_every_form(suanzi: &Suanzi, server: &Server, scored: &[Value]) {
    // By the command: it attaches to the server.
    let view = suanzi.json(["service", "deploy", "credit", "--model", "credit-model", "--json"]);
    assert_eq!((&view["state"], &view["served"]["version"]), (&json!("ready"), &json!(1)), "{view}");
    assert_eq!(view["columns"][0], json!({ "name": "limit", "type": "float64" }), "{view}");

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
            assert_eq!(
                (&found["predict_result"], &found["predict_score"]),
                (&row["predict_result"], &row["predict_score"])
            );
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
    let scores =
        json!([{ "name": "predict_score", "datatype": "FP64", "shape": [ROWS], "data": column("predict_score") }]);
    assert_eq!(answer["outputs"], scores);
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
    let server = Server::start(&suanzi, &[]);
    let old = registered(&server, 1);
    let new = registered(&server, 4);
    let scores = [&old, &new].map(|rows| rows[0]["predict_score"].clone());
    assert_ne!(scores[0], scores[1], "the versions can be told apart");
    deploy(&server, "credit", json!({ "model": "credit-model", "version": 1 }));
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
                    let answer = invoke(&server, &body);
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    let score = answer.json()["predictions"][0]["predict_score"].clone();
                    let version = scores.iter().position(|known| *known == score).expect("a score of a version");
                    answered[version].fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        waits(0);
        let view = deploy(&server, "credit", json!({ "model": "credit-model" }));
        assert_eq!((&view["served"]["version"], &view["before"]["version"]), (&json!(2), &json!(1)), "{view}");
        // What was asked of the old one may be answered still; what is asked from now on isn't.
        assert_eq!(invoke(&server, &body).json()["predictions"][0]["predict_score"], scores[1]);
        waits(1);
        let back = server.ask("POST", "/api/v1/services/credit/roll-back", "").json();
        assert_eq!((&back["served"]["version"], &back["before"]["version"]), (&json!(1), &json!(2)), "{back}");
        assert_eq!(invoke(&server, &body).json()["predictions"][0]["predict_score"], scores[0]);
        waits(0);
        over.store(true, Ordering::SeqCst);
    });
    let traffic = shown(&server)["traffic"].clone();
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
    let server = Server::start(&suanzi, &[]);
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

    let server = Server::start(&suanzi, &[]);
    assert_eq!(invoke(&server, &body).status, 200, "the first request waits for the start");
    let removed = server.ask("DELETE", "/api/v1/services/credit", "");
    assert_eq!(removed.status, 204, "{}", removed.body);
    assert_eq!(invoke(&server, &body).status, 404);
    assert_eq!(good(&server, "/api/v1/services")["items"], json!([]));
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
