//! An evaluation as a block of text: numbers, confusion matrix, findings in words.

use serde_json::Value;

pub fn print(id: &str, evaluation: &Value) {
    println!("evaluation of {id}");
    if let Some(metrics) = evaluation.get("metrics").and_then(Value::as_object) {
        for (name, value) in metrics {
            if let Some(number) = value.as_f64() {
                println!("  {name:<12} {number:.4}");
            }
        }
    }
    for finding in evaluation.get("findings").and_then(Value::as_array).into_iter().flatten() {
        let say = |key: &str| {
            finding
                .get(format!("{key}_{}", language()))
                .or_else(|| finding.get(format!("{key}_en")))
                .and_then(Value::as_str)
        };
        println!("  ! {}", say("text").unwrap_or_default());
        if let Some(remedy) = say("remedy") {
            println!("    → {remedy}");
        }
    }
}

/// Findings are said in Chinese where the terminal's language is.
fn language() -> &'static str {
    let set =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if set.is_some_and(|v| v.starts_with("zh")) { "zh" } else { "en" }
}
