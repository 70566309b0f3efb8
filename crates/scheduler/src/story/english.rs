//! A line of the story in English.

use super::{Because, Names, StoryEvent};
use crate::{AttemptEnd, EndReason, FinalState, Millis, StopReason, TaskNext, TaskRef};

pub(super) fn event(event: StoryEvent, now: Millis) -> String {
    match event {
        StoryEvent::LookupAsked => "ready, a cached result is looked for".into(),
        StoryEvent::Queued => "queued".into(),
        StoryEvent::Dispatched { no } => format!("attempt {no} dispatched"),
        StoryEvent::TakenOver { no } => format!("attempt {no} goes on where an earlier engine began it"),
        StoryEvent::Started { no } => format!("attempt {no} started"),
        StoryEvent::StopAsked { no, reason } => {
            let reason = match reason {
                StopReason::Cancelled => "cancelled",
                StopReason::TimedOut => "timed out",
                StopReason::Disowned => "disowned",
            };
            format!("attempt {no} told to stop ({reason})")
        }
        StoryEvent::Ended { no, why, next } => {
            let why = match why {
                EndReason::Success => "succeeded".into(),
                EndReason::Failed => "failed".into(),
                EndReason::TimedOut => "timed out".into(),
                EndReason::Cancelled => "was cancelled".into(),
                EndReason::Lost => "was lost".into(),
                EndReason::Evicted { held_mib } => {
                    format!("was ended to make room while it held {held_mib} MiB of memory")
                }
            };
            match next {
                TaskNext::Final(state) => format!("attempt {no} {why} and the task is {}", settled(state)),
                TaskNext::Retry { at } => {
                    format!("attempt {no} {why}, another follows in {} ms", at.saturating_sub(now))
                }
            }
        }
        StoryEvent::Settled(state) => settled(state).into(),
    }
}

fn settled(state: FinalState) -> &'static str {
    match state {
        FinalState::Success => "successful",
        FinalState::Cached => "cached",
        FinalState::Failed => "failed",
        FinalState::Skipped => "skipped",
        FinalState::Cancelled => "cancelled",
    }
}

pub(super) fn because(because: Because, task: TaskRef, names: Names<'_>) -> String {
    let whose = |other: TaskRef| match (names.operator)(other) {
        _ if other == task => "its".into(),
        Some(name) => format!("{name}'s"),
        None => "another operator's".into(),
    };
    let run = |key| match (names.run)(key) {
        _ if key == task.run => "the run".into(),
        name => name.unwrap_or_else(|| "another run".into()),
    };
    match because {
        Because::RunSubmitted(key) => format!("{} was submitted", run(key)),
        Because::LookedUp { task, hit } => {
            format!("{} lookup {}", whose(task), if hit { "found a result" } else { "found nothing" })
        }
        Because::Committed(task) => format!("{} dispatch became durable", whose(task)),
        Because::AttemptStarted { task, no } => format!("{} attempt {no} started", whose(task)),
        Because::AttemptFinished { task, no, end } => {
            let end = match end {
                AttemptEnd::Success => "succeeded",
                AttemptEnd::Failed { retry: true } => "failed",
                AttemptEnd::Failed { retry: false } => "failed beyond retrying",
                AttemptEnd::Stopped => "stopped",
            };
            format!("{} attempt {no} {end}", whose(task))
        }
        Because::AttemptLost { task, no } => format!("{} attempt {no} was lost", whose(task)),
        Because::AttemptEvicted { task, no } => {
            format!("memory ran short while {} attempt {no} ran", whose(task))
        }
        Because::Cancel(key) => format!("{} was cancelled", run(key)),
        Because::Disowned(key) => format!("{} has another owner", run(key)),
        Because::Capacity { executor, slots } => format!("executor {executor} now has {slots} slots"),
        Because::Memory { executor, mib: Some(mib) } => {
            format!("operators on executor {executor} may now hold {mib} MiB of memory")
        }
        Because::Memory { executor, mib: None } => {
            format!("operators on executor {executor} may now hold any amount of memory")
        }
        Because::Timer => "its time had come".into(),
    }
}
