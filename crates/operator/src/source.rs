//! The hash of an operator package's sources: what the cache means by "the same code".

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A package with more source files is refused: it is probably not a package but somebody's home.
pub const MAX_SOURCE_FILES: usize = 10_000;
pub const MAX_SOURCE_BYTES: u64 = 256 << 20;

/// SHA-256 (hex) over all files below `root` that end in `.py` or `.so`: relative paths with `/` in byte order, each path and content with its length before it (64 bits, little endian). Times, sizes and permissions don't count.
///
/// Skipped: names that start with a dot, `__pycache__`, `node_modules`, directories that are symbolic links. Errors: what the file system says, or `FileTooLarge` beyond the limits.
pub fn hash_sources(root: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    let mut directories = vec![(root.to_path_buf(), Vec::new())];
    while let Some((directory, prefix)) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let name = name_bytes(&entry.file_name());
            if name.starts_with(b".") || name == b"__pycache__" || name == b"node_modules" {
                continue;
            }
            let relative = [prefix.as_slice(), &name].concat();
            if entry.file_type()?.is_dir() {
                directories.push((entry.path(), [relative.as_slice(), b"/"].concat()));
            } else if (name.ends_with(b".py") || name.ends_with(b".so")) && entry.path().is_file() {
                files.push((relative, entry.path()));
                if files.len() > MAX_SOURCE_FILES {
                    return Err(too_large(root, &format!("more than {MAX_SOURCE_FILES} source files")));
                }
            }
        }
    }
    files.sort();
    digest(root, &files)
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
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn too_large(root: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("{}: {what}", root.display()))
}

#[cfg(unix)]
fn name_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).to_vec()
}

#[cfg(not(unix))]
fn name_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    name.to_string_lossy().into_owned().into_bytes()
}
