//! Tells, by one question to the kernel, that no source below some directories was touched since: it is told of every change as it is made (inotify).

use crate::source::{is_skipped, is_source};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::fs::statfs;
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// File systems that nobody but this kernel writes to: ext2 to 4, XFS, Btrfs, ZFS, F2FS, bcachefs, tmpfs, overlay.
const LOCAL: [u64; 8] =
    [0xEF53, 0x5846_5342, 0x9123_683E, 0x2FC1_2FC1, 0xF2F5_2010, 0xCA45_1A4E, 0x0102_1994, 0x794C_7630];
/// Directories beyond this are not watched: hosts give a user some thousands of watches.
const MOST_WATCHES: usize = 2_000;
const EVENT_BYTES: usize = 4096;

/// Sources from the moment of [`SourceWatch::begin`] on. A write through a memory map is seen when its file is closed.
#[derive(Debug)]
pub struct SourceWatch {
    roots: Vec<(PathBuf, Identity)>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    inotify: OwnedFd,
    /// Watches of directories in which every name counts, not sources alone.
    whole: BTreeSet<i32>,
    watches: usize,
    touched: bool,
}

/// Device and inode: a path that names another directory now was touched, though no watched one was.
type Identity = (u64, u64);

impl SourceWatch {
    /// `roots`: directories whose sources count, as [`crate::source::hash_sources`] finds them. `lists`: directories of which only the list of names counts. `None` where the kernel can't tell of all changes, and looking is the only way: file systems that other hosts write to, sources that are symbolic links, too many directories, no watches left.
    pub fn begin<'a>(
        roots: impl IntoIterator<Item = &'a Path>,
        lists: impl IntoIterator<Item = &'a Path>,
    ) -> Option<SourceWatch> {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        let mut state = State { inotify, whole: BTreeSet::new(), watches: 0, touched: false };
        let mut known = Vec::new();
        for root in roots {
            known.push((root.to_path_buf(), identity(root)?));
            state.watch_sources(root)?;
        }
        for list in lists {
            if list.is_dir() {
                known.push((list.to_path_buf(), identity(list)?));
                let watch = state.watch_directory(list)?;
                state.whole.insert(watch);
            }
        }
        Some(SourceWatch { roots: known, state: Mutex::new(state) })
    }

    /// Whether nothing was changed, added or removed since. Once it was, the answer stays.
    pub fn untouched(&self) -> bool {
        let Ok(mut state) = self.state.lock() else { return false };
        state.touched = state.touched
            || state.read_events()
            || self.roots.iter().any(|(root, before)| identity(root) != Some(*before));
        !state.touched
    }
}

impl State {
    fn watch_sources(&mut self, root: &Path) -> Option<()> {
        let mut directories = vec![root.to_path_buf()];
        while let Some(directory) = directories.pop() {
            // Watched before it is listed: what comes in between is told.
            self.watch_directory(&directory)?;
            for entry in fs::read_dir(&directory).ok()? {
                let entry = entry.ok()?;
                let name = entry.file_name();
                if is_skipped(name.as_bytes()) {
                    continue;
                }
                let kind = entry.file_type().ok()?;
                if kind.is_dir() {
                    directories.push(entry.path());
                } else if is_source(name.as_bytes()) {
                    if kind.is_symlink() {
                        return None;
                    }
                    self.watch_other_names(&entry)?;
                }
            }
        }
        Some(())
    }

    fn watch_directory(&mut self, directory: &Path) -> Option<i32> {
        let kind = statfs(directory).ok()?.f_type as u64;
        if !LOCAL.contains(&kind) {
            return None;
        }
        let told = WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MODIFY
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        self.add(directory, told)
    }

    /// A file with several names may be written to through one that lies elsewhere.
    fn watch_other_names(&mut self, entry: &fs::DirEntry) -> Option<()> {
        if entry.metadata().ok()?.nlink() > 1 {
            let watch = self.add(&entry.path(), WatchFlags::CLOSE_WRITE | WatchFlags::MODIFY)?;
            self.whole.insert(watch);
        }
        Some(())
    }

    fn add(&mut self, path: &Path, told: WatchFlags) -> Option<i32> {
        self.watches += 1;
        if self.watches > MOST_WATCHES {
            return None;
        }
        inotify::add_watch(&self.inotify, path, told | WatchFlags::MASK_ADD).ok()
    }

    /// Whether there was one that counts.
    fn read_events(&mut self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); EVENT_BYTES];
        let mut events = Reader::new(&self.inotify, &mut buffer);
        loop {
            match events.next() {
                Ok(event) => {
                    let name = event.file_name().map_or(&b""[..], std::ffi::CStr::to_bytes);
                    let within = event.events().contains(ReadFlags::ISDIR) || is_source(name);
                    // Without a name it is the directory itself, or events that were lost.
                    if name.is_empty() || (!is_skipped(name) && (within || self.whole.contains(&event.wd()))) {
                        return true;
                    }
                }
                Err(Errno::WOULDBLOCK) => return false,
                Err(Errno::INTR) => {}
                Err(_) => return true,
            }
        }
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let stat = fs::metadata(path).ok()?;
    Some((stat.dev(), stat.ino()))
}
