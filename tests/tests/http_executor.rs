//! The mission's DAG on a platform that knows nothing of Suanzi: same metrics, its own access log as witness, and clear errors where it isn't there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use suanzi_tests::{Report, Suanzi, python, repository};

const ROWS: u32 = 2_000;
const OPERATORS: usize = 6;
const TOKEN: &str = "a-token-that-nobody-may-see";

/// The reference platform as a process of its own; it ends with its standard input.
struct Platform {
    process: Child,
    port: u16,
}

impl Platform {
    fn start(suanzi: &Suanzi) -> Platform {
        let token = suanzi.write("token", TOKEN);
        // Only this one file goes there: the platform finds no checkout beside itself.
        let source =
            std::fs::read(repository::root().join("tests/platform/platform.py")).expect("the platform's source");
        let source = suanzi.write("elsewhere/platform.py", source);
        let mut process = Command::new(python::interpreter())
            .args(["-I".as_ref(), source.as_os_str(), suanzi.dir().join("platform").as_os_str()])
            .arg(python::interpreter())
            .arg(token)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the platform starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("the port");
        Platform { process, port: line.trim().parse().expect("a port") }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn configure(suanzi: &Suanzi, port: u16) {
    let token = suanzi.dir().join("token");
    let text = format!(
        r#"{{"http": {{"type": "http", "url": "http://127.0.0.1:{port}", "token_file": "{}", "slots": 2}}}}"#,
        token.display()
    );
    suanzi.write("home/executors.json", text);
}

fn seed() -> String {
    repository::root().join("examples/seed-dag.yaml").to_string_lossy().into_owned()
}

#[test]
fn the_seeds_dag_has_the_same_metrics_there() {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let platform = Platform::start(&suanzi);
    configure(&suanzi, platform.port);

    let file = seed();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let there = Report(suanzi.json(["run", &file, "--quiet", "--json", "--no-cache", "--executor", "http"]));
    assert_eq!(there.status(), "success");
    assert_eq!(there.executed(), local.executed());
    assert_eq!(there.0["metrics"], local.0["metrics"]);

    let log = std::fs::read_to_string(suanzi.dir().join("platform/access.log")).expect("an access log");
    let tasks = log.lines().filter(|line| line.starts_with("PUT /v1/tasks/") && line.ends_with("201")).count();
    assert_eq!(tasks, OPERATORS, "{log}");
    assert!(log.lines().any(|line| line.starts_with("PUT /v1/code/") && line.ends_with("201")), "{log}");
    let uploaded = std::fs::read_dir(suanzi.dir().join("platform/code")).expect("a folder").count();
    assert_eq!(uploaded, 1, "one code package for all tasks");
}

#[test]
fn what_is_wrong_is_said_once_and_without_the_token() {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let file = seed();
    let check = |executor: &str, expected: &str| {
        let output = suanzi.run(["run", &file, "--executor", executor]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(expected), "{output:?}");
        assert!(!output.stderr.contains(TOKEN), "{output:?}");
    };
    check("http", "there is no executor");
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    suanzi.write("token", TOKEN);
    configure(&suanzi, port);
    check("http", "can't be reached");
    check("htp", "did you mean");
    suanzi.write("home/executors.json", r#"{"http": {"type": "http", "url": "ftp://x"}}"#);
    check("local", "must begin with http://");
}

const OWN: &str = "\
import os
import time
from suanzi.sdk import Metrics, Partition, Table, current, operator

def total(parts: list) -> dict:
    return {'sum': sum(part['sum'] for part in parts), 'pieces': len(parts)}

@operator(partition=Partition(combine=total, rows=300))
def summed(data: Table) -> Metrics:
    return {'sum': int(data['n'].sum())}

@operator
def squares(data: Table) -> Metrics:
    def one(n):
        return n * n, os.getpid()
    found = current().map(one, range(20))
    return {'sum': sum(n for n, _ in found), 'there': os.getpid() not in [pid for _, pid in found]}

@operator
def greedy(data: Table) -> Metrics:
    return {'bytes': len(bytearray(4 << 30))}

@operator
def slow(data: Table) -> Metrics:
    time.sleep(600)
    return {}
";

/// What the engine, the platform and the process there each have a part in: pieces of a table, jobs, a cap for memory, a
/// timeout.
#[test]
fn pieces_memory_and_timeouts_are_as_here() {
    let suanzi = Suanzi::new();
    suanzi.write("mine/own.py", OWN);
    let rows: String = (0..1_000).map(|n| format!("{n}\n")).collect();
    let data = suanzi.write("data.csv", format!("n\n{rows}"));
    suanzi.write(
        "dag.yaml",
        "dag:
 name: there
 operator_list: [data, summed, squares, greedy, slow]
 operator_rels:
  data:
   - {target: summed, source_index: 0, target_index: 0}
   - {target: squares, source_index: 0, target_index: 0}
   - {target: greedy, source_index: 0, target_index: 0}
   - {target: slow, source_index: 0, target_index: 0}
 operator_details:
  data: {algo_name: algo_local_read_file, params: {data_id: 1}}
  summed: {algo_name: summed, executor: http, resources: {cpu: 2}}
  squares: {algo_name: squares, executor: http, resources: {cpu: 2}}
  greedy: {algo_name: greedy, executor: http, resources: {memory: 1g}}
  slow: {algo_name: slow, executor: http, timeout: 2}
",
    );
    let platform = Platform::start(&suanzi);
    configure(&suanzi, platform.port);
    let data = format!("1={}", data.display());
    let output = suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine", "--dataset", &data]).exits(1);
    let report = Report(output.json());
    assert_eq!(report.0["metrics"]["summed"], serde_json::json!({"sum": 499_500, "pieces": 4}), "{output}");
    assert_eq!(report.0["metrics"]["squares"], serde_json::json!({"sum": 2_470, "there": true}), "{output}");
    assert_eq!(report.operator("greedy")["error"]["kind"], "out_of_memory", "{output}");
    assert_eq!(report.operator("slow")["error"]["kind"], "timeout", "{output}");
}
