//! A Python that starts fast: the clone's own, with empty stand-ins for scikit-learn, which the killed operators don't use. What is killed is the engine; Python's start is only waiting. It also reads what was published.

use crate::{program, python};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LINKED: &[&str] = &[
    "pyarrow",
    "numpy",
    "numpy.libs",
    "pandas",
    "dateutil",
    "tzdata",
    "msgpack",
    "cloudpickle",
    "joblib",
    "threadpoolctl.py",
    "typing_extensions.py",
];
const STAND_INS: &[&str] = &[
    "base",
    "cluster",
    "ensemble",
    "impute",
    "linear_model",
    "metrics",
    "model_selection",
    "pipeline",
    "preprocessing",
];

const READ_TABLES: &str = r#"
import sys
import pyarrow as pa

for line in sys.stdin:
    path, operator = line.rstrip("\n").split("\t")
    with pa.memory_map(path) as source:
        table = pa.ipc.open_file(source).read_all()
    if table.num_rows != 8 or set(table["key"].to_pylist()) != {operator}:
        sys.exit(f"{path} isn't the table of {operator}: {table}")
"#;

/// Reads every table with pyarrow and looks whether it is the named operator's.
pub fn read_tables(python: &Path, tables: &[(PathBuf, String)]) -> Result<(), String> {
    let mut command = Command::new(python);
    command.args(["-c", READ_TABLES]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    if let Some(mut pipe) = child.stdin.take() {
        let list: String = tables.iter().map(|(path, operator)| format!("{}\t{operator}\n", path.display())).collect();
        // Python may end at the first bad table without having read them all.
        let _ = pipe.write_all(list.as_bytes());
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Makes it in `dir`; the ordinary interpreter, said aloud, where that can't be done.
pub fn quick(dir: &Path) -> PathBuf {
    let ordinary = python::interpreter();
    match build(&ordinary, &dir.join("python")).filter(|quick| works(quick, dir)) {
        Some(quick) => quick,
        None => {
            println!("note: a quick Python can't be made here; each engine takes a second longer to start");
            ordinary
        }
    }
}

fn build(ordinary: &Path, dir: &Path) -> Option<PathBuf> {
    let made = Command::new(ordinary).args(["-m", "venv", "--without-pip"]).arg(dir).status().ok()?;
    let from = site_packages(ordinary.parent()?.parent()?)?;
    let to = site_packages(dir)?;
    for name in LINKED.iter().filter(|name| from.join(name).exists()) {
        symlink(from.join(name), to.join(name)).ok()?;
    }
    let stand_in = to.join("sklearn");
    std::fs::create_dir_all(&stand_in).ok()?;
    std::fs::write(stand_in.join("__init__.py"), "def get_config():\n    return {}\n").ok()?;
    for name in STAND_INS {
        std::fs::write(stand_in.join(format!("{name}.py")), "").ok()?;
    }
    made.success().then(|| dir.join("bin/python"))
}

fn site_packages(environment: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(environment.join("lib")).ok()?;
    entries.flatten().map(|entry| entry.path().join("site-packages")).find(|path| path.is_dir())
}

/// Can an operator of one's own be run with it?
fn works(python: &Path, dir: &Path) -> bool {
    let dir = dir.join("trial");
    let scene = super::scene::Scene::write(&dir, &mut super::dice::Dice::new(0), super::scene::MAX_SLEEP_MS);
    let mut command = Command::new(program::binary());
    command.arg("run").arg(&scene.dag).arg("--operators").arg(&scene.operators).args(["--workers", "2", "--quiet"]);
    command.env("SUANZI_HOME", dir.join("home")).env("SUANZI_PYTHON", python).env_remove("PYTHONPATH");
    command.output().is_ok_and(|output| output.status.success())
}
