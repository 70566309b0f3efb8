//! States as the words that databases keep.

use crate::{AttemptState, NotificationState, RunState, TaskState};

/// A state stored as a word.
pub trait Word: Copy + PartialEq + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

impl Word for RunState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (RunState::Running, "running"),
        (RunState::Success, "success"),
        (RunState::Failed, "failed"),
        (RunState::Cancelled, "cancelled"),
    ];
}

impl Word for TaskState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (TaskState::Running, "running"),
        (TaskState::Retrying, "retrying"),
        (TaskState::Success, "success"),
        (TaskState::Cached, "cached"),
        (TaskState::Failed, "failed"),
        (TaskState::Skipped, "skipped"),
        (TaskState::Cancelled, "cancelled"),
    ];
}

impl Word for AttemptState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (AttemptState::Running, "running"),
        (AttemptState::Success, "success"),
        (AttemptState::Failed, "failed"),
        (AttemptState::TimedOut, "timed_out"),
        (AttemptState::Cancelled, "cancelled"),
        (AttemptState::Lost, "lost"),
    ];
}

impl Word for NotificationState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (NotificationState::Waiting, "waiting"),
        (NotificationState::Delivered, "delivered"),
        (NotificationState::GivenUp, "given_up"),
    ];
}
