//! The base executor's suite on a real Ray cluster, and what is special to one. Run by `make test-ray`, which starts it.

use hyper::Method;
use hyper::body::Bytes;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use suanzi_executor::conformance::faulty::{Answer, Asked, Faulty};
use suanzi_executor::conformance::{Act, Harness, python as acts, run_all};
use suanzi_executor::*;
use suanzi_executor_http::{BaseUrl, CallError, Target, Terms, call};
use suanzi_executor_ray::{READY, RayOptions, check, executor};

const PATIENCE: Duration = Duration::from_secs(120);
const SLOTS: u32 = 3;
static NOTES: AtomicU32 = AtomicU32::new(0);

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this through `make test-ray`"))
}

fn cluster_token() -> String {
    std::fs::read_to_string(setting("SUANZI_RAY_TOKEN_FILE")).expect("a token").trim().to_owned()
}

fn options(dir: &Path, url: &str, token: &str) -> RayOptions {
    RayOptions {
        terms: Terms {
            name: "ray".into(),
            slots: SLOTS,
            package: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/suanzi"),
            log_dir: dir.join("logs"),
            tell: |line| eprintln!("{line}"),
        },
        target: Target { base: BaseUrl::parse(url).expect("an address"), token: Some(token.into()) },
        // Executors of one test have pools of their own.
        note: dir.join(format!("ray-pool-{}.json", NOTES.fetch_add(1, Ordering::SeqCst))),
    }
}

fn of_cluster(dir: &Path) -> RayOptions {
    options(dir, &setting("SUANZI_RAY_URL"), &cluster_token())
}

struct RayHarness {
    dir: tempfile::TempDir,
}

impl Harness for RayHarness {
    fn make(&self) -> Arc<dyn Executor> {
        Arc::new(executor(of_cluster(self.dir.path())).expect("an executor"))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        Some(acts::task(attempt, act, &self.dir.path().join("out")))
    }

    fn many(&self) -> usize {
        40
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }
}

#[test]
fn the_ray_executor_passes() {
    let harness = RayHarness { dir: tempfile::tempdir().expect("a folder") };
    run_all(&harness).assert(&[]);
}

/// Hands on all that an executor tells.
struct Sink(Mutex<Sender<Event>>);

impl EventSink for Sink {
    fn event(&self, event: Event) {
        let _ = self.0.lock().expect("no panic before").send(event); // the test may have ended
    }
}

struct Scene {
    dir: tempfile::TempDir,
    executor: Arc<dyn Executor>,
    events: Receiver<Event>,
    count: u32,
}

impl Scene {
    fn new() -> Scene {
        Scene::at(&setting("SUANZI_RAY_URL"))
    }

    fn at(url: &str) -> Scene {
        let dir = tempfile::tempdir().expect("a folder");
        let executor: Arc<dyn Executor> =
            Arc::new(executor(options(dir.path(), url, &cluster_token())).expect("an executor"));
        let (sender, events) = channel();
        executor.attach(Arc::new(Sink(Mutex::new(sender))));
        Scene { dir, executor, events, count: 0 }
    }

    fn start(&mut self, act: &Act, change: impl FnOnce(&mut TaskRequest)) -> AttemptId {
        self.count += 1;
        let attempt = AttemptId { run: 1, op: self.count, no: 1, token: 7 };
        let mut task = acts::task(attempt, act, &self.dir.path().join("out"));
        change(&mut task);
        self.executor.start(task).expect("it is taken");
        attempt
    }

    /// Until the attempt has ended: how, and on which worker.
    fn end(&self, of: AttemptId) -> (Outcome, Option<String>) {
        let mut at = None;
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an end") {
                Event::Started { attempt, worker } if attempt == of => at = Some(worker),
                Event::Finished { attempt, outcome, .. } if attempt == of => return (outcome, at),
                _ => {}
            }
        }
    }

    fn run(&mut self, act: &Act, change: impl FnOnce(&mut TaskRequest)) -> (Outcome, Option<String>) {
        let attempt = self.start(act, change);
        self.end(attempt)
    }
}

fn nothing() -> Act {
    Act::Succeed { payload: "1".into() }
}

#[test]
fn resources_decide_where_a_task_runs_and_what_no_node_has_is_said() {
    let mut scene = Scene::new();
    let mut of = |resource: &str, amount: f64| {
        let resource = resource.to_owned();
        scene.run(&nothing(), move |task| task.resources = vec![(resource, amount)])
    };
    let (first, one) = of("one", 1.0);
    let (second, two) = of("two", 0.5);
    assert!(matches!((&first, &second), (Outcome::Success { .. }, Outcome::Success { .. })), "{first:?} {second:?}");
    assert_ne!(one.expect("a worker"), two.expect("a worker"), "only one of the nodes has each");

    let message = |outcome: Outcome| match outcome {
        Outcome::Failed(Failure { kind: FailureKind::Refused, message, .. }) => message,
        other => panic!("it is {other:?}"),
    };
    let found = message(of("three", 1.0).0);
    for part in ["no node has", "three 1", "cpu 2", "one 1", "two 1"] {
        assert!(found.contains(part), "{found}");
    }
    let found = message(scene.run(&nothing(), |task| task.limits.cpu_slots = 64).0);
    assert!(found.contains("no node has cpu 64"), "{found}");
    let found = message(scene.run(&nothing(), |task| task.limits.memory_bytes = Some(1 << 50)).0);
    assert!(found.contains("memory 1048576.0 GiB"), "{found}");
}

/// What an operator costs in the pool, against a job of its own.
#[test]
fn an_operator_costs_no_start_of_a_job() {
    let mut scene = Scene::new();
    let began = Instant::now();
    scene.run(&nothing(), |_| {});
    let first = began.elapsed();
    let mut times: Vec<Duration> = (0..30)
        .map(|_| {
            let began = Instant::now();
            scene.run(&nothing(), |_| {});
            began.elapsed()
        })
        .collect();
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    let job = job_time();
    println!(
        "a job of its own: {job:?}; in the pool: the first, with the pool's start, {first:?}, then median {median:?}, slowest {slowest:?}"
    );
    assert!(median * 5 < job, "median {median:?} against {job:?}");
}

/// How long a job that does nothing takes through the Jobs API.
fn job_time() -> Duration {
    let began = Instant::now();
    let body = r#"{"entrypoint": "python -c pass"}"#;
    let submitted: serde_json::Value = serde_json::from_str(&send(Method::POST, "/api/jobs/", body)).expect("JSON");
    let at = format!("/api/jobs/{}", submitted["submission_id"].as_str().expect("an id"));
    while began.elapsed() < PATIENCE {
        let job: serde_json::Value = serde_json::from_str(&ask(Method::GET, &at)).expect("JSON");
        if job["status"] == "SUCCEEDED" {
            return began.elapsed();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the job did not end");
}

#[test]
fn a_wrong_cluster_is_said_without_any_token() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(check(&of_cluster(dir.path())), Ok(()));
    let error = check(&options(dir.path(), &setting("SUANZI_RAY_URL"), "wr0ng")).expect_err("refused");
    assert!(error.contains("token") && !error.contains("wr0ng"), "{error}");
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let error = check(&options(dir.path(), &format!("http://127.0.0.1:{port}"), "t")).expect_err("nobody is there");
    assert!(error.contains("can't be reached"), "{error}");
}

/// Asks the cluster as its administrator would.
fn ask(method: Method, at: &str) -> String {
    send(method, at, "")
}

fn send(method: Method, at: &str, body: &'static str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a folder");
    let body =
        runtime.block_on(call(&of_cluster(dir.path()).target, method, at, Bytes::from(body))).expect("an answer");
    String::from_utf8(body.to_vec()).expect("text")
}

/// The pools that run, by their jobs' ids.
fn pools() -> Vec<String> {
    let jobs: Vec<serde_json::Value> = serde_json::from_str(&ask(Method::GET, "/api/jobs/")).expect("JSON");
    let running = jobs.iter().filter(|job| job["status"] == "RUNNING");
    running.map(|job| job["submission_id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn a_pool_that_is_stopped_is_lost_with_its_tasks_and_the_next_task_starts_another() {
    let mut scene = Scene::new();
    let before = pools();
    let long = scene.start(&Act::Sleep(Duration::from_secs(600)), |_| {});
    while !matches!(scene.events.recv_timeout(PATIENCE).expect("a start"), Event::Started { .. }) {}
    let pool = pools().into_iter().find(|id| !before.contains(id)).expect("a pool of its own");
    ask(Method::POST, &format!("/api/jobs/{pool}/stop"));
    let (outcome, _) = scene.end(long);
    assert!(matches!(outcome, Outcome::Lost), "{outcome:?}");
    let (outcome, _) = scene.run(&nothing(), |_| {});
    assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
    let now = pools();
    assert!(!now.contains(&pool) && now.iter().any(|id| !before.contains(id)), "{now:?}");
    scene.executor.shutdown();
    assert!(pools().iter().all(|id| before.contains(id)), "the pool ended with its engine");
}

#[test]
fn nothing_that_the_cluster_shows_lets_others_use_the_pool() {
    let mut scene = Scene::new();
    let before = pools();
    scene.run(&nothing(), |_| {});
    let pool = pools().into_iter().find(|id| !before.contains(id)).expect("a pool of its own");
    let shown = ask(Method::GET, &format!("/api/jobs/{pool}")) + &ask(Method::GET, &format!("/api/jobs/{pool}/logs"));
    assert!(!shown.contains(&cluster_token()), "{shown}");
    let address = shown.split(READY).nth(1).and_then(|rest| rest.split("\\n").next()).expect("its address");
    // All that looks like a secret in it is tried.
    let secrets = shown.split(|c: char| !c.is_ascii_hexdigit()).filter(|word| word.len() >= 32);
    let mut tried = 0;
    for secret in secrets.chain([""]) {
        let target = Target { base: BaseUrl::parse(address).expect("an address"), token: Some(secret.to_owned()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answer = runtime.block_on(call(&target, Method::GET, "/v1/platform", Bytes::new()));
        assert!(matches!(answer, Err(CallError::Status { status: 401, .. })), "{answer:?}");
        tried += 1;
    }
    assert!(tried > 1, "{shown}");
}

/// Something in front of the real cluster's dashboard that says now and then what isn't so: its answer to a request, given the true one.
fn in_front(change: impl Fn(&Asked, &dyn Fn(&[u8]) -> Answer) -> Answer + Send + Sync + 'static) -> Faulty {
    let real = setting("SUANZI_RAY_URL").replace("http://", "");
    Faulty::start(move |asked| {
        change(asked, &|body| Answer::Raw(asked.pass_on(&real, body).expect("the real cluster answers")))
    })
}

/// The cluster does what it is told, and its answer is lost, wrong or from somewhere else.
#[test]
fn answers_that_are_lost_or_wrong_begin_nothing_twice() {
    let before = pools();
    let elsewhere = Faulty::start(|_| Answer::page("{}"));
    let lies = Mutex::new(Answer::lies("status", &elsewhere.url()).into_iter());
    let answered = Arc::new(Mutex::new(0));
    let lied = answered.clone();
    let front = in_front(move |asked, truth| {
        let true_answer = truth(&asked.body);
        // Of two answers in a row one is right, so that work goes on.
        let mut count = lied.lock().expect("no panic before");
        *count += 1;
        let lie = if *count % 2 == 1 { lies.lock().expect("no panic before").next() } else { None };
        // What is uploaded counts as uploaded whatever the words, so a lie under 200 would be believed.
        match lie {
            Some((_, lie)) if !asked.path.starts_with("/api/packages/") => lie,
            _ => true_answer,
        }
    });
    let mut scene = Scene::at(&front.url());
    let (outcome, _) = scene.run(&nothing(), |_| {});
    assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
    let begun: Vec<String> = pools().into_iter().filter(|id| !before.contains(id)).collect();
    assert_eq!(begun.len(), 1, "{begun:?}");
    assert!(*answered.lock().expect("no panic before") > 4, "the cluster was asked through it");
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
    scene.executor.shutdown();
}

/// Other versions can't be had here: the real cluster says that it is an older Ray, and runs the pool as an older Python would.
#[test]
fn another_version_of_ray_or_python_is_said_with_both() {
    let dir = tempfile::tempdir().expect("a folder");
    let true_version: serde_json::Value = serde_json::from_str(&ask(Method::GET, "/api/version")).expect("JSON");
    let mut version = true_version.clone();
    version["ray_version"] = "2.9.3".into();
    let old = in_front(move |asked, truth| match asked.path.as_str() {
        "/api/version" => Answer::page(version.to_string()),
        _ => truth(&asked.body),
    });
    let why = check(&options(dir.path(), &old.url(), &cluster_token())).expect_err("refused");
    assert_eq!(why, format!(r#"{} runs Ray "2.9.3"; from 2.10 on and below 3 is needed"#, old.authority()));

    let before = pools();
    let old = in_front(|asked, truth| {
        let body = String::from_utf8_lossy(&asked.body);
        let as_older =
            "exec python -c 'import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_module(\\\"suanzi.pool\\\")' ";
        match asked.path.as_str() {
            "/api/jobs/" => truth(body.replace("exec python -m suanzi.pool ", as_older).as_bytes()),
            _ => truth(&asked.body),
        }
    });
    let (outcome, _) = Scene::at(&old.url()).run(&nothing(), |_| {});
    match outcome {
        Outcome::Failed(Failure { kind: FailureKind::Refused, message, .. }) => {
            assert!(message.contains("Suanzi needs Python 3.11 or newer, and "), "{message}");
            assert!(message.contains("is Python 3.9.2"), "{message}");
            println!("{message}");
        }
        other => panic!("it is {other:?}"),
    }
    assert_eq!(pools(), before, "nothing of it is left");
}
