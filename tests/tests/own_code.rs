//! Operators that users bring: found, run, edited, and told plainly what is wrong with them.

use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{DagText, Op, Output, Report, Suanzi};

const GREET: &str = "\
from suanzi.sdk import Metrics, operator


@operator
def greet(*, name: str = 'world', times: int = 1) -> Metrics:
    return {'greeting': ' '.join(['hello ' + name] * times)}
";

fn dag() -> DagText {
    DagText::new("own").op(Op::new("g", "greet").param("name", "Li").param("times", 2))
}

/// A home with one operator of its own in `mine/`.
fn project(source: &str) -> Suanzi {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/greeting.py", source);
    suanzi.write("dag.yaml", dag().yaml());
    suanzi
}

fn try_run(suanzi: &Suanzi) -> Output {
    suanzi.run(["run", "dag.yaml", "-q", "--json", "--operators", "mine"])
}

fn run(suanzi: &Suanzi) -> Report {
    Report(try_run(suanzi).success().json())
}

#[test]
fn a_decorated_function_is_an_operator() {
    let suanzi = project(GREET);
    assert_eq!(run(&suanzi).0["metrics"]["g"]["greeting"], "hello Li hello Li");
    let listed = suanzi.json(["operators", "greet", "--operators", "mine", "--json", "--schema"]);
    let text = listed.to_string();
    assert!(text.contains("\"times\"") && text.contains("\"integer\""), "its parameters come from its hints: {text}");
    suanzi.run(["validate", "dag.yaml", "--operators", "mine"]).success();
    let unknown = suanzi.run(["validate", "dag.yaml"]).exits(2);
    assert!(unknown.stderr.contains("unknown_algorithm"), "without its directory nobody knows it: {unknown}");
}

#[test]
fn its_hints_are_checked_before_it_runs() {
    let suanzi = project(GREET);
    suanzi.write("dag.yaml", DagText::new("own").op(Op::new("g", "greet").param("times", "twice")).yaml());
    let refused = try_run(&suanzi).exits(2);
    assert!(refused.stderr.contains("error[param_type]: 'times' must be a whole number"), "{refused}");
}

#[test]
fn an_edit_takes_effect_in_the_next_run() {
    let suanzi = project(GREET);
    run(&suanzi);
    assert_eq!(run(&suanzi).cached().len(), 1);
    suanzi.write("mine/greeting.py", GREET.replace("hello", "good day"));
    let edited = run(&suanzi);
    assert_eq!(edited.executed().len(), 1);
    assert_eq!(edited.0["metrics"]["g"]["greeting"], "good day Li good day Li");
    suanzi.write("mine/greeting.py", GREET);
    let back = run(&suanzi);
    assert_eq!(back.cached().len(), 1, "what was undone is still known");
    assert_eq!(back.0["metrics"]["g"]["greeting"], "hello Li hello Li");
}

#[test]
fn a_new_parameter_is_known_at_once() {
    let suanzi = project(GREET);
    run(&suanzi);
    suanzi.write(
        "mine/greeting.py",
        GREET.replace("times: int = 1", "times: int = 1, end: str = '!'").replace("times)}", "times) + end}"),
    );
    suanzi.write("dag.yaml", DagText::new("own").op(Op::new("g", "greet").param("end", "?")).yaml());
    assert_eq!(run(&suanzi).0["metrics"]["g"]["greeting"], "hello world?");
}

/// One error that names file and line, exit 2, and no run.
#[test]
fn a_broken_file_is_told_by_line() {
    let broken: &[(&str, &str, &str)] = &[
        ("def greet(:\n    pass\n", "greeting.py:1", "a syntax error"),
        (&GREET.replace("import Metrics", "import Metriks"), "greeting.py:1", "an import that fails"),
        (
            &GREET.replace("import Metrics, operator", "import Metrics, operator\nimport nowhere_to_be_found"),
            "greeting.py:2",
            "a missing module",
        ),
        ("x = 1\ny = x / 0\n", "greeting.py:2", "an error while importing"),
        (&GREET.replace("name: str", "name: complex"), "greeting.py", "a hint that is no parameter"),
        ("import sys\nsys.exit(0)\n", "greeting.py:2", "a file that ends Python"),
    ];
    for (source, place, what) in broken {
        let suanzi = project(source);
        let refused = try_run(&suanzi).exits(2);
        assert!(refused.stderr.contains(place), "{what}: it names {place}: {refused}");
        assert!(!refused.stderr.contains("Traceback"), "{what}: {refused}");
        assert!(refused.stderr.contains("hint: "), "{what}: {refused}");
        assert_eq!(suanzi_tests::rows::runs(&suanzi.home()), 0, "{what}");
        // Mended, it works at once.
        suanzi.write("mine/greeting.py", GREET);
        assert_eq!(run(&suanzi).status(), "success", "{what}, mended");
    }
}

#[test]
fn a_directory_that_is_not_there() {
    let suanzi = project(GREET);
    let refused = suanzi.run(["run", "dag.yaml", "--operators", "nowhere"]).exits(2);
    assert!(refused.stderr.contains("nowhere") && refused.stderr.contains("hint: "), "{refused}");
}

/// An error in an operator names the line of the user's own file.
#[test]
fn an_error_at_run_time_shows_where() {
    let suanzi = project(&GREET.replace("return {", "print('so far'); 1 / 0\n    return {"));
    let failed = suanzi.run(["run", "dag.yaml", "--operators", "mine"]).exits(1);
    assert!(failed.stderr.contains("ZeroDivisionError"), "{failed}");
    assert!(failed.stderr.contains("greeting.py\", line 6"), "{failed}");
    assert_eq!(suanzi.run(["logs", "@1", "g"]).success().stdout, "so far\n");
}

#[test]
fn code_written_in_place_runs() {
    let code =
        "def run(*inputs, params):\n    import pandas as pd\n    return pd.DataFrame({'n': range(params['n'])})\n";
    let script = |n: i64| {
        let params = serde_json::json!({ "n": n });
        DagText::new("script").op(Op::new("s", "python_script").param("code", code).param("params", params)).yaml()
    };
    let suanzi = Suanzi::new();
    suanzi.write("dag.yaml", script(3));
    let first = Report(suanzi.json(["run", "dag.yaml", "-q", "--json"]));
    assert_eq!(first.operator("s")["outputs"][0]["rows"], 3);
    assert_eq!(Report(suanzi.json(["run", "dag.yaml", "-q", "--json"])).cached().len(), 1);
    suanzi.write("dag.yaml", script(4));
    let second = Report(suanzi.json(["run", "dag.yaml", "-q", "--json"]));
    assert_eq!(second.operator("s")["outputs"][0]["rows"], 4);
}

#[test]
fn an_installed_package_with_an_entry_point_brings_operators() {
    let mut suanzi = Suanzi::new();
    let python = SmallPython::install(&mut suanzi, &SmallPython::ask());
    let write = |name: &str, text: &str| {
        let file = python.site_packages.join(name);
        std::fs::create_dir_all(file.parent().expect("it has a directory")).expect("a directory can be made");
        std::fs::write(file, text).expect("a file can be written");
    };
    suanzi.write("dag.yaml", dag().yaml());
    suanzi.run(["validate", "dag.yaml"]).exits(2);
    write("greetings/__init__.py", GREET);
    write("greetings-1.0.dist-info/METADATA", "Name: greetings\nVersion: 1.0\n");
    write("greetings-1.0.dist-info/entry_points.txt", "[suanzi.operators]\ngreetings = greetings\n");
    let run = || Report(suanzi.run(["run", "dag.yaml", "-q", "--json"]).success().json());
    assert_eq!(run().0["metrics"]["g"]["greeting"], "hello Li hello Li");
    assert_eq!(run().cached().len(), 1);
    write("greetings/__init__.py", &GREET.replace("hello", "good day"));
    assert_eq!(run().0["metrics"]["g"]["greeting"], "good day Li good day Li", "an edit is seen here too");
}
