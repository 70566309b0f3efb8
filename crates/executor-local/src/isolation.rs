//! The isolation profiles: what the engine asks of `suanzi.worker.enclosure`, and whether this host grants it.

use crate::LocalOptions;
use crate::room::Room;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::str::FromStr;
use std::time::{Duration, Instant};

const MODULE: &str = "suanzi.worker.enclosure";
/// The folder of the worker that is tried out.
pub(crate) const TRIED: &str = "try";
/// A trial takes some 0.2 s.
const TRIAL_LIMIT: Duration = Duration::from_secs(60);
/// No user of the distributions' own ranges, and none that containers map.
pub const DEFAULT_UIDS: RangeInclusive<u32> = 61_000..=61_999;

/// How far operators are kept from the engine and from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Workers are processes of the engine's user: one trust domain.
    #[default]
    Plain,
    /// Workers in namespaces of their own, by which they see neither the engine's files and processes nor other workers.
    Namespaced,
    /// The same, and each worker is a user of its own. The engine is root.
    Service,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Profile::Plain, Profile::Namespaced, Profile::Service];

    pub fn name(self) -> &'static str {
        match self {
            Profile::Plain => "plain",
            Profile::Namespaced => "namespaced",
            Profile::Service => "service",
        }
    }

    /// What it means, in one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Profile::Plain => "operators run as this user, one trust domain",
            Profile::Namespaced => "operators see neither the engine nor each other's work",
            Profile::Service => {
                "a user of its own for each worker; operators see neither the engine nor each other's work"
            }
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Profile, String> {
        let found = Profile::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| "it must be plain, namespaced or service".to_owned())
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// One of the two profiles that aren't plain, with all that it needs.
#[derive(Debug, Clone)]
pub struct Isolation {
    pub profile: Profile,
    /// Folders and files that workers can't open. The first is the home; workers see their rooms in it.
    pub hidden: Vec<PathBuf>,
    /// Where outputs are kept that tasks get as inputs.
    pub artifacts: PathBuf,
    /// For the workers' folders, on the disk of the artifacts; this executor's alone.
    pub work: PathBuf,
    /// Operators' folders, known from the start: read wherever they lie.
    pub trees: Vec<PathBuf>,
    /// Folders and files with data, known from the start: read wherever they lie, be it in what is hidden. Others are copied where workers can't reach them.
    pub data: Vec<PathBuf>,
    /// Users of workers, in `service`.
    pub uids: RangeInclusive<u32>,
}

/// Why a profile can't be had, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused {
    pub reason: String,
    pub hint: String,
}

#[derive(Serialize)]
struct Setting<'a> {
    profile: &'a str,
    hidden: &'a [PathBuf],
    artifacts: &'a Path,
    room: PathBuf,
    work: &'a Path,
    trees: &'a [PathBuf],
    data: &'a [PathBuf],
    uid: u32,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    hint: String,
}

impl Isolation {
    /// Where workers see their own folder. The home's own room is nobody's.
    pub(crate) fn room(&self) -> PathBuf {
        self.hidden.first().unwrap_or(&self.work).join("room")
    }

    /// The user of the first worker; none where workers are the engine's user.
    fn first_uid(&self) -> Option<u32> {
        (self.profile == Profile::Service).then(|| *self.uids.start())
    }

    /// For a pool beside others: a folder and users of its own. The usual pool is number 0. Errors: there aren't so many users.
    pub(crate) fn for_pool(&self, label: &str, number: u32, workers: u32) -> Result<Isolation, String> {
        // Twice as many: those that end may still have theirs.
        let users = 2 * u64::from(workers);
        let first = u64::from(*self.uids.start()) + u64::from(number) * users;
        let last = first + users.saturating_sub(1);
        if self.profile == Profile::Service && last > u64::from(*self.uids.end()) {
            return Err(format!(
                "no users are left for its workers among {} to {}; give more with --isolation-uids",
                self.uids.start(),
                self.uids.end()
            ));
        }
        // Beyond them only where they aren't looked at.
        let uid = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Isolation { work: self.work.join(label), uids: uid(first)..=uid(last), ..self.clone() })
    }

    /// As the zygote reads it: one JSON object, in which nothing is secret.
    pub(crate) fn setting(&self) -> String {
        let setting = Setting {
            profile: self.profile.name(),
            hidden: &self.hidden,
            artifacts: &self.artifacts,
            room: self.room(),
            work: &self.work,
            trees: &self.trees,
            data: &self.data,
            uid: self.first_uid().unwrap_or(0),
        };
        // Paths that aren't UTF-8 are the only thing that can't be written.
        serde_json::to_string(&setting).unwrap_or_default()
    }

    /// Tries the profile with a worker that does nothing. Takes a fifth of a second.
    pub fn check(&self, options: &LocalOptions) -> Result<(), Refused> {
        let refused = |reason: String, hint: &str| Refused { reason, hint: hint.to_owned() };
        let writable =
            "SUANZI_HOME must be a directory that can be written, on a disk of its own or with the artifacts";
        if self.setting().is_empty() {
            return Err(refused("a path isn't UTF-8".into(), "choose another SUANZI_HOME"));
        }
        let room = Room::make(self, TRIED, self.first_uid()).map_err(|error| match error.raw_os_error() {
            Some(libc::EINVAL | libc::EPERM) if self.profile == Profile::Service => refused(
                format!("files can't be given to user {}: {error}", self.uids.start()),
                "the engine must be root, and the users of --isolation-uids be mapped where it is in a container",
            ),
            _ => refused(format!("{} can't be made: {error}", self.work.display()), writable),
        })?;
        let answer = self.ask(options);
        drop(room);
        let answer = answer.map_err(|reason| refused(reason, "run `suanzi doctor`"))?;
        if answer.ok { Ok(()) } else { Err(Refused { reason: answer.reason, hint: answer.hint }) }
    }

    fn ask(&self, options: &LocalOptions) -> Result<Answer, String> {
        let mut command = crate::zygote::python(options, MODULE).map_err(|error| error.to_string())?;
        command.arg(self.setting()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("Python can't be started: {error}"))?;
        let until = Instant::now() + TRIAL_LIMIT;
        while child.try_wait().map_err(|error| error.to_string())?.is_none() {
            if Instant::now() > until {
                // It may have ended meanwhile.
                let _ = child.kill();
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output().map_err(|error| error.to_string())?;
        serde_json::from_slice(&output.stdout).map_err(|_| {
            let words = String::from_utf8_lossy(&output.stderr);
            format!("it can't be tried: {} {}", output.status, words.lines().last().unwrap_or_default())
        })
    }
}
