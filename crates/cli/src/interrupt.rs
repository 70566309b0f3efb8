//! Ctrl-C and TERM: the first cancels this command's runs, the second leaves at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError, Weak};
use suanzi_dag_engine::Engine;
use suanzi_store::RunKey;

/// What a shell expects of a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

static RUNS: Mutex<Vec<(Weak<Engine>, RunKey)>> = Mutex::new(Vec::new());
static HANDLER: Once = Once::new();
static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on an interruption cancels that run.
pub fn cancels(engine: Weak<Engine>, run: RunKey) {
    RUNS.lock().unwrap_or_else(PoisonError::into_inner).push((engine, run));
    HANDLER.call_once(|| {
        // Without a handler an interruption ends the process, and `runs resume` goes on: no reason to fail.
        let _ = ctrlc::set_handler(interrupted);
    });
}

/// Runs on a thread of its own.
fn interrupted() {
    if ASKED.swap(true, Ordering::SeqCst) {
        std::process::exit(INTERRUPTED);
    }
    eprintln!("cancelling; once more to leave at once");
    for (engine, run) in RUNS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        if let Some(engine) = engine.upgrade() {
            let _ = engine.cancel(*run);
        }
    }
}
