//! Stopping: running, queued, deaf, unknown and finished attempts.

use super::recorder::{ends, starts};
use super::{Act, Case, Stage, Verdict, broken, ensure};
use crate::{AttemptId, AttemptStatus, Outcome};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(600);

pub fn cases() -> Vec<Case> {
    vec![
        Case { name: "a running attempt stops", run: running },
        Case { name: "an attempt deaf to TERM is killed after the grace, not before", run: deaf },
        Case { name: "a queued attempt stops without having started", run: queued },
        Case { name: "stopping an unknown attempt does nothing, also to a later start", run: unknown },
        Case { name: "stopping a finished attempt does nothing", run: finished },
        Case { name: "a stopped attempt frees its slot", run: frees_slots },
    ]
}

fn stopped(stage: &Stage<'_>, attempt: AttemptId) -> Verdict {
    let (outcome, _) = stage.recorder.finished(attempt)?;
    ensure(outcome == Outcome::Stopped, || format!("the outcome is {outcome:?}, not Stopped"))?;
    let status = stage.executor.status(&attempt);
    ensure(status == AttemptStatus::Finished, || format!("its status is {status:?}"))
}

fn running(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.start(&Act::Sleep(LONG))?;
    stage.recorder.started(attempt)?;
    stage.executor.stop(&attempt, LONG);
    stopped(stage, attempt)
}

fn deaf(stage: &Stage<'_>) -> Verdict {
    let grace = Duration::from_millis(200);
    let attempt = stage.start(&Act::IgnoreTerm(LONG))?;
    stage.recorder.started(attempt)?;
    let deadline = Instant::now() + stage.harness.patience();
    // Its own word is the only sign that it is deaf by now.
    while !stage.executor.logs(&attempt, 0, 100).is_ok_and(|log| log.starts_with(b"ready")) {
        ensure(Instant::now() < deadline, || "it never printed".into())?;
        std::thread::sleep(Duration::from_millis(2));
    }
    let asked = Instant::now();
    stage.executor.stop(&attempt, grace);
    stopped(stage, attempt)?;
    ensure(asked.elapsed() >= grace, || format!("killed after {:?}, before the grace", asked.elapsed()))
}

fn fill(stage: &Stage<'_>) -> Result<Vec<AttemptId>, super::Trouble> {
    let all: Result<Vec<_>, _> = (0..stage.executor.slots()).map(|_| stage.start(&Act::Sleep(LONG))).collect();
    let all = all?;
    for attempt in &all {
        stage.recorder.started(*attempt)?;
    }
    Ok(all)
}

fn stop_all(stage: &Stage<'_>, attempts: &[AttemptId]) -> Verdict {
    for attempt in attempts {
        stage.executor.stop(attempt, Duration::ZERO);
    }
    attempts.iter().try_for_each(|attempt| stopped(stage, *attempt))
}

fn queued(stage: &Stage<'_>) -> Verdict {
    let full = fill(stage)?;
    let attempt = stage.start(&Act::Sleep(Duration::ZERO))?;
    let status = stage.executor.status(&attempt);
    stage.executor.stop(&attempt, LONG);
    let end = stopped(stage, attempt);
    let events = stage.recorder.of(attempt);
    stop_all(stage, &full)?;
    end?;
    ensure(status == AttemptStatus::Queued, || format!("with all slots taken its status is {status:?}"))?;
    ensure(starts(&events) == 0, || "it started all the same".into())
}

fn unknown(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.new_id();
    stage.executor.stop(&attempt, Duration::ZERO);
    stage.start_as(attempt, &Act::Sleep(Duration::from_millis(50)))?;
    let (outcome, _) = stage.recorder.finished(attempt)?;
    ensure(matches!(outcome, Outcome::Success { .. }), || format!("the later start ended as {outcome:?}"))
}

fn finished(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.start(&Act::Succeed { payload: "1".into() })?;
    stage.recorder.finished(attempt)?;
    stage.executor.stop(&attempt, Duration::ZERO);
    let after = stage.start(&Act::Sleep(Duration::from_millis(50)))?;
    let (outcome, _) = stage.recorder.finished(after)?;
    ensure(matches!(outcome, Outcome::Success { .. }), || format!("the stop hit another attempt: {outcome:?}"))?;
    ensure(ends(&stage.recorder.of(attempt)) == 1, || "a second end was told".into())
}

fn frees_slots(stage: &Stage<'_>) -> Verdict {
    let full = fill(stage)?;
    let waiting = stage.start(&Act::Succeed { payload: "1".into() })?;
    stop_all(stage, &full)?;
    let (outcome, _) = stage.recorder.finished(waiting)?;
    match outcome {
        Outcome::Success { .. } => Ok(()),
        other => Err(broken(format!("the waiting attempt ended as {other:?}"))),
    }
}
