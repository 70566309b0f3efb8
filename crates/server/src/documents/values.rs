//! Parameter values between JSON and the DAG's own: whole numbers stay whole, maps keep their order.

use serde_json::{Map, Value as Json};
use suanzi_dag::Value;
pub(super) use suanzi_operator::from_json as of_json;

pub(super) fn entries_of(map: &Map<String, Json>) -> Vec<(String, Value)> {
    map.iter().map(|(key, value)| (key.clone(), of_json(value))).collect()
}

pub(super) fn to_json(value: &Value) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

pub(super) fn map_of(entries: &[(String, Value)]) -> Map<String, Json> {
    entries.iter().map(|(key, value)| (key.clone(), to_json(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_comes_back_as_it_was() {
        for given in [
            json!(null),
            json!(true),
            json!(-3),
            json!(9_007_199_254_740_993_i64),
            json!(1.5),
            json!("文"),
            json!([1, [2.5, null]]),
            json!({"a": {"b": []}}),
        ] {
            assert_eq!(to_json(&of_json(&given)), given);
        }
    }
}
