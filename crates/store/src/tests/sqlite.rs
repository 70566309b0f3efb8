//! What only the SQLite store can get wrong: files, modes, migrations, damage, other processes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Barrier;

use rusqlite::Connection;

use super::Home;
use crate::conformance::scene::*;
use crate::*;

fn error_of(path: &Path, mode: OpenMode) -> StoreError {
    SqliteStore::open(path, mode).err().expect("opening is refused")
}

#[test]
fn opening_what_is_no_database_says_why() {
    let home = Home::new();
    let at = |name: &str| home.directory.path().join(name);
    std::fs::write(at("text"), "x".repeat(5_000)).unwrap();
    std::fs::write(at("empty"), "").unwrap();
    std::fs::create_dir(at("directory")).unwrap();
    Connection::open(at("foreign")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let check = |name: &str, mode: OpenMode, expected: &str| {
        let said = error_of(&at(name), mode).to_string();
        assert!(said.contains(expected), "{name} {mode:?}: {said}");
    };
    check("text", OpenMode::Owner, "damaged: file is not a database");
    check("text", OpenMode::ReadOnly, "damaged: file is not a database");
    check("missing", OpenMode::ReadOnly, "missing: there is no such file");
    check("empty", OpenMode::ReadOnly, "has not been started with it yet");
    check("directory", OpenMode::ReadOnly, "directory: there is no such file");
    check("directory", OpenMode::Owner, "can't be opened");
    check("no/where", OpenMode::Owner, "no/where: No such file or directory");
    check("foreign", OpenMode::Owner, "foreign: it is the database of another program");
    check("foreign", OpenMode::ReadOnly, "foreign: it is the database of another program");
    assert!(!at("missing").exists(), "reading creates nothing");
}

#[test]
fn the_file_is_private_whatever_it_was() {
    let home = Home::new();
    let mode = || std::fs::metadata(home.path()).unwrap().permissions().mode() & 0o777;
    drop(home.owner());
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o644)).unwrap();
    let store = home.owner();
    new_run(&store, "r");
    assert_eq!(mode(), 0o600);
    let log = home.directory.path().join("suanzi.db-wal");
    assert_eq!(std::fs::metadata(log).unwrap().permissions().mode() & 0o777, 0o600, "and so is its log");
}

#[test]
fn migrations_run_once_and_newer_schemas_are_refused() {
    let home = Home::new();
    let run = new_run(&home.owner(), "r");
    let raw = Connection::open(home.path()).unwrap();
    let marks = || -> (i64, u32) {
        raw.query_row("SELECT count(*), max(version) FROM schema_migrations", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
    };
    let first = marks();
    assert!(first.0 > 1, "{first:?}");
    let reopened = home.owner();
    assert_eq!(reopened.run(run).unwrap().unwrap().run_id, "r");
    assert_eq!(marks(), first);
    drop(reopened);
    raw.execute("INSERT INTO schema_migrations VALUES (99, 'later', '')", []).unwrap();
    for mode in [OpenMode::Owner, OpenMode::ReadOnly] {
        let refused = error_of(&home.path(), mode);
        assert!(matches!(refused, StoreError::NewerSchema { found: 99, known } if known == first.1), "{refused}");
    }
}

#[test]
fn a_migration_cut_off_at_its_mark_runs_again() {
    let home = Home::new();
    let raw = Connection::open(home.path()).unwrap();
    let mark =
        "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)";
    raw.execute_batch(&format!("{mark}; PRAGMA application_id = {}", 0x5355_414E)).unwrap();
    let refused = error_of(&home.path(), OpenMode::ReadOnly).to_string();
    assert!(refused.contains("has not been started with it yet"), "{refused}");
    drop(raw);
    new_run(&home.owner(), "r");
    assert_eq!(home.reader().runs(&RunFilter::default()).unwrap().len(), 1);
}

#[test]
fn owners_opening_at_once_migrate_once() {
    for _ in 0..25 {
        let home = Home::new();
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    together.wait();
                    home.owner()
                });
            }
        });
        let raw = Connection::open(home.path()).unwrap();
        let count = |sql| raw.query_row::<i64, _, _>(sql, [], |row| row.get(0)).unwrap();
        let twice = count("SELECT count(*) - count(DISTINCT name) FROM schema_migrations");
        let marks = count("SELECT count(*) FROM schema_migrations");
        assert!(twice == 0 && marks > 1, "{twice} of {marks}");
    }
}

#[test]
fn readers_see_commits_beside_the_owner_and_without_one() {
    let home = Home::new();
    let owner = home.owner();
    let run = new_run(&owner, "r");
    let reader = home.reader();
    assert_eq!(reader.run(run).unwrap().unwrap().run_id, "r");
    write(&owner, run, vec![dispatched(run, 0, 1, 1), succeeded(run, 0, 1, result("a", &[key(1)]), 2)]);
    assert_eq!(found(&reader, &[key(1)]), [Some(vec!["a".to_string()])]);
    let refused = [
        reader.request_cancel(run).unwrap_err(),
        reader.apply(&Batch { runs: vec![(run, 1)], ..Batch::default() }).unwrap_err(),
        reader.forget(&[key(1)]).unwrap_err(),
    ];
    for error in refused {
        assert!(error.to_string().contains("for reading only"), "{error}");
    }
    drop(owner);
    assert_eq!(state_of(&reader, run, 0), Some(TaskState::Success));
    drop(reader);
    assert_eq!(state_of(&home.reader(), run, 0), Some(TaskState::Success), "nobody owns it now");
}

#[test]
fn a_long_read_does_not_block_the_writer() {
    let home = Home::new();
    let owner = home.owner();
    let run = new_run(&owner, "r");
    let other = Connection::open(home.path()).unwrap();
    other.execute_batch("BEGIN; SELECT * FROM runs").unwrap();
    let before: i64 = other.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap();
    write(&owner, run, vec![dispatched(run, 0, 1, 1)]);
    let after: i64 = other.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap();
    assert_eq!((before, after), (0, 0), "the reader keeps its state of the database");
    assert_eq!(state_of(&owner, run, 0), Some(TaskState::Running));
}

#[test]
fn every_acknowledged_batch_is_in_a_copy_taken_then() {
    let home = Home::new();
    let owner = home.owner();
    let run = new_run(&owner, "r");
    for op in 0..20 {
        let name = format!("a{op}");
        write(&owner, run, vec![dispatched(run, op, 1, 1), succeeded(run, op, 1, result(&name, &[]), 2)]);
        let copy = Home::new();
        for file in ["suanzi.db", "suanzi.db-wal"] {
            std::fs::copy(home.directory.path().join(file), copy.directory.path().join(file)).unwrap();
        }
        let left = copy.owner();
        assert_eq!(left.tasks(run).unwrap(), owner.tasks(run).unwrap());
        assert_eq!(left.outputs(run).unwrap().len(), op as usize + 1);
    }
}

#[test]
fn a_torn_log_loses_whole_batches_only() {
    let home = Home::new();
    let owner = home.owner();
    let run = new_run(&owner, "r");
    for op in 0..6 {
        let name = format!("a{op}");
        write(&owner, run, vec![dispatched(run, op, 1, 1), succeeded(run, op, 1, result(&name, &[]), 2)]);
    }
    let main = std::fs::read(home.path()).unwrap();
    let log = std::fs::read(home.directory.path().join("suanzi.db-wal")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for end in (0..=log.len()).step_by(1_021).chain([log.len()]) {
        let copy = Home::new();
        std::fs::write(copy.path(), &main).unwrap();
        std::fs::write(copy.directory.path().join("suanzi.db-wal"), &log[..end]).unwrap();
        let store = copy.owner();
        let tasks = store.tasks(run).unwrap();
        assert_eq!(store.outputs(run).unwrap().len(), tasks.len(), "cut at byte {end}");
        assert!(tasks.iter().all(|task| task.state == TaskState::Success), "cut at byte {end}");
        seen.insert(tasks.len());
    }
    assert!(seen.len() > 4, "the cuts fell into different batches: {seen:?}");
    assert_eq!(seen.last(), Some(&6));
}

#[test]
fn a_damaged_row_hides_no_other() {
    let home = Home::new();
    let owner = home.owner();
    let (bad, good) = (new_run(&owner, "bad"), new_run(&owner, "good"));
    write(&owner, good, (0..3).map(|op| dispatched(good, op, 1, 1)).collect());
    let raw = Connection::open(home.path()).unwrap();
    raw.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
    raw.execute("UPDATE runs SET state = 'paused' WHERE key = ?1", [bad.0 as i64]).unwrap();
    raw.execute("UPDATE tasks SET state = 'asleep' WHERE op = 1", []).unwrap();
    raw.execute("UPDATE attempts SET state = 'asleep' WHERE op = 2", []).unwrap();
    let listed: Vec<RunKey> = owner.runs(&RunFilter::default()).unwrap().into_iter().map(|run| run.key).collect();
    assert_eq!(listed, [good]);
    assert_eq!(owner.tasks(good).unwrap().iter().map(|task| task.op).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(owner.attempts(good, None).unwrap().iter().map(|a| a.op).collect::<Vec<_>>(), [0, 1]);
    owner.runs(&RunFilter::default()).unwrap();
    let warnings = owner.take_warnings();
    assert_eq!(warnings.len(), 3, "each is said once: {warnings:?}");
    assert!(warnings[0].contains("runs 1") && warnings[0].contains("paused"), "{warnings:?}");
    assert_eq!(owner.take_warnings(), [""; 0]);
    let asked = owner.run(bad).unwrap_err();
    assert!(matches!(asked, StoreError::Corrupt(_)), "asked for by key it isn't said to be absent: {asked}");
    assert_eq!(owner.claim_runs("owner-2", None).unwrap().len(), 1);
}

#[test]
fn a_full_disk_is_said_and_leaves_nothing_half_written() {
    let home = Home::new();
    let owner = home.owner();
    let run = new_run(&owner, "r");
    let pages: i64 = owner.write(|c| Ok(c.pragma_query_value(None, "page_count", |row| row.get(0))?)).unwrap();
    owner.write(|c| Ok(c.pragma_update(None, "max_page_count", pages + 2)?)).unwrap();
    let big = |name: &str| TaskResult {
        outputs: vec![NewArtifact { inline: Some(vec![7; 100_000]), ..artifact(name, 0) }],
        keys: vec![],
        self_hash: None,
    };
    let records = vec![dispatched(run, 0, 1, 1), succeeded(run, 0, 1, big("a"), 2)];
    let refused = owner.apply(&batch(OWNER, &[(run, 1)], records.clone())).unwrap_err();
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert_eq!(owner.tasks(run).unwrap(), []);
    owner.write(|c| Ok(c.pragma_update(None, "max_page_count", 1_000_000)?)).unwrap();
    write(&owner, run, records);
}

#[test]
fn another_writer_makes_it_locked() {
    let home = Home::new();
    let owner = home.owner();
    let run = new_run(&owner, "r");
    owner.write(|c| Ok(c.busy_timeout(std::time::Duration::from_millis(20))?)).unwrap();
    let other = Connection::open(home.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = owner.request_cancel(run).unwrap_err();
    assert!(matches!(refused, StoreError::Locked), "{refused}");
    other.execute_batch("COMMIT").unwrap();
    owner.request_cancel(run).unwrap();
}

#[test]
fn hot_questions_are_answered_by_an_index() {
    let home = Home::new();
    let owner = home.owner();
    let check = |sql: &str, index: &str| {
        let plan = owner.write(|c| {
            let mut explain = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let rows = explain.query_map([], |row| row.get::<_, String>(3))?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.join("\n"))
        });
        let plan = plan.unwrap();
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    };
    check("SELECT key FROM runs WHERE state = 'running'", "runs_open");
    check("SELECT run, op FROM tasks WHERE state IN ('running', 'retrying')", "tasks_open");
    check("SELECT key FROM artifacts WHERE durable = 0 ORDER BY key", "artifacts_not_durable");
    check("SELECT id FROM artifacts WHERE present = 1 AND path <> '' ORDER BY last_used, key", "artifacts_least_used");
    check("SELECT 1 FROM results WHERE self_hash = x'00'", "self_hashes");
    check(
        "SELECT wall_us FROM attempts WHERE state = 'success' AND history_key <> '' AND history_key = 'k'
         ORDER BY ended_at DESC, run DESC, op DESC, attempt_no DESC LIMIT 5",
        "attempts_by_history",
    );
    check("SELECT key FROM runs WHERE dag = 1 AND key < 9 ORDER BY key DESC LIMIT 10", "runs_by_dag");
}
