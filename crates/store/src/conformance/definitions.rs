//! DAG versions, files and datasets.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    version_numbers_count_within_a_dag,
    same_source_as_newest_gives_the_same_version,
    operator_given_twice_is_a_conflict,
    file_content_is_known_for_exactly_one_stat,
    datasets_are_replaced_listed_and_removed,
];

fn version_numbers_count_within_a_dag(store: &dyn Store) {
    let first = store.put_dag_version(&version_of("a", "one")).unwrap();
    let second = store.put_dag_version(&version_of("a", "two")).unwrap();
    let other = store.put_dag_version(&version_of("b", "one")).unwrap();
    let row = |key| store.dag_version(key).unwrap().unwrap();
    assert_eq!([row(first).version, row(second).version, row(other).version], [1, 2, 1]);
    let expected = DagVersionRow {
        key: second,
        dag: row(first).dag,
        identity: "a".into(),
        version: 2,
        source: "two".into(),
        source_hash: "hash of two".into(),
        created_at: 100,
    };
    assert_eq!(row(second), expected);
    assert_eq!(store.dag_version(DagVersionKey(99)).unwrap(), None);
    assert_eq!(store.dag_version(DagVersionKey(u64::MAX)).unwrap(), None);
}

fn same_source_as_newest_gives_the_same_version(store: &dyn Store) {
    let one = store.put_dag_version(&version_of("a", "one")).unwrap();
    assert_eq!(store.put_dag_version(&version_of("a", "one")).unwrap(), one);
    let two = store.put_dag_version(&version_of("a", "two")).unwrap();
    let back = store.put_dag_version(&version_of("a", "one")).unwrap();
    assert!(back != one && back != two, "going back to an old source is a new version");
    assert_eq!(store.dag_version(back).unwrap().unwrap().version, 3);
}

fn operator_given_twice_is_a_conflict(store: &dyn Store) {
    let mut version = version_of("a", "one");
    version.operators.push(operator(1));
    assert!(matches!(store.put_dag_version(&version), Err(StoreError::Conflict(_))));
    let sound = store.put_dag_version(&version_of("a", "one")).unwrap();
    assert_eq!(store.dag_version(sound).unwrap().unwrap().version, 1, "nothing of the refused one is left");
}

fn file_content_is_known_for_exactly_one_stat(store: &dyn Store) {
    let stat = FileStat { path: "/数据.csv".into(), device: u64::MAX, inode: 2, size: 3, mtime_ns: -4, ctime_ns: 5 };
    store.put_file_content(&stat, "content").unwrap();
    assert_eq!(store.file_content(&stat).unwrap().as_deref(), Some("content"));
    let others = [
        FileStat { path: "/other".into(), ..stat.clone() },
        FileStat { device: 1, ..stat.clone() },
        FileStat { inode: 1, ..stat.clone() },
        FileStat { size: 1, ..stat.clone() },
        FileStat { mtime_ns: 1, ..stat.clone() },
        FileStat { ctime_ns: 1, ..stat.clone() },
    ];
    for other in &others {
        assert_eq!(store.file_content(other).unwrap(), None, "{other:?}");
    }
    store.put_file_content(&others[3], "changed").unwrap();
    assert_eq!(store.file_content(&others[3]).unwrap().as_deref(), Some("changed"));
    assert_eq!(store.file_content(&stat).unwrap(), None, "a path has one newest stat");
}

fn datasets_are_replaced_listed_and_removed(store: &dyn Store) {
    let dataset = |id: &str, path: &str| DatasetRow {
        id: id.into(),
        path: path.into(),
        created_at: 5,
        description: "描述".into(),
        title: "标题".into(),
        format: "csv".into(),
        rows: Some(u64::MAX),
        bytes: None,
        columns: "[]".into(),
        managed: true,
    };
    store.put_dataset(&dataset("40", "/old")).unwrap();
    store.put_dataset(&dataset("40", "/new")).unwrap();
    store.put_dataset(&dataset("4", "/four")).unwrap();
    assert_eq!(store.dataset("40").unwrap(), Some(dataset("40", "/new")));
    assert_eq!(store.datasets().unwrap(), [dataset("4", "/four"), dataset("40", "/new")]);
    assert!(store.remove_dataset("40").unwrap());
    assert!(!store.remove_dataset("40").unwrap());
    assert_eq!(store.dataset("40").unwrap(), None);
}
