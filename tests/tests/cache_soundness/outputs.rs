//! What the outputs of a run hold, whatever they are called: content ids of tables, values of what is JSON.

use std::collections::BTreeMap;
use std::path::Path;
use suanzi_tests::{Report, rows};

/// By operator and port.
#[derive(Debug, Default)]
pub struct Outputs(BTreeMap<(String, u32), Content>);

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Table(String),
    Json(serde_json::Value),
    /// A pickle: two of the same object may differ in bytes. What uses it is compared instead.
    Pickle,
}

impl Outputs {
    pub fn of(home: &Path, report: &Report) -> Outputs {
        let db = rows::open(home);
        let mut outputs = BTreeMap::new();
        for operator in report.operators() {
            let id = operator["id"].as_str().expect("an id");
            for output in operator["outputs"].as_array().expect("a list") {
                let port = output["port"].as_u64().expect("a number") as u32;
                let artifact = output["artifact"].as_str().expect("a name");
                let content = match output["type"].as_str() {
                    Some("data") => {
                        Content::Table(output["content_id"].as_str().expect("a table has a content id").into())
                    }
                    Some("model" | "transform" | "estimator") => Content::Pickle,
                    _ => Content::Json(json(&db, home, artifact)),
                };
                outputs.insert((id.to_string(), port), content);
            }
        }
        Outputs(outputs)
    }

    /// Whether both have the same outputs of one operator. A pickle counts as changed: that it isn't can't be seen from outside.
    pub fn equal_at(&self, other: &Outputs, operator: &str) -> bool {
        let of = |outputs: &Outputs| {
            let own = outputs.0.iter().filter(|((id, _), _)| id == operator);
            own.map(|((_, port), content)| (*port, content.clone())).collect::<Vec<_>>()
        };
        let (a, b) = (of(self), of(other));
        a == b && !a.iter().any(|(_, content)| *content == Content::Pickle)
    }

    pub fn same_as(&self, truth: &Outputs) -> Result<(), String> {
        for (at, content) in &truth.0 {
            if self.0.get(at) != Some(content) {
                return Err(format!("output {at:?} is {:?}; a fresh home makes {content:?}", self.0.get(at)));
            }
        }
        if self.0.len() != truth.0.len() {
            return Err(format!("{} outputs; a fresh home makes {}", self.0.len(), truth.0.len()));
        }
        Ok(())
    }
}

fn json(db: &rusqlite::Connection, home: &Path, artifact: &str) -> serde_json::Value {
    let row = db.query_row("SELECT inline, path FROM artifacts WHERE id = ?1", [artifact], |row| {
        Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, String>(1)?))
    });
    let (inline, path) = row.expect("an artifact has a row");
    let bytes = inline.unwrap_or_else(|| std::fs::read(home.join("artifacts").join(&path)).expect("its file is there"));
    serde_json::from_slice(&bytes).expect("it is JSON")
}
