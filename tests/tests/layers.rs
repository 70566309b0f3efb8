//! The layers of the workspace: which crate may know which, what the pure ones may not link, and that the tree stays readable.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use suanzi_tests::repository;

/// The layers, from the ground up: a crate may use what is in its list and nothing else of the workspace.
const ALLOWED: &[(&str, &[&str])] = &[
    ("suanzi-dag", &[]),
    ("suanzi-schedule", &[]),
    ("suanzi-operator", &["suanzi-dag", "suanzi-schedule"]),
    ("suanzi-lint", &["suanzi-dag", "suanzi-operator"]),
    ("suanzi-scheduler", &[]),
    ("suanzi-protocol", &[]),
    ("suanzi-artifact", &[]),
    ("suanzi-artifact-s3", &["suanzi-artifact"]),
    ("suanzi-store", &[]),
    ("suanzi-executor", &["suanzi-protocol"]),
    ("suanzi-store-remote", &["suanzi-store"]),
    ("suanzi-environments", &[]),
    ("suanzi-executor-local", &["suanzi-environments", "suanzi-executor", "suanzi-protocol"]),
    ("suanzi-executor-http", &["suanzi-executor", "suanzi-protocol"]),
    ("suanzi-executor-ray", &["suanzi-executor-http"]),
    ("suanzi-executor-spark", &["suanzi-executor-http"]),
    ("suanzi-engine-link", &["suanzi-executor"]),
    ("suanzi-onnx", &[]),
    ("suanzi-python-env", &["suanzi-operator"]),
    ("suanzi-operator-engine", &["suanzi-executor"]),
    (
        "suanzi-dag-engine",
        &[
            "suanzi-artifact",
            "suanzi-dag",
            "suanzi-executor",
            "suanzi-operator",
            "suanzi-operator-engine",
            "suanzi-scheduler",
            "suanzi-store",
        ],
    ),
    (
        "suanzi-cli",
        &[
            "suanzi-api",
            "suanzi-artifact",
            "suanzi-artifact-s3",
            "suanzi-dag",
            "suanzi-dag-engine",
            "suanzi-engine-link",
            "suanzi-environments",
            "suanzi-executor",
            "suanzi-executor-http",
            "suanzi-executor-local",
            "suanzi-executor-ray",
            "suanzi-executor-spark",
            "suanzi-lint",
            "suanzi-mlflow",
            "suanzi-onnx",
            "suanzi-operator",
            "suanzi-operator-engine",
            "suanzi-python-env",
            "suanzi-report",
            "suanzi-server",
            "suanzi-store",
            "suanzi-store-remote",
        ],
    ),
    ("suanzi-api", &[]),
    ("suanzi-mlflow", &["suanzi-artifact", "suanzi-report", "suanzi-store"]),
    ("suanzi-report", &["suanzi-api", "suanzi-artifact", "suanzi-dag", "suanzi-dag-engine", "suanzi-store"]),
    (
        "suanzi-server",
        &[
            "suanzi-api",
            "suanzi-artifact",
            "suanzi-dag",
            "suanzi-dag-engine",
            "suanzi-executor",
            "suanzi-lint",
            "suanzi-mlflow",
            "suanzi-onnx",
            "suanzi-operator",
            "suanzi-schedule",
            "suanzi-report",
            "suanzi-store",
        ],
    ),
    // Not shipped: no list but its own names it.
    ("suanzi-sim", &["suanzi-dag-engine", "suanzi-executor", "suanzi-operator", "suanzi-scheduler", "suanzi-store"]),
    ("suanzi-tests", &[]),
];

/// Features for tests alone, and the crates that may switch them on outside their dev-dependencies.
const TEST_FEATURES: &[&str] = &["planted-defects", "conformance", "servers"];
const NOT_SHIPPED: &[&str] = &["suanzi-sim", "suanzi-tests"];

/// Crates that do no I/O of the kinds named in [`IMPURE`].
const PURE: &[&str] = &["suanzi-dag", "suanzi-operator", "suanzi-schedule", "suanzi-scheduler", "suanzi-protocol"];

/// Runtimes, databases and HTTP.
const IMPURE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "futures-executor",
    "rusqlite",
    "libsqlite3-sys",
    "sqlx",
    "mysql",
    "postgres",
    "diesel",
    "hyper",
    "axum",
    "reqwest",
    "ureq",
    "h2",
    "tonic",
    "curl",
    "rustls",
];

/// Links a database driver.
const DATABASE_CRATES: &[&str] = &["suanzi-store", "suanzi-store-remote"];
const DRIVERS: &[&str] = &["rusqlite", "libsqlite3-sys", "sqlx", "mysql", "postgres", "mysql_async", "tokio-postgres"];

const MAX_SOURCE_LINES: usize = 600;
const MAX_ROOT_ENTRIES: usize = 20;

fn cargo(args: &[&str]) -> Vec<u8> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo).args(args).current_dir(repository::root()).output().expect("cargo runs");
    assert!(out.status.success(), "cargo {args:?} failed: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

fn metadata() -> Value {
    let version = String::from_utf8(cargo(&["-vV"])).expect("cargo speaks UTF-8");
    let host = version.lines().find_map(|l| l.strip_prefix("host: ")).expect("cargo knows its host");
    // Packages for other platforms were perhaps never fetched.
    let out = cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    serde_json::from_slice(&out).expect("cargo metadata prints JSON")
}

/// Direct dependencies of a package: name, kind (`normal`, `dev`, `build`).
fn dependencies(package: &Value) -> Vec<(&str, &str)> {
    let list = package["dependencies"].as_array().expect("a list");
    list.iter().map(|d| (d["name"].as_str().unwrap_or(""), d["kind"].as_str().unwrap_or("normal"))).collect()
}

fn members(metadata: &Value) -> BTreeMap<&str, &Value> {
    let ids: BTreeSet<&str> =
        metadata["workspace_members"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let packages = metadata["packages"].as_array().expect("a list").iter();
    packages
        .filter(|p| ids.contains(p["id"].as_str().unwrap_or("")))
        .map(|p| (p["name"].as_str().expect("a name"), p))
        .collect()
}

/// Names of all packages a member links in its shipped form (its own `dev` dependencies aside).
fn linked<'a>(metadata: &'a Value, member: &str) -> BTreeSet<&'a str> {
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|p| (p["id"].as_str().expect("an id"), p["name"].as_str().expect("a name")))
        .collect();
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|n| (n["id"].as_str().expect("an id"), n))
        .collect();
    let start = names.iter().find(|(_, name)| **name == member).map(|(id, _)| *id).expect("the member is there");
    let mut seen = BTreeSet::from([start]);
    let mut queue = vec![start];
    while let Some(id) = queue.pop() {
        for dep in nodes[id]["deps"].as_array().expect("a list") {
            let shipped = dep["dep_kinds"].as_array().expect("a list").iter().any(|k| k["kind"] != "dev");
            let to = dep["pkg"].as_str().expect("an id");
            if shipped && seen.insert(to) {
                queue.push(to);
            }
        }
    }
    seen.into_iter().map(|id| names[id]).collect()
}

#[test]
fn arrows_run_one_way() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, uses)| (*name, uses.iter().copied().collect())).collect();
    let members = members(&metadata);
    let mut wrong = Vec::new();
    for (name, package) in &members {
        let Some(uses) = allowed.get(name) else {
            wrong.push(format!("{name} has no place in the layers: add it to ALLOWED in tests/tests/layers.rs"));
            continue;
        };
        for (to, kind) in dependencies(package) {
            let own_features = kind == "dev" && to == *name;
            // Tests may stand on whatever lies below; that no one stands on what lies above follows from the check of cycles.
            if members.contains_key(to) && kind != "dev" && !own_features && !uses.contains(to) {
                wrong.push(format!("{name} -> {to} ({kind}) runs against the layers"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn crates_form_no_cycle() {
    let metadata = metadata();
    let members = members(&metadata);
    // Dev-dependencies count: with them a cycle compiles, and a crate is tested as a part of what uses it.
    let mut left: BTreeMap<&str, BTreeSet<&str>> = members
        .iter()
        .map(|(name, p)| {
            let uses = dependencies(p).into_iter().map(|(to, _)| to);
            (*name, uses.filter(|to| members.contains_key(to) && to != name).collect())
        })
        .collect();
    loop {
        let ready: Vec<&str> = left.iter().filter(|(_, uses)| uses.is_empty()).map(|(name, _)| *name).collect();
        if ready.is_empty() {
            break;
        }
        for name in ready {
            left.remove(name);
            left.values_mut().for_each(|uses| {
                uses.remove(name);
            });
        }
    }
    assert!(left.is_empty(), "these crates form a cycle, or use one: {left:?}");
}

#[test]
fn pure_crates_link_no_runtime_database_or_http() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for member in PURE {
        let linked = linked(&metadata, member);
        wrong.extend(IMPURE.iter().filter(|name| linked.contains(**name)).map(|name| format!("{member} links {name}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // Proves that the search would see one: the program itself links SQLite.
    assert!(linked(&metadata, "suanzi-cli").contains("libsqlite3-sys"));
}

/// What makes the engine misbehave on purpose is in no shipped build: nothing switches it on by itself.
#[test]
fn planted_defects_are_not_shipped() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for (name, package) in members(&metadata).into_iter().filter(|(name, _)| !NOT_SHIPPED.contains(name)) {
        for dependency in package["dependencies"].as_array().expect("a list") {
            let features: Vec<&str> =
                dependency["features"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if dependency["kind"] != "dev" && TEST_FEATURES.iter().any(|f| features.contains(f)) {
                wrong.push(format!("{name} switches on {features:?} of {}", dependency["name"]));
            }
        }
        let default = package["features"]["default"].to_string();
        if TEST_FEATURES.iter().any(|f| default.contains(f)) {
            wrong.push(format!("{name} has {default} by default"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_program_knows_databases_and_executors() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for (name, package) in members(&metadata) {
        for (to, kind) in dependencies(package) {
            let implementation = to.starts_with("suanzi-executor-") || to.starts_with("suanzi-store-");
            // One executor may stand on another, as far as ALLOWED says.
            let executors = to.starts_with("suanzi-executor-") && name.starts_with("suanzi-executor-");
            if kind != "dev" && implementation && name != "suanzi-cli" && !executors {
                wrong.push(format!("{name} knows the executor or database {to}"));
            }
            let judge = name == "suanzi-tests";
            if DRIVERS.contains(&to) && !DATABASE_CRATES.contains(&name) && !judge {
                wrong.push(format!("{name} knows the database driver {to}"));
            }
        }
    }
    // The store's own crate names its SQLite type; who makes one is seen in the sources.
    for file in repository::tracked() {
        let path = file.to_string_lossy().into_owned();
        let outside = path.starts_with("crates/")
            && path.contains("/src/")
            && !path.starts_with("crates/cli/")
            && !path.starts_with("crates/store/");
        if outside && path.ends_with(".rs") {
            let text = std::fs::read_to_string(repository::root().join(&file)).expect("a tracked source is text");
            if text.contains("SqliteStore") {
                wrong.push(format!("{path} knows SqliteStore"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_overview_names_every_crate_with_one_sentence() {
    let root = repository::root();
    let overview = std::fs::read_to_string(root.join("crates/README.md")).expect("crates/README.md is there");
    let mut rows: BTreeMap<&str, &str> = BTreeMap::new();
    for line in overview.lines() {
        if let Some(rest) = line.strip_prefix("| `")
            && let Some((folder, sentence)) = rest.split_once("` | ")
        {
            rows.insert(folder, sentence.trim_end_matches('|').trim());
        }
    }
    let folders: BTreeSet<String> = std::fs::read_dir(root.join("crates"))
        .expect("the folder is there")
        .flatten()
        .filter(|e| e.path().join("Cargo.toml").is_file())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    let described: BTreeSet<String> = rows.keys().map(|f| f.to_string()).collect();
    assert_eq!(described, folders, "crates/README.md and the folders of crates/ differ");
    for (folder, sentence) in rows {
        let one = sentence.ends_with('.') && sentence.matches(". ").count() == 0;
        assert!(one, "crates/README.md: `{folder}` needs one sentence, it has: {sentence}");
    }
}

#[test]
fn sources_are_short() {
    let mut long = Vec::new();
    for file in repository::tracked() {
        if file.extension().is_some_and(|e| e == "rs" || e == "py") {
            let text = std::fs::read_to_string(repository::root().join(&file)).expect("a tracked source is text");
            let lines = text.lines().count();
            if lines > MAX_SOURCE_LINES {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "split these before they grow past {MAX_SOURCE_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn the_root_is_small() {
    let entries: BTreeSet<String> = repository::tracked()
        .iter()
        .filter_map(|f| f.components().next())
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    assert!(entries.len() <= MAX_ROOT_ENTRIES, "{} entries in the root: {entries:?}", entries.len());
}
