//! Runs of commands on their way to an MLflow server: noted at their end, sent once all was said, kept where that fails.

use crate::home::Home;
use crate::session::Session;
use crate::show;
use std::time::Duration;
use suanzi_mlflow::{Entry, Outbox, State, is_wanted};

/// How long a server may take over one run, models and all.
pub const SERVER_LIMIT: Duration = Duration::from_secs(3_600);
/// How long a command stays for it after its report.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// A run of this process has ended.
pub fn note(session: &Session, run_id: &str) {
    if is_wanted()
        && let Err(error) = Outbox::of(&session.home.root).note(run_id, show::now_millis())
    {
        talk!("warning: the run won't go to MLflow: {error}");
    }
}

/// One try for all that waits. Nothing depends on it: what fails is sent by the next command or server.
pub fn send(session: &Session, run_id: &str) {
    if !is_wanted() {
        return;
    }
    let outbox = Outbox::of(&session.home.root);
    let send = |run: &serde_json::Value| session.python.mlflow(run, COMMAND_LIMIT);
    let sent = outbox.send_due(session.store.as_ref(), session.artifacts.store.as_ref(), show::now_millis(), &send);
    match sent.and_then(|_| outbox.entry(run_id)) {
        Ok(Some(entry)) if entry.state != State::Sent || !entry.reason.is_empty() => {
            talk!("MLflow: {}", words(&entry));
        }
        Ok(_) => {}
        Err(error) => talk!("warning: the run can't go to MLflow: {error}"),
    }
}

/// What became of a run, if it was to go there.
pub fn of_run(home: &Home, run_id: &str) -> Option<String> {
    Outbox::of(&home.root).entry(run_id).ok().flatten().map(|entry| words(&entry))
}

/// For `suanzi doctor`: whether all is well, and what waits.
pub fn health(home: &Home) -> Option<(bool, String)> {
    let waiting = Outbox::of(&home.root).waiting().unwrap_or_default();
    let failed = waiting.iter().find(|entry| entry.attempts > 0);
    match (failed, waiting.len()) {
        (Some(entry), count) => Some((false, format!("{count} waiting: {}", entry.reason))),
        (None, count) if is_wanted() => Some((true, format!("{count} waiting"))),
        (None, _) => None,
    }
}

fn words(entry: &Entry) -> String {
    match (entry.state, &entry.mlflow_run, entry.reason.as_str()) {
        (State::Sent, Some(id), "") => format!("sent as run {id}"),
        (State::Sent, id, note) => format!("sent as run {}; {note}", id.as_deref().unwrap_or("-")),
        (State::GivenUp, _, why) => format!("given up after {} attempts: {why}", entry.attempts),
        (State::Waiting, _, "") => "waits to be sent".into(),
        (State::Waiting, _, why) => format!("waits, to be tried again ({} so far): {why}", entry.attempts),
    }
}
