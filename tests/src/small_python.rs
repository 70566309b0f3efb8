//! A Python environment that starts fast: the clone's own, with scikit-learn replaced by an empty stand-in, in a directory whose distributions a test may change.

use crate::{Suanzi, python};
use std::path::PathBuf;

/// What the environment is made of, asked of the real one.
const QUESTION: &str = "import json, sys, sysconfig
from suanzi.worker.zygote import SKLEARN
print(json.dumps({
    'base': sys._base_executable,
    'version': '%d.%d' % sys.version_info[:2],
    'packages': sysconfig.get_path('purelib'),
    'modules': list(SKLEARN),
}))";

const STAND_IN: &str = "def get_config():\n    return {}\n\n\ndef set_config(**options):\n    pass\n";

/// An environment below a test's directory.
pub struct SmallPython {
    pub site_packages: PathBuf,
}

impl SmallPython {
    /// Makes it and points the program at it. `about` is [`SmallPython::ask`]'s answer.
    pub fn install(suanzi: &mut Suanzi, about: &serde_json::Value) -> SmallPython {
        let text = |name: &str| about[name].as_str().expect("Python answered").to_string();
        let base = PathBuf::from(text("base"));
        let bin = base.parent().expect("an interpreter lies in a directory").display().to_string();
        suanzi.write("env/pyvenv.cfg", format!("home = {bin}\ninclude-system-site-packages = false\n"));
        let packages = format!("env/lib/python{}/site-packages", text("version"));
        // The path file puts the real packages behind the stand-in.
        suanzi.write(&format!("{packages}/real.pth"), text("packages"));
        suanzi.write(&format!("{packages}/sklearn/__init__.py"), STAND_IN);
        for module in about["modules"].as_array().into_iter().flatten().filter_map(|m| m.as_str()) {
            suanzi.write(&format!("{packages}/{}.py", module.replace('.', "/")), "");
        }
        suanzi.write(&format!("{packages}/fake-1.0.dist-info/METADATA"), "Name: fake\nVersion: 1.0\n");
        let python = suanzi.dir().join("env/bin/python");
        std::fs::create_dir_all(python.parent().expect("it has a directory")).expect("a directory can be made");
        std::os::unix::fs::symlink(&base, &python).expect("a link can be made");
        suanzi.set_env("SUANZI_PYTHON", &python);
        SmallPython { site_packages: suanzi.dir().join(packages) }
    }

    pub fn ask() -> serde_json::Value {
        serde_json::from_str(&python::run(&["-c", QUESTION])).expect("Python answers in JSON")
    }
}
