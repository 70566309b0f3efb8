//! The mission's DAG on a platform that knows nothing of Suanzi: same metrics, its own access log as witness, and clear errors where it isn't there.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use suanzi_tests::platform::{Platform, TOKEN, configure, configure_at};
use suanzi_tests::{Report, Suanzi, forbidden, has_namespaces, python, repository};

const ROWS: u32 = 2_000;
const OPERATORS: usize = 6;

fn seed() -> String {
    repository::root().join("examples/seed-dag.yaml").to_string_lossy().into_owned()
}

#[test]
fn the_seeds_dag_has_the_same_metrics_there() {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let platform = Platform::start(&suanzi);
    configure(&suanzi, platform.port, 2);

    let file = seed();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let there = Report(suanzi.json(["run", &file, "--quiet", "--json", "--no-cache", "--executor", "http"]));
    assert_eq!(there.status(), "success");
    assert_eq!(there.executed(), local.executed());
    assert_eq!(there.0["metrics"], local.0["metrics"]);

    let log = platform.access_log();
    let tasks = log.lines().filter(|line| line.starts_with("PUT /v1/tasks/") && line.ends_with("201")).count();
    assert_eq!(tasks, OPERATORS, "{log}");
    assert!(log.lines().any(|line| line.starts_with("PUT /v1/code/") && line.ends_with("201")), "{log}");
    let uploaded = std::fs::read_dir(suanzi.dir().join("platform/code")).expect("a folder").count();
    assert_eq!(uploaded, 1, "one code package for all tasks");
}

#[test]
fn what_is_wrong_is_said_once_and_without_the_token() {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let file = seed();
    let check = |executor: &str, expected: &str| {
        let output = suanzi.run(["run", &file, "--executor", executor]);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(expected), "{output:?}");
        assert!(!output.stderr.contains(TOKEN), "{output:?}");
    };
    check("http", "there is no executor");
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    suanzi.write("token", TOKEN);
    configure(&suanzi, port, 2);
    check("http", "can't be reached");
    check("htp", "did you mean");
    suanzi.write("home/executors.json", r#"{"http": {"type": "http", "url": "ftp://x"}}"#);
    check("local", "must begin with http://");
}

const OWN: &str = "\
import os
import time
from suanzi.sdk import Metrics, Partition, Table, current, operator

def total(parts: list) -> dict:
    return {'sum': sum(part['sum'] for part in parts), 'pieces': len(parts)}

@operator(partition=Partition(combine=total, rows=300))
def summed(data: Table) -> Metrics:
    return {'sum': int(data['n'].sum())}

@operator
def squares(data: Table) -> Metrics:
    def one(n):
        return n * n, os.getpid()
    found = current().map(one, range(20))
    return {'sum': sum(n for n, _ in found), 'there': os.getpid() not in [pid for _, pid in found]}

@operator
def greedy(data: Table) -> Metrics:
    return {'bytes': len(bytearray(4 << 30))}

@operator
def slow(data: Table) -> Metrics:
    time.sleep(600)
    return {}
";

/// What the engine, the platform and the process there each have a part in: pieces of a table, jobs, a cap for memory, a
/// timeout.
#[test]
fn pieces_memory_and_timeouts_are_as_here() {
    let suanzi = Suanzi::new();
    suanzi.write("mine/own.py", OWN);
    let rows: String = (0..1_000).map(|n| format!("{n}\n")).collect();
    let data = suanzi.write("data.csv", format!("n\n{rows}"));
    suanzi.write(
        "dag.yaml",
        "dag:
 name: there
 operator_list: [data, summed, squares, greedy, slow]
 operator_rels:
  data:
   - {target: summed, source_index: 0, target_index: 0}
   - {target: squares, source_index: 0, target_index: 0}
   - {target: greedy, source_index: 0, target_index: 0}
   - {target: slow, source_index: 0, target_index: 0}
 operator_details:
  data: {algo_name: algo_local_read_file, params: {data_id: 1}}
  summed: {algo_name: summed, executor: http, resources: {cpu: 2}}
  squares: {algo_name: squares, executor: http, resources: {cpu: 2}}
  greedy: {algo_name: greedy, executor: http, resources: {memory: 1g}}
  slow: {algo_name: slow, executor: http, timeout: 2}
",
    );
    let platform = Platform::start(&suanzi);
    configure(&suanzi, platform.port, 2);
    let data = format!("1={}", data.display());
    let output = suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine", "--dataset", &data]).exits(1);
    let report = Report(output.json());
    assert_eq!(report.0["metrics"]["summed"], serde_json::json!({"sum": 499_500, "pieces": 4}), "{output}");
    assert_eq!(report.0["metrics"]["squares"], serde_json::json!({"sum": 2_470, "there": true}), "{output}");
    assert_eq!(report.operator("greedy")["error"]["kind"], "out_of_memory", "{output}");
    assert_eq!(report.operator("slow")["error"]["kind"], "timeout", "{output}");
}

const USER: u32 = 60_123;
const ADDRESS: &str = "127.0.0.2";
const WHERE: &str = "\
import os
import suanzi
from suanzi.sdk import Metrics, operator

@operator(unknown_params='ignore')
def place(*, checkout: str, home: str) -> Metrics:
    print('from', os.path.dirname(suanzi.__file__))
    try:
        seen = len(os.listdir(checkout))
    except PermissionError:
        seen = -1
    return {'uid': os.getuid(), 'seen': seen, 'home': len(os.listdir(home))}
";

/// Another user at another address, with the libraries that operators need and shared storage, and nothing else of ours.
fn elsewhere(suanzi: &Suanzi) -> Option<Platform> {
    if !rustix::process::geteuid().is_root() || !has_namespaces() {
        forbidden("a platform as another user needs root and a mount namespace");
        return None;
    }
    let about = python::run(&[
        "-c",
        "import sys, sysconfig; print('python%d.%d' % sys.version_info[:2]); print(sysconfig.get_path('purelib')); print(sys._base_executable)",
    ]);
    let [version, libraries, base] = about.lines().collect::<Vec<_>>()[..] else { panic!("{about}") };
    // The base of the test's own Python may lie where only root may look.
    let system = format!("/usr/bin/{version}");
    let base = if Path::new(&system).exists() { &system } else { base };
    let work = suanzi.dir().join("elsewhere");
    let bin = Path::new(base).parent().expect("a folder").display();
    suanzi.write("elsewhere/env/pyvenv.cfg", format!("home = {bin}\ninclude-system-site-packages = false\n"));
    suanzi.write(&format!("elsewhere/env/lib/{version}/site-packages/.keep"), "");
    std::fs::create_dir_all(work.join("env/bin")).expect("a folder");
    std::os::unix::fs::symlink(base, work.join("env/bin/python")).expect("a link");
    let source = std::fs::read(repository::root().join("tests/platform/platform.py")).expect("the platform's source");
    suanzi.write("elsewhere/platform.py", source);
    let token = suanzi.write("elsewhere/token", TOKEN);
    suanzi.write("token", TOKEN);
    let storage = suanzi.home().join("artifacts");
    for folder in [&work.join("platform"), &storage] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    for path in [&token, &work.join("platform")] {
        std::os::unix::fs::chown(path, Some(USER), Some(USER)).expect("root may");
    }
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode(suanzi.dir(), 0o711);
    mode(&token, 0o400);
    mode(&storage, 0o1777);
    let script = repository::root().join("tests/platform/enclosed.sh");
    let text = std::fs::read(script).expect("the script");
    let script = suanzi.write("enclosed.sh", text);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh"]).arg(script).arg(&work).arg(repository::root()).arg(libraries).arg(suanzi.home());
    command.args([version, &USER.to_string(), ADDRESS]);
    Some(Platform::spawn(command, work.join("platform")))
}

/// The platform's own access log says what came there: one code package for all, and every task once.
#[test]
fn a_platform_of_another_user_without_suanzi_has_the_code_once_and_every_task() {
    let suanzi = Suanzi::new();
    let csv = suanzi.dir().join("credit.csv");
    python::credit_data(&csv, ROWS);
    suanzi.run(["dataset", "add", "40", &csv.to_string_lossy()]).success();
    let Some(platform) = elsewhere(&suanzi) else { return };
    configure_at(&suanzi, ADDRESS, platform.port, 2);
    // What the engine makes in the shared storage, the other user may write into.
    let run = |more: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" \"$@\""]).arg(suanzi_tests::program::binary());
        command.args(["run", "--quiet", "--json", "--no-cache", "--executor", "http"]).args(more);
        command.current_dir(suanzi.dir()).env("SUANZI_HOME", suanzi.home()).env_remove("PYTHONPATH");
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{output:?}");
        Report(serde_json::from_slice(&output.stdout).expect("a report"))
    };
    let file = seed();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let there = run(&[&file]);
    assert_eq!((there.status(), &there.0["metrics"]), ("success", &local.0["metrics"]));
    let folder = suanzi.dir().join("elsewhere/platform");
    let log = || std::fs::read_to_string(folder.join("access.log")).expect("an access log");
    let of = |log: &str, begin: &str| -> Vec<String> {
        let lines = log.lines().filter(|line| line.starts_with(begin) && line.ends_with(" 201"));
        lines.map(|line| line.split(['?', ' ']).nth(1).unwrap_or_default().to_owned()).collect()
    };
    let told = log();
    assert_eq!(of(&told, "PUT /v1/code/").len(), 1, "one code package for all tasks: {told}");
    let tasks = of(&told, "PUT /v1/tasks/");
    let names: BTreeSet<&String> = tasks.iter().collect();
    assert_eq!((tasks.len(), names.len()), (OPERATORS, OPERATORS), "each task once: {told}");
    assert_eq!(std::fs::metadata(folder.join("access.log")).expect("a log").uid(), USER);

    // Operators of one's own come with a package of their own, once for both runs, and see what is there.
    suanzi.write("mine/own.py", WHERE);
    let (checkout, home) = (repository::root(), suanzi.home());
    let params = format!("checkout: '{}', home: '{}'", checkout.display(), home.display());
    suanzi.write(
        "dag.yaml",
        format!("dag:\n name: place\n operator_list: [place]\n operator_rels: {{}}\n operator_details:\n  place: {{algo_name: place, params: {{{params}}}}}\n"),
    );
    let [_, report] = [(); 2].map(|()| run(&["dag.yaml", "--operators", "mine"]));
    let seen = |name: &str| report.metric("place", name);
    assert_eq!((seen("uid"), seen("seen"), seen("home")), (f64::from(USER), -1.0, 1.0), "storage alone");
    assert_eq!(of(&log(), "PUT /v1/tasks/").len(), OPERATORS + 2);
    let code = of(&log(), "PUT /v1/code/");
    assert_eq!(code.len(), 2, "{code:?}");
    let hash = code[1].rsplit('/').next().expect("a name");
    let printed = suanzi.run(["logs", report.run_id(), "place"]).success().stdout;
    assert!(printed.contains(&format!("from {}", folder.join("code").join(hash).display())), "{printed}");
}

const NOSY: &str = "\
import os
import sys
from suanzi.sdk import Metrics, operator

@operator
def nosy() -> Metrics:
    for name in ('environ', 'cmdline'):
        for pid in ('self', os.getppid()):
            print(open(f'/proc/{pid}/{name}', 'rb').read())
    print(os.environ, sys.argv, open('task', 'rb').read())
    return {'one': 1}
";

fn files(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        match entry.file_type().expect("a type") {
            kind if kind.is_dir() => files(&entry.path(), found),
            kind if kind.is_file() => found.push(entry.path()),
            _ => {}
        }
    }
}

/// The platform is called with it, so it arrived; nothing that anybody can list, read or print has it.
#[test]
fn the_token_is_in_no_log_argument_listing_or_file() {
    let suanzi = Suanzi::new();
    suanzi.write("mine/own.py", NOSY);
    suanzi.write("dag.yaml", "dag:\n name: nosy\n operator_list: [nosy]\n operator_rels: {}\n operator_details:\n  nosy: {algo_name: nosy, executor: http}\n");
    let platform = Platform::start(&suanzi);
    configure(&suanzi, platform.port, 2);
    let ran = suanzi.run(["run", "dag.yaml", "--json", "--operators", "mine"]).success();
    let report = Report(ran.json());
    let id = report.run_id().to_owned();
    let log = suanzi.run(["logs", &id, "nosy"]).success();
    assert!(log.stdout.contains("suanzi.worker.remote"), "it saw its arguments: {log}");
    let others = [vec!["runs"], vec!["runs", "show", &id], vec!["doctor"]].map(|args| suanzi.run(args));
    for output in others.iter().chain([&ran, &log]) {
        assert!(!output.stdout.contains(TOKEN) && !output.stderr.contains(TOKEN), "{output}");
    }
    let mut all = Vec::new();
    files(&suanzi.home(), &mut all);
    files(&suanzi.dir().join("platform"), &mut all);
    assert!(all.len() > 5, "{all:?}");
    for path in all {
        let bytes = std::fs::read(&path).expect("a file");
        let there = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
        assert!(!there, "{} has it", path.display());
    }
}

/// Whatever a DAG or a command says, nobody is called whom no administrator has named in `executors.json`.
#[test]
fn no_dag_and_no_command_names_an_address() {
    let suanzi = Suanzi::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("it can be asked");
    let host = listener.local_addr().expect("an address");
    let check = |executor: &str, settings: &str, flags: &[&str], expected: &str| {
        let text = format!(
            "dag:\n name: x\n operator_list: [data]\n operator_rels: {{}}\n operator_details:\n  data: {{algo_name: algo_local_read_file, executor: {executor}, {settings}, params: {{data_id: 1}}}}\n executors: {{mine: {{{settings}}}}}\nexecutors: {{mine: {{{settings}}}}}\n"
        );
        suanzi.write("dag.yaml", &text);
        let output = suanzi.run(["run", "dag.yaml"].iter().chain(flags)).exits(2);
        assert!(output.stderr.contains(expected), "{text}\n{output}");
        assert!(listener.accept().is_err(), "somebody called: {text}");
    };
    for (kind, url) in
        [("http", format!("http://{host}")), ("ray", format!("http://{host}")), ("spark", format!("sc://{host}"))]
    {
        let settings = format!("type: {kind}, url: '{url}', token_file: /etc/hostname");
        check("mine", &settings, &[], "there is no executor 'mine'");
        check(kind, &settings, &[], &format!("there is no executor '{kind}'"));
        check(&format!("'{url}'"), &settings, &[], &format!("there is no executor '{url}'"));
        check(&format!("{{{settings}}}"), &settings, &[], "must be a text");
        check("local", &settings, &["--executor", &url], &format!("there is no executor '{url}'"));
    }
}
