//! Hostile operators under each isolation profile: what they try is refused where the profile says so, and succeeds where it says that it doesn't protect.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use suanzi_tests::isolation::allowed;
use suanzi_tests::{DagText, Op, Output, Report, Suanzi, program, repository};

const EACCES: i64 = 13;
const EROFS: i64 = 30;
/// Refused in any way.
const ANY: &[i64] = &[];
/// `ENOENT`, `EPERM`, `ESRCH`: there is nobody to be refused by.
const NOBODY: &[i64] = &[1, 2, 3, EACCES];
/// What is tried, and with which errno it is to be refused.
const ATTEMPTS: &[(&str, &[i64])] = &[
    ("environment", NOBODY),
    ("parent_environment", NOBODY),
    ("command_line", NOBODY),
    ("memory", NOBODY),
    ("signals", NOBODY),
    ("database", &[EACCES]),
    ("lock", &[EACCES]),
    ("token", &[EACCES]),
    ("secret_outside_the_home", &[2, EACCES]),
    ("socket", &[EACCES]),
    ("listing", &[EACCES]),
    ("logs", &[EACCES]),
    ("other_task", &[2, EACCES]),
    ("artifacts", &[2, EACCES]),
    ("plant_in_home", &[EACCES, EROFS]),
    ("plant_code", &[EACCES, EROFS]),
    ("unmount", ANY),
    ("unmount_in_own_namespace", ANY),
    ("make_changeable", ANY),
    ("by_first_process", NOBODY),
    ("descriptors_of_first_process", NOBODY),
];
/// What nothing stops who is the engine's own user.
const OPEN_IN_PLAIN: &[&str] = &[
    "environment",
    "parent_environment",
    "command_line",
    "memory",
    "signals",
    "database",
    "lock",
    "token",
    "secret_outside_the_home",
    "socket",
    "listing",
    "logs",
    "other_task",
    "artifacts",
    "plant_in_home",
    "plant_code",
];
const GONE_WITHIN: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

fn args(dag: &Path, operators: &Path, profile: &str) -> Vec<String> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let words = ["--quiet", "--json", "--workers", "3", "--isolation", profile, "--operators"].map(String::from);
    ["run".to_string(), text(dag)].into_iter().chain(words).chain([text(operators)]).collect()
}

/// The hostile operators in a folder that they may change if nobody hinders them.
fn hostile(suanzi: &Suanzi) -> PathBuf {
    let source = repository::root().join("tests/hostile/hostile.py");
    let copy = suanzi.write("operators/hostile.py", std::fs::read(source).expect("the operators"));
    copy.parent().expect("a folder").to_path_buf()
}

/// What came of each attempt under a profile.
fn attacked(profile: &str) -> Value {
    let mut suanzi = Suanzi::new();
    let mark = "the-engines-own-secret";
    suanzi.set_env("SUANZI_TEST_SECRET", mark);
    let operators = hostile(&suanzi);
    let home = suanzi.home();
    let secret = suanzi.write("platform-token", "0123456789abcdef0123456789abcdef");
    let token = suanzi.write("home/token", "0123456789abcdef0123456789abcdef");
    for file in [&secret, &token] {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    let platform =
        serde_json::json!({"elsewhere": {"type": "http", "url": "http://127.0.0.1:9", "token_file": secret}});
    suanzi.write("home/executors.json", platform.to_string());
    let dag = DagText::new("hostile")
        .op(Op::new("treasure", "treasure"))
        .op(Op::new("victim", "victim").param("seconds", 8.0))
        .op(Op::new("attack", "attack")
            .param("home", home.to_string_lossy())
            .param("secret_file", secret.to_string_lossy())
            .param("mark", mark)
            .param("wait", 2.0));
    let file = suanzi.write("dag.yaml", dag.yaml());
    let report = Report(suanzi.run(args(&file, &operators, profile)).success().json());
    let (attack, victim) = (&report.0["metrics"]["attack"], &report.0["metrics"]["victim"]);
    let time = |of: &Value, at: &str| of[at].as_f64().expect("a time");
    assert!(time(victim, "began") < time(attack, "began"), "{profile}: the victim was there: {report:?}");
    assert!(time(attack, "ended") < time(victim, "ended"), "{profile}: and stayed: {report:?}");
    assert_eq!(victim["alive"], 1, "{profile}: the victim was harmed: {report:?}");
    attack.clone()
}

#[test]
fn what_operators_must_not_do_is_refused() {
    for profile in allowed() {
        let told = attacked(profile);
        let wrong: Vec<String> = ATTEMPTS
            .iter()
            .filter(|(name, expected)| {
                let errno = told[*name].as_i64().unwrap_or(0);
                errno == 0 || !expected.is_empty() && !expected.contains(&errno)
            })
            .map(|(name, expected)| format!("{name}: {} instead of {expected:?}", told[*name]))
            .collect();
        assert!(wrong.is_empty(), "{profile}: {wrong:#?}\n{told:#}");
    }
}

/// The same attempts, so that the test above can fail.
#[test]
fn plain_is_one_trust_domain() {
    let told = attacked("plain");
    let refused: Vec<_> = OPEN_IN_PLAIN.iter().filter(|name| told[**name] != 0).collect();
    assert!(refused.is_empty(), "{refused:?}\n{told:#}");
}

/// Pids of processes whose command line holds the mark, besides the engine's own.
fn marked(mark: &str, engine: u32) -> Vec<u32> {
    let pids = std::fs::read_dir("/proc").expect("Linux has /proc").flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != engine && *pid != std::process::id())
        .filter(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(mark)
        })
        .collect()
}

fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < until, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn start(suanzi: &Suanzi, args: Vec<String>) -> Child {
    let mut command = suanzi.command(args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program starts")
}

#[test]
fn nothing_outlives_a_killed_engine_under_any_profile() {
    let profiles: Vec<_> = std::iter::once("plain").chain(allowed()).collect();
    for profile in profiles {
        let suanzi = Suanzi::new();
        let operators = hostile(&suanzi);
        let mark = format!("suanzi-daemon-{}-{profile}", std::process::id());
        let mut dag = DagText::new("daemons");
        for number in 0..3 {
            dag = dag.op(Op::new(&format!("leave{number}"), "leave_daemon").param("mark", mark.clone()));
        }
        let file = suanzi.write("dag.yaml", dag.yaml());
        let mut engine = start(&suanzi, args(&file, &operators, profile));
        let pid = engine.id();
        wait_until(&format!("{profile}: six daemons"), PATIENCE, || marked(&mark, pid).len() >= 6);
        engine.kill().expect("killed");
        engine.wait().expect("reaped");
        wait_until(&format!("{profile}: none is left"), GONE_WITHIN, || marked(&mark, pid).is_empty());
        // Nor anything of the home: the zygote has its setting on its command line, workers too.
        let home = suanzi.home().to_string_lossy().into_owned();
        wait_until(&format!("{profile}: no worker is left"), GONE_WITHIN, || marked(&home, pid).is_empty());
    }
}

/// Neither root nor anybody else gets a profile that is only said.
#[test]
fn what_cannot_be_had_is_told_before_anything_runs() {
    let mut suanzi = Suanzi::new();
    let dag = suanzi.write("dag.yaml", DagText::new("nothing").op(Op::new("good", "good").param("number", 1)).yaml());
    let operators = repository::root().join("tests/poison");
    let refused = |suanzi: &Suanzi, more: &[&str], reason: &str, hint: &str| {
        let mut words = args(&dag, &operators, "service");
        words.extend(more.iter().map(|word| word.to_string()));
        let output = suanzi.run(words).exits(2);
        assert!(output.stderr.contains(reason) && output.stderr.contains(hint), "{output}");
        assert!(output.stdout.is_empty(), "{output}");
    };
    refused(&suanzi, &["--isolation-uids", "61000-61001"], "3 workers need as many users", "--isolation-uids");
    refused(&suanzi, &["--isolation-uids", "7"], "FIRST-LAST", "--help");
    let output = suanzi.run(args(&dag, &operators, "chroot")).exits(2);
    assert!(output.stderr.contains("it must be plain, namespaced, service or auto"), "{output}");
    suanzi.set_env("SUANZI_ISOLATION", "chroot");
    let ill = suanzi.run(["doctor"]).exits(1);
    assert!(ill.stdout.contains("✗ isolation") && ill.stdout.contains("namespaced"), "{ill}");
}

/// Code that a worker's user can't read is told at the start, with what to do.
#[test]
fn operators_that_workers_cannot_read_are_told() {
    for profile in allowed().into_iter().filter(|profile| *profile == "service") {
        let suanzi = Suanzi::new();
        let operators = hostile(&suanzi);
        std::fs::set_permissions(&operators, std::fs::Permissions::from_mode(0o700)).expect("a mode");
        let dag = suanzi.write("dag.yaml", DagText::new("nothing").op(Op::new("treasure", "treasure")).yaml());
        let output = suanzi.run(args(&dag, &operators, profile)).exits(2);
        let told = ["can't read", "chmod -R o+rX", &operators.to_string_lossy()].map(str::to_owned);
        assert!(told.iter().all(|part| output.stderr.contains(part)), "{output}");
    }
}

/// A DAG that names what is the engine's as its data.
#[test]
fn the_engines_own_files_are_nobodys_data() {
    let read = |suanzi: &Suanzi, profile: &str, path: &Path| {
        let op = Op::new("read", "read_csv").param("path", path.to_string_lossy());
        let file = suanzi.write("dag.yaml", DagText::new("read").op(op).yaml());
        let words = ["run", &file.to_string_lossy(), "--quiet", "--json", "--no-cache", "--isolation", profile];
        suanzi.run(words)
    };
    for profile in allowed() {
        let suanzi = Suanzi::new();
        let token = suanzi.write("home/token", "token\n0123456789abcdef0123456789abcdef\n");
        read(&suanzi, "plain", &token).success();
        let report = Report(read(&suanzi, profile, &token).exits(1).json());
        let message = report.operator("read")["error"]["message"].to_string();
        assert!(message.contains("the engine's own"), "{profile}: {message}");
        let table = suanzi.write("table.csv", "a,b\n1,2\n");
        read(&suanzi, profile, &table).success();
    }
}

#[test]
fn doctor_names_the_profile_in_force_and_the_strongest_there_is() {
    let mut suanzi = Suanzi::new();
    let isolation = |suanzi: &Suanzi| {
        let told = suanzi.json(["doctor", "--json"]);
        let checks = told["checks"].as_array().expect("checks").clone();
        checks.into_iter().find(|check| check["what"] == "isolation").expect("a line on isolation")
    };
    let plain = isolation(&suanzi)["found"].as_str().expect("text").to_owned();
    assert!(plain.starts_with("plain: operators run as this user, one trust domain; "), "{plain}");
    if let Some(strongest) = allowed().last() {
        assert!(plain.contains(&format!("this host allows {strongest}")), "{plain}");
        suanzi.set_env("SUANZI_ISOLATION", "auto");
        let found = isolation(&suanzi);
        assert!(found["found"].as_str().is_some_and(|text| text.starts_with(strongest)), "{found}");
        assert!(found.get("remedy").is_none(), "{found}");
    }
}

/// In a network of its own, which nobody reaches.
#[test]
fn who_lets_others_in_is_told_the_profile() {
    if !suanzi_tests::has_namespaces() {
        suanzi_tests::forbidden("no network of its own to let others into");
        return;
    }
    let profiles: Vec<_> = std::iter::once("plain").chain(allowed()).collect();
    for profile in profiles {
        let suanzi = Suanzi::new();
        let password = suanzi.write("password", "a password that is long enough");
        std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        let mut command = Command::new("unshare");
        // Who isn't root may do so in a user namespace, which has no users for workers.
        if !rustix::process::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        command.arg("--net").arg(program::binary());
        command.args(["serve", "--host", "0.0.0.0", "--port", "0", "--isolation", profile, "--password-file"]);
        command.arg(&password).env("SUANZI_HOME", suanzi.home()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = command.spawn().expect("unshare starts");
        let lines = BufReader::new(server.stderr.take().expect("a pipe")).lines();
        let mut seen = Vec::new();
        let told =
            lines.map_while(Result::ok).inspect(|line| seen.push(line.clone())).find(|l| l.contains("isolation"));
        server.kill().expect("killed");
        server.wait().expect("reaped");
        let told = told.unwrap_or_else(|| panic!("{profile}: {seen:#?}"));
        match profile {
            "plain" => assert!(told.starts_with("warning:") && told.contains("one trust domain"), "{told}"),
            _ => assert!(told.starts_with(&format!("isolation is {profile}: ")), "{told}"),
        }
    }
}

const READ: &str = "algo_local_read_file_45_1517360824080";

#[test]
fn the_seed_pipeline_gives_the_same_under_each_profile() {
    let plain = seed_run(&["plain"]);
    for profile in allowed() {
        let reports = seed_run(&[profile, "plain", profile]);
        assert_eq!(reports[0].0["metrics"], plain[0].0["metrics"], "{profile}");
        assert_eq!(reports[0].executed().len(), 6, "{profile}");
        for report in &reports[1..] {
            assert!(report.executed().is_empty(), "{profile}: results serve all profiles: {report:?}");
        }
        let path = reports[0].operator(READ)["outputs"][0]["path"].as_str().expect("a path").to_owned();
        assert!(path.contains("/artifacts/"), "{profile}: {path}");
    }
}

/// One home; a run under each.
fn seed_run(profiles: &[&str]) -> Vec<Report> {
    let suanzi = Suanzi::new();
    suanzi_tests::python::credit_data(&suanzi.dir().join("credit.csv"), 2_000);
    suanzi.run(["dataset", "add", "40", &suanzi.dir().join("credit.csv").to_string_lossy()]).success();
    let file = repository::root().join("examples/seed-dag.yaml").to_string_lossy().into_owned();
    let run = |profile: &&str| {
        let output: Output = suanzi.run(["run", &file, "--quiet", "--json", "--isolation", profile]).success();
        assert!(output.stderr.is_empty(), "{profile}: {output}");
        Report(output.json())
    };
    profiles.iter().map(run).collect()
}
