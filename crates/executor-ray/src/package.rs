//! Suanzi's code as Ray takes it: a zip archive under a name that tells its content.

use hyper::body::Bytes;
use std::io::{self, Cursor, Write};
use std::path::Path;
use suanzi_executor_http::sources;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Digits of the hash in its name.
const NAME_DIGITS: usize = 32;

#[derive(Debug, Clone)]
pub struct RayPackage {
    /// As Ray names packages.
    pub name: String,
    pub archive: Bytes,
}

/// Packs the package `suanzi`. The same sources give the same bytes.
pub fn pack(suanzi: &Path) -> io::Result<RayPackage> {
    // The default time is a constant.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in sources(suanzi, "suanzi")? {
        archive.start_file_from_path(&name, options).map_err(io::Error::other)?;
        archive.write_all(&content)?;
    }
    let archive = archive.finish().map_err(io::Error::other)?.into_inner();
    let digest = crate::pool::sha256(&archive);
    let name = format!("_ray_pkg_{}.zip", digest.get(..NAME_DIGITS).unwrap_or(&digest));
    Ok(RayPackage { name, archive: archive.into() })
}

#[cfg(test)]
mod tests {
    use super::pack;
    use std::process::Command;

    #[test]
    fn python_reads_it_and_the_same_sources_have_the_same_name() {
        let dir = tempfile::tempdir().expect("a folder");
        let code = dir.path().join("suanzi");
        std::fs::create_dir_all(code.join("pool")).expect("folders");
        std::fs::write(code.join("pool/a.py"), "x = 1\n").expect("a file");
        let package = pack(&code).expect("packed");
        assert_eq!(package.name, pack(&code).expect("packed").name);

        let file = dir.path().join("p.zip");
        std::fs::write(&file, &package.archive).expect("a file");
        let script =
            "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.namelist(), z.read('suanzi/pool/a.py'))";
        let read = Command::new("python3").args(["-c", script]).arg(&file).output().expect("Python runs");
        assert_eq!(String::from_utf8_lossy(&read.stdout), "['suanzi/pool/a.py'] b'x = 1\\n'\n", "{read:?}");

        std::fs::write(code.join("pool/a.py"), "x = 2\n").expect("a file");
        assert_ne!(package.name, pack(&code).expect("packed").name);
    }
}
