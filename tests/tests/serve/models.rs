//! Registered models by requests: versions, where they come from, their files.

use crate::pipeline::{ended, good};
use crate::server::Server;
use serde_json::{Value, json};
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

/// Two parts, one to train on and one to judge; the figures are registered with the model.
fn judged(c: f64) -> String {
    DagText::new("judged")
        .op(Op::new("make", "python_script").param("code", MAKE))
        .op(Op::new("split", "split").param("test_size", 0.25))
        .op(Op::new("train", "logistic_regression").param("y_col", "y").param("C", c))
        .op(Op::new("predict", "predict"))
        .op(Op::new("judge", "eval_binary").param("y_col", "y"))
        .op(Op::new("weigh", "feature_importance"))
        .op(Op::new("keep", "register_model").param("name", "credit").param("description", "谁会<逾期>"))
        .edge("make", 0, "split", 0)
        .edge("split", 0, "train", 0)
        .edge("train", 0, "predict", 0)
        .edge("split", 1, "predict", 1)
        .edge("predict", 0, "judge", 0)
        .edge("split", 1, "weigh", 0)
        .edge("train", 0, "weigh", 1)
        .edge("train", 0, "keep", 0)
        .edge("judge", 0, "keep", 1)
        .yaml()
}

#[test]
fn versions_have_aliases_cards_and_differences() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let runs = [1.0, 0.0001].map(|c| ended(&server, json!({ "source": judged(c) })));
    aliases_are_set_moved_and_removed(&suanzi, &server);
    versions_are_compared(&suanzi, &server);
    a_card_tells_what_is_stored(&suanzi, &server, &runs[1]);
}

fn aliases_are_set_moved_and_removed(suanzi: &Suanzi, server: &Server) {
    let at = "/api/v1/models/credit/aliases/champion";
    let put = |version: Value| server.ask("PUT", at, &json!({ "version": version }).to_string());
    for (version, expected) in [(json!(1), 1), (json!(2), 2), (json!("champion"), 2), (json!("1"), 1)] {
        let answer = put(version.clone());
        assert_eq!((answer.status, &answer.json()["version"]), (200, &json!(expected)), "{version}");
    }
    let shown = good(server, "/api/v1/models/credit");
    assert_eq!((&shown["items"][0]["aliases"], &shown["items"][1]["aliases"]), (&json!([]), &json!(["champion"])));
    assert_eq!(good(server, "/api/v1/models/credit/aliases")["items"][0]["version"], 1);
    for (version, status) in [(json!(3), 404), (json!("none"), 404), (json!(0), 400), (json!("Bad One"), 400)] {
        let answer = put(version.clone());
        assert_eq!(answer.status, status, "{version}: {}", answer.body);
        assert!(answer.json()["hint"].is_string(), "{}", answer.body);
    }
    assert_eq!(
        good(server, "/api/v1/models/credit/aliases")["items"][0]["version"],
        1,
        "a refused move changes nothing"
    );
    for (path, status) in [
        ("/api/v1/models/credit/aliases/3", 400),
        ("/api/v1/models/credit/aliases/Champion", 400),
        ("/api/v1/models/none/aliases/champion", 404),
    ] {
        assert_eq!(server.ask("PUT", path, "{\"version\":1}").status, status, "{path}");
    }
    // Wherever a version is named: a download, a service, the command line beside the server.
    let (head, _) = server.bytes("/api/v1/models/credit/versions/champion/download");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("credit-1."), "{head}");
    for asked in [json!({ "model": "credit@champion" }), json!({ "model": "credit", "version": "champion" })] {
        let answer = server.ask("PUT", "/api/v1/services/scores", &asked.to_string());
        assert_eq!((answer.status, &answer.json()["served"]["version"]), (200, &json!(1)), "{}", answer.body);
    }
    let both = json!({ "model": "credit@champion", "version": 2 }).to_string();
    assert_eq!(server.ask("PUT", "/api/v1/services/scores", &both).status, 400);
    suanzi.run(["models", "alias", "set", "credit", "challenger", "2"]).exits(0);
    suanzi.run(["models", "alias", "set", "credit", "champion", "challenger"]).exits(0);
    let listed = suanzi.run(["models", "alias", "list", "credit", "--json"]).exits(0).json();
    assert_eq!((&listed[0]["alias"], &listed[1]["version"]), (&json!("challenger"), &json!(2)), "{listed}");
    suanzi.run(["service", "deploy", "scores", "--model", "credit@champion"]).exits(0);
    assert_eq!(good(server, "/api/v1/services/scores")["served"]["version"], 2, "what it stands for now");
    suanzi.run(["models", "alias", "set", "credit", "Champion", "1"]).exits(2);
    suanzi.run(["models", "alias", "set", "credit", "champion", "9"]).exits(2);
    suanzi.run(["models", "alias", "remove", "credit", "challenger"]).exits(0);
    suanzi.run(["models", "alias", "remove", "credit", "challenger"]).exits(2);
    assert_eq!(server.ask("DELETE", at, "").status, 204);
    assert_eq!(server.ask("DELETE", at, "").status, 404);
    assert_eq!(good(server, "/api/v1/models/credit")["items"].as_array().map(Vec::len), Some(2));
}

fn versions_are_compared(suanzi: &Suanzi, server: &Server) {
    let found = good(server, "/api/v1/models/credit/compare?versions=1,2");
    let row = |list: &str, key: &str, name: &str| {
        let rows = found[list].as_array().expect("rows");
        rows.iter().find(|row| row[key] == name).cloned().unwrap_or_else(|| panic!("no {name}: {found}"))
    };
    let versions = good(server, "/api/v1/models/credit");
    let loss = row("metrics", "metric", "log_loss");
    for (at, version) in [(0, 1), (1, 0)] {
        assert_eq!(loss["values"][at], versions["items"][version]["metrics"]["log_loss"], "{loss}");
    }
    let change = loss["changes"][1].as_f64().expect("a change");
    assert_eq!(loss["judgements"][1], if change > 0.0 { "worse" } else { "better" }, "{loss}");
    let c = row("parameters", "what", "train.C");
    assert_eq!((&c["differs"], &c["values"]), (&json!(true), &json!([1.0, 0.0001])));
    assert_eq!(row("parameters", "what", "train.y_col")["differs"], false);
    let rows = row("origin", "what", "training.rows");
    assert_eq!((&rows["differs"], &rows["values"]), (&json!(false), &json!([75, 75])));
    assert_eq!(row("origin", "what", "dag_version")["values"], json!([1, 2]));
    let by_command = suanzi.run(["models", "compare", "credit", "1", "2", "--json"]).exits(0).json();
    assert_eq!(by_command, found);
    for (versions, status) in [("1", 400), ("1,9", 404), ("1,", 400), ("", 400), ("1,1,1,1,1,1,1,1,1,1,1", 400)] {
        assert_eq!(
            server.get(&format!("/api/v1/models/credit/compare?versions={versions}")).status,
            status,
            "{versions}"
        );
    }
}

fn a_card_tells_what_is_stored(suanzi: &Suanzi, server: &Server, run: &str) {
    let (head, page) = server.bytes("/api/v1/models/credit/versions/2/card?lang=zh");
    let (head, page) = (head.to_ascii_lowercase(), String::from_utf8(page).expect("text"));
    assert!(head.starts_with("http/1.1 200") && head.contains("content-type: text/html; charset=utf-8"), "{head}");
    let policy = head.lines().find(|line| line.starts_with("content-security-policy:")).expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a word");
    assert!(page.contains(&format!("<style nonce=\"{nonce}\">")), "its style carries the word");
    assert!(page.contains("id=\"zh\" checked") && !page.contains("style=\""), "{page}");
    assert!(page.contains("谁会&lt;逾期&gt;") && !page.contains("谁会<逾期>"), "what people wrote is escaped");
    let versions = good(server, "/api/v1/models/credit");
    let auc = versions["items"][0]["metrics"]["auc"].as_f64().expect("a figure");
    for told in [run, "split:0", "75.0%", "0.0001", "逻辑回归", "Bootstrap", "正则强度倒数"] {
        assert!(page.to_lowercase().contains(&told.to_lowercase()), "{told}: {page}");
    }
    // The figure with both ends of its interval around it.
    let cells = page.split("<td>").find(|cell| cell.contains(">auc<")).expect("the figure's row").to_string();
    let numbers: Vec<f64> = page[page.find(&cells).expect("there")..]
        .split("<td class=\"n\">")
        .skip(1)
        .take(3)
        .map(|cell| cell.split('<').next().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN))
        .collect();
    assert!((numbers[0] - auc).abs() < 1e-3 && numbers[1] <= auc && auc <= numbers[2], "{numbers:?} for {auc}");
    assert!(page.contains("<svg class=\"bar\""), "importances");
    for (path, status) in [("2/card?lang=fr", 400), ("9/card", 404), ("none/card", 404)] {
        assert_eq!(server.get(&format!("/api/v1/models/credit/versions/{path}")).status, status, "{path}");
    }
    let file = suanzi.dir().join("card.html");
    let text = file.display().to_string();
    suanzi.run(["models", "card", "credit", "2", "--lang", "zh", "--out", &text]).exits(0);
    let written = std::fs::read_to_string(&file).expect("the card");
    assert_eq!(written, page.replace(&format!(" nonce=\"{nonce}\""), ""), "the same by command");
}
