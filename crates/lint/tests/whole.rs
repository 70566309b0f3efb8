//! The mission's DAG and the examples; fixes of what evaluations found; large graphs; each code's page.

mod pipelines;

use pipelines::{edited, findings, read, told, yaml};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use suanzi_lint::{CODES, mend};

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn example(name: &str) -> String {
    std::fs::read_to_string(repository("examples").join(name)).expect("an example")
}

#[test]
fn examples_are_silent() {
    for name in ["seed-dag.yaml", "credit-mended.yaml", "multiclass.yaml", "regression.yaml", "clustering.yaml"] {
        assert_eq!(told(&example(name)), [], "{name}");
    }
}

/// What stands where in the seed's DAG.
const EVALUATION: &str = "algo_local_model_2c_eval_45_1517362022452";

#[test]
fn the_seed_is_mended_as_the_example_is() {
    let seed = example("seed-dag.yaml");
    let (document, bound) = read(&seed);
    let at = document.dag.operators.iter().position(|op| *op.id.0 == *EVALUATION).expect("it is there") as u32;
    let fix = mend(&document.dag, &bound, at, "one_class").expect("there is a fix");
    let mended = edited(&seed, &fix.edits);
    let (after, bound) = read(&mended);
    let names: Vec<&str> = after.dag.operators.iter().map(|op| op.algo_name.as_str()).collect();
    assert_eq!(names[names.len() - 2..], ["standardize", "apply_transform"]);
    let reads = |algo: &str| -> Vec<String> {
        let at = names.iter().position(|name| *name == algo).expect("it is there");
        bound.ops[at].inputs.iter().map(|input| names[input.source.0 as usize].to_owned()).collect()
    };
    assert_eq!(reads("algo_local_model_2c_l"), ["standardize"]);
    assert_eq!(reads("standardize"), ["algo_local_split_data"]);
    assert_eq!(reads("apply_transform"), ["standardize", "algo_local_split_data"]);
    assert_eq!(reads("algo_local_model_predict"), ["apply_transform", "algo_local_model_2c_l"]);
    assert_eq!(told(&mended), []);
    assert!(mended.contains("[LIMIT_BAL,SEX,EDUCATION"), "the rest of the text stays as it was");
    assert!(mend(&after.dag, &bound, at, "one_class").is_none(), "it is mended once");
}

#[test]
fn what_has_no_fix_gets_none() {
    let text = yaml(
        r#"
        read = sample_dataset {"name": "iris"}
        eval = eval_binary {"y_col": "target", "pre_col": "x"}
        read.0 > eval.0"#,
    );
    let (document, bound) = read(&text);
    assert!(mend(&document.dag, &bound, 1, "one_class").is_none());
    assert!(mend(&document.dag, &bound, 1, "rare_label").is_none());
    assert!(mend(&document.dag, &bound, 99, "one_class").is_none());
}

#[test]
fn code_that_may_do_anything_silences_what_follows() {
    let text = yaml(
        r#"
        read = read_csv {"path": "t.csv"}
        script = python_script {"code": "def run(table): return table"}
        train = gbdt {"y_col": "bad"}
        predict = predict
        eval = eval_binary {"y_col": "bad"}
        read.0 > script.0
        script.0 > train.0
        train.0 > predict.0
        script.0 > predict.1
        predict.0 > eval.0"#,
    );
    assert_eq!(told(&text), []);
}

#[test]
fn a_long_pipeline_is_read_in_the_blink_of_an_eye() {
    let mut lines = String::from("n0 = read_csv {\"path\": \"t.csv\"}\n");
    for n in 1..2_000 {
        lines.push_str(&format!("n{n} = standardize\nn{}.0 > n{n}.0\n", n - 1));
    }
    lines.push_str("split = split\nn1999.0 > split.0\n");
    let text = yaml(&lines);
    let (document, bound) = read(&text);
    let began = Instant::now();
    let found = suanzi_lint::lint(&document.dag, &bound);
    assert_eq!(found.len(), 1_999);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}: quadratic", began.elapsed());
    assert_eq!(findings(&text).1.len(), found.len());
}

#[test]
fn each_code_has_a_page_and_each_page_a_code() {
    let mut pages: Vec<String> = std::fs::read_dir(repository("docs/lint"))
        .expect("docs/lint")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().trim_end_matches(".md").to_owned())
        .filter(|name| name != "README")
        .collect();
    pages.sort();
    let mut codes = CODES.map(String::from).to_vec();
    codes.sort();
    assert_eq!(pages, codes);
    let index = std::fs::read_to_string(repository("docs/lint/README.md")).expect("an index");
    let listed: Vec<&str> = CODES.into_iter().filter(|code| index.contains(&format!("({code}.md)"))).collect();
    assert_eq!(listed, CODES);
}
