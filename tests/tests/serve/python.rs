//! A DAG as Python, asked of the server: the script runs alone and gives the run's figures.

use crate::pipeline::{ended, good};
use crate::server::Server;
use serde_json::{Value, json};
use suanzi_tests::{Suanzi, python};

fn template(server: &Server) -> (String, String) {
    let made = server.ask("POST", "/api/v1/templates/credit", "{}");
    assert_eq!(made.status, 201, "{}", made.body);
    let dag_id = made.json()["dag_id"].as_str().expect("an id").to_string();
    let source = good(server, &format!("/api/v1/dags/{dag_id}"))["source"].as_str().expect("a text").to_string();
    (dag_id, source)
}

fn script(server: &Server, request: Value) -> String {
    let answer = server.ask("POST", "/api/v1/documents/python", &request.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["script"].as_str().expect("a script").to_string()
}

#[test]
fn the_script_gives_the_figures_of_the_run() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let (dag_id, source) = template(&server);
    let run_id = ended(&server, json!({ "dag_id": dag_id }));
    let text = script(&server, json!({ "source": source, "dag_id": dag_id }));
    assert!(!text.contains("suanzi."), "it imports nothing of ours: {text}");
    let file = suanzi.write("script.py", &text).to_string_lossy().into_owned();
    let figures: Value = serde_json::from_str(&python::run(&[&file])).expect("figures as JSON");
    let figures = figures.as_object().expect("by operator");
    assert!(!figures.is_empty());
    for (operator, of_script) in figures {
        let value = good(&server, &format!("/api/v1/runs/{run_id}/tasks/{operator}/outputs/0/value"));
        let (run, script) = (&value["metrics"]["auc"], &of_script["auc"]);
        let apart = (run.as_f64().expect("an AUC") - script.as_f64().expect("an AUC")).abs();
        assert!(apart < 1e-9, "{operator}: {run} and {script}");
    }
}

#[test]
fn of_an_operator_only_what_it_needs() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let (_, source) = template(&server);
    let whole = script(&server, json!({ "source": source }));
    let read = script(&server, json!({ "source": source, "operator": "read" }));
    assert!(whole.contains("# read:") && read.contains("# read:"), "{whole}");
    assert!(read.matches("\n# ").count() < whole.matches("\n# ").count(), "{read}");
}

#[test]
fn what_cannot_be_written_is_named() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let text = "dag:\n operator_list: [a]\n operator_details:\n  a: {algo_name: sleep, params: {seconds: 0}}\n";
    let ask = |body: Value| server.ask("POST", "/api/v1/documents/python", &body.to_string());
    let refused = ask(json!({ "source": text }));
    assert_eq!((refused.status, &refused.json()["code"]), (422, &json!("cannot_prepare")), "{}", refused.body);
    assert!(refused.json()["detail"].as_str().is_some_and(|d| d.contains("for a (sleep)")), "{}", refused.body);
    assert!(refused.json()["hint"].as_str().is_some_and(|hint| hint.contains("eval_binary")), "{}", refused.body);
    let unknown = ask(json!({ "source": text, "operator": "b" }));
    assert_eq!((unknown.status, &unknown.json()["code"]), (422, &json!("invalid_dag")), "{}", unknown.body);
    assert_eq!(ask(json!({ "text": text })).status, 400);
}
