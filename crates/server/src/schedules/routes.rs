//! Schedules as they are shown, paused and tried out.

use super::keeper::Planned;
use crate::asked::{Asked, At};
use crate::body::Body;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::wire;
use axum::Json;
use axum::extract::State;
use std::collections::BTreeSet;
use std::sync::Arc;
use suanzi_api::{
    Code, DueOutcome, DueQuery, DueTimes, HistoryQuery, Items, LastDue, MAX_DUE_TIMES, MissedPolicy, PastDue, Paused,
    Problem, SchedulePreview, ScheduleView,
};
use suanzi_schedule::{Missed, Schedule};

/// Due times that are shown unless asked otherwise.
const SHOWN: u32 = 5;
/// Entries of a history unless asked otherwise.
const HISTORY: u32 = 50;

type Shared = State<Arc<Service>>;

pub(super) async fn list(State(service): Shared) -> Result<Json<Items<ScheduleView>>, Answer> {
    let planned = blocking(move || service.schedules.planned().map_err(|e| of_store(&e))).await?;
    Ok(Json(Items { items: planned.into_iter().map(view).collect() }))
}

pub(super) async fn show(State(service): Shared, At(dag_id): At<String>) -> Result<Json<ScheduleView>, Answer> {
    Ok(Json(blocking(move || service.planned(&dag_id).map(view)).await?))
}

pub(super) async fn due(
    State(service): Shared,
    At(dag_id): At<String>,
    Asked(query): Asked<DueQuery>,
) -> Result<Json<DueTimes>, Answer> {
    let times = blocking(move || {
        let count = counted("count", query.count, SHOWN)?;
        let planned = service.planned(&dag_id)?;
        Ok(upcoming(&planned.schedule, service.schedules.now(), count))
    });
    Ok(Json(times.await?))
}

pub(super) async fn history(
    State(service): Shared,
    At(dag_id): At<String>,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<Items<PastDue>>, Answer> {
    let items = blocking(move || {
        let limit = counted("limit", query.limit, HISTORY)?;
        let dag = service.dag(&dag_id)?;
        let store = service.engine.store();
        let mut items = Vec::new();
        for run in store.scheduled_runs(&dag.identity, limit).map_err(|e| of_store(&e))? {
            let row = store.run(run.run).map_err(|e| of_store(&e))?;
            items.push(PastDue {
                logical_ms: run.logical_at,
                outcome: DueOutcome::Begun,
                run_id: Some(run.run_id),
                status: row.map(|row| wire::run_state(row.state)),
                reason: None,
            });
        }
        // A clock that was set back lets a time begin that had been passed over.
        let begun: BTreeSet<i64> = items.iter().map(|item| item.logical_ms).collect();
        let others = service.schedules.without_run(dag.key).map_err(|e| of_store(&e))?;
        items.extend(others.into_iter().filter(|other| !begun.contains(&other.logical_ms)).map(past));
        items.sort_by_key(|item| std::cmp::Reverse(item.logical_ms));
        items.truncate(limit as usize);
        Ok(items)
    });
    Ok(Json(Items { items: items.await? }))
}

pub(super) async fn pause(
    State(service): Shared,
    At(dag_id): At<String>,
    Body(asked): Body<Paused>,
) -> Result<Json<ScheduleView>, Answer> {
    let planned = blocking(move || {
        let dag = service.dag(&dag_id)?;
        service.schedules.set_paused(dag.key, asked.paused, service.as_ref()).map_err(|e| of_store(&e))?;
        service.planned(&dag_id)
    });
    Ok(Json(view(planned.await?)))
}

pub(super) async fn preview(
    State(service): Shared,
    Body(asked): Body<SchedulePreview>,
) -> Result<Json<DueTimes>, Answer> {
    let times = blocking(move || {
        let count = counted("count", asked.count, SHOWN)?;
        let schedule = Schedule::new(&asked.cron, asked.timezone.as_deref(), Missed::Skip)
            .map_err(|error| Problem::new(Code::BadSchedule, error.message).hint(Some(error.hint)))?;
        Ok(upcoming(&schedule, service.schedules.now(), count))
    });
    Ok(Json(times.await?))
}

impl Service {
    fn planned(&self, dag_id: &str) -> Result<Planned, Problem> {
        let dag = self.dag(dag_id)?;
        let planned = self.schedules.planned_of(dag.key).map_err(|e| of_store(&e))?;
        planned.ok_or_else(|| {
            Problem::new(Code::NotFound, format!("DAG '{dag_id}' has no schedule"))
                .hint(Some("save a version of it with the key `schedule`"))
        })
    }
}

fn upcoming(schedule: &Schedule, now: i64, count: u32) -> DueTimes {
    DueTimes { next: schedule.upcoming(now).take(count as usize).collect() }
}

fn counted(name: &str, given: Option<u32>, or: u32) -> Result<u32, Problem> {
    match given.unwrap_or(or) {
        count @ 1..=MAX_DUE_TIMES => Ok(count),
        count => Err(Problem::new(Code::BadRequest, format!("{name}: {count} isn't between 1 and {MAX_DUE_TIMES}"))),
    }
}

fn past(due: LastDue) -> PastDue {
    PastDue { logical_ms: due.logical_ms, outcome: due.outcome, run_id: due.run_id, status: None, reason: due.reason }
}

fn view(planned: Planned) -> ScheduleView {
    ScheduleView {
        dag_id: planned.dag.key.0.to_string(),
        title: crate::dags::title(&planned.dag),
        version: planned.version,
        cron: planned.schedule.cron().into(),
        timezone: planned.schedule.timezone().into(),
        missed: match planned.schedule.missed() {
            Missed::Skip => MissedPolicy::Skip,
            Missed::Once => MissedPolicy::Once,
            Missed::All => MissedPolicy::All,
        },
        paused: planned.paused,
        next_ms: planned.next,
        last: planned.last,
    }
}
