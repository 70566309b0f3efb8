//! Manifests of operator packages: the shipped one of the standard library, and those of users' directories, made by Python once per state of their sources.

use crate::{Interpreter, PythonError, process};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use suanzi_operator::catalogue::Origin;
use suanzi_operator::manifest::Manifest;
use suanzi_operator::source::hash_sources;

/// The standard operators' module.
const STANDARD: &str = "suanzi.operators";

#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error(transparent)]
    Python(#[from] PythonError),
    #[error("{}: {message}", dir.display())]
    Broken { dir: PathBuf, message: String },
    /// Files that couldn't be imported.
    #[error("operators in {} can't be used:\n{}", dir.display(), files.join("\n"))]
    Files { dir: PathBuf, files: Vec<String> },
}

#[derive(Deserialize)]
struct Answer {
    #[serde(flatten)]
    manifest: Manifest,
    #[serde(default)]
    errors: Vec<FileError>,
}

#[derive(Deserialize)]
struct FileError {
    #[serde(default)]
    file: String,
    #[serde(default)]
    line: Option<u32>,
    #[serde(default)]
    message: String,
}

/// The standard library's operators. The shipped manifest serves while the sources are the ones it was made from; a changed clone is indexed anew.
pub fn standard(python: &Interpreter, memory: &Path) -> Result<(Manifest, Origin), IndexError> {
    let code_hash = hash(&python.package)?;
    let shipped = python.package.join("operators/manifest.json");
    let manifest = match fs::read_to_string(&shipped).ok().and_then(|t| serde_json::from_str::<Manifest>(&t).ok()) {
        Some(manifest) if manifest.source_hash == code_hash => manifest,
        _ => remembered(memory, &code_hash, &python.package, || {
            process::ask(
                &python.path,
                python.python_path.as_deref(),
                &["-m", "suanzi.sdk.manifest", "--package", STANDARD],
            )
        })?,
    };
    Ok((manifest, Origin { package: "suanzi".into(), dir: None, code_hash }))
}

/// A user's directory of operators (`--operators DIR`). Importing it runs its code, in a process of its own with a time limit.
pub fn index_dir(python: &Interpreter, dir: &Path, memory: &Path) -> Result<(Manifest, Origin), IndexError> {
    let dir = fs::canonicalize(dir).map_err(|e| PythonError::Io { path: dir.to_path_buf(), reason: e.to_string() })?;
    if !dir.is_dir() {
        return Err(PythonError::Io { path: dir, reason: "it is not a directory".into() }.into());
    }
    let code_hash = hash(&dir)?;
    // The directory's path is part of the name: the same sources elsewhere import from elsewhere.
    let name =
        blake3::hash(format!("{code_hash} {} {}", dir.display(), python.fingerprint()).as_bytes()).to_hex().to_string();
    let manifest = remembered(memory, &name, &dir, || {
        let text = dir.to_string_lossy();
        process::ask(&python.path, python.python_path.as_deref(), &["-m", "suanzi.sdk.manifest", "--dir", &text])
    })?;
    Ok((manifest, Origin { package: dir.display().to_string(), dir: Some(dir), code_hash }))
}

/// Operators of installed packages that declare the entry point group `suanzi.operators`, by distribution name.
pub fn index_package(
    python: &Interpreter,
    package: &str,
    root: &Path,
    memory: &Path,
) -> Result<(Manifest, Origin), IndexError> {
    let code_hash = hash(root)?;
    let name = blake3::hash(format!("{code_hash} {package}").as_bytes()).to_hex().to_string();
    let manifest = remembered(memory, &name, root, || {
        process::ask(&python.path, python.python_path.as_deref(), &["-m", "suanzi.sdk.manifest", "--package", package])
    })?;
    Ok((manifest, Origin { package: package.into(), dir: None, code_hash }))
}

impl Interpreter {
    /// Manifests of all installed packages with operators.
    pub fn installed(&self, memory: &Path) -> Result<Vec<(Manifest, Origin)>, IndexError> {
        self.operator_packages().iter().map(|(module, root)| index_package(self, module, root, memory)).collect()
    }

    /// Installed modules with operators, found by their entry points (`[suanzi.operators]`), and their directories.
    pub fn operator_packages(&self) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        for dir in &self.site_packages {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                if entry.path().extension().is_none_or(|e| e != "dist-info") {
                    continue;
                }
                let Ok(text) = fs::read_to_string(entry.path().join("entry_points.txt")) else { continue };
                for module in modules(&text) {
                    let root = dir.join(module.split('.').next().unwrap_or(&module));
                    if root.is_dir() && module != STANDARD {
                        found.push((module, root));
                    }
                }
            }
        }
        found
    }
}

/// Modules named in the section `[suanzi.operators]` of an entry point file.
fn modules(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut modules = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[suanzi.operators]";
        } else if inside && let Some((_, value)) = line.split_once('=') {
            modules.push(value.split(':').next().unwrap_or_default().trim().to_string());
        }
    }
    modules
}

fn hash(root: &Path) -> Result<String, IndexError> {
    hash_sources(root).map_err(|e| PythonError::Io { path: root.to_path_buf(), reason: e.to_string() }.into())
}

fn remembered(
    memory: &Path,
    name: &str,
    root: &Path,
    ask: impl FnOnce() -> Result<String, PythonError>,
) -> Result<Manifest, IndexError> {
    let file = memory.join(format!("manifest-{name}.json"));
    if let Some(manifest) = fs::read_to_string(&file).ok().and_then(|t| serde_json::from_str(&t).ok()) {
        return Ok(manifest);
    }
    let text = ask()?;
    let broken = |message: String| IndexError::Broken { dir: root.to_path_buf(), message };
    let answer: Answer =
        serde_json::from_str(&text).map_err(|e| broken(format!("the answer of Python isn't understood: {e}")))?;
    if !answer.errors.is_empty() {
        let files = answer
            .errors
            .iter()
            .map(|e| match e.line {
                Some(line) => format!("  {}:{line}: {}", e.file, e.message),
                None => format!("  {}: {}", e.file, e.message),
            })
            .collect();
        return Err(IndexError::Files { dir: root.to_path_buf(), files });
    }
    let _ = fs::create_dir_all(memory);
    // Renamed into place: another process may be reading.
    let temporary = memory.join(format!("manifest-{name}.{}.tmp", std::process::id()));
    if fs::write(&temporary, serde_json::to_string(&answer.manifest).unwrap_or_default()).is_ok() {
        let _ = fs::rename(&temporary, &file);
    }
    Ok(answer.manifest)
}
