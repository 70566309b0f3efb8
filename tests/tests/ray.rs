//! The mission's DAG on a real Ray cluster, unchanged: same metrics as here. Run by `make test-ray`, which starts the cluster.

use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};
use suanzi_tests::{DagText, Op, Report, Suanzi, python, repository, rows};

const ROWS: u32 = 2_000;
/// Of each of the cluster's two nodes.
const NODE_CPUS: u32 = 2;

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this through `make test-ray`"))
}

/// A home with the seed's dataset and the cluster configured.
fn home(token_file: &str) -> Suanzi {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let url = setting("SUANZI_RAY_URL");
    let text = format!(r#"{{"ray": {{"type": "ray", "url": "{url}", "token_file": "{token_file}", "slots": 4}}}}"#);
    suanzi.write("home/executors.json", text);
    suanzi
}

fn seed() -> String {
    repository::root().join("examples/seed-dag.yaml").to_string_lossy().into_owned()
}

#[test]
fn the_seeds_dag_has_the_same_metrics_on_ray() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let file = seed();
    let began = Instant::now();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let here = began.elapsed();
    let began = Instant::now();
    let there = Report(suanzi.json(["run", &file, "--quiet", "--json", "--no-cache", "--executor", "ray"]));
    println!("the whole command: {here:?} here, {:?} on Ray", began.elapsed());
    assert_eq!(there.status(), "success");
    assert_eq!(there.executed(), local.executed());
    assert_eq!(there.0["metrics"], local.0["metrics"]);
}

/// One operator on the cluster in a pipeline that runs here, with a resource that only one node has.
#[test]
fn one_operator_goes_where_its_resources_are() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let text = std::fs::read_to_string(seed()).expect("the seed");
    let place = text.find("algo_name:").expect("an operator");
    let indent: String = text[..place].rsplit('\n').next().expect("a line").replace('-', " ");
    let with = |resource: &str| {
        let keys = format!("executor: ray\n{indent}resources:\n{indent}  {resource}: 1\n{indent}");
        format!("{}{keys}{}", &text[..place], &text[place..])
    };
    let file = suanzi.write("two.yaml", with("two"));
    let report = Report(suanzi.json(["run", &file.to_string_lossy(), "--quiet", "--json"]));
    assert_eq!(report.status(), "success");
    let file = suanzi.write("three.yaml", with("three"));
    let output = suanzi.run(["run", &file.to_string_lossy(), "--no-cache"]);
    assert_eq!(output.code, Some(1), "{output:?}");
    for part in ["no node has", "three 1", "two 1"] {
        assert!(output.stderr.contains(part) || output.stdout.contains(part), "{part}: {output:?}");
    }
}

const WAITS: &str = "\
import os, time
def run(*inputs, params):
    with open(params['gate'] + '.begun', 'a') as begun:
        begun.write('x')
    end = time.monotonic() + 100
    while not os.path.exists(params['gate']) and time.monotonic() < end:
        time.sleep(0.01)
    with open(params['gate'] + '.ended', 'a') as ended:
        ended.write('x')
    return {'waited': 1.0}
";

/// What runs on the cluster goes on there while an engine dies and the next one comes, which takes over the pool and what it runs.
#[test]
fn a_killed_engines_operators_are_taken_over_and_not_begun_again() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let gate = |id: &str, more: &str| suanzi.dir().join(format!("{id}{more}"));
    let ids = ["a", "b", "c"];
    let mut dag = DagText::new("beyond");
    for id in ids {
        let op = Op::new(id, "python_script").param("code", WAITS).param("params", json!({ "gate": gate(id, "") }));
        dag = dag.op(op.field("executor", "ray"));
    }
    let file = suanzi.write("dag.yaml", dag.yaml()).to_string_lossy().into_owned();
    let mut engine = suanzi.command(["run", &file, "--quiet"]).spawn().expect("it starts");
    let wait_for = |what: &str, is: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !is() {
            assert!(began.elapsed() < Duration::from_secs(100), "{what}: not within 100 s");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for("all run", &|| ids.iter().all(|id| gate(id, ".begun").exists()));
    engine.kill().expect("it can be killed");
    engine.wait().expect("it can be waited for");
    // One ends while nobody watches.
    suanzi.write("a", "");
    wait_for("one has ended", &|| gate("a", ".ended").exists());
    let run_id = rows::open(&suanzi.home())
        .query_row("SELECT run_id FROM runs", [], |row| row.get::<_, String>(0))
        .expect("one run");
    let mut engine = suanzi.command(["runs", "resume", &run_id]).spawn().expect("it starts");
    let ended = || rows::attempts(&suanzi.home(), &run_id).iter().filter(|a| a.state == "success").count();
    wait_for("its result is there", &|| ended() == 1);
    suanzi.write("b", "");
    suanzi.write("c", "");
    assert!(engine.wait().expect("it can be waited for").success());
    for id in ids {
        assert_eq!(std::fs::read_to_string(gate(id, ".begun")).expect("it began"), "x", "{id} began once");
    }
    let attempts = rows::attempts(&suanzi.home(), &run_id);
    assert!(attempts.len() == ids.len() && attempts.iter().all(|a| a.state == "success"), "{attempts:?}");
    let left = std::fs::read_dir(suanzi.home()).expect("a home").flatten();
    assert!(
        !left.map(|file| file.file_name()).any(|name| name.to_string_lossy().starts_with("ray-pool")),
        "noted still"
    );
}

/// All of Ray is killed at once, as by a power cut, and another cluster that knows nothing of it is at its address afterwards.
#[test]
fn a_cluster_that_is_started_anew_costs_what_was_under_way_and_no_retry() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let path = |id: &str, more: &str| suanzi.dir().join(format!("{id}{more}"));
    // One for each node by its resource, and one for either.
    let ids = ["one", "two", "any"];
    let mut dag = DagText::new("anew");
    for id in ids {
        let op = Op::new(id, "python_script").param("code", WAITS).param("params", json!({ "gate": path(id, "") }));
        let op = op.field("executor", "ray").field("retries", 0);
        dag = dag.op(if id == "any" { op } else { op.field("resources", json!({ id: 1 })) });
    }
    let file = suanzi.write("dag.yaml", dag.yaml()).to_string_lossy().into_owned();
    let mut program = suanzi.command(["run", &file, "--quiet", "--json"]).spawn().expect("it starts");
    let marks = |id: &str, what: &str| std::fs::read_to_string(path(id, what)).unwrap_or_default().len();
    let mut until = |what: &str, holds: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(90), "{what}: not within 90 s");
            assert!(program.try_wait().expect("it is a child").is_none(), "{what}: the run has ended before");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("all run", &|| ids.iter().all(|id| marks(id, ".begun") == 1));
    let restart = setting("SUANZI_RAY_RESTART");
    let began = Instant::now();
    std::fs::write(&restart, "").expect("a file");
    until("another cluster", &|| !Path::new(&restart).exists());
    let away = began.elapsed();
    until("all run again", &|| ids.iter().all(|id| marks(id, ".begun") >= 2));
    println!("the cluster was away for {away:?}; all ran again {:?} after its end", began.elapsed());
    ids.iter().for_each(|id| drop(suanzi.write(id, "")));
    let output = program.wait_with_output().expect("it ends");
    let (told, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{said}");
    let report = Report(serde_json::from_str(&told).expect("a report"));
    let attempts = rows::attempts(&suanzi.home(), report.run_id());
    for id in ids {
        let states: Vec<&str> = attempts.iter().filter(|a| a.operator == id).map(|a| &*a.state).collect();
        assert_eq!(states, ["lost", "success"], "{id}: {attempts:?}\n{said}");
        assert_eq!((marks(id, ".begun"), marks(id, ".ended")), (2, 1), "{id} ran to its end once");
    }
}

/// Ray's workers can't import Suanzi's code on one node for a while: no fault of the operator, which runs there as soon as they can.
#[test]
fn a_node_that_lacks_our_code_for_a_while_costs_no_retry() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let path = |id: &str, more: &str| suanzi.dir().join(format!("{id}{more}"));
    let op = |id: &str, node: &str| {
        let op = Op::new(id, "python_script").param("code", WAITS).param("params", json!({ "gate": path(id, "") }));
        op.field("executor", "ray").field("retries", 0).field("resources", json!({ node: 1 }))
    };
    let dag = DagText::new("away").op(op("before", "two")).op(op("after", "one")).edge("before", 0, "after", 0);
    let file = suanzi.write("dag.yaml", dag.yaml()).to_string_lossy().into_owned();
    suanzi.write("after", "");
    let mut program = suanzi.command(["run", &file, "--quiet", "--json"]).spawn().expect("it starts");
    let mut until = |what: &str, holds: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within 60 s");
            assert!(program.try_wait().expect("it is a child").is_none(), "{what}: the run has ended before");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("the pool works", &|| path("before", ".begun").exists());
    // Where node "one" unpacked the package of each job; no worker there has run an operator of this pool so far.
    let packages =
        Path::new(&setting("SUANZI_RAY_NODE_ONE")).join("session_latest/runtime_resources/working_dir_files");
    let code: Vec<_> =
        std::fs::read_dir(packages).expect("packages").flatten().map(|p| p.path().join("suanzi")).collect();
    let code: Vec<_> = code.iter().filter(|code| code.join("pool").exists()).collect();
    assert!(!code.is_empty(), "the pool's package is on the node");
    let moved = |from: &str, to: &str| {
        code.iter().for_each(|code| std::fs::rename(code.join(from), code.join(to)).expect("it can be moved"));
    };
    moved("pool", "away");
    suanzi.write("before", "");
    let states = || {
        let database = rows::open(&suanzi.home());
        let run_id = database.query_row("SELECT run_id FROM runs", [], |row| row.get::<_, String>(0)).expect("one run");
        let attempts = rows::attempts(&suanzi.home(), &run_id).into_iter().filter(|a| a.operator == "after");
        attempts.map(|a| a.state).collect::<Vec<_>>()
    };
    until("an attempt without the code", &|| states().len() >= 2);
    moved("away", "pool");
    let output = program.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    let states = states();
    println!("attempts: {states:?}");
    let (last, lost) = states.split_last().expect("attempts");
    assert!(last == "success" && !lost.is_empty() && lost.iter().all(|state| state == "lost"), "{states:?}");
    assert_eq!(std::fs::read_to_string(path("after", ".begun")).expect("it began"), "x", "it began once");
}

#[test]
fn a_wrong_token_is_said_before_anything_begins() {
    let wrong = "a-token-that-nobody-may-see";
    let suanzi = home("nowhere");
    let token = suanzi.write("token", wrong);
    let text = std::fs::read_to_string(suanzi.home().join("executors.json")).expect("the file");
    suanzi.write("home/executors.json", text.replace("nowhere", &token.to_string_lossy()));
    let output = suanzi.run(["run", &seed(), "--executor", "ray"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("executor ray:") && output.stderr.contains("token"), "{output:?}");
    assert!(!output.stderr.contains(wrong), "{output:?}");
}

const OWN: &str = "\
import os
import time
from suanzi.sdk import Metrics, Partition, Table, operator

def total(parts: list) -> dict:
    return {'sum': sum(part['sum'] for part in parts), 'rows': sum(part['rows'] for part in parts)}

@operator(partition=Partition(rows=ROWS))
def halved(data: Table, *, where: str, together: int = 1, refuse: int = -1) -> Table:
    with open(f'{where}/{data[\"n\"].iloc[0]}', 'w') as file:
        file.write(str(os.getpid()))
    until = time.monotonic() + 60
    while len(os.listdir(where)) < together and time.monotonic() < until:
        time.sleep(0.02)
    print('a piece from', data['n'].iloc[0], 'on', os.getppid())
    if refuse in data['n'].values:
        raise ValueError(f'{refuse} is no good')
    return data[data['n'] % 2 == 0].assign(half=data['n'] / 2)

@operator(partition=Partition(combine=total, rows=ROWS))
def summed(data: Table) -> Metrics:
    return {'sum': int(data['half'].sum() + data['名'].str.len().sum()), 'rows': len(data)}
";

/// Pieces wait in the folder `where` until so many run together.
fn pieces_dag(whereabouts: &Path, together: u32, refuse: i64) -> String {
    let whereabouts = whereabouts.display();
    format!(
        "dag:
 name: pieces
 operator_list: [data, halved, summed]
 operator_rels:
  data: [{{target: halved, source_index: 0, target_index: 0}}]
  halved: [{{target: summed, source_index: 0, target_index: 0}}]
 operator_details:
  data: {{algo_name: algo_local_read_file, params: {{data_id: 1}}}}
  halved: {{algo_name: halved, params: {{where: '{whereabouts}', together: {together}, refuse: {refuse}}}}}
  summed: {{algo_name: summed}}
"
    )
}

/// A table in pieces, each a Ray task: what comes of it is what one process here makes of the whole.
#[test]
fn pieces_of_a_table_go_to_the_cluster() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let rows: String = (0..1_000).map(|n| format!("{n},{}\n", if n % 3 == 0 { "" } else { "值" })).collect();
    let data = suanzi.write("data.csv", format!("n,名\n{rows}"));
    let data = format!("1={}", data.display());
    let flags = ["-q", "--json", "--operators", "mine", "--dataset", &*data];
    let folder = |name: &str| suanzi.write(&format!("{name}/.keep"), "").parent().expect("a folder").to_owned();
    suanzi.write("dag.yaml", pieces_dag(&folder("here"), 1, -1));
    suanzi.write("mine/own.py", OWN.replace("ROWS", "1000000"));
    let whole = Report(suanzi.json(["run", "dag.yaml"].iter().chain(&flags)));
    suanzi.write("mine/own.py", OWN.replace("ROWS", "300"));
    // The file that keeps the folder counts too.
    suanzi.write("dag.yaml", pieces_dag(&folder("there"), NODE_CPUS + 2, -1));
    let cut = Report(suanzi.json(["run", "dag.yaml", "--no-cache", "--executor", "ray"].iter().chain(&flags)));
    assert_eq!(cut.0["metrics"], whole.0["metrics"]);
    let compared = suanzi.json(["diff", whole.run_id(), cut.run_id(), "--json"]);
    assert!(compared["first_divergence"].is_null(), "the tables are the same: {compared}");
    let log = suanzi.run(["logs", cut.run_id(), "halved"]).success().stdout;
    assert!(log.contains("4 pieces of up to 300 rows, 4 at a time; the largest process had "), "{log}");
    let told: Vec<(&str, &str)> =
        log.lines().filter_map(|line| line.split_once("a piece from ")?.1.split_once(" on ")).collect();
    let firsts: BTreeSet<&str> = told.iter().map(|(first, _)| *first).collect();
    assert_eq!(firsts, ["0", "300", "600", "900"].into(), "{log}");
    // What a piece is a fork of: there is one such process on each node.
    let nodes: BTreeSet<&str> = told.iter().map(|(_, server)| *server).collect();
    assert_eq!((told.len(), nodes.len()), (4, 2), "{log}");

    suanzi.write("dag.yaml", pieces_dag(&folder("again"), 1, 750));
    let failed = suanzi.run(["run", "dag.yaml", "--executor", "ray"].iter().chain(&flags)).exits(1);
    assert!(failed.stdout.contains("piece 3 of 4 (rows 601 to 900): ValueError: 750 is no good"), "{failed}");

    // All of them wait for one more that never comes, until the run is cancelled.
    let stuck = folder("stuck");
    suanzi.write("dag.yaml", pieces_dag(&stuck, 99, -1));
    let pids = || {
        let files = std::fs::read_dir(&stuck).expect("the folder").flatten();
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()?.parse::<u32>().ok()).collect::<Vec<_>>()
    };
    let command = ["run", "dag.yaml", "--executor", "ray"];
    let mut program = suanzi.command(command.iter().chain(&flags)).spawn().expect("the program starts");
    let until = Instant::now() + Duration::from_secs(120);
    while pids().is_empty() {
        assert!(Instant::now() < until, "no piece begins");
        std::thread::sleep(Duration::from_millis(50));
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&program), rustix::process::Signal::INT)
        .expect("it runs");
    assert!(!program.wait().expect("it ends").success());
    let until = Instant::now() + Duration::from_secs(30);
    while pids().iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
        assert!(Instant::now() < until, "pieces have outlived their attempt");
        std::thread::sleep(Duration::from_millis(50));
    }
}

const JOBS: &str = "\
import os
import time
from suanzi.sdk import FailedJob, Metrics, Table, current, operator

@operator
def rounds(data: Table, *, where: str, together: int) -> Metrics:
    print('asked')
    numbers = data['n'].tolist()

    def square(n):
        with open(f'{where}/{n}', 'w') as file:
            file.write(str(os.getpid()))
        until = time.monotonic() + 60
        while len(os.listdir(where)) < together and time.monotonic() < until:
            time.sleep(0.02)
        if n == 3:
            os.kill(os.getpid(), 9)
        print('job', n)
        return n * n

    first = current().map(square, numbers, what='squares', keep_failures=True, share=(0, 0.5))
    good = [one for one in first if not isinstance(one, FailedJob)]
    second = current().map(lambda n: n + len(good), good[-3:], what='sums', share=(0.5, 1))
    return {'first': sum(good), 'second': sum(second), 'failed': len(first) - len(good)}
";

/// Each job of an operator is a Ray task, round after round, and one that is killed is a failed job, as it is here.
#[test]
fn jobs_go_to_the_cluster() {
    let suanzi = home(&setting("SUANZI_RAY_TOKEN_FILE"));
    let rows: String = (0..8).map(|n| format!("{n}\n")).collect();
    let data = suanzi.write("data.csv", format!("n\n{rows}"));
    let data = format!("1={}", data.display());
    let flags = ["-q", "--json", "--operators", "mine", "--dataset", &*data];
    suanzi.write("mine/own.py", JOBS);
    let dag = |name: &str, together: u32| {
        let folder = suanzi.write(&format!("{name}/.keep"), "").parent().expect("a folder").to_owned();
        let text = format!(
            "dag:
 name: jobs
 operator_list: [data, rounds]
 operator_rels: {{data: [{{target: rounds, source_index: 0, target_index: 0}}]}}
 operator_details:
  data: {{algo_name: algo_local_read_file, params: {{data_id: 1}}}}
  rounds: {{algo_name: rounds, params: {{where: '{}', together: {together}}}}}
",
            folder.display()
        );
        suanzi.write("dag.yaml", text);
    };
    dag("here", 1);
    let here = Report(suanzi.json(["run", "dag.yaml"].iter().chain(&flags)));
    // The file that keeps the folder counts too: more run at a time than one node has processors.
    dag("there", NODE_CPUS + 2);
    let there = Report(suanzi.json(["run", "dag.yaml", "--no-cache", "--executor", "ray"].iter().chain(&flags)));
    assert_eq!(there.0["metrics"], here.0["metrics"]);
    assert_eq!(there.0["metrics"]["rounds"], serde_json::json!({"first": 131, "second": 131, "failed": 1}));
    let log = suanzi.run(["logs", there.run_id(), "rounds"]).success().stdout;
    assert_eq!(log.matches("asked").count(), 1, "{log}");
    assert_eq!(log.matches("job ").count(), 7, "{log}");
    assert!(log.contains("8 squares, ") && log.contains("3 sums, "), "{log}");
}
