//! The codes of findings, each with a page in `docs/lint`.

/// All codes, in the order of the pages' index.
pub const CODES: [&str; 15] = [
    "fit_before_split",
    "target_encoding_before_split",
    "resample_before_split",
    "window_before_split",
    "duplicates_across_parts",
    "transform_fitted_on_test_part",
    "target_among_features",
    "prediction_among_features",
    "row_id_among_features",
    "model_without_its_transform",
    "transform_model_never_saw",
    "parts_swapped",
    "evaluation_on_training_rows",
    "other_label",
    "other_features",
];
