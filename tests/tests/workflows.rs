//! Real workflows, measured by others, replayed as DAGs of operators that do nothing or sleep: all tasks run, none before what it waits for, as the database tells it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use suanzi_tests::graph::Graph;
use suanzi_tests::rows::{self, Attempt};
use suanzi_tests::{DagText, Op, Report, Suanzi, repository};

/// Traces beside the repository, with the number of their tasks.
const TRACES: &[(&str, usize)] = &[
    ("helloworld-forkjoin-10-chameleon", 10),
    ("epigenomics-chameleon-hep-1seq-100k-001", 41),
    ("montage-chameleon-2mass-01d-001", 103),
    ("rnaseq-dirt02-001", 197),
    ("blast-chameleon-medium-001", 303),
    ("seismology-chameleon-1000p-001", 1_001),
];

/// Every tenth task sleeps, as long as the measured one took at this many times its speed.
const SPEED_UP: f64 = 2_000.0;
const SLEEPERS: usize = 10;

/// A task of a trace: id, seconds it took.
struct Trace {
    tasks: Vec<(String, f64)>,
    edges: Vec<(String, String)>,
}

/// Reads WfFormat 1.5.
fn read(text: &str) -> Trace {
    let json: Value = serde_json::from_str(text).expect("a trace is JSON");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().expect("a text").to_string();
    let seconds: BTreeMap<String, f64> = list(&json["workflow"]["execution"]["tasks"])
        .iter()
        .map(|t| (word(&t["id"]), t["runtimeInSeconds"].as_f64().unwrap_or(0.0)))
        .collect();
    let mut trace = Trace { tasks: Vec::new(), edges: Vec::new() };
    for task in list(&json["workflow"]["specification"]["tasks"]) {
        let id = word(&task["id"]);
        trace.edges.extend(list(&task["children"]).iter().map(|child| (id.clone(), word(child))));
        trace.tasks.push((id.clone(), seconds.get(&id).copied().unwrap_or(0.0)));
    }
    trace
}

/// A diamond of diamonds with cross edges: what always runs, traces or not.
fn generated() -> Trace {
    const LAYERS: usize = 8;
    const WIDTH: usize = 12;
    let id = |layer: usize, at: usize| format!("t{layer}_{at}");
    let mut trace = Trace { tasks: Vec::new(), edges: Vec::new() };
    for layer in 0..LAYERS {
        for at in 0..WIDTH {
            trace.tasks.push((id(layer, at), (at * 7 % 5) as f64));
            for step in [0, 1, 5] {
                if layer > 0 {
                    trace.edges.push((id(layer - 1, (at + step) % WIDTH), id(layer, at)));
                }
            }
        }
    }
    trace
}

fn dag(name: &str, trace: &Trace) -> DagText {
    let mut dag = DagText::new(name);
    for (at, (id, seconds)) in trace.tasks.iter().enumerate() {
        let op = match at % SLEEPERS {
            0 => Op::new(id, "sleep").param("seconds", seconds / SPEED_UP),
            // Each its own: none is another's cached twin.
            _ => Op::new(id, "noop").param("payload", at),
        };
        dag = dag.op(op);
    }
    let mut arrived: BTreeMap<&str, u32> = BTreeMap::new();
    for (source, target) in &trace.edges {
        let input = arrived.entry(target).or_default();
        dag = dag.edge(source, 0, target, *input);
        *input += 1;
    }
    dag
}

/// Every task ran once, and none was dispatched before all it waits for had ended.
fn check_order(trace: &Trace, attempts: &[Attempt], tasks: &[rows::Task]) -> Result<(), String> {
    let ids: BTreeSet<&str> = trace.tasks.iter().map(|(id, _)| id.as_str()).collect();
    let by_id: BTreeMap<&str, &Attempt> = attempts.iter().map(|a| (a.operator.as_str(), a)).collect();
    if attempts.len() != ids.len() || by_id.keys().copied().collect::<BTreeSet<_>>() != ids {
        return Err(format!("{} attempts for {} tasks", attempts.len(), ids.len()));
    }
    if let Some(odd) = attempts.iter().find(|a| a.state != "success" || a.attempt_no != 1 || a.ended_at.is_none()) {
        return Err(format!("{odd:?}"));
    }
    let seq: BTreeMap<&str, i64> = tasks.iter().map(|t| (t.operator.as_str(), t.seq)).collect();
    for (source, target) in &trace.edges {
        let (before, after) = (by_id[source.as_str()], by_id[target.as_str()]);
        if before.ended_at.is_some_and(|ended| ended > after.dispatched_at) {
            return Err(format!("{target} began before {source} had ended: {after:?} {before:?}"));
        }
        if seq[source.as_str()] >= seq[target.as_str()] {
            return Err(format!("the end of {target} was recorded before that of {source}"));
        }
    }
    Ok(())
}

fn replay(name: &str, trace: &Trace) {
    let suanzi = Suanzi::new();
    let file = suanzi.write("dag.yaml", dag(name, trace).yaml());
    let args = ["run".as_ref(), file.as_os_str(), "--quiet".as_ref(), "--json".as_ref()];
    let report = Report(suanzi.json(args));
    assert_eq!(report.status(), "success", "{name}");
    assert_eq!(report.operators().count(), trace.tasks.len(), "{name}");
    let attempts = rows::attempts(&suanzi.home(), report.run_id());
    let tasks = rows::tasks(&suanzi.home(), report.run_id());
    check_order(trace, &attempts, &tasks).unwrap_or_else(|fault| panic!("{name}: {fault}"));

    // A part of it: what lies below one task of the middle.
    let graph = Graph { nodes: Vec::new(), edges: trace.edges.clone() };
    let middle = trace.tasks[trace.tasks.len() / 2].0.clone();
    let args = ["run".as_ref(), file.as_os_str(), "-q".as_ref(), "--json".as_ref(), "--from".as_ref(), middle.as_ref()];
    assert_eq!(Report(suanzi.json(args)).executed(), graph.below(&[&middle]), "{name} --from {middle}");
}

#[test]
fn a_generated_workflow_runs_in_order() {
    replay("generated", &generated());
}

#[test]
fn real_workflows_run_in_order() {
    let mut replayed = 0;
    for (name, tasks) in TRACES {
        let Some(path) = repository::shared(&format!("workflows/{name}.json")) else { continue };
        let trace = read(&std::fs::read_to_string(path).expect("a trace is text"));
        assert_eq!(trace.tasks.len(), *tasks, "{name}");
        replay(name, &trace);
        replayed += 1;
    }
    println!("{replayed} of {} traces replayed", TRACES.len());
}

/// The check sees what it is for: an order that breaks an edge, a task that did not run, one that ran twice.
#[test]
fn the_check_finds_planted_faults() {
    let trace = Trace { tasks: vec![("a".into(), 0.0), ("b".into(), 0.0)], edges: vec![("a".into(), "b".into())] };
    let attempt = |operator: &str, attempt_no, dispatched_at, ended_at| Attempt {
        operator: operator.into(),
        attempt_no,
        state: "success".into(),
        dispatched_at,
        ended_at: Some(ended_at),
    };
    let task =
        |operator: &str, seq| rows::Task { operator: operator.into(), state: "success".into(), seq, changed_at: 0 };
    let good = [attempt("a", 1, 10, 20), attempt("b", 1, 20, 30)];
    let order = [task("a", 1), task("b", 2)];
    assert_eq!(check_order(&trace, &good, &order), Ok(()));
    let cases: &[(&[Attempt], &[rows::Task])] = &[
        (&[attempt("a", 1, 10, 20), attempt("b", 1, 19, 30)], &order),
        (&good, &[task("a", 2), task("b", 1)]),
        (&[attempt("a", 1, 10, 20)], &order),
        (&[attempt("a", 1, 10, 20), attempt("b", 2, 20, 30)], &order),
        (&[attempt("a", 1, 10, 20), attempt("b", 1, 20, 30), attempt("b", 2, 30, 40)], &order),
    ];
    for (attempts, tasks) in cases {
        assert!(check_order(&trace, attempts, tasks).is_err(), "{attempts:?} {tasks:?}");
    }
}
