//! The thread that tells the dag engine what became of attempts, again and again until it has heard.

use super::link::{Batch, Links};
use crate::call::{CallError, read};
use crate::wire::{CALLBACKS, Heard, OTHER_LINK};
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);

pub(super) fn run(links: &Links) {
    let mut pause = FIRST_PAUSE;
    while let Some(batch) = links.next() {
        match tell(&batch) {
            Ok(heard) => {
                links.heard(&batch.callback.link, heard.next);
                pause = FIRST_PAUSE;
            }
            Err(error) if error.is(OTHER_LINK) => links.forget(&batch.callback.link),
            Err(_) => {
                if links.pause(pause) {
                    return;
                }
                pause = (pause * 2).min(MAX_PAUSE);
            }
        }
    }
}

fn tell(batch: &Batch) -> Result<Heard, CallError> {
    read(&batch.caller.post(CALLBACKS, &batch.callback)?)
}
