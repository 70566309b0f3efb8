//! Every file in `bad-yaml/` is answered by all its faults, each with code and place, as `expected.txt` lists them.

use std::collections::BTreeMap;
use std::path::Path;
use suanzi_dag::{Fault, Limits, read};

fn describe(fault: &Fault) -> String {
    let place = fault.place.map_or("-".to_owned(), |p| format!("{}:{}", p.line, p.column));
    format!("{}{}@{place}", if fault.warning { "warning:" } else { "" }, fault.code)
}

#[test]
fn every_fault_is_reported() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad-yaml");
    let listing = std::fs::read_to_string(dir.join("expected.txt")).unwrap();
    let expected: BTreeMap<String, String> = listing
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(": ").unwrap())
        .map(|(file, faults)| (file.to_owned(), faults.to_owned()))
        .collect();
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "expected.txt" {
            continue;
        }
        let faults = match read(std::fs::read(&path).unwrap(), &Limits::small()) {
            Ok(_) => "accepted".to_owned(),
            Err(faults) => {
                for fault in &faults.0 {
                    assert!(fault.hint.as_ref().is_some_and(|h| !h.is_empty()), "{name}: no hint: {fault}");
                }
                println!("{name}\n{faults}\n");
                faults.0.iter().map(describe).collect::<Vec<_>>().join(" ")
            }
        };
        found.insert(name, faults);
    }
    assert!(found.len() >= 30);
    let wrong: Vec<String> = found
        .iter()
        .filter(|(name, faults)| expected.get(*name) != Some(*faults))
        .map(|(name, faults)| format!("{name}\n  found    {faults}\n  expected {:?}", expected.get(name)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(found.len(), expected.len(), "expected.txt names files that are not there");
}
