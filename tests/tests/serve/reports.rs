//! What came out of runs, by requests: the same as commands print.

use crate::server::Server;
use serde_json::{Value, json};
use suanzi_tests::{DagText, Op, Suanzi};

const GIVES: &str = "def run(*inputs, params):\n    return {'value': params['value']}\n";

fn dag(value: f64) -> String {
    let gives = Op::new("gives", "python_script").param("code", GIVES).param("params", json!({ "value": value }));
    DagText::new("given").op(gives).op(Op::new("same", "noop")).yaml()
}

fn run(server: &Server, value: f64) -> String {
    let answer = server.submit(&dag(value));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let run_id = answer.json()["run_id"].as_str().expect("an id").to_string();
    // Closed by the run's end.
    server.get(&format!("/api/v1/runs/{run_id}/events"));
    run_id
}

#[test]
fn reports_and_differences_are_those_of_the_command_line() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let (first, second) = (run(&server, 1.5), run(&server, 2.5));
    let report = server.get(&format!("/api/v1/runs/{second}/report"));
    assert_eq!(report.status, 200, "{}", report.body);
    assert_eq!(report.json(), suanzi.json(["runs", "show", &second, "--json"]));
    let operators = report.json()["operators"].as_array().map_or(0, Vec::len);
    assert_eq!((operators, report.json()["metrics"]["gives"]["value"].clone()), (2, json!(2.5)));

    let diff = server.get(&format!("/api/v1/diff/{first}/{second}"));
    assert_eq!(diff.status, 200, "{}", diff.body);
    let diff = diff.json();
    assert_eq!(diff, suanzi.json(["diff", &first, &second, "--json"]));
    assert_eq!(
        diff["metrics"],
        json!([{ "operator": "gives", "metric": "value", "before": 1.5, "after": 2.5 }]),
        "{diff}"
    );
    assert_eq!(diff["first_divergence"]["operator"], "gives");
    let same = server.get(&format!("/api/v1/diff/{first}/{first}")).json();
    assert_eq!(same, json!({ "before": first, "after": first }));
}

#[test]
fn runs_that_are_not_there_are_not_found() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let there = run(&server, 1.0);
    for path in [
        "/api/v1/runs/none/report".to_string(),
        "/api/v1/runs/..%2f..%2fetc/report".into(),
        "/api/v1/runs/%00/report".into(),
        "/api/v1/runs/%ff/report".into(),
        format!("/api/v1/diff/{there}/none"),
        format!("/api/v1/diff/none/{there}"),
    ] {
        let answer = server.get(&path);
        let code: Value = answer.json()["code"].clone();
        assert_eq!((answer.status, code), (404, json!("not_found")), "{path}: {}", answer.body);
    }
}
