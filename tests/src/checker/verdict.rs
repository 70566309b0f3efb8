//! The promises, judged after each kill and at the end of a run.

use super::life::Heard;
use super::run_rows::{Output, RunRows};
use super::scene::{OPERATORS, Scene};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const ARROW_MAGIC: &[u8] = b"ARROW1";

/// What must stay true of a run from now on.
#[derive(Default)]
pub struct Ledger {
    /// Told to have succeeded.
    acknowledged: BTreeSet<String>,
    /// Found as success in the database when an engine was dead: operator → executions until then.
    finished: BTreeMap<String, u32>,
    executions: BTreeMap<String, u32>,
}

impl Ledger {
    /// After the end of so many engines (`lives`: one, or two of which the second took the run), with nothing of them alive any more,
    /// or while the only one stands still. `rows`: the run as the database has it.
    pub fn judge(&mut self, heard: &Heard, rows: &RunRows, scene: &Scene, lives: u32) -> Result<(), String> {
        self.acknowledged.extend(heard.succeeded.iter().cloned());
        for operator in &self.acknowledged {
            let state = rows.tasks.get(operator).map_or("absent", |task| task.state.as_str());
            if state != "success" {
                return Err(format!("{operator} was told to have succeeded, and the database says {state}"));
            }
        }
        let executions = scene.executions();
        for (operator, count) in &executions {
            let before = self.executions.get(operator).copied().unwrap_or(0);
            if *count > before + lives {
                let (ran, attempts) = (count - before, rows.attempts.get(operator));
                let heard = &heard.lines;
                return Err(format!(
                    "{operator} ran {ran} times in {lives} lives of the engine; attempts {attempts:?}; told {heard:?}"
                ));
            }
            if let Some(until) = self.finished.get(operator).filter(|until| *count > **until) {
                return Err(format!("{operator} had finished after {until} executions and was run again"));
            }
        }
        for (operator, task) in &rows.tasks {
            let ran = executions.get(operator).copied().unwrap_or(0);
            if task.state == "success" && ran == 0 {
                return Err(format!("{operator} succeeded and never ran"));
            }
            let successes = rows.attempts.get(operator).map_or(0, |a| a.iter().filter(|(_, s)| s == "success").count());
            if successes != usize::from(task.state == "success") {
                return Err(format!("{operator} is {} with {successes} successful attempts", task.state));
            }
            if task.state == "success" {
                self.finished.entry(operator.clone()).or_insert(ran);
            } else if self.finished.contains_key(operator) {
                return Err(format!("{operator} had finished and is {}", task.state));
            }
        }
        self.executions = executions;
        Ok(())
    }

    pub fn executions(&self) -> u32 {
        self.executions.values().sum()
    }
}

/// Work that a kill interrupts: tasks under way by the rows, or executions whose result isn't in the rows.
pub fn in_flight(rows: &RunRows, scene: &Scene) -> bool {
    let ran = scene.executions();
    let unfinished = |operator: &String| rows.tasks.get(operator).is_none_or(|task| task.state != "success");
    rows.state == "running" && (ran.keys().any(unfinished) || rows.tasks.values().any(|task| task.state == "running"))
}

/// A run that has come to its end.
pub fn ended(home: &Path, rows: &RunRows, scene: &Scene) -> Result<(), String> {
    if rows.state != "success" {
        return Err(format!("the run ended as {}", rows.state));
    }
    if rows.tasks.len() != OPERATORS as usize || rows.tasks.values().any(|task| task.state != "success") {
        return Err(format!("not every task succeeded: {:?}", rows.tasks));
    }
    for (operator, attempts) in &rows.attempts {
        if !attempts.iter().map(|(no, _)| *no).eq(1..=attempts.len() as u32) {
            return Err(format!("{operator}: attempts aren't numbered without gaps: {attempts:?}"));
        }
        if attempts.iter().any(|(_, state)| state != "success" && state != "lost") {
            return Err(format!("{operator}: attempts ended otherwise than lost or in success: {attempts:?}"));
        }
    }
    let mut models = scene.models.to_vec();
    models.sort();
    if rows.registered != models {
        return Err(format!("the run of models {models:?} registered those of {:?}", rows.registered));
    }
    let named: BTreeSet<&String> = rows.outputs.iter().map(|output| &output.operator).collect();
    if named.len() != OPERATORS as usize || rows.outputs.len() != OPERATORS as usize {
        return Err(format!("{} outputs of {} operators", rows.outputs.len(), named.len()));
    }
    rows.outputs.iter().try_for_each(|output| is_whole(home, output, rows, scene))
}

fn is_whole(home: &Path, output: &Output, rows: &RunRows, scene: &Scene) -> Result<(), String> {
    let Output { operator, artifact, path, .. } = output;
    let attempt_no = rows.tasks.get(operator).map_or(0, |task| task.attempt_no);
    let numbers: Vec<&str> = artifact.rsplit('-').take(3).collect();
    if numbers.get(1) != Some(&attempt_no.to_string().as_str()) {
        return Err(format!("{operator}: artifact {artifact} isn't that of attempt {attempt_no}"));
    }
    if !output.present {
        return Err(format!("{operator}: artifact {artifact} isn't present"));
    }
    if let Some(inline) = &output.inline {
        let value: serde_json::Value =
            serde_json::from_slice(inline).map_err(|e| format!("{operator}: its result is no JSON: {e}"))?;
        let mut expected = serde_json::json!({ "key": operator, "inputs": scene.inputs.get(operator) });
        if scene.models.contains(operator) {
            expected["name"] = "killed".into();
        }
        return if value == expected { Ok(()) } else { Err(format!("{operator} gave {value}, not {expected}")) };
    }
    let file = home.join("artifacts").join(path);
    let bytes = std::fs::read(&file).map_err(|e| format!("{operator}: {}: {e}", file.display()))?;
    if bytes.len() as u64 != output.bytes {
        return Err(format!("{operator}: {} has {} bytes, not {}", file.display(), bytes.len(), output.bytes));
    }
    if !bytes.starts_with(ARROW_MAGIC) || !bytes.ends_with(ARROW_MAGIC) {
        return Err(format!("{operator}: {} is no Arrow file", file.display()));
    }
    if !output.durable {
        return Err(format!("{operator}: the run has ended, and {} isn't noted as durable", file.display()));
    }
    Ok(())
}
