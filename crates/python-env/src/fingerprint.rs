//! The environment fingerprint: interpreter version and installed distributions, so that a result made with other versions is never taken for this one's.

use crate::Interpreter;
use std::fs;
use std::path::{Path, PathBuf};
use suanzi_operator::source::hash_sources;

impl Interpreter {
    /// Hex. Reads directory names, and the sources of packages installed as editable; starts no Python.
    pub fn fingerprint(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for dir in &self.site_packages {
            let Ok(entries) = fs::read_dir(dir) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(".dist-info") || name.ends_with(".egg-info") {
                    // Known by its sources, below.
                    if name.starts_with("suanzi-") {
                        continue;
                    }
                    if let Some(source) = editable(&entry.path()) {
                        lines.push(format!("editable {}", hash_sources(&source).unwrap_or_default()));
                    }
                    lines.push(name);
                }
            }
        }
        lines.sort();
        lines.dedup();
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("python {}\n", self.version).as_bytes());
        // Operators of users run on our SDK and worker too.
        hasher.update(format!("suanzi {}\n", hash_sources(&self.package).unwrap_or_default()).as_bytes());
        for line in lines {
            hasher.update(line.as_bytes());
            hasher.update(b"\n");
        }
        hasher.finalize().to_hex().to_string()
    }
}

impl Interpreter {
    /// Names and versions of what is installed, sorted, without Suanzi itself.
    pub fn distributions(&self) -> Vec<String> {
        let mut names = Vec::new();
        for dir in &self.site_packages {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let stem = name.strip_suffix(".dist-info").or_else(|| name.strip_suffix(".egg-info"));
                names.extend(stem.filter(|stem| !stem.starts_with("suanzi-")).map(str::to_owned));
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

/// The source directory of an editable installation (PEP 610).
fn editable(dist_info: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(dist_info.join("direct_url.json")).ok()?;
    let value: serde_json::Value = serde_json::from_str(&text).ok()?;
    if !value.get("dir_info")?.get("editable")?.as_bool()? {
        return None;
    }
    Some(PathBuf::from(value.get("url")?.as_str()?.strip_prefix("file://")?))
}
