//! Many at once, from within events, and to the end.

use super::life::payload_of;
use super::recorder::{ends, id_of, starts};
use super::{Act, Case, Stage, Verdict, broken, ensure};
use crate::{AttemptStatus, Event, StartError};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Of the many attempts, how many are chained: one in so many.
const CHAINED: usize = 4;
const OPEN_AT_SHUTDOWN: u32 = 3;

pub fn cases() -> Vec<Case> {
    vec![
        Case { name: "many short attempts each end with their own value", run: many },
        Case { name: "an attempt can be started from within an event", run: reentrant },
        Case { name: "never more attempts run than there are slots", run: within_slots },
    ]
}

fn many(stage: &Stage<'_>) -> Verdict {
    let started: Result<Vec<_>, _> =
        (0..stage.harness.many()).map(|number| stage.start(&Act::Succeed { payload: number.to_string() })).collect();
    for (number, attempt) in started?.into_iter().enumerate() {
        let payload = payload_of(&stage.recorder.finished(attempt)?.0)?;
        ensure(payload == number.to_string(), || format!("attempt {number} returned {payload}"))?;
    }
    Ok(())
}

fn reentrant(stage: &Stage<'_>) -> Verdict {
    let act = Act::Succeed { payload: "0".into() };
    let ids: Vec<_> = (0..stage.harness.many() / CHAINED).map(|_| stage.new_id()).collect();
    let tasks: Result<HashMap<_, _>, _> =
        ids.windows(2).map(|pair| Ok((pair[0], stage.task(pair[1], &act)?))).collect();
    let tasks = Mutex::new(tasks?);
    let refused = Arc::new(AtomicUsize::new(0));
    let (executor, count) = (Arc::clone(&stage.executor), Arc::clone(&refused));
    stage.recorder.set_hook(Some(Box::new(move |event| {
        if let Event::Finished { attempt, .. } = event {
            let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).remove(attempt);
            if next.is_some_and(|task| executor.start(task).is_err()) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    })));
    for id in &ids[1..] {
        stage.recorder.accepted(*id);
    }
    let begun = stage.start_as(ids[0], &act);
    let last = begun.and_then(|()| ids.iter().try_for_each(|id| stage.recorder.finished(*id).map(|_| ())));
    stage.recorder.set_hook(None);
    ensure(refused.load(Ordering::Relaxed) == 0, || "a start from within an event was refused".into())?;
    last
}

fn within_slots(stage: &Stage<'_>) -> Verdict {
    let slots = stage.executor.slots() as usize;
    let nap = Act::Sleep(Duration::from_millis(20));
    let started: Result<Vec<_>, _> = (0..slots * 3).map(|_| stage.start(&nap)).collect();
    for attempt in started? {
        stage.recorder.finished(attempt)?;
    }
    let mut running = HashSet::new();
    for event in stage.recorder.events() {
        match event {
            Event::Started { attempt, .. } => running.insert(attempt),
            Event::Finished { attempt, .. } => running.remove(&attempt),
            _ => continue,
        };
        ensure(running.len() <= slots, || format!("{} attempts ran in {slots} slots", running.len()))?;
    }
    Ok(())
}

/// Shuts the stage's executor down with attempts open, then looks at everything it ever told.
pub fn ends_all(stage: &Stage<'_>) -> Verdict {
    let long = Act::Sleep(Duration::from_secs(600));
    let mut open = Vec::new();
    for _ in 0..stage.executor.slots() + OPEN_AT_SHUTDOWN {
        open.push(stage.start(&long)?);
    }
    stage.recorder.started(open[0])?;
    stage.executor.shutdown();
    let events = stage.recorder.events();
    for attempt in open {
        let status = stage.executor.status(&attempt);
        ensure(status == AttemptStatus::Finished, || format!("after the shutdown an attempt is {status:?}"))?;
    }
    let late = stage.task(stage.new_id(), &long)?;
    match stage.executor.start(late) {
        Err(StartError::ShutDown) => {}
        other => return Err(broken(format!("a start after the shutdown gives {other:?}"))),
    }
    stage.executor.shutdown();
    let accepted: HashSet<_> = stage.recorder.all_accepted().into_iter().collect();
    for attempt in &accepted {
        let told: Vec<_> = events.iter().filter(|event| id_of(event) == Some(*attempt)).cloned().collect();
        ensure(ends(&told) == 1, || format!("{attempt:?} ended {} times: {told:?}", ends(&told)))?;
        ensure(starts(&told) <= 1, || format!("{attempt:?} started {} times", starts(&told)))?;
        let last = told.last();
        ensure(matches!(last, Some(Event::Finished { .. })), || {
            format!("{attempt:?} goes on after its end: {last:?}")
        })?;
    }
    let stranger = events.iter().filter_map(id_of).find(|id| !accepted.contains(id));
    ensure(stranger.is_none(), || format!("told of an attempt that was never started: {stranger:?}"))?;
    ensure(stage.recorder.events().len() == events.len(), || "told something after the shutdown".into())
}
