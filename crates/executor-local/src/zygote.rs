//! The zygote process: started by the spawner thread, asked for workers, watched.

use crate::io::{Kind, token};
use crate::outcome::Exit;
use crate::room::Room;
use crate::state::{Core, State};
use crate::worker::{Activity, Worker};
use crate::{LocalOptions, logs};
use rustix::event::epoll;
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType,
};
use rustix::process::{Pid, PidfdFlags, Signal};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};
use suanzi_executor::{Failure, FailureKind};
use suanzi_protocol::{FrameBuffer, FromZygote, PROTOCOL_VERSION, ToZygote, decode, encode};

const MODULE: &str = "suanzi.worker.zygote";
/// How much of its last words is shown when Python can't start.
const TAIL_BYTES: u64 = 2_000;
/// Zygotes in a row that die before any worker is ready, until waiting attempts are failed.
const MAX_DEATHS: u32 = 3;
/// A zygote none of whose last workers became ready is replaced: its code may have changed under it.
const MAX_STILLBORN: u32 = 3;
/// How long the imports may take: a cold disk is slow.
const LOAD_LIMIT: Duration = Duration::from_secs(120);
/// How long a forked worker may take until it is ready.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// Descriptors that can come with one read: a pidfd with each of a few frames.
const MAX_FDS_PER_READ: usize = 8;

/// What the numeric libraries of a zygote must not do: start threads, which a fork would lose.
const ZYGOTE_ENV: [(&str, &str); 9] = [
    ("OMP_NUM_THREADS", "1"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("BLIS_NUM_THREADS", "1"),
    ("NUMEXPR_NUM_THREADS", "1"),
    ("VECLIB_MAXIMUM_THREADS", "1"),
    ("JE_ARROW_MALLOC_CONF", "background_thread:false"),
    // Sets of strings would be ordered differently in each environment otherwise.
    ("PYTHONHASHSEED", "0"),
    ("PYTHONUTF8", "1"),
];

pub(crate) struct SpawnOrder {
    generation: u64,
    socket: OwnedFd,
}

pub(crate) struct Zygote {
    pub generation: u64,
    socket: Option<OwnedFd>,
    input: FrameBuffer,
    /// Descriptors that came with frames, in their order.
    fds: VecDeque<OwnedFd>,
    process: Option<(Child, OwnedFd)>,
    loaded: bool,
    /// Workers asked of it from now on have scikit-learn.
    pub sklearn_asked: bool,
    /// It has imported scikit-learn.
    pub has_sklearn: bool,
    /// Why it was given up.
    complaint: Option<String>,
    log_from: u64,
    pub kill_at: Option<Instant>,
}

/// The spawner thread. It lives as long as the executor: the kernel signals a child when the thread that started it ends.
pub(crate) fn spawn_on_order(core: &Core, options: &LocalOptions, orders: &Receiver<SpawnOrder>) {
    for order in orders {
        let child = spawn(options, order.socket);
        let mut state = core.lock();
        state.zygote_spawned(order.generation, child);
        core.wake(&mut state);
    }
    // Orders end at shutdown; the zygote must be gone before this thread is.
    while core.lock().zygote.is_some() {
        std::thread::park_timeout(crate::stop::EXIT_GRACE); // the IO thread unparks it when all is gone
    }
}

fn spawn(options: &LocalOptions, socket: OwnedFd) -> io::Result<Child> {
    let log = zygote_log(options)?;
    let mut command = python(options, MODULE)?;
    if let Some(isolation) = &options.isolation {
        command.arg(isolation.setting());
    }
    command.stdin(Stdio::from(socket)).stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
    // Its own group: Ctrl-C in the terminal is the engine's to answer.
    command.process_group(0);
    let engine = rustix::process::getpid();
    // SAFETY: between fork and exec it makes two system calls, which are async-signal-safe, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::TERM))?;
            // The engine may have died before that call.
            if rustix::process::getppid() == Some(engine) { Ok(()) } else { Err(Errno::SRCH.into()) }
        });
    }
    command.spawn()
}

/// One of our modules, with the environment of workers.
pub(crate) fn python(options: &LocalOptions, module: &str) -> io::Result<Command> {
    let mut command = Command::new(&options.python);
    command.args(["-P", "-m", module]).env_clear();
    let passed = LocalOptions::FIXED_ENV.iter().map(Into::into).chain(options.pass_env.iter().cloned());
    command.envs(passed.filter_map(|name: std::ffi::OsString| std::env::var_os(&name).map(|value| (name, value))));
    command.envs(ZYGOTE_ENV);
    if !options.python_path.is_empty() {
        let joined = std::env::join_paths(&options.python_path);
        command.env("PYTHONPATH", joined.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?);
    }
    Ok(command)
}

fn zygote_log(options: &LocalOptions) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(options.zygote_log())
}

impl Zygote {
    pub fn kill_overdue(&mut self) {
        if !self.loaded {
            self.complaint.get_or_insert(format!("it did not import its libraries within {LOAD_LIMIT:?}"));
        }
        self.kill();
    }

    fn kill(&self) {
        if let Some((_, pidfd)) = &self.process {
            // It may have ended by itself.
            let _ = rustix::process::pidfd_send_signal(pidfd, Signal::KILL);
        }
    }
}

impl State {
    /// Starts a zygote if there is none. Its requests wait in its socket until it has imported the libraries.
    pub fn ensure_zygote(&mut self) {
        if self.zygote.is_some() {
            return;
        }
        self.own_code = None;
        self.zygote_generation += 1;
        let generation = self.zygote_generation;
        let log_from = std::fs::metadata(self.options.zygote_log()).map_or(0, |meta| meta.len());
        let begun = socket_pair().and_then(|(ours, theirs)| {
            let interest = epoll::EventFlags::IN;
            epoll::add(&self.epoll, &ours, epoll::EventData::new_u64(token(generation, Kind::Zygote)), interest)?;
            Ok((ours, theirs))
        });
        match begun {
            Ok((ours, theirs)) => {
                self.zygote = Some(Zygote {
                    generation,
                    socket: Some(ours),
                    input: FrameBuffer::new(),
                    fds: VecDeque::new(),
                    process: None,
                    loaded: false,
                    sklearn_asked: false,
                    has_sklearn: false,
                    complaint: None,
                    log_from,
                    kill_at: Some(Instant::now() + LOAD_LIMIT),
                });
                if let Some(spawner) = &self.spawner {
                    // The spawner outlives its sender.
                    let _ = spawner.send(SpawnOrder { generation, socket: theirs });
                }
            }
            Err(error) => self.fail_queue(&cannot_start(&self.options.python, &error.to_string())),
        }
    }

    fn zygote_spawned(&mut self, generation: u64, child: io::Result<Child>) {
        let watched = child.and_then(|mut child| match self.watch(generation, &child) {
            Ok(pidfd) => Ok((child, pidfd)),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error.into())
            }
        });
        let Some(zygote) = self.zygote.as_mut() else { return };
        match watched {
            Ok(process) => {
                zygote.process = Some(process);
                if self.shutting_down {
                    zygote.kill();
                }
            }
            Err(error) => {
                let failure = cannot_start(&self.options.python, &error.to_string());
                self.zygote = None;
                self.forget_unforked(generation);
                self.fail_queue(&failure);
            }
        }
    }

    fn watch(&self, generation: u64, child: &Child) -> Result<OwnedFd, Errno> {
        let pidfd = rustix::process::pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
        let data = epoll::EventData::new_u64(token(generation, Kind::ZygoteProcess));
        epoll::add(&self.epoll, &pidfd, data, epoll::EventFlags::IN)?;
        Ok(pidfd)
    }

    /// Asks for one worker. False when the host can't give one; then the queue is failed unless another worker can take it.
    pub fn fork_worker(&mut self) -> bool {
        self.ensure_zygote();
        match self.request_fork() {
            Ok(()) => true,
            // The zygote is ending; its end brings the queue up again.
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => false,
            Err(error) => {
                if self.workers.is_empty() {
                    self.fail_queue(&cannot_start(&self.options.python, &error.to_string()));
                }
                false
            }
        }
    }

    fn request_fork(&mut self) -> io::Result<()> {
        let Some(zygote) = &self.zygote else { return Err(Errno::PIPE.into()) };
        let Some(channel) = &zygote.socket else { return Err(Errno::PIPE.into()) };
        let number = self.next_worker;
        let (ours, theirs) = socket_pair()?;
        let log = logs::create(&self.options.log_dir, &mut self.next_log)?;
        let mut frame = Vec::new();
        let room = self.make_room(number)?;
        let uid = room.as_ref().and_then(|room| room.uid);
        encode(&ToZygote::Fork { worker: number, uid }, &mut frame).map_err(io::Error::other)?;
        let fds = [theirs.as_fd(), log.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(&fds));
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        rustix::net::sendmsg(channel, &[IoSlice::new(&frame)], &mut control, flags)?;
        let data = epoll::EventData::new_u64(token(number, Kind::Worker));
        epoll::add(&self.epoll, &ours, data, epoll::EventFlags::IN)?;
        self.workers.insert(number, Worker::new(zygote, ours, self.next_log, log, room));
        self.next_worker += 1;
        self.next_log += 1;
        Ok(())
    }

    /// The folder of a worker that is to be enclosed.
    fn make_room(&self, number: u64) -> io::Result<Option<Room>> {
        let Some(isolation) = &self.options.isolation else { return Ok(None) };
        let rooms = self.workers.values().filter_map(|worker| worker.room.as_ref());
        let taken: Vec<u32> = rooms.filter_map(|room| room.uid).collect();
        Room::make(isolation, &number.to_string(), isolation.free_uid(&taken)).map(Some)
    }

    pub fn zygote_readable(&mut self, generation: u64) {
        if !self.read_zygote(generation)
            && let Some(zygote) = self.zygote.as_mut()
            && zygote.generation == generation
            && let Some(socket) = zygote.socket.take()
        {
            // Closed: it is ending. Dropping our end takes it out of epoll too.
            drop(socket);
            zygote.kill_at = Some(Instant::now() + crate::stop::EXIT_GRACE);
        }
    }

    /// False when the channel is closed or broken.
    fn read_zygote(&mut self, generation: u64) -> bool {
        let Some(zygote) = self.zygote.as_mut().filter(|zygote| zygote.generation == generation) else { return true };
        let Some(socket) = &zygote.socket else { return true };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS_PER_READ))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        let count =
            match rustix::net::recvmsg(socket, &mut [IoSliceMut::new(zygote.input.space())], &mut control, flags) {
                Ok(message) => message.bytes,
                Err(Errno::AGAIN | Errno::INTR) => return true,
                Err(_) => return false,
            };
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                zygote.fds.extend(fds);
            }
        }
        zygote.input.filled(count);
        let mut frames = Vec::new();
        let broken = loop {
            match zygote.input.next_frame().map(|body| body.map(decode::<FromZygote>)) {
                Ok(None) => break None,
                Ok(Some(Ok(frame))) => frames.push(frame),
                Ok(Some(Err(error))) | Err(error) => break Some(error),
            }
        };
        for frame in frames {
            self.zygote_frame(frame);
        }
        if let Some(error) = broken {
            self.give_up_zygote(format!("it broke the protocol: {error}"));
        }
        count > 0
    }

    fn zygote_frame(&mut self, frame: FromZygote) {
        match frame {
            FromZygote::Hello { version, python, .. } if version != PROTOCOL_VERSION => self.give_up_zygote(format!(
                "its `suanzi` package (Python {python}) speaks worker protocol {version}, this program {PROTOCOL_VERSION}; \
                 install the same version of both"
            )),
            FromZygote::Hello { .. } => {}
            FromZygote::Loaded { .. } => {
                if let Some(zygote) = self.zygote.as_mut() {
                    zygote.has_sklearn = zygote.loaded && zygote.sklearn_asked;
                    zygote.loaded = true;
                    zygote.kill_at = None;
                    if zygote.has_sklearn {
                        self.retire_outdated();
                    }
                }
            }
            FromZygote::Forked { worker, pid } => {
                let pidfd = self.zygote.as_mut().and_then(|zygote| zygote.fds.pop_front());
                if let Some(worker) = self.workers.get_mut(&worker) {
                    worker.pid = Pid::from_raw(pid);
                    worker.pidfd = pidfd;
                    if matches!(worker.activity, Activity::Forking) {
                        worker.kill_at.get_or_insert(Instant::now() + READY_LIMIT);
                    }
                    if worker.verdict.is_some() {
                        worker.signal(Signal::KILL);
                    }
                }
            }
            FromZygote::Exited { worker, status, .. } => self.worker_gone(worker, Exit::from_status(status)),
        }
    }

    /// Makes the zygote import scikit-learn, after the workers that were asked of it before.
    pub fn want_sklearn(&mut self) {
        self.ensure_zygote();
        let Some(zygote) = self.zygote.as_mut().filter(|zygote| !zygote.sklearn_asked) else { return };
        let Some(channel) = &zygote.socket else { return };
        let mut frame = Vec::new();
        let encoded = encode(&ToZygote::Preload, &mut frame);
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        // If it is ending, the next one is asked.
        zygote.sklearn_asked = encoded.is_ok() && rustix::net::send(channel, &frame, flags) == Ok(frame.len());
    }

    /// Idle workers from before scikit-learn was imported.
    fn retire_outdated(&mut self) {
        let outdated = |number: &u64| self.workers.get(number).is_some_and(|worker| !worker.sklearn);
        let outdated: Vec<u64> = self.idle.iter().copied().filter(outdated).collect();
        for number in outdated {
            self.retire(number);
        }
        let room = self.workers.len() < self.slots as usize;
        if room && self.workers.values().all(|worker| !worker.sklearn) {
            // It is wanted soon; if it can't be had, the attempt that wants it says why.
            self.fork_worker();
        }
        self.pump();
    }

    fn give_up_zygote(&mut self, complaint: String) {
        if let Some(zygote) = self.zygote.as_mut() {
            zygote.complaint = Some(complaint);
            zygote.kill();
        }
    }

    /// A worker came up: whatever ended earlier zygotes is over.
    pub fn zygote_works(&mut self) {
        self.zygote_deaths = 0;
        self.stillborn = 0;
    }

    /// A worker ended before it was ready. Without a bound they would come and go for ever.
    pub fn note_stillborn(&mut self, generation: u64) {
        self.stillborn += 1;
        if self.stillborn >= MAX_STILLBORN
            && let Some(zygote) = self.zygote.as_mut().filter(|zygote| zygote.generation == generation)
        {
            self.stillborn = 0;
            zygote.kill();
        }
    }

    /// Its process ended: its workers end with it, and another is started when there is work.
    pub fn zygote_gone(&mut self, generation: u64) {
        if self.zygote.as_ref().is_none_or(|zygote| zygote.generation != generation) {
            return;
        }
        self.read_zygote(generation);
        let Some(mut zygote) = self.zygote.take() else { return };
        let status = zygote.process.as_mut().map(|(child, _)| child.wait());
        self.forget_unforked(generation);
        self.watch_orphans(generation);
        if self.shutting_down {
            return;
        }
        self.zygote_deaths += 1;
        if !zygote.loaded || zygote.complaint.is_some() || self.zygote_deaths >= MAX_DEATHS {
            self.zygote_deaths = 0;
            let reason = zygote.complaint.take().unwrap_or_else(|| self.last_words(&zygote, status));
            self.fail_queue(&cannot_start(&self.options.python, &reason));
        }
        self.pump();
    }

    fn last_words(&self, zygote: &Zygote, status: Option<io::Result<std::process::ExitStatus>>) -> String {
        let status = status.and_then(Result::ok).map_or("it ended".to_owned(), |status| status.to_string());
        let tail = File::open(self.options.zygote_log()).and_then(|file| {
            let end = file.metadata()?.len();
            let from = end.saturating_sub(TAIL_BYTES).max(zygote.log_from.min(end));
            let mut bytes = vec![0; (end - from) as usize];
            file.read_exact_at(&mut bytes, from)?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        });
        match tail {
            Ok(tail) if !tail.is_empty() => format!("{status}\n{tail}"),
            _ => status,
        }
    }

    /// Workers asked of a zygote that is gone, which never came to be.
    fn forget_unforked(&mut self, generation: u64) {
        self.workers.retain(|_, worker| worker.generation != generation || worker.pid.is_some());
    }

    fn watch_orphans(&mut self, generation: u64) {
        let mut gone = Vec::new();
        for (number, worker) in &mut self.workers {
            if worker.generation != generation {
                continue;
            }
            worker.signal(Signal::KILL);
            if !matches!(worker.activity, Activity::Busy(_)) {
                worker.activity = Activity::Leaving;
            }
            let watched = worker.pidfd.as_ref().is_some_and(|pidfd| {
                let data = epoll::EventData::new_u64(token(*number, Kind::Orphan));
                epoll::add(&self.epoll, pidfd, data, epoll::EventFlags::IN).is_ok()
            });
            if !watched {
                gone.push(*number);
            }
        }
        self.idle.retain(|idle| self.workers.get(idle).is_some_and(|worker| worker.generation != generation));
        for number in gone {
            self.worker_gone(number, Exit::Unknown);
        }
    }

    /// Once nothing is asked of it any more: closing the channel makes it end its workers and exit.
    pub fn end_zygote(&mut self) {
        if let Some(zygote) = self.zygote.as_mut() {
            zygote.socket = None;
            zygote.kill_at = Some(Instant::now() + crate::stop::EXIT_GRACE);
            if !zygote.loaded {
                zygote.kill();
            }
        }
    }
}

fn socket_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    let (ours, theirs) = rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    Ok((ours, theirs))
}

fn cannot_start(python: &std::path::Path, reason: &str) -> Failure {
    Failure {
        kind: FailureKind::Import,
        message: format!("Python can't start ({}): {reason}", PathBuf::from(python).display()),
        hint: Some("run `suanzi doctor`".into()),
        traceback: None,
    }
}
