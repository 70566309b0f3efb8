//! What became of an attempt whose worker process ended, in words.

use crate::state::Running;
use suanzi_executor::{Failure, FailureKind, Outcome};

/// Why the executor is ending a worker.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Stopped,
    ShutDown,
    OutOfMemory {
        used_bytes: u64,
        cap_bytes: u64,
    },
    /// It has to make room for others.
    Evicted {
        held_bytes: u64,
    },
    /// It holds more than there is for all, and nothing else runs.
    TooLarge {
        held_bytes: u64,
        budget_bytes: u64,
    },
    LogTooLong,
    TooManyProcesses,
    ControlClosed,
    Protocol(String),
}

/// As of waitpid(2); unknown when the zygote died first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
    Unknown,
}

impl Exit {
    pub fn from_status(status: i32) -> Exit {
        match status & 0x7f {
            0 => Exit::Code((status >> 8) & 0xff),
            signal => Exit::Signal(signal),
        }
    }
}

const SIGKILL: i32 = 9;
const MIB: u64 = 1 << 20;
/// Worker's exit status when its control socket broke (`EXIT_CHANNEL` in loop.py).
const EXIT_CHANNEL: i32 = 71;

/// How an attempt ended that has no result.
pub(crate) fn of_exit(verdict: Option<&Verdict>, exit: Exit, running: &Running) -> Outcome {
    let failed = |kind, message: String, hint: Option<&str>| {
        Outcome::Failed(Failure { kind, message, hint: hint.map(str::to_owned), traceback: None })
    };
    match (verdict, exit) {
        (Some(Verdict::Stopped), _) => Outcome::Stopped,
        (Some(Verdict::ShutDown), _) | (None, Exit::Unknown) => Outcome::Lost,
        (Some(&Verdict::Evicted { held_bytes }), _) => Outcome::Evicted { held_bytes },
        (Some(Verdict::TooLarge { held_bytes, budget_bytes }), _) => failed(
            FailureKind::OutOfMemory,
            format!(
                "it held {} MiB of memory while it ran alone; all operators together may hold {} MiB",
                held_bytes / MIB,
                budget_bytes / MIB
            ),
            Some("give it less data, or raise --memory (SUANZI_MEMORY) if the host has more"),
        ),
        (Some(Verdict::OutOfMemory { used_bytes, cap_bytes }), _) => failed(
            FailureKind::OutOfMemory,
            format!("it used {} MiB of memory; its limit is {} MiB", used_bytes / MIB, cap_bytes / MIB),
            Some("raise the operator's memory under resources, or give it less data"),
        ),
        (Some(Verdict::LogTooLong), _) => failed(
            FailureKind::Storage,
            format!("its log grew over {} MiB", crate::LOG_CAP_BYTES / MIB),
            Some("print less, or write to a file of your own"),
        ),
        (Some(Verdict::TooManyProcesses), _) => failed(
            FailureKind::Killed,
            format!("it started more than {} processes", crate::MAX_ATTEMPT_PROCESSES),
            Some("start fewer processes at a time"),
        ),
        (Some(Verdict::Protocol(message)), _) => {
            failed(FailureKind::Protocol, format!("the worker broke the protocol: {message}"), None)
        }
        (Some(Verdict::ControlClosed), _) | (None, Exit::Code(EXIT_CHANNEL)) => failed(
            FailureKind::Protocol,
            "the operator's code closed the worker's control socket".into(),
            Some("close only descriptors that the code opened itself"),
        ),
        (None, Exit::Code(code)) => failed(
            FailureKind::ExitedWithoutResult,
            format!("the process exited with status {code} before it gave a result"),
            Some("return from the function instead of ending the process"),
        ),
        (None, Exit::Signal(SIGKILL)) if near_cap(running) => failed(
            FailureKind::OutOfMemory,
            format!("killed with {} MiB of memory in use, close to its limit", running.seen_rss_bytes / MIB),
            Some("raise the operator's memory under resources, or give it less data"),
        ),
        (None, Exit::Signal(SIGKILL)) => failed(
            FailureKind::Killed,
            "ended by SIGKILL, which Suanzi did not send".into(),
            Some("often the kernel's out-of-memory killer: look at `dmesg`"),
        ),
        (None, Exit::Signal(signal)) => {
            failed(FailureKind::Killed, format!("ended by {}", signal_name(signal)), signal_hint(signal))
        }
    }
}

fn near_cap(running: &Running) -> bool {
    running.request.limits.memory_bytes.is_some_and(|cap| running.seen_rss_bytes > cap / 10 * 9)
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

fn signal_hint(signal: i32) -> Option<&'static str> {
    match signal {
        4 | 6 | 7 | 8 | 11 => {
            Some("a crash in native code: look at the end of the log, and at the versions of the libraries")
        }
        _ => None,
    }
}
