//! What an enclosed worker can reach of the disk: what its tasks were given to read, and a room to write in.
//!
//! A worker may be hostile: the engine touches files in a room by descriptor, follows no links there, and believes nothing that it hasn't looked at.

use crate::isolation::{Isolation, Profile};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use suanzi_executor::{Failure, FailureKind, Location, OutputValue, TaskRequest, wire};
use suanzi_protocol as frames;

const GIVEN: &str = "given";
const ROOM: &str = "room";
const OUT: &str = "out";
/// In `given`: files that aren't artifacts, each in a folder of its own.
const FILES: &str = ".files";
const OTHERS_READ: u32 = 0o004;
const OTHERS_PASS: u32 = 0o001;
const READABLE: u32 = 0o644;
const OPEN: u32 = 0o755;
const OWN: u32 = 0o700;

/// A worker's folder; gone with it.
pub(crate) struct Room {
    isolation: Isolation,
    dir: PathBuf,
    /// Opened before anyone else could put something in its place.
    out: OwnedFd,
    pub uid: Option<u32>,
    files: u32,
}

impl Room {
    /// `uid`: whose it is; the engine's own user if none.
    pub fn make(isolation: &Isolation, name: &str, uid: Option<u32>) -> io::Result<Room> {
        let dir = isolation.work.join(name);
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let room = dir.join(ROOM);
        for (path, mode, own) in [
            (dir.join(GIVEN), OPEN, false),
            (room.clone(), OPEN, false),
            (room.join(OUT), OWN, true),
            (room.join("tmp"), OWN, true),
            (room.join("home"), OWN, true),
        ] {
            fs::create_dir_all(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(mode))?;
            if let Some(uid) = uid.filter(|_| own) {
                std::os::unix::fs::chown(&path, Some(uid), Some(uid))?;
            }
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let out = rustix::fs::open(room.join(OUT), flags, Mode::empty())?;
        Ok(Room { isolation: isolation.clone(), dir, out, uid, files: 0 })
    }

    fn seen_out(&self) -> PathBuf {
        self.isolation.room().join(OUT)
    }

    /// The task as its worker is told it; what it reads is put where the worker sees it.
    pub fn furnish(&mut self, task: &TaskRequest) -> Result<TaskRequest, Failure> {
        let mut seen = task.clone();
        for input in &mut seen.inputs {
            if input.port_type == "model_ref"
                && let Some(model) = model_of(&input.at)
                && self.is_artifact(&model)
            {
                self.give(&model)?;
            }
            if let Location::Path(path) = &mut input.at {
                *path = self.give(path)?;
            }
        }
        for (_, path) in &mut seen.files {
            *path = self.give(path)?;
        }
        if let Some(dir) = &seen.code.dir
            && !self.reads(dir, &self.isolation.trees)
        {
            return Err(Failure {
                kind: FailureKind::Import,
                message: format!("workers can't read the operators in {}", dir.display()),
                hint: Some(format!(
                    "isolation is {}: let others pass the folders that lead there and read it, or put it elsewhere",
                    self.isolation.profile
                )),
                traceback: None,
            });
        }
        seen.out_dir = self.seen_out();
        Ok(seen)
    }

    /// A file for the worker to read; returns where it sees it.
    fn give(&mut self, path: &Path) -> Result<PathBuf, Failure> {
        let failed = |error: io::Error| storage(format!("{} can't be given to the worker: {error}", path.display()));
        if self.is_artifact(path) {
            let below = path.strip_prefix(&self.isolation.artifacts).unwrap_or(path);
            let to = self.dir.join(GIVEN).join(below);
            if !to.exists() {
                self.link(path, &to).map_err(failed)?;
            }
            return Ok(path.to_owned());
        }
        let real = fs::canonicalize(path).map_err(failed)?;
        if self.reads(&real, &self.isolation.data) {
            return Ok(path.to_owned());
        }
        if self.is_hidden(&real) && !is_in(&real, &self.isolation.data) {
            return Err(storage(format!("{} is the engine's own: no operator reads it", path.display())));
        }
        let meta = fs::metadata(&real).map_err(failed)?;
        if !meta.is_file() || meta.mode() & OTHERS_READ == 0 {
            return Err(Failure {
                hint: Some(format!("let others read it, as by: chmod o+r {}", real.display())),
                ..storage(format!("{} can't be read by the users that workers are", path.display()))
            });
        }
        self.files += 1;
        let name = Path::new(FILES).join(self.files.to_string()).join(real.file_name().unwrap_or_default());
        // Another link would change the file's own times, by which the engine sees whether it was changed.
        self.copy(&real, &self.dir.join(GIVEN).join(&name)).map_err(failed)?;
        Ok(self.isolation.artifacts.join(name))
    }

    /// An artifact under another name, or a copy where that can't be had.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let meta = fs::symlink_metadata(from)?;
        if !meta.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it isn't a regular file"));
        }
        if self.uid.is_some() && meta.mode() & OTHERS_READ == 0 {
            // Made under another profile; nobody else comes this far into the home.
            fs::set_permissions(from, Permissions::from_mode(READABLE))?;
        }
        self.make_way(to)?;
        match fs::hard_link(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => self.copy(from, to),
            linked => linked,
        }
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.make_way(to)?;
        fs::copy(from, to)?;
        fs::set_permissions(to, Permissions::from_mode(READABLE))
    }

    fn make_way(&self, to: &Path) -> io::Result<()> {
        let Some(parent) = to.parent() else { return Ok(()) };
        fs::create_dir_all(parent)?;
        // The engine's umask may have taken the right to pass.
        let mut made = parent.ancestors().take_while(|dir| dir.starts_with(&self.dir) && **dir != self.dir);
        made.try_for_each(|dir| fs::set_permissions(dir, Permissions::from_mode(OPEN)))
    }

    /// `RUN/FILE` below the artifacts, and no way around.
    fn is_artifact(&self, path: &Path) -> bool {
        path.strip_prefix(&self.isolation.artifacts).is_ok_and(|below| {
            below.components().count() == 2 && below.components().all(|part| matches!(part, Component::Normal(_)))
        })
    }

    fn is_hidden(&self, path: &Path) -> bool {
        is_in(path, &self.isolation.hidden)
    }

    /// Whether a worker reads it where it lies. `known`: what it sees whatever the folders on the way allow.
    fn reads(&self, path: &Path, known: &[PathBuf]) -> bool {
        let root = known.iter().find(|root| path.starts_with(root));
        if root.is_none() && self.is_hidden(path) {
            return false;
        }
        let allows = |path: &Path, bit: u32| fs::metadata(path).is_ok_and(|meta| meta.mode() & bit != 0);
        let mut on_the_way = path.ancestors().skip(1).take_while(|dir| root.is_none_or(|root| dir.starts_with(root)));
        self.uid.is_none() || allows(path, OTHERS_READ) && on_the_way.all(|dir| allows(dir, OTHERS_PASS))
    }

    /// Takes over what the worker says it has made: from then on it is the engine's, and nobody else writes to it.
    pub fn accept(&self, task: &TaskRequest, mut outputs: Vec<frames::Output>) -> Result<Vec<OutputValue>, String> {
        let seen = self.seen_out();
        let real = TaskRequest { out_dir: self.dir.join(ROOM).join(OUT), ..task.clone() };
        for output in &mut outputs {
            if let frames::Value::Path(path) = &mut output.value
                && let Ok(name) = Path::new(&**path).strip_prefix(&seen)
            {
                *path = real.out_dir.join(name).to_string_lossy().into_owned().into();
            }
        }
        let mut values = wire::outputs(&real, outputs)?;
        for value in &mut values {
            if let Location::Path(path) = &mut value.at {
                let name = path.file_name().unwrap_or_default();
                let to = task.out_dir.join(name);
                self.take(Path::new(name), &to, value.bytes)
                    .map_err(|error| format!("the output file {} can't be taken over: {error}", path.display()))?;
                *path = to;
            }
        }
        Ok(values)
    }

    fn take(&self, name: &Path, to: &Path, bytes: u64) -> io::Result<()> {
        let refuse = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        // Not blocking: a pipe by that name would be waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::openat(&self.out, name, flags, Mode::empty())?);
        let meta = file.metadata()?;
        let owner = self.uid.unwrap_or_else(|| rustix::process::geteuid().as_raw());
        if !meta.is_file() || meta.nlink() != 1 || meta.uid() != owner || meta.len() != bytes {
            return Err(refuse("it isn't a file of the worker's own"));
        }
        let moved = rustix::fs::renameat(&self.out, name, CWD, to).is_ok();
        if moved {
            let there = fs::symlink_metadata(to)?;
            if (there.dev(), there.ino()) != (meta.dev(), meta.ino()) {
                fs::remove_file(to)?;
                return Err(refuse("it was replaced meanwhile"));
            }
            if self.uid.is_some() {
                let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
                rustix::fs::fchown(&file, Some(user), Some(group))?;
            }
            file.set_permissions(Permissions::from_mode(READABLE))?;
            if nobody_writes(&file) {
                return Ok(());
            }
        }
        // On another disk, or still open for writing somewhere: then a copy is what nobody changes any more.
        let beside = to.with_extension("taken");
        let mut copy = File::create_new(&beside)?;
        copy.set_permissions(Permissions::from_mode(READABLE))?;
        if io::copy(&mut file, &mut copy)? != bytes {
            fs::remove_file(&beside)?;
            return Err(refuse("it was changed meanwhile"));
        }
        fs::rename(&beside, to)
    }

    /// After a task: what it left among the outputs goes.
    pub fn tidy(&self) {
        let Ok(entries) = rustix::fs::Dir::read_from(&self.out) else { return };
        for entry in entries.flatten() {
            if !matches!(entry.file_type(), FileType::Directory) {
                // What can't be removed goes with the room.
                let _ = rustix::fs::unlinkat(&self.out, entry.file_name(), AtFlags::empty());
            }
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // What is left is removed at the next start.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A read lease is granted only while no descriptor and no map can write the file; those that could be opened from now on can't be.
fn nobody_writes(file: &File) -> bool {
    // SAFETY: fcntl on a descriptor that is open; these commands take an integer.
    unsafe {
        libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK) == 0
            && libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) == 0
    }
}

/// The file of a registered version's model, as the registry wrote it down.
fn model_of(at: &Location) -> Option<PathBuf> {
    let bytes = match at {
        Location::Inline(bytes) => bytes.clone(),
        Location::Path(path) => fs::read(path).ok()?,
    };
    let reference: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    reference["artifact"]["path"].as_str().map(PathBuf::from)
}

fn is_in(path: &Path, roots: &[PathBuf]) -> bool {
    roots.iter().any(|root| path.starts_with(root))
}

fn storage(message: String) -> Failure {
    Failure { kind: FailureKind::Storage, message, hint: None, traceback: None }
}

impl Isolation {
    /// A user that no living worker is.
    pub(crate) fn free_uid(&self, taken: &[u32]) -> Option<u32> {
        (self.profile == Profile::Service).then(|| self.uids.clone().find(|uid| !taken.contains(uid))).flatten()
    }
}
