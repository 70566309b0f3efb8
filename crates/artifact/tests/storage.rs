//! Stores, sweeping and paging, on a real file system.

mod tables;

use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use serde_json::json;
use suanzi_artifact::{
    ArtifactError, ArtifactKey, ArtifactStore, LocalArtifacts, MemoryArtifacts, compare_tables, fsync_file_and_dir,
    preview_table, sweep,
};
use tables::{every_type, file_of};

fn key(text: &str) -> ArtifactKey {
    ArtifactKey::parse(text).unwrap()
}

/// What every store must do; `put` is how artifacts get there.
fn conformance(store: &dyn ArtifactStore, put: &dyn Fn(&ArtifactKey, &[u8])) {
    let bytes = file_of(&[every_type(10)]);
    let (a, b, missing) = (key("runs/1/a.arrow"), key("b.arrow"), key("runs/2/c.arrow"));
    put(&a, &bytes);
    put(&b, b"not a table");

    assert_eq!(store.size(&a).unwrap(), bytes.len() as u64);
    assert_eq!(store.open_table(&a).unwrap().rows(), 10);
    assert!(matches!(store.open_table(&b), Err(ArtifactError::Malformed { .. })));
    store.persist(&a).unwrap();
    let listed: Vec<_> = store.list().unwrap().into_iter().map(|entry| (entry.key, entry.bytes)).collect();
    assert_eq!(listed, [(b.clone(), 11), (a.clone(), bytes.len() as u64)]);

    assert!(matches!(store.size(&missing), Err(ArtifactError::NotFound { .. })));
    assert!(matches!(store.open_table(&missing), Err(ArtifactError::NotFound { .. })));
    assert!(matches!(store.persist(&missing), Err(ArtifactError::NotFound { .. })));
    assert!(!store.remove(&missing).unwrap());

    // A reader keeps its table though it is removed meanwhile.
    let table = store.open_table(&a).unwrap();
    assert!(store.remove(&a).unwrap());
    assert!(!store.remove(&a).unwrap());
    assert_eq!(preview_table(&table, 0, 100).unwrap().rows.len(), 10);
    assert_eq!(store.list().unwrap().len(), 1);
}

#[test]
fn the_local_store_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalArtifacts::new(folder.path().join("artifacts")).unwrap();
    conformance(&store, &|key, bytes| {
        let path = store.local_path(key).unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    });
}

#[test]
fn the_memory_store_conforms() {
    let store = MemoryArtifacts::default();
    conformance(&store, &|key, bytes| store.put(key.clone(), bytes.to_vec(), SystemTime::UNIX_EPOCH));
}

#[test]
fn links_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("t.arrow"), file_of(&[every_type(3)])).unwrap();
    let store = LocalArtifacts::new(folder.path().join("root")).unwrap();
    symlink(&outside, store.root().join("dir")).unwrap();
    symlink(outside.join("t.arrow"), store.root().join("file.arrow")).unwrap();
    for planted in ["dir/t.arrow", "file.arrow"] {
        assert!(store.open_table(&key(planted)).is_err(), "{planted}");
        assert!(store.size(&key(planted)).is_err(), "{planted}");
    }
    assert!(store.remove(&key("dir/t.arrow")).is_err());
    assert!(store.list().unwrap().is_empty());

    let report = sweep(store.root(), &|_| false, Duration::ZERO, SystemTime::now() + Duration::from_secs(60)).unwrap();
    assert_eq!((report.removed.len(), report.skipped), (0, 2));
    assert!(outside.join("t.arrow").exists());
}

#[test]
fn a_named_pipe_does_not_hang_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalArtifacts::new(folder.path()).unwrap();
    let path = folder.path().join("pipe.arrow");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    assert!(store.open_table(&key("pipe.arrow")).is_err());
    assert!(matches!(suanzi_artifact::content_id(&path), Err(ArtifactError::Malformed { .. })));
}

#[test]
fn a_sweep_takes_old_files_that_nobody_names() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, age_s: u64| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, b"12345").unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age_s)).unwrap();
    };
    put("runs/1/known.arrow", 7_200);
    put("runs/1/leftover.tmp", 7_200);
    put("runs/2/writing.tmp", 10);
    put("runs/3/gone.arrow", 7_200);
    let is_known = |path: &str| path == "runs/1/known.arrow";
    let hour = Duration::from_secs(3_600);
    let report = sweep(folder.path(), &is_known, hour, SystemTime::now()).unwrap();
    assert_eq!(report.removed, ["runs/1/leftover.tmp", "runs/3/gone.arrow"]);
    assert_eq!((report.removed_bytes, report.known, report.young, report.skipped), (10, 1, 1, 0));
    assert!(folder.path().join("runs/3").exists(), "its folder changed just now");

    let report = sweep(folder.path(), &is_known, hour, SystemTime::now() + 2 * hour).unwrap();
    assert_eq!(report.removed, ["runs/2/writing.tmp"]);
    assert!(folder.path().join("runs/1/known.arrow").exists());
    // Emptied just now in real time, so old by the clock given.
    assert!(!folder.path().join("runs/3").exists());
}

#[test]
fn fsync_needs_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    assert!(matches!(fsync_file_and_dir(&path), Err(ArtifactError::NotFound { .. })));
    std::fs::write(&path, b"x").unwrap();
    fsync_file_and_dir(&path).unwrap();
}

#[test]
fn comparing_needs_no_disk() {
    let store = MemoryArtifacts::default();
    for name in ["a", "b"] {
        store.put(key(name), file_of(&[every_type(20)]), SystemTime::UNIX_EPOCH);
    }
    let open = |name| store.open_table(&key(name)).unwrap();
    let diff = compare_tables(&open("a"), &open("b"), 10).unwrap();
    assert!(diff.is_empty() && json!(diff)["compared"].as_array().unwrap().len() == 27, "{diff:?}");
}
