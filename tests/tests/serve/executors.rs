//! What is said of an executor that doesn't answer: in the list of executors, of the task that waits, by `suanzi doctor`.

use crate::pipeline::good;
use crate::server::{Server, until};
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use suanzi_tests::{DagText, Op, Suanzi};

#[test]
fn an_operator_that_waits_for_memory_says_so() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &["--workers", "4", "--memory", "900MiB"]);
    let gate = suanzi.dir().join("gate");
    let script = |id: &str, memory: &str| {
        let op =
            Op::new(id, "python_script").param("code", crate::server::GATE).param("params", json!({ "gate": gate }));
        op.field("resources", json!({ "memory": memory }))
    };
    let dag = DagText::new("memory").op(script("one", "500MiB")).op(script("other", "500MiB"));
    let answer = server.submit(&dag.yaml());
    assert_eq!(answer.status, 201, "{}", answer.body);
    let run_id = answer.json()["run_id"].as_str().expect("an id").to_string();
    let task = |id: &str| good(&server, &format!("/api/v1/runs/{run_id}/tasks/{id}"));
    let runs = |id: &str| task(id)["status"] == "running";
    until("one of them runs", || runs("one") || runs("other"));
    let (running, waiting) = if runs("one") { ("one", "other") } else { ("other", "one") };
    let waits = task(waiting);
    assert_eq!(waits["waits"], json!("memory: needs 500 MiB, 400 MiB of 900 MiB free"), "{waits}");
    let last = waits["story"].as_array().and_then(|lines| lines.last()).expect("a story");
    let en = "waits for memory: needs 500 MiB, 400 MiB of 900 MiB free";
    assert_eq!(last["text"], json!({ "en": en, "zh": "等待内存：需要 500 MiB，900 MiB 中有 400 MiB 空闲" }));
    assert_eq!(task(running)["waits"], json!(null));
    suanzi.write("gate", "");
    until("the run ends", || server.status(&run_id) == "success");
    let ended = task(waiting);
    let story = ended["story"].as_array().expect("a story").clone();
    assert_eq!(ended["waits"], json!(null));
    assert!(
        !story.iter().any(|line| line["text"]["en"].as_str().is_some_and(|text| text.contains("waits"))),
        "{ended}"
    );
}

/// Answers every request alike until it is dropped: it is there, and broken.
struct Broken {
    port: u16,
    done: Arc<AtomicBool>,
}

impl Broken {
    fn start() -> Broken {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let done = Arc::new(AtomicBool::new(false));
        let ended = done.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                // A caller that hangs up is no fault here.
                let _ = stream.and_then(refuse);
            }
        });
        Broken { port, done }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // wakes it
    }
}

fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 && line != "\r\n" {
        line.clear();
    }
    stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

#[test]
fn an_executor_that_does_not_answer_is_shown_with_its_reason_and_the_task_says_that_it_waits() {
    let suanzi = Suanzi::new();
    let broken = Broken::start();
    let setting = json!({ "away": { "type": "http", "url": format!("http://127.0.0.1:{}", broken.port) } });
    suanzi.write("home/executors.json", setting.to_string());
    let server = Server::start(&suanzi, &[]);
    let state = |name: &str| {
        let all = good(&server, "/api/v1/executors");
        let items = all["items"].as_array().expect("items").clone();
        items.into_iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("{name}: {all}"))
    };
    assert_eq!((&state("away")["state"], &state("away")["why"]), (&json!("ready"), &json!(null)));

    let dag = DagText::new("waits").op(Op::new("here", "noop")).op(Op::new("there", "noop").field("executor", "away"));
    let answer = server.submit(&dag.yaml());
    assert_eq!(answer.status, 201, "{}", answer.body);
    let run_id = answer.json()["run_id"].as_str().expect("an id").to_string();
    until("the executor is given up", || state("away")["state"] == "waiting");
    let why = state("away")["why"].as_str().expect("a reason").to_string();
    assert!(why.contains(&broken.port.to_string()) && why.contains("503"), "{why}");
    assert_eq!(state("local")["state"], "ready");
    let there = good(&server, &format!("/api/v1/runs/{run_id}/tasks/there"));
    assert!(there["waits"].as_str().is_some_and(|waits| waits.starts_with("executor away: ")), "{there}");
    let here = format!("/api/v1/runs/{run_id}/tasks/here");
    until("the other one ends", || good(&server, &here)["status"] == "success");
    assert_eq!(good(&server, &here)["waits"], json!(null));
    assert_eq!(server.status(&run_id), "running");
    assert!(server.stderr().contains("executor away: work waits:"), "{}", server.stderr());

    let ill = suanzi.run(["doctor"]).exits(1);
    assert!(ill.stdout.contains("executor away:") && ill.stdout.contains("503"), "{ill:?}");

    let cancelled = server.ask("POST", &format!("/api/v1/runs/{run_id}/cancel"), "");
    assert!(cancelled.status < 300, "{}", cancelled.body);
    until("the run ends", || server.status(&run_id) == "cancelled");
    assert_eq!(good(&server, &format!("/api/v1/runs/{run_id}/tasks/there"))["waits"], json!(null));
}
