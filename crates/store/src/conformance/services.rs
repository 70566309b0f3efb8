//! Models served under a name.

use super::requirements;
use super::scene::*;
use crate::*;

requirements![
    services_are_listed_by_name_and_found,
    a_switch_replaces_the_row,
    a_service_needs_its_versions,
    a_removed_service_is_gone,
];

/// Versions 1 and 2 of `model`, version 1 of `其他`.
pub(super) fn models(store: &dyn Store) {
    let run = new_run(store, "r");
    write(store, run, vec![dispatched(run, 0, 1, 1), succeeded(run, 0, 1, result("m", &[]), 2)]);
    for (op, name) in [(1, "model"), (2, "model"), (3, "其他")] {
        let model = NewModelVersion {
            name: name.into(),
            run,
            op,
            artifact: ArtifactId("m".into()),
            manifest: "{}".into(),
            created_at: 5,
        };
        store.register_model(&model).unwrap();
    }
}

fn version(model: &str, version: u32) -> ServedVersion {
    ServedVersion { model: model.into(), version }
}

fn row(name: &str, served: ServedVersion, before: Option<ServedVersion>) -> ServiceRow {
    ServiceRow { name: name.into(), served, before, concurrency: 7, created_at: 10, changed_at: 11 }
}

fn services_are_listed_by_name_and_found(store: &dyn Store) {
    models(store);
    assert_eq!(store.services().unwrap(), []);
    assert_eq!(store.service("b").unwrap(), None);
    let (b, a) = (row("b", version("model", 1), None), row("a", version("其他", 1), Some(version("model", 2))));
    store.put_service(&b).unwrap();
    store.put_service(&a).unwrap();
    assert_eq!(store.services().unwrap(), [a.clone(), b]);
    assert_eq!(store.service("a").unwrap(), Some(a));
}

fn a_switch_replaces_the_row(store: &dyn Store) {
    models(store);
    store.put_service(&row("s", version("model", 1), None)).unwrap();
    let switched = ServiceRow { concurrency: 1, changed_at: i64::MAX, ..row("s", version("model", 2), None) };
    let switched = ServiceRow { before: Some(version("model", 1)), ..switched };
    store.put_service(&switched).unwrap();
    assert_eq!(store.services().unwrap(), [switched]);
    store.put_service(&row("s", version("model", 1), None)).unwrap();
    assert_eq!(store.service("s").unwrap(), Some(row("s", version("model", 1), None)));
}

fn a_service_needs_its_versions(store: &dyn Store) {
    models(store);
    let kept = row("s", version("model", 1), None);
    store.put_service(&kept).unwrap();
    for wrong in [
        row("s", version("model", 3), None),
        row("s", version("model", 0), None),
        row("s", version("none", 1), None),
        row("s", version("model", 2), Some(version("model", 9))),
    ] {
        assert!(matches!(store.put_service(&wrong), Err(StoreError::Conflict(_))), "{wrong:?}");
    }
    assert_eq!(store.services().unwrap(), [kept], "a refused switch leaves what is served");
}

fn a_removed_service_is_gone(store: &dyn Store) {
    models(store);
    store.put_service(&row("s", version("model", 1), None)).unwrap();
    assert!(store.remove_service("s").unwrap());
    assert!(!store.remove_service("s").unwrap());
    assert_eq!(store.services().unwrap(), []);
}
