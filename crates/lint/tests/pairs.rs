//! Pipelines with one mistake each, and their twins without it: the mistake is seen where it is, its fix mends it, the twin is silent.

mod pipelines;

use pipelines::{edited, findings, read, told, yaml};
use std::collections::BTreeSet;
use suanzi_lint::CODES;

struct Pair {
    code: &'static str,
    /// The operator it is told of.
    at: &'static str,
    /// Whether a fix is offered.
    fixed: bool,
    broken: &'static str,
    clean: &'static str,
}

const PAIRS: &[Pair] = &[
    Pair {
        code: "fit_before_split",
        at: "scale",
        fixed: true,
        broken: r#"
            read = sample_dataset {"name": "iris"}
            scale = standardize {"exclude": ["target"]}
            split = split
            train = logistic_regression {"y_col": "target"}
            predict = predict
            eval = eval_multiclass {"y_col": "target"}
            read.0 > scale.0
            scale.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = sample_dataset {"name": "iris"}
            split = split
            scale = standardize {"exclude": ["target"]}
            apply = apply_transform
            train = logistic_regression {"y_col": "target"}
            predict = predict
            eval = eval_multiclass {"y_col": "target"}
            read.0 > split.0
            split.0 > scale.0
            scale.0 > train.0
            scale.1 > apply.0
            split.1 > apply.1
            train.0 > predict.0
            apply.0 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "fit_before_split",
        at: "fill",
        fixed: true,
        broken: r#"
            read = sample_dataset {"name": "iris"}
            fill = impute {"strategy": "mean"}
            split = algo_local_split_data {"split_type": 1, "ext1": 0.8}
            train = gbdt {"y_col": "target"}
            predict = predict
            eval = eval_multiclass {"y_col": "target"}
            read.0 > fill.0
            fill.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        // A constant is no knowledge of the rows.
        clean: r#"
            read = sample_dataset {"name": "iris"}
            fill = impute {"strategy": "constant", "fill_value": 0}
            split = algo_local_split_data {"split_type": 1, "ext1": 0.8}
            train = gbdt {"y_col": "target"}
            predict = predict
            eval = eval_multiclass {"y_col": "target"}
            read.0 > fill.0
            fill.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "target_encoding_before_split",
        at: "encode",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            encode = target_encode {"columns": ["city"], "y_col": "bad"}
            split = split
            train = random_forest {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > encode.0
            encode.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            encode = target_encode {"columns": ["city"], "y_col": "bad"}
            apply = apply_transform
            train = random_forest {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > encode.0
            encode.0 > train.0
            encode.1 > apply.0
            split.1 > apply.1
            train.0 > predict.0
            apply.0 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "resample_before_split",
        at: "balance",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            balance = resample_imbalance {"y_col": "bad"}
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > balance.0
            balance.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            balance = resample_imbalance {"y_col": "bad"}
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > balance.0
            balance.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "window_before_split",
        at: "window",
        fixed: false,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            window = window_features {"columns": ["sales"], "order": "day"}
            split = split
            train = linear_regression {"y_col": "sales"}
            read.0 > window.0
            window.0 > split.0
            split.0 > train.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            window = window_features {"columns": ["sales"], "order": "day"}
            split = algo_local_split_data {"split_type": 2, "ext1": "day", "ext2": 300}
            train = linear_regression {"y_col": "sales"}
            read.0 > window.0
            window.0 > split.0
            split.0 > train.0"#,
    },
    Pair {
        code: "duplicates_across_parts",
        at: "once",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            once = drop_duplicates
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > once.0
            once.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            once = drop_duplicates
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > once.0
            once.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "transform_fitted_on_test_part",
        at: "scale2",
        fixed: true,
        broken: r#"
            read = sample_dataset {"name": "iris"}
            split = split
            scale = standardize {"exclude": ["target"]}
            scale2 = standardize {"exclude": ["target"]}
            train = logistic_regression {"y_col": "target"}
            predict = predict
            eval = eval_multiclass {"y_col": "target"}
            read.0 > split.0
            split.0 > scale.0
            split.1 > scale2.0
            scale.0 > train.0
            train.0 > predict.0
            scale2.0 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = sample_dataset {"name": "iris"}
            split = split
            scale = standardize {"exclude": ["target"]}
            apply = apply_transform
            train = logistic_regression {"y_col": "target"}
            predict = predict
            eval = eval_multiclass {"y_col": "target"}
            read.0 > split.0
            split.0 > scale.0
            scale.1 > apply.0
            split.1 > apply.1
            scale.0 > train.0
            train.0 > predict.0
            apply.0 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "target_among_features",
        at: "train",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            train = gbdt {"x_cols": ["age", "bad", "income"], "y_col": "bad"}
            read.0 > train.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            train = gbdt {"x_cols": ["age", "income"], "y_col": "bad"}
            read.0 > train.0"#,
    },
    Pair {
        code: "prediction_among_features",
        at: "second",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            first = gbdt {"x_cols": ["age"], "y_col": "bad"}
            score = predict {"x_cols": ["age"]}
            second = logistic_regression {"x_cols": ["age", "predict_score"], "y_col": "bad"}
            read.0 > first.0
            first.0 > score.0
            read.0 > score.1
            score.0 > second.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            first = gbdt {"x_cols": ["age"], "y_col": "bad"}
            score = predict {"x_cols": ["age"]}
            second = logistic_regression {"x_cols": ["age", "income"], "y_col": "bad"}
            read.0 > first.0
            first.0 > score.0
            read.0 > score.1
            score.0 > second.0"#,
    },
    Pair {
        code: "row_id_among_features",
        at: "train",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            number = append_id {"name": "row"}
            train = gbdt {"x_cols": ["row", "age"], "y_col": "bad"}
            read.0 > number.0
            number.0 > train.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            number = append_id {"name": "row"}
            train = gbdt {"x_cols": ["age"], "y_col": "bad"}
            read.0 > number.0
            number.0 > train.0"#,
    },
    Pair {
        code: "model_without_its_transform",
        at: "predict",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            fill = impute
            scale = standardize {"exclude": ["bad"]}
            train = logistic_regression {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > fill.0
            fill.0 > scale.0
            scale.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            fill = impute
            scale = standardize {"exclude": ["bad"]}
            filled = apply_transform
            scaled = apply_transform
            train = logistic_regression {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > fill.0
            fill.0 > scale.0
            scale.0 > train.0
            fill.1 > filled.0
            split.1 > filled.1
            scale.1 > scaled.0
            filled.0 > scaled.1
            train.0 > predict.0
            scaled.0 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "transform_model_never_saw",
        at: "predict",
        fixed: false,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            scale = standardize {"exclude": ["bad"]}
            apply = apply_transform
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > train.0
            split.0 > scale.0
            scale.1 > apply.0
            split.1 > apply.1
            train.0 > predict.0
            apply.0 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            scale = standardize {"exclude": ["bad"]}
            apply = apply_transform
            train = gbdt {"y_col": "bad"}
            linear = logistic_regression {"y_col": "bad"}
            predict = predict
            predict2 = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > train.0
            split.0 > scale.0
            scale.0 > linear.0
            scale.1 > apply.0
            split.1 > apply.1
            train.0 > predict.0
            split.1 > predict.1
            linear.0 > predict2.0
            apply.0 > predict2.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "parts_swapped",
        at: "train",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.1 > train.0
            train.0 > predict.0
            split.0 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "evaluation_on_training_rows",
        at: "eval",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.0 > predict.1
            predict.0 > eval.0"#,
        // Judged by both parts: a comparison.
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            train = gbdt {"y_col": "bad"}
            seen = predict
            unseen = predict
            eval_seen = eval_binary {"y_col": "bad"}
            eval_unseen = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > train.0
            train.0 > seen.0
            split.0 > seen.1
            train.0 > unseen.0
            split.1 > unseen.1
            seen.0 > eval_seen.0
            unseen.0 > eval_unseen.0"#,
    },
    Pair {
        code: "evaluation_on_training_rows",
        at: "eval",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > train.0
            train.0 > predict.0
            read.0 > predict.1
            predict.0 > eval.0"#,
        // Rows chosen by two filters of their own: they may have none in common.
        clean: r#"
            read = read_csv {"path": "t.csv"}
            old = filter_rows {"expression": "year < 2020"}
            new = filter_rows {"expression": "year >= 2020"}
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > old.0
            read.0 > new.0
            old.0 > train.0
            train.0 > predict.0
            new.0 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "evaluation_on_training_rows",
        at: "eval",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            fill = impute
            scale = standardize {"exclude": ["bad"]}
            train = logistic_regression {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > fill.0
            fill.0 > scale.0
            scale.0 > train.0
            train.0 > predict.0
            scale.0 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            scale = standardize {"exclude": ["bad"]}
            train = logistic_regression {"y_col": "bad"}
            read.0 > split.0
            split.0 > scale.0
            scale.0 > train.0"#,
    },
    Pair {
        code: "evaluation_on_training_rows",
        at: "eval",
        fixed: false,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            both = append_rows
            model = estimator {"algorithm": "logistic_regression"}
            tune = hyper_tune {"y_col": "bad", "space": {"C": [0.1, 1]}}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > both.0
            split.1 > both.1
            model.0 > tune.0
            both.0 > tune.1
            tune.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            model = estimator {"algorithm": "logistic_regression"}
            tune = hyper_tune {"y_col": "bad", "space": {"C": [0.1, 1]}}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            model.0 > tune.0
            split.0 > tune.1
            tune.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "other_label",
        at: "eval",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "default"}
            read.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = split
            train = gbdt {"y_col": "bad"}
            predict = predict
            eval = eval_binary {"y_col": "bad"}
            read.0 > split.0
            split.0 > train.0
            train.0 > predict.0
            split.1 > predict.1
            predict.0 > eval.0"#,
    },
    Pair {
        code: "other_features",
        at: "predict",
        fixed: true,
        broken: r#"
            read = read_csv {"path": "t.csv"}
            split = algo_local_split_data {"split_type": 1, "ext1": 0.8}
            train = algo_local_model_2c_l {"x_cols": ["age", "income"], "y_col": "bad"}
            predict = algo_local_model_predict {"x_cols": ["age"]}
            read.0 > split.0
            split.0 > train.0
            split.1 > predict.0
            train.0 > predict.1"#,
        clean: r#"
            read = read_csv {"path": "t.csv"}
            split = algo_local_split_data {"split_type": 1, "ext1": 0.8}
            train = algo_local_model_2c_l {"x_cols": ["age", "income"], "y_col": "bad"}
            predict = algo_local_model_predict {"x_cols": ["income", "age"]}
            read.0 > split.0
            split.0 > train.0
            split.1 > predict.0
            train.0 > predict.1"#,
    },
];

#[test]
fn each_mistake_is_seen_where_it_is() {
    for pair in PAIRS {
        let told = told(&yaml(pair.broken));
        assert_eq!(told, [(pair.code.to_owned(), pair.at.to_owned())], "{}", pair.broken);
    }
    let shown: BTreeSet<&str> = PAIRS.iter().map(|pair| pair.code).collect();
    assert_eq!(shown, CODES.into_iter().collect(), "every code has a pair");
}

#[test]
fn a_clean_twin_is_silent() {
    for pair in PAIRS {
        assert_eq!(told(&yaml(pair.clean)), [], "{}: {}", pair.code, pair.clean);
    }
}

#[test]
fn a_fix_makes_its_finding_go_and_no_other_come() {
    for pair in PAIRS {
        let text = yaml(pair.broken);
        let (_, found) = findings(&text);
        assert_eq!(found[0].fix.is_some(), pair.fixed, "{}: {}", pair.code, pair.broken);
        let Some(fix) = &found[0].fix else { continue };
        let mended = edited(&text, &fix.edits);
        assert_eq!(told(&mended), [], "{}: {mended}", pair.code);
        let (document, _) = read(&mended);
        let spots: Vec<(i64, i64)> = document
            .dag
            .operators
            .iter()
            .filter_map(|operator| operator.coordinate)
            .map(|at| (at.x as i64, at.y as i64))
            .collect();
        assert_eq!(spots.len(), document.dag.operators.len(), "what is added has a place: {mended}");
        let apart: BTreeSet<&(i64, i64)> = spots.iter().collect();
        assert_eq!(apart.len(), spots.len(), "nothing lies on top of another: {mended}");
    }
}

#[test]
fn findings_speak_both_languages() {
    for pair in PAIRS {
        for finding in findings(&yaml(pair.broken)).1 {
            let mut said = vec![&finding.message, &finding.hint];
            said.extend(finding.fix.as_ref().map(|fix| &fix.label));
            for said in said {
                assert!(said.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{said:?}");
                assert!(!said.en.is_empty() && said.en.is_ascii(), "{said:?}");
            }
            assert!(finding.message.en.contains(pair.at), "{finding:?}");
        }
    }
}
