//! The hash of an operator package's sources: what the cache means by "the same code".

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A package with more source files is refused: it is probably not a package but somebody's home.
pub const MAX_SOURCE_FILES: usize = 10_000;
pub const MAX_SOURCE_BYTES: u64 = 256 << 20;

/// SHA-256 (hex) over all files below `root` that end in `.py` or `.so`: relative paths with `/` in byte order, each path and content with its length before it (64 bits, little endian). Times, sizes and permissions don't count.
///
/// Skipped: names that start with a dot, `__pycache__`, `node_modules`, directories that are symbolic links. Errors: what the file system says, or `FileTooLarge` beyond the limits.
pub fn hash_sources(root: &Path) -> io::Result<String> {
    digest(root, &sources(root)?)
}

/// How the files that [`hash_sources`] reads look from outside. Where two looks are equal and the first was settled, the sources are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcesLook {
    /// Over all files: relative path, size, inode, times of content and of metadata.
    seen: String,
    /// The newest of those times, in nanoseconds since 1970.
    newest_ns: i128,
}

/// A file changed this recently may change again within the same tick of its clock.
const UNSETTLED_NS: i128 = 2_000_000_000;

impl SourcesLook {
    /// Reads no file's content: a few microseconds a file. Errors as [`hash_sources`].
    pub fn at(root: &Path) -> io::Result<SourcesLook> {
        let mut hasher = Sha256::new();
        let mut newest_ns = 0;
        for (relative, path) in sources(root)? {
            let stat = fs::metadata(&path)?;
            hasher.update((relative.len() as u64).to_le_bytes());
            hasher.update(&relative);
            for figure in [stat.size().into(), stat.ino().into(), changed_ns(&stat), written_ns(&stat)] {
                hasher.update(figure.to_le_bytes());
            }
            newest_ns = newest_ns.max(changed_ns(&stat)).max(written_ns(&stat));
        }
        Ok(SourcesLook { seen: hex(hasher), newest_ns })
    }

    /// Nothing was changed so recently that a further change could look the same.
    pub fn is_settled(&self) -> bool {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.is_ok_and(|now| now.as_nanos() as i128 - self.newest_ns > UNSETTLED_NS)
    }
}

fn written_ns(stat: &fs::Metadata) -> i128 {
    i128::from(stat.mtime()) * 1_000_000_000 + i128::from(stat.mtime_nsec())
}

/// Also where a file was put in another's place with that one's time.
fn changed_ns(stat: &fs::Metadata) -> i128 {
    i128::from(stat.ctime()) * 1_000_000_000 + i128::from(stat.ctime_nsec())
}

/// Relative paths in byte order, and where the files are.
fn sources(root: &Path) -> io::Result<Vec<(Vec<u8>, PathBuf)>> {
    let mut files = Vec::new();
    let mut directories = vec![(root.to_path_buf(), Vec::new())];
    while let Some((directory, prefix)) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = name_bytes(&entry.file_name());
            if is_skipped(&name) {
                continue;
            }
            let relative = [prefix.as_slice(), &name].concat();
            if entry.file_type()?.is_dir() {
                directories.push((entry.path(), [relative.as_slice(), b"/"].concat()));
            } else if is_source(&name) && entry.path().is_file() {
                files.push((relative, entry.path()));
                if files.len() > MAX_SOURCE_FILES {
                    return Err(too_large(root, &format!("more than {MAX_SOURCE_FILES} source files")));
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Neither a file nor a directory of this name counts.
pub(crate) fn is_skipped(name: &[u8]) -> bool {
    name.starts_with(b".") || name == b"__pycache__" || name == b"node_modules"
}

pub(crate) fn is_source(name: &[u8]) -> bool {
    name.ends_with(b".py") || name.ends_with(b".so")
}

fn digest(root: &Path, files: &[(Vec<u8>, PathBuf)]) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut left = MAX_SOURCE_BYTES;
    let mut content = Vec::new();
    for (relative, path) in files {
        content.clear();
        File::open(path)?.take(left + 1).read_to_end(&mut content)?;
        let length = content.len() as u64;
        left = left
            .checked_sub(length)
            .ok_or_else(|| too_large(root, &format!("more than {MAX_SOURCE_BYTES} bytes of source")))?;
        hasher.update((relative.len() as u64).to_le_bytes());
        hasher.update(relative);
        hasher.update(length.to_le_bytes());
        hasher.update(&content);
    }
    Ok(hex(hasher))
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn too_large(root: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("{}: {what}", root.display()))
}

fn name_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).to_vec()
}
