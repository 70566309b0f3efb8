//! The block's own words, in English and Chinese.

use super::style::{Style, count, plain};

pub fn heading(id: &str, style: &Style) -> String {
    if style.chinese { format!("{id} 的评估") } else { format!("evaluation of {id}") }
}

pub fn kind(kind: &str, style: &Style) -> String {
    match kind {
        "binary" => style.say("binary classification", "二分类").into(),
        "multiclass" => style.say("multiclass classification", "多分类").into(),
        "regression" => style.say("regression", "回归").into(),
        "clustering" => style.say("clustering", "聚类").into(),
        other => plain(other),
    }
}

pub fn rows(rows: u64, style: &Style) -> String {
    format!("{} {}", count(rows), style.say("rows", "行"))
}

pub fn positive(label: &str, share: &str, style: &Style) -> String {
    let word = style.say("positive label", "正例");
    if style.chinese { format!("{word} {label}（{share}）") } else { format!("{word} {label} ({share})") }
}

/// A figure's name; one that nobody knows keeps its own.
pub fn figure(name: &str, style: &Style) -> String {
    let (english, chinese) = match name {
        "auc" => ("AUC", "AUC"),
        "ks" => ("KS", "KS"),
        "f1" => ("F1", "F1"),
        "precision" => ("precision", "精确率"),
        "recall" => ("recall", "召回率"),
        "accuracy" => ("accuracy", "准确率"),
        "log_loss" => ("log loss", "对数损失"),
        "brier" => ("Brier", "Brier 分数"),
        "specificity" => ("specificity", "特异度"),
        "gini" => ("Gini", "基尼系数"),
        "ks_threshold" => ("KS threshold", "KS 阈值"),
        "average_precision" => ("avg precision", "平均精确率"),
        "precision_macro" => ("precision, macro", "精确率（宏平均）"),
        "precision_weighted" => ("precision, weighted", "精确率（加权）"),
        "recall_macro" => ("recall, macro", "召回率（宏平均）"),
        "recall_weighted" => ("recall, weighted", "召回率（加权）"),
        "f1_macro" => ("F1, macro", "F1（宏平均）"),
        "f1_weighted" => ("F1, weighted", "F1（加权）"),
        "auc_macro" => ("AUC, macro", "AUC（宏平均）"),
        "kappa" => ("kappa", "Kappa 系数"),
        "r2" if style.unicode => ("R²", "R²"),
        "r2" => ("R2", "R2"),
        "mae" => ("mean abs. error", "平均绝对误差"),
        "rmse" => ("root mean sq. error", "均方根误差"),
        "mape" => ("mean abs. % error", "平均绝对百分比误差"),
        "median_absolute_error" => ("median abs. error", "绝对误差中位数"),
        "max_error" => ("largest error", "最大误差"),
        "bias" => ("bias", "偏差"),
        "explained_variance" => ("explained variance", "解释方差"),
        other => return plain(other),
    };
    style.say(english, chinese).into()
}

/// Columns of the per-threshold and per-class tables.
pub fn column(name: &str, style: &Style) -> String {
    let (english, chinese) = match name {
        "threshold" => ("threshold", "阈值"),
        "flagged" => ("flagged", "预测为正"),
        "label" => ("label", "标签"),
        "support" => ("rows", "行数"),
        "predicted" => ("predicted", "预测数"),
        other => return figure(other, style),
    };
    style.say(english, chinese).into()
}
