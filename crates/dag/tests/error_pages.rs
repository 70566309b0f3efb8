//! Every fault code of this crate has a page in `docs/errors/`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_code_has_a_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut codes = BTreeSet::new();
    for path in sources(&root.join("src")) {
        let source = std::fs::read_to_string(path).unwrap();
        // The first argument, on this line or the next; the YAML parser's errors are named in pairs with a hint.
        for part in source.split("Fault::new(").skip(1).chain(source.split("=> (").skip(1)) {
            let code = part.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(code, _)| code);
            codes.extend(
                code.filter(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '_')).map(str::to_owned),
            );
        }
    }
    assert!(codes.len() >= 30, "{codes:?}");
    let missing: Vec<_> =
        codes.iter().filter(|code| !root.join(format!("../../docs/errors/{code}.md")).is_file()).collect();
    assert!(missing.is_empty(), "no page for {missing:?}");
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
