//! From start to end: results, failures, status, progress.

use super::recorder::{ends, starts};
use super::{Act, Case, Stage, Trouble, Verdict, broken, ensure};
use crate::{AttemptStatus, Event, FailureKind, Location, Outcome};
use std::time::Duration;

pub fn cases() -> Vec<Case> {
    vec![
        Case { name: "it has a name and at least one slot", run: has_slots },
        Case { name: "a success brings its value, once, after its start", run: succeeds },
        Case { name: "status goes from unknown over running to finished", run: status },
        Case { name: "starting the same id again changes nothing", run: idempotent },
        Case { name: "an exception is a failure with its message", run: exception },
        Case { name: "a refusal is told as one", run: refusal },
        Case { name: "exit 0 without a result is a failure", run: exit_zero },
        Case { name: "death by signal is a failure, and only of that attempt", run: killed },
        Case {
            name: "memory beyond the attempt's cap is a failure that says so, and only of that attempt",
            run: out_of_memory,
        },
        Case { name: "progress is told in order, between start and end", run: progress },
    ]
}

pub fn payload_of(outcome: &Outcome) -> Result<String, Trouble> {
    let Outcome::Success { outputs } = outcome else { return Err(broken(format!("no success: {outcome:?}"))) };
    match outputs.as_slice() {
        [output] => match &output.at {
            Location::Inline(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
            Location::Path(path) => {
                std::fs::read_to_string(path).map_err(|error| broken(format!("{}: {error}", path.display())))
            }
        },
        other => Err(broken(format!("{} outputs instead of one", other.len()))),
    }
}

fn has_slots(stage: &Stage<'_>) -> Verdict {
    ensure(!stage.executor.name().is_empty(), || "no name".into())?;
    ensure(stage.executor.slots() > 0, || "no slots".into())
}

fn succeeds(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.start(&Act::Succeed { payload: "{\"a\":[1,\"二\"]}".into() })?;
    let (outcome, _) = stage.recorder.finished(attempt)?;
    let payload = payload_of(&outcome)?;
    ensure(payload == "{\"a\":[1,\"二\"]}", || format!("another value came: {payload}"))?;
    let events = stage.recorder.of(attempt);
    ensure(matches!(events.first(), Some(Event::Started { .. })), || format!("Started isn't first: {events:?}"))?;
    ensure(starts(&events) == 1 && ends(&events) == 1, || format!("told more than once: {events:?}"))
}

fn status(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.new_id();
    let at = |when: &str, expected: AttemptStatus| {
        let found = stage.executor.status(&attempt);
        ensure(found == expected, || format!("{when} the status is {found:?}, not {expected:?}"))
    };
    at("before the start", AttemptStatus::Unknown)?;
    stage.start_as(attempt, &Act::Sleep(Duration::from_millis(200)))?;
    let soon = stage.executor.status(&attempt);
    let open = matches!(soon, AttemptStatus::Queued | AttemptStatus::Running);
    ensure(open, || format!("after the start the status is {soon:?}"))?;
    stage.recorder.started(attempt)?;
    at("while it runs", AttemptStatus::Running)?;
    stage.recorder.finished(attempt)?;
    at("after the end", AttemptStatus::Finished)
}

fn idempotent(stage: &Stage<'_>) -> Verdict {
    let act = Act::Sleep(Duration::from_millis(100));
    let attempt = stage.start(&act)?;
    stage.start_as(attempt, &act)?;
    stage.recorder.started(attempt)?;
    stage.start_as(attempt, &act)?;
    stage.recorder.finished(attempt)?;
    stage.start_as(attempt, &act)?;
    // Another attempt comes and goes meanwhile: a repeated one would have been told by then.
    let after = stage.start(&act)?;
    stage.recorder.finished(after)?;
    let events = stage.recorder.of(attempt);
    ensure(starts(&events) == 1 && ends(&events) == 1, || format!("it ran more than once: {events:?}"))?;
    let status = stage.executor.status(&attempt);
    ensure(status == AttemptStatus::Finished, || format!("its status went back to {status:?}"))
}

fn fails_with(stage: &Stage<'_>, act: &Act, kind: FailureKind, part: &str) -> Verdict {
    let attempt = stage.start(act)?;
    let (outcome, _) = stage.recorder.finished(attempt)?;
    let Outcome::Failed(failure) = outcome else { return Err(broken(format!("no failure: {outcome:?}"))) };
    ensure(failure.kind == kind, || format!("{:?} instead of {kind:?}: {}", failure.kind, failure.message))?;
    ensure(failure.message.contains(part), || format!("the message doesn't say `{part}`: {}", failure.message))
}

fn exception(stage: &Stage<'_>) -> Verdict {
    let message = "the 42nd column".to_owned();
    fails_with(stage, &Act::Fail { message: message.clone() }, FailureKind::Exception, &message)
}

fn refusal(stage: &Stage<'_>) -> Verdict {
    let message = "column 'X' is not in the table".to_owned();
    fails_with(stage, &Act::Refuse { message: message.clone() }, FailureKind::Refused, &message)
}

fn exit_zero(stage: &Stage<'_>) -> Verdict {
    fails_with(stage, &Act::ExitZero, FailureKind::ExitedWithoutResult, "")
}

fn killed(stage: &Stage<'_>) -> Verdict {
    let bystander = stage.start(&Act::Sleep(Duration::from_millis(300)))?;
    fails_with(stage, &Act::KillSelf, FailureKind::Killed, "")?;
    let (outcome, _) = stage.recorder.finished(bystander)?;
    ensure(matches!(outcome, Outcome::Success { .. }), || format!("another attempt was harmed: {outcome:?}"))?;
    succeeds(stage)
}

fn out_of_memory(stage: &Stage<'_>) -> Verdict {
    let bystander = stage.start(&Act::Sleep(Duration::from_millis(300)))?;
    fails_with(stage, &Act::TooMuchMemory { mib: 4096, cap_mib: 256 }, FailureKind::OutOfMemory, "")?;
    let (outcome, _) = stage.recorder.finished(bystander)?;
    ensure(matches!(outcome, Outcome::Success { .. }), || format!("another attempt was harmed: {outcome:?}"))
}

fn progress(stage: &Stage<'_>) -> Verdict {
    let attempt = stage.start(&Act::Progress { steps: 4 })?;
    stage.recorder.finished(attempt)?;
    let events = stage.recorder.of(attempt);
    let fractions: Vec<f64> = events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { fraction, .. } => Some(*fraction),
            _ => None,
        })
        .collect();
    ensure(fractions == [0.25, 0.5, 0.75, 1.0], || format!("the fractions told are {fractions:?}"))?;
    let last = events.last();
    ensure(matches!(last, Some(Event::Finished { .. })), || format!("told after the end: {last:?}"))
}
