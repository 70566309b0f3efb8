//! Mistakes around a split.

use super::Pair;

pub const PAIRS: &[Pair] = &[
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
];
