//! A run as it goes: a bar and the running operators in a terminal, plain lines in a pipe.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use suanzi_dag_engine::{Prepared, RunEvent, TaskEnd};
use suanzi_store::TaskState;

/// Above this many operators a pipe gets failures and a count, not a line each.
const MAX_LINES: usize = 200;

pub struct Progress {
    names: Vec<String>,
    quiet: bool,
    total: usize,
    done: usize,
    began: Instant,
    bar: Option<ProgressBar>,
    running: BTreeMap<u32, String>,
}

impl Progress {
    pub fn new(prepared: &Prepared, run_id: &str, quiet: bool) -> Progress {
        let names = prepared.document.dag.operators.iter().map(|op| op.id.to_string()).collect();
        let total = prepared.selected.ops.iter().filter(|s| **s).count();
        Progress::of(names, total, run_id, quiet)
    }

    /// `names`: the operators' ids, by position.
    pub fn of(names: Vec<String>, total: usize, run_id: &str, quiet: bool) -> Progress {
        let bar = (!quiet && super::stderr_is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            bar.set_style(
                ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} {wide_msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let progress = Progress { names, quiet, total, done: 0, began: Instant::now(), bar, running: BTreeMap::new() };
        progress.line(&format!("run {run_id}: {total} operators"));
        progress
    }

    /// Operators that had ended before: of a run that goes on.
    pub fn already(mut self, done: usize) -> Progress {
        self.done = done;
        self
    }

    pub fn tell(&mut self, event: &RunEvent) {
        match event {
            RunEvent::TaskStarted { op, .. } => {
                self.running.insert(*op, String::new());
            }
            RunEvent::Progress { op, fraction, message, .. } => {
                self.running.insert(*op, format!(" {:.0} % {message}", fraction * 100.0));
            }
            RunEvent::Metric { op, name, step, value, .. } => {
                let step = step.map(|s| format!("[{s}]")).unwrap_or_default();
                self.running.insert(*op, format!(" {name}{step} = {value:.6}"));
            }
            RunEvent::TaskEnded(end) => self.ended(end),
            RunEvent::RunEnded { .. } => {}
        }
        if let Some(bar) = &self.bar {
            let now: Vec<String> =
                self.running.iter().take(4).map(|(op, note)| format!("{}{note}", self.name(*op))).collect();
            bar.set_message(now.join(" · "));
        }
    }

    fn ended(&mut self, end: &TaskEnd) {
        self.running.remove(&end.op);
        if end.state.is_final() {
            self.done += 1;
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done as u64);
        }
        if let Some(failure) = &end.failure {
            let again = if end.state == TaskState::Retrying { " (it is tried again)" } else { "" };
            self.always(&format!("{} failed: {}{again}", self.name(end.op), failure.message));
            if let Some(hint) = &failure.hint {
                self.always(&format!("  hint: {hint}"));
            }
            if end.state != TaskState::Retrying
                && let Some(traceback) = &failure.traceback
            {
                self.always(traceback.trim_end());
            }
        } else if self.total <= MAX_LINES || self.done == self.total {
            let took = if end.state == TaskState::Success {
                format!(" {}", super::millis(end.wall_us / 1000))
            } else {
                String::new()
            };
            self.line(&format!(
                "{:>3}/{} {} {}{took}",
                self.done,
                self.total,
                super::task_word(end.state),
                self.name(end.op)
            ));
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.line(&format!(
            "{} of {} done in {}",
            self.done,
            self.total,
            super::millis(self.began.elapsed().as_millis() as u64)
        ));
    }

    fn name(&self, op: u32) -> &str {
        self.names.get(op as usize).map_or("?", String::as_str)
    }

    fn line(&self, text: &str) {
        if !self.quiet {
            self.always(text);
        }
    }

    fn always(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| talk!("{text}")),
            None => talk!("{text}"),
        }
    }
}
