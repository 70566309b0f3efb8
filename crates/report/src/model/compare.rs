//! Versions of a model side by side.

use super::facts::ModelFacts;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use suanzi_api::{ComparedMetric, ComparedVersion, ComparedWord, Judgement, ModelComparison};

/// Figures of which more is better, and of which less is; of any other nothing is said. Those of folds and classes by their stem.
const MORE_IS_BETTER: &[&str] = &[
    "auc",
    "ks",
    "f1",
    "precision",
    "recall",
    "accuracy",
    "balanced_accuracy",
    "specificity",
    "average_precision",
    "gini",
    "r2",
    "silhouette",
    "calinski_harabasz",
];
const LESS_IS_BETTER: &[&str] = &["log_loss", "brier", "mae", "mse", "rmse", "mape", "max_error", "davies_bouldin"];
/// What stands behind a stem.
const ENDINGS: &[&str] = &["_macro", "_weighted", "_micro", "_mean"];

/// Differences below this share of the figure are those of adding floats in another order.
const SAME_SHARE: f64 = 1e-9;

type Rows = BTreeMap<String, Vec<Option<Value>>>;

/// In the order given; differences are those from the first one.
pub fn compare_versions(all: &[ModelFacts]) -> ModelComparison {
    let metrics: Vec<BTreeMap<String, f64>> = all.iter().map(figures).collect();
    let names: std::collections::BTreeSet<&String> = metrics.iter().flat_map(BTreeMap::keys).collect();
    ModelComparison {
        name: all.first().map(|facts| facts.name.clone()).unwrap_or_default(),
        versions: all.iter().map(version).collect(),
        metrics: names.into_iter().map(|name| metric(name, &metrics)).collect(),
        parameters: words(all, parameters),
        origin: words(all, origin),
    }
}

fn version(facts: &ModelFacts) -> ComparedVersion {
    ComparedVersion {
        version: facts.version,
        aliases: facts.aliases.clone(),
        run_id: facts.run_id.clone(),
        operator: facts.operator.clone(),
        created_at_ms: facts.registered_at_ms,
    }
}

/// Those that were registered with it; else those of what judged it in its run.
fn figures(facts: &ModelFacts) -> BTreeMap<String, f64> {
    let numbers = |of: &serde_json::Map<String, Value>, before: &str| {
        let numbers = of.iter().filter_map(|(name, value)| Some((format!("{before}{name}"), value.as_f64()?)));
        numbers.collect::<Vec<_>>()
    };
    if !facts.metrics.is_empty() {
        return numbers(&facts.metrics, "").into_iter().collect();
    }
    let judged = facts.evaluations.iter();
    let judged =
        judged.filter_map(|e| Some(numbers(e.result.get("metrics")?.as_object()?, &format!("{}.", e.operator))));
    judged.flatten().collect()
}

fn metric(name: &str, all: &[BTreeMap<String, f64>]) -> ComparedMetric {
    let values: Vec<Option<f64>> = all.iter().map(|metrics| metrics.get(name).copied()).collect();
    let first = values.first().copied().flatten();
    let change = |value: f64, first: f64| {
        let change = value - first;
        if change.abs() <= SAME_SHARE * value.abs().max(first.abs()) { 0.0 } else { change }
    };
    let changes: Vec<Option<f64>> = values.iter().map(|value| Some(change((*value)?, first?))).collect();
    let sign = direction(name);
    let judgements = changes.iter().map(|change| match (change, sign) {
        (Some(change), Some(sign)) if *change != 0.0 => {
            Some(if change * sign > 0.0 { Judgement::Better } else { Judgement::Worse })
        }
        _ => None,
    });
    let judgements = judgements.collect();
    let differs = values.iter().any(|v| v.is_some() != first.is_some()) || changes.iter().flatten().any(|c| *c != 0.0);
    ComparedMetric { metric: name.to_string(), differs, values, changes, judgements }
}

/// 1 where more is better, -1 where less is.
fn direction(name: &str) -> Option<f64> {
    let name = name.rsplit('.').next().unwrap_or(name);
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    if MORE_IS_BETTER.contains(&stem) {
        return Some(1.0);
    }
    LESS_IS_BETTER.contains(&stem).then_some(-1.0)
}

fn words(all: &[ModelFacts], of: fn(&ModelFacts) -> Vec<(String, Value)>) -> Vec<ComparedWord> {
    let mut rows = Rows::new();
    for (at, facts) in all.iter().enumerate() {
        for (what, value) in of(facts) {
            rows.entry(what).or_insert_with(|| vec![None; all.len()])[at] = Some(value);
        }
    }
    let rows = rows.into_iter();
    rows.map(|(what, values)| ComparedWord { differs: values.iter().any(|v| *v != values[0]), what, values }).collect()
}

fn parameters(facts: &ModelFacts) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> =
        facts.dag_parameters.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for step in &facts.steps {
        found.push((format!("{}.algo_name", step.operator), json!(step.algo_name)));
        found.extend(step.params.iter().map(|(name, value)| (format!("{}.{name}", step.operator), value.clone())));
    }
    found
}

/// Data and lineage.
fn origin(facts: &ModelFacts) -> Vec<(String, Value)> {
    let mut found = vec![
        ("dag".to_string(), json!(facts.dag)),
        ("dag_version".to_string(), json!(facts.dag_version)),
        ("seed".to_string(), json!(facts.seed)),
        ("trainer".to_string(), json!(facts.trainer)),
        ("class".to_string(), facts.manifest.pointer("/manifest/class").cloned().unwrap_or_default()),
        ("features".to_string(), facts.manifest.pointer("/manifest/columns").cloned().unwrap_or_default()),
        ("label".to_string(), facts.manifest.pointer("/manifest/label").cloned().unwrap_or_default()),
        ("environment".to_string(), json!(facts.environment)),
    ];
    let versions = facts.manifest.pointer("/manifest/library_versions").and_then(Value::as_object);
    found.extend(versions.into_iter().flatten().map(|(name, version)| (format!("library.{name}"), version.clone())));
    found.extend(facts.files.iter().map(|(name, content)| (format!("file.{name}"), json!(content))));
    for table in &facts.data {
        found.push((format!("data.{}.rows", table.operator), json!(table.rows)));
        found.push((format!("data.{}.content", table.operator), json!(table.content_id)));
    }
    if let Some(table) = &facts.training {
        found.push(("training.rows".to_string(), json!(table.rows)));
        found.push(("training.content".to_string(), json!(table.content_id)));
    }
    found.retain(|(_, value)| !value.is_null());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(version: u32, metrics: Value, c: f64, rows: u64) -> ModelFacts {
        let params = json!({ "C": c, "y_col": "bad" }).as_object().cloned().unwrap_or_default();
        ModelFacts {
            name: "credit".into(),
            version,
            metrics: metrics.as_object().cloned().unwrap_or_default(),
            steps: vec![super::super::Step {
                operator: "train".into(),
                algo_name: "logistic_regression".into(),
                params,
            }],
            training: Some(super::super::Table {
                operator: "split".into(),
                port: 0,
                rows: Some(rows),
                content_id: Some("c".into()),
                path: None,
            }),
            ..ModelFacts::default()
        }
    }

    #[test]
    fn figures_are_judged_by_their_direction() {
        let versions = [
            facts(1, json!({ "auc": 0.7, "log_loss": 0.5, "steps": 3, "f1_macro": 0.5 }), 1.0, 80),
            facts(2, json!({ "auc": 0.75, "log_loss": 0.6, "steps": 4, "f1_macro": 0.5, "ks": null }), 2.0, 80),
            facts(3, json!({ "auc": 0.65, "log_loss": 0.4, "steps": 3.000_000_000_1 }), 1.0, 90),
        ];
        let found = compare_versions(&versions);
        let of = |name: &str| found.metrics.iter().find(|m| m.metric == name).expect("a metric");
        use Judgement::{Better, Worse};
        assert_eq!(of("auc").judgements, [None, Some(Better), Some(Worse)]);
        assert_eq!(of("log_loss").judgements, [None, Some(Worse), Some(Better)]);
        assert_eq!(of("steps").judgements, [None, None, None], "no direction, no judgement");
        assert_eq!(of("steps").changes, [Some(0.0), Some(1.0), Some(0.0)], "adding in another order is no change");
        assert!(!of("f1_macro").differs || of("f1_macro").values[2].is_none());
        assert_eq!(of("f1_macro").values, [Some(0.5), Some(0.5), None]);
        assert_eq!(of("f1_macro").judgements, [None, None, None]);
        let change = of("auc").changes[1].expect("a change");
        assert!((change - 0.05).abs() < 1e-12, "{change}");
        assert!(found.metrics.iter().all(|m| m.metric != "ks"));
        let differing = |rows: &[ComparedWord]| -> Vec<String> {
            rows.iter().filter(|row| row.differs).map(|row| row.what.clone()).collect()
        };
        assert_eq!(differing(&found.parameters), ["train.C"]);
        assert_eq!(differing(&found.origin), ["training.rows"]);
    }
}
