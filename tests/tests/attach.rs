//! One owner per home: a second command attaches to the first, each ends as if it were alone, and an owner's death is said and mended.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use suanzi_tests::{DagText, Op, RUN_LIMIT_SECONDS, Suanzi};

/// Says that it has begun, and goes on when its gate is open.
const GATE: &str = "\
import os, time
def run(*inputs, params):
    open(params['gate'] + '.begun', 'w').close()
    end = time.monotonic() + 100
    while not os.path.exists(params['gate']) and time.monotonic() < end:
        time.sleep(0.01)
    return {'waited': 1.0}
";
const NOBODY: u32 = 65_534;

/// Until something is true, within the limit of a command.
#[track_caller]
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(RUN_LIMIT_SECONDS), "{what}: not within {RUN_LIMIT_SECONDS} s");
        sleep(Duration::from_millis(10));
    }
}

/// A command under way. Killed when dropped.
struct Going {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Going {
    fn start(suanzi: &Suanzi, label: &str, args: &[&str]) -> Going {
        let (out, err) = (suanzi.dir().join(format!("{label}.out")), suanzi.dir().join(format!("{label}.err")));
        let mut command = suanzi.command(args);
        command.stdout(File::create(&out).expect("a file")).stderr(File::create(&err).expect("a file"));
        Going { child: command.spawn().expect("suanzi starts"), out, err }
    }

    /// A run of a DAG that waits at its gate, begun there.
    fn at_gate(suanzi: &Suanzi, name: &str) -> Going {
        let file = gated(suanzi, name);
        let mut going = Going::start(suanzi, name, &["run", &file.to_string_lossy()]);
        let begun = suanzi.dir().join(format!("{name}.gate.begun"));
        until(&format!("{name} begins"), || {
            assert!(going.alive(), "{name} ended before its gate: {}", going.stderr());
            begun.exists()
        });
        going
    }

    fn stdout(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }

    fn stderr(&self) -> String {
        fs::read_to_string(&self.err).unwrap_or_default()
    }

    fn alive(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// The exit code, once it has ended.
    #[track_caller]
    fn ends(&mut self) -> Option<i32> {
        let mut status = None;
        until("the command ends", || {
            status = self.child.try_wait().expect("a child can be asked");
            status.is_some()
        });
        status.and_then(|s| s.code())
    }

    #[track_caller]
    fn ends_with(&mut self, code: i32) {
        assert_eq!(self.ends(), Some(code), "stderr: {}\nstdout: {}", self.stderr(), self.stdout());
    }

    /// Its run's id, as it says it itself.
    fn run_id(&self) -> String {
        let text = self.stderr();
        let line = text.lines().find_map(|l| l.strip_prefix("run ")).expect("a run says its id");
        line.split(':').next().unwrap_or_default().to_string()
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gated(suanzi: &Suanzi, name: &str) -> PathBuf {
    let gate = suanzi.dir().join(format!("{name}.gate"));
    let dag = DagText::new(name)
        .op(Op::new("wait", "python_script").param("code", GATE).param("params", json!({ "gate": gate })))
        .op(Op::new("after", "noop"))
        .edge("wait", 1, "after", 0);
    suanzi.write(&format!("{name}.yaml"), dag.yaml())
}

fn open(suanzi: &Suanzi, name: &str) {
    suanzi.write(&format!("{name}.gate"), "");
}

fn socket(suanzi: &Suanzi) -> PathBuf {
    suanzi.home().join("engine.sock")
}

/// Status of a run, by id.
fn status(suanzi: &Suanzi, run_id: &str) -> String {
    let shown = suanzi.json(["runs", "show", run_id, "--json"]);
    shown["status"].as_str().unwrap_or_default().to_string()
}

#[test]
fn a_second_run_attaches_and_both_end() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let mode = fs::metadata(socket(&suanzi)).expect("the owner listens").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::metadata(suanzi.home()).expect("a home").permissions().mode() & 0o777, 0o700);
    let mut second = Going::at_gate(&suanzi, "second");
    let pid = first.child.id();
    assert!(second.stderr().contains(&format!("process {pid}, which owns")), "{}", second.stderr());
    open(&suanzi, "second");
    second.ends_with(0);
    for part in ["1/2 success wait", "2/2 success after"] {
        assert!(second.stderr().contains(part), "{}", second.stderr());
    }
    assert!(second.stdout().contains(&format!("run {}: success", second.run_id())), "{}", second.stdout());
    assert!(first.alive());
    open(&suanzi, "first");
    first.ends_with(0);
    assert!(!first.stderr().contains("attached"), "{}", first.stderr());
    assert!(!socket(&suanzi).exists());
}

#[test]
fn an_owner_stays_until_attached_runs_have_ended() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let mut second = Going::at_gate(&suanzi, "second");
    open(&suanzi, "first");
    until("the owner tells that it stays", || first.stderr().contains("1 attached run is still going"));
    assert!(first.stdout().contains(&format!("run {}: success", first.run_id())), "the report comes before the wait");
    // It still takes more.
    let third = suanzi.write("third.yaml", DagText::new("third").op(Op::new("only", "noop")).yaml());
    let output = suanzi.run(["run", &third.to_string_lossy()]).success();
    assert!(output.stderr.contains("which owns"), "{output}");
    assert!(first.alive() && second.alive());
    open(&suanzi, "second");
    second.ends_with(0);
    first.ends_with(0);
    assert_eq!(status(&suanzi, &second.run_id()), "success");
}

#[test]
fn an_interruption_of_the_waiting_owner_leaves_the_rest_to_resume() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let mut second = Going::at_gate(&suanzi, "second");
    open(&suanzi, "first");
    until("the owner tells that it stays", || first.stderr().contains("still going"));
    first.signal(Signal::INT);
    first.ends_with(0);
    second.ends_with(1);
    assert!(second.stderr().contains("the engine went away"), "{}", second.stderr());
    open(&suanzi, "second");
    suanzi.run(["runs", "resume"]).success();
    assert_eq!(status(&suanzi, &second.run_id()), "success");
}

#[test]
fn a_cancelled_attached_run_leaves_the_others() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let mut second = Going::at_gate(&suanzi, "second");
    let mut third = Going::at_gate(&suanzi, "third");
    second.signal(Signal::INT);
    second.ends_with(1);
    assert!(second.stdout().contains(": cancelled"), "{}", second.stdout());
    suanzi.run(["runs", "cancel", &third.run_id()]).success();
    third.ends_with(1);
    assert_eq!(status(&suanzi, &third.run_id()), "cancelled");
    let again = suanzi.run(["runs", "cancel", &third.run_id()]).exits(2);
    assert!(again.stderr.contains("has ended (cancelled)"), "{again}");
    assert!(first.alive());
    open(&suanzi, "first");
    first.ends_with(0);
}

#[test]
fn an_interruption_of_the_owner_cancels_its_own_run_alone() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let mut second = Going::at_gate(&suanzi, "second");
    first.signal(Signal::INT);
    until("the owner tells that it stays", || first.stderr().contains("still going"));
    assert_eq!(status(&suanzi, &first.run_id()), "cancelled");
    open(&suanzi, "second");
    second.ends_with(0);
    first.ends_with(1);
}

#[test]
fn a_killed_owner_is_told_and_its_runs_go_on() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let mut second = Going::at_gate(&suanzi, "second");
    let (first_id, second_id) = (first.run_id(), second.run_id());
    first.signal(Signal::KILL);
    assert_eq!(first.ends(), None);
    second.ends_with(1);
    let told = format!("the engine went away; `suanzi runs resume {second_id}` goes on");
    assert!(second.stderr().contains(&told), "{}", second.stderr());
    assert!(socket(&suanzi).exists(), "the dead owner's socket is left");
    open(&suanzi, "second");
    suanzi.run(["runs", "resume", &second_id]).success();
    assert_eq!(status(&suanzi, &second_id), "success");
    assert_eq!(status(&suanzi, &first_id), "running");
    // The other one goes on under an owner that has nothing to do with it.
    let mut third = Going::at_gate(&suanzi, "third");
    fs::remove_file(suanzi.dir().join("first.gate.begun")).expect("it had begun");
    let mut resumed = Going::start(&suanzi, "resumed", &["runs", "resume"]);
    until("the first run begins again", || suanzi.dir().join("first.gate.begun").exists());
    let going = suanzi.run(["runs", "resume", &first_id]).success();
    assert!(going.stderr.contains("is going already"), "{going}");
    open(&suanzi, "first");
    resumed.ends_with(0);
    assert_eq!(status(&suanzi, &first_id), "success");
    assert!(third.alive());
    open(&suanzi, "third");
    third.ends_with(0);
}

#[test]
fn faults_are_told_the_same_by_another_process() {
    let suanzi = Suanzi::new();
    let dag = DagText::new("bad").op(Op::new("a", "no_such_kind")).op(Op::new("b", "sleep").param("seconds", "long"));
    let bad = suanzi.write("bad.yaml", dag.yaml());
    let args = ["run", &*bad.to_string_lossy()];
    let alone = suanzi.run(args).exits(2);
    let mut first = Going::at_gate(&suanzi, "first");
    let attached = suanzi.run(args).exits(2);
    assert!(alone.stderr.contains("2 errors in"), "{alone}");
    assert_eq!(attached.stderr, alone.stderr);
    open(&suanzi, "first");
    first.ends_with(0);
}

#[test]
fn paths_are_the_callers() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    suanzi.write("elsewhere/rows.csv", "x,y\n1,2\n3,4\n");
    let read = Op::new("read", "algo_local_read_file").param("data_id", 7);
    let yaml = DagText::new("paths").op(read).yaml();
    let mut command = suanzi.command(["run", "-", "--dataset", "7=rows.csv", "--json"]);
    command
        .current_dir(suanzi.dir().join("elsewhere"))
        .stdin(Stdio::from(File::open(suanzi.write("paths.yaml", yaml)).expect("a file")));
    let output = command.output().expect("suanzi runs");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!((&report["status"], &report["operators"][0]["outputs"][0]["rows"]), (&json!("success"), &json!(2)));
    open(&suanzi, "first");
    first.ends_with(0);
}

#[test]
fn commands_that_come_at_once_all_succeed() {
    const COMMANDS: usize = 8;
    let suanzi = Suanzi::new();
    let mut going: Vec<Going> = (0..COMMANDS)
        .map(|i| {
            let dag = DagText::new(&format!("dag{i}")).op(Op::new("only", "noop").param("payload", i));
            let file = suanzi.write(&format!("dag{i}.yaml"), dag.yaml());
            Going::start(&suanzi, &format!("dag{i}"), &["run", &file.to_string_lossy()])
        })
        .collect();
    for command in &mut going {
        command.ends_with(0);
    }
    let runs = suanzi.json(["runs", "--json"]);
    let runs = runs.as_array().expect("a list");
    assert_eq!(runs.len(), COMMANDS);
    assert!(runs.iter().all(|run| run["status"] == "success"), "{runs:?}");
}

#[test]
fn a_home_with_a_long_path_has_a_socket_too() {
    const SOCKET_ADDRESS_BYTES: usize = 108;
    let mut suanzi = Suanzi::new();
    let home = suanzi.dir().join("a".repeat(SOCKET_ADDRESS_BYTES));
    suanzi.set_env("SUANZI_HOME", &home);
    let mut first = Going::at_gate(&suanzi, "first");
    let mut second = Going::at_gate(&suanzi, "second");
    assert!(second.stderr().contains("which owns"), "{}", second.stderr());
    open(&suanzi, "second");
    second.ends_with(0);
    open(&suanzi, "first");
    first.ends_with(0);
}

#[test]
fn other_users_are_not_heard() {
    if !rustix::process::geteuid().is_root() {
        suanzi_tests::skipped("only root can be another user");
        return;
    }
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    assert!(ask_health(&socket(&suanzi), 0).contains(r#""status":"ok""#), "the owner's user is heard");
    assert_eq!(ask_health(&socket(&suanzi), NOBODY), "PermissionError");
    // With every door open the kernel's word on who asks is left.
    for (path, mode) in [(suanzi.dir(), 0o755), (&suanzi.home(), 0o755), (&socket(&suanzi), 0o666)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("modes can be set");
    }
    assert_eq!(ask_health(&socket(&suanzi), NOBODY), "");
    open(&suanzi, "first");
    first.ends_with(0);
}

#[test]
fn answers_of_the_socket() {
    let suanzi = Suanzi::new();
    let mut first = Going::at_gate(&suanzi, "first");
    let run = format!("/api/v1/runs/{}", first.run_id());
    for (method, path, body, status, code) in [
        ("GET", "/nowhere", "", 404, "not_found"),
        ("GET", "/api/v1/runs/none", "", 404, "not_found"),
        ("GET", "/api/v1/runs/none/events", "", 404, "not_found"),
        ("DELETE", "/api/v1/runs", "", 405, "method_not_allowed"),
        ("POST", "/api/v1/runs", "{", 400, "bad_request"),
        ("POST", "/api/v1/runs", r#"{"source":"dag: {}","surplus":1}"#, 400, "bad_request"),
        ("POST", "/api/v1/runs", r#"{"source":"dag: {}","options":{"base_dir":"relative"}}"#, 400, "bad_request"),
        ("POST", "/api/v1/runs", r#"{"source":"dag: {}"}"#, 422, "invalid_dag"),
        ("POST", &format!("{run}/resume"), "", 409, "run_is_going"),
    ] {
        let (answered, text) = ask(&socket(&suanzi), method, path, "", body);
        let problem: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{method} {path}: {e}: {text}"));
        assert_eq!((answered, &problem["code"]), (status, &json!(code)), "{method} {path} {body}: {text}");
        assert_eq!(problem["status"], status, "{text}");
    }
    let (_, shown) = ask(&socket(&suanzi), "GET", &run, "", "");
    assert!(shown.contains(r#""status":"running""#), "{shown}");
    open(&suanzi, "first");
    // The stream ends with the run; the owner stays until it has been read.
    let (answered, events) = ask(&socket(&suanzi), "GET", &format!("{run}/events"), "Last-Event-ID: 0\r\n", "");
    assert_eq!(answered, 200);
    assert!(events.contains("event: run_ended\ndata: {\"type\":\"run_ended\",\"status\":\"success\"}"), "{events}");
    first.ends_with(0);
}

/// Status and body of one request.
fn ask(socket: &Path, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let mut stream = UnixStream::connect(socket).expect("the owner listens");
    stream.set_read_timeout(Some(Duration::from_secs(RUN_LIMIT_SECONDS))).expect("a timeout can be set");
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: suanzi\r\nConnection: close\r\n{headers}");
    let request = format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("the owner reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the owner answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("an answer has a status");
    (status, body.to_string())
}

/// What a process of that user gets for `GET /healthz`: the answer, nothing, or the name of the error in connecting.
fn ask_health(socket: &Path, uid: u32) -> String {
    const ASK: &str = "\
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
try:
    s.connect(sys.argv[1])
    s.sendall(b'GET /healthz HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n')
    print(b''.join(iter(lambda: s.recv(4096), b'')).decode(), end='')
except (BrokenPipeError, ConnectionResetError):
    pass
except OSError as e:
    print(type(e).__name__, end='')
";
    let output = Command::new("python3")
        .args(["-I", "-c", ASK])
        .arg(socket)
        .current_dir("/")
        .uid(uid)
        .output()
        .expect("python3 starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
