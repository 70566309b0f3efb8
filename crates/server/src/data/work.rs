//! Long work on tables: in threads of its own, so that it never takes those that other requests wait for.

use super::Places;
use crate::problem::Answer;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::{Code, Problem};
use tokio::sync::oneshot;

/// Python processes that work on tables at one time.
pub const MAX_TABLE_PROCESSES: usize = 2;
/// Files that are sent at one time.
pub const MAX_DOWNLOADS: usize = 8;
/// How long looking into a file may take.
pub(super) const LOOK: Duration = Duration::from_secs(120);
/// How long importing one may take.
pub(super) const IMPORT: Duration = Duration::from_secs(3_600);

/// Waits for a seat, then works in a thread of its own.
pub(super) async fn aside<T: Send + 'static>(
    places: &Arc<Places>,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Answer> {
    let broken = || Answer(Problem::new(Code::Unknown, "the request was broken off"));
    let _seat = places.seats.acquire().await.map_err(|_| broken())?;
    let (tell, told) = oneshot::channel();
    let spawned = std::thread::Builder::new().name("suanzi-table".into()).spawn(move || {
        let _ = tell.send(work());
    });
    spawned.map_err(|error| Answer(of_io(&error)))?;
    told.await.map_err(|_| broken())?.map_err(Answer)
}

/// The disk's errors.
pub(super) fn of_io(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Problem::new(Code::NoSpace, "no space is left in the home").hint(Some("make room, then try again"))
        }
        _ => Problem::new(Code::Store, format!("the home can't be written: {error}")),
    }
}
