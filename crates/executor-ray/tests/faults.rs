//! A Ray cluster that lies, floods, redirects, forgets or starts anew with empty memory: none of it decides what became of a task, and each fault is one clear reason.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;
use suanzi_executor::conformance::faulty::{Answer, Asked, Faulty};
use suanzi_executor::conformance::truth::{ON_THE_WAY_BYTES, PATIENCE, end, is_the_truth, last_event, listen};
use suanzi_executor::conformance::{Act, python as acts};
use suanzi_executor::*;
use suanzi_executor_http::{BaseUrl, HttpExecutor, Target, Terms};
use suanzi_executor_ray::{READY, RayOptions, check, executor};

const SLOTS: u32 = 3;
const TOKEN: &str = "the-clusters-token-that-no-pool-may-see";

/// What is asked of a cluster and the pool on it, in the order of a task's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Package,
    Upload,
    Submit,
    Job,
    Logs,
    PutTask,
    PutCode,
    Status,
    Events,
}

use Question::*;
const QUESTIONS: [Question; 9] = [Package, Upload, Submit, Job, Logs, PutTask, PutCode, Status, Events];

fn question(asked: &Asked) -> Option<Question> {
    let path = asked.path.as_str();
    Some(match asked.method.as_str() {
        "GET" if path.starts_with("/api/packages/") => Package,
        "PUT" if path.starts_with("/api/packages/") => Upload,
        "POST" if path == "/api/jobs/" => Submit,
        "GET" if path.starts_with("/api/jobs/") && path.ends_with("/logs") => Logs,
        "GET" if path.starts_with("/api/jobs/") => Job,
        "PUT" if path.starts_with("/v1/tasks/") => PutTask,
        "PUT" if path.starts_with("/v1/code/") => PutCode,
        "GET" if path.contains("/events?") => Events,
        "GET" if path.starts_with("/v1/tasks/") => Status,
        _ => return None,
    })
}

/// What a cluster knows until it is started anew.
#[derive(Default)]
struct Memory {
    packages: BTreeSet<String>,
    /// By submission id.
    jobs: BTreeMap<String, &'static str>,
    code: BTreeSet<String>,
    tasks: BTreeSet<String>,
    /// Tasks don't end while it is set.
    busy: bool,
    /// Every pool and task that was ever begun.
    pools: Vec<String>,
    begun: Vec<String>,
    lies: BTreeMap<Question, VecDeque<Answer>>,
    /// Where the pool says that it listens; else beside the cluster's dashboard.
    pool_at: Option<String>,
}

struct Cluster {
    memory: Arc<Mutex<Memory>>,
    server: Faulty,
    dir: tempfile::TempDir,
}

impl Cluster {
    fn new() -> Cluster {
        let memory = Arc::new(Mutex::new(Memory::default()));
        Cluster { server: serve(memory.clone()), memory, dir: tempfile::tempdir().expect("a folder") }
    }

    /// With these answers to the first questions of a kind.
    fn lying(at: Question, lies: Vec<Answer>) -> Cluster {
        let cluster = Cluster::new();
        cluster.memory().lies.insert(at, lies.into());
        cluster
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("no panic before")
    }

    fn options(&self) -> RayOptions {
        options(&self.server.url(), self.dir.path())
    }

    fn executor(&self) -> (HttpExecutor, Receiver<Event>) {
        let executor = executor(self.options()).expect("an executor");
        let events = listen(&executor);
        (executor, events)
    }

    fn task(&self, no: u32) -> Box<TaskRequest> {
        let attempt = AttemptId { run: 1, op: 1, no, token: 7 };
        acts::task(attempt, &Act::Succeed { payload: "1".into() }, &self.dir.path().join("out"))
    }

    /// Started anew, with empty memory, its pool's address gone or taken by a stranger.
    fn forget_all(&self) {
        let mut memory = self.memory();
        let (pools, begun) = (std::mem::take(&mut memory.pools), std::mem::take(&mut memory.begun));
        *memory = Memory { pools, begun, ..Memory::default() };
    }
}

fn options(url: &str, dir: &Path) -> RayOptions {
    RayOptions {
        terms: Terms {
            name: "ray".into(),
            slots: SLOTS,
            package: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/suanzi"),
            log_dir: dir.join("logs"),
            tell: |line| eprintln!("{line}"),
        },
        target: Target { base: BaseUrl::parse(url).expect("an address"), token: Some(TOKEN.into()) },
        note: dir.join("ray-pool.json"),
    }
}

fn serve(memory: Arc<Mutex<Memory>>) -> Faulty {
    Faulty::start(move |asked| {
        let mut memory = memory.lock().expect("no panic before");
        let lie = question(asked).and_then(|at| memory.lies.get_mut(&at)?.pop_front());
        lie.unwrap_or_else(|| truth(&mut memory, asked))
    })
}

fn truth(memory: &mut Memory, asked: &Asked) -> Answer {
    let name = |path: &str| path.split(['/', '?']).nth(3).unwrap_or_default().to_owned();
    let not_there = || Answer::status("404 Not Found");
    let token = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if asked.path.starts_with("/api/") != (token == TOKEN) {
        return Answer::status("401 Unauthorized");
    }
    let id = name(&asked.path);
    let body = String::from_utf8_lossy(&asked.body);
    match question(asked) {
        Some(Package) if !memory.packages.contains(&asked.path) => return not_there(),
        Some(Upload) => drop(memory.packages.insert(asked.path.clone())),
        Some(Submit) => {
            let job: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            let id = job["submission_id"].as_str().expect("an id").to_owned();
            if memory.jobs.contains_key(&id) {
                return Answer::status("500 Internal Server Error");
            }
            memory.pools.push(id.clone());
            memory.jobs.insert(id, "RUNNING");
        }
        Some(Job) => match memory.jobs.get(&id) {
            Some(state) => return Answer::page(format!(r#"{{"status": "{state}", "message": null}}"#)),
            None => return not_there(),
        },
        Some(Logs) => {
            let at = memory.pool_at.clone().unwrap_or_else(|| asked.header("host").expect("a host").to_owned());
            return Answer::page(serde_json::json!({"logs": format!("{READY}http://{at}\n")}).to_string());
        }
        Some(PutTask) => {
            let code = asked.path.split_once("code=").map(|(_, rest)| &rest[..64]).expect("a code package");
            if !memory.code.contains(code) {
                return not_there();
            }
            if memory.tasks.insert(id.clone()) {
                memory.begun.push(id);
            }
        }
        Some(PutCode) => drop(memory.code.insert(id)),
        Some(Status | Events) if !memory.tasks.contains(&id) => return not_there(),
        Some(Status) if memory.busy => {
            return Answer::page(r#"{"state": "running", "log_bytes": 0, "event_bytes": 0}"#);
        }
        Some(Status) => {
            let bytes = last_event().len();
            return Answer::page(format!(r#"{{"state": "ended", "log_bytes": 0, "event_bytes": {bytes}}}"#));
        }
        Some(Events) => return Answer::page(last_event()),
        Some(Package) => {}
        None if asked.path == "/api/version" => return Answer::page(r#"{"ray_version": "2.60.0"}"#),
        None if asked.path.ends_with("/stop") && asked.path.starts_with("/api/jobs/") => {
            memory.jobs.entry(id).and_modify(|state| *state = "STOPPED");
        }
        None if asked.method == "DELETE" && asked.path.starts_with("/api/jobs/") => drop(memory.jobs.remove(&id)),
        None => {}
    }
    Answer::page("{}")
}

/// The key that a right answer has, and wrong answers have with the wrong value.
fn key(at: Question) -> &'static str {
    match at {
        Job => "status",
        Logs => "logs",
        Status => "state",
        _ => "key",
    }
}

#[test]
fn no_wrong_answer_of_cluster_or_pool_decides_what_became_of_a_task() {
    let elsewhere = Faulty::start(|_| Answer::page("{}"));
    let all_of = |at: Question| {
        let mut lies = Answer::lies(key(at), &format!("{}/api/version", elsewhere.url()));
        match at {
            // The bytes of an event aren't JSON: what comes under 200 is what the task told.
            Events => lies.retain(|(_, lie)| !matches!(lie, Answer::Raw(raw) if raw.starts_with(b"HTTP/1.1 200"))),
            Job => lies.push(("a state nobody knows", Answer::page(r#"{"status": "WELL"}"#))),
            Status => lies.push(("a state of Ray's", Answer::page(r#"{"state": "SUCCEEDED", "log_bytes": 0}"#))),
            _ => {}
        }
        // Each kind of slowness at one question of the cluster and one of the pool is enough: it costs its limit.
        if matches!(at, Submit | Status) {
            lies.extend([("nothing at all", Answer::Silence), ("a drip", Answer::Drip)]);
        }
        lies
    };
    let judge = |at: Question, name: &str, lie: Answer| {
        // Where 200 is all that counts, one with any body is the answer.
        let believed = matches!(at, Upload | Submit | PutTask | PutCode)
            && matches!(&lie, Answer::Raw(raw) if raw.starts_with(b"HTTP/1.1 200"));
        if believed {
            return;
        }
        let cluster = Cluster::lying(at, vec![lie]);
        let (executor, events) = cluster.executor();
        executor.start(cluster.task(1)).expect("it starts");
        let (outcome, capacities) = end(&events);
        assert!(is_the_truth(&outcome), "{name} to {at:?}: {outcome:?}");
        assert_eq!(capacities, [0; 0], "{name} to {at:?}: one fault closes nothing");
        executor.shutdown();
        let memory = cluster.memory();
        assert_eq!((memory.pools.len(), memory.begun.len()), (1, 1), "{name} to {at:?}: each was begun once");
        assert!(memory.jobs.is_empty(), "{name} to {at:?}: the pool is gone");
        let flooded = cluster.server.flooded();
        assert!(flooded < ON_THE_WAY_BYTES, "{name} to {at:?}: {flooded} bytes were read");
    };
    std::thread::scope(|scope| {
        for at in QUESTIONS {
            let (all_of, judge) = (&all_of, &judge);
            let (slow, quick): (Vec<_>, Vec<_>) =
                all_of(at).into_iter().partition(|(_, lie)| matches!(lie, Answer::Silence | Answer::Drip));
            scope.spawn(move || quick.into_iter().for_each(|(name, lie)| judge(at, name, lie)));
            for (name, lie) in slow {
                scope.spawn(move || judge(at, name, lie));
            }
        }
    });
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
}

/// Wherever the fault is, work waits with one reason; when it is gone, work goes on, and once only.
#[test]
fn what_stays_wrong_is_one_reason_and_work_goes_on_after_it() {
    let elsewhere = Faulty::start(|_| Answer::page("{}"));
    let elsewhere = &elsewhere;
    let judge = |at: Question, name: &str, lie: Answer| {
        let cluster = Cluster::lying(at, vec![lie; 10_000]);
        let (executor, events) = cluster.executor();
        let began = Instant::now();
        executor.start(cluster.task(1)).expect("it starts");
        while events.recv_timeout(PATIENCE).expect("an event") != (Event::Capacity { slots: 0 }) {}
        assert!(began.elapsed() < PATIENCE / 2, "{name} to {at:?}: {:?}", began.elapsed());
        let why = executor.waits().expect("a reason");
        let whole = why.starts_with("the Ray cluster at 127.0.0.1:") && why.len() < 500 && !why.contains('\n');
        assert!(whole && !why.contains(TOKEN), "{name} to {at:?}: {why}");
        cluster.memory().lies.clear();
        let (outcome, capacities) = end(&events);
        assert!(is_the_truth(&outcome), "{name} to {at:?}: {outcome:?}");
        assert_eq!((capacities, executor.waits()), (vec![SLOTS], None), "{name} to {at:?}");
        let memory = cluster.memory();
        assert_eq!((memory.pools.len(), memory.begun.len()), (1, 1), "{name} to {at:?}");
    };
    std::thread::scope(|scope| {
        for at in [Job, Status] {
            let judge = &judge;
            let lies = Answer::lies(key(at), &elsewhere.url());
            scope.spawn(move || lies.into_iter().for_each(|(name, lie)| judge(at, name, lie)));
        }
    });
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
}

#[test]
fn a_wrong_version_and_every_wrong_answer_is_said_before_anything_begins() {
    let elsewhere = Faulty::start(|_| Answer::page("{}"));
    let dir = tempfile::tempdir().expect("a folder");
    let said = |answer: Answer| {
        let server = Faulty::start(move |_| answer.clone());
        let began = Instant::now();
        let why = check(&options(&server.url(), dir.path())).expect_err("refused");
        assert!(why.starts_with(&server.authority()) && why.len() < 400 && !why.contains('\n'), "{why}");
        assert!(!why.contains(TOKEN) && began.elapsed() < PATIENCE / 2, "{why}");
        assert!(server.flooded() < ON_THE_WAY_BYTES, "{why}: {} bytes were read", server.flooded());
        why
    };
    for (name, lie) in Answer::lies("ray_version", &elsewhere.url()) {
        println!("{name}: {}", said(lie));
    }
    let drip = said(Answer::Drip);
    assert!(drip.contains("did not answer within 10s"), "{drip}");
    let old = said(Answer::page(r#"{"ray_version": "2.9.3"}"#));
    assert!(old.contains(r#"runs Ray "2.9.3"; from 2.10 on and below 3 is needed"#), "{old}");
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
}

#[test]
fn a_job_that_was_accepted_and_forgotten_is_submitted_again() {
    let cluster = Cluster::lying(Submit, vec![Answer::page("{}")]); // it says yes, and knows nothing of it afterwards
    let (executor, events) = cluster.executor();
    executor.start(cluster.task(1)).expect("it starts");
    assert!(is_the_truth(&end(&events).0));
    assert_eq!(cluster.memory().pools.len(), 1);

    // One that forgets every time is a reason to wait.
    let cluster = Cluster::lying(Submit, vec![Answer::page("{}"); 10_000]);
    let (executor, events) = cluster.executor();
    executor.start(cluster.task(1)).expect("it starts");
    while events.recv_timeout(PATIENCE).expect("an event") != (Event::Capacity { slots: 0 }) {}
    let why = executor.waits().expect("a reason");
    assert!(why.contains("the cluster forgot the pool's job"), "{why}");
    cluster.memory().lies.clear();
    assert!(is_the_truth(&end(&events).0));
}

/// What listens where the old pool did: nobody, a pool of somebody else, or a server that knows nothing of all this.
#[test]
fn a_cluster_that_starts_anew_with_empty_memory_loses_its_tasks_and_gets_another_pool() {
    for stranger in [None, Some("401 Unauthorized"), Some("404 Not Found"), Some("500 Internal Server Error")] {
        let cluster = Cluster::new();
        let (gone, memory) = (Arc::new(Mutex::new(false)), cluster.memory.clone());
        let (is_gone, of_stranger) = (gone.clone(), stranger);
        let mut first = Some(Faulty::start(move |asked| match *is_gone.lock().expect("no panic before") {
            true => Answer::status(of_stranger.expect("somebody listens")),
            false => truth(&mut memory.lock().expect("no panic before"), asked),
        }));
        {
            let mut memory = cluster.memory();
            memory.pool_at = first.as_ref().map(Faulty::authority);
            memory.busy = true;
        }
        let (executor, events) = cluster.executor();
        executor.start(cluster.task(1)).expect("it starts");
        while !matches!(events.recv_timeout(PATIENCE).expect("a start"), Event::Started { .. }) {}
        *gone.lock().expect("no panic before") = true;
        if stranger.is_none() {
            first = None;
        }
        cluster.forget_all();
        assert_eq!(end(&events).0, Outcome::Lost, "{stranger:?}");
        executor.start(cluster.task(2)).expect("it starts");
        assert!(is_the_truth(&end(&events).0), "{stranger:?}");
        let memory = cluster.memory();
        assert_eq!((memory.pools.len(), memory.begun.len()), (2, 2), "{stranger:?}");
        assert_ne!(memory.pools[0], memory.pools[1], "{stranger:?}");
        drop(first);
    }
}

/// Neither side's token goes to the other, nor into anything that a cluster shows of a job.
#[test]
fn tokens_go_where_they_belong_alone() {
    let cluster = Cluster::new();
    let shown = Arc::new(Mutex::new(String::new()));
    let (kept, memory) = (shown.clone(), cluster.memory.clone());
    let server = Faulty::start(move |asked| {
        if asked.path == "/api/jobs/" {
            kept.lock().expect("no panic before").push_str(&String::from_utf8_lossy(&asked.body));
        }
        truth(&mut memory.lock().expect("no panic before"), asked)
    });
    let executor = executor(options(&server.url(), cluster.dir.path())).expect("an executor");
    let events = listen(&executor);
    executor.start(cluster.task(1)).expect("it starts");
    assert!(is_the_truth(&end(&events).0));
    executor.shutdown();
    let token = |asked: &Asked| asked.header("authorization").expect("a token").replace("Bearer ", "");
    let (of_cluster, of_pool): (Vec<_>, Vec<_>) =
        server.asked().into_iter().partition(|asked| asked.path.starts_with("/api/"));
    assert!(of_cluster.iter().all(|asked| token(asked) == TOKEN));
    let pools: BTreeSet<String> = of_pool.iter().map(token).collect();
    assert_eq!(pools.len(), 1, "{pools:?}");
    let pool = pools.first().expect("one");
    let job = shown.lock().expect("no panic before").clone();
    assert!(job.contains("--token-sha256") && !job.contains(pool) && !job.contains(TOKEN), "{job}");
    assert!(server.asked().iter().all(|asked| !asked.path.contains(pool) && !asked.path.contains(TOKEN)));
}
