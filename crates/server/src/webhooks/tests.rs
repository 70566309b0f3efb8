//! Messages to listeners that answer, refuse, redirect and say nothing, over a store in memory.

use super::outbox::Outbox;
use super::sender::Sender;
use crate::clock::{Clock, WallClock};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use suanzi_store::{
    Batch, MemoryStore, NewDagVersion, NewNotification, NewRun, NotificationRow, RunKey, RunState, Store, StoreRecord,
};

/// For an answer that doesn't come.
const SHORT: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(60);

/// The host's clock, some time ahead: pauses needn't be waited for.
struct Ahead {
    wall: WallClock,
    by_ms: AtomicI64,
}

impl Clock for Ahead {
    fn now(&self) -> i64 {
        self.wall.now() + self.by_ms.load(Ordering::SeqCst)
    }

    fn wait_until(&self, moment: Option<i64>) {
        self.wall.wait_until(moment.map(|moment| moment - self.by_ms.load(Ordering::SeqCst)));
    }

    fn wake(&self) {
        self.wall.wake();
    }
}

struct Scene {
    store: Arc<dyn Store>,
    clock: Arc<Ahead>,
    outbox: Arc<Outbox>,
}

impl Scene {
    fn new(hosts: &[SocketAddr]) -> Scene {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let clock = Arc::new(Ahead { wall: WallClock::new().expect("a clock"), by_ms: AtomicI64::default() });
        let hosts = hosts.iter().map(|host| host.to_string().parse().expect("a host")).collect();
        let outbox = Arc::new(Outbox::new(store.clone(), clock.clone(), hosts, true));
        Scene { store, clock, outbox }
    }

    fn send(&self, limit: Duration) -> Sender {
        Sender::within(self.outbox.clone(), "serve-", limit).expect("a thread")
    }

    fn note(&self, run_id: &str, url: &str) {
        let new = NewNotification {
            run_id: run_id.into(),
            url: url.into(),
            body: format!("{{\"run_id\":\"{run_id}\"}}"),
            created_at: self.clock.now(),
        };
        assert!(self.store.put_notification(&new).expect("the store works"));
        self.clock.wake();
    }

    fn waiting(&self) -> Vec<NotificationRow> {
        self.store.waiting_notifications(100).expect("the store works")
    }

    /// Until the store says so: nothing else tells what the sender has noted.
    fn until(&self, what: &str, is: impl Fn(&[NotificationRow]) -> bool) {
        let began = std::time::Instant::now();
        while !is(&self.waiting()) {
            assert!(began.elapsed() < PATIENCE, "{what}: {:?}", self.waiting());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Past every pause.
    fn later(&self) {
        self.clock.by_ms.fetch_add(2 * 3_600_000, Ordering::SeqCst);
        self.clock.wake();
    }
}

/// Answers each request as it is told, in turn; gives what was asked.
fn listener(answers: Vec<&'static str>) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = tell.send(request(&mut stream));
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, told)
}

fn request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut part = [0; 4_096];
    while !String::from_utf8_lossy(&text).ends_with('}') {
        match stream.read(&mut part) {
            Ok(read) if read > 0 => text.extend_from_slice(&part[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn what_failed_is_tried_again_until_it_is_delivered() {
    let (address, asked) = listener(vec![BROKEN, OK]);
    let scene = Scene::new(&[address]);
    let _sender = scene.send(PATIENCE);
    scene.note("run-1", &format!("http://{address}/hook?a=b"));
    let first = asked.recv_timeout(PATIENCE).expect("a request");
    assert!(first.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{first}");
    assert!(first.to_lowercase().contains("content-type: application/json\r\n"), "{first}");
    assert!(first.ends_with("\r\n\r\n{\"run_id\":\"run-1\"}"), "{first}");
    scene.until("it is noted", |rows| rows.iter().all(|row| row.attempts > 0));
    // On a loaded machine the second attempt may be over by now.
    assert!(scene.waiting().iter().all(|row| (row.attempts, &*row.reason) == (1, "answered 500")));
    scene.later();
    let second = asked.recv_timeout(PATIENCE).expect("another");
    assert_eq!(second, first);
    scene.until("it is delivered", <[_]>::is_empty);
}

#[test]
fn a_host_that_never_answers_holds_up_no_other_and_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent_at = silent.local_addr().expect("an address");
    let (address, asked) = listener(vec![OK; 9]);
    let scene = Scene::new(&[silent_at, address]);
    let _sender = scene.send(SHORT);
    scene.note("run-1", &format!("http://{silent_at}/"));
    scene.note("run-2", &format!("http://{address}/"));
    asked.recv_timeout(PATIENCE).expect("the other is told");
    for attempts in 1..=5 {
        scene.until("it is noted", |rows| {
            rows.iter().any(|row| (row.attempts, &*row.reason) == (attempts, "no answer in time"))
        });
        scene.later();
    }
    // The other's answer may have come late on a loaded machine, and then comes again.
    scene.until("it is given up", |rows| {
        scene.later();
        rows.is_empty()
    });
}

#[test]
fn redirects_are_not_followed_and_hosts_that_are_not_allowed_not_asked() {
    let (elsewhere, followed) = listener(vec![OK]);
    let location = format!("HTTP/1.1 307 Go\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (address, asked) = listener(vec![location.leak(); 9]);
    let scene = Scene::new(&[address]);
    scene.note("run-1", &format!("http://{address}/"));
    scene.note("run-2", &format!("http://{elsewhere}/"));
    let _sender = scene.send(PATIENCE);
    asked.recv_timeout(PATIENCE).expect("a request");
    scene.until("the one is noted, the other given up", |rows| rows.len() == 1 && rows[0].reason == "answered 307");
    assert!(followed.try_recv().is_err());
}

#[test]
fn a_run_whose_end_was_not_noted_is_told_after_the_start() {
    let (address, asked) = listener(vec![OK]);
    let scene = Scene::new(&[address]);
    let failed = ended(&scene, "serve-1", &format!("on_failure: {{webhook: \"http://{address}/\"}}"));
    ended(&scene, "1-command", &format!("on_failure: {{webhook: \"http://{address}/command\"}}"));
    ended(&scene, "serve-1", &format!("on_success: {{webhook: \"http://{address}/success\"}}"));
    let sender = scene.send(PATIENCE);
    let message = asked.recv_timeout(PATIENCE).expect("a request");
    let body: serde_json::Value =
        serde_json::from_str(message.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    let run = scene.store.run(failed).expect("the store works").expect("a run");
    assert_eq!(body["run_id"], run.run_id.as_str());
    assert_eq!((body["event"].as_str(), body["version"].as_u64()), (Some("run_failed"), Some(1)));
    assert_eq!(body["failed_operators"], serde_json::json!([]));
    scene.until("it is delivered", <[_]>::is_empty);
    drop(sender);
    // What was told isn't told again.
    scene.outbox.ended(failed);
    scene.outbox.catch_up("serve-").expect("the store works");
    assert!(scene.waiting().is_empty());
}

/// A run of a DAG of its own, which failed a moment ago.
fn ended(scene: &Scene, owner: &str, line: &str) -> RunKey {
    let now = scene.clock.now();
    let source = format!("dag:\n {line}\n operator_list: [a]\n operator_details: {{a: {{algo_name: noop}}}}\n");
    let version = NewDagVersion {
        identity: source.clone(),
        source_hash: source.clone(),
        source,
        operators: Vec::new(),
        relations: Vec::new(),
        created_at: now,
    };
    let dag_version = scene.store.put_dag_version(&version).expect("the store works");
    let run_id = format!("run-{}", dag_version.0);
    let new = NewRun { run_id, dag_version, config: "{}".into(), total: 1, token_seed: 1, created_at: now };
    let run = scene.store.create_run(&new, owner).expect("the store works");
    let record = StoreRecord::RunEnded { run, state: RunState::Failed, seq: 1, at: now };
    scene.store.apply(&Batch { owner: owner.into(), runs: vec![(run, 1)], records: vec![record] }).expect("it applies");
    run
}
