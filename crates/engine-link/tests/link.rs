//! A link that is refused, cut, lost or taken over.

#[path = "support/proxy.rs"]
mod proxy;
mod support;

use proxy::Proxy;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use suanzi_engine_link::{Fleet, FleetError, Host, HostOptions, KEEP_FOR, Secret};
use suanzi_executor::conformance::{Act, Harness, NullHarness};
use suanzi_executor::*;
use support::{ENVIRONMENT, at, fleet, fleet_as, host, listener, secret};

const PATIENCE: Duration = Duration::from_secs(30);

struct Ear(Mutex<Sender<Event>>);

impl EventSink for Ear {
    fn event(&self, event: Event) {
        let _ = self.0.lock().expect("no panic").send(event);
    }
}

fn listen(executor: &dyn Executor) -> Receiver<Event> {
    let (tell, told) = channel();
    executor.attach(Arc::new(Ear(Mutex::new(tell))));
    told
}

fn id(op: u32) -> AttemptId {
    AttemptId { run: 1, op, no: 1, token: 7 }
}

fn task(op: u32, act: &Act) -> Box<TaskRequest> {
    NullHarness::sound().task(id(op), act).expect("it can be said")
}

fn scripts() -> Arc<dyn Executor> {
    NullHarness::sound().make()
}

fn end_of(told: &Receiver<Event>, op: u32) -> Outcome {
    loop {
        match told.recv_timeout(PATIENCE).expect("it ends in time") {
            Event::Finished { attempt, outcome, .. } if attempt == id(op) => return outcome,
            _ => {}
        }
    }
}

fn why(refused: Result<Fleet, FleetError>) -> String {
    refused.err().map(|error| error.to_string()).expect("it is refused")
}

#[test]
fn without_the_secret_nothing_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let host = host("h", &[], scripts(), listener());
    let other = Secret::parse(&"o".repeat(32)).expect("a secret");
    let said = why(fleet_as("engine", other, vec![at(&host)], dir.path()));
    assert!(said.contains("isn't signed"), "{said}");
    let said = why(fleet(vec!["http://127.0.0.1:9".into()], dir.path()));
    assert!(said.contains("can't be reached"), "{said}");
    host.shutdown();
}

#[test]
fn another_python_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = HostOptions {
        name: "h".into(),
        labels: Vec::new(),
        environment: format!("not {ENVIRONMENT}"),
        artifacts: None,
        secret: secret(),
        keep_for: KEEP_FOR,
        tell: |_| {},
    };
    let host = Host::start(listener(), scripts(), options).expect("a host");
    let said = why(fleet(vec![at(&host)], dir.path()));
    assert!(said.contains("other packages"), "{said}");
    host.shutdown();
}

#[test]
fn labels_are_executors_of_those_that_carry_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let plain = host("plain", &[], scripts(), listener());
    let big = host("big", &["big"], scripts(), listener());
    let fleet = fleet(vec![at(&plain), at(&big)], dir.path()).expect("a fleet");
    let executors = fleet.executors();
    let names: Vec<_> = executors.iter().map(|e| (e.name().to_owned(), e.slots())).collect();
    assert_eq!(names, [("local".to_owned(), 8), ("big".to_owned(), 4)]);
    let told = listen(executors[1].as_ref());
    executors[1].start(task(0, &Act::Sleep(Duration::from_millis(1)))).expect("it is taken");
    let workers: Vec<_> = std::iter::from_fn(|| told.recv_timeout(PATIENCE).ok())
        .take_while(|event| !matches!(event, Event::Finished { .. }))
        .filter_map(|event| if let Event::Started { worker, .. } = event { Some(worker) } else { None })
        .collect();
    assert!(workers.iter().all(|worker| worker.starts_with("big/")) && workers.len() == 1, "{workers:?}");
    executors[0].shutdown();
    plain.shutdown();
    big.shutdown();
}

#[test]
fn a_short_cut_costs_only_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let host = host("h", &[], scripts(), listener());
    let proxy = Proxy::to(host.address());
    let fleet = fleet(vec![proxy.base()], dir.path()).expect("a fleet");
    let executor = fleet.executors()[0].clone();
    let told = listen(executor.as_ref());
    let print = Act::Print { text: "x".into(), times: 10, then: Duration::from_millis(300) };
    executor.start(task(0, &print)).expect("it is taken");
    proxy.cut();
    executor.start(task(1, &print)).expect("it is taken");
    std::thread::sleep(Duration::from_millis(1_500));
    proxy.mend();
    for op in [0, 1] {
        assert!(matches!(end_of(&told, op), Outcome::Success { .. }));
        assert_eq!(executor.logs(&id(op), 0, 100).expect("a log"), b"x".repeat(10));
    }
    executor.shutdown();
    host.shutdown();
}

#[test]
fn what_ran_on_a_lost_engine_is_lost_and_it_may_come_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = host("h", &[], scripts(), listener());
    let proxy = Proxy::to(first.address());
    let fleet = fleet(vec![proxy.base()], dir.path()).expect("a fleet");
    let executor = fleet.executors()[0].clone();
    let told = listen(executor.as_ref());
    executor.start(task(0, &Act::Sleep(PATIENCE * 10))).expect("it is taken");
    // It is there, or it would be lost before it began.
    loop {
        if matches!(told.recv_timeout(PATIENCE).expect("it starts"), Event::Started { .. }) {
            break;
        }
    }
    proxy.cut();
    assert_eq!(end_of(&told, 0), Outcome::Lost);
    assert_eq!(executor.slots(), 0);
    // Taken while nobody is there: it waits.
    executor.start(task(1, &Act::Succeed { payload: "1".into() })).expect("it is taken");
    assert_eq!(executor.status(&id(1)), AttemptStatus::Queued);
    proxy.mend();
    assert!(matches!(end_of(&told, 1), Outcome::Success { .. }));
    // What was begun in the link before was ended there.
    assert_eq!(first.status(&id(0)), AttemptStatus::Finished);
    executor.shutdown();
    first.shutdown();
}

#[test]
fn an_engine_started_anew_knows_nothing_and_is_taken_up_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let listening = listener();
    let address = listening.local_addr().expect("an address");
    let first = host("h", &[], scripts(), listening);
    let fleet = fleet(vec![format!("http://{address}")], dir.path()).expect("a fleet");
    let executor = fleet.executors()[0].clone();
    let told = listen(executor.as_ref());
    executor.start(task(0, &Act::Sleep(PATIENCE * 10))).expect("it is taken");
    first.shutdown();
    assert_eq!(end_of(&told, 0), Outcome::Lost);
    let second = host("h", &[], scripts(), TcpListener::bind(address).expect("the port is free again"));
    executor.start(task(1, &Act::Succeed { payload: "1".into() })).expect("it is taken");
    // It may have been meant for the one before; then the scheduler would begin another.
    if end_of(&told, 1) == Outcome::Lost {
        executor.start(task(2, &Act::Succeed { payload: "1".into() })).expect("it is taken");
        assert!(matches!(end_of(&told, 2), Outcome::Success { .. }));
    }
    executor.shutdown();
    second.shutdown();
}

#[test]
fn nobody_takes_an_engine_from_a_living_dag_engine_but_itself() {
    let dir = tempfile::tempdir().expect("a folder");
    let host = host("h", &[], scripts(), listener());
    let ours = fleet(vec![at(&host)], dir.path()).expect("a fleet");
    let executor = ours.executors()[0].clone();
    let told = listen(executor.as_ref());
    executor.start(task(0, &Act::Sleep(PATIENCE * 10))).expect("it is taken");
    let said = why(fleet_as("other", secret(), vec![at(&host)], dir.path()));
    assert!(said.contains("is held by"), "{said}");
    // As after a restart.
    let again = fleet(vec![at(&host)], dir.path()).expect("a fleet");
    assert_eq!(end_of(&told, 0), Outcome::Lost);
    executor.shutdown();
    again.executors()[0].shutdown();
    host.shutdown();
}

fn started(told: &Receiver<Event>, op: u32) {
    loop {
        match told.recv_timeout(PATIENCE).expect("it starts in time") {
            Event::Started { attempt, worker } if attempt == id(op) => return assert!(worker.starts_with("h/")),
            _ => {}
        }
    }
}

fn until(what: &str, is: impl Fn() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn over(host: &Host, op: u32) -> bool {
    host.status(&id(op)) == AttemptStatus::Finished
}

#[test]
fn the_next_dag_engine_takes_over_what_runs_and_what_ended() {
    let dir = tempfile::tempdir().expect("a folder");
    let host = host("h", &[], scripts(), listener());
    let proxy = Proxy::to(host.address());
    let dead = fleet(vec![proxy.base()], dir.path()).expect("a fleet");
    let executor = dead.executors()[0].clone();
    let told = listen(executor.as_ref());
    let print = |ms| Act::Print { text: "x".into(), times: 10, then: Duration::from_millis(ms) };
    let acts = [print(0), print(1_500), Act::Sleep(PATIENCE * 10), Act::Sleep(PATIENCE * 10)];
    for (op, act) in (0..).zip(&acts) {
        executor.start(task(op, act)).expect("it is taken");
        started(&told, op);
    }
    // It was told, and nobody has put it on record.
    until("the first ends", || executor.status(&id(0)) == AttemptStatus::Finished);
    proxy.cut();

    let next = fleet(vec![at(&host)], dir.path()).expect("a fleet");
    let executor = next.executors()[0].clone();
    let told = listen(executor.as_ref());
    assert!(executor.outlives_engine());
    for op in [0, 1, 3] {
        executor.re_attach(task(op, &acts[op as usize])).expect("it is taken");
        started(&told, op);
    }
    assert!(!over(&host, 1) && !over(&host, 2) && !over(&host, 3));
    // Once more, and one that nobody knows: nothing is begun by that.
    executor.re_attach(task(0, &acts[0])).expect("it is taken");
    executor.re_attach(task(9, &acts[0])).expect("it is taken");
    assert_eq!(end_of(&told, 9), Outcome::Lost);
    assert_eq!(host.status(&id(9)), AttemptStatus::Unknown);
    executor.taken_up();
    until("what nobody took over is ended", || over(&host, 2));
    assert!(!over(&host, 1) && !over(&host, 3));
    assert!(matches!(end_of(&told, 1), Outcome::Success { .. }));
    for op in [0, 1] {
        assert_eq!(executor.status(&id(op)), AttemptStatus::Finished);
        assert_eq!(executor.logs(&id(op), 0, 100).expect("a log"), b"x".repeat(10));
    }
    // It stops as one of its own.
    executor.stop(&id(3), Duration::ZERO);
    assert_eq!(end_of(&told, 3), Outcome::Stopped);

    // What is on record is kept no longer; the other end is.
    executor.forget(&id(0));
    proxy.mend();
    until("it is forgotten", || {
        let third = fleet(vec![at(&host)], dir.path()).expect("a fleet");
        let (executor, other) = (third.executors()[0].clone(), Duration::from_millis(200));
        let told = listen(executor.as_ref());
        executor.re_attach(task(0, &acts[0])).expect("it is taken");
        executor.re_attach(task(1, &acts[1])).expect("it is taken");
        std::thread::sleep(other);
        let ends: Vec<_> = told.try_iter().filter(|event| matches!(event, Event::Finished { .. })).collect();
        ends.len() == 2
            && ends.iter().any(|event| matches!(event, Event::Finished { attempt, outcome: Outcome::Lost, .. } if *attempt == id(0)))
            && ends.iter().any(|event| matches!(event, Event::Finished { attempt, outcome: Outcome::Success { .. }, .. } if *attempt == id(1)))
    });
    host.shutdown();
}

#[test]
fn what_an_absent_operator_engine_holds_is_waited_for() {
    let dir = tempfile::tempdir().expect("a folder");
    let (here, away) = (host("h", &[], scripts(), listener()), host("h", &[], scripts(), listener()));
    let proxy = Proxy::to(away.address());
    let dead = fleet(vec![proxy.base()], dir.path()).expect("a fleet");
    let executor = dead.executors()[0].clone();
    let told = listen(executor.as_ref());
    for op in 0..3 {
        executor
            .start(task(op, &Act::Sleep(Duration::from_millis(if op == 0 { 1 } else { 300_000 }))))
            .expect("it is taken");
        started(&told, op);
    }
    proxy.cut();
    let second = Proxy::to(away.address());
    second.cut();
    let next = fleet(vec![at(&here), second.base()], dir.path()).expect("one is there");
    let executor = next.executors()[0].clone();
    let told = listen(executor.as_ref());
    for op in 0..2 {
        executor.re_attach(task(op, &Act::Sleep(Duration::ZERO))).expect("it is taken");
        assert_eq!(executor.status(&id(op)), AttemptStatus::Queued);
    }
    executor.taken_up();
    // Before it has come.
    executor.stop(&id(1), Duration::ZERO);
    assert_eq!(end_of(&told, 1), Outcome::Stopped);
    second.mend();
    assert!(matches!(end_of(&told, 0), Outcome::Success { .. }));
    until("the others end", || over(&away, 1) && over(&away, 2));
    assert_eq!(here.status(&id(0)), AttemptStatus::Unknown);
    executor.shutdown();

    // It never comes.
    let third = Proxy::to(away.address());
    third.cut();
    let next = fleet(vec![at(&here), third.base()], dir.path()).expect("one is there");
    let executor = next.executors()[0].clone();
    let told = listen(executor.as_ref());
    executor.re_attach(task(0, &Act::Sleep(Duration::ZERO))).expect("it is taken");
    assert_eq!(end_of(&told, 0), Outcome::Lost);
    executor.shutdown();
    here.shutdown();
    away.shutdown();
}

#[test]
fn what_no_dag_engine_comes_back_for_is_ended_in_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = HostOptions {
        name: "h".into(),
        labels: Vec::new(),
        environment: ENVIRONMENT.into(),
        artifacts: None,
        secret: secret(),
        keep_for: Duration::from_secs(4),
        tell: |_| {},
    };
    let host = Host::start(listener(), scripts(), options).expect("a host");
    let proxy = Proxy::to(host.address());
    let dead = fleet(vec![proxy.base()], dir.path()).expect("a fleet");
    let executor = dead.executors()[0].clone();
    let told = listen(executor.as_ref());
    executor.start(task(0, &Act::Sleep(PATIENCE * 10))).expect("it is taken");
    started(&told, 0);
    std::thread::sleep(Duration::from_secs(5));
    assert!(!over(&host, 0), "its dag engine is heard");
    proxy.cut();
    until("it is given up", || over(&host, 0));
    let next = fleet(vec![at(&host)], dir.path()).expect("a fleet");
    let executor = next.executors()[0].clone();
    let told = listen(executor.as_ref());
    executor.re_attach(task(0, &Act::Sleep(Duration::ZERO))).expect("it is taken");
    assert_eq!(end_of(&told, 0), Outcome::Lost);
    executor.shutdown();
    host.shutdown();
}

#[test]
fn a_dag_engine_that_stood_still_takes_nothing_back_from_its_successor() {
    let dir = tempfile::tempdir().expect("a folder");
    let host = host("h", &[], scripts(), listener());
    let old = fleet(vec![at(&host)], dir.path()).expect("a fleet");
    let executor = old.executors()[0].clone();
    let told = listen(executor.as_ref());
    let long = Act::Sleep(Duration::from_secs(6));
    executor.start(task(0, &long)).expect("it is taken");
    started(&told, 0);
    std::thread::sleep(Duration::from_millis(5));
    let next = fleet(vec![at(&host)], dir.path()).expect("a fleet");
    let taker = next.executors()[0].clone();
    let heard = listen(taker.as_ref());
    taker.re_attach(task(0, &long)).expect("it is taken");
    // The old one notices and tries to come back.
    assert_eq!(end_of(&told, 0), Outcome::Lost);
    executor.let_go(&id(0));
    executor.shutdown();
    assert!(matches!(end_of(&heard, 0), Outcome::Success { .. }));
    taker.shutdown();
    host.shutdown();
}
