//! A DAG's own parameters: defaults, values from the command line, and what is said about wrong ones.

use suanzi_tests::small_python::SmallPython;
use suanzi_tests::{Output, Report, Suanzi};

const OPERATORS: &str = "\
from suanzi.sdk import Metrics, operator


@operator
def greet(*, name: str = 'world', times: int = 1) -> Metrics:
    return {'greeting': ' '.join([name] * times)}
";

const DAG: &str = "\
dag:
 name: greetings
 parameters: {city: 上海, times: 2}
 operator_list: [filled, plain]
 operator_details:
  filled:
   algo_name: greet
   params:
    name: from ${city}, $${city}
    times: ${times}
  plain:
   algo_name: greet
";

fn project(dag: &str) -> Suanzi {
    let mut suanzi = Suanzi::new();
    SmallPython::install(&mut suanzi, &SmallPython::ask());
    suanzi.write("mine/greeting.py", OPERATORS);
    suanzi.write("dag.yaml", dag);
    suanzi
}

fn run(suanzi: &Suanzi, more: &[&str]) -> Output {
    let args = ["run", "dag.yaml", "-q", "--json", "--operators", "mine"];
    suanzi.run(args.iter().chain(more))
}

fn greeting(suanzi: &Suanzi, more: &[&str]) -> (String, Vec<String>) {
    let report = Report(run(suanzi, more).success().json());
    let said = report.0["metrics"]["filled"]["greeting"].as_str().expect("a text").to_owned();
    (said, report.executed().into_iter().map(|id| id.to_string()).collect())
}

#[test]
fn defaults_and_given_values() {
    let suanzi = project(DAG);
    let (said, _) = greeting(&suanzi, &[]);
    assert_eq!(said, "from 上海, ${city} from 上海, ${city}");
    let (said, executed) = greeting(&suanzi, &["--param", "times=1", "--param", "city=Xi'an"]);
    assert_eq!(said, "from Xi'an, ${city}");
    assert_eq!(executed, ["filled"], "only what a parameter reaches runs again");
    let (_, executed) = greeting(&suanzi, &["--param", "times=2"]);
    assert!(executed.is_empty(), "a default given by hand is the default: {executed:?}");
}

#[test]
fn the_difference_of_two_runs_names_the_values() {
    let suanzi = project(DAG);
    let ids = [&["--param", "times=3"][..], &[]].map(|more| {
        let report = Report(run(&suanzi, more).success().json());
        report.0["run_id"].as_str().expect("an id").to_owned()
    });
    let differences = suanzi.run(["diff", &ids[0], &ids[1]]).success();
    assert!(differences.stdout.contains("parameter times 3 → 2"), "{differences}");
}

#[test]
fn wrong_ones_are_told_with_place_and_hint() {
    let suanzi = project(DAG);
    let unknown = run(&suanzi, &["--param", "citty=x"]).exits(2);
    assert!(unknown.stderr.contains("error[parameter_unknown]: the DAG has no parameter 'citty'"), "{unknown}");
    assert!(unknown.stderr.contains("did you mean 'city'?"), "{unknown}");
    let typed = run(&suanzi, &["--param", "times=often"]).exits(2);
    assert!(typed.stderr.contains("error[param_type]: 'times' must be a whole number"), "{typed}");
    assert!(typed.stderr.contains("dag.yaml:10:"), "the place is the operator's parameter: {typed}");
    let shape = run(&suanzi, &["--param", "times"]).exits(2);
    assert!(shape.stderr.contains("it must be NAME=VALUE, such as C=0.5"), "{shape}");

    let suanzi = project(&DAG.replace("${times}", "${time}"));
    let misspelt = suanzi.run(["validate", "dag.yaml", "--operators", "mine"]).exits(2);
    assert!(
        misspelt.stderr.contains("error[parameter_unknown]: 'times': the DAG has no parameter 'time'"),
        "{misspelt}"
    );
    assert!(misspelt.stderr.contains("dag.yaml:10:"), "{misspelt}");
}
