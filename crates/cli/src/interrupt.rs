//! Ctrl-C and TERM: the first does what the command asked for (cancel its runs), the second leaves at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError, Weak};
use suanzi_dag_engine::Engine;
use suanzi_store::RunKey;

/// What a shell expects of a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

type Act = Box<dyn Fn() + Send>;

struct Answer {
    said: &'static str,
    acts: Vec<Act>,
}

static ANSWER: Mutex<Answer> = Mutex::new(Answer { said: "cancelling; once more to leave at once", acts: Vec::new() });
static HANDLER: Once = Once::new();
static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on an interruption cancels that run, beside what else it does.
pub fn cancels(engine: Weak<Engine>, run: RunKey) {
    also(move || {
        if let Some(engine) = engine.upgrade() {
            let _ = engine.cancel(run);
        }
    });
}

/// From now on an interruption does this too.
pub fn also(act: impl Fn() + Send + 'static) {
    ANSWER.lock().unwrap_or_else(PoisonError::into_inner).acts.push(Box::new(act));
    listen();
}

/// From now on an interruption does this alone, even where one came before.
pub fn instead(said: &'static str, act: impl Fn() + Send + 'static) {
    *ANSWER.lock().unwrap_or_else(PoisonError::into_inner) = Answer { said, acts: vec![Box::new(act)] };
    ASKED.store(false, Ordering::SeqCst);
    listen();
}

fn listen() {
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
    let answer = ANSWER.lock().unwrap_or_else(PoisonError::into_inner);
    talk!("{}", answer.said);
    answer.acts.iter().for_each(|act| act());
}
