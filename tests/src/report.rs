//! What `run --json` printed.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A run as the program reports it.
#[derive(Debug, Clone)]
pub struct Report(pub Value);

impl Report {
    pub fn run_id(&self) -> &str {
        self.0["run_id"].as_str().expect("a run has an id")
    }

    pub fn status(&self) -> &str {
        self.0["status"].as_str().expect("a run has a status")
    }

    pub fn operators(&self) -> impl Iterator<Item = &Value> {
        self.0["operators"].as_array().expect("a list of operators").iter()
    }

    pub fn operator(&self, id: &str) -> &Value {
        self.operators().find(|op| op["id"] == id).unwrap_or_else(|| panic!("no operator {id} in {}", self.0))
    }

    /// Ids of all operators that took part.
    pub fn took_part(&self) -> BTreeSet<String> {
        self.operators().map(id).collect()
    }

    /// Ids of those that were computed and succeeded.
    pub fn executed(&self) -> BTreeSet<String> {
        self.operators().filter(|op| op["status"] == "success" && op["cached"] == false).map(id).collect()
    }

    pub fn cached(&self) -> BTreeSet<String> {
        self.operators().filter(|op| op["cached"] == true).map(id).collect()
    }

    pub fn statuses(&self) -> BTreeMap<String, String> {
        self.operators().map(|op| (id(op), op["status"].as_str().unwrap_or("").to_string())).collect()
    }

    /// One figure of one operator.
    pub fn metric(&self, operator: &str, name: &str) -> f64 {
        let value = &self.0["metrics"][operator][name];
        value.as_f64().unwrap_or_else(|| panic!("{operator} has no {name}: {}", self.0["metrics"]))
    }

    pub fn finding_codes(&self, operator: &str) -> Vec<&str> {
        let list = self.0["findings"][operator].as_array();
        list.into_iter().flatten().filter_map(|f| f["code"].as_str()).collect()
    }
}

fn id(operator: &Value) -> String {
    operator["id"].as_str().expect("an operator has an id").to_string()
}
