//! A driver of a Spark cluster that lies, floods, redirects, forgets, never begins or is of another version. A script stands in for it, so no Spark is needed.

use std::collections::VecDeque;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use suanzi_executor::conformance::faulty::{Answer, Asked, Faulty};
use suanzi_executor::conformance::truth::{ON_THE_WAY_BYTES, PATIENCE, end, ended, is_the_truth, last_event, listen};
use suanzi_executor::conformance::{Act, python as acts};
use suanzi_executor::*;
use suanzi_executor_http::{HttpExecutor, Terms};
use suanzi_executor_spark::{Address, SparkOptions, check, executor};

const SLOTS: u32 = 3;
const TOKEN: &str = "the-clusters-token-that-nobody-may-see";

/// Writes down how it was started, says where `server` is, and ends with its standard input; with `--check` it says a version.
const DRIVER: &str = "#!/bin/sh
printf '%s\\n' \"$*\" >> DIR/arguments
cat /proc/$$/environ >> DIR/environment
read -r secrets
printf '%s\\n' \"$secrets\" >> DIR/secrets
case \"$*\" in *--check) echo 'suanzi-spark: VERSION'; exit 0 ;; esac
echo $$ > DIR/pid
echo 'suanzi-pool: ready at URL'
exec cat
";

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

/// What a driver that is a script finds at its address.
struct Scene {
    server: Faulty,
    lies: Arc<Mutex<VecDeque<Answer>>>,
    dir: tempfile::TempDir,
}

impl Scene {
    fn new(lies: Vec<Answer>) -> Scene {
        let lies = Arc::new(Mutex::new(VecDeque::from(lies)));
        let told = lies.clone();
        let server = Faulty::start(move |asked| {
            let asks = asked.method == "GET" && !asked.path.contains("/events");
            let lie = asks.then(|| told.lock().expect("no panic before").pop_front()).flatten();
            lie.unwrap_or_else(|| truth(asked))
        });
        Scene { server, lies, dir: tempfile::tempdir().expect("a folder") }
    }

    fn options(&self, version: &str) -> SparkOptions {
        let dir = self.dir.path().to_string_lossy();
        let text = DRIVER.replace("DIR", &dir).replace("VERSION", version).replace("URL", &self.server.url());
        self.options_with(&text)
    }

    /// With a script in place of the interpreter.
    fn options_with(&self, script: &str) -> SparkOptions {
        let python = self.dir.path().join("python");
        let mut file = std::fs::File::create(&python).expect("a file");
        file.write_all(script.as_bytes()).expect("written");
        file.set_permissions(std::fs::Permissions::from_mode(0o700)).expect("a mode");
        SparkOptions {
            terms: Terms {
                name: "spark".into(),
                slots: SLOTS,
                package: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/suanzi"),
                log_dir: self.dir.path().join("logs"),
                tell: |line| eprintln!("{line}"),
            },
            address: Address::parse("sc://spark.internal:15002").expect("an address"),
            token: Some(TOKEN.into()),
            python,
        }
    }

    fn written(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.dir.path().join(name)).expect("it was written")).into_owned()
    }

    fn task(&self, no: u32) -> Box<TaskRequest> {
        let attempt = AttemptId { run: 1, op: 1, no, token: 7 };
        acts::task(attempt, &Act::Succeed { payload: "1".into() }, &self.dir.path().join("out"))
    }
}

fn made(options: SparkOptions) -> (HttpExecutor, Receiver<Event>) {
    let executor = executor(options).expect("an executor");
    let events = listen(&executor);
    (executor, events)
}

#[test]
fn no_wrong_answer_of_a_driver_decides_what_became_of_a_task() {
    let elsewhere = Faulty::start(truth);
    let mut lies = Answer::lies("state", &format!("{}/v1/tasks/x", elsewhere.url()));
    lies.push(("a state of Spark's", Answer::page(r#"{"state": "SUCCEEDED", "log_bytes": 0, "event_bytes": 0}"#)));
    let judge = |name: &str, lie: Answer| {
        let scene = Scene::new(vec![lie]);
        let (executor, events) = made(scene.options("4.0.0"));
        executor.start(scene.task(1)).expect("it starts");
        let (outcome, capacities) = end(&events);
        assert!(is_the_truth(&outcome), "{name}: {outcome:?}");
        assert_eq!(capacities, [0; 0], "{name}: one fault closes nothing");
        assert!(scene.server.flooded() < ON_THE_WAY_BYTES, "{name}: {} bytes were read", scene.server.flooded());
        executor.shutdown();
        assert_eq!(scene.written("arguments").lines().count(), 1, "{name}: one driver");
    };
    std::thread::scope(|scope| {
        for (name, slow) in [("nothing at all", Answer::Silence), ("a drip", Answer::Drip)] {
            scope.spawn(move || judge(name, slow));
        }
        lies.into_iter().for_each(|(name, lie)| judge(name, lie));
    });
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
}

#[test]
fn what_stays_wrong_is_one_reason_and_work_goes_on_after_it() {
    let elsewhere = Faulty::start(truth);
    for (name, lie) in Answer::lies("state", &elsewhere.url()) {
        let scene = Scene::new(vec![lie; 10_000]);
        let (executor, events) = made(scene.options("4.0.0"));
        executor.start(scene.task(1)).expect("it starts");
        while events.recv_timeout(PATIENCE).expect("an event") != (Event::Capacity { slots: 0 }) {}
        let why = executor.waits().expect("a reason");
        let whole = why.starts_with("the driver of the Spark cluster at sc://spark.internal:15002 ");
        assert!(whole && why.len() < 500 && !why.contains('\n'), "{name}: {why}");
        scene.lies.lock().expect("no panic before").clear();
        let (outcome, capacities) = end(&events);
        assert!(is_the_truth(&outcome), "{name}: {outcome:?}");
        assert_eq!((capacities, executor.waits()), (vec![SLOTS], None), "{name}");
    }
    assert!(elsewhere.asked().is_empty(), "redirects are not followed");
}

#[test]
fn a_driver_that_ended_or_forgot_loses_its_tasks_and_the_next_task_has_one() {
    // It forgot: the driver is there and knows nothing of the task.
    let scene = Scene::new(vec![Answer::status("404 Not Found")]);
    let (executor, events) = made(scene.options("4.0.0"));
    executor.start(scene.task(1)).expect("it starts");
    assert_eq!(end(&events).0, Outcome::Lost);
    // It ended: the next call finds another.
    let pid = scene.written("pid");
    let killed = std::process::Command::new("kill").args(["-KILL", pid.trim()]).status().expect("kill runs");
    assert!(killed.success());
    scene.lies.lock().expect("no panic before").push_back(Answer::status("404 Not Found"));
    executor.start(scene.task(2)).expect("it starts");
    assert_eq!(end(&events).0, Outcome::Lost);
    executor.start(scene.task(3)).expect("it starts");
    assert!(is_the_truth(&end(&events).0));
    assert_eq!(scene.written("arguments").lines().count(), 2);
    assert_ne!(scene.written("pid"), pid);
}

#[test]
fn a_driver_that_says_no_address_fails_the_task_in_one_line() {
    let check = |script: &str, parts: &[&str]| {
        let scene = Scene::new(Vec::new());
        let (executor, events) = made(scene.options_with(script));
        executor.start(scene.task(1)).expect("it starts");
        match end(&events).0 {
            Outcome::Failed(Failure { kind: FailureKind::Refused, message, .. }) => {
                assert!(parts.iter().all(|part| message.contains(part)) && !message.contains('\n'), "{message}");
                assert!(message.len() < 1_000, "{message}");
            }
            other => panic!("{script}: {other:?}"),
        }
    };
    check("#!/bin/sh\necho 'no module named pyspark' >&2; exit 3", &["did not start", "no module named pyspark"]);
    // A line that never ends is read up to a bound.
    check("#!/bin/sh\nexec cat /dev/zero", &["did not start"]);
}

#[test]
fn another_version_is_said_with_both() {
    let scene = Scene::new(Vec::new());
    assert_eq!(check(&scene.options("4.3.0")), Ok(()));
    let why = check(&scene.options("3.5.1")).expect_err("refused");
    assert_eq!(why, r#"sc://spark.internal:15002 runs Spark "3.5.1"; from 4.0 on and below 5 is needed"#);
    let long = check(&scene.options(&"4".repeat(5_000))).expect_err("refused");
    assert!(long.len() < 500, "{long}");
    let began = Instant::now();
    let flood = check(&scene.options_with("#!/bin/sh\nexec cat /dev/zero")).expect_err("refused");
    assert!(began.elapsed() < PATIENCE && flood.len() < 1_000, "{flood}");
}

/// Both secrets reach the driver over its standard input alone.
#[test]
fn tokens_are_in_no_argument_and_no_environment() {
    let scene = Scene::new(Vec::new());
    let (executor, events) = made(scene.options("4.0.0"));
    executor.start(scene.task(1)).expect("it starts");
    assert!(is_the_truth(&end(&events).0));
    executor.shutdown();
    let secrets: serde_json::Value = serde_json::from_str(&scene.written("secrets")).expect("JSON");
    assert_eq!(secrets["spark_token"], TOKEN, "the driver has the cluster's");
    let own = secrets["token"].as_str().expect("a token").to_owned();
    let asked = scene.server.asked();
    assert!(asked.iter().all(|asked| asked.header("authorization") == Some(&format!("Bearer {own}"))));
    for name in ["arguments", "environment"] {
        let text = scene.written(name);
        assert!(!text.is_empty() && !text.contains(TOKEN) && !text.contains(&own), "{name}: {text}");
    }
    let logs: Vec<PathBuf> = walk(&scene.dir.path().join("logs"));
    assert!(!logs.is_empty());
    for path in logs {
        let text = std::fs::read_to_string(&path).expect("a log");
        assert!(!text.contains(TOKEN) && !text.contains(&own), "{}", path.display());
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).expect("a folder").flatten().map(|entry| entry.path()).collect()
}
