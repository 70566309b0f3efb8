//! What the command line says, word for word: help, errors, and the plain text of the verbs. `UPDATE_SNAPSHOTS=1` accepts changes; the diff is then reviewed.

use suanzi_tests::snapshot::{compare, redact};
use suanzi_tests::{Output, Suanzi, repository};

const DAG: &str = "\
dag:
 name: small
 operator_list: [read, choose, wait]
 operator_rels:
  read: [{target: choose, source_index: 0, target_index: 0}]
  choose: [{target: wait, source_index: 0, target_index: 0}]
 operator_details:
  read: {algo_name: read_csv, params: {path: data.csv}}
  choose: {algo_name: select_columns, params: {columns: [a]}}
  wait: {algo_name: sleep, params: {seconds: 0}}
";

/// Everything a command said, with its exit code.
fn told(suanzi: &Suanzi, args: &[&str]) -> String {
    let out = suanzi.run(args);
    let home = suanzi.home();
    let root = repository::root();
    let directories = [(home.as_path(), "HOME"), (suanzi.dir(), "DIR"), (root.as_path(), "ROOT")];
    let text = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!("--- {name}\n{}", redact(text, &directories)),
    };
    let Output { stdout, stderr, code, .. } = &out;
    let code = code.map_or("a signal".to_string(), |c| c.to_string());
    format!("$ suanzi {}\n{}{}--- exit {code}\n\n", args.join(" "), text("stdout", stdout), text("stderr", stderr))
}

fn told_all(suanzi: &Suanzi, commands: &[&[&str]]) -> String {
    commands.iter().map(|args| told(suanzi, args)).collect()
}

#[test]
fn help() {
    let suanzi = Suanzi::new();
    let verbs = [
        "run",
        "plan",
        "validate",
        "lint",
        "fmt",
        "export",
        "diff",
        "runs",
        "runs show",
        "runs resume",
        "runs cancel",
        "logs",
        "cache",
        "cache list",
        "cache gc",
        "cache clear",
        "cache verify",
        "dataset",
        "dataset add",
        "dataset list",
        "dataset remove",
        "models",
        "models alias set",
        "models alias list",
        "models alias remove",
        "models compare",
        "models card",
        "operators",
        "operators check",
        "doctor",
        "completion",
    ];
    let mut wrong = Vec::new();
    let top = suanzi.run(["--help"]).success();
    for verb in verbs {
        let mut args: Vec<&str> = verb.split(' ').collect();
        args.push("--help");
        let out = suanzi.run(&args).success();
        assert!(out.stderr.is_empty(), "{out}");
        wrong.extend(compare(&format!("help-{}", verb.replace(' ', "-")), &out.stdout).err());
        let named = top.stdout.lines().any(|l| l.trim_start().starts_with(args[0]));
        assert!(named, "`suanzi --help` does not name {}", args[0]);
    }
    wrong.extend(compare("help", &top.stdout).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!suanzi.home().exists(), "help makes no home");
}

#[test]
fn wrong_usage() {
    let suanzi = Suanzi::new();
    suanzi.write("dag.yaml", DAG);
    suanzi.write("data.csv", "a,b\n1,2\n");
    let text = told_all(
        &suanzi,
        &[
            &["frobnicate"],
            &["run"],
            &["run", "nowhere.yaml"],
            &["run", "."],
            &["run", "dag.yaml", "--sede", "1"],
            &["run", "dag.yaml", "--seed", "-1"],
            &["run", "dag.yaml", "--dataset", "40"],
            &["run", "dag.yaml", "--workers", "0"],
            &["run", "dag.yaml", "--from", "chose"],
            &["run", "dag.yaml", "--only", "wait"],
            &["run", "dag.yaml", "--executor", "mars"],
            &["run", "dag.yaml", "--failed", "@1"],
            &["run", "dag.yaml", "--operators", "nowhere"],
            &["plan", "nowhere.yaml"],
            &["validate", "nowhere.yaml"],
            &["fmt", "nowhere.yaml"],
            &["runs", "show", "nope"],
            &["runs", "show", "@0"],
            &["runs", "show", "@x"],
            &["runs", "cancel", "@1"],
            &["logs"],
            &["diff", "@1", "@2"],
            &["operators", "standardise"],
            &["dataset", "add", "a b", "data.csv"],
            &["dataset", "add", "40", "nowhere.csv"],
            &["dataset", "remove", "7"],
            &["cache", "gc", "--max-size", "lots"],
            &["completion", "basic"],
        ],
    );
    compare("wrong-usage", &text).unwrap_or_else(|fault| panic!("{fault}"));
}

/// Whatever is wrong with a command, it says so on stderr alone, with exit 2 and the way on.
#[test]
fn an_unusable_home() {
    let mut suanzi = Suanzi::new();
    let file = suanzi.write("not-a-directory", "text");
    suanzi.set_env("SUANZI_HOME", file.join("home"));
    let refused = suanzi.run(["runs"]).exits(2);
    assert!(refused.stderr.contains("not-a-directory") && refused.stderr.contains("hint: "), "{refused}");
    suanzi.set_env("SUANZI_HOME", suanzi.home());
    suanzi.set_env("SUANZI_PYTHON", file);
    let refused = suanzi.run(["operators"]).exits(2);
    assert!(refused.stderr.contains("not-a-directory") && refused.stderr.contains("hint: "), "{refused}");
}

#[test]
fn validation() {
    let suanzi = Suanzi::new();
    for name in ["port-types", "parameter-type", "missing-input", "faults-and-warnings", "chinese"] {
        let from = repository::root().join(format!("tests/bad-dags/{name}.yaml"));
        suanzi.write(&format!("{name}.yaml"), std::fs::read(from).expect("the file is there"));
    }
    suanzi.write("good.yaml", DAG);
    let text = told_all(
        &suanzi,
        &[
            &["validate", "good.yaml"],
            &["validate", "good.yaml", "--json"],
            &["validate", "port-types.yaml"],
            &["validate", "parameter-type.yaml", "good.yaml"],
            &["validate", "missing-input.yaml", "--json"],
            &["validate", "faults-and-warnings.yaml"],
            &["run", "chinese.yaml"],
            &["fmt", "good.yaml"],
            &["fmt", "--check", "good.yaml"],
            &["fmt", "port-types.yaml", "--check"],
        ],
    );
    compare("validation", &text).unwrap_or_else(|fault| panic!("{fault}"));
}

/// A life of a DAG: planned, run, run again, changed, broken, looked at.
#[test]
fn a_life() {
    let suanzi = Suanzi::new();
    suanzi.write("dag.yaml", DAG);
    suanzi.write("data.csv", "a,b\n1,2\n3,4\n5,6\n");
    let mut text = told_all(
        &suanzi,
        &[
            &["runs"],
            &["models"],
            &["dataset", "list"],
            &["plan", "dag.yaml"],
            &["run", "dag.yaml", "--workers", "1"],
            &["plan", "dag.yaml"],
            &["run", "dag.yaml", "--workers", "1"],
        ],
    );
    suanzi.write("dag.yaml", DAG.replace("columns: [a]", "columns: [b]"));
    text += &told_all(&suanzi, &[&["plan", "dag.yaml"], &["run", "dag.yaml", "--quiet"], &["diff", "@2", "@1"]]);
    suanzi.write("dag.yaml", DAG.replace("columns: [a]", "columns: [nobody]"));
    text +=
        &told_all(&suanzi, &[&["run", "dag.yaml", "--workers", "1"], &["runs"], &["runs", "show", "@1"], &["logs"]]);
    suanzi.write("dag.yaml", DAG);
    text += &told_all(
        &suanzi,
        &[
            &["run", "dag.yaml", "--from", "choose", "--workers", "1"],
            &["plan", "dag.yaml", "--only", "wait"],
            &["dataset", "add", "40", "data.csv", "--description", "small"],
            &["dataset", "list"],
            &["dataset", "remove", "40"],
            &["operators", "sleep"],
        ],
    );
    compare("a-life", &text).unwrap_or_else(|fault| panic!("{fault}"));
}

/// Scripts that a shell accepts.
#[test]
fn completion() {
    let suanzi = Suanzi::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let out = suanzi.run(["completion", shell]).success();
        assert!(out.stdout.contains("suanzi") && out.stdout.contains("validate"), "{shell}");
    }
    let script = suanzi.write("completion.bash", suanzi.run(["completion", "bash"]).success().stdout);
    let checked = std::process::Command::new("bash").arg("-n").arg(&script).output().expect("bash runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
