//! The mission's DAG on a platform that knows nothing of Suanzi: same metrics, its own access log as witness, and clear errors where it isn't there.

use suanzi_tests::platform::{Platform, TOKEN, configure};
use suanzi_tests::{Report, Suanzi, python, repository};

const ROWS: u32 = 2_000;
const OPERATORS: usize = 6;

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
    configure(&suanzi, platform.port, 2);

    let file = seed();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let there = Report(suanzi.json(["run", &file, "--quiet", "--json", "--no-cache", "--executor", "http"]));
    assert_eq!(there.status(), "success");
    assert_eq!(there.executed(), local.executed());
    assert_eq!(there.0["metrics"], local.0["metrics"]);

    let log = platform.access_log();
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
    configure(&suanzi, port, 2);
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
    configure(&suanzi, platform.port, 2);
    let data = format!("1={}", data.display());
    let output = suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine", "--dataset", &data]).exits(1);
    let report = Report(output.json());
    assert_eq!(report.0["metrics"]["summed"], serde_json::json!({"sum": 499_500, "pieces": 4}), "{output}");
    assert_eq!(report.0["metrics"]["squares"], serde_json::json!({"sum": 2_470, "there": true}), "{output}");
    assert_eq!(report.operator("greedy")["error"]["kind"], "out_of_memory", "{output}");
    assert_eq!(report.operator("slow")["error"]["kind"], "timeout", "{output}");
}
