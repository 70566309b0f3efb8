//! What the routes do, without HTTP: blocking calls into the engine.

use crate::attached::{Attached, Ticket};
use crate::data::Places;
use crate::feed::Feed;
use crate::host::Host;
use crate::mlflow::Mlflow;
use crate::news::News;
use crate::problem::{no_run, of_faults, of_refusal, of_store, of_submit};
use crate::schedules::{Keeper, Saved};
use crate::services::Services;
use crate::web::{Access, Grant};
use crate::webhooks::Outbox;
use crate::wire;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suanzi_api::{Code, Fault, Notice, Problem, RunView, SubmitAnswer, SubmitRequest};
use suanzi_dag::{Document, Faults, Limits};
use suanzi_dag_engine::{Cause, Engine, FileAccess, Plan, Prepared, RunEvent, RunOptions, Submitted};
use suanzi_store::{DagKey, DagRow, DagVersionKey, RunFilter, RunKey, RunRow, RunState};

/// How long a start with more interrupted runs than may go at once waits before it tries again.
const ROOM_AGAIN_MS: u64 = 200;

pub(crate) struct Service {
    pub engine: Arc<Engine>,
    /// The name under which the engine owns runs.
    pub owner: String,
    pub host: Arc<dyn Host>,
    pub attached: Arc<Attached>,
    /// What happens in all runs.
    pub news: Arc<News>,
    /// Held by a request with a key of its own while it looks whether it was made already.
    pub once: Mutex<()>,
    /// Where uploads and datasets lie.
    pub data: Arc<Places>,
    /// When DAGs are due.
    pub schedules: Arc<Keeper>,
    /// Who is told of runs' ends.
    pub outbox: Arc<Outbox>,
    pub mlflow: Arc<Mlflow>,
    /// Models that are served.
    pub services: Services,
    /// `$SUANZI_HOME`.
    pub home: PathBuf,
    /// The way in over TCP, if there is one.
    pub web: Option<Arc<Access>>,
}

impl Service {
    pub fn submit(&self, request: SubmitRequest, grant: &Grant, cause: Cause) -> Result<SubmitAnswer, Problem> {
        let ticket = self.attached.ticket()?;
        let (source, version) = self.text_to_run(&request)?;
        let prepared = self.prepare(&source, request.options, request.dag_id.as_deref(), grant)?;
        let plan = Plan::of(&prepared, self.engine.store().as_ref()).map_err(|e| of_store(&e))?;
        if plan.runs_anything() {
            self.host.warm_up();
        }
        let submitted = self.engine.begin(&prepared, &plan.resolution, version, cause).map_err(of_submit)?;
        let row = self.row(&submitted.run_id)?;
        if request.dag_id.is_some() && version.is_none() {
            // The text that was sent is the DAG's newest version now.
            let dag = self.dag(&row.dag.0.to_string())?;
            self.saved(&dag, row.version, &prepared.document)?;
        }
        let (dag_id, run_id) = (row.dag.0.to_string(), submitted.run_id.clone());
        self.news.tell(Notice::RunStarted { run_id, dag_id: dag_id.clone() });
        let feed = Arc::new(Feed::new(names(&prepared.document)));
        self.follow(submitted.key, &submitted.run_id, feed, submitted.events, Some(ticket))?;
        let mut warnings = wire::faults(&prepared.bound.warnings);
        warnings.retain(|w| w.warning);
        warnings.extend(other_environment(request.environment.as_deref(), &prepared));
        Ok(SubmitAnswer { run_id: submitted.run_id, total: total(&prepared), dag_id, version: row.version, warnings })
    }

    /// A text bound, keyed and selected as a run of it would be.
    pub fn prepare(
        &self,
        source: &str,
        given: serde_json::Value,
        dag_id: Option<&str>,
        grant: &Grant,
    ) -> Result<Prepared, Problem> {
        let options = options(given)?;
        if !grant.is_peer() {
            check_remote(&options)?;
        }
        let document = suanzi_dag::read(source.as_bytes(), &Limits::api()).map_err(|f| of_faults(&f))?;
        if !grant.is_peer() {
            let refused = self.outbox.refused(&document);
            if !refused.is_empty() {
                return Err(of_faults(&Faults(refused)));
            }
        }
        let mut prepared = self.host.prepare(Arc::new(document), &options, grant.files()).map_err(of_refusal)?;
        if let Some(dag_id) = dag_id {
            // A text of that DAG, whatever name it has in it.
            prepared.identity = self.dag(dag_id)?.identity;
        }
        Ok(prepared)
    }

    /// The text that was sent, or that of a saved DAG's version.
    fn text_to_run(&self, request: &SubmitRequest) -> Result<(String, Option<DagVersionKey>), Problem> {
        let bad = |detail: &str| Problem::new(Code::BadRequest, detail);
        match (&request.source, &request.dag_id, request.version) {
            (Some(_), _, Some(_)) => Err(bad("version: it isn't taken together with a source")),
            (Some(source), _, None) => Ok((source.clone(), None)),
            (None, None, _) => Err(bad("source: a run needs the text of a DAG, or `dag_id`")),
            (None, Some(dag_id), version) => {
                let row = self.dag(dag_id)?;
                let key = match (version, row.version_key) {
                    (Some(version), _) => self.version_of(&row, version)?,
                    (None, Some(newest)) => newest,
                    (None, None) => return Err(bad("dag_id: that DAG has only a draft; send it as `source`")),
                };
                Ok((crate::dags::text_of(self, key)?, Some(key)))
            }
        }
    }

    /// Takes up a run that was interrupted under an earlier owner.
    pub fn resume(&self, run_id: &str) -> Result<SubmitAnswer, Problem> {
        let ticket = self.attached.ticket()?;
        let row = self.row(run_id)?;
        if row.state != RunState::Running {
            return Err(Problem::new(Code::RunEnded, format!("run {run_id} has ended")));
        }
        let going = || Problem::new(Code::RunIsGoing, format!("run {run_id} is going already"));
        if row.owner == self.owner {
            return Err(going());
        }
        // Bound before it is claimed: a run that can't go on stays as it was.
        let prepared = self.prepare_again(&row)?;
        let store = self.engine.store();
        let claimed = store.claim_runs(&self.owner, Some(row.key)).map_err(|e| of_store(&e))?;
        let row = claimed.first().ok_or_else(going)?;
        self.host.warm_up();
        let submitted = self.engine.resume(row, &prepared).map_err(of_submit)?;
        let feed = Arc::new(Feed::new(names(&prepared.document)));
        self.follow(submitted.key, &submitted.run_id, feed, submitted.events, Some(ticket))?;
        Ok(SubmitAnswer {
            run_id: submitted.run_id,
            total: total(&prepared),
            dag_id: row.dag.0.to_string(),
            version: row.version,
            warnings: Vec::new(),
        })
    }

    /// Takes up every run that was interrupted under an earlier owner, the oldest first; tells of each.
    pub fn resume_all(&self, tell: &dyn Fn(&str, Result<(), Problem>)) -> Result<(), Problem> {
        for run_id in self.interrupted()? {
            let resumed = loop {
                match self.resume(&run_id) {
                    Err(problem) if problem.code == Code::TooManyRuns => {
                        std::thread::sleep(Duration::from_millis(ROOM_AGAIN_MS));
                    }
                    resumed => break resumed,
                }
            };
            match resumed {
                Err(problem) if problem.code == Code::Closing => return Ok(()),
                // It was taken up by somebody's request meanwhile.
                Err(problem) if matches!(problem.code, Code::RunIsGoing | Code::RunEnded) => {}
                resumed => tell(&run_id, resumed.map(drop)),
            }
        }
        self.engine.operators().taken_up();
        Ok(())
    }

    fn interrupted(&self) -> Result<Vec<String>, Problem> {
        let mut ids = Vec::new();
        let mut filter = RunFilter { states: vec![RunState::Running], ..RunFilter::default() };
        loop {
            let page = self.engine.store().runs(&filter).map_err(|e| of_store(&e))?;
            let Some(last) = page.last() else { break };
            filter.before = Some(last.key);
            ids.extend(page.into_iter().filter(|row| row.owner != self.owner).map(|row| row.run_id));
        }
        ids.reverse();
        Ok(ids)
    }

    pub fn show(&self, run_id: &str) -> Result<RunView, Problem> {
        let row = self.row(run_id)?;
        let mut views = self.views(std::slice::from_ref(&row))?;
        let mut view = views.pop().ok_or_else(|| no_run(run_id))?;
        view.mlflow = self.mlflow.view(run_id);
        Ok(view)
    }

    /// Runs with how far they are, under their DAGs' titles.
    pub fn views(&self, rows: &[RunRow]) -> Result<Vec<RunView>, Problem> {
        let store = self.engine.store();
        let keys: Vec<RunKey> = rows.iter().map(|row| row.key).collect();
        let counts = store.task_counts(&keys).map_err(|e| of_store(&e))?;
        let mut titles: HashMap<DagKey, String> = HashMap::new();
        let mut views = Vec::with_capacity(rows.len());
        for (row, counts) in rows.iter().zip(counts) {
            if let Entry::Vacant(place) = titles.entry(row.dag) {
                let dag = store.dag(row.dag).map_err(|e| of_store(&e))?;
                let title = dag.map_or_else(|| row.dag_identity.clone(), |dag| crate::dags::title(&dag));
                place.insert(title);
            }
            views.push(wire::run(row, counts, titles.get(&row.dag).cloned().unwrap_or_default()));
        }
        Ok(views)
    }

    pub fn cancel(&self, run_id: &str) -> Result<RunView, Problem> {
        let row = self.row(run_id)?;
        if row.state != RunState::Running {
            return Err(Problem::new(Code::RunEnded, format!("run {run_id} has ended")));
        }
        self.engine.cancel(row.key).map_err(|e| of_store(&e))?;
        self.show(run_id)
    }

    /// A run's events, whoever began it.
    pub fn feed(&self, run_id: &str) -> Result<Arc<Feed>, Problem> {
        if let Some(feed) = self.attached.feed(run_id) {
            return Ok(feed);
        }
        // Watched before its row is read: its end is either in the row or among the events.
        let key = self.row(run_id)?.key;
        let events = self.engine.watch(key);
        let row = self.row(run_id)?;
        let feed = Arc::new(Feed::new(self.names_of(&row)));
        if row.state != RunState::Running {
            feed.push(RunEvent::RunEnded { run: key, state: row.state });
            return Ok(feed);
        }
        if row.owner != self.owner {
            let problem = Problem::new(Code::RunInterrupted, format!("run {run_id} was interrupted and isn't going"));
            return Err(problem.hint(Some(format!("`suanzi runs resume {run_id}` goes on with it"))));
        }
        let kept = self.attached.keep(run_id, feed.clone());
        if Arc::ptr_eq(&kept, &feed) {
            self.read_events(key, run_id, feed, events, None)?;
        }
        Ok(kept)
    }

    /// Carries the events of a run that was just begun.
    pub fn follow_begun(&self, submitted: Submitted, prepared: &Prepared, ticket: Ticket) -> Result<(), Problem> {
        let feed = Arc::new(Feed::new(names(&prepared.document)));
        self.follow(submitted.key, &submitted.run_id, feed, submitted.events, Some(ticket))
    }

    /// A version of a DAG was saved: from now on its schedule counts.
    pub fn saved(&self, dag: &DagRow, version: u32, document: &Document) -> Result<(), Problem> {
        let store = self.engine.store();
        let Some(version_key) = store.dag_version_key(dag.key, version).map_err(|e| of_store(&e))? else {
            return Ok(());
        };
        // Binding has said what is wrong with it.
        let schedule = suanzi_operator::scheduling::schedule(&document.dag).ok().flatten();
        let saved = Saved { dag: dag.key, identity: dag.identity.clone(), version, version_key, schedule };
        self.schedules.saved(saved, self).map_err(|e| of_store(&e))
    }

    fn follow(
        &self,
        key: RunKey,
        run_id: &str,
        feed: Arc<Feed>,
        events: Receiver<RunEvent>,
        ticket: Option<Ticket>,
    ) -> Result<(), Problem> {
        self.attached.keep(run_id, feed.clone());
        self.read_events(key, run_id, feed, events, ticket)
    }

    /// A thread carries a run's events into its feed until the run is over here.
    fn read_events(
        &self,
        key: RunKey,
        run_id: &str,
        feed: Arc<Feed>,
        events: Receiver<RunEvent>,
        ticket: Option<Ticket>,
    ) -> Result<(), Problem> {
        let (store, attached, run_id) = (self.engine.store().clone(), self.attached.clone(), run_id.to_string());
        let (news, schedules, outbox) = (self.news.clone(), self.schedules.clone(), self.outbox.clone());
        let mlflow = self.mlflow.clone();
        let work = move || {
            for event in events {
                let over = matches!(event, RunEvent::RunEnded { .. });
                news.of_run(&run_id, feed.shown(&event));
                feed.push(event);
                if over {
                    break;
                }
            }
            if !feed.is_closed()
                && let Ok(Some(row)) = store.run(key)
                && row.state != RunState::Running
            {
                feed.push(RunEvent::RunEnded { run: key, state: row.state });
            }
            feed.close();
            attached.ended(&run_id);
            schedules.ended(&run_id);
            outbox.ended(key);
            mlflow.ended(&run_id);
            drop(ticket);
        };
        let spawned = std::thread::Builder::new().name("suanzi-feed".into()).spawn(work);
        spawned.map(drop).map_err(|e| Problem::new(Code::TooManyRuns, format!("no thread can be started: {e}")))
    }

    fn prepare_again(&self, row: &RunRow) -> Result<Prepared, Problem> {
        let options: RunOptions = serde_json::from_str(&row.config)
            .map_err(|e| Problem::new(Code::CannotPrepare, format!("its stored options aren't understood: {e}")))?;
        let document = self.document_of(row)?;
        // What it may read was decided when it was begun.
        self.host.prepare(Arc::new(document), &options, FileAccess::Any).map_err(of_refusal)
    }

    pub fn document_of(&self, row: &RunRow) -> Result<Document, Problem> {
        let version = self.engine.store().dag_version(row.dag_version).map_err(|e| of_store(&e))?;
        let version = version.ok_or_else(|| Problem::new(Code::CannotPrepare, "its DAG version is gone"))?;
        suanzi_dag::read(&version.source, &Limits::file()).map_err(|f| of_faults(&f))
    }

    pub fn names_of(&self, row: &RunRow) -> Vec<String> {
        self.document_of(row).map(|d| names(&d)).unwrap_or_default()
    }

    pub fn row(&self, run_id: &str) -> Result<RunRow, Problem> {
        self.engine.store().run_by_id(run_id).map_err(|e| of_store(&e))?.ok_or_else(|| no_run(run_id))
    }
}

fn names(document: &Document) -> Vec<String> {
    document.dag.operators.iter().map(|op| op.id.to_string()).collect()
}

fn total(prepared: &Prepared) -> u32 {
    prepared.selected.ops.iter().filter(|s| **s).count() as u32
}

/// The caller's working directory isn't ours, so its paths must not depend on one.
fn options(json: serde_json::Value) -> Result<RunOptions, Problem> {
    let json = if json.is_null() { serde_json::Value::Object(Default::default()) } else { json };
    if !json.is_object() {
        return Err(Problem::new(Code::BadRequest, "options: they must be an object"));
    }
    let options: RunOptions =
        serde_json::from_value(json).map_err(|e| Problem::new(Code::BadRequest, format!("options: {e}")))?;
    let base = Some(options.base_dir.as_path()).filter(|p| !p.as_os_str().is_empty());
    let paths = options.datasets.values().map(|p| p.as_path());
    let paths =
        paths.chain(options.operator_dirs.iter().map(|p| p.as_path())).chain(options.file.as_deref()).chain(base);
    match paths.filter(|p| p.is_relative()).map(Path::display).next() {
        Some(path) => Err(Problem::new(Code::BadRequest, format!("options: '{path}' isn't an absolute path"))),
        None => Ok(options),
    }
}

/// Over TCP nobody names directories of this host, or code in them.
fn check_remote(options: &RunOptions) -> Result<(), Problem> {
    let named = [
        ("operator_dirs", !options.operator_dirs.is_empty()),
        ("base_dir", !options.base_dir.as_os_str().is_empty()),
        ("file", options.file.is_some()),
    ];
    match named.iter().find(|(_, is)| *is) {
        Some((name, _)) => {
            Err(Problem::new(Code::OptionRefused, format!("options: '{name}' isn't taken over the network"))
                .hint(Some("commands on the server's own host may give it")))
        }
        None => Ok(()),
    }
}

fn other_environment(callers: Option<&str>, prepared: &Prepared) -> Option<Fault> {
    if callers.is_none_or(|c| c == prepared.options.basis.environment) {
        return None;
    }
    Some(Fault {
        code: "other_environment".into(),
        message: "the Python environment of the process that owns the home is used; yours is another".into(),
        hint: Some("to use yours, wait for that process to end, or set SUANZI_HOME to another directory".into()),
        warning: true,
        ..Fault::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn b15_requests_over_the_network_name_no_directories() {
        for (given, expected) in [
            (json!({"seed": 7, "from": ["a"], "priority": 3}), None),
            (json!({"datasets": {"40": "/d/a.csv"}}), None),
            (json!({"operator_dirs": ["/d"]}), Some(Code::OptionRefused)),
            (json!({"base_dir": "/d"}), Some(Code::OptionRefused)),
            (json!({"file": "/d/x.yaml"}), Some(Code::OptionRefused)),
        ] {
            let options = options(given.clone()).expect("well-formed");
            assert_eq!(check_remote(&options).err().map(|p| p.code), expected, "{given}");
        }
    }

    #[test]
    fn paths_of_options_are_absolute() {
        for (given, expected) in [
            (json!(null), true),
            (json!({}), true),
            (json!({"base_dir": "/d", "datasets": {"40": "/d/a.csv"}, "file": "/d/x.yaml"}), true),
            (json!({"base_dir": "d"}), false),
            (json!({"datasets": {"40": "a.csv"}}), false),
            (json!({"operator_dirs": ["/a", "b"]}), false),
            (json!({"file": "x.yaml"}), false),
            (json!({"seed": "many"}), false),
            (json!([]), false),
        ] {
            let answer = options(given.clone());
            assert_eq!(answer.is_ok(), expected, "{given}");
            assert!(answer.err().is_none_or(|p| p.code == Code::BadRequest));
        }
    }
}
