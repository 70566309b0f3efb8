//! Puts the built canvas (`web/dist`) into release builds; debug builds read it from disk.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut list = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        add(&mut list, &root, "index.html");
        let mut assets: Vec<String> = fs::read_dir(root.join("assets"))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        assets.sort();
        assets.iter().for_each(|name| add(&mut list, &root, &format!("assets/{name}")));
    }
    list.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("canvas.rs"), list)
}

fn add(list: &mut String, root: &Path, name: &str) {
    if let Ok(path) = root.join(name).canonicalize() {
        let _ = writeln!(list, "    ({name:?}, include_bytes!({:?})),", path.display().to_string());
    }
}
