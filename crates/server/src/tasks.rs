//! `/api/v1/runs/{run_id}/tasks`: what each operator of a run did.

use crate::asked::At;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::wire;
use axum::Json;
use axum::extract::State;
use std::collections::HashMap;
use std::sync::Arc;
use suanzi_api::{
    self as api, AttemptView, CachedFrom, Code, Items, OutputView, Problem, StoryLine, TaskDetail, TaskView, Words,
};
use suanzi_dag::Document;
use suanzi_executor::Failure;
use suanzi_operator::select::{Selection, select_all};
use suanzi_store::{AttemptRow, AttemptState, OutputRow, RunKey, RunRow, RunState, Store, TaskRow, TaskState};

pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    At(run_id): At<String>,
) -> Result<Json<Items<TaskView>>, Answer> {
    let items = blocking(move || {
        let row = service.row(&run_id)?;
        let document = service.document_of(&row)?;
        Told::load(&service, &row, &document, None)?.all()
    });
    Ok(Json(Items { items: items.await? }))
}

pub(crate) async fn show(
    State(service): State<Arc<Service>>,
    At((run_id, operator)): At<(String, String)>,
) -> Result<Json<TaskDetail>, Answer> {
    let detail = blocking(move || {
        let (row, document, op) = service.task_place(&run_id, &operator)?;
        let mut told = Told::load(&service, &row, &document, Some(op))?;
        let attempts = told.attempts.get(&op).map(|all| all.iter().map(attempt).collect()).unwrap_or_default();
        let missing = || Problem::new(Code::NotFound, format!("'{operator}' takes no part in run {run_id}"));
        let task = told.task(op)?.ok_or_else(missing)?;
        let operators: Vec<&str> = document.dag.operators.iter().map(|op| &*op.id.0).collect();
        let story = service.engine.story(row.key, op, &operators).into_iter().map(story_line).collect();
        Ok(TaskDetail { task, attempts, story })
    });
    Ok(Json(detail.await?))
}

fn story_line(told: suanzi_dag_engine::Told) -> StoryLine {
    StoryLine { at_ms: told.at, text: Words { en: told.text.en, zh: told.text.zh } }
}

impl Service {
    /// A run, its DAG and an operator's position in it.
    pub fn task_place(&self, run_id: &str, operator: &str) -> Result<(RunRow, Document, u32), Problem> {
        let row = self.row(run_id)?;
        let document = self.document_of(&row)?;
        let at = document.dag.operators.iter().position(|op| *op.id.0 == *operator);
        let missing = || Problem::new(Code::NotFound, format!("run {run_id} has no operator '{operator}'"));
        let at = at.ok_or_else(missing)?;
        Ok((row, document, at as u32))
    }
}

/// What the store tells of a run's tasks.
struct Told<'a> {
    service: &'a Service,
    run: &'a RunRow,
    document: &'a Document,
    tasks: HashMap<u32, TaskRow>,
    attempts: HashMap<u32, Vec<AttemptRow>>,
    outputs: HashMap<u32, Vec<OutputRow>>,
    /// Operators that the run goes through, while it does.
    selected: Vec<bool>,
    /// Why executors take no work now, by position.
    waits: Vec<Option<String>>,
    /// Public ids and operator names of runs that results came from.
    origins: HashMap<RunKey, (String, Vec<String>)>,
}

impl Told<'_> {
    fn load<'a>(
        service: &'a Service,
        run: &'a RunRow,
        document: &'a Document,
        op: Option<u32>,
    ) -> Result<Told<'a>, Problem> {
        let store = service.engine.store();
        let mut attempts: HashMap<u32, Vec<AttemptRow>> = HashMap::new();
        for attempt in store.attempts(run.key, op).map_err(|e| of_store(&e))? {
            attempts.entry(attempt.op).or_default().push(attempt);
        }
        let mut outputs: HashMap<u32, Vec<OutputRow>> = HashMap::new();
        for output in store.outputs(run.key).map_err(|e| of_store(&e))? {
            outputs.entry(output.op).or_default().push(output);
        }
        let tasks = store.tasks(run.key).map_err(|e| of_store(&e))?;
        Ok(Told {
            service,
            run,
            document,
            tasks: tasks.into_iter().map(|task| (task.op, task)).collect(),
            attempts,
            outputs,
            selected: selected(store.as_ref(), run, document),
            waits: service.engine.operators().waits(),
            origins: HashMap::new(),
        })
    }

    fn all(mut self) -> Result<Vec<TaskView>, Problem> {
        let mut views = Vec::with_capacity(self.document.dag.operators.len());
        for op in 0..self.document.dag.operators.len() as u32 {
            views.extend(self.task(op)?);
        }
        Ok(views)
    }

    /// `None` for an operator that takes no part in the run.
    fn task(&mut self, op: u32) -> Result<Option<TaskView>, Problem> {
        let Some(operator) = self.document.dag.operators.get(op as usize) else { return Ok(None) };
        let task = self.tasks.get(&op).cloned();
        let going = self.run.state == RunState::Running && self.selected.get(op as usize) == Some(&true);
        if task.is_none() && !going {
            return Ok(None);
        }
        let last = self.attempts.get(&op).and_then(|all| all.last()).cloned();
        let end = last.as_ref().and_then(|attempt| attempt.ended.as_ref());
        let state = task.as_ref().map(|task| task.state);
        let settled = task.as_ref().filter(|task| task.state.is_final()).map(|task| task.changed_at);
        let outputs = self.outputs.get(&op).map_or(&[][..], |all| all);
        let made_by = outputs.first().filter(|_| state == Some(TaskState::Cached)).map(|o| o.artifact.clone());
        let views = outputs.iter().map(output).collect();
        let cached_from = match made_by {
            Some(artifact) => self.origin(artifact.run, artifact.op)?,
            None => None,
        };
        Ok(Some(TaskView {
            operator: operator.id.to_string(),
            algo_name: operator.algo_name.clone(),
            status: state.map_or(api::TaskStatus::Waiting, |state| wire::task_state(state).into()),
            attempt: task.as_ref().map_or(0, |task| task.attempt_no),
            started_at_ms: last.as_ref().map(|attempt| attempt.dispatched_at),
            ended_at_ms: settled,
            duration_us: end.map(|end| end.wall_us),
            cpu_us: end.map(|end| end.cpu_us),
            peak_rss_bytes: end.map(|end| end.peak_rss_bytes),
            cached_from,
            error: end.and_then(|end| failure(&end.failure)),
            outputs: views,
            waits: if settled.is_none() { self.waits(op) } else { None },
        }))
    }

    /// Why the operator doesn't run yet, where its executor takes no work now or has too little memory left.
    fn waits(&self, op: u32) -> Option<String> {
        self.executor_waits(op).or_else(|| Some(self.service.engine.waits(self.run.key, op)?.en))
    }

    fn executor_waits(&self, op: u32) -> Option<String> {
        if self.waits.iter().all(Option::is_none) {
            return None; // nearly always
        }
        let position = usize::from(self.service.engine.executor_of(self.run.key, op)?);
        let why = self.waits.get(position)?.as_ref()?;
        Some(format!("executor {}: {why}", self.service.engine.operators().names().get(position)?))
    }

    fn origin(&mut self, run: RunKey, op: u32) -> Result<Option<CachedFrom>, Problem> {
        if !self.origins.contains_key(&run) {
            let row = self.service.engine.store().run(run).map_err(|e| of_store(&e))?;
            let Some(row) = row else { return Ok(None) };
            let names = self.service.names_of(&row);
            self.origins.insert(run, (row.run_id, names));
        }
        Ok(self.origins.get(&run).and_then(|(run_id, names)| {
            Some(CachedFrom { run_id: run_id.clone(), operator: names.get(op as usize)?.clone() })
        }))
    }
}

/// As the run was asked to go. What can't be said any more counts as selected.
fn selected(store: &dyn Store, run: &RunRow, document: &Document) -> Vec<bool> {
    let count = document.dag.operators.len();
    let options = wire::run_options(run);
    let mut selections = Vec::new();
    for (ids, make) in [
        (&options.from, Selection::From as fn(Vec<String>) -> Selection),
        (&options.to, Selection::To),
        (&options.only, Selection::Only),
    ] {
        if !ids.is_empty() {
            selections.push(make(ids.clone()));
        }
    }
    let mut ops = select_all(&document.dag, &selections).map_or_else(|_| vec![true; count], |selected| selected.ops);
    let done = options.failed_of.as_ref().and_then(|of| succeeded(store, of));
    for (op, chosen) in document.dag.operators.iter().zip(&mut ops) {
        *chosen &= !op.disabled && done.as_ref().is_none_or(|done| !done.contains(&op.id.to_string()));
    }
    ops
}

/// Operators that succeeded in another run.
fn succeeded(store: &dyn Store, run_id: &str) -> Option<Vec<String>> {
    let row = store.run_by_id(run_id).ok()??;
    let version = store.dag_version(row.dag_version).ok()??;
    let old = suanzi_dag::read(&version.source, &suanzi_dag::Limits::file()).ok()?;
    let tasks = store.tasks(row.key).ok()?;
    let done = tasks.iter().filter(|task| matches!(task.state, TaskState::Success | TaskState::Cached));
    Some(done.filter_map(|task| Some(old.dag.operators.get(task.op as usize)?.id.to_string())).collect())
}

pub(crate) fn output(row: &OutputRow) -> OutputView {
    let artifact = &row.artifact;
    OutputView {
        port: row.port,
        port_type: artifact.port_type.clone(),
        rows: artifact.rows,
        bytes: artifact.bytes,
        content_id: artifact.content_id.clone(),
        present: artifact.present,
        described: artifact.stats.is_some(),
    }
}

fn attempt(row: &AttemptRow) -> AttemptView {
    let end = row.ended.as_ref();
    AttemptView {
        attempt: row.attempt_no,
        status: match row.state {
            AttemptState::Running => api::AttemptStatus::Running,
            AttemptState::Success => api::AttemptStatus::Success,
            AttemptState::Failed => api::AttemptStatus::Failed,
            AttemptState::TimedOut => api::AttemptStatus::TimedOut,
            AttemptState::Cancelled => api::AttemptStatus::Cancelled,
            AttemptState::Lost => api::AttemptStatus::Lost,
        },
        started_at_ms: row.dispatched_at,
        ended_at_ms: end.map(|end| end.at),
        duration_us: end.map(|end| end.wall_us),
        cpu_us: end.map(|end| end.cpu_us),
        peak_rss_bytes: end.map(|end| end.peak_rss_bytes),
        error: end.and_then(|end| failure(&end.failure)),
    }
}

/// Of its text in the store; empty for success.
fn failure(text: &str) -> Option<api::TaskError> {
    serde_json::from_str::<Failure>(text).ok().as_ref().map(wire::task_error)
}
