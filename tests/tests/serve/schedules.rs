//! Schedules and webhooks from outside: saved over REST, run when due, told to a listener.

use crate::server::{Server, until};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use suanzi_tests::Suanzi;

const MINUTE_MS: i64 = 60_000;
/// A minute until it is due, and time for a loaded machine.
const DUE_WITHIN: Duration = Duration::from_secs(180);

fn dag(name: &str, lines: &str) -> String {
    format!("dag:\n name: {name}\n{lines} operator_list: [only]\n operator_details: {{only: {{algo_name: noop}}}}\n")
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

#[track_caller]
fn keep(server: &Server, source: &str) -> String {
    let answer = server.ask("POST", "/api/v1/dags", &json!({ "source": source }).to_string());
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["dag_id"].as_str().expect("an id").to_string()
}

#[track_caller]
fn found(server: &Server, path: &str) -> Value {
    let answer = server.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// Answers requests in turn; gives each one's body.
fn listener(answers: &'static [&'static str]) -> (u16, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let (mut text, mut part) = (Vec::new(), [0; 4_096]);
            let body = loop {
                let read = stream.read(&mut part).expect("a request");
                text.extend_from_slice(&part[..read]);
                let so_far = String::from_utf8_lossy(&text).into_owned();
                let body = so_far.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
                if body.is_some() || read == 0 {
                    break body;
                }
            };
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).expect("it is answered");
            let _ = tell.send(body.unwrap_or(Value::Null));
        }
    });
    (port, told)
}

#[test]
fn a_kept_dag_is_run_when_due_and_its_end_is_told() {
    let suanzi = Suanzi::new();
    let (port, told) = listener(&["500 Broken", "200 OK"]);
    let server = Server::start(&suanzi, &["--webhook-host", &format!("127.0.0.1:{port}")]);
    let before = now_ms();
    let hook = format!(" schedule: \"* * * * *\"\n on_success: {{webhook: \"http://127.0.0.1:{port}/told\"}}\n");
    let dag_id = keep(&server, &dag("minutely", &hook));
    let schedule = found(&server, &format!("/api/v1/schedules/{dag_id}"));
    let next = schedule["next_ms"].as_i64().expect("a due time");
    assert!(next % MINUTE_MS == 0 && next > before && next <= now_ms() + MINUTE_MS, "{schedule}");
    let first = told.recv_timeout(DUE_WITHIN).expect("a message");
    // Whatever follows is of no concern here.
    let paused = server.ask("PUT", &format!("/api/v1/schedules/{dag_id}/paused"), r#"{"paused": true}"#);
    assert_eq!((paused.status, paused.json()["paused"].clone()), (200, json!(true)), "{}", paused.body);
    let second = told.recv_timeout(DUE_WITHIN).expect("it is sent again");
    assert_eq!(first, second);
    assert_eq!(
        (&first["event"], &first["dag_id"], &first["title"], &first["version"], &first["scheduled_ms"]),
        (&json!("run_succeeded"), &json!(dag_id), &json!("minutely"), &json!(1), &json!(next))
    );
    let run_id = first["run_id"].as_str().expect("a run").to_string();
    assert_eq!(server.status(&run_id), "success");
    let history = found(&server, &format!("/api/v1/schedules/{dag_id}/history"))["items"].clone();
    let oldest = history.as_array().expect("a list").last().expect("an entry").clone();
    assert_eq!(
        oldest,
        json!({"logical_ms": next, "outcome": "begun", "run_id": run_id, "status": "success"}),
        "{history}"
    );
    let runs = history.as_array().map_or(0, Vec::len);
    server.kill();
    // Another life: nothing of it begins anew, and what is active is said.
    keep_another_and_count(&suanzi, &dag_id, runs);
}

fn keep_another_and_count(suanzi: &Suanzi, paused: &str, runs: usize) {
    let server = Server::start(suanzi, &[]);
    assert!(!server.stderr().contains("active"), "{}", server.stderr());
    keep(&server, &dag("yearly", " schedule: {cron: \"@yearly\", timezone: Asia/Shanghai, missed: once}\n"));
    let history = found(&server, &format!("/api/v1/schedules/{paused}/history"));
    assert_eq!(history["items"].as_array().map(Vec::len), Some(runs), "{history}");
    server.kill();
    let server = Server::start(suanzi, &[]);
    until("it says so", || server.stderr().contains("1 schedule is active\n"));
    let all = found(&server, "/api/v1/schedules")["items"].clone();
    let shown: Vec<_> =
        all.as_array().expect("a list").iter().map(|s| (s["title"].clone(), s["paused"].clone())).collect();
    assert_eq!(shown.len(), 2, "{all}");
    assert!(shown.contains(&(json!("minutely"), json!(true))) && shown.contains(&(json!("yearly"), json!(false))));
}

#[test]
fn schedules_are_shown_changed_paused_and_tried_out() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let dag_id = keep(&server, &dag("daily", " schedule: {cron: \"30 2 * * *\", timezone: Europe/Berlin}\n"));
    let of = |rest: &str| format!("/api/v1/schedules/{dag_id}{rest}");
    let shown = found(&server, &of(""));
    assert_eq!(
        (&shown["cron"], &shown["timezone"], &shown["missed"], &shown["paused"], &shown["version"]),
        (&json!("30 2 * * *"), &json!("Europe/Berlin"), &json!("skip"), &json!(false), &json!(1))
    );
    let due = found(&server, &of("/due?count=3"))["next"].clone();
    assert_eq!((due.as_array().map(Vec::len), &due[0]), (Some(3), &shown["next_ms"]));
    assert_eq!(found(&server, &of("/history"))["items"], json!([]));
    let pause = |paused: &str| server.ask("PUT", &of("/paused"), &format!("{{\"paused\": {paused}}}"));
    assert_eq!(pause("true").json().get("next_ms"), None);
    assert_eq!(pause("false").json()["next_ms"], shown["next_ms"]);
    assert_eq!(pause("1").status, 400);
    for (path, status) in [("/due?count=0", 400), ("/due?count=101", 400), ("/history?limit=0", 400), ("/due?x=1", 400)]
    {
        assert_eq!(server.get(&of(path)).status, status, "{path}");
    }
    let preview = |body: Value| server.ask("POST", "/api/v1/schedules/preview", &body.to_string());
    // Midnight there, by UTC.
    for (zone, hour) in [("UTC", 0), ("Asia/Shanghai", 16)] {
        let times = preview(json!({"cron": "0 0 * * *", "timezone": zone, "count": 1})).json()["next"].clone();
        assert_eq!(times[0].as_i64().map(|at| at / MINUTE_MS % (24 * 60)), Some(hour * 60), "{zone}: {times}");
    }
    for (body, part) in [
        (json!({"cron": "61 * * * *"}), "'61 * * * *'"),
        (json!({"cron": "0 0 30 2 *"}), "never due"),
        (json!({"cron": "@daily", "timezone": "Berlin"}), "'Berlin'"),
    ] {
        let answer = preview(body);
        assert_eq!((answer.status, answer.json()["code"].clone()), (422, json!("bad_schedule")), "{}", answer.body);
        assert!(answer.body.contains(part) && answer.json()["hint"].is_string(), "{}", answer.body);
    }
    // A version without it ends it; a run of a text does as a saved one; one of a DAG that has none has nothing here.
    let without = json!({"source": dag("daily", "")}).to_string();
    let saved = server.ask_with("PUT", &format!("/api/v1/dags/{dag_id}"), &[("If-Match", "\"1\"")], &without);
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert_eq!(server.get(&of("")).status, 404);
    let run = json!({"source": dag("daily", " schedule: \"@weekly\"\n"), "dag_id": dag_id}).to_string();
    assert_eq!(server.ask("POST", "/api/v1/runs", &run).status, 201);
    assert_eq!(
        (found(&server, &of(""))["cron"].clone(), found(&server, &of(""))["version"].clone()),
        (json!("@weekly"), json!(3))
    );
    assert_eq!(server.ask("DELETE", &format!("/api/v1/dags/{dag_id}"), "").status, 204);
    assert_eq!((server.get(&of("")).status, found(&server, "/api/v1/schedules")["items"].clone()), (404, json!([])));
}

#[test]
fn what_is_wrong_with_a_schedule_or_a_webhook_is_said_when_it_is_saved() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &["--webhook-host", "hooks.example.com"]);
    for (lines, code, line, part) in [
        (" schedule: \"61 * * * *\"\n", "bad_schedule", 3, "minute"),
        (" schedule: {cron: \"@daily\", timezone: Mars}\n", "unknown_time_zone", 3, "Asia/Shanghai"),
        (" on_success: tell\n", "bad_webhook", 3, "webhook"),
        (
            " schedule: \"@daily\"\n on_failure: {webhook: \"http://127.0.0.1:9/\"}\n",
            "webhook_refused",
            4,
            "--webhook-host 127.0.0.1:9",
        ),
        (
            " on_failure: {webhook: \"https://hooks.example.com:8443/\"}\n",
            "webhook_refused",
            3,
            "--webhook-host hooks.example.com:8443",
        ),
    ] {
        let source = json!({ "source": dag("bad", lines) }).to_string();
        for path in ["/api/v1/dags", "/api/v1/runs"] {
            let answer = server.ask("POST", path, &source);
            let fault = answer.json()["faults"][0].clone();
            assert_eq!(
                (answer.status, &fault["code"], &fault["line"]),
                (422, &json!(code), &json!(line)),
                "{path}: {}",
                answer.body
            );
            assert!(fault["hint"].as_str().is_some_and(|hint| hint.contains(part)), "{fault}");
        }
    }
    keep(&server, &dag("good", " on_failure: {webhook: \"https://hooks.example.com/a\"}\n"));
    assert_eq!(found(&server, "/api/v1/settings")["webhook_hosts"], json!(["hooks.example.com"]));
    let refused = suanzi.run(["serve", "--port", "0", "--webhook-host", "http://h/"]).exits(2);
    assert!(refused.stderr.contains("isn't HOST or HOST:PORT"), "{refused}");
}

#[test]
fn a_listener_that_never_answers_holds_up_neither_runs_nor_the_end_of_the_server() {
    let suanzi = Suanzi::new();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let mut server = Server::start(&suanzi, &["--webhook-host", &format!("127.0.0.1:{port}")]);
    let hook = format!(" on_success: {{webhook: \"http://127.0.0.1:{port}/\"}}\n");
    for name in ["one", "two"] {
        let answer = server.submit(&dag(name, &hook));
        assert_eq!(answer.status, 201, "{}", answer.body);
        let run_id = answer.json()["run_id"].as_str().expect("an id").to_string();
        until("the run succeeds", || server.status(&run_id) == "success");
    }
    silent.accept().expect("somebody tries to tell");
    server.signal(Signal::TERM);
    server.ends_with(0);
}

#[test]
fn a_file_that_is_run_by_a_command_schedules_nothing() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let lines = " schedule: \"* * * * *\"\n on_success: {webhook: \"http://127.0.0.1:9/\"}\n";
    let file = suanzi.write("minutely.yaml", dag("minutely", lines));
    suanzi.run(["run", &file.to_string_lossy()]).success();
    assert_eq!(found(&server, "/api/v1/schedules")["items"], json!([]));
}
