//! `suanzi serve` from outside: its start and its end, who gets in, runs by requests.

mod data;
mod downloads;
mod executors;
mod host_faults;
mod http;
mod models;
mod pipeline;
mod python;
mod re_attach;
mod reports;
mod schedules;
mod server;
mod services;
mod templates;

use rustix::process::Signal;
use serde_json::json;
use server::{Server, address, until};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};
use suanzi_tests::{DagText, Op, Suanzi};

/// How long a stream may stay open once its reader's token is no more.
const MAX_REVOKED_S: u64 = 5;

fn nothing(name: &str) -> String {
    DagText::new(name).op(Op::new("only", "noop")).yaml()
}

#[test]
fn a_run_from_request_to_its_last_event() {
    let suanzi = Suanzi::new();
    let mut server = Server::start(&suanzi, &[]);
    let answer = server.submit(&nothing("plain"));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let run_id = answer.json()["run_id"].as_str().expect("an id").to_string();
    let events = server.get(&format!("/api/v1/runs/{run_id}/events"));
    assert!(events.header("content-type").is_some_and(|t| t == "text/event-stream"), "{}", events.head);
    for part in ["event: task_ended", "event: run_ended", r#"{"type":"run_ended","status":"success"}"#] {
        assert!(events.body.contains(part), "{part}: {}", events.body);
    }
    assert_eq!(server.status(&run_id), "success");
    let bad = server.submit("operator_list: [a]\n");
    assert_eq!((bad.status, bad.json()["code"].clone()), (422, json!("invalid_dag")));
    // Commands attach by the socket as to any owner.
    let file = suanzi.write("plain.yaml", nothing("by a command"));
    let run = suanzi.run(["run", &file.to_string_lossy()]).success();
    assert!(run.stderr.contains(&format!("process {}, which owns", server.pid())), "{run}");
    server.signal(Signal::TERM);
    server.ends_with(0);
    assert!(!suanzi.home().join("engine.sock").exists());
}

#[test]
fn the_printed_address_and_further_ones_sign_in_once() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let mode = std::fs::metadata(suanzi.home().join("token")).expect("a token").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (port, another) = address(&suanzi.run(["url"]).success().stdout);
    assert!(port == server.port && another != server.code);
    for code in [&server.code, &another] {
        let body = json!({ "code": code }).to_string();
        let answer = http::ask(port, "POST", "/api/v1/session", &[], &body);
        assert_eq!(answer.status, 201, "{}", answer.body);
        let cookie = answer.header("set-cookie").expect("a cookie").split(';').next().expect("a pair").to_string();
        let csrf = answer.json()["csrf"].as_str().expect("a value").to_string();
        let submit = json!({ "source": nothing("by a session") }).to_string();
        let cookie_only = http::ask(port, "POST", "/api/v1/runs", &[("Cookie", &cookie)], &submit);
        assert_eq!(cookie_only.status, 403, "{}", cookie_only.body);
        let headers = [("Cookie", cookie.as_str()), ("X-CSRF-Token", &csrf)];
        assert_eq!(http::ask(port, "POST", "/api/v1/runs", &headers, &submit).status, 201);
        assert_eq!(http::ask(port, "POST", "/api/v1/session", &[], &body).status, 401, "a code is good once");
    }
    let canaries = [server.bearer().replace("Bearer ", ""), another];
    assert!(canaries.iter().all(|secret| !server.stderr().contains(secret)), "{}", server.stderr());
}

#[test]
fn draining_lets_runs_end_and_takes_no_more() {
    let suanzi = Suanzi::new();
    let mut server = Server::start(&suanzi, &[]);
    let run_id = server.begin_gated("going");
    server.signal(Signal::TERM);
    until("it is no longer ready", || server.get("/readyz").status == 503);
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.status(&run_id), "running");
    let refused = server.submit(&nothing("late"));
    assert_eq!((refused.status, refused.json()["code"].clone()), (503, json!("closing")));
    assert!(refused.header("retry-after").is_some(), "{}", refused.head);
    server.open("going");
    server.ends_with(0);
    let shown = suanzi.json(["runs", "show", &run_id, "--json"]);
    assert_eq!(shown["status"], "success");
}

#[test]
fn what_the_grace_does_not_see_end_goes_on_at_the_next_start() {
    let suanzi = Suanzi::new();
    let mut server = Server::start(&suanzi, &["--grace", "0"]);
    let run_id = server.begin_gated("long");
    server.signal(Signal::INT);
    server.ends_with(0);
    assert!(server.stderr().contains("1 run has not ended; it goes on at the next start"), "{}", server.stderr());
    let server = Server::start(&suanzi, &[]);
    until("the run goes on", || server.stderr().contains(&format!("resuming run {run_id}")));
    server.open("long");
    until("the run ends", || server.status(&run_id) == "success");
}

#[test]
fn a_killed_server_is_followed_by_one_that_goes_on() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let (one, other) = (server.begin_gated("one"), server.submit(&nothing("other")).json()["run_id"].clone());
    server.kill();
    let server = Server::start(&suanzi, &[]);
    server.open("one");
    until("both end", || {
        server.status(&one) == "success" && server.status(other.as_str().expect("an id")) == "success"
    });
    // Also the log of the attempt that went down with the first server has an end.
    for attempt in [1, 2] {
        let log = server.get(&format!("/api/v1/runs/{one}/tasks/wait/log/stream?attempt={attempt}"));
        assert!(log.body.contains("event: end"), "attempt {attempt}: {}", log.body);
    }
}

#[test]
fn a_second_signal_leaves_at_once() {
    let suanzi = Suanzi::new();
    let mut server = Server::start(&suanzi, &[]);
    server.begin_gated("stuck");
    server.signal(Signal::INT);
    until("it drains", || server.get("/readyz").status == 503);
    server.signal(Signal::INT);
    server.ends_with(130);
}

#[test]
fn what_keeps_it_from_starting_is_said_in_a_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let suanzi = Suanzi::new();
    suanzi.write("short", "short");
    for (args, said) in [
        (&["--port", &port] as &[&str], format!("port {port} of 127.0.0.1 is in use")),
        (&["--host", "0.0.0.0"], "0.0.0.0 can be reached from other hosts: a password is needed".into()),
        (&["--host", "0.0.0.0", "--password-file", "short"], "short: ".into()),
        (&["--password-file", "none"], "none: ".into()),
        (&["--data-root", "none"], "there is no such directory".into()),
        (&["--host", "example.com"], "it must be an IP address".into()),
    ] {
        let free: &[&str] = if args[0] == "--port" { &["serve"] } else { &["serve", "--port", "0"] };
        let output = suanzi.run(free.iter().chain(args)).exits(2);
        assert!(output.stderr.contains(&said) && output.stdout.is_empty(), "{output}");
    }
    let output = suanzi.run(["url"]).exits(2);
    assert!(output.stderr.contains("nothing serves"), "{output}");
    let server = Server::start(&suanzi, &[]);
    let output = suanzi.run(["serve", "--port", "0"]).exits(2);
    assert!(output.stderr.contains(&format!("in use by process {}", server.pid())), "{output}");
}

#[test]
fn b3_a_stream_ends_when_its_token_is_taken_away() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let run_id = server.begin_gated("watched");
    let path = format!("/api/v1/runs/{run_id}/events");
    for headers in [&[] as &[(&str, &str)], &[("Authorization", "Bearer nothing")], &[("Cookie", "suanzi_session=x")]] {
        assert_eq!(http::ask(server.port, "GET", &path, headers, "").status, 401, "{headers:?}");
    }
    let mut stream = http::begin(server.port, "GET", &path, &[("Authorization", &server.bearer())], "");
    let mut piece = [0; 4_096];
    let mut text = String::new();
    while !text.contains("event: task_started") {
        let count = stream.read(&mut piece).expect("events come");
        assert!(count > 0, "the stream ended: {text}");
        text.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    std::fs::remove_file(suanzi.home().join("token")).expect("it is there");
    let began = Instant::now();
    while stream.read(&mut piece).is_ok_and(|count| count > 0) {}
    assert!(began.elapsed() <= Duration::from_secs(MAX_REVOKED_S), "{:?}", began.elapsed());
}

#[test]
fn files_are_read_from_registered_datasets_and_listed_directories_alone() {
    let suanzi = Suanzi::new();
    let (inside, outside) = (suanzi.write("data/in.csv", "a\n1\n"), suanzi.write("out.csv", "a\n1\n"));
    std::os::unix::fs::symlink(&outside, suanzi.dir().join("data/link.csv")).expect("a link");
    suanzi.run(["dataset", "add", "known", &outside.to_string_lossy()]).success();
    let root = suanzi.dir().join("data");
    let server = Server::start(&suanzi, &["--data-root", &root.to_string_lossy()]);
    let source = DagText::new("read").op(Op::new("read", "algo_local_read_file").param("data_id", "known")).yaml();
    let submit = |datasets: serde_json::Value| {
        let body = json!({ "source": source, "options": { "datasets": datasets } }).to_string();
        server.ask("POST", "/api/v1/runs", &body)
    };
    let link = root.join("link.csv");
    for (datasets, expected) in [
        (json!({}), 201),
        (json!({ "known": inside }), 201),
        (json!({ "known": outside }), 422),
        (json!({ "known": link }), 422),
        (json!({ "known": root.join("../out.csv") }), 422),
        (json!({ "known": "/etc/passwd" }), 422),
        (json!({ "known": "/nothing/there" }), 422),
    ] {
        let answer = submit(datasets.clone());
        assert_eq!(answer.status, expected, "{datasets}: {}", answer.body);
        if expected == 422 {
            assert_eq!(answer.json()["faults"][0]["code"], "file_not_allowed", "{}", answer.body);
        }
    }
}

#[test]
fn connections_that_say_nothing_are_closed() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let mut silent = http::connect(server.port);
    silent.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1").expect("a part of a request is sent");
    let mut large = http::connect(server.port);
    let header =
        format!("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nX: {}\r\n\r\n", server.port, "x".repeat(1 << 20));
    // The server may close before it has read all of it.
    let _ = large.write_all(header.as_bytes());
    let mut text = Vec::new();
    let _ = large.read_to_end(&mut text);
    assert!(!String::from_utf8_lossy(&text).starts_with("HTTP/1.1 200"), "a megabyte of headers is too much");
    assert_eq!(server.get("/healthz").status, 200, "others are served meanwhile");
    text.clear();
    let _ = silent.read_to_end(&mut text);
    assert!(!String::from_utf8_lossy(&text).starts_with("HTTP/1.1 200"));
}
