//! Mistakes of training, prediction and evaluation.

use super::Pair;

pub const PAIRS: &[Pair] = &[
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
