//! Evaluations as JSON and the text they are shown as; `UPDATE_SNAPSHOTS=1` writes the texts anew.

use super::canvas::{Canvas, Ink};
use super::style::{Style, count, label, number};
use super::{block, figures};
use serde_json::{Value, json};
use std::path::Path;

const ENGLISH: Style = Style { chinese: false, unicode: true, columns: 100 };
const CHINESE: Style = Style { chinese: true, unicode: true, columns: 100 };
const ASCII: Style = Style { chinese: false, unicode: false, columns: 80 };

/// Shows `tests/{json}.json` and compares with `tests/{expected}.txt`.
fn check(json: &str, style: Style, expected: &str) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/show/evaluation/tests");
    let text = std::fs::read_to_string(dir.join(format!("{json}.json"))).unwrap();
    let found = block("eval", &serde_json::from_str(&text).unwrap(), &style);
    let file = dir.join(format!("{expected}.txt"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|v| v == "1") {
        std::fs::write(&file, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    assert!(found == expected, "--- expected\n{expected}\n--- found\n{found}");
    for line in
        found.lines().skip(1).filter(|line| !["  ! ", "    → ", "    -> "].iter().any(|start| line.starts_with(start)))
    {
        assert!(crate::show::width(line) <= style.columns, "wider than {}: {line}", style.columns);
    }
}

#[test]
fn binary_in_english() {
    check("binary", ENGLISH, "binary-en");
}

#[test]
fn binary_in_chinese() {
    check("binary", CHINESE, "binary-zh");
}

#[test]
fn binary_in_ascii_and_narrow() {
    check("binary", ASCII, "binary-ascii");
    let narrow =
        block("eval", &json!({"curves": {"roc": {"fpr": [0, 1], "tpr": [0, 1]}}}), &Style { columns: 40, ..ASCII });
    assert_eq!(narrow, "evaluation of eval\n", "no room for a chart");
}

#[test]
fn multiclass() {
    check("multiclass", ENGLISH, "multiclass-en");
    check("multiclass", CHINESE, "multiclass-zh");
}

#[test]
fn many_classes_are_told_by_their_largest_confusions() {
    let labels: Vec<u32> = (0..9).collect();
    let mut counts = vec![vec![0; 9]; 9];
    counts[3][5] = 7;
    counts[8][0] = 1_200;
    let shown = block("eval", &json!({"confusion_matrix": {"labels": labels, "counts": counts}}), &ENGLISH);
    assert_eq!(
        shown,
        "evaluation of eval\n\n  largest confusions\n    8 predicted as 0: 1,200\n    3 predicted as 5: 7\n"
    );
}

#[test]
fn regression() {
    check("regression", ENGLISH, "regression-en");
    check("regression", CHINESE, "regression-zh");
    check("regression", ASCII, "regression-ascii");
}

#[test]
fn a_kind_nobody_knows_shows_its_numbers() {
    check("unknown", ENGLISH, "unknown-en");
}

/// Anyone's operator can make such JSON: each key of a good evaluation is replaced by each of these.
#[test]
fn malformed_evaluations_are_shown_as_far_as_they_go() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/show/evaluation/tests");
    let bad = [json!(null), json!(-1), json!([]), json!({}), json!("\u{1b}[31m"), json!([1e308, -1e308]), json!([[0]])];
    for name in ["binary", "multiclass", "regression"] {
        let good: Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join(format!("{name}.json"))).unwrap()).unwrap();
        let mut places = Vec::new();
        paths(&good, String::new(), &mut places);
        for place in &places {
            for bad in &bad {
                let mut changed = good.clone();
                *changed.pointer_mut(place).unwrap() = bad.clone();
                let shown = block("eval", &changed, &ENGLISH);
                assert!(shown.starts_with("evaluation of eval"), "{place}");
                assert!(!shown.contains('\u{1b}'), "{place}: {shown}");
            }
        }
    }
}

/// JSON pointers of all members and of each list's first two items.
fn paths(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| paths(value, format!("{at}/{key}"), into)),
        Value::Array(list) => {
            list.iter().take(2).enumerate().for_each(|(i, value)| paths(value, format!("{at}/{i}"), into));
        }
        _ => {}
    }
    if !at.is_empty() {
        into.push(at);
    }
}

#[test]
fn locale() {
    #[track_caller]
    fn check(variables: &[(&str, &str)], chinese: bool, unicode: bool) {
        let of = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string());
        let style = Style::of_locale(of);
        assert_eq!((style.chinese, style.unicode), (chinese, unicode), "{variables:?}");
    }
    check(&[], false, false);
    check(&[("LANG", "C")], false, false);
    check(&[("LANG", "en_US.UTF-8")], false, true);
    check(&[("LANG", "C.utf8")], false, true);
    check(&[("LANG", "zh_CN.UTF-8")], true, true);
    check(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], false, false);
    check(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], false, true);
    check(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")], false, true);
    check(&[("LANG", "zh_CN.GBK")], false, false);
}

#[test]
fn canvas() {
    #[track_caller]
    fn check(unicode: bool, points: &[(f64, f64)], expected: &[&str]) {
        let mut canvas = Canvas::new(4, 2, unicode);
        canvas.line(points, Ink::First);
        assert_eq!(canvas.lines(), expected);
    }
    check(false, &[(0.0, 0.0), (1.0, 1.0)], &["  **", "**  "]);
    check(true, &[(0.0, 0.0), (0.0, 1.0)], &["⡇   ", "⡇   "]);
    check(true, &[(0.0, 1.0), (1.0, 1.0)], &["⠉⠉⠉⠉", "    "]);
    check(false, &[(-5.0, 9.0), (f64::MAX, 9.0)], &["****", "    "]);
    check(false, &[], &["    ", "    "]);
}

#[test]
fn numbers() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    assert_eq!(
        [0.0, 0.5, -0.25, 1234.56, 2.5e10, 1e-7].map(number),
        ["0.0000", "0.5000", "-0.2500", "1234.6", "2.500e10", "1.000e-7"]
    );
    assert_eq!(label(&json!("a\u{7}b")), "a?b");
    assert_eq!(label(&json!("x".repeat(30))), format!("{}..", "x".repeat(18)));
}

#[test]
fn numbers_nobody_could_read_are_left_to_json() {
    let metrics: serde_json::Map<String, Value> = (0..500).map(|i| (format!("m{i}"), json!(i))).collect();
    assert!(figures::lines(&json!({ "metrics": metrics }), &ENGLISH).len() <= 40);
}
