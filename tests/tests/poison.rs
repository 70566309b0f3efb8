//! Operators that crash, lie and leave things behind: each harms its own task and no other, and the message says what it did.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use suanzi_tests::{DagText, Op, RUN_LIMIT_SECONDS, Report, Suanzi, isolation, repository, rows};

/// A poison's kind, and a word that its failure's message must have.
const POISONS: &[(&str, &str)] = &[
    ("segfault", "SIGSEGV"),
    ("abort", "SIGABRT"),
    ("exit_at_once", "exited with status 0"),
    ("exit_with_three", "exited with status 3"),
    ("leave", "enough"),
    ("leave_successfully", "SystemExit: 0"),
    ("kill_itself", "SIGKILL"),
    ("terminate_itself", "SIGTERM"),
    ("close_everything", "socket"),
    ("raise_an_error", "no such luck"),
    ("refuse", "the table has no rows"),
    ("raise_an_awkward_error", "Awkward"),
    ("interrupt", "KeyboardInterrupt"),
    ("recurse", "recursion"),
    // Python's own guard or a segmentation fault, by version.
    ("overflow_the_stack", ""),
    ("give_a_number_for_a_table", "table"),
    ("give_nothing_for_a_table", "table"),
    ("give_a_table_for_metrics", "metrics"),
    ("give_a_set_for_metrics", "metrics"),
    ("give_what_cannot_be_pickled", "it sticks"),
];

/// They misbehave and have a result all the same.
const RUDE: &[&str] = &["close_standard_files", "leave_children", "leave_a_thread", "pollute"];

/// Good operators beside each poison.
const GOOD_PER_POISON: usize = 3;
/// Tasks of an ordinary test run of the same among many.
const MANY: usize = 840;
const GOOD_AND_POISON: usize = 20;
const SPEAKERS: usize = 1_000;
const LONG_LINE_BYTES: usize = 1_000_000;

fn operators() -> PathBuf {
    repository::root().join("tests/poison")
}

fn run(suanzi: &Suanzi, dag: &DagText, flags: &[&str], code: i32) -> Report {
    let file = suanzi.write("dag.yaml", dag.yaml());
    let operators = operators();
    let mut args = vec!["run".into(), file.into_os_string(), "-q".into(), "--json".into(), "--operators".into()];
    args.push(operators.into_os_string());
    args.extend(flags.iter().map(Into::into));
    Report(suanzi.run(args).exits(code).json())
}

fn message(operator: &Value) -> &str {
    operator["error"]["message"].as_str().unwrap_or("")
}

/// Processes whose environment names the home, by pid: what a run left behind.
fn survivors(home: &str) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").expect("Linux has /proc").flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let read = |name: &str| std::fs::read(entry.path().join(name)).unwrap_or_default();
        if String::from_utf8_lossy(&read("environ")).contains(home) {
            found.insert(pid, String::from_utf8_lossy(&read("cmdline")).replace('\0', " "));
        }
    }
    found
}

#[test]
fn each_poison_fails_alone_and_says_why() {
    poisoned("plain");
}

#[test]
fn so_it_does_in_namespaces() {
    if isolation::is_allowed("namespaced") {
        poisoned("namespaced");
    }
}

#[test]
fn so_it_does_with_a_user_for_each_worker() {
    if isolation::is_allowed("service") {
        poisoned("service");
    }
}

fn poisoned(profile: &str) {
    let mut dag = DagText::new("poison");
    let mut number = 0;
    for (kind, _) in POISONS {
        dag = dag.op(Op::new(kind, kind)).op(Op::new(&format!("after_{kind}"), "after"));
        dag = dag.edge(kind, 0, &format!("after_{kind}"), 0);
        for _ in 0..GOOD_PER_POISON {
            dag = dag.op(Op::new(&format!("good{number}"), "good").param("number", number));
            number += 1;
        }
    }
    for kind in RUDE {
        dag = dag.op(Op::new(kind, kind)).op(Op::new(&format!("after_{kind}"), "after"));
        dag = dag.edge(kind, 0, &format!("after_{kind}"), 0);
    }
    let suanzi = Suanzi::new();
    let report = run(&suanzi, &dag, &["--isolation", profile], 1);
    assert_eq!(report.status(), "failed");
    let mut wrong = Vec::new();
    for (kind, reason) in POISONS {
        let operator = report.operator(kind);
        if operator["status"] != "failed" || !message(operator).contains(reason) {
            wrong.push(format!("{kind}: expected a failure with '{reason}': {operator}"));
        }
        if message(operator).is_empty() || message(operator).contains('\n') {
            wrong.push(format!("{kind}: its message is no line: {operator}"));
        }
        let after = report.operator(&format!("after_{kind}"));
        if after["status"] != "skipped" {
            wrong.push(format!("after_{kind}: {after}"));
        }
    }
    for kind in RUDE.iter().map(|k| k.to_string()).chain(RUDE.iter().map(|k| format!("after_{k}"))) {
        if report.operator(&kind)["status"] != "success" {
            wrong.push(format!("{kind}: {}", report.operator(&kind)));
        }
    }
    for n in 0..number {
        let id = format!("good{n}");
        if report.operator(&id)["status"] != "success" || report.0["metrics"][&id]["number"] != n {
            wrong.push(format!("{id} was harmed: {}", report.operator(&id)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let left = survivors(&suanzi.home().to_string_lossy());
    assert!(left.is_empty(), "the run left processes behind: {left:?}");
}

/// `SUANZI_POISON_TASKS` sets how many tasks there are, of which one in twenty is poison.
#[test]
fn one_poison_in_twenty_harms_no_other() {
    let tasks = std::env::var("SUANZI_POISON_TASKS").map_or(MANY, |text| text.parse().expect("a number of tasks"));
    let mut dag = DagText::new("poisoned");
    let mut kinds = POISONS.iter().map(|(kind, _)| *kind).chain(["never_end"]).cycle();
    let is_poison = |n: usize| n % GOOD_AND_POISON == GOOD_AND_POISON / 2;
    for n in 0..tasks {
        let op = if is_poison(n) {
            let kind = kinds.next().expect("they come round again");
            let op = Op::new(&format!("t{n}"), kind);
            if kind == "never_end" { op.field("timeout", 0.5) } else { op }
        } else {
            Op::new(&format!("t{n}"), "good").param("number", n)
        };
        dag = dag.op(op);
    }
    let mut suanzi = Suanzi::new();
    suanzi.set_limit(Duration::from_secs(RUN_LIMIT_SECONDS) + Duration::from_millis(50) * tasks as u32);
    let report = run(&suanzi, &dag, &[], 1);
    let mut wrong = Vec::new();
    let found: BTreeMap<&str, &Value> = report.operators().filter_map(|op| Some((op["id"].as_str()?, op))).collect();
    for n in 0..tasks {
        let id = format!("t{n}");
        let operator = found[id.as_str()];
        let expected = if is_poison(n) { "failed" } else { "success" };
        let number_is_right = is_poison(n) || report.0["metrics"][&id]["number"] == n;
        if operator["status"] != expected || operator["attempts"] != 1 || !number_is_right {
            wrong.push(format!("{id}: {operator}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {tasks}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    let poison = (0..tasks).filter(|n| is_poison(*n)).count();
    println!("{tasks} tasks, {poison} of them poison: {} successes", tasks - poison);
    let left = survivors(&suanzi.home().to_string_lossy());
    assert!(left.is_empty(), "the run left processes behind: {left:?}");
}

/// A model that bursts when it is read back harms who reads it, and not who made it.
#[test]
fn a_bad_pickle_fails_its_reader() {
    let dag = DagText::new("bomb")
        .op(Op::new("bomb", "give_a_bomb"))
        .op(Op::new("reader", "open_it"))
        .op(Op::new("good", "good").param("number", 1))
        .edge("bomb", 0, "reader", 0);
    let report = run(&Suanzi::new(), &dag, &[], 1);
    assert_eq!(report.operator("good")["status"], "success");
    let reader = report.operator("reader");
    assert_eq!(reader["status"], "failed");
    assert!(message(reader).contains("it bursts when it is opened"), "{reader}");
}

/// The worker's process forked inside the operator: one result, from one process.
#[test]
fn a_forked_copy_of_the_worker_does_no_harm() {
    let mut dag = DagText::new("fork").op(Op::new("fork", "child_returns_too"));
    for n in 0..10 {
        dag = dag.op(Op::new(&format!("good{n}"), "good").param("number", n));
    }
    let suanzi = Suanzi::new();
    let file = suanzi.write("dag.yaml", dag.yaml());
    let args = ["run".as_ref(), file.as_os_str(), "-q".as_ref(), "--json".as_ref(), "--operators".as_ref()];
    let out = suanzi.run(args.into_iter().chain([operators().as_os_str()]));
    let report = Report(out.json());
    for n in 0..10 {
        assert_eq!(report.operator(&format!("good{n}"))["status"], "success", "{out}");
    }
    assert_eq!(report.operator("fork")["attempts"], 1);
    let left = survivors(&suanzi.home().to_string_lossy());
    assert!(left.is_empty(), "the run left processes behind: {left:?}");
}

#[test]
fn what_never_ends_is_ended() {
    let dag = DagText::new("endless")
        .op(Op::new("endless", "never_end").field("timeout", 0.5))
        .op(Op::new("good", "good").param("number", 1));
    let report = run(&Suanzi::new(), &dag, &[], 1);
    assert_eq!(report.operator("good")["status"], "success");
    assert_eq!(report.operator("endless")["status"], "failed");
    let reason = message(report.operator("endless"));
    assert!(reason.contains("0.5 s") || reason.contains("500 ms"), "its limit is named: {reason}");
}

/// Every byte of output belongs to the attempt that wrote it, in warm workers that run many.
#[test]
fn output_belongs_to_its_attempt() {
    let mut dag = DagText::new("speakers").op(Op::new("long", "speak_at_length").param("count", LONG_LINE_BYTES));
    for n in 0..SPEAKERS {
        dag = dag.op(Op::new(&format!("s{n}"), "speak").param("word", format!("<nonce-{n}>")));
    }
    let suanzi = Suanzi::new();
    let report = run(&suanzi, &dag, &[], 0);
    let mut wrong = Vec::new();
    for log in rows::logs(&suanzi.home(), report.run_id()) {
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        let expected = match log.operator.strip_prefix('s') {
            // Once on each of the two streams.
            Some(n) => format!("<nonce-{n}>").repeat(2),
            None => "x".repeat(LONG_LINE_BYTES),
        };
        if text != expected {
            wrong.push(format!("{}: {} bytes: {:.200}", log.operator, text.len(), text));
        }
    }
    assert!(wrong.is_empty(), "{} attempts have other output:\n{}", wrong.len(), wrong.join("\n"));
    for n in [0, 17, SPEAKERS - 1] {
        let out = suanzi.run(["logs", "@1", &format!("s{n}")]).success();
        assert_eq!(out.stdout, format!("<nonce-{n}>").repeat(2));
    }
    assert_eq!(suanzi.run(["logs", "@1", "long"]).success().stdout.len(), LONG_LINE_BYTES);
}
