//! Operators with Python requirements of their own: each runs with the versions it names, environments are made once, and a broken one stops nothing else.

use serde_json::Value;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};
use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Output, Report, Suanzi, isolation, wheels};

const OPERATORS: &str = "\
import sys

from suanzi.sdk import Metrics, operator


@operator(requirements=['tiny==1.0'])
def first(*, tag: int = 0) -> Metrics:
    import tiny

    return {'version': tiny.VERSION, 'python': sys.prefix}


@operator
def any_version(*, tag: int = 0) -> Metrics:
    try:
        import tiny
    except ImportError:
        return {'version': 'none', 'python': sys.prefix}
    return {'version': tiny.VERSION, 'python': sys.prefix}


@operator(requirements=['tiny==1.0'])
def slow(*, tag: int = 0, seconds: float = 0.0) -> Metrics:
    import time

    import tiny

    began = time.time()
    time.sleep(seconds)
    return {'version': tiny.VERSION, 'began': began, 'ended': time.time()}
";

const WAIT_LIMIT: Duration = Duration::from_secs(60);

fn home() -> Suanzi {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    wheels::offer(&mut suanzi);
    suanzi.write("mine/versions.py", OPERATORS);
    suanzi
}

fn try_run(suanzi: &Suanzi, dag: DagText, flags: &[&str]) -> Output {
    suanzi.write("dag.yaml", dag.yaml());
    suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine"].iter().chain(flags))
}

fn run(suanzi: &Suanzi, dag: DagText, flags: &[&str]) -> Report {
    Report(try_run(suanzi, dag, flags).success().json())
}

fn version<'a>(report: &'a Report, operator: &str) -> &'a str {
    report.0["metrics"][operator]["version"].as_str().unwrap_or_else(|| panic!("{operator}: {}", report.0))
}

fn listed(suanzi: &Suanzi) -> Vec<Value> {
    suanzi.json(["env", "list", "--json"]).as_array().expect("a list").clone()
}

/// Two versions of one package, and none of it.
fn three() -> DagText {
    DagText::new("three")
        .op(Op::new("one", "first"))
        .op(Op::new("two", "any_version").field("env", vec!["Tiny == 2.0"]))
        .op(Op::new("none", "any_version"))
}

#[test]
fn each_operator_runs_with_the_versions_that_it_names() {
    let suanzi = home();
    let report = run(&suanzi, three(), &[]);
    assert_eq!(version(&report, "one"), "1.0");
    assert_eq!(version(&report, "two"), "2.0");
    assert_eq!(version(&report, "none"), "none", "the usual environment is left as it is");
    let log = suanzi.run(["logs", report.run_id(), "one"]).success().stdout;
    assert!(log.contains("Successfully installed tiny-1.0"), "what pip said is in the log: {log}");
    let all = listed(&suanzi);
    assert_eq!(all.len(), 2, "{all:?}");
    for one in &all {
        assert_eq!(one["state"], "ready");
        assert_eq!(one["installed"].as_array().map(Vec::len), Some(1), "only what was asked for: {one}");
        assert!(one["bytes"].as_u64().is_some_and(|bytes| bytes > 1_000), "{one}");
    }
    // Nothing is made twice: what a second making would leave is another time.
    let again = run(&suanzi, three(), &["--no-cache"]);
    assert_eq!(again.executed().len(), 3);
    let made = |rows: &[Value]| rows.iter().map(|row| row["made"].clone()).collect::<std::collections::HashSet<_>>();
    assert_eq!(made(&listed(&suanzi)), made(&all));
    assert_eq!(run(&suanzi, three(), &[]).cached().len(), 3);
}

/// Their workers are kept from the engine and each other like any others.
#[test]
fn they_work_in_every_isolation_profile() {
    for profile in isolation::allowed() {
        let suanzi = home();
        let report = run(&suanzi, three(), &["--isolation", profile]);
        let found = ["one", "two", "none"].map(|operator| version(&report, operator));
        assert_eq!(found, ["1.0", "2.0", "none"], "{profile}");
    }
}

#[test]
fn the_dag_overrides_the_operators_own_version_and_that_is_another_result() {
    let suanzi = home();
    let with = |env: &[&str]| DagText::new("over").op(Op::new("one", "first").field("env", env.to_vec()));
    assert_eq!(version(&run(&suanzi, with(&[]), &[]), "one"), "1.0");
    suanzi.write("dag.yaml", with(&["tiny==2.0"]).yaml());
    let plan = suanzi.run(["plan", "dag.yaml", "--operators", "mine"]).success();
    assert!(plan.stdout.contains("its Python requirements changed"), "{plan}");
    let other = run(&suanzi, with(&["tiny==2.0"]), &[]);
    assert_eq!((version(&other, "one"), other.executed().len()), ("2.0", 1));
    let back = run(&suanzi, with(&[]), &[]);
    assert_eq!((version(&back, "one"), back.cached().len()), ("1.0", 1), "the first result is still known");
}

#[test]
fn a_broken_environment_fails_its_operator_alone_and_says_why() {
    let suanzi = home();
    let dag = || {
        DagText::new("broken")
            .op(Op::new("good", "first"))
            .op(Op::new("none", "any_version"))
            .op(Op::new("absent", "any_version").field("env", vec!["tiny==7.0"]))
            .op(Op::new("needy", "any_version").field("env", vec!["tiny==9.0"]))
    };
    let failed = try_run(&suanzi, dag(), &[]).exits(1);
    let report = Report(failed.json());
    let statuses = report.statuses();
    assert_eq!(statuses["good"], "success");
    assert_eq!(statuses["none"], "success");
    for (operator, why) in [("absent", "tiny==7.0"), ("needy", "nowhere-to-be-found")] {
        assert_eq!(statuses[operator], "failed");
        let error = &report.operator(operator)["error"];
        assert_eq!(error["kind"], "environment", "{error}");
        assert!(error["message"].as_str().is_some_and(|text| text.contains(why)), "pip's reason: {error}");
        assert!(error["hint"].as_str().is_some_and(|text| text.contains("pip")), "{error}");
        let log = suanzi.run(["logs", report.run_id(), operator]).success().stdout;
        assert!(log.contains("ERROR") && log.contains(why), "pip's words are its log: {log}");
    }
    let states: Vec<_> = listed(&suanzi).iter().map(|row| row["state"].as_str().unwrap_or("").to_owned()).collect();
    assert_eq!(states.iter().filter(|state| *state == "failed").count(), 2, "{states:?}");
    // The next run tries again, and finds what has come meanwhile.
    wheels::add(&suanzi, "7.0", "");
    let again = Report(try_run(&suanzi, dag(), &[]).exits(1).json());
    assert_eq!(version(&again, "absent"), "7.0");
    assert_eq!(again.statuses()["needy"], "failed");
}

/// What is imported before any task takes a broken package's place: the pool can't start.
#[test]
fn an_environment_in_which_workers_cannot_start_fails_its_operator_alone() {
    let suanzi = home();
    wheels::module(&suanzi, "threadpoolctl", "99.0", "", "raise ImportError('broken on purpose')\n");
    let dag = DagText::new("broken")
        .op(Op::new("bad", "any_version").field("env", vec!["threadpoolctl==99.0"]))
        .op(Op::new("good", "first"))
        .op(Op::new("none", "any_version"));
    let report = Report(try_run(&suanzi, dag, &[]).exits(1).json());
    let statuses = report.statuses();
    assert_eq!((statuses["good"].as_str(), statuses["none"].as_str()), ("success", "success"));
    let error = &report.operator("bad")["error"];
    assert_eq!(error["kind"], "environment", "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("broken on purpose")), "{error}");
    assert!(error["hint"].as_str().is_some_and(|text| text.contains("suanzi env remove")), "{error}");
}

#[test]
fn an_environment_in_use_is_not_removed() {
    let suanzi = home();
    let dag = DagText::new("busy").op(Op::new("one", "slow").param("seconds", 600.0));
    suanzi.write("dag.yaml", dag.yaml());
    suanzi.run(["env", "create", "--for", "dag.yaml", "--operators", "mine"]).success();
    let mut engine =
        suanzi.command(["run", "dag.yaml", "-q", "--json", "--operators", "mine"]).spawn().expect("starts");
    let began = Instant::now();
    while listed(&suanzi)[0]["state"] != "in use" {
        assert!(began.elapsed() < WAIT_LIMIT, "nobody takes it");
    }
    let hash = listed(&suanzi)[0]["hash"].as_str().expect("text").to_owned();
    let refused = suanzi.run(["env", "remove", &hash]).exits(2);
    assert!(refused.stderr.contains("in use") && refused.stderr.contains("hint: "), "{refused}");
    suanzi.run(["env", "remove", "--unused", "0"]).success();
    assert_eq!(listed(&suanzi).len(), 1, "it is passed over");
    engine.kill().expect("killed");
    engine.wait().expect("gone");
    // Whoever used it is gone, and its lock with it.
    suanzi.run(["env", "remove", &hash]).success();
    assert!(listed(&suanzi).is_empty());
}

#[test]
fn attempts_of_one_environment_run_at_the_same_time() {
    let suanzi = home();
    let slow = |id: &str, tag: i64| Op::new(id, "slow").param("tag", tag).param("seconds", 1.5);
    let report = run(&suanzi, DagText::new("both").op(slow("a", 1)).op(slow("b", 2)), &["--workers", "2"]);
    let (a, b) = (&report.0["metrics"]["a"], &report.0["metrics"]["b"]);
    let time = |of: &Value, what: &str| of[what].as_f64().expect("a time");
    let later = time(a, "began").max(time(b, "began"));
    assert!(later < time(a, "ended").min(time(b, "ended")), "both at once: {a} {b}");
}

#[test]
fn several_processes_make_an_environment_once() {
    let suanzi = home();
    suanzi.write("dag.yaml", DagText::new("shared").op(Op::new("one", "first")).yaml());
    suanzi.run(["validate", "dag.yaml", "--operators", "mine"]).success();
    let mut children: Vec<Child> = (0..3)
        .map(|_| suanzi.command(["env", "create", "--for", "dag.yaml", "--operators", "mine"]).spawn().expect("starts"))
        .collect();
    let mut made = 0;
    for child in children.drain(..) {
        let out = child.wait_with_output().expect("it ends");
        let (said, talk) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success(), "{said}{talk}");
        made += usize::from(talk.contains("making an environment with"));
    }
    assert_eq!(made, 1, "one makes it, the others wait");
    assert_eq!(version(&run(&suanzi, three(), &[]), "one"), "1.0");
}

#[test]
fn a_kill_while_it_is_made_leaves_nothing_that_is_used() {
    let suanzi = home();
    suanzi.write("dag.yaml", DagText::new("killed").op(Op::new("one", "first")).yaml());
    let environments = suanzi.home().join("environments");
    for cut in ["pyvenv.cfg", "suanzi_base.pth", "create.log"] {
        let mut child =
            suanzi.command(["run", "dag.yaml", "-q", "--json", "--operators", "mine"]).spawn().expect("starts");
        let began = Instant::now();
        while !holds(&environments, cut) {
            assert!(began.elapsed() < WAIT_LIMIT, "it never came to {cut}");
            assert!(child.try_wait().expect("asked").is_none(), "it ended before {cut}");
            thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        let left = listed(&suanzi);
        assert!(left.iter().all(|row| row["state"] != "ready"), "{cut}: half of one is no environment: {left:?}");
    }
    assert_eq!(version(&run(&suanzi, three(), &[]), "one"), "1.0");
}

/// Whether a file of that name is in any environment.
fn holds(dir: &std::path::Path, name: &str) -> bool {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        entry.file_name() == name || (path.is_dir() && !path.is_symlink() && holds(&path, name))
    })
}

#[test]
fn environments_are_made_listed_and_removed_by_hand() {
    let suanzi = home();
    assert!(suanzi.run(["env", "list"]).success().stderr.contains("no environments yet"));
    let made = suanzi.run(["env", "create", "-r", "tiny == 1.0"]).success();
    assert!(made.stdout.contains("made: tiny==1.0"), "{made}");
    assert!(suanzi.run(["env", "create", "-r", "tiny==1.0"]).success().stdout.contains("there already"));
    let refused = suanzi.run(["env", "create", "-r", "tiny=1"]).exits(2);
    assert!(refused.stderr.contains("'tiny=1' is no requirement") && refused.stderr.contains("tiny==1"), "{refused}");
    let failed = suanzi.run(["env", "create", "-r", "tiny==8"]).exits(1);
    assert!(failed.stderr.contains("tiny==8") && failed.stderr.contains("hint: "), "{failed}");
    let table = suanzi.run(["env", "list"]).success();
    assert!(table.stdout.contains("ready") && table.stdout.contains("failed"), "{table}");
    // The usual run finds it made.
    suanzi.write("dag.yaml", three().yaml());
    let report = run(&suanzi, three(), &[]);
    assert_eq!(version(&report, "one"), "1.0");
    let nobody = suanzi.run(["env", "remove", "zzzz"]).exits(2);
    assert!(nobody.stderr.contains("suanzi env list"), "{nobody}");
    let rows = listed(&suanzi);
    let hash = rows.iter().find(|row| row["requirements"][0] == "tiny==2.0").expect("it is there")["hash"].clone();
    suanzi.run(["env", "remove", &hash.as_str().expect("text")[..8]]).success();
    assert_eq!(listed(&suanzi).len(), rows.len() - 1);
    suanzi.run(["env", "remove", "--unused", "1"]).success();
    assert_eq!(listed(&suanzi).len(), rows.len() - 1, "all were used today");
    suanzi.run(["env", "remove", "--unused", "0"]).success();
    assert!(listed(&suanzi).is_empty());
    assert_eq!(version(&run(&suanzi, three(), &["--no-cache"]), "two"), "2.0", "what was removed is made again");
}

#[test]
fn an_exported_script_names_them() {
    let suanzi = home();
    let export = |dag: DagText| {
        suanzi.write("dag.yaml", dag.yaml());
        suanzi.run(["export", "dag.yaml", "--python", "--operators", "mine"])
    };
    let one = || Op::new("one", "first").field("env", vec!["pandas>=2"]);
    let script = export(DagText::new("script").op(one())).success().stdout;
    let wanted = "# /// script\n# requires-python = \">=3.11\"\n\
                  # dependencies = [\"pandas>=2\", \"pyarrow\", \"scikit-learn\", \"tiny==1.0\"]\n# ///\n";
    assert!(script.contains(wanted), "{script}");
    let none = export(DagText::new("script").op(Op::new("none", "any_version"))).success().stdout;
    assert!(!none.contains("# /// script"), "{none}");
    let both = DagText::new("script").op(one()).op(Op::new("two", "any_version").field("env", vec!["tiny==2.0"]));
    let refused = export(both).exits(2);
    assert!(refused.stderr.contains("one needs tiny==1.0 and two needs tiny==2.0"), "{refused}");
    assert!(refused.stderr.contains("hint: "), "{refused}");
}

#[test]
fn bad_requirements_are_told_by_place() {
    let suanzi = home();
    let bad: &[(&[&str], &str)] = &[
        (&["tiny=1"], "tiny==1"),
        (&["tiny", "--index-url https://example.org"], "pip's own configuration"),
        (&["tiny @ https://example.org/tiny.whl"], "pip's own configuration"),
        (&["-e ."], "pip's own configuration"),
    ];
    for (env, hint) in bad {
        let refused =
            try_run(&suanzi, DagText::new("bad").op(Op::new("one", "any_version").field("env", env.to_vec())), &[]);
        let refused = refused.exits(2);
        assert!(refused.stderr.contains("dag.yaml:8:"), "the line of `env`: {refused}");
        assert!(refused.stderr.contains("error[bad_requirement]") && refused.stderr.contains(hint), "{refused}");
    }
    suanzi.write("dag.yaml", DagText::new("bad").op(Op::new("one", "any_version").field("env", "tiny")).yaml());
    let refused = suanzi.run(["validate", "dag.yaml", "--operators", "mine"]).exits(2);
    assert!(refused.stderr.contains("`env` must be a list, not a string"), "{refused}");
    suanzi.write("mine/versions.py", OPERATORS.replacen("tiny==1.0", "tiny=1", 1));
    let refused = suanzi.run(["validate", "dag.yaml", "--operators", "mine"]).exits(2);
    assert!(refused.stderr.contains("versions.py:6") && refused.stderr.contains("'tiny=1'"), "{refused}");
    assert!(!refused.stderr.contains("Traceback"), "{refused}");
    assert!(!suanzi.home().join("environments").exists(), "nothing was begun");
}
