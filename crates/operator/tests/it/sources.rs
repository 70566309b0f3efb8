//! The hash of sources: what counts, and the bytes that the Python side must give too.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};
use suanzi_operator::source::{MAX_SOURCE_BYTES, MAX_SOURCE_FILES, SourcesLook, hash_sources};
use suanzi_operator::source_watch::SourceWatch;
use tempfile::TempDir;

fn write(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("below the root")).expect("directories");
    fs::write(path, content).expect("written");
}

fn package() -> TempDir {
    let dir = TempDir::new().expect("a directory");
    write(dir.path(), "__init__.py", b"");
    write(dir.path(), "b.py", b"x = 1\n");
    write(dir.path(), "b/c.py", "# 算子\n".as_bytes());
    write(dir.path(), "native.so", &[0, 255, 1]);
    dir
}

fn hash(root: &Path) -> String {
    hash_sources(root).expect("readable")
}

#[test]
fn golden_values() {
    let empty = TempDir::new().expect("a directory");
    assert_eq!(hash(empty.path()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hash(package().path()), "0a23d5ec292a214c18e7eb50f21e0f5551b714985570f2602ee8e404d726189a");
}

#[test]
fn what_does_not_count() {
    let dir = package();
    let before = hash(dir.path());
    for path in [
        "notes.txt",
        "data.csv",
        "b.pyc",
        ".hidden.py",
        ".git/hook.py",
        "__pycache__/b.py",
        "node_modules/m/x.py",
        "b/__pycache__/c.py",
        "b.PY",
    ] {
        write(dir.path(), path, b"anything");
        assert_eq!(hash(dir.path()), before, "{path}");
    }
    fs::create_dir(dir.path().join("looks_like.py")).expect("a directory");
    assert_eq!(hash(dir.path()), before, "a directory called .py");
}

#[test]
fn what_counts() {
    let changes: [(&str, &[u8]); 6] = [
        ("b.py", b"x = 2\n"),
        ("b.py", b""),
        ("__init__.py", b"\n"),
        ("new.py", b""),
        ("native.so", &[0, 255, 2]),
        ("b/deep/er/x.py", b""),
    ];
    let mut seen = vec![hash(package().path())];
    for (path, content) in changes {
        let dir = package();
        write(dir.path(), path, content);
        let hash = hash(dir.path());
        assert!(!seen.contains(&hash), "{path}");
        seen.push(hash);
    }
    let dir = package();
    fs::rename(dir.path().join("b.py"), dir.path().join("a.py")).expect("renamed");
    assert!(!seen.contains(&hash(dir.path())), "a new name");
}

#[test]
fn paths_are_sorted_as_wholes() {
    // `b-x.py` stands before `b.py` and both before `b/c.py`: '-' < '.' < '/'.
    let dir = package();
    write(dir.path(), "b-x.py", b"");
    assert_eq!(hash(dir.path()), "ba4a9fcbfc9a8b62a423acc9c1dc2afa1eefd913db4656ac16ee355d72533ffd");
}

#[cfg(unix)]
#[test]
fn links() {
    use std::os::unix::fs::symlink;
    let (dir, other) = (package(), package());
    let before = hash(dir.path());
    symlink(other.path(), dir.path().join("linked")).expect("a link");
    symlink(dir.path(), dir.path().join("loop")).expect("a link");
    symlink("nowhere.py", dir.path().join("dangling.py")).expect("a link");
    assert_eq!(hash(dir.path()), before, "linked directories and links to nowhere don't count");
    symlink(other.path().join("b.py"), dir.path().join("linked.py")).expect("a link");
    let linked = hash(dir.path());
    assert_ne!(linked, before, "a linked file counts: Python imports it");
    write(other.path(), "b.py", b"changed");
    assert_ne!(hash(dir.path()), linked);
}

#[test]
fn limits_and_errors() {
    assert!(hash_sources(Path::new("/no/such/directory")).is_err());
    let many = TempDir::new().expect("a directory");
    for i in 0..=MAX_SOURCE_FILES {
        fs::write(many.path().join(format!("{i}.py")), b"").expect("written");
    }
    let error = hash_sources(many.path()).expect_err("one too many");
    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
    let large = TempDir::new().expect("a directory");
    let file = fs::File::create(large.path().join("a.so")).expect("created");
    file.set_len(MAX_SOURCE_BYTES + 1).expect("sparse");
    assert_eq!(hash_sources(large.path()).expect_err("too large").kind(), std::io::ErrorKind::FileTooLarge);
}

fn look(root: &Path) -> SourcesLook {
    SourcesLook::at(root).expect("readable")
}

#[test]
fn looks_differ_where_sources_do() {
    let dir = package();
    let before = look(dir.path());
    assert_eq!(look(dir.path()), before);
    write(dir.path(), "notes.txt", b"not a source");
    assert_eq!(look(dir.path()), before);
    write(dir.path(), "new.py", b"");
    assert_ne!(look(dir.path()), before);
    fs::remove_file(dir.path().join("new.py")).expect("removed");
    assert_eq!(look(dir.path()), before, "as it was");

    // As long as before, and dated as before: the metadata's own time tells.
    let file = dir.path().join("b.py");
    let written = fs::metadata(&file).and_then(|stat| stat.modified()).expect("a time");
    fs::write(&file, b"x = 2\n").expect("written");
    fs::File::options().write(true).open(&file).and_then(|file| file.set_modified(written)).expect("dated back");
    assert_ne!(look(dir.path()), before);
    assert!(SourcesLook::at(Path::new("/no/such/directory")).is_err());
}

#[test]
fn what_was_just_written_is_not_settled() {
    let dir = package();
    assert!(!look(dir.path()).is_settled());
    // A clock that was set back must not make it so for good: a time to come isn't settled either.
    let ahead = SystemTime::now() + Duration::from_secs(3_600);
    fs::File::options().write(true).open(dir.path().join("b.py")).and_then(|f| f.set_modified(ahead)).expect("dated");
    assert!(!look(dir.path()).is_settled());
    assert!(look(TempDir::new().expect("a directory").path()).is_settled(), "nothing there, nothing that changes");
}

/// A package that lies somewhere below a directory, and a watch of it.
fn watched(dir: &TempDir) -> SourceWatch {
    SourceWatch::begin([dir.path()], []).expect("temporary directories are on a local file system")
}

#[test]
fn a_watch_notices_what_counts() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 12] = [
        ("written anew", |root| write(root, "b.py", b"x = 2\n")),
        ("in a directory", |root| write(root, "b/c.py", b"x = 2\n")),
        ("a new file", |root| write(root, "new.py", b"")),
        ("a new directory", |root| write(root, "later/new.py", b"")),
        ("native code", |root| write(root, "native.so", b"other")),
        ("removed", |root| fs::remove_file(root.join("b.py")).expect("removed")),
        ("renamed", |root| fs::rename(root.join("b.py"), root.join("d.py")).expect("renamed")),
        ("put in its place", |root| {
            write(root, "b.py~", b"x = 1\n");
            fs::rename(root.join("b.py~"), root.join("b.py")).expect("renamed");
        }),
        ("moved away", |root| fs::rename(root.join("b"), root.join(".b")).expect("renamed")),
        ("appended to", |root| {
            use std::io::Write;
            let mut file = fs::OpenOptions::new().append(true).open(root.join("b.py")).expect("open");
            file.write_all(b"\n").expect("written");
        }),
        ("by its other name", |root| write(root, ".other", b"x = 3\n")),
        ("with its old time", |root| {
            let path = root.join("b.py");
            let before = fs::metadata(&path).and_then(|meta| meta.modified()).expect("a time");
            write(root, "b.py", b"x = 3\n");
            fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(before)).expect("set");
        }),
    ];
    for (what, change) in changes {
        let dir = package();
        fs::hard_link(dir.path().join("b/c.py"), dir.path().join(".other")).expect("a second name");
        let watch = watched(&dir);
        assert!(watch.untouched(), "{what}: before");
        change(dir.path());
        assert!(!watch.untouched(), "{what}");
        assert!(!watch.untouched(), "{what}: again");
    }
}

#[test]
fn a_watch_lets_the_rest_be() {
    let dir = package();
    fs::create_dir(dir.path().join("__pycache__")).expect("a directory");
    let watch = watched(&dir);
    for path in ["notes.txt", "b/data.csv", ".hidden.py", "__pycache__/b.py", ".git/hook.py"] {
        write(dir.path(), path, b"anything");
        assert!(watch.untouched(), "{path}");
    }
    hash(dir.path());
    assert!(watch.untouched(), "reading");
}

#[test]
fn a_watch_notices_another_directory_of_the_same_name() {
    let place = TempDir::new().expect("a directory");
    for version in ["v1", "v2"] {
        write(place.path(), &format!("{version}/a.py"), b"");
    }
    let current = place.path().join("current");
    std::os::unix::fs::symlink("v1", &current).expect("a link");
    let watch = SourceWatch::begin([current.as_path()], []).expect("watched");
    assert!(watch.untouched());
    std::os::unix::fs::symlink("v2", place.path().join("next")).expect("a link");
    fs::rename(place.path().join("next"), &current).expect("swapped");
    assert!(!watch.untouched());
}

#[test]
fn only_the_names_of_a_list_count() {
    let (sources, list) = (package(), TempDir::new().expect("a directory"));
    let watch = SourceWatch::begin([sources.path()], [list.path()]).expect("watched");
    fs::create_dir(list.path().join("installed-1.0.dist-info")).expect("a directory");
    assert!(!watch.untouched());
}

#[test]
fn what_a_watch_would_not_see_is_not_watched() {
    let dir = package();
    std::os::unix::fs::symlink("b.py", dir.path().join("link.py")).expect("a link");
    assert!(SourceWatch::begin([dir.path()], []).is_none(), "a symbolic link");
    assert!(SourceWatch::begin([Path::new("/proc/self")], []).is_none(), "a file system of another kind");
    assert!(SourceWatch::begin([Path::new("/nowhere")], []).is_none(), "nothing there");
}
