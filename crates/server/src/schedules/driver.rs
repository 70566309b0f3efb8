//! The thread that waits for the next due time.

use super::keeper::{Begin, Keeper};
use crate::clock::Clock;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// After the database refused.
const AGAIN_MS: i64 = 5_000;

/// Ends with it.
pub(crate) struct Driver {
    clock: Arc<dyn Clock>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Driver {
    pub fn start<B: Begin + 'static>(keeper: Arc<Keeper>, clock: Arc<dyn Clock>, begin: Arc<B>) -> io::Result<Driver> {
        let over = Arc::new(AtomicBool::new(false));
        let (ends, waits) = (over.clone(), clock.clone());
        let thread = std::thread::Builder::new().name("suanzi-schedules".into()).spawn(move || {
            while !ends.load(Ordering::SeqCst) {
                let next = keeper.look(begin.as_ref()).unwrap_or_else(|error| {
                    eprintln!("warning: schedules wait: {error}");
                    Some(waits.now() + AGAIN_MS)
                });
                waits.wait_until(next);
            }
        })?;
        Ok(Driver { clock, over, thread: Some(thread) })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        self.clock.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
