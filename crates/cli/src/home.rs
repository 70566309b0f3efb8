//! `$SUANZI_HOME`: where all state lives, the lock that says who owns it, and the socket on which its owner is reached.

use crate::database;
use crate::fail::Failure;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

const SOCKET: &str = "engine.sock";
/// The owner's alone.
const SOCKET_MODE: u32 = 0o600;
/// The most that is read of what the owner wrote down, in bytes.
const MAX_OWNER_BYTES: u64 = 8_192;

#[derive(Debug, Clone)]
pub struct Home {
    pub root: PathBuf,
}

/// Held as long as this process owns the home.
pub struct Owner {
    _lock: File,
}

/// The owner's listening socket. Dropping it, which comes before the lock goes, takes its name away.
pub struct Listening {
    path: PathBuf,
}

impl Home {
    pub fn open() -> Result<Home, Failure> {
        let root = match std::env::var_os("SUANZI_HOME").filter(|v| !v.is_empty()) {
            Some(set) => PathBuf::from(set),
            None => match std::env::var_os("HOME").filter(|v| !v.is_empty()) {
                Some(home) => PathBuf::from(home).join(".suanzi"),
                None => {
                    return Err(Failure::invalid("neither SUANZI_HOME nor HOME is set")
                        .hint("set SUANZI_HOME to a directory for Suanzi's state"));
                }
            },
        };
        let root = std::path::absolute(&root).unwrap_or(root);
        let home = Home { root };
        for dir in [home.root.clone(), home.artifacts(), home.logs(), home.memory()] {
            fs::create_dir_all(&dir).map_err(|e| {
                Failure::invalid(format!("{} can't be made: {e}", dir.display()))
                    .hint("set SUANZI_HOME to a directory that can be written")
            })?;
        }
        // Results and logs are the user's own.
        let _ = fs::set_permissions(&home.root, Permissions::from_mode(0o700));
        Ok(home)
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("suanzi.db")
    }

    pub fn artifacts(&self) -> PathBuf {
        self.root.join("artifacts")
    }

    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Files that came over the API, as the server keeps them.
    pub fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Environments of operators' own.
    pub fn environments(&self) -> PathBuf {
        self.root.join("environments")
    }

    /// Tables that were imported from these.
    pub fn datasets(&self) -> PathBuf {
        self.root.join("datasets")
    }

    /// What can be worked out again: manifests, answers of interpreters.
    pub fn memory(&self) -> PathBuf {
        self.root.join("memory")
    }

    /// Names the machine's life in which the home was last owned.
    pub fn boot(&self) -> PathBuf {
        self.root.join("boot")
    }

    pub fn socket(&self) -> PathBuf {
        self.root.join(SOCKET)
    }

    /// The Bearer of requests over TCP.
    pub fn token(&self) -> PathBuf {
        self.root.join("token")
    }

    /// Listens for other commands. Takes the place of a socket that a killed owner left: whoever has the lock is the only owner.
    pub fn listen(&self, _owner: &Owner) -> io::Result<(UnixListener, Listening)> {
        // Under another name first, so that nobody ever connects before the mode is set.
        let name = format!(".{SOCKET}.new");
        let fresh = self.root.join(&name);
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let root = File::open(&self.root)?;
        let listener = UnixListener::bind(short(&root, &name))?;
        fs::set_permissions(&fresh, Permissions::from_mode(SOCKET_MODE))?;
        fs::rename(&fresh, self.socket())?;
        Ok((listener, Listening { path: self.socket() }))
    }

    /// Reaches the owner.
    pub fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(short(&File::open(&self.root)?, SOCKET))
    }

    /// The process that has the lock, as it wrote itself down.
    pub fn owner_pid(&self) -> Option<u32> {
        self.owner_line(0)?.parse().ok()
    }

    /// Where that process keeps its state, as [`crate::database::shown`] says it.
    pub fn owner_database(&self) -> Option<String> {
        self.owner_line(1)
    }

    fn owner_line(&self, number: usize) -> Option<String> {
        let mut text = String::new();
        File::open(self.root.join("engine.lock")).ok()?.take(MAX_OWNER_BYTES).read_to_string(&mut text).ok()?;
        text.split_inclusive('\n').nth(number)?.strip_suffix('\n').map(str::to_string)
    }

    /// Takes the home, or `None` when a living process has it.
    pub fn own(&self) -> Result<Option<Owner>, Failure> {
        let path = self.root.join("engine.lock");
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .read(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| Failure::invalid(format!("{} can't be opened: {e}", path.display())))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                let _ = lock.set_len(0);
                let _ = lock.write_all(format!("{}\n{}\n", std::process::id(), database::shown(self)).as_bytes());
                Ok(Some(Owner { _lock: lock }))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(Failure::invalid(format!("{} can't be locked: {error}", path.display()))),
        }
    }
}

/// A socket's address holds some 100 bytes, a home's path may be longer: the same place by way of the open directory.
fn short(root: &File, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{name}", root.as_raw_fd()))
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
