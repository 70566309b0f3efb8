//! What a run tells while it goes: the `data` of server-sent events. Their ids are sequence numbers of this stream, rising, with gaps where progress was overtaken by newer progress.

use crate::run::{RunState, TaskState};
use crate::task::OutputView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunEvent {
    TaskStarted {
        operator: String,
        attempt: u32,
    },
    /// The newest only: earlier ones that nobody fetched are dropped.
    Progress {
        operator: String,
        /// From 0 to 1.
        fraction: f64,
        message: String,
    },
    /// The newest only, as with progress.
    Metric {
        operator: String,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<i64>,
        /// Null where it is no finite number.
        value: Option<f64>,
    },
    /// An attempt ended, or a task was settled without one (`attempt` 0).
    TaskEnded {
        operator: String,
        status: TaskState,
        attempt: u32,
        duration_us: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<TaskError>,
        /// Of a success or a cached result, as far as they are known then: content ids and statistics follow.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        outputs: Vec<OutputView>,
    },
    /// The last one of a run.
    RunEnded {
        status: RunState,
    },
}

/// In the stream over all runs (`GET /api/v1/events`): what happens in runs and to DAGs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AnyEvent {
    OfRun(EventOfRun),
    Notice(Notice),
}

/// A run's event with the run it is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventOfRun {
    pub run_id: String,
    #[serde(flatten)]
    pub event: RunEvent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    RunStarted {
        run_id: String,
        dag_id: String,
    },
    DagChanged {
        dag_id: String,
        version: u32,
    },
    /// Events between the last one received and the next one are gone: ask for the state anew.
    Missed {},
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskError {
    /// A stable word such as `exception` or `timeout`.
    pub kind: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceback: Option<String>,
}

impl AnyEvent {
    /// The `event` field of its server-sent event.
    pub fn name(&self) -> &'static str {
        match self {
            AnyEvent::OfRun(of) => of.event.name(),
            AnyEvent::Notice(Notice::RunStarted { .. }) => "run_started",
            AnyEvent::Notice(Notice::DagChanged { .. }) => "dag_changed",
            AnyEvent::Notice(Notice::Missed {}) => "missed",
        }
    }
}

impl RunEvent {
    /// The `event` field of its server-sent event: the same word as `type` in its data.
    pub fn name(&self) -> &'static str {
        match self {
            RunEvent::TaskStarted { .. } => "task_started",
            RunEvent::Progress { .. } => "progress",
            RunEvent::Metric { .. } => "metric",
            RunEvent::TaskEnded { .. } => "task_ended",
            RunEvent::RunEnded { .. } => "run_ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(event: RunEvent, expected: &str) {
        let text = serde_json::to_string(&event).expect("events are JSON");
        assert_eq!(text, expected);
        assert!(text.contains(&format!(r#""type":"{}""#, event.name())));
        assert_eq!(serde_json::from_str::<RunEvent>(expected).expect("it reads back"), event);
    }

    #[test]
    fn the_text_of_events_is_fixed() {
        check(
            RunEvent::TaskStarted { operator: "train".into(), attempt: 2 },
            r#"{"type":"task_started","operator":"train","attempt":2}"#,
        );
        check(
            RunEvent::Progress { operator: "训练".into(), fraction: 0.25, message: "a\nb".into() },
            r#"{"type":"progress","operator":"训练","fraction":0.25,"message":"a\nb"}"#,
        );
        check(
            RunEvent::Metric { operator: "t".into(), name: "loss".into(), step: None, value: None },
            r#"{"type":"metric","operator":"t","name":"loss","value":null}"#,
        );
        check(
            RunEvent::TaskEnded {
                operator: "t".into(),
                status: TaskState::Failed,
                attempt: 1,
                duration_us: 7,
                error: Some(TaskError {
                    kind: "timeout".into(),
                    message: "too long".into(),
                    hint: None,
                    traceback: None,
                }),
                outputs: vec![],
            },
            r#"{"type":"task_ended","operator":"t","status":"failed","attempt":1,"duration_us":7,"error":{"kind":"timeout","message":"too long"}}"#,
        );
        let output = OutputView {
            port: 1,
            port_type: "metrics".into(),
            rows: None,
            bytes: 9,
            content_id: None,
            present: true,
            described: false,
        };
        check(
            RunEvent::TaskEnded {
                operator: "t".into(),
                status: TaskState::Success,
                attempt: 1,
                duration_us: 7,
                error: None,
                outputs: vec![output],
            },
            r#"{"type":"task_ended","operator":"t","status":"success","attempt":1,"duration_us":7,"outputs":[{"port":1,"type":"metrics","bytes":9,"present":true,"described":false}]}"#,
        );
        check(RunEvent::RunEnded { status: RunState::Success }, r#"{"type":"run_ended","status":"success"}"#);
    }
}
