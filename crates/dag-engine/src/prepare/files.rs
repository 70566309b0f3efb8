//! Files that parameters name: found, and known by their content.

use super::{FileAccess, FileUse, Preparer, absolute};
use crate::options::RunOptions;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use suanzi_dag::{Document, Fault};
use suanzi_operator::bind::{FileParam, FileWhat};
use suanzi_store::{FileStat, Store, StoreError};

/// A file changed this recently may change again within the same tick of its clock: its hash is used but not remembered.
const RACY: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 1 << 20;

impl Preparer<'_> {
    /// The outer error is the store's, the inner one the author's.
    pub(super) fn resolve_file(
        &self,
        document: &Document,
        op: u32,
        file: &FileParam,
        options: &RunOptions,
    ) -> Result<Result<FileUse, Fault>, StoreError> {
        let place = document.place_of_param(op, &file.param).or_else(|| document.place_of_operator(op));
        let id = document.dag.operators[op as usize].id.to_string();
        let (path, registered) = match &file.what {
            FileWhat::Path(path) => (absolute(Path::new(path), &options.base_dir), false),
            FileWhat::Dataset(dataset) => match options.datasets.get(dataset) {
                Some(path) => (path.clone(), false),
                None => match self.store.dataset(dataset)? {
                    Some(row) => (PathBuf::from(row.path), true),
                    None => {
                        return Ok(Err(Fault::new("unknown_dataset", format!("dataset '{dataset}' is not registered"))
                            .hint(format!("give its file with `--dataset {dataset}=FILE`, or register it: `suanzi dataset add {dataset} FILE`"))
                            .at(place)
                            .operator(id)));
                    }
                },
            },
        };
        let path = absolute(&path, &options.base_dir);
        if !registered && !self.files.allows(&path) {
            // The same words whether it exists or not.
            return Ok(Err(Fault::new("file_not_allowed", format!("{} may not be read here", path.display()))
                .hint("use a registered dataset, or a file in a directory given with `suanzi serve --data-root DIR`")
                .at(place)
                .operator(id)));
        }
        Ok(match content_id(self.store, &path) {
            Ok((content_id, stat)) => Ok(FileUse { param: file.param.clone(), path, content_id, stat }),
            Err(error) => {
                Err(Fault::new("unreadable_file", format!("{} can't be read: {}", path.display(), plain(&error)))
                    .hint("check the path (relative ones start at the DAG's file) and its permissions")
                    .at(place)
                    .operator(id))
            }
        })
    }
}

impl FileAccess {
    /// May this file be read? Also where it doesn't exist: then not, unless any may.
    pub fn allows(&self, path: &Path) -> bool {
        match self {
            FileAccess::Any => true,
            FileAccess::Under(roots) => fs::canonicalize(path).is_ok_and(|real| {
                roots.iter().any(|root| fs::canonicalize(root).is_ok_and(|root| real.starts_with(root)))
            }),
        }
    }
}

fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// BLAKE3 of the file's bytes, hex, with the stat it had; from memory where that hasn't changed since.
pub(crate) fn content_id(store: &dyn Store, path: &Path) -> io::Result<(String, FileStat)> {
    let path = fs::canonicalize(path)?;
    let mut file = File::open(&path)?;
    let stat = stat(&file, &path)?;
    if let Ok(Some(known)) = store.file_content(&stat) {
        return Ok((known, stat));
    }
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        };
    }
    let id = hasher.finalize().to_hex().to_string();
    let changed = Duration::from_nanos(stat.mtime_ns.max(stat.ctime_ns).max(0) as u64);
    let old_enough = SystemTime::now().duration_since(UNIX_EPOCH).is_ok_and(|now| now > changed + RACY);
    if old_enough && self::stat(&file, &path)? == stat {
        // Only a memory: where it can't be written (another process owns the home) the file is read again next time.
        let _ = store.put_file_content(&stat, &id);
    }
    Ok((id, stat))
}

/// Is the file still the one that was hashed?
pub(crate) fn is_unchanged(stat: &FileStat) -> bool {
    let path = Path::new(&stat.path);
    File::open(path).and_then(|file| self::stat(&file, path)).is_ok_and(|now| now == *stat)
}

fn stat(file: &File, path: &Path) -> io::Result<FileStat> {
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(FileStat {
        path: path.to_string_lossy().into_owned(),
        device: meta.dev(),
        inode: meta.ino(),
        size: meta.size(),
        mtime_ns: meta.mtime() * 1_000_000_000 + meta.mtime_nsec(),
        ctime_ns: meta.ctime() * 1_000_000_000 + meta.ctime_nsec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_outside_the_roots_are_refused_whatever_their_path_looks_like() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("root/sub")).expect("a directory");
        fs::create_dir_all(at("root-of-another")).expect("a directory");
        for file in ["root/sub/a.csv", "root-of-another/b.csv", "c.csv"] {
            fs::write(at(file), "x").expect("a file");
        }
        std::os::unix::fs::symlink(at("c.csv"), at("root/link.csv")).expect("a link");
        let access = FileAccess::Under(vec![at("root"), at("missing")]);
        for (path, expected) in [
            (at("root/sub/a.csv"), true),
            (at("root/sub/../sub/a.csv"), true),
            (at("root/../c.csv"), false),
            (at("root/link.csv"), false),
            (at("root-of-another/b.csv"), false),
            (at("root/none.csv"), false),
            (PathBuf::from("/etc/passwd"), false),
        ] {
            assert_eq!(access.allows(&path), expected, "{}", path.display());
            assert!(FileAccess::Any.allows(&path));
        }
    }
}
