//! One worker process: its socket, its log, what it runs and what it has loaded.

use crate::outcome::Verdict;
use crate::room::Room;
use crate::state::Running;
use crate::zygote::Zygote;
use rustix::event::epoll;
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::SendFlags;
use rustix::process::{Pid, Signal};
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;
use suanzi_executor::{CodeRef, TaskRequest};
use suanzi_protocol::FrameBuffer;

/// A worker whose log file grew past this is replaced between two attempts.
pub const LOG_FILE_BYTES: u64 = 64 << 20;

pub(crate) enum Activity {
    /// Asked of the zygote, not ready yet.
    Forking,
    Idle,
    Busy(Running),
    /// Takes no more tasks; counts until its process is gone.
    Leaving,
}

pub(crate) struct Worker {
    pub generation: u64,
    /// Forked by a zygote that had imported scikit-learn.
    pub sklearn: bool,
    pub socket: OwnedFd,
    pub input: FrameBuffer,
    /// What the socket didn't take yet.
    unsent: Vec<u8>,
    pub pid: Option<Pid>,
    pub pidfd: Option<OwnedFd>,
    pub activity: Activity,
    /// It was ready once.
    pub was_ready: bool,
    /// Memory of its own when it was ready, in bytes: libraries that it shares with the zygote.
    pub base_bytes: u64,
    /// Code it has imported: directory, top-level package, hash.
    loaded: Vec<(Option<PathBuf>, String, String)>,
    pub log_number: u64,
    pub log: File,
    pub log_end: u64,
    /// Its folder, where it is enclosed.
    pub room: Option<Room>,
    /// The run whose tasks it works on; an enclosed worker has one only, another run gets another.
    pub run: Option<u64>,
    /// Why it is being ended, if it is.
    pub verdict: Option<Verdict>,
    /// When SIGKILL is due.
    pub kill_at: Option<Instant>,
}

/// The top-level package of a module.
pub(crate) fn package_of(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

impl Worker {
    pub fn new(zygote: &Zygote, socket: OwnedFd, log_number: u64, log: File, room: Option<Room>) -> Worker {
        Worker {
            generation: zygote.generation,
            sklearn: zygote.sklearn_asked,
            socket,
            input: FrameBuffer::new(),
            unsent: Vec::new(),
            pid: None,
            pidfd: None,
            activity: Activity::Forking,
            was_ready: false,
            base_bytes: 0,
            loaded: Vec::new(),
            log_number,
            log,
            log_end: 0,
            room,
            run: None,
            verdict: None,
            kill_at: None,
        }
    }

    /// Whether it can run `task`: it has the libraries, it hasn't loaded another version of that package, and if it is enclosed, nothing of another run.
    pub fn can_run(&self, task: &TaskRequest) -> bool {
        if task.code.sklearn && !self.sklearn {
            return false;
        }
        if self.room.is_some() && self.run.is_some_and(|run| run != task.attempt.run) {
            return false;
        }
        let code = &task.code;
        let package = package_of(&code.module);
        let loaded = self.loaded.iter().find(|(dir, name, _)| name == package && *dir == code.dir);
        loaded.is_none_or(|(_, _, hash)| *hash == code.code_hash)
    }

    pub fn note_loaded(&mut self, code: &CodeRef) {
        let package = package_of(&code.module);
        if !self.loaded.iter().any(|(dir, name, _)| name == package && *dir == code.dir) {
            self.loaded.push((code.dir.clone(), package.to_owned(), code.code_hash.clone()));
        }
    }

    /// Writes without waiting; what doesn't fit goes out when the socket has room. Errors: the worker is gone.
    pub fn send(&mut self, bytes: &[u8], epoll: &OwnedFd, token: u64) -> Result<(), Errno> {
        let sent = if self.unsent.is_empty() { self.write(bytes)? } else { 0 };
        if sent < bytes.len() {
            self.unsent.extend_from_slice(&bytes[sent..]);
            let interest = epoll::EventFlags::IN | epoll::EventFlags::OUT;
            epoll::modify(epoll, &self.socket, epoll::EventData::new_u64(token), interest)?;
        }
        Ok(())
    }

    /// The socket has room again.
    pub fn flush(&mut self, epoll: &OwnedFd, token: u64) -> Result<(), Errno> {
        let sent = self.write(&self.unsent)?;
        self.unsent.drain(..sent);
        if self.unsent.is_empty() {
            self.unsent = Vec::new();
            epoll::modify(epoll, &self.socket, epoll::EventData::new_u64(token), epoll::EventFlags::IN)?;
        }
        Ok(())
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let mut sent = 0;
        while sent < bytes.len() {
            match rustix::net::send(&self.socket, &bytes[sent..], SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Ok(count) => sent += count,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// Sends `signal` to the worker and its process group, if it still lives.
    pub fn signal(&self, signal: Signal) {
        let Some(pid) = self.pid else { return };
        let alive = match &self.pidfd {
            Some(pidfd) => rustix::process::pidfd_send_signal(pidfd.as_fd(), signal).is_ok(),
            None => rustix::process::kill_process(pid, signal).is_ok(),
        };
        if alive {
            // The group may be gone between the two calls.
            let _ = rustix::process::kill_process_group(pid, signal);
        }
    }

    pub fn log_size(&self) -> u64 {
        self.log.metadata().map_or(self.log_end, |meta| meta.len())
    }
}
