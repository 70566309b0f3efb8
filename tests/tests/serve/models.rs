//! Registered models by requests: versions, where they come from, their files.

use crate::pipeline::{ended, good};
use crate::server::Server;
use serde_json::json;
use suanzi_tests::{DagText, Op, Suanzi};

const MAKE: &str = "\
import pandas as pd
def run(*inputs, params):
    return pd.DataFrame({'a': range(100), 'b': [n % 7 for n in range(100)], 'y': [n % 2 for n in range(100)]})
";

fn dag(c: f64) -> String {
    DagText::new("registered")
        .op(Op::new("make", "python_script").param("code", MAKE))
        .op(Op::new("train", "logistic_regression").param("y_col", "y").param("C", c))
        .op(Op::new("keep", "register_model").param("name", "credit-model"))
        .edge("make", 0, "train", 0)
        .edge("train", 0, "keep", 0)
        .yaml()
}

#[test]
fn versions_know_their_run_and_give_their_file() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    assert_eq!(good(&server, "/api/v1/models")["items"], json!([]));
    let runs = [1.0, 2.0].map(|c| ended(&server, json!({ "source": dag(c) })));
    let newest = good(&server, "/api/v1/models");
    assert_eq!(newest["items"].as_array().map(Vec::len), Some(1), "{newest}");
    assert_eq!(newest["items"][0]["version"], 2);
    let name = "credit-model";
    let versions = good(&server, &format!("/api/v1/models/{name}"));
    for (at, (version, run)) in [(2, &runs[1]), (1, &runs[0])].into_iter().enumerate() {
        let shown = &versions["items"][at];
        assert_eq!((&shown["version"], &shown["run_id"]), (&json!(version), &json!(run)), "{shown}");
        assert_eq!(shown["operator"], "keep");
        assert!(shown["manifest"].is_object(), "{shown}");
    }
    let (head, bytes) = server.bytes(&format!("/api/v1/models/{name}/versions/2/download"));
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("attachment; filename="), "{head}");
    assert_eq!(json!(bytes.len()), versions["items"][0]["bytes"]);
    for path in ["/api/v1/models/none".to_string(), format!("/api/v1/models/{name}/versions/3/download")] {
        assert_eq!(server.get(&path).status, 404, "{path}");
    }
}
