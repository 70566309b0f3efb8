//! What a colleague would point out, each with its remedy.

use super::style::{Style, plain};
use serde_json::Value;

pub fn lines(evaluation: &Value, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in evaluation.get("findings").and_then(Value::as_array).into_iter().flatten() {
        let say = |key: &str| {
            let own = finding.get(format!("{key}_{}", style.say("en", "zh"))).and_then(Value::as_str);
            own.or_else(|| finding.get(format!("{key}_en")).and_then(Value::as_str)).map(plain)
        };
        let severity = finding.get("severity").and_then(Value::as_str);
        let mark = if severity == Some("info") { "i" } else { "!" };
        lines.extend(say("text").map(|text| format!("  {mark} {text}")));
        let arrow = if style.unicode { "→" } else { "->" };
        lines.extend(say("remedy").map(|remedy| format!("    {arrow} {remedy}")));
    }
    lines
}
