//! Which interpreter, and why: beside the binary, then `$SUANZI_PYTHON`, `.venv`, `python3`.

use crate::{PythonError, process};
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// An interpreter and what it said of itself.
#[derive(Debug, Clone)]
pub struct Interpreter {
    /// As it is started: a virtual environment's link stays a link.
    pub path: PathBuf,
    /// Why this one: "set by SUANZI_PYTHON", ….
    pub why: &'static str,
    pub version: String,
    pub site_packages: Vec<PathBuf>,
    /// The directory that holds the package `suanzi` (its parent goes on `PYTHONPATH` when it isn't installed).
    pub package: PathBuf,
    /// Set when the package isn't in site-packages: a clone.
    pub python_path: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Probe {
    stamp: String,
    version: String,
    site_packages: Vec<PathBuf>,
    package: Option<PathBuf>,
}

const QUESTION: &str = "import json,site,sys,sysconfig,importlib.util as u
s=u.find_spec('suanzi')
p=[sysconfig.get_path('purelib'),sysconfig.get_path('platlib')]+[d for d in sys.path if d.endswith(('site-packages','dist-packages'))]
print(json.dumps({'version':'.'.join(map(str,sys.version_info[:3])),'site_packages':sorted(set(p)),'package':(list(s.submodule_search_locations)[0] if s and s.submodule_search_locations else None)}))";

impl Interpreter {
    /// Finds the interpreter; what it says of itself is kept in `memory` (a directory) until the binary changes.
    pub fn find(memory: &Path) -> Result<Interpreter, PythonError> {
        let (path, why) = locate()?;
        let checkout = checkout_package();
        let probe = probe(&path, memory)?;
        let mut numbers = probe.version.split('.').map(|n| n.parse::<u32>().unwrap_or(0));
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (3, 11) {
            return Err(PythonError::TooOld { path, version: probe.version });
        }
        let (package, python_path) = match (checkout, probe.package) {
            (Some(checkout), installed) if installed.as_ref() != Some(&checkout) => {
                let parent = checkout.parent().map(Path::to_path_buf);
                (checkout, parent)
            }
            (_, Some(installed)) => (installed, None),
            (Some(checkout), None) => (checkout, None),
            (None, None) => return Err(PythonError::NoPackage { path }),
        };
        Ok(Interpreter { path, why, version: probe.version, site_packages: probe.site_packages, package, python_path })
    }
}

/// In a clone the package stands beside `target/`.
fn checkout_package() -> Option<PathBuf> {
    let exe = std::env::current_exe().ok()?;
    let target = exe.ancestors().find(|a| a.file_name().is_some_and(|n| n == "target"))?;
    let package = target.parent()?.join("python/suanzi");
    package.join("__init__.py").is_file().then_some(package)
}

fn locate() -> Result<(PathBuf, &'static str), PythonError> {
    let mut looked = Vec::new();
    let mut candidates: Vec<(PathBuf, &'static str)> = Vec::new();
    if let Ok(exe) = std::env::current_exe()
        && let Some(dir) = exe.parent()
    {
        candidates.push((dir.join("python3"), "installed beside the program"));
    }
    if let Some(set) = std::env::var_os("SUANZI_PYTHON") {
        // Set explicitly: nothing else is tried, a wrong value is an error.
        let path = PathBuf::from(&set);
        let path = if path.components().count() == 1 { on_path(&set.to_string_lossy()).unwrap_or(path) } else { path };
        if !path.is_file() {
            return Err(PythonError::Unusable {
                path,
                reason: "SUANZI_PYTHON names it, and there is no such file".into(),
            });
        }
        return Ok((path, "set by SUANZI_PYTHON"));
    }
    if let Ok(dir) = std::env::current_dir() {
        candidates.push((dir.join(".venv/bin/python"), "the .venv of this directory"));
    }
    if let Some(root) = checkout_package().and_then(|p| Some(p.parent()?.parent()?.to_path_buf())) {
        candidates.push((root.join(".venv/bin/python"), "the clone's .venv"));
    }
    for (path, why) in candidates {
        if path.is_file() {
            return Ok((path, why));
        }
        looked.push(path.display().to_string());
    }
    if let Some(path) = on_path("python3") {
        return Ok((path, "python3 on PATH"));
    }
    looked.push("python3 on PATH".into());
    Err(PythonError::NotFound { looked: looked.join(", ") })
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|p| p.is_file())
}

fn probe(path: &Path, memory: &Path) -> Result<Probe, PythonError> {
    let stamp = stamp(path);
    let name = blake3::hash(path.to_string_lossy().as_bytes()).to_hex();
    let file = memory.join(format!("python-{}.json", &name[..16]));
    if let Ok(text) = fs::read_to_string(&file)
        && let Ok(probe) = serde_json::from_str::<Probe>(&text)
        && probe.stamp == stamp
        && probe.site_packages.iter().any(|d| d.is_dir())
        && probe.package.as_ref().is_none_or(|p| p.is_dir())
    {
        return Ok(probe);
    }
    let answer = process::ask(path, None, &["-I", "-c", QUESTION])?;
    let unusable = |reason: String| PythonError::Unusable { path: path.to_path_buf(), reason };
    let mut value: serde_json::Value =
        serde_json::from_str(answer.trim()).map_err(|e| unusable(format!("its answer isn't understood: {e}")))?;
    value["stamp"] = stamp.into();
    let probe: Probe =
        serde_json::from_value(value).map_err(|e| unusable(format!("its answer isn't understood: {e}")))?;
    // Only a memory: without it Python is asked again next time. A package that isn't there may be installed any moment: not remembered.
    if probe.package.is_some() || checkout_package().is_some() {
        let _ = fs::create_dir_all(memory);
        let _ = fs::write(&file, serde_json::to_string(&probe).unwrap_or_default());
    }
    Ok(probe)
}

/// Changes when the interpreter or its virtual environment is replaced.
fn stamp(path: &Path) -> String {
    let mut text = String::new();
    let config = path.parent().and_then(Path::parent).map(|p| p.join("pyvenv.cfg"));
    for file in [Some(path.to_path_buf()), config].into_iter().flatten() {
        if let Ok(meta) = fs::metadata(&file) {
            text.push_str(&format!(
                "{}:{}:{}:{};",
                meta.dev(),
                meta.ino(),
                meta.size(),
                meta.mtime_nsec() + meta.mtime() * 1_000_000_000
            ));
        }
    }
    text
}
