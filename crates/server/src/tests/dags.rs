//! DAGs that are kept, documents and the canvas, by requests. There are no operators here: a DAG that names one is a draft.

use super::{Answered, Ask, Scene, get};
use axum::http::{Method, header};
use serde_json::{Value, json};

const TEXT: &str = "dag: {name: 流程, operator_list: [a], operator_details: {a: {algo_name: nothing}}}";

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

fn send(scene: &Scene, method: Method, path: &str, body: &Value, condition: Option<&str>) -> Answered {
    let ask = Ask::new(method, path).with(scene.bearer()).json(&body.to_string());
    scene.send(if let Some(number) = condition { ask.with(("if-match", number)) } else { ask })
}

#[test]
fn a_dag_with_faults_is_kept_as_a_draft_only_where_that_is_asked() {
    let scene = Scene::new();
    let refused = send(&scene, Method::POST, "/api/v1/dags", &json!({"source": TEXT}), None);
    assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_dag"), "{}", refused.body);
    let made = send(&scene, Method::POST, "/api/v1/dags?draft=true", &json!({"source": TEXT, "title": "T"}), None);
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["dag_id"].as_str().expect("an id").to_string();
    let shown = scene.send(get(&format!("/api/v1/dags/{id}")).with(scene.bearer()));
    assert_eq!(shown.headers[header::ETAG], "\"0\"");
    assert_eq!(shown.json()["draft"]["source"], TEXT);
    assert_eq!(shown.json()["title"], "T");
    let list = scene.send(get("/api/v1/dags?q=t").with(scene.bearer())).json();
    assert_eq!((list["items"][0]["dag_id"].as_str(), list["next"].is_null()), (Some(id.as_str()), true));
}

#[test]
fn who_was_slower_is_told_and_loses_nothing() {
    let scene = Scene::new();
    let made = send(&scene, Method::POST, "/api/v1/dags?draft=true", &json!({"source": TEXT}), None).json();
    let path = format!("/api/v1/dags/{}/draft", made["dag_id"].as_str().expect("an id"));
    let put = |source: &str, condition| send(&scene, Method::PUT, &path, &json!({"source": source}), condition);
    let without = put("x", None);
    assert_eq!((without.status, without.code().as_str()), (428, "precondition_required"));
    let first = put("one", Some("\"1\""));
    assert_eq!((first.status, first.json()["revision"].as_u64()), (200, Some(2)), "{}", first.body);
    let slower = put("two", Some("\"1\""));
    assert_eq!((slower.status, slower.code().as_str()), (412, "version_conflict"));
    assert_eq!(slower.json()["present"], 2);
    let gone = scene.send(Ask::new(Method::DELETE, &path).with(scene.bearer()));
    assert_eq!(gone.status, 204, "{}", gone.body);
    assert_eq!(put("three", Some("\"2\"")).status, 412, "the draft is gone");
    assert_eq!(put("three", Some("\"0\"")).json()["revision"], 3, "no revision comes twice");
}

#[test]
fn a_hidden_dag_is_nowhere() {
    let scene = Scene::new();
    let made = send(&scene, Method::POST, "/api/v1/dags?draft=true", &json!({"source": TEXT}), None).json();
    let path = format!("/api/v1/dags/{}", made["dag_id"].as_str().expect("an id"));
    let delete = || scene.send(Ask::new(Method::DELETE, &path).with(scene.bearer())).status;
    assert_eq!((delete(), delete()), (204, 404));
    assert_eq!(scene.send(get(&path).with(scene.bearer())).status, 404);
    let list = scene.send(get("/api/v1/dags").with(scene.bearer())).json();
    assert_eq!(list["items"], json!([]));
    let again = send(&scene, Method::POST, "/api/v1/dags?draft=true", &json!({"source": TEXT}), None);
    assert_eq!(again.status, 201, "the name is free to be used again: {}", again.body);
}

#[test]
fn what_is_wrong_with_a_text_is_the_answer() {
    let scene = Scene::new();
    let read = |source: &str| send(&scene, Method::POST, "/api/v1/documents/read", &json!({"source": source}), None);
    for (source, dag, code) in [(TEXT, true, "unknown_algo"), ("", true, "empty"), ("a: [", false, "syntax")] {
        let answered = read(source);
        assert_eq!(answered.status, 200, "{source}: {}", answered.body);
        let view = answered.json();
        assert_eq!(view["dag"].is_object(), dag, "{source}: {view}");
        let codes: Vec<&str> =
            view["faults"].as_array().expect("faults").iter().filter_map(|f| f["code"].as_str()).collect();
        assert!(!codes.is_empty(), "{source} should have '{code}': {view}");
    }
}

#[test]
fn edits_change_the_text_and_refusals_say_which() {
    let scene = Scene::new();
    let edit = |edits: Value| {
        send(&scene, Method::POST, "/api/v1/documents/edit", &json!({"source": TEXT, "edits": edits}), None)
    };
    let done = edit(json!([{"type": "set_coordinate", "operator": "a", "x": 1.5, "y": 2}]));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.json()["document"]["dag"]["operators"][0]["coordinate"], json!({"x": 1.5, "y": 2.0}));
    let refused = edit(json!([
        {"type": "set_param", "operator": "a", "name": "n", "value": 1},
        {"type": "remove_operator", "operator": "none"},
    ]));
    assert_eq!((refused.status, refused.code().as_str()), (422, "edit_refused"), "{}", refused.body);
    assert!(
        refused.json()["faults"][0]["message"].as_str().is_some_and(|m| m.contains("edit 2") && m.contains("none"))
    );
}

#[test]
fn the_canvas_allows_its_own_styles_alone() {
    let scene = Scene::new();
    let (one, other) = (scene.send(get("/")), scene.send(get("/")));
    let nonce = |answered: &Answered| {
        let policy = answered.headers["content-security-policy"].to_str().expect("text").to_string();
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default().to_string();
        assert!(!policy.contains("unsafe") && policy.contains("script-src 'self';"), "{policy}");
        assert!(answered.body.contains(&format!("content=\"{nonce}\"")) && nonce.len() == 32, "{nonce}");
        nonce
    };
    assert_ne!(nonce(&one), nonce(&other));
    for path in
        ["/assets/..%2f..%2fpackage.json", "/assets/%2e%2e", "/assets/none.js", "/assets/.env", "/assets/%00.js"]
    {
        assert_eq!(scene.send(get(path)).status, 404, "{path}");
    }
}
