//! The driver's process: its code unpacked, itself started, spoken to over its standard input.

use crate::settings::SparkOptions;
use serde_json::json;
use std::fs::DirBuilder;
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use suanzi_executor_http::{hex, sources};

/// The rest of the line is the address (`python/suanzi/spark/driver.py`).
const READY: &str = "suanzi-pool: ready at ";
/// The rest of the line is the version, or why there is none.
const CHECKED: &str = "suanzi-spark: ";
const TOKEN_BYTES: usize = 32;
const NAME_BYTES: usize = 8;
const MAX_QUOTED_BYTES: usize = 600;
/// How much a driver may say before the line that is waited for, and how long it may take.
const MAX_SAID_BYTES: usize = 64 << 10;
const SAY_LIMIT: Duration = Duration::from_secs(90);

/// Ends when its standard input does, also where the engine is killed.
pub struct Driver {
    pub process: Child,
    pub stdin: Option<ChildStdin>,
    pub token: String,
    /// As it says itself.
    pub address: String,
    pub folder: PathBuf,
}

/// Starts a driver and waits until it listens. Errors: in words, with the end of its log.
pub fn start(options: &SparkOptions) -> Result<Driver, String> {
    let token = hex::<TOKEN_BYTES>().map_err(|e| e.to_string())?;
    let folder = unpack(&options.terms.package).map_err(|e| format!("the driver's code can't be unpacked: {e}"))?;
    let begun = launch(options, &folder, &[]).and_then(|mut process| {
        let stdin = tell(&mut process, &json!({"token": token, "spark_token": options.token}))?;
        Ok((process, stdin))
    });
    let (mut process, stdin) = begun.map_err(|error| {
        remove(&folder);
        format!("{} can't be started: {error}", options.python.display())
    })?;
    match line_after(READY, process.stdout.take(), SAY_LIMIT) {
        Some(address) => Ok(Driver { process, stdin: Some(stdin), token, address, folder }),
        None => {
            let _ = process.kill(); // it may have ended by itself
            let _ = process.wait();
            let said = last_words(&folder);
            remove(&folder);
            Err(format!("its driver did not start: {said}"))
        }
    }
}

/// Which Spark answers. Errors: in words, to be said after its address.
pub fn version(options: &SparkOptions) -> Result<String, String> {
    let folder = unpack(&options.terms.package).map_err(|e| format!("can't be asked: {e}"))?;
    let asked = launch(options, &folder, &["--check"]).and_then(|mut process| {
        let stdin = tell(&mut process, &json!({"spark_token": options.token}))?;
        let answer = line_after(CHECKED, process.stdout.take(), SAY_LIMIT);
        drop(stdin);
        if answer.is_none() {
            let _ = process.kill(); // it may have ended by itself
        }
        Ok((process.wait()?.success(), answer))
    });
    let said = last_words(&folder);
    remove(&folder);
    match asked.map_err(|e| format!("can't be asked: {}: {e}", options.python.display()))? {
        (true, Some(version)) => Ok(version),
        (false, Some(why)) => Err(format!("is no Spark Connect that can be used: {why}")),
        (_, None) => Err(format!("can't be asked: {said}")),
    }
}

fn launch(options: &SparkOptions, folder: &Path, arguments: &[&str]) -> io::Result<Child> {
    let log = std::fs::File::create(log_of(folder))?;
    Command::new(&options.python)
        .args(["-P", "-m", "suanzi.spark.driver"])
        .arg(options.address.to_string())
        .arg(folder)
        .args(arguments)
        .env("PYTHONPATH", code_of(folder))
        .env_remove("SPARK_REMOTE")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
}

/// Secrets go this way: arguments can be read by every user of this host.
fn tell(process: &mut Child, secrets: &serde_json::Value) -> io::Result<ChildStdin> {
    let mut stdin = process.stdin.take().ok_or_else(|| io::Error::other("it has no standard input"))?;
    match writeln!(stdin, "{secrets}") {
        // It has ended already, and its log says why.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(stdin),
    }
}

/// The rest of the first line that begins with `mark`; none where the output ends, is too much, or takes too long.
fn line_after(mark: &'static str, stdout: Option<ChildStdout>, limit: Duration) -> Option<String> {
    let mut stdout = stdout?;
    let (found, line) = channel();
    // It stays behind where the process says nothing: whoever gives up ends that, and with it this thread.
    std::thread::spawn(move || {
        let (mut said, mut piece) = (Vec::new(), [0; 1024]);
        while said.len() < MAX_SAID_BYTES {
            match stdout.read(&mut piece) {
                Ok(count @ 1..) => said.extend_from_slice(&piece[..count]),
                _ => break,
            }
            let whole = said.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let text = String::from_utf8_lossy(&said[..whole]);
            if let Some(rest) = text.lines().find_map(|line| line.strip_prefix(mark)) {
                let _ = found.send(rest.trim().to_owned()); // it was given up
                return;
            }
        }
    });
    line.recv_timeout(limit).ok()
}

/// A folder of our own with the package `suanzi`: beside an installed one lie other packages, which the driver must not take.
fn unpack(package: &Path) -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("suanzi-spark-{}", hex::<NAME_BYTES>()?));
    DirBuilder::new().mode(0o700).create(&folder)?;
    for (name, content) in sources(package, "suanzi")? {
        let path = code_of(&folder).join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, content)?;
    }
    Ok(folder)
}

fn code_of(folder: &Path) -> PathBuf {
    folder.join("driver")
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("driver.log")
}

/// The end of its log, in one line.
pub fn last_words(folder: &Path) -> String {
    let log = std::fs::read(log_of(folder)).unwrap_or_default();
    let end = String::from_utf8_lossy(&log[log.len().saturating_sub(MAX_QUOTED_BYTES)..]).into_owned();
    let words = end.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "it said nothing".into() } else { words }
}

pub fn remove(folder: &Path) {
    // The driver may have been faster; what is left lies in the system's own folder for what may go.
    let _ = std::fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::line_after;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    #[test]
    fn a_line_is_waited_for_within_bounds() {
        let check = |script: &str, expected: Option<&str>| {
            let began = Instant::now();
            let mut process = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().expect("sh");
            let found = line_after("ready at ", process.stdout.take(), Duration::from_secs(1));
            assert_eq!(found.as_deref(), expected, "{script}");
            assert!(began.elapsed() < Duration::from_secs(20), "{script}");
            let _ = process.kill(); // it may have ended by itself
            let _ = process.wait();
        };
        check("echo other; echo ready at there; exec cat", Some("there"));
        check("echo not ready at all", None);
        check("printf 'ready at half a li'", None);
        check("exec sleep 100", None);
        check("exec cat /dev/zero", None);
    }
}
