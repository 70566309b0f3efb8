//! `/api/v1/runs/{run_id}/tasks/{operator}/log`: what an attempt printed, by range and as it comes.

use crate::asked::{Asked, At, within};
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::{Code, LogChunk, LogQuery, LogStreamQuery, LogView, Problem, sse};
use suanzi_executor::{AttemptId, LogError};
use suanzi_store::{AttemptRow, RunState};

/// The most one request gets.
pub(crate) const MAX_LOG_BYTES: u32 = 1 << 20;
const DEFAULT_LOG_BYTES: u32 = 1 << 16;
/// How often a stream looks for more.
const LOOK_AGAIN_MS: u64 = 400;
/// Looks without anything new after which a stream says a sign of life: 15 s.
const SILENT_LOOKS: u32 = 37;

pub(crate) async fn log(
    State(service): State<Arc<Service>>,
    At((run_id, operator)): At<(String, String)>,
    Asked(query): Asked<LogQuery>,
) -> Result<Json<LogView>, Answer> {
    let limit = within("limit", query.limit, DEFAULT_LOG_BYTES, MAX_LOG_BYTES)?;
    let part = move || read(&service, &run_id, &operator, query.attempt, query.offset.unwrap_or(0), limit);
    Ok(Json(blocking(part).await?))
}

pub(crate) async fn stream(
    State(service): State<Arc<Service>>,
    At((run_id, operator)): At<(String, String)>,
    Asked(query): Asked<LogStreamQuery>,
    grant: Grant,
) -> Result<Response, Answer> {
    let mut reading = Reading { service, run_id, operator, attempt: query.attempt, offset: 0, over: false, grant };
    // The first look tells whether there is such a task at all.
    let first = reading.look().await?;
    reading.attempt = reading.attempt.or(Some(first.attempt).filter(|no| *no > 0));
    let body = Body::from_stream(stream::unfold(reading, |reading| async move {
        let (text, reading) = reading.next().await?;
        Some((Ok::<_, Infallible>(text), reading))
    }));
    Ok(([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response())
}

/// One reader's place in a log.
struct Reading {
    service: Arc<Service>,
    run_id: String,
    operator: String,
    /// The newest, as long as there is none.
    attempt: Option<u32>,
    offset: u64,
    over: bool,
    grant: Grant,
}

impl Reading {
    async fn look(&self) -> Result<LogView, Answer> {
        let (service, run_id, operator) = (self.service.clone(), self.run_id.clone(), self.operator.clone());
        let (attempt, offset) = (self.attempt, self.offset);
        blocking(move || read(&service, &run_id, &operator, attempt, offset, MAX_LOG_BYTES)).await
    }

    /// The next piece. `None` after the end, and once the reader's token or session holds no more.
    async fn next(mut self) -> Option<(String, Reading)> {
        for _ in 0..SILENT_LOOKS {
            if self.over || !self.grant.holds() {
                return None;
            }
            let part = self.look().await.ok()?;
            self.attempt = self.attempt.or(Some(part.attempt).filter(|no| *no > 0));
            let mut text = String::new();
            if !part.text.is_empty() {
                let chunk = LogChunk { offset: part.offset, text: part.text };
                sse::write(&mut text, part.next, "chunk", &serde_json::to_string(&chunk).unwrap_or_default());
                self.offset = part.next;
            }
            if part.ended {
                self.over = true;
                sse::write(&mut text, part.next, "end", "{}");
            }
            if !text.is_empty() {
                return Some((text, self));
            }
            tokio::time::sleep(Duration::from_millis(LOOK_AGAIN_MS)).await;
        }
        Some((":\n\n".into(), self))
    }
}

fn read(
    service: &Service,
    run_id: &str,
    operator: &str,
    attempt: Option<u32>,
    offset: u64,
    limit: u32,
) -> Result<LogView, Problem> {
    let (row, _, op) = service.task_place(run_id, operator)?;
    let attempts = service.engine.store().attempts(row.key, Some(op)).map_err(|e| of_store(&e))?;
    let found = match attempt {
        Some(no) => attempts.iter().find(|a| a.attempt_no == no),
        None => attempts.last(),
    };
    let Some(found) = found else {
        return match attempt {
            Some(no) => Err(Problem::new(Code::NotFound, format!("'{operator}' has no attempt {no} in {run_id}"))),
            None => {
                let ended = row.state != RunState::Running;
                Ok(LogView { attempt: 0, offset: 0, next: 0, ended, text: String::new() })
            }
        };
    };
    let (mut bytes, more) = match &found.ended {
        Some(end) => {
            let length = end.log_end.saturating_sub(end.log_start);
            let from = offset.min(length);
            let take = (length - from).min(limit.into());
            let path = service.home.join("logs").join(format!("{}.log", end.log_file));
            let bytes = from_file(&path, end.log_start.saturating_add(from), take);
            // A log that was collected is over.
            let bytes = bytes.map_err(|e| Problem::new(Code::Store, format!("the log can't be read: {e}")))?;
            let more = bytes.len() as u64 == take && from + take < length;
            (bytes, more)
        }
        None => {
            // An attempt whose engine died has no end of its own: its run, or the attempt after it, went on without it.
            let left = row.state != RunState::Running || attempts.iter().any(|a| a.attempt_no > found.attempt_no);
            let going = live(service, row.key.0, found, offset, limit)?;
            let more = going.is_some() || !left;
            (going.unwrap_or_default(), more)
        }
    };
    if more {
        bytes.truncate(whole(&bytes));
    }
    let next = offset + bytes.len() as u64;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(LogView { attempt: found.attempt_no, offset, next, ended: !more, text })
}

fn from_file(path: &std::path::Path, start: u64, bytes: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    if bytes == 0 {
        return Ok(read);
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(read),
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(start))?;
    file.take(bytes).read_to_end(&mut read)?;
    Ok(read)
}

/// Of an attempt that runs: whichever executor has it. `None` where none knows it.
fn live(
    service: &Service,
    run: u64,
    attempt: &AttemptRow,
    offset: u64,
    limit: u32,
) -> Result<Option<Vec<u8>>, Problem> {
    let id = AttemptId { run, op: attempt.op, no: attempt.attempt_no, token: attempt.token };
    let operators = service.engine.operators();
    for executor in 0..operators.slots().len() as u16 {
        match operators.logs(executor, &id, offset, limit as usize) {
            Ok(bytes) => return Ok(Some(bytes)),
            Err(LogError::UnknownAttempt) => {}
            Err(error) => return Err(Problem::new(Code::Store, error.to_string())),
        }
    }
    Ok(None)
}

/// How many of the bytes to give where more follow: a character that is cut is left for the next part.
fn whole(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let at = bytes.len() - back;
        let needs = match bytes[at] {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF7 => 4,
            0x80..=0xBF => continue,
            _ => 1,
        };
        return if needs > back && at > 0 { at } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_is_left_for_the_next_part() {
        let text = "a算".as_bytes();
        for (bytes, expected) in [
            (&text[..1], 1),
            (&text[..2], 1),
            (&text[..3], 1),
            (&text[..4], 4),
            (&"aé".as_bytes()[..2], 1),
            (&"a😀".as_bytes()[..4], 1),
            (b"", 0),
            (b"\xff\xff\xff\xff", 4),
            (b"a\x80\x80\x80\x80", 5),
            // Never no progress.
            (b"\xe7", 1),
        ] {
            assert_eq!(whole(bytes), expected, "{bytes:?}");
        }
    }
}
