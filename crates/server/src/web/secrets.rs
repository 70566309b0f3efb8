//! The token and the password, as their files say now: replacing a file takes what it held away from everybody at the next request.

use super::random::{Digest, digest, secret};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A token that is shorter was made by hand, and badly.
pub const MIN_TOKEN_CHARACTERS: usize = 32;
/// The shortest password.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// What is read of a file with a secret.
const MAX_SECRET_BYTES: u64 = 4_096;
const SECRET_MODE: u32 = 0o600;
/// Rights of others.
const FOREIGN_RIGHTS: u32 = 0o077;

pub(crate) struct Secrets {
    token: Kept,
    password: Option<Kept>,
}

/// What holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Current {
    pub token: Option<Digest>,
    pub password: Option<Digest>,
    /// Differs as soon as one of the files does: sessions of another epoch have ended.
    pub epoch: Digest,
}

/// A file's secret, read again when the file isn't what it was.
struct Kept {
    path: PathBuf,
    min_characters: usize,
    last: Mutex<(Option<Stat>, Option<Digest>)>,
}

#[derive(PartialEq, Eq, Clone, Copy)]
struct Stat(u64, u64, u64, i64, i64);

impl Secrets {
    /// Makes the token's file if there is none. Fails on a file that others can read or that holds too little.
    pub fn open(token: &Path, password: Option<&Path>) -> io::Result<Secrets> {
        if !token.exists() {
            make(token)?;
        }
        let secrets = Secrets {
            token: Kept::new(token, MIN_TOKEN_CHARACTERS),
            password: password.map(|path| Kept::new(path, MIN_PASSWORD_CHARACTERS)),
        };
        for kept in std::iter::once(&secrets.token).chain(&secrets.password) {
            read(&kept.path, kept.min_characters)
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", kept.path.display())))?;
        }
        Ok(secrets)
    }

    pub fn current(&self) -> Current {
        let token = self.token.current();
        let password = self.password.as_ref().and_then(Kept::current);
        let mut epoch = blake3::Hasher::new();
        for part in [&token, &password] {
            epoch.update(part.as_ref().map_or(&[0; blake3::OUT_LEN], Digest::as_bytes).as_slice());
        }
        Current { token, password, epoch: epoch.finalize() }
    }
}

impl Kept {
    fn new(path: &Path, min_characters: usize) -> Kept {
        Kept { path: path.to_path_buf(), min_characters, last: Mutex::new((None, None)) }
    }

    fn current(&self) -> Option<Digest> {
        let now = stat(&self.path);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if now.is_none() || last.0 != now {
            // A file that went bad while we run holds no secret: nobody gets in by it.
            *last = (now, now.and_then(|_| read(&self.path, self.min_characters).ok()));
        }
        last.1
    }
}

fn stat(path: &Path) -> Option<Stat> {
    let meta = fs::metadata(path).ok()?;
    let ns = |s: i64, ns: i64| s.saturating_mul(1_000_000_000).saturating_add(ns);
    let (mtime, ctime) = (ns(meta.mtime(), meta.mtime_nsec()), ns(meta.ctime(), meta.ctime_nsec()));
    Some(Stat(meta.dev(), meta.ino(), meta.size(), mtime, ctime))
}

fn read(path: &Path, min_characters: usize) -> io::Result<Digest> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if meta.mode() & FOREIGN_RIGHTS != 0 {
        return Err(io::Error::other("others can read it; `chmod 600` mends that"));
    }
    let mut text = String::new();
    file.take(MAX_SECRET_BYTES).read_to_string(&mut text)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.chars().count() < min_characters {
        return Err(io::Error::other(format!("it holds less than {min_characters} characters")));
    }
    Ok(digest(text))
}

/// Whole or not at all, and never readable by others.
fn make(path: &Path) -> io::Result<()> {
    let fresh = path.with_extension("new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(SECRET_MODE).open(&fresh)?;
    writeln!(file, "{}", secret())?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn write(path: &Path, text: &str, mode: u32) {
        let _ = fs::remove_file(path);
        fs::write(path, text).expect("a file");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    #[test]
    fn the_token_is_made_once_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("token");
        let first = Secrets::open(&path, None).expect("it is made").current();
        assert_eq!(fs::metadata(&path).expect("it is there").mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).expect("it can be read");
        assert_eq!(first.token, Some(digest(text.trim())));
        assert_eq!(Secrets::open(&path, None).expect("it is read").current(), first);
    }

    #[test]
    fn weak_files_are_refused() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (token, password) = (dir.path().join("token"), dir.path().join("password"));
        let long = "a".repeat(MIN_TOKEN_CHARACTERS);
        for (token_text, token_mode, password_text, password_mode, expected) in [
            (long.as_str(), 0o600, "correct horse", 0o600, true),
            (&long[1..], 0o600, "correct horse", 0o600, false),
            ("", 0o600, "correct horse", 0o600, false),
            (&long, 0o640, "correct horse", 0o600, false),
            (&long, 0o600, "short\n\n\n\n\n\n\n\n\n", 0o600, false),
            (&long, 0o600, "correct horse", 0o604, false),
        ] {
            write(&token, token_text, token_mode);
            write(&password, password_text, password_mode);
            let opened = Secrets::open(&token, Some(&password));
            assert_eq!(opened.is_ok(), expected, "{token_text} {token_mode:o} {password_text} {password_mode:o}");
        }
        assert!(Secrets::open(&token, Some(&dir.path().join("none"))).is_err());
    }

    #[test]
    fn replacing_a_file_ends_its_epoch() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (token, password) = (dir.path().join("token"), dir.path().join("password"));
        write(&password, "correct horse\n", 0o600);
        let secrets = Secrets::open(&token, Some(&password)).expect("both are good");
        let first = secrets.current();
        assert_eq!((secrets.current(), first.password), (first.clone(), Some(digest("correct horse"))));
        write(&password, "battery staple\n", 0o600);
        let second = secrets.current();
        assert_eq!((second.token, second.password), (first.token, Some(digest("battery staple"))));
        fs::remove_file(&token).expect("it is there");
        let third = secrets.current();
        assert_eq!(third.token, None);
        assert!(first.epoch != second.epoch && second.epoch != third.epoch);
    }
}
