//! An index of packages for tests, as a directory of wheels that pip finds without a network.

use crate::{Suanzi, python};

/// A wheel of one module. Arguments: directory, package, version, what it requires or nothing, its source.
const SCRIPT: &str = r#"
import sys, zipfile
directory, name, version, needs, source = sys.argv[1:]
info = f"{name}-{version}.dist-info"
files = {
    f"{name}/__init__.py": source,
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    + (f"Requires-Dist: {needs}\n" if needs else ""),
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(f"{directory}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    for path, text in files.items():
        wheel.writestr(path, text)
"#;

/// Points pip at a directory with `tiny` 1.0 and 2.0, and 9.0 which needs what isn't there; and at nothing else.
pub fn offer(suanzi: &mut Suanzi) {
    for (version, needs) in [("1.0", ""), ("2.0", ""), ("9.0", "nowhere-to-be-found")] {
        add(suanzi, version, needs);
    }
    suanzi.set_env("PIP_FIND_LINKS", suanzi.dir().join("wheels"));
    suanzi.set_env("PIP_NO_INDEX", "1");
    suanzi.set_env("PIP_CONFIG_FILE", "/dev/null");
    suanzi.set_env("PIP_CACHE_DIR", suanzi.dir().join("pip-cache"));
}

/// One version of `tiny` more, whose module says it.
pub fn add(suanzi: &Suanzi, version: &str, needs: &str) {
    module(suanzi, "tiny", version, needs, &format!("VERSION = '{version}'\n"));
}

/// Another package, of one module.
pub fn module(suanzi: &Suanzi, name: &str, version: &str, needs: &str, source: &str) {
    let dir = suanzi.dir().join("wheels");
    std::fs::create_dir_all(&dir).expect("a directory can be made");
    python::run(&["-c", SCRIPT, &dir.to_string_lossy(), name, version, needs, source]);
}
