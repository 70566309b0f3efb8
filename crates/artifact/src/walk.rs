//! Visits all files below a folder without following a symbolic link, even one put in place during the walk.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

/// Deepest folder visited; deeper ones are left alone.
const MAX_DEPTH: usize = 32;

/// What a walk meets. `folder` is the open folder the entry lies in, `name` its name there.
pub(crate) enum WalkEntry<'a> {
    /// A regular file; `relative` is its path from the root.
    File { relative: &'a str, folder: &'a OwnedFd, name: &'a OsStr, bytes: u64, modified: SystemTime },
    /// A folder, after everything in it.
    Folder { folder: &'a OwnedFd, name: &'a OsStr, modified: SystemTime },
    /// Something that is neither: a link, a pipe, a device, or a name that is not UTF-8. Never opened.
    Other,
}

/// Opens the root; it may be a link itself, being the user's choice.
pub(crate) fn open_root(root: &Path) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Opens a folder in a folder; fails if it is a link.
pub(crate) fn open_folder_at(folder: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(folder, name, flags, Mode::empty())?)
}

/// Visits everything below `root`. Entries that vanish meanwhile are passed over.
pub(crate) fn walk(root: &Path, visit: &mut dyn FnMut(WalkEntry<'_>) -> io::Result<()>) -> io::Result<()> {
    visit_folder(&open_root(root)?, "", 0, visit)
}

fn visit_folder(
    folder: &OwnedFd,
    prefix: &str,
    depth: usize,
    visit: &mut dyn FnMut(WalkEntry<'_>) -> io::Result<()>,
) -> io::Result<()> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let stat = match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(rustix::io::Errno::NOENT) => continue,
            Err(error) => return Err(error.into()),
        };
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(stat.st_mtime).unwrap_or(0));
        let kind = FileType::from_raw_mode(stat.st_mode);
        let Some(text) = name.to_str() else {
            visit(WalkEntry::Other)?;
            continue;
        };
        let relative = if prefix.is_empty() { text.to_owned() } else { format!("{prefix}/{text}") };
        match kind {
            FileType::RegularFile => {
                let bytes = u64::try_from(stat.st_size).unwrap_or(0);
                visit(WalkEntry::File { relative: &relative, folder, name, bytes, modified })?;
            }
            FileType::Directory if depth < MAX_DEPTH => {
                match open_folder_at(folder, name) {
                    Ok(inner) => visit_folder(&inner, &relative, depth + 1, visit)?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(_) => {
                        visit(WalkEntry::Other)?;
                        continue;
                    }
                }
                visit(WalkEntry::Folder { folder, name, modified })?;
            }
            _ => visit(WalkEntry::Other)?,
        }
    }
    Ok(())
}
