//! What SQLite does to files, written down in order: a VFS that passes everything on to the system's and records writes, truncations, syncs and deletions under one folder.
//!
//! A file's table of methods is replaced by a copy in which four of them note what they did, so that nothing else is in SQLite's way.

use rusqlite::ffi;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, OnceLock, PoisonError};

#[derive(Debug, Clone)]
pub enum Op {
    Write {
        file: String,
        offset: u64,
        bytes: Vec<u8>,
    },
    Truncate {
        file: String,
        len: u64,
    },
    Sync {
        file: String,
    },
    Delete {
        file: String,
    },
    /// The store said that this much is durable.
    Told(usize),
}

/// Records while it lives. One at a time in a process.
pub struct Recording {
    _alone: MutexGuard<'static, ()>,
}

struct Tape {
    folder: PathBuf,
    ops: Vec<Op>,
}

struct Opened {
    methods: &'static ffi::sqlite3_io_methods,
    file: String,
}

static ALONE: Mutex<()> = Mutex::new(());
static TAPE: Mutex<Option<Tape>> = Mutex::new(None);
static OPENED: OnceLock<Mutex<HashMap<usize, Opened>>> = OnceLock::new();
static SYSTEM: OnceLock<System> = OnceLock::new();
static REGISTERED: Once = Once::new();

struct System(*mut ffi::sqlite3_vfs);
// SAFETY: SQLite's VFS objects live as long as the process, are not changed after registration and may be used by all threads.
unsafe impl Send for System {}
// SAFETY: as above.
unsafe impl Sync for System {}

impl Recording {
    /// Of what happens to files directly in `folder`.
    pub fn begin(folder: &Path) -> Recording {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        REGISTERED.call_once(register);
        *tape() = Some(Tape { folder: folder.canonicalize().expect("the folder is there"), ops: Vec::new() });
        Recording { _alone: alone }
    }

    pub fn tell(&self, what: usize) {
        note(Op::Told(what));
    }

    pub fn end(self) -> Vec<Op> {
        tape().take().map(|tape| tape.ops).unwrap_or_default()
    }
}

fn tape() -> MutexGuard<'static, Option<Tape>> {
    TAPE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn opened() -> MutexGuard<'static, HashMap<usize, Opened>> {
    OPENED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(op: Op) {
    if let Some(tape) = tape().as_mut() {
        tape.ops.push(op);
    }
}

/// The file's name, where it is one that is recorded.
fn recorded(name: *const c_char) -> Option<String> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite gives names that end with a zero byte.
    let path = PathBuf::from(unsafe { CStr::from_ptr(name) }.to_str().ok()?);
    let file = path.file_name()?.to_str()?.to_string();
    // The index of the log is memory that all processes share, rebuilt after a crash: no part of what a disk keeps.
    let kept = !file.ends_with("-shm");
    tape().as_ref().filter(|tape| kept && path.parent() == Some(&tape.folder)).map(|_| file)
}

fn register() {
    // SAFETY: the system's VFS is found once; a copy of it under another name, with two other methods, is registered and never freed.
    unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        assert!(!system.is_null(), "SQLite has a VFS");
        let mut ours = Box::new(*system);
        ours.zName = c"suanzi-recorder".as_ptr();
        ours.pNext = std::ptr::null_mut();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        SYSTEM.set(System(system)).ok().expect("registered once");
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(ours), 1), ffi::SQLITE_OK);
    }
}

fn system() -> *mut ffi::sqlite3_vfs {
    SYSTEM.get().expect("it is registered").0
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: called by SQLite, whose arguments are passed on as they are. The methods of an opened file are never freed.
    unsafe {
        let code = (*system()).xOpen.expect("it opens")(system(), name, file, flags, out);
        if code == ffi::SQLITE_OK
            && let Some(name) = recorded(name)
        {
            let methods: &'static ffi::sqlite3_io_methods = &*(*file).pMethods;
            let mut ours = *methods;
            ours.xClose = Some(close);
            ours.xWrite = Some(write);
            ours.xTruncate = Some(truncate);
            ours.xSync = Some(sync);
            (*file).pMethods = Box::leak(Box::new(ours));
            opened().insert(file as usize, Opened { methods, file: name });
        }
        code
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: as in `open`.
    let code = unsafe { (*system()).xDelete.expect("it deletes")(system(), name, sync_folder) };
    if let Some(file) = recorded(name) {
        note(Op::Delete { file });
    }
    code
}

fn of(file: *mut ffi::sqlite3_file) -> (&'static ffi::sqlite3_io_methods, String) {
    let all = opened();
    let known = all.get(&(file as usize)).expect("only opened files have these methods");
    (known.methods, known.file.clone())
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let known = opened().remove(&(file as usize)).expect("only opened files have these methods");
    // SAFETY: as in `open`; the file has its own methods again.
    unsafe {
        (*file).pMethods = known.methods;
        known.methods.xClose.expect("it closes")(file)
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, len: c_int, offset: i64) -> c_int {
    let (methods, name) = of(file);
    // SAFETY: as in `open`; `from` has `len` bytes.
    unsafe {
        let code = methods.xWrite.expect("it writes")(file, from, len, offset);
        if code == ffi::SQLITE_OK {
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), len as usize).to_vec();
            note(Op::Write { file: name, offset: offset as u64, bytes });
        }
        code
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: i64) -> c_int {
    let (methods, name) = of(file);
    // SAFETY: as in `open`.
    let code = unsafe { methods.xTruncate.expect("it truncates")(file, len) };
    if code == ffi::SQLITE_OK {
        note(Op::Truncate { file: name, len: len as u64 });
    }
    code
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let (methods, name) = of(file);
    // SAFETY: as in `open`.
    let code = unsafe { methods.xSync.expect("it syncs")(file, flags) };
    if code == ffi::SQLITE_OK {
        note(Op::Sync { file: name });
    }
    code
}
