//! An engine that dies while operators run on a platform beyond it: the next one takes over what runs there, and starts nothing a second time.

use crate::http;
use crate::server::{Server, until};
use rustix::process::Signal;
use serde_json::{Value, json};
use suanzi_tests::platform::{Platform, TOKEN, configure};
use suanzi_tests::{DagText, Op, Suanzi, rows};

const OPERATORS: usize = 6;
/// Each start leaves a line; goes on when its gate is open.
const WAITS: &str = "\
import os, time
def run(*inputs, params):
    print('waits at', params['gate'], flush=True)
    with open(params['gate'] + '.begun', 'a') as begun:
        begun.write('x')
    end = time.monotonic() + 100
    while not os.path.exists(params['gate']) and time.monotonic() < end:
        time.sleep(0.01)
    print('goes on', flush=True)
    return {'waited': 1.0}
";

/// A run whose operators wait on the platform, each at a gate of its own, and one here after all of them.
struct Waiting<'a> {
    suanzi: &'a Suanzi,
    platform: &'a Platform,
    run_id: String,
}

impl<'a> Waiting<'a> {
    fn begin(server: &Server<'a>, platform: &'a Platform) -> Waiting<'a> {
        let suanzi = server.suanzi;
        let mut dag = DagText::new("beyond").op(Op::new("after", "noop"));
        for ix in 0..OPERATORS {
            let params = json!({ "gate": suanzi.dir().join(format!("gate{ix}")) });
            let op = Op::new(&format!("op{ix}"), "python_script").param("code", WAITS).param("params", params);
            dag = dag.op(op.field("executor", "http")).edge(&format!("op{ix}"), 1, "after", 0);
        }
        let answer = server.submit(&dag.yaml());
        assert_eq!(answer.status, 201, "{}", answer.body);
        let run_id = answer.json()["run_id"].as_str().expect("an id").to_string();
        let waiting = Waiting { suanzi, platform, run_id };
        until("all are at their gates", || (0..OPERATORS).all(|ix| waiting.starts(ix) == 1));
        waiting
    }

    fn starts(&self, ix: usize) -> usize {
        std::fs::read(self.suanzi.dir().join(format!("gate{ix}.begun"))).map_or(0, |begun| begun.len())
    }

    fn open(&self, gates: std::ops::Range<usize>) {
        for ix in gates {
            self.suanzi.write(&format!("gate{ix}"), "");
        }
    }

    /// As the platform says.
    fn ended_there(&self) -> usize {
        let bearer = format!("Bearer {TOKEN}");
        let ended = |name: &String| {
            let headers = [("Authorization", bearer.as_str())];
            let answer = http::ask(self.platform.port, "GET", &format!("/v1/tasks/{name}"), &headers, "");
            answer.json()["state"] == "ended"
        };
        self.platform.tasks().iter().filter(|name| ended(name)).count()
    }

    fn succeeds(&self, server: &Server<'_>) {
        until("the run ends", || server.status(&self.run_id) != "running");
        assert_eq!(server.status(&self.run_id), "success", "{}", self.platform.access_log());
    }

    /// The platform's own word, and the engine's rows.
    fn nothing_began_twice(&self) {
        let mut submitted = self.platform.submissions();
        submitted.sort_unstable();
        let count = submitted.len();
        submitted.dedup();
        assert_eq!((count, submitted.len()), (OPERATORS, OPERATORS), "{}", self.platform.access_log());
        assert!(!self.platform.access_log().contains("/stop"), "{}", self.platform.access_log());
        let attempts = rows::attempts(&self.suanzi.home(), &self.run_id);
        for ix in 0..OPERATORS {
            assert_eq!(self.starts(ix), 1, "operator {ix}");
            let own: Vec<_> = attempts.iter().filter(|a| a.operator == format!("op{ix}")).collect();
            assert!(own.len() == 1 && own[0].attempt_no == 1 && own[0].state == "success", "{own:?}");
        }
        until("the platform was told that it may forget", || self.platform.tasks().is_empty());
    }
}

fn beyond() -> (Suanzi, Platform) {
    let suanzi = Suanzi::new();
    let platform = Platform::start(&suanzi);
    configure(&suanzi, platform.port, OPERATORS as u32);
    (suanzi, platform)
}

#[test]
fn what_runs_on_a_platform_is_taken_over_and_not_begun_again() {
    let (suanzi, platform) = beyond();
    let server = Server::start(&suanzi, &[]);
    let run = Waiting::begin(&server, &platform);
    // Once more dead before anything has ended.
    server.kill();
    let server = Server::start(&suanzi, &[]);
    until("the run goes on", || server.stderr().contains(&format!("resuming run {}", run.run_id)));
    server.kill();
    // Half of them end while nobody watches.
    run.open(0..OPERATORS / 2);
    until("they have ended", || run.ended_there() == OPERATORS / 2);
    let server = Server::start(&suanzi, &[]);
    let task = |id: &str| server.get(&format!("/api/v1/runs/{}/tasks/{id}", run.run_id)).json();
    until("their results are there", || task("op0")["status"] == "success");
    let told = |task: &Value| task["story"].to_string();
    assert!(told(&task("op5")).contains("attempt 1 goes on where an earlier engine began it"), "{}", task("op5"));
    run.open(OPERATORS / 2..OPERATORS);
    run.succeeds(&server);
    run.nothing_began_twice();
    // The copy of a log has its beginning too.
    for id in ["op0", "op5"] {
        let log = server.get(&format!("/api/v1/runs/{}/tasks/{id}/log/stream?attempt=1", run.run_id)).body;
        assert!(log.contains("waits at") && log.contains("goes on"), "{log}");
    }
}

#[test]
fn results_that_the_database_could_not_take_are_kept_by_the_platform() {
    let (suanzi, platform) = beyond();
    let server = Server::start(&suanzi, &[]);
    let run = Waiting::begin(&server, &platform);
    let db = rusqlite::Connection::open(suanzi.home().join("suanzi.db")).expect("the database");
    db.execute_batch("BEGIN IMMEDIATE").expect("the only writer, for now");
    run.open(0..OPERATORS);
    until("they have ended", || run.ended_there() == OPERATORS);
    until("the engine waits to write", || server.stderr().contains("waiting for the database"));
    server.kill();
    db.execute_batch("ROLLBACK").expect("others may write again");
    drop(db);
    let server = Server::start(&suanzi, &[]);
    run.succeeds(&server);
    run.nothing_began_twice();
}

#[test]
fn what_a_platform_has_forgotten_is_begun_again() {
    let (suanzi, platform) = beyond();
    let mut server = Server::start(&suanzi, &["--grace", "0"]);
    let run = Waiting::begin(&server, &platform);
    // An engine that ends as it should leaves nothing there.
    server.signal(Signal::INT);
    server.ends_with(0);
    assert_eq!(platform.tasks(), [""; 0], "{}", platform.access_log());
    run.open(0..OPERATORS);
    let server = Server::start(&suanzi, &[]);
    run.succeeds(&server);
    let attempts = rows::attempts(&suanzi.home(), &run.run_id);
    let of_first: Vec<_> = attempts.iter().filter(|a| a.operator == "op0").map(|a| a.state.as_str()).collect();
    assert_eq!(of_first, ["lost", "success"], "{attempts:?}");
}
