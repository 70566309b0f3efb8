//! The driver's process: its code unpacked, itself started, spoken to over its standard input.

use crate::settings::SparkOptions;
use serde_json::json;
use std::fs::DirBuilder;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use suanzi_executor_http::{hex, sources};

/// The rest of the line is the address (`python/suanzi/spark/driver.py`).
const READY: &str = "suanzi-pool: ready at ";
/// The rest of the line is the version, or why there is none.
const CHECKED: &str = "suanzi-spark: ";
const TOKEN_BYTES: usize = 32;
const NAME_BYTES: usize = 8;
const MAX_QUOTED_BYTES: usize = 600;

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
    match line_after(READY, process.stdout.take()) {
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
        let answer = line_after(CHECKED, process.stdout.take());
        drop(stdin);
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
    writeln!(stdin, "{secrets}")?;
    Ok(stdin)
}

fn line_after(mark: &str, stdout: Option<ChildStdout>) -> Option<String> {
    let mut lines = BufReader::new(stdout?).lines().map_while(Result::ok);
    lines.find_map(|line| line.strip_prefix(mark).map(|rest| rest.trim().to_owned()))
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
