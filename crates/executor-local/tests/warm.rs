//! Warm workers: reused, near their data, and never with old code.

mod support;

use serde_json::json;
use suanzi_executor::*;
use support::*;

fn worker_of(bench: &Bench, attempt: AttemptId) -> String {
    bench.events.finished(attempt);
    bench.events.started(attempt)
}

#[test]
fn one_worker_serves_a_chain_and_readers_go_where_the_table_is() {
    let bench = Bench::new(3);
    let tables: Vec<_> = (0..3).map(|_| bench.start(bench.task("sleep", json!({"seconds": 0.3})))).collect();
    for attempt in tables {
        bench.events.finished(attempt); // three workers are warm
    }
    let made = bench.start(bench.task("make_table", json!({"rows": 10})));
    let holder = worker_of(&bench, made);
    let table = outputs(bench.events.finished(made).0).remove(0);
    let elsewhere = bench.start(bench.task("sleep", json!({"seconds": 0.2})));
    let other = bench.start(bench.task("noop", json!({})));
    assert_ne!(worker_of(&bench, other), worker_of(&bench, elsewhere));
    for _ in 0..5 {
        let mut sum = bench.task("sum_table", json!({}));
        sum.inputs = vec![InputValue { name: "data".into(), port_type: "data".into(), at: table.at.clone() }];
        let sum = bench.start(sum);
        assert_eq!(worker_of(&bench, sum), holder);
    }
}

#[test]
fn an_edit_takes_effect_in_the_next_attempt() {
    let bench = Bench::new(2);
    let dir = tempfile::tempdir().expect("a folder");
    let helper = dir.path().join("helper.py");
    std::fs::write(
        dir.path().join("steps.py"),
        "import helper\nclass Op:\n    def execute(self, inputs, params, context):\n        return [('out', 'any', helper.VALUE)]\nop = Op()\n",
    )
    .expect("written");
    let time = std::time::SystemTime::now() - std::time::Duration::from_secs(100);
    for value in [1, 2, 3] {
        // The same size and the same time: only the bytes differ.
        std::fs::write(&helper, format!("VALUE = {value}\n")).expect("written");
        std::fs::File::options().write(true).open(&helper).and_then(|file| file.set_modified(time)).expect("dated");
        for _ in 0..3 {
            let mut task = bench.task("op", json!({}));
            task.code = CodeRef {
                module: "steps".into(),
                function: "op".into(),
                dir: Some(dir.path().into()),
                code_hash: value.to_string(),
                sklearn: false,
            };
            let attempt = bench.start(task);
            let values = outputs(bench.events.finished(attempt).0);
            assert_eq!(inline(&values[0]), json!(value));
        }
    }
    assert!(!dir.path().join("__pycache__").exists(), "nothing is written beside the user's files");
}

#[test]
fn workers_get_a_clean_environment() {
    // Cargo sets both for its tests.
    let (passed, kept) = ("CARGO_PKG_NAME", "CARGO_MANIFEST_DIR");
    assert!(std::env::var_os(passed).is_some() && std::env::var_os(kept).is_some(), "run by cargo");
    let bench = Bench::with(1, |options| options.pass_env = vec![passed.into()]);
    let values = outputs(bench.run("whoami", json!({})).0);
    let environ = inline(&values[0])["environ"].to_string();
    assert!(environ.contains(passed) && environ.contains("OMP_NUM_THREADS"), "{environ}");
    assert!(!environ.contains(kept), "{environ}");
}

#[test]
fn the_zygote_has_only_threads_that_a_fork_may_lose() {
    const ALLOWED: [&str; 2] = ["python", "python3"];
    let bench = Bench::new(1);
    let values = outputs(bench.run("whoami", json!({})).0);
    let zygote = &inline(&values[0])["zygote"];
    let tasks = std::fs::read_dir(format!("/proc/{zygote}/task")).expect("the zygote lives");
    let names: Vec<String> = tasks
        .map(|task| {
            let name = std::fs::read_to_string(task.expect("a thread").path().join("comm")).expect("a name");
            name.trim().to_owned()
        })
        .collect();
    assert!(names.len() == 1 && names.iter().all(|name| ALLOWED.iter().any(|a| name.starts_with(a))), "{names:?}");
}

#[test]
fn a_worker_that_serves_many_attempts_stays_one_process() {
    let bench = Bench::new(1);
    let pid = |bench: &Bench| inline(&outputs(bench.run("whoami", json!({})).0)[0])["pid"].clone();
    let first = pid(&bench);
    for _ in 0..20 {
        assert_eq!(pid(&bench), first);
    }
}

/// Starts the next attempt of a chain when one ends, from within the event.
struct Chain {
    executor: std::sync::OnceLock<std::sync::Weak<suanzi_executor_local::LocalExecutor>>,
    rest: std::sync::Mutex<Vec<TaskRequest>>,
    ended: std::sync::mpsc::Sender<std::time::Instant>,
}

impl EventSink for Chain {
    fn event(&self, event: Event) {
        let Event::Finished { outcome, .. } = event else { return };
        assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
        let next = self.rest.lock().unwrap().pop();
        match (next, self.executor.get().and_then(std::sync::Weak::upgrade)) {
            (Some(task), Some(executor)) => executor.start(Box::new(task)).expect("taken"),
            _ => self.ended.send(std::time::Instant::now()).expect("someone waits"),
        }
    }
}

#[test]
fn a_chain_of_a_thousand_waits_for_nothing_but_its_operators() {
    const LENGTH: u32 = 1_000;
    const MOST_PER_HOP: std::time::Duration = std::time::Duration::from_millis(1);
    let dir = tempfile::tempdir().expect("a folder");
    let mut noop = task(dir.path(), AttemptId { run: 1, op: 0, no: 1, token: 0 }, "noop", json!({}));
    noop.code.module = "suanzi.operators.other.noop".into();
    noop.code.dir = None;
    noop.outputs = vec![OutputPort { name: "any".into(), port_type: "any".into() }];
    let task_no = |op: u32| {
        let mut next = (*noop).clone();
        next.attempt.op = op;
        next
    };
    let (ended, end) = std::sync::mpsc::channel();
    let executor =
        std::sync::Arc::new(suanzi_executor_local::LocalExecutor::new(options(dir.path(), 1)).expect("an executor"));
    let chain = std::sync::Arc::new(Chain {
        executor: std::sync::OnceLock::new(),
        rest: std::sync::Mutex::new(Vec::new()),
        ended,
    });
    chain.executor.set(std::sync::Arc::downgrade(&executor)).expect("once");
    executor.attach(chain.clone());
    executor.start(Box::new(task_no(0))).expect("taken"); // starts Python
    end.recv_timeout(WAIT).expect("it ends");
    *chain.rest.lock().unwrap() = (2..=LENGTH).map(task_no).collect();
    let begun = std::time::Instant::now();
    executor.start(Box::new(task_no(1))).expect("taken");
    let took = end.recv_timeout(WAIT).expect("it ends") - begun;
    println!("{LENGTH} hops in {took:?}");
    assert!(took < MOST_PER_HOP * LENGTH, "{LENGTH} hops took {took:?}");
}

#[test]
fn a_changed_package_of_ours_gets_a_fresh_zygote() {
    let bench = Bench::new(2);
    bench.executor.prepare();
    let zygote_with = |hash: &str| {
        let mut own = bench.task("noop", json!({}));
        own.code = CodeRef {
            module: "suanzi.operators.other.noop".into(),
            function: "noop".into(),
            dir: None,
            code_hash: hash.into(),
            sklearn: false,
        };
        own.outputs[0].name = "any".into();
        let attempt = bench.start(own);
        assert!(matches!(bench.events.finished(attempt).0, Outcome::Success { .. }));
        inline(&outputs(bench.run("whoami", json!({})).0)[0])["zygote"].clone()
    };
    let first = zygote_with("1");
    assert_eq!(zygote_with("1"), first);
    let second = zygote_with("2");
    assert_ne!(second, first);
    assert_eq!(zygote_with("2"), second);
}
