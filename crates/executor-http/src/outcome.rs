//! What became of a task, from the frames its process wrote and how the platform says that it ended.

use crate::contract::Status;
use suanzi_executor::{Failure, FailureKind, LogRange, Outcome, TaskRequest, Usage, wire};
use suanzi_protocol::FromWorker;

/// The last word of a process that had one.
pub fn of_frame(task: &TaskRequest, frame: FromWorker, log: LogRange) -> Option<(Outcome, Usage)> {
    match frame {
        FromWorker::Result { outputs, usage, .. } => {
            let taken = match &task.objects {
                Some(_) => wire::object_outputs(task, outputs),
                None => wire::outputs(task, outputs),
            };
            let outcome = match taken {
                Ok(outputs) => Outcome::Success { outputs },
                Err(message) => failed(
                    FailureKind::BadOutput,
                    message,
                    Some("the platform's workers must write to the storage that this engine reads"),
                ),
            };
            Some((outcome, Usage { log, ..wire::usage(usage, log.file) }))
        }
        FromWorker::Failed { kind, message, hint, traceback, usage, .. } => {
            let failure = Failure { kind: wire::failure_kind(kind), message, hint, traceback };
            Some((Outcome::Failed(failure), Usage { log, ..wire::usage(usage, log.file) }))
        }
        FromWorker::Ready { .. } | FromWorker::Progress { .. } | FromWorker::Metric { .. } => None,
    }
}

/// How a process ended that gave no result.
pub fn of_exit(stopping: bool, status: &Status) -> Outcome {
    if stopping {
        return Outcome::Stopped;
    }
    if status.out_of_memory {
        let hint = "raise the operator's memory under resources, or give it less data";
        return failed(FailureKind::OutOfMemory, "the platform ended it for its use of memory".into(), Some(hint));
    }
    match (status.signal, status.exit_status) {
        (Some(signal), _) => {
            failed(FailureKind::Killed, format!("ended by signal {signal}, which Suanzi did not send"), None)
        }
        (None, Some(code)) => failed(
            FailureKind::ExitedWithoutResult,
            format!("the process exited with status {code} before it gave a result"),
            Some("the end of its log may say why"),
        ),
        (None, None) => Outcome::Lost,
    }
}

pub fn failed(kind: FailureKind, message: String, hint: Option<&str>) -> Outcome {
    Outcome::Failed(Failure { kind, message, hint: hint.map(str::to_owned), traceback: None })
}
