//! `/api/v1/runs/{run_id}/events`: a run's events as they come. `Last-Event-ID` goes on after an event.

use crate::asked::At;
use crate::feed::Feed;
use crate::news::News;
use crate::problem::Answer;
use crate::runs::blocking;
use crate::service::Service;
use crate::web::Grant;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::sse;
use tokio::sync::watch;

/// A silent stream says something this often, so that a reader that went away is noticed.
const KEEP_ALIVE_S: u64 = 15;
/// How often a stream looks whether its reader may still read it.
const LOOK_AGAIN_S: u64 = 2;

pub(crate) async fn events(
    State(service): State<Arc<Service>>,
    At(run_id): At<String>,
    grant: Grant,
    headers: HeaderMap,
) -> Result<Response, Answer> {
    let after = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()).unwrap_or(0);
    let feed = blocking(move || service.feed(&run_id)).await?;
    let reading = Reading { changes: feed.changes(), feed, after, over: false, grant };
    let body = Body::from_stream(stream::unfold(reading, |reading| async move {
        let (text, reading) = reading.next().await?;
        Some((Ok::<_, Infallible>(text), reading))
    }));
    Ok(([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response())
}

/// `/api/v1/events`: from now on, or after an event of before.
pub(crate) async fn all(State(service): State<Arc<Service>>, grant: Grant, headers: HeaderMap) -> Response {
    let given = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let news = service.news.clone();
    let following = Following { changes: news.changes(), after: given.unwrap_or_else(|| news.now()), news, grant };
    // Said at once, so that a page knows that it is connected.
    let first = stream::once(async { Ok::<_, Infallible>(":\n\n".to_string()) });
    let body = Body::from_stream(first.chain(stream::unfold(following, |following| async move {
        let (text, following) = following.next().await?;
        Some((Ok(text), following))
    })));
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}

/// One reader's place among the news.
struct Following {
    news: Arc<News>,
    changes: watch::Receiver<u64>,
    after: u64,
    grant: Grant,
}

impl Following {
    /// All news there are, or a sign of life. `None` once the reader's token or session holds no more, or the server ends.
    async fn next(mut self) -> Option<(String, Following)> {
        let mut silent_s = 0;
        loop {
            if !self.grant.holds() {
                return None;
            }
            self.changes.borrow_and_update();
            let read = self.news.read(self.after);
            if !read.is_empty() {
                let mut text = String::new();
                for (seq, event) in read {
                    sse::write(&mut text, seq, event.name(), &serde_json::to_string(&event).unwrap_or_default());
                    self.after = seq;
                }
                return Some((text, self));
            }
            match tokio::time::timeout(Duration::from_secs(LOOK_AGAIN_S), self.changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) if silent_s >= KEEP_ALIVE_S => return Some((":\n\n".into(), self)),
                Err(_) => silent_s += LOOK_AGAIN_S,
            }
        }
    }
}

/// One reader's place in a feed.
struct Reading {
    feed: Arc<Feed>,
    changes: watch::Receiver<u64>,
    after: u64,
    over: bool,
    grant: Grant,
}

impl Reading {
    /// The next piece of text: all events there are, or a sign of life. `None` after the last, and once the reader's token or session holds no more.
    async fn next(mut self) -> Option<(String, Reading)> {
        if self.over {
            return None;
        }
        let mut silent_s = 0;
        loop {
            if !self.grant.holds() {
                return None;
            }
            // Marked as seen before reading: a change during the read is noticed by the wait below.
            self.changes.borrow_and_update();
            let read = self.feed.read(self.after);
            self.over = read.last;
            if !read.events.is_empty() {
                return Some((self.text(&read.events), self));
            }
            if self.over {
                return None;
            }
            match tokio::time::timeout(Duration::from_secs(LOOK_AGAIN_S), self.changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) if silent_s >= KEEP_ALIVE_S => return Some((":\n\n".into(), self)),
                Err(_) => silent_s += LOOK_AGAIN_S,
            }
        }
    }

    fn text(&mut self, events: &[(u64, suanzi_api::RunEvent)]) -> String {
        let mut text = String::new();
        for (seq, event) in events {
            // Events are made of text and finite numbers: always JSON.
            let data = serde_json::to_string(event).unwrap_or_default();
            sse::write(&mut text, *seq, event.name(), &data);
            self.after = *seq;
        }
        text
    }
}
