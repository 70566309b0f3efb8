//! The reference platform of the HTTP executor (`tests/platform/platform.py`), which knows nothing of Suanzi.

use crate::Suanzi;
use crate::python::interpreter;
use crate::repository::root;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

pub const TOKEN: &str = "a-token-that-nobody-may-see";

/// The reference platform as a process of its own; it ends with its standard input.
pub struct Platform {
    process: Child,
    pub port: u16,
    dir: PathBuf,
}

impl Platform {
    pub fn start(suanzi: &Suanzi) -> Platform {
        let dir = suanzi.dir().join("platform");
        let token = suanzi.write("token", TOKEN);
        // Only this one file goes there: the platform finds no checkout beside itself.
        let source = std::fs::read(root().join("tests/platform/platform.py")).expect("the platform's source");
        let source = suanzi.write("elsewhere/platform.py", source);
        let mut command = Command::new(interpreter());
        command.args(["-I".as_ref(), source.as_os_str(), dir.as_os_str()]);
        command.arg(interpreter()).arg(token).current_dir("/");
        Platform::spawn(command, dir)
    }

    /// By a command that tells its port in its first line. `dir`: where it keeps its log and its tasks.
    pub fn spawn(mut command: Command, dir: PathBuf) -> Platform {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the platform starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("the port");
        Platform { process, port: line.trim().parse().expect("a port"), dir }
    }

    /// A line for each request: method, address, status.
    pub fn access_log(&self) -> String {
        std::fs::read_to_string(self.dir.join("access.log")).expect("an access log")
    }

    /// Names of the tasks that it was given, each as often as it was taken.
    pub fn submissions(&self) -> Vec<String> {
        let log = self.access_log();
        let taken =
            log.lines().filter(|line| line.ends_with("201")).filter_map(|line| line.strip_prefix("PUT /v1/tasks/"));
        taken.map(|rest| rest.split(['?', ' ']).next().unwrap_or_default().to_owned()).collect()
    }

    /// Names of the tasks that it has not forgotten.
    pub fn tasks(&self) -> Vec<String> {
        let found = std::fs::read_dir(self.dir.join("tasks")).expect("a folder");
        found.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Makes it the home's executor `http`.
pub fn configure(suanzi: &Suanzi, port: u16, slots: u32) {
    configure_at(suanzi, "127.0.0.1", port, slots);
}

/// The same at another address.
pub fn configure_at(suanzi: &Suanzi, host: &str, port: u16, slots: u32) {
    let token = suanzi.dir().join("token");
    let text = format!(
        r#"{{"http": {{"type": "http", "url": "http://{host}:{port}", "token_file": "{}", "slots": {slots}}}}}"#,
        token.display()
    );
    suanzi.write("home/executors.json", text);
}
