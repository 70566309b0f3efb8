//! Logs: complete, live, by range, and each attempt's own.

use super::{Act, Case, Stage, Trouble, Verdict, broken, ensure};
use crate::{AttemptId, LogError, MAX_LOG_READ_BYTES};
use std::time::{Duration, Instant};

/// At most; fewer where the harness says that few are many.
const ATTEMPTS: usize = 100;

pub fn cases() -> Vec<Case> {
    vec![
        Case { name: "the log of an unknown attempt is an error", run: unknown },
        Case { name: "a log can be read by range", run: ranges },
        Case { name: "a log can be read while the attempt runs", run: live },
        Case { name: "every byte of a log belongs to its attempt", run: own },
    ]
}

fn print(text: &str, times: usize, then: Duration) -> Act {
    Act::Print { text: text.to_owned(), times, then }
}

fn read(stage: &Stage<'_>, attempt: AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, Trouble> {
    stage.executor.logs(&attempt, offset, limit).map_err(|error| broken(format!("the log can't be read: {error}")))
}

fn unknown(stage: &Stage<'_>) -> Verdict {
    let found = stage.executor.logs(&stage.new_id(), 0, 100);
    ensure(matches!(found, Err(LogError::UnknownAttempt)), || format!("it is {found:?}"))
}

fn ranges(stage: &Stage<'_>) -> Verdict {
    let whole = "0123456789".repeat(150_000);
    let attempt = stage.start(&print("0123456789", 150_000, Duration::ZERO))?;
    stage.recorder.finished(attempt)?;
    let cases: [(u64, usize, usize); 6] = [
        (0, 10, 10),
        (7, 25, 25),
        (1_499_995, 100, 5),
        (1_500_000, 100, 0),
        (u64::MAX, 100, 0),
        (0, usize::MAX, MAX_LOG_READ_BYTES),
    ];
    for (offset, limit, length) in cases {
        let found = read(stage, attempt, offset, limit)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(whole.len());
        let expected = &whole.as_bytes()[from..from + length];
        ensure(found == expected, || format!("{} bytes from {offset}, wrong ones or too few", found.len()))?;
    }
    Ok(())
}

fn live(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.start(&print("alive", 1, Duration::from_secs(600)))?;
    stage.recorder.started(attempt)?;
    let deadline = Instant::now() + stage.harness.patience();
    let mut found = Vec::new();
    while found != b"alive" && Instant::now() < deadline {
        // What a person watching does: look again.
        std::thread::sleep(Duration::from_millis(2));
        found = read(stage, attempt, 0, 100)?;
    }
    stage.executor.stop(&attempt, Duration::ZERO);
    stage.recorder.finished(attempt)?;
    ensure(found == b"alive", || format!("while it ran the log was {:?}", String::from_utf8_lossy(&found)))?;
    let after = read(stage, attempt, 0, 100)?;
    ensure(after == b"alive", || format!("after the end the log is {:?}", String::from_utf8_lossy(&after)))
}

fn own(stage: &Stage<'_>) -> Verdict {
    let text = |number: usize| format!("<{number}>");
    let attempts = stage.harness.many().min(ATTEMPTS);
    let started: Result<Vec<_>, _> =
        (0..attempts).map(|number| stage.start(&print(&text(number), number % 7, Duration::ZERO))).collect();
    for (number, attempt) in started?.into_iter().enumerate() {
        stage.recorder.finished(attempt)?;
        let log = String::from_utf8_lossy(&read(stage, attempt, 0, 10_000)?).into_owned();
        let expected = text(number).repeat(number % 7);
        ensure(log == expected, || format!("attempt {number} has the log {log:?}, not {expected:?}"))?;
    }
    Ok(())
}
