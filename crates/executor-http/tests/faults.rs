//! A platform that lies, breaks off, redirects, floods or forgets: none of it decides what became of a task.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use suanzi_executor::conformance::faulty::{Answer, Asked, Faulty};
use suanzi_executor::conformance::truth::{ON_THE_WAY_BYTES, PATIENCE, end, ended, is_the_truth, last_event, listen};
use suanzi_executor::*;
use suanzi_executor_http::{BaseUrl, HttpExecutor, HttpOptions, MAX_ANSWER_BYTES, Target, Terms};

const SLOTS: u32 = 3;
const TOKEN: &str = "a-token-that-nobody-may-see";

/// Takes code and task; answers the first questions for a task's state from `lies`, all others with the truth: ended, with one event.
struct Liar {
    server: Faulty,
    lies: Arc<Mutex<VecDeque<Answer>>>,
}

impl Liar {
    fn start(lies: Vec<Answer>) -> Liar {
        let lies = Arc::new(Mutex::new(VecDeque::from(lies)));
        let told = lies.clone();
        let server = Faulty::start(move |asked| {
            let asks =
                (asked.method == "GET" && asked.path.starts_with("/v1/tasks/") && !asked.path.contains("/events"))
                    || asked.path.contains("/v1/platform");
            let lie = asks.then(|| told.lock().expect("no panic before").pop_front()).flatten();
            lie.unwrap_or_else(|| truth(asked))
        });
        Liar { server, lies }
    }
}

fn truth(asked: &Asked) -> Answer {
    let event = last_event();
    if asked.path.contains("/events") {
        Answer::page(event)
    } else if asked.method == "GET" {
        Answer::page(ended(event.len()))
    } else {
        Answer::page("")
    }
}

fn executor(address: &str, dir: &Path) -> (HttpExecutor, Receiver<Event>) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/suanzi");
    let options = HttpOptions {
        terms: Terms {
            name: "http".into(),
            slots: SLOTS,
            package,
            log_dir: dir.join("logs"),
            tell: |line| eprintln!("{line}"),
        },
        target: Target { base: BaseUrl::parse(address).expect("an address"), token: Some(TOKEN.into()) },
    };
    let executor = HttpExecutor::new(options).expect("an executor");
    let events = listen(&executor);
    (executor, events)
}

fn task(dir: &Path) -> Box<TaskRequest> {
    Box::new(TaskRequest {
        attempt: AttemptId { run: 1, op: 1, no: 1, token: 7 },
        run_id: "test/1".into(),
        operator_id: "noop_1".into(),
        algo_name: "noop".into(),
        code: CodeRef {
            module: "acts".into(),
            function: "noop".into(),
            dir: None,
            code_hash: "1".into(),
            sklearn: false,
        },
        params: "{}".into(),
        seed: 0,
        inputs: Vec::new(),
        outputs: vec![OutputPort { name: "out".into(), port_type: "any".into() }],
        files: Vec::new(),
        out_dir: dir.join("out"),
        out_prefix: "1-".into(),
        requirements: Vec::new(),
        objects: None,
        resources: Vec::new(),
        limits: Limits { cpu_slots: 1, memory_bytes: None, reserved_bytes: 0, timeout: None },
    })
}

/// Runs a task on a platform that begins with these lies: its end, and the capacities told before.
fn end_after(lies: Vec<Answer>) -> (Outcome, Vec<u32>) {
    end_on(&Liar::start(lies).server)
}

fn end_on(server: &Faulty) -> (Outcome, Vec<u32>) {
    let dir = tempfile::tempdir().expect("a folder");
    let (executor, events) = executor(&server.url(), dir.path());
    executor.start(task(dir.path())).expect("it starts");
    end(&events)
}

#[test]
fn no_wrong_answer_decides_what_became_of_a_task() {
    let elsewhere = Faulty::start(truth);
    let large = "x".repeat(MAX_ANSWER_BYTES + 1);
    let page = |text: &str| Answer::page(text);
    let mut lies = Answer::lies("state", &format!("{}/v1/tasks/x", elsewhere.url()));
    lies.extend([
        ("sizes of wrong types", page(r#"{"state": "ended", "log_bytes": "many", "event_bytes": []}"#)),
        ("negative sizes", page(r#"{"state": "ended", "log_bytes": -1, "event_bytes": 0}"#)),
        ("a state nobody knows", page(r#"{"state": "SUCCEEDED", "log_bytes": 0, "event_bytes": 0}"#)),
        ("too large", page(&large)),
    ]);
    for (name, lie) in lies {
        let liar = Liar::start(vec![lie]);
        let (outcome, capacities) = end_on(&liar.server);
        assert!(is_the_truth(&outcome), "{name}: {outcome:?}");
        assert_eq!(capacities, [0; 0], "{name}: one fault closes nothing");
        assert!(liar.server.flooded() < ON_THE_WAY_BYTES, "{name}: {} bytes were read", liar.server.flooded());
    }
    assert!(elsewhere.asked().is_empty(), "a redirect is not followed");
}

#[test]
fn an_answer_that_does_not_come_or_drips_is_asked_for_again() {
    std::thread::scope(|scope| {
        for slow in [Answer::Silence, Answer::Drip] {
            scope.spawn(move || {
                let (outcome, _) = end_after(vec![slow]);
                assert!(is_the_truth(&outcome), "{outcome:?}");
            });
        }
    });
}

/// The platform answers all the time, so nothing is waited for: the attempt fails with the reason, and work waits meanwhile.
#[test]
fn a_platform_that_contradicts_itself_fails_the_task_and_says_how() {
    let check = |part: &str, answer: fn(&Asked) -> Answer| {
        let began = Instant::now();
        let (outcome, capacities) = end_on(&Faulty::start(answer));
        let Outcome::Failed(Failure { kind: FailureKind::Protocol, message, .. }) = outcome else {
            panic!("{part}: {outcome:?}")
        };
        assert!(message.contains("platform http contradicts itself") && message.contains(part), "{message}");
        assert_eq!(capacities, [0], "{part}");
        assert!(began.elapsed() < PATIENCE / 2, "{part}: {:?}", began.elapsed());
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            check("shorter than it says", |asked| match asked.path.contains("/events") {
                true => Answer::page(""),
                false if asked.method == "GET" => Answer::page(ended(usize::MAX)),
                false => truth(asked),
            });
        });
        scope.spawn(|| {
            check("neither the task's code nor a place for it", |asked| match asked.method.as_str() {
                "PUT" => Answer::status("404 Not Found"),
                _ => truth(asked),
            });
        });
        scope.spawn(|| {
            check("says that it doesn't have it", |asked| match asked.path.starts_with("/v1/tasks/") {
                true if asked.method == "PUT" => Answer::status("404 Not Found"),
                _ => truth(asked),
            });
        });
    });
}

#[test]
fn a_log_without_end_does_not_keep_a_stop_waiting() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Faulty::start(|asked| match asked.path.contains("/log?") {
        true => Answer::page("x".repeat(1 << 10)),
        false if asked.method == "GET" => {
            Answer::page(r#"{"state": "running", "log_bytes": 18446744073709551615, "event_bytes": 0}"#)
        }
        // It says yes to the stop, and nothing comes of it.
        false => truth(asked),
    });
    let (executor, events) = executor(&server.url(), dir.path());
    let task = task(dir.path());
    let attempt = task.attempt;
    executor.start(task).expect("it starts");
    while !matches!(events.recv_timeout(PATIENCE).expect("a start"), Event::Started { .. }) {}
    executor.stop(&attempt, Duration::ZERO);
    loop {
        if let Event::Finished { outcome, .. } = events.recv_timeout(PATIENCE / 2).expect("an end") {
            return assert_eq!(outcome, Outcome::Stopped);
        }
    }
}

/// It sends back what it was sent, as JSON that isn't understood.
#[test]
fn a_token_that_is_echoed_is_shown_nowhere() {
    let echo = |asked: &Asked| {
        Answer::page(format!("{{\"state\": \"{}\"}}", asked.header("authorization").unwrap_or("nothing")))
    };
    let dir = tempfile::tempdir().expect("a folder");
    let server = Faulty::start(echo);
    let (executor, events) = executor(&server.url(), dir.path());
    executor.start(task(dir.path())).expect("it starts");
    while events.recv_timeout(PATIENCE).expect("an event") != (Event::Capacity { slots: 0 }) {}
    let why = executor.waits().expect("a reason");
    assert!(why.contains("Bearer (token)") && !why.contains(TOKEN), "{why}");
}

#[test]
fn a_task_that_was_accepted_and_forgotten_is_lost() {
    let (outcome, _) = end_after(vec![Answer::status("404 Not Found")]);
    assert!(matches!(outcome, Outcome::Lost), "{outcome:?}");
}

#[test]
fn while_it_fails_no_work_is_sent_and_then_it_goes_on() {
    let (outcome, capacities) = end_after(vec![Answer::status("503 Service Unavailable"); 5]);
    assert!(is_the_truth(&outcome), "{outcome:?}");
    assert_eq!(capacities, [0, SLOTS], "taken back once, and given again once");
}

#[test]
fn why_no_work_is_sent_can_be_asked_until_it_answers() {
    let dir = tempfile::tempdir().expect("a folder");
    let liar = Liar::start(vec![Answer::status("503 Service Unavailable"); 10_000]);
    let (executor, events) = executor(&liar.server.url(), dir.path());
    let until = |wanted: fn(&Event) -> bool| while !wanted(&events.recv_timeout(PATIENCE).expect("an event")) {};
    assert_eq!(executor.waits(), None);
    executor.start(task(dir.path())).expect("it starts");
    until(|event| *event == Event::Capacity { slots: 0 });
    let why = executor.waits().expect("a reason");
    assert!(why.contains(&liar.server.authority()) && why.contains("503"), "{why}");
    liar.lies.lock().expect("no panic before").clear();
    until(|event| *event == Event::Capacity { slots: SLOTS });
    until(|event| matches!(event, Event::Finished { .. }));
    assert_eq!(executor.waits(), None);
}

/// Nothing is on its way there any more that would notice.
#[test]
fn a_platform_that_answers_again_is_noticed_after_all_its_tasks_were_stopped() {
    let dir = tempfile::tempdir().expect("a folder");
    let liar = Liar::start(vec![Answer::status("503 Service Unavailable"); 10_000]);
    let (executor, events) = executor(&liar.server.url(), dir.path());
    let until = |wanted: fn(&Event) -> bool| while !wanted(&events.recv_timeout(PATIENCE).expect("an event")) {};
    let task = task(dir.path());
    let attempt = task.attempt;
    executor.start(task).expect("it starts");
    until(|event| *event == Event::Capacity { slots: 0 });
    executor.stop(&attempt, Duration::ZERO);
    until(|event| matches!(event, Event::Finished { .. }));
    liar.lies.lock().expect("no panic before").clear();
    until(|event| *event == Event::Capacity { slots: SLOTS });
}
