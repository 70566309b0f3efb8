//! How things are shown: tables, times, JSON, warnings; and how people name runs.

pub mod evaluation;
pub mod progress;
pub mod report;

use crate::fail::Failure;
use std::io::{IsTerminal, Write};
use std::time::{SystemTime, UNIX_EPOCH};
use suanzi_dag::Faults;
use suanzi_store::{RunFilter, RunRow, RunState, Store, TaskState};

/// How far back a part of a run's id is looked for.
const RUNS_SEARCHED: u32 = 1000;

pub fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

pub fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::invalid)?;
    let mut out = std::io::stdout().lock();
    // A reader that went away (`| head`) is no error.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n"));
    Ok(())
}

pub fn warnings(file: &str, faults: &Faults) {
    for fault in faults.0.iter().filter(|f| f.warning) {
        talk!("{}", crate::fail::in_file(file, fault));
    }
}

/// Columns padded to their widest cell; the last one runs free.
pub fn table(head: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = head.iter().map(|h| width(h)).collect();
    for row in rows {
        for (w, cell) in widths.iter_mut().zip(row) {
            *w = (*w).max(width(cell));
        }
    }
    let line = |cells: Vec<&str>| {
        let last = cells.len().saturating_sub(1);
        let mut text = String::new();
        for (i, cell) in cells.iter().enumerate() {
            text.push_str(cell);
            if i < last {
                text.extend(std::iter::repeat_n(' ', widths[i].saturating_sub(width(cell)) + 2));
            }
        }
        text.trim_end().to_string()
    };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", line(head.to_vec()));
    for row in rows {
        let _ = writeln!(out, "{}", line(row.iter().map(String::as_str).collect()));
    }
}

/// Columns a terminal gives a text: East Asian wide characters take two.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD) { 2 } else { 1 }).sum()
}

pub fn millis(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

pub fn now_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}

/// `2026-11-23T22:45:11Z`.
pub fn timestamp(ms: i64) -> String {
    let (date, time) = suanzi_dag_engine::civil(ms.div_euclid(1000));
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date / 10_000,
        date / 100 % 100,
        date % 100,
        time / 10_000,
        time / 100 % 100,
        time % 100
    )
}

pub fn run_word(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Success => "success",
        RunState::Failed => "failed",
        RunState::Cancelled => "cancelled",
    }
}

pub fn task_word(state: TaskState) -> &'static str {
    match state {
        TaskState::Running => "running",
        TaskState::Retrying => "retrying",
        TaskState::Success => "success",
        TaskState::Cached => "cached",
        TaskState::Failed => "failed",
        TaskState::Skipped => "skipped",
        TaskState::Cancelled => "cancelled",
    }
}

/// A run by its id, by `@1` (the last), `@2`, …, or by a part of its id that no other has.
pub fn find_run(store: &dyn Store, name: &str) -> Result<RunRow, Failure> {
    let list = || store.runs(&RunFilter { limit: RUNS_SEARCHED, ..RunFilter::default() });
    if let Some(back) = name.strip_prefix('@') {
        let back: usize = back.parse().ok().filter(|n| *n >= 1).ok_or_else(|| {
            Failure::invalid(format!("'{name}' names no run")).hint("@1 is the last one, @2 the one before")
        })?;
        let runs = list()?;
        let there = runs.len();
        return runs.into_iter().nth(back - 1).ok_or_else(|| {
            Failure::invalid(format!("there is no run {name}: {there} are known"))
                .hint("`suanzi runs` lists them; @1 is the last one")
        });
    }
    if let Some(run) = store.run_by_id(name)? {
        return Ok(run);
    }
    let mut matching: Vec<RunRow> =
        if name.is_empty() { Vec::new() } else { list()?.into_iter().filter(|r| r.run_id.contains(name)).collect() };
    match matching.len() {
        1 => Ok(matching.remove(0)),
        0 => {
            Err(Failure::invalid(format!("there is no run '{name}'"))
                .hint("`suanzi runs` lists them; @1 is the last one"))
        }
        n => Err(Failure::invalid(format!("{n} runs have '{name}' in their id"))
            .hint(format!("such as {} and {}", matching[0].run_id, matching[1].run_id))),
    }
}
