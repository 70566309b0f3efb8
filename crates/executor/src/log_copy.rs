//! Copies of tasks' logs on this host, one file for each attempt, in the folder and numbering that the local executor's workers use.

use crate::MAX_LOG_READ_BYTES;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// A new file that only its owner reads, under the first free number.
pub fn create(dir: &Path) -> io::Result<(u64, File)> {
    std::fs::create_dir_all(dir)?;
    let mut number = 1;
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let taken: Option<u64> = name.to_str().and_then(|n| n.strip_suffix(".log")).and_then(|n| n.parse().ok());
        number = number.max(taken.map_or(0, |n| n + 1));
    }
    loop {
        let path = dir.join(format!("{number}.log"));
        match OpenOptions::new().append(true).create_new(true).mode(0o600).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|file| (number, file)),
        }
    }
}

pub fn read(dir: &Path, number: u64, offset: u64, limit: usize) -> io::Result<Vec<u8>> {
    let file = File::open(dir.join(format!("{number}.log")))?;
    if i64::try_from(offset).is_err() {
        return Ok(Vec::new()); // beyond the end of any file
    }
    let mut bytes = vec![0; limit.min(MAX_LOG_READ_BYTES)];
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], offset.saturating_add(read as u64)) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{create, read};
    use std::io::Write;

    #[test]
    fn any_range_can_be_asked_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let (number, mut file) = create(dir.path()).expect("a file");
        file.write_all(b"hello").expect("written");
        let check = |offset, limit, expected: &[u8]| {
            assert_eq!(read(dir.path(), number, offset, limit).expect("read"), expected, "{offset} {limit}");
        };
        check(0, 100, b"hello");
        check(3, 1, b"l");
        check(5, 10, b"");
        check(u64::MAX, 10, b"");
        check(1, usize::MAX, b"ello");
        assert_ne!(create(dir.path()).expect("a file").0, number);
    }
}
