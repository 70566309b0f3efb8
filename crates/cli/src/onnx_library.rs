//! Which ONNX Runtime runs served models: the library in the Python package `onnxruntime`, unless another is named.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where the package keeps its library, under site-packages.
const FOLDER: &str = "onnxruntime/capi";
/// How its file's name begins; versions and the platform's ending follow.
const FILE: &str = "libonnxruntime.";

#[derive(Debug, Clone, PartialEq)]
pub enum OnnxLibrary {
    /// That of the workers' Python.
    Auto,
    Off,
    File(PathBuf),
}

impl FromStr for OnnxLibrary {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<OnnxLibrary, Infallible> {
        Ok(match text {
            "auto" | "" => OnnxLibrary::Auto,
            "off" => OnnxLibrary::Off,
            path => OnnxLibrary::File(path.into()),
        })
    }
}

impl OnnxLibrary {
    /// The library's file, or why there is none.
    pub fn find(&self, site_packages: &[PathBuf]) -> Result<PathBuf, String> {
        match self {
            OnnxLibrary::Off => Err("ONNX Runtime is switched off: --onnxruntime off".into()),
            OnnxLibrary::File(path) if path.is_file() => Ok(path.clone()),
            OnnxLibrary::File(path) => Err(format!("--onnxruntime {}: there is no such file", path.display())),
            OnnxLibrary::Auto => site_packages.iter().find_map(|dir| library(&dir.join(FOLDER))).ok_or_else(|| {
                "the Python package onnxruntime isn't installed: `pip install 'suanzi[onnx]'`".to_string()
            }),
        }
    }
}

fn library(folder: &Path) -> Option<PathBuf> {
    let names = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    // The newest, should several have been left.
    names.filter(|name| name.starts_with(FILE)).max().map(|name| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_library_is_found_and_another_can_be_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        let folder = two.join(FOLDER);
        std::fs::create_dir_all(&folder).expect("a folder");
        let find = |text: &str| {
            let library: OnnxLibrary = text.parse().expect("any text is one");
            library.find(&[one.clone(), two.clone()])
        };
        assert!(find("auto").expect_err("none is installed").contains("isn't installed"));
        std::fs::write(folder.join("libonnxruntime_providers_shared.so"), "").expect("written");
        assert!(find("auto").is_err(), "that is a part of it");
        let file = folder.join("libonnxruntime.so.1.32.0");
        std::fs::write(&file, "").expect("written");
        assert_eq!(find("auto"), Ok(file.clone()));
        assert_eq!(find(&file.display().to_string()), Ok(file));
        assert!(find("off").expect_err("switched off").contains("off"));
        assert!(find("/nowhere/lib.so").expect_err("no file").contains("no such file"));
    }
}
