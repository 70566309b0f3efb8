//! The mission's DAG on a platform that knows nothing of Suanzi: same metrics, its own access log as witness, and clear errors where it isn't there.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use suanzi_tests::{Report, Suanzi, python, repository};

const ROWS: u32 = 2_000;
const OPERATORS: usize = 6;
const TOKEN: &str = "a-token-that-nobody-may-see";

/// The reference platform as a process of its own; it ends with its standard input.
struct Platform {
    process: Child,
    port: u16,
}

impl Platform {
    fn start(suanzi: &Suanzi) -> Platform {
        let token = suanzi.write("token", TOKEN);
        // Only this one file goes there: the platform finds no checkout beside itself.
        let source =
            std::fs::read(repository::root().join("tests/platform/platform.py")).expect("the platform's source");
        let source = suanzi.write("elsewhere/platform.py", source);
        let mut process = Command::new(python::interpreter())
            .args(["-I".as_ref(), source.as_os_str(), suanzi.dir().join("platform").as_os_str()])
            .arg(python::interpreter())
            .arg(token)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the platform starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("the port");
        Platform { process, port: line.trim().parse().expect("a port") }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn configure(suanzi: &Suanzi, port: u16) {
    let token = suanzi.dir().join("token");
    let text = format!(
        r#"{{"http": {{"type": "http", "url": "http://127.0.0.1:{port}", "token_file": "{}", "slots": 2}}}}"#,
        token.display()
    );
    suanzi.write("home/executors.json", text);
}

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
    configure(&suanzi, platform.port);

    let file = seed();
    let local = Report(suanzi.json(["run", &file, "--quiet", "--json"]));
    let there = Report(suanzi.json(["run", &file, "--quiet", "--json", "--no-cache", "--executor", "http"]));
    assert_eq!(there.status(), "success");
    assert_eq!(there.executed(), local.executed());
    assert_eq!(there.0["metrics"], local.0["metrics"]);

    let log = std::fs::read_to_string(suanzi.dir().join("platform/access.log")).expect("an access log");
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
    configure(&suanzi, port);
    check("http", "can't be reached");
    check("htp", "did you mean");
    suanzi.write("home/executors.json", r#"{"http": {"type": "http", "url": "ftp://x"}}"#);
    check("local", "must begin with http://");
}
