//! Limits and patience, from outside: pools, concurrency, priorities, retries with delay, timeouts.

use std::collections::BTreeMap;
use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Report, Suanzi};

/// Writes when it began and ended; fails until it was tried `fails` times before.
const SPELL: &str = "\
import os, time
from suanzi.sdk import Metrics, operator


@operator(deterministic=False)
def spell(*, name: str, seconds: float = 0.15, fails: int = 0) -> Metrics:
    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'witness')
    began = time.monotonic()
    before = open(path).read().count(name + ' ') if os.path.exists(path) else 0
    time.sleep(seconds)
    with open(path, 'a') as witness:
        witness.write(f'{name} {began} {time.monotonic()}\\n')
    if before < fails:
        raise RuntimeError('not yet')
    return {}
";

fn project(dag: DagText) -> Suanzi {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/spells.py", SPELL);
    suanzi.write("dag.yaml", dag.yaml());
    suanzi
}

fn spells(count: usize, with: impl Fn(Op, usize) -> Op) -> DagText {
    (0..count).fold(DagText::new("spells"), |dag, i| {
        let id = format!("s{i}");
        dag.op(with(Op::new(&id, "spell").param("name", id.as_str()), i))
    })
}

/// Begin and end of each attempt by operator, in the order they were written.
fn witness(suanzi: &Suanzi) -> Vec<(String, f64, f64)> {
    let text = std::fs::read_to_string(suanzi.dir().join("witness")).expect("somebody ran");
    let number = |s: &str| s.parse().expect("a time");
    text.lines()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .map(|words| (words[0].to_string(), number(words[1]), number(words[2])))
        .collect()
}

fn most_at_once(spans: &[(String, f64, f64)]) -> usize {
    spans.iter().map(|(_, at, _)| spans.iter().filter(|(_, from, to)| from <= at && at < to).count()).max().unwrap_or(0)
}

fn run(suanzi: &Suanzi, flags: &[&str]) -> suanzi_tests::Output {
    let args = ["run", "dag.yaml", "-q", "--json", "--operators", "mine", "--workers", "4"];
    suanzi.run(args.iter().chain(flags))
}

#[test]
fn a_pool_holds_back_its_operators_and_no_others() {
    let suanzi = project(spells(6, |op, i| if i < 4 { op.field("pool", "gpu") } else { op }));
    run(&suanzi, &["--pool", "gpu=1"]).success();
    let spans = witness(&suanzi);
    let pooled: Vec<_> = spans.iter().filter(|(name, ..)| name.as_str() < "s4").cloned().collect();
    assert_eq!((pooled.len(), most_at_once(&pooled)), (4, 1), "{spans:?}");
    assert!(most_at_once(&spans) > 1, "the others didn't wait for the pool: {spans:?}");
}

#[test]
fn a_pool_without_a_limit_is_warned_of() {
    let suanzi = project(spells(1, |op, _| op.field("pool", "gpu")));
    let args = ["run", "dag.yaml", "--operators", "mine", "--pool", "gup=1"];
    let told = suanzi.run(args).success();
    assert!(told.stderr.contains("warning[unknown_pool]: the pool 'gpu' has no limit"), "{told}");
    assert!(run(&suanzi, &["--pool", "gpu"]).exits(2).stderr.contains("NAME=N"));
}

#[test]
fn concurrency_bounds_a_run() {
    let suanzi = project(spells(5, |op, _| op));
    run(&suanzi, &["--concurrency", "2"]).success();
    assert_eq!(most_at_once(&witness(&suanzi)), 2);
}

#[test]
fn higher_priority_begins_first() {
    let suanzi = project(spells(4, |op, i| op.field("priority", i as i64)));
    run(&suanzi, &["--concurrency", "1"]).success();
    let order: Vec<String> = witness(&suanzi).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(order, ["s3", "s2", "s1", "s0"]);
}

#[test]
fn a_failure_is_retried_after_its_delay_and_as_often_as_allowed() {
    let suanzi = project(spells(2, |op, i| {
        let op = op.param("seconds", 0.01).param("fails", 2).field("retries", if i == 0 { 2 } else { 1 });
        op.field("retry_delay", 0.5)
    }));
    let report = Report(run(&suanzi, &[]).exits(1).json());
    let statuses = report.statuses();
    assert_eq!(statuses, BTreeMap::from([("s0".into(), "success".into()), ("s1".into(), "failed".into())]));
    let tries: Vec<_> = witness(&suanzi).into_iter().filter(|(name, ..)| name == "s0").collect();
    assert_eq!(tries.len(), 3);
    for pair in tries.windows(2) {
        assert!(pair[1].1 - pair[0].2 >= 0.5, "the delay is kept: {tries:?}");
    }
}

#[test]
fn an_operator_that_takes_too_long_is_stopped() {
    let suanzi = project(spells(2, |op, i| if i == 0 { op.param("seconds", 60.0).field("timeout", 1) } else { op }));
    let output = run(&suanzi, &[]).exits(1);
    let report = Report(output.json());
    assert_eq!(report.operator("s0")["error"]["kind"], "timeout", "{output}");
    assert_eq!(report.operator("s1")["status"], "success", "the other is not concerned");
    assert!(output.took.as_secs() < 30, "{:?}", output.took);
}
