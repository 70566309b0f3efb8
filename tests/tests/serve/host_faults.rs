//! A host that runs out of something while runs go on: new work is refused, what is under way waits or says why it can't go on, and nobody restarts anything.

use crate::server::{Server, until};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;
use suanzi_tests::{DagText, Op, Suanzi, forbidden};

/// The operator that makes no file ends, and the one after it begins, while the host is short.
const LONGER_THAN_PATIENT: Duration = Duration::from_secs(3);
const ROWS: usize = 200_000;
const TABLE: &str = "\
import pyarrow as pa
def run(*inputs, params):
    return pa.table({'n': list(range(params['rows']))})
";

/// A small file system of its own over a directory; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn over(dir: &Path) -> Option<SmallDisk> {
        std::fs::create_dir_all(dir).expect("a directory can be made");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(dir).output();
        mounted.is_ok_and(|done| done.status.success()).then(|| SmallDisk(dir.to_path_buf()))
    }

    /// Takes all that is left.
    fn fill(&self) {
        let mut file = File::create(self.0.join("filler")).expect("a file can be made");
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    /// False where somebody has a file open for writing just then.
    fn remount(&self, mode: &str) -> bool {
        let done = Command::new("mount").args(["-o", &format!("remount,{mode}")]).arg(&self.0).output();
        done.is_ok_and(|done| done.status.success())
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("filler")).expect("it is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// An operator that waits at a gate, after it one that makes a table; beside them two that make no file.
fn begin(server: &Server, name: &str) -> String {
    server.begin_at_gate(name, |dag| {
        dag.op(Op::new("patient", "sleep").param("seconds", 2))
            .op(Op::new("nothing", "noop"))
            .op(Op::new("table", "python_script").param("code", TABLE).param("params", json!({ "rows": ROWS })))
            .edge("patient", 0, "nothing", 0)
            .edge("wait", 1, "table", 0)
    })
}

fn tasks(server: &Server, run_id: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/v1/runs/{run_id}/tasks")).json();
    answer["items"].as_array().expect("a list of tasks").clone()
}

fn task(server: &Server, run_id: &str, id: &str) -> Value {
    let tasks = tasks(server, run_id);
    tasks.iter().find(|task| task["operator"] == id).unwrap_or_else(|| panic!("{id} in {tasks:?}")).clone()
}

fn goes_on_as_before(server: &Server) {
    let run_id = begin(server, "afterwards");
    server.open("afterwards");
    until("the next run ends", || server.status(&run_id) != "running");
    assert_eq!(server.status(&run_id), "success", "{:?}", tasks(server, &run_id));
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
}

#[test]
fn a_full_disk_refuses_new_work_and_costs_what_is_under_way_no_more_than_its_files() {
    let suanzi = Suanzi::new();
    let Some(disk) = SmallDisk::over(&suanzi.home()) else {
        forbidden("a file system can't be mounted here, so none can be filled; root may");
        return;
    };
    let server = Server::start(&suanzi, &["--workers", "2"]);
    let run_id = begin(&server, "full");
    disk.fill();
    let refused = server.submit(&DagText::new("more").op(Op::new("only", "noop")).yaml());
    assert_eq!((refused.status, refused.json()["code"].clone()), (507, json!("no_space")), "{}", refused.body);
    assert_eq!(server.get("/readyz").status, 200);
    server.open("full");
    until("it is said that the disk is full", || server.stderr().contains("no space left for the database"));
    sleep(LONGER_THAN_PATIENT);
    assert_eq!(server.status(&run_id), "running");
    disk.free();
    until("the run ends", || server.status(&run_id) != "running");
    for id in ["patient", "nothing"] {
        assert_eq!(task(&server, &run_id, id)["status"], "success", "{:?}", tasks(&server, &run_id));
    }
    // What it gives is a file.
    let error = &task(&server, &run_id, "wait")["error"];
    assert_eq!(error["kind"], "storage", "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("free some disk space")), "{error}");
    assert_eq!(task(&server, &run_id, "table")["status"], "skipped");
    goes_on_as_before(&server);
}

/// The disk of the outputs: the database, which is open all the time, keeps its own from being made read-only.
#[test]
fn a_read_only_disk_refuses_new_work_and_costs_what_is_under_way_no_more_than_its_files() {
    let suanzi = Suanzi::new();
    let Some(disk) = SmallDisk::over(&suanzi.home().join("artifacts")) else {
        forbidden("a file system can't be mounted here, so none can be read-only; root may");
        return;
    };
    let server = Server::start(&suanzi, &["--workers", "2"]);
    let run_id = begin(&server, "fixed");
    until("nobody writes there", || disk.remount("ro"));
    let refused = server.submit(&DagText::new("more").op(Op::new("only", "noop")).yaml());
    assert_eq!((refused.status, refused.json()["code"].clone()), (507, json!("no_space")), "{}", refused.body);
    assert!(refused.body.contains("Read-only file system"), "{}", refused.body);
    server.open("fixed");
    until("the run ends", || server.status(&run_id) != "running");
    for id in ["patient", "nothing"] {
        assert_eq!(task(&server, &run_id, id)["status"], "success", "{:?}", tasks(&server, &run_id));
    }
    let error = &task(&server, &run_id, "wait")["error"];
    assert_eq!(error["kind"], "storage", "{error}");
    assert!(error["message"].as_str().is_some_and(|why| why.contains("Read-only file system")), "{error}");
    assert_eq!(task(&server, &run_id, "table")["status"], "skipped");
    until("it can be written again", || disk.remount("rw"));
    goes_on_as_before(&server);
}

#[test]
fn a_lack_of_descriptors_is_waited_for() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &["--workers", "2"]);
    let run_id = begin(&server, "short");
    let pid = Pid::from_raw(server.pid() as i32);
    let limits = getrlimit(Resource::Nofile);
    // What is open stays open; nothing gets a number below this any more.
    prlimit(pid, Resource::Nofile, Rlimit { current: Some(3), maximum: limits.maximum }).expect("a limit");
    server.open("short");
    until("it is said what is missing", || server.stderr().contains("Too many open files"));
    sleep(LONGER_THAN_PATIENT);
    prlimit(pid, Resource::Nofile, limits).expect("the limit of before");
    until("the run ends", || server.status(&run_id) != "running");
    assert_eq!(server.status(&run_id), "success", "{:?}", tasks(&server, &run_id));
    goes_on_as_before(&server);
}
