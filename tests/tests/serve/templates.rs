//! Templates: listed in both languages, taken, and each one's first run.

use crate::pipeline::{ended, good};
use crate::server::Server;
use serde_json::{Value, json};
use suanzi_tests::Suanzi;

/// Fewer than the newcomer was promised, and some were lost.
const LEAST_TEMPLATES: usize = 5;

#[test]
fn each_template_runs_from_an_empty_home() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let listed = good(&server, "/api/v1/templates");
    let templates = listed["items"].as_array().expect("a list");
    assert!(templates.len() >= LEAST_TEMPLATES, "{listed}");
    for template in templates {
        let id = template["id"].as_str().expect("an id");
        for words in [&template["title"], &template["description"]] {
            let (en, zh) = (words["en"].as_str().expect("English"), words["zh"].as_str().expect("Chinese"));
            assert!(en.is_ascii() && !zh.is_ascii(), "{id}: {words}");
        }
        let taken = server.ask("POST", &format!("/api/v1/templates/{id}"), "");
        assert_eq!(taken.status, 201, "{id}: {}", taken.body);
        assert_eq!(taken.json()["warnings"], json!([]), "{id}");
        let dag_id = taken.json()["dag_id"].as_str().expect("an id").to_string();
        let run_id = ended(&server, json!({ "dag_id": dag_id }));
        let report = good(&server, &format!("/api/v1/runs/{run_id}/report"));
        let count = report["operators"].as_array().map_or(0, Vec::len);
        assert_eq!(json!(count), template["operators"], "{id}");
        assert!(
            report["metrics"].as_object().is_some_and(|metrics| !metrics.is_empty()),
            "{id} says how good it is: {report}"
        );
        if let Value::String(dataset) = &template["needs_dataset"] {
            good(&server, &format!("/api/v1/datasets/{dataset}"));
        }
    }
}

#[test]
fn a_template_that_is_not_there_is_not_found() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let answer = server.ask("POST", "/api/v1/templates/none", "");
    assert_eq!((answer.status, answer.json()["code"].clone()), (404, json!("not_found")), "{}", answer.body);
}
