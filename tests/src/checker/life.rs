//! One life of an engine: started, listened to, killed or waited for.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Lines of a killed engine are in its pipe already.
const DRAIN: Duration = Duration::from_secs(3);
/// A stopped engine whose pipe gives nothing for so long has told all it had to.
const QUIET: Duration = Duration::from_millis(50);

pub struct Life {
    child: Child,
    lines: Receiver<String>,
    heard: Heard,
}

/// What an engine told before it ended.
#[derive(Debug, Default, Clone)]
pub struct Heard {
    /// The run that it said it had accepted or taken over.
    pub run_id: Option<String>,
    /// Operators whose success it told.
    pub succeeded: Vec<String>,
    /// All lines, for messages.
    pub lines: Vec<String>,
}

impl Heard {
    pub fn add(&mut self, later: Heard) {
        self.run_id = later.run_id.or(self.run_id.take());
        self.succeeded.extend(later.succeeded);
        self.lines.extend(later.lines);
    }

    fn line(&mut self, line: String) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["run", id, _, "operators"] => self.run_id = Some(id.trim_end_matches(':').to_string()),
            [count, "success", operator, ..] if count.contains('/') => self.succeeded.push((*operator).to_string()),
            _ => {}
        }
        self.lines.push(line);
    }
}

impl Life {
    pub fn start(mut command: Command) -> Life {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
        let (tell, lines) = channel();
        if let Some(pipe) = child.stderr.take() {
            thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if tell.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Life { child, lines, heard: Heard::default() }
    }

    /// Listens until so many operators have succeeded in this life; false if it ended before. No news for `patience` is an error.
    pub fn listen(&mut self, successes: usize, patience: Duration) -> Result<bool, String> {
        while self.heard.succeeded.len() < successes {
            match self.lines.recv_timeout(patience) {
                Ok(line) => self.heard.line(line),
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!(
                        "no news for {patience:?}; the last were {:?}",
                        self.heard.lines.iter().rev().take(3).collect::<Vec<_>>()
                    ));
                }
            }
        }
        Ok(true)
    }

    /// SIGSTOP: it looks alive and does nothing. Gives what it had told until then.
    pub fn pause(&mut self) -> Heard {
        self.signal(Signal::STOP);
        while let Ok(line) = self.lines.recv_timeout(QUIET) {
            self.heard.line(line);
        }
        std::mem::take(&mut self.heard)
    }

    /// SIGCONT: it goes on as if no time had passed.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        // It may have ended by itself; its pid is ours until it is waited for.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    pub fn kill(mut self) -> Heard {
        // SIGKILL, to this process alone.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let until = Instant::now() + DRAIN;
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.heard.line(line);
        }
        std::mem::take(&mut self.heard)
    }

    /// Waits for its own end.
    pub fn end(mut self, patience: Duration) -> Result<(ExitStatus, Heard), String> {
        if let Err(hangs) = self.listen(usize::MAX, patience) {
            self.kill();
            return Err(hangs);
        }
        let status = self.child.wait().map_err(|e| e.to_string())?;
        Ok((status, std::mem::take(&mut self.heard)))
    }
}

/// An engine that a campaign gives up doesn't go on by itself.
impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
