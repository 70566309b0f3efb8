//! The example of `docs/guide/write-an-executor.md`: it is the code shown there, passes the suite, and starts its platform again.

mod executor;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suanzi_executor::conformance::{Act, Harness, python as acts, run_all};
use suanzi_executor::*;
use suanzi_executor_http::Terms;

const TOKEN: &str = "s3cret";
const PATIENCE: Duration = Duration::from_secs(120);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout")
}

fn python() -> String {
    let path = std::env::var_os("SUANZI_PYTHON").map_or_else(|| root().join(".venv/bin/python"), PathBuf::from);
    path.to_string_lossy().into_owned()
}

fn terms(dir: &Path) -> Terms {
    Terms {
        name: "box".into(),
        slots: 3,
        package: root().join("python/suanzi"),
        log_dir: dir.join("logs"),
        tell: |line| eprintln!("{line}"),
    }
}

/// The reference platform, with its folder and token below `dir`.
fn platform(dir: &Path) -> Vec<String> {
    let (folder, token) = (dir.join("platform"), dir.join("token"));
    std::fs::write(&token, TOKEN).expect("a file");
    let script = root().join("tests/platform/platform.py");
    let path = |path: &Path| path.to_string_lossy().into_owned();
    vec![python(), path(&script), path(&folder), python(), path(&token)]
}

fn over(dir: &Path, command: Vec<String>) -> Arc<dyn Executor> {
    let made = executor::executor(terms(dir), command, "127.0.0.1".into(), TOKEN.into());
    Arc::new(made.expect("an executor"))
}

struct CommandHarness {
    dir: tempfile::TempDir,
}

impl Harness for CommandHarness {
    fn make(&self) -> Arc<dyn Executor> {
        over(self.dir.path(), platform(self.dir.path()))
    }

    fn task(&self, attempt: AttemptId, act: &Act) -> Option<Box<TaskRequest>> {
        Some(acts::task(attempt, act, &self.dir.path().join("out")))
    }

    fn many(&self) -> usize {
        10
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }
}

#[test]
fn the_example_passes() {
    run_all(&CommandHarness { dir: tempfile::tempdir().expect("a folder") }).assert(&[]);
}

#[test]
fn the_guide_shows_this_code() {
    let guide = std::fs::read_to_string(root().join("docs/guide/write-an-executor.md")).expect("the guide");
    let shown: Vec<&str> = guide.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(
        shown.contains(&include_str!("executor.rs")),
        "copy crates/executor-http/tests/command/executor.rs into it"
    );
}

struct Sink(Mutex<Sender<Event>>);

impl EventSink for Sink {
    fn event(&self, event: Event) {
        let _ = self.0.lock().expect("no panic before").send(event); // the test may have ended
    }
}

#[test]
fn a_command_that_starts_nothing_fails_the_task_and_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    for command in [vec!["/nowhere/platform".to_owned()], vec![python(), "-c".into(), "print('no port')".into()]] {
        let executor = over(dir.path(), command.clone());
        let (sender, events) = channel();
        executor.attach(Arc::new(Sink(Mutex::new(sender))));
        let attempt = AttemptId { run: 1, op: 1, no: 1, token: 1 };
        let act = Act::Succeed { payload: "1".into() };
        executor.start(acts::task(attempt, &act, dir.path())).expect("it is taken");
        match events.recv_timeout(PATIENCE) {
            Ok(Event::Finished { outcome: Outcome::Failed(failure), .. }) => {
                assert_eq!(failure.kind, FailureKind::Refused);
                assert!(failure.message.contains(&command[0]), "{}", failure.message);
            }
            other => panic!("it is {other:?}"),
        }
    }
}
