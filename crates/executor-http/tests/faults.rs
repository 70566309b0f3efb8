//! A platform that lies, breaks off, redirects, floods or forgets: none of it decides what became of a task.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suanzi_executor::*;
use suanzi_executor_http::{BaseUrl, HttpExecutor, HttpOptions, MAX_ANSWER_BYTES, Target, Terms};
use suanzi_protocol::{FromWorker, encode};

const SLOTS: u32 = 3;
const LAST_WORD: &str = "what really happened";
const PATIENCE: Duration = Duration::from_secs(60);

/// What is answered to one question for a task's state.
#[derive(Clone)]
enum Answer {
    /// As it stands, then the connection ends.
    Raw(String),
    /// A body that never ends.
    Endless,
    /// Nothing, for longer than is waited for.
    Nothing,
}

fn page(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn ok(body: &str) -> Answer {
    Answer::Raw(page(body))
}

fn status(line: &str) -> Answer {
    Answer::Raw(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n"))
}

/// Takes code and task; answers the first questions from `lies`, all others with the truth: ended, with one event.
struct Liar {
    port: u16,
    lies: Arc<Mutex<VecDeque<Answer>>>,
    done: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Liar {
    fn start(lies: Vec<Answer>) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (done, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (ended, count) = (done.clone(), asked.clone());
        let lies = Arc::new(Mutex::new(VecDeque::from(lies)));
        let told = lies.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                count.fetch_add(1, Ordering::SeqCst);
                let (stream, lies) = (stream.expect("a connection"), told.clone());
                std::thread::spawn(move || answer(stream, &lies));
            }
        });
        Liar { port, lies, done, asked }
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // wakes it
    }
}

fn last_event() -> Vec<u8> {
    let frame = FromWorker::Failed {
        id: 1,
        kind: suanzi_protocol::FailureKind::Exception,
        message: LAST_WORD.into(),
        hint: None,
        traceback: None,
        usage: suanzi_protocol::Usage::default(),
        retire: None,
    };
    let mut bytes = Vec::new();
    encode(&frame, &mut bytes).expect("a frame");
    bytes
}

/// One request on one connection. That the caller hangs up is no fault here.
fn answer(mut stream: TcpStream, lies: &Mutex<VecDeque<Answer>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let (mut first, mut length) = (String::new(), 0);
    let _ = reader.read_line(&mut first);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    let event = last_event();
    let asks = (first.starts_with("GET /v1/tasks/") && !first.contains("/events")) || first.contains("/v1/platform");
    let lie = asks.then(|| lies.lock().expect("no panic before").pop_front()).flatten();
    let _ = match lie {
        Some(Answer::Raw(text)) => stream.write_all(text.as_bytes()),
        Some(Answer::Nothing) => reader.read(&mut [0]).map(drop), // until the caller hangs up
        Some(Answer::Endless) => {
            let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while sent.is_ok() {
                sent = stream.write_all(piece.as_bytes());
            }
            Ok(())
        }
        None if asks => {
            let text =
                format!(r#"{{"state": "ended", "exit_status": 0, "log_bytes": 0, "event_bytes": {}}}"#, event.len());
            stream.write_all(page(&text).as_bytes())
        }
        None => {
            let body = if first.contains("/events") { event } else { Vec::new() };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat())
        }
    };
}

/// Hands on all that an executor tells.
struct Sink(Mutex<Sender<Event>>);

impl EventSink for Sink {
    fn event(&self, event: Event) {
        let _ = self.0.lock().expect("no panic before").send(event); // the test may have ended
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
        target: Target { base: BaseUrl::parse(address).expect("an address"), token: None },
    };
    let executor = HttpExecutor::new(options).expect("an executor");
    let (sender, receiver) = channel();
    executor.attach(Arc::new(Sink(Mutex::new(sender))));
    (executor, receiver)
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
        resources: Vec::new(),
        limits: Limits { cpu_slots: 1, memory_bytes: None, reserved_bytes: 0, timeout: None },
    })
}

/// Runs a task on a platform that begins with these lies: its end, and the capacities told before.
fn end_after(lies: Vec<Answer>) -> (Outcome, Vec<u32>) {
    let dir = tempfile::tempdir().expect("a folder");
    let liar = Liar::start(lies);
    let (executor, events) = executor(&liar.address(), dir.path());
    executor.start(task(dir.path())).expect("it starts");
    let mut capacities = Vec::new();
    loop {
        match events.recv_timeout(PATIENCE).expect("an end") {
            Event::Finished { outcome, .. } => return (outcome, capacities),
            Event::Capacity { slots } => capacities.push(slots),
            _ => {}
        }
    }
}

fn is_the_truth(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(failure) if failure.message == LAST_WORD)
}

#[test]
fn no_wrong_answer_decides_what_became_of_a_task() {
    let large = "x".repeat(MAX_ANSWER_BYTES + 1);
    let lies = [
        ("no JSON", ok("<html>all is well</html>")),
        ("nothing", ok("")),
        ("wrong types", ok(r#"{"state": "ended", "log_bytes": "many", "event_bytes": []}"#)),
        ("negative sizes", ok(r#"{"state": "ended", "log_bytes": -1, "event_bytes": 0}"#)),
        ("a state nobody knows", ok(r#"{"state": "SUCCEEDED", "log_bytes": 0, "event_bytes": 0}"#)),
        ("too large", ok(&large)),
        ("an endless stream", Answer::Endless),
        ("shorter than it says", Answer::Raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".into())),
        ("no HTTP", Answer::Raw("220 ready\r\n".into())),
        ("broken off", Answer::Raw(String::new())),
        ("an error of the server", status("500 Internal Server Error")),
        ("a gateway's error", status("502 Bad Gateway")),
        ("a login page", status("401 Unauthorized")),
    ];
    for (name, lie) in lies {
        let (outcome, capacities) = end_after(vec![lie]);
        assert!(is_the_truth(&outcome), "{name}: {outcome:?}");
        assert_eq!(capacities, [0; 0], "{name}: one fault closes nothing");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Liar::start(Vec::new());
    let lie = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}/v1/tasks/x\r\nContent-Length: 0\r\n\r\n",
        elsewhere.address()
    );
    let (outcome, _) = end_after(vec![Answer::Raw(lie)]);
    assert!(is_the_truth(&outcome), "{outcome:?}");
    assert_eq!(elsewhere.asked.load(Ordering::SeqCst), 0, "nobody went there");
}

#[test]
fn an_answer_that_does_not_come_is_asked_for_again() {
    let (outcome, _) = end_after(vec![Answer::Nothing]);
    assert!(is_the_truth(&outcome), "{outcome:?}");
}

#[test]
fn a_task_that_was_accepted_and_forgotten_is_lost() {
    let (outcome, _) = end_after(vec![status("404 Not Found")]);
    assert!(matches!(outcome, Outcome::Lost), "{outcome:?}");
}

#[test]
fn while_it_fails_no_work_is_sent_and_then_it_goes_on() {
    let (outcome, capacities) = end_after(vec![status("503 Service Unavailable"); 5]);
    assert!(is_the_truth(&outcome), "{outcome:?}");
    assert_eq!(capacities, [0, SLOTS], "taken back once, and given again once");
}

#[test]
fn why_no_work_is_sent_can_be_asked_until_it_answers() {
    let dir = tempfile::tempdir().expect("a folder");
    let liar = Liar::start(vec![status("503 Service Unavailable"); 10_000]);
    let (executor, events) = executor(&liar.address(), dir.path());
    let until = |wanted: fn(&Event) -> bool| while !wanted(&events.recv_timeout(PATIENCE).expect("an event")) {};
    assert_eq!(executor.waits(), None);
    executor.start(task(dir.path())).expect("it starts");
    until(|event| *event == Event::Capacity { slots: 0 });
    let why = executor.waits().expect("a reason");
    assert!(why.contains(&format!("127.0.0.1:{}", liar.port)) && why.contains("503"), "{why}");
    liar.lies.lock().expect("no panic before").clear();
    until(|event| *event == Event::Capacity { slots: SLOTS });
    until(|event| matches!(event, Event::Finished { .. }));
    assert_eq!(executor.waits(), None);
}

/// Nothing is on its way there any more that would notice.
#[test]
fn a_platform_that_answers_again_is_noticed_after_all_its_tasks_were_stopped() {
    let dir = tempfile::tempdir().expect("a folder");
    let liar = Liar::start(vec![status("503 Service Unavailable"); 10_000]);
    let (executor, events) = executor(&liar.address(), dir.path());
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
