//! A zombie: an engine that stood still while another took its run, and then goes on. Nothing it does from then on may count.

use super::life::{Heard, Life};
use super::run_rows::RunRows;
use std::path::Path;
use std::time::Duration;

/// The lock is what keeps a second engine away. Without it, as on a file system that forgets locks, the fences in the database have to.
pub fn break_lock(home: &Path) -> Result<(), String> {
    std::fs::remove_file(home.join("engine.lock")).map_err(|e| format!("the lock can't be removed: {e}"))
}

/// Wakes the engine that lost its run and waits for its end. `before`: the run when it was taken.
pub fn wake(zombie: Life, before: &RunRows, patience: Duration) -> Result<Heard, String> {
    zombie.go_on();
    let (status, heard) = zombie.end(patience).map_err(|what| format!("an engine that lost its run: {what}"))?;
    let was_done = |operator: &String| before.tasks.get(operator).is_some_and(|task| task.state == "success");
    if let Some(operator) = heard.succeeded.iter().find(|operator| !was_done(operator)) {
        return Err(format!("an engine that had lost its run told that {operator} succeeded"));
    }
    if status.success() {
        return Err(format!("an engine that had lost its run ended as if all were well: {:?}", heard.lines));
    }
    Ok(heard)
}
