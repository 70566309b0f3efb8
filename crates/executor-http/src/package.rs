//! The code package: `suanzi` and the user's operators as one tar archive, named by its content.

use hyper::body::Bytes;
use std::io;
use std::path::{Path, PathBuf};
use tar::{Builder, Header};

/// More is data, not code.
pub const MAX_PACKAGE_BYTES: usize = 64 << 20;
/// Folder of the user's operators in the package.
pub const OPERATORS: &str = "operators";

#[derive(Debug, Clone)]
pub struct Package {
    /// BLAKE3 of the archive, hex.
    pub hash: String,
    pub archive: Bytes,
}

/// Packs the package `suanzi` and, where there is one, a directory of operators. The same sources give the same bytes.
pub fn pack(suanzi: &Path, operators: Option<&Path>) -> io::Result<Package> {
    let mut files = sources(suanzi, "suanzi")?;
    if let Some(dir) = operators {
        files.extend(sources(dir, OPERATORS)?);
    }
    let mut archive = Builder::new(Vec::new());
    for (name, content) in files {
        // No time and no owner: only the content counts.
        let mut head = Header::new_gnu();
        head.set_size(content.len() as u64);
        head.set_mode(0o644);
        archive.append_data(&mut head, &name, content.as_slice())?;
    }
    let archive = archive.into_inner()?;
    Ok(Package { hash: blake3::hash(&archive).to_hex().to_string(), archive: archive.into() })
}

/// The files of a directory of code, by their path under `name`, in their order. Hidden and compiled ones are left out.
pub fn sources(dir: &Path, name: &str) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    add_dir(&mut files, dir, Path::new(name))?;
    Ok(files)
}

fn add_dir(files: &mut Vec<(PathBuf, Vec<u8>)>, dir: &Path, name: &Path) -> io::Result<()> {
    let mut entries: Vec<(String, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        // Hidden files may be secrets, and compiled ones belong to one interpreter.
        match entry.file_name().into_string() {
            Ok(file) if !file.starts_with('.') && file != "__pycache__" => entries.push((file, entry.path())),
            _ => {}
        }
    }
    entries.sort();
    for (file, path) in entries {
        let name = name.join(file);
        let meta = path.symlink_metadata()?;
        if meta.is_dir() {
            add_dir(files, &path, &name)?;
        } else if meta.is_file() {
            let before: u64 = files.iter().map(|(_, content)| content.len() as u64).sum();
            if before + meta.len() > MAX_PACKAGE_BYTES as u64 {
                let limit = MAX_PACKAGE_BYTES >> 20;
                return Err(io::Error::other(format!(
                    "the operators' code is over {limit} MiB with {}",
                    path.display()
                )));
            }
            files.push((name, std::fs::read(&path)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::pack;
    use std::process::Command;

    #[test]
    fn tar_reads_it_and_the_same_sources_have_the_same_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let long = "d".repeat(60);
        let (code, operators) = (dir.path().join("suanzi"), dir.path().join("mine"));
        std::fs::create_dir_all(code.join(&long).join("__pycache__")).expect("folders");
        std::fs::create_dir_all(&operators).expect("a folder");
        let file = code.join(&long).join(format!("{}.py", "f".repeat(60)));
        std::fs::write(&file, "x = 1\n").expect("a file");
        std::fs::write(operators.join(".env"), "SECRET").expect("a file");
        std::fs::write(operators.join("a.py"), "y = 2\n").expect("a file");
        let package = pack(&code, Some(&operators)).expect("packed");
        assert_eq!(package.hash, pack(&code, Some(&operators)).expect("packed").hash);

        let tar = dir.path().join("p.tar");
        std::fs::write(&tar, &package.archive).expect("a file");
        let listed = Command::new("tar").arg("tf").arg(&tar).output().expect("tar runs");
        assert!(listed.status.success(), "{listed:?}");
        let names = String::from_utf8(listed.stdout).expect("text");
        assert_eq!(names, format!("suanzi/{long}/{}.py\noperators/a.py\n", "f".repeat(60)));

        std::fs::write(&file, "x = 2\n").expect("a file");
        assert_ne!(package.hash, pack(&code, Some(&operators)).expect("packed").hash);
    }
}
