//! One small project: operators, tables, a DAG and a home. Changes are made in place, as an author makes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{Report, Suanzi, repository};

const ROWS: u32 = 200;

/// Where each operator's inputs come from, copied by hand from the DAG.
const SOURCES: &[(&str, &[&str])] = &[
    ("keep", &["read"]),
    ("scale", &["keep"]),
    ("total", &["scale"]),
    ("draw", &["read"]),
    ("head", &["draw"]),
    ("fit", &["keep"]),
    ("use", &["fit", "scale"]),
    ("other", &["note"]),
];

pub struct World {
    pub suanzi: Suanzi,
    pub python: SmallPython,
    /// The DAG's.
    pub file: &'static str,
    /// Directories with operators.
    pub operators: Vec<String>,
    /// Flags of `run` and `plan`.
    pub flags: Vec<String>,
    /// The project's files as they were at first, with their times.
    pristine: BTreeMap<PathBuf, (Vec<u8>, SystemTime)>,
}

impl World {
    pub fn new(python: &serde_json::Value) -> World {
        let mut suanzi = Suanzi::new();
        let python = SmallPython::install(&mut suanzi, python);
        copy(&repository::root().join("tests/cache-world"), suanzi.dir());
        let table: String = (0..ROWS).map(|i| format!("{},{},name{:03}\n", 100 + i, (i * 7) % 10, i)).collect();
        suanzi.write("data.csv", format!("a,b,name\n{table}"));
        let loaded = suanzi.write("loaded.csv", "u,v\n1,2\n3,4\n");
        let pristine = files(suanzi.dir());
        let operators = vec!["ops".into(), "more".into()];
        let world = World { suanzi, python, file: "dag.yaml", operators, flags: Vec::new(), pristine };
        world.suanzi.run(["dataset", "add", "40", &loaded.to_string_lossy()]).success();
        world
    }

    /// Keeps the home as it is now for [`Self::restore`].
    pub fn keep_home(&self) {
        copy(&self.suanzi.home(), &self.path("kept-home"));
    }

    /// Undoes every change, in place: files that did not change are not touched.
    pub fn restore(&mut self) {
        for dir in [self.suanzi.home(), self.fresh_home()] {
            fs::remove_dir_all(&dir).unwrap_or_default();
        }
        copy(&self.path("kept-home"), &self.suanzi.home());
        let now = files(self.suanzi.dir());
        for file in now.keys().filter(|f| !self.pristine.contains_key(*f)) {
            fs::remove_file(file).expect("a file can be removed");
            // Up to the first directory that holds something else.
            file.ancestors().skip(1).take_while(|dir| fs::remove_dir(dir).is_ok()).for_each(drop);
        }
        for (file, kept) in self.pristine.iter().filter(|(file, kept)| now.get(*file) != Some(*kept)) {
            fs::create_dir_all(file.parent().expect("it lies in a directory")).expect("a directory can be made");
            fs::write(file, &kept.0).expect("a file can be written");
            set_time(file, kept.1);
        }
        (self.file, self.operators, self.flags) = ("dag.yaml", vec!["ops".into(), "more".into()], Vec::new());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.suanzi.dir().join(name)
    }

    fn args(&self, verb: &str) -> Vec<String> {
        let mut args: Vec<String> = [verb, self.file, "--json"].map(str::to_string).to_vec();
        for dir in &self.operators {
            args.extend(["--operators".to_string(), dir.clone()]);
        }
        args.extend(self.flags.iter().cloned());
        args
    }

    /// Operators with the plan's word on each.
    pub fn plan(&self) -> Result<Vec<(String, String)>, String> {
        let out = self.suanzi.run(self.args("plan"));
        if out.code != Some(0) {
            return Err(format!("plan failed: {out}"));
        }
        let plan = out.json();
        let rows = plan["operators"].as_array().ok_or("the plan lists operators")?;
        let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or("").to_string();
        Ok(rows.iter().map(|row| (word(row, "id"), word(row, "verdict"))).collect())
    }

    pub fn run(&self) -> Result<Report, String> {
        let out = self.suanzi.run(self.args("run"));
        if out.code != Some(0) { Err(format!("the run failed: {out}")) } else { Ok(Report(out.json())) }
    }

    pub fn fresh_home(&self) -> PathBuf {
        self.path("fresh-home")
    }

    /// The same once more where nothing is remembered.
    pub fn run_in_a_fresh_home(&self) -> Result<Report, String> {
        let datasets = self.suanzi.json(["dataset", "list", "--json"]);
        let mut args = self.args("run");
        if !args.iter().any(|flag| flag == "--no-cache") {
            args.push("--no-cache".into());
        }
        for dataset in datasets.as_array().into_iter().flatten() {
            let (id, path) = (dataset["id"].as_str().unwrap_or(""), dataset["path"].as_str().unwrap_or(""));
            if !self.flags.iter().any(|flag| flag.starts_with(&format!("{id}="))) {
                args.extend(["--dataset".to_string(), format!("{id}={path}")]);
            }
        }
        let out = self.suanzi.run_in(&self.fresh_home(), args);
        if out.code != Some(0) { Err(format!("the run in a fresh home failed: {out}")) } else { Ok(Report(out.json())) }
    }

    pub fn sources_of(&self, operator: &str) -> &'static [&'static str] {
        SOURCES.iter().find(|(id, _)| *id == operator).map_or(&[], |(_, sources)| sources)
    }

    /// Replaces the one place where `from` stands in a file.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).expect("the file is there");
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {file}");
        fs::write(path, text.replacen(from, to, 1)).expect("the file can be written");
    }

    pub fn dag(&self, from: &str, to: &str) {
        self.replace("dag.yaml", from, to);
    }

    /// As [`Self::replace`], leaving size and time of the file as they were.
    pub fn replace_unseen(&self, file: &str, from: &str, to: &str) {
        assert_eq!(from.len(), to.len());
        let path = self.path(file);
        let modified = fs::metadata(&path).and_then(|m| m.modified()).expect("the file has a time");
        self.replace(file, from, to);
        set_time(&path, modified);
    }

    pub fn write(&self, file: &str, text: &str) {
        self.suanzi.write(file, text);
    }

    pub fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("it can be renamed");
    }

    pub fn flag(&mut self, words: &[&str]) {
        self.flags.extend(words.iter().map(|w| w.to_string()));
    }
}

fn set_time(file: &Path, modified: SystemTime) {
    let opened = fs::File::options().write(true).open(file).expect("the file can be opened");
    opened.set_modified(modified).expect("its time can be set");
}

/// All regular files of the project, homes aside.
fn files(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).expect("the directory is there").flatten() {
        let (path, about) = (entry.path(), entry.metadata().expect("it has metadata"));
        if about.is_dir() && !entry.file_name().to_string_lossy().ends_with("home") {
            found.extend(files(&path));
        } else if about.is_file() {
            let bytes = fs::read(&path).expect("a file can be read");
            found.insert(path, (bytes, about.modified().expect("it has a time")));
        }
    }
    found
}

/// A directory with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory can be made");
    for entry in fs::read_dir(from).expect("the directory is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
