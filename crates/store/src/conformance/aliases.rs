//! Names for versions of models.

use super::requirements;
use super::services::models;
use crate::*;

requirements![
    aliases_are_listed_by_model_and_name,
    an_alias_is_moved_by_one_write,
    an_alias_needs_its_version,
    a_removed_alias_is_gone_and_the_version_stays,
    versions_are_found_by_what_names_them,
];

fn alias(model: &str, alias: &str, version: u32) -> AliasRow {
    AliasRow { model: model.into(), alias: alias.into(), version, changed_at: 7 }
}

fn aliases_are_listed_by_model_and_name(store: &dyn Store) {
    models(store);
    assert_eq!(store.model_aliases(None).unwrap(), []);
    let rows = [alias("model", "b", 1), alias("model", "a", 1), alias("其他", "a", 1), alias("model", "a-b", 2)];
    for row in &rows {
        store.put_model_alias(row).unwrap();
    }
    let [b, a, other, ab] = rows;
    assert_eq!(store.model_aliases(None).unwrap(), [a.clone(), ab.clone(), b.clone(), other.clone()]);
    assert_eq!(store.model_aliases(Some("model")).unwrap(), [a, ab, b]);
    assert_eq!(store.model_aliases(Some("其他")).unwrap(), [other]);
    assert_eq!(store.model_aliases(Some("none")).unwrap(), []);
}

fn an_alias_is_moved_by_one_write(store: &dyn Store) {
    models(store);
    store.put_model_alias(&alias("model", "champion", 1)).unwrap();
    store.put_model_alias(&alias("model", "other", 1)).unwrap();
    let moved = AliasRow { changed_at: i64::MAX, ..alias("model", "champion", 2) };
    store.put_model_alias(&moved).unwrap();
    assert_eq!(store.model_aliases(Some("model")).unwrap(), [moved, alias("model", "other", 1)]);
}

fn an_alias_needs_its_version(store: &dyn Store) {
    models(store);
    let kept = alias("model", "champion", 1);
    store.put_model_alias(&kept).unwrap();
    for wrong in [alias("model", "champion", 3), alias("model", "champion", 0), alias("none", "champion", 1)] {
        assert!(matches!(store.put_model_alias(&wrong), Err(StoreError::Conflict(_))), "{wrong:?}");
    }
    assert_eq!(store.model_aliases(None).unwrap(), [kept], "a refused move leaves the alias");
}

fn a_removed_alias_is_gone_and_the_version_stays(store: &dyn Store) {
    models(store);
    store.put_model_alias(&alias("model", "champion", 1)).unwrap();
    store.put_model_alias(&alias("其他", "champion", 1)).unwrap();
    assert!(!store.remove_model_alias("model", "none").unwrap());
    assert!(!store.remove_model_alias("none", "champion").unwrap());
    assert!(store.remove_model_alias("model", "champion").unwrap());
    assert!(!store.remove_model_alias("model", "champion").unwrap());
    assert_eq!(store.model_aliases(None).unwrap(), [alias("其他", "champion", 1)]);
    assert_eq!(store.model_versions(Some("model")).unwrap().len(), 2);
}

fn versions_are_found_by_what_names_them(store: &dyn Store) {
    models(store);
    store.put_model_alias(&alias("model", "champion", 1)).unwrap();
    let find = |model: &str, which| find_version(store, model, &which).unwrap().map(|row| row.version);
    assert_eq!(find("model", Which::Newest), Ok(2));
    assert_eq!(find("model", Which::Number(1)), Ok(1));
    assert_eq!(find("model", Which::Alias("champion".into())), Ok(1));
    assert_eq!(find("none", Which::Newest), Err(NoVersion::Model("none".into())));
    assert_eq!(find("model", Which::Number(3)), Err(NoVersion::Number { model: "model".into(), version: 3 }));
    let missing = NoVersion::Alias { model: "其他".into(), alias: "champion".into() };
    assert_eq!(find("其他", Which::Alias("champion".into())), Err(missing));
}
