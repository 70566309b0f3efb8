//! `--database-url` from outside: a file elsewhere holds the state, wrong addresses are told in one line that has no password in it, and nobody attaches to an owner with another database. Servers are `make test-db`'s.

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use suanzi_tests::{DagText, Op, RUN_LIMIT_SECONDS, Suanzi};

const NOTHING_LISTENS: &str = "127.0.0.1:1";

/// Ended when dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Serving {
    /// Its socket is there when it returns.
    fn start(suanzi: &Suanzi) -> Serving {
        let mut command = suanzi.command(["serve", "--port", "0", "--workers", "1"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut serving = Serving(command.spawn().expect("suanzi starts"));
        let began = Instant::now();
        while !suanzi.home().join("engine.sock").exists() {
            assert!(serving.0.try_wait().expect("a child can be asked").is_none(), "the server ended");
            assert!(began.elapsed() < Duration::from_secs(RUN_LIMIT_SECONDS), "the server has no socket");
            std::thread::sleep(Duration::from_millis(10));
        }
        serving
    }
}

fn dag(suanzi: &Suanzi) -> String {
    let text = DagText::new("small").op(Op::new("only", "noop")).yaml();
    suanzi.write("small.yaml", text).to_string_lossy().into_owned()
}

#[test]
fn a_file_elsewhere_holds_the_state() {
    let mut suanzi = Suanzi::new();
    let (file, other) = (dag(&suanzi), suanzi.dir().join("else where.db"));
    let url = format!("sqlite://{}", other.to_string_lossy().replace(' ', "%20"));
    suanzi.run(["run", &file, "--database-url", &url]).success();
    assert!(other.is_file() && !suanzi.home().join("suanzi.db").exists());
    let runs = |suanzi: &Suanzi| suanzi.json(["runs", "--json"]).as_array().expect("a list").len();
    assert_eq!(runs(&suanzi), 0, "the home's own database knows nothing of it");
    suanzi.set_env("SUANZI_DATABASE_URL", &url);
    assert_eq!(runs(&suanzi), 1);
    let doctor = suanzi.json(["doctor", "--json"]);
    assert!(doctor.to_string().contains("else where.db"), "{doctor}");
    suanzi.set_env("SUANZI_DATABASE_URL", "");
    assert_eq!(runs(&suanzi), 0, "an empty variable names no database");
}

#[test]
fn wrong_addresses_are_told_in_one_line_without_a_password() {
    let suanzi = Suanzi::new();
    // A server of something else: it closes whatever connects.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let stranger = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            drop(connection);
        }
    });
    let table = [
        ("sesame".to_string(), "has no scheme"),
        ("oracle://u:sesame@h/d".to_string(), "begins with another scheme"),
        ("postgres://u:sesame@h".to_string(), "names no database"),
        ("postgres://h/d".to_string(), "names no user"),
        ("mysql://u:sesame@h:0/d".to_string(), "a port that isn't a number"),
        ("mysql://u:sesame@h/d?ssl=1".to_string(), "has options"),
        ("mysql://u:%zzsesame@h/d".to_string(), "hexadecimal"),
        ("sqlite://sesame".to_string(), "absolute path"),
        ("sqlite:///no/such/directory/x.db".to_string(), "/no/such/directory/x.db"),
        (format!("postgres://u:sesame@{NOTHING_LISTENS}/d"), "can't be reached"),
        (format!("mysql://u:sesame@{NOTHING_LISTENS}/d"), "can't be reached"),
        ("postgres://u:sesame@no.invalid/d".to_string(), "can't be reached"),
        ("mysql://u:sesame@no.invalid/d".to_string(), "can't be reached"),
        (format!("postgres://u:sesame@{stranger}/d"), "can't be reached"),
        (format!("mysql://u:sesame@{stranger}/d"), "can't be reached"),
    ];
    for (url, said) in table {
        let out = suanzi.run(["runs", "--database-url", &url]).exits(2);
        let lines: Vec<&str> = out.stderr.lines().filter(|line| !line.starts_with("hint: ")).collect();
        assert!(lines.len() == 1 && lines[0].starts_with("error: ") && lines[0].contains(said), "{url}: {out}");
        assert!(!out.stderr.contains("sesame") && !out.stderr.contains("panicked"), "{out}");
    }
}

#[test]
fn a_command_is_not_sent_to_an_owner_with_another_database() {
    let suanzi = Suanzi::new();
    let file = dag(&suanzi);
    let _serving = Serving::start(&suanzi);
    let url = format!("sqlite://{}", suanzi.dir().join("other.db").to_string_lossy());
    let out = suanzi.run(["run", &file, "--database-url", &url]).exits(2);
    assert!(out.stderr.contains("keeps its state in another database: SQLite at "), "{out}");
    assert!(out.stderr.contains("other.db") && out.stderr.contains("hint: name the same"), "{out}");
    suanzi.run(["run", &file]).success();
}
