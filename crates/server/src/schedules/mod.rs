//! `/api/v1/schedules`, and what begins runs when DAGs are due.

mod begin;
mod driver;
mod keeper;
mod kept;
mod routes;
#[cfg(test)]
mod tests;

pub(crate) use driver::Driver;
pub(crate) use keeper::{Keeper, Saved};

use crate::router::{Route, Takes, get, post, put};
use suanzi_api::{self as api, path};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(path::SCHEDULES, routes::list).does("All schedules").gives::<api::Items<api::ScheduleView>>(200),
        get(path::SCHEDULE, routes::show).does("A DAG's schedule").gives::<api::ScheduleView>(200),
        get(path::SCHEDULE_DUE, routes::due)
            .does("When a DAG is due next, paused or not")
            .query::<api::DueQuery>()
            .gives::<api::DueTimes>(200),
        get(path::SCHEDULE_HISTORY, routes::history)
            .does("What became of a DAG's due times, the newest first")
            .query::<api::HistoryQuery>()
            .gives::<api::Items<api::PastDue>>(200),
        put(path::SCHEDULE_PAUSED, Takes::Json, routes::pause)
            .does("Pause a schedule or go on with it")
            .asks::<api::Paused>()
            .gives::<api::ScheduleView>(200),
        post(path::SCHEDULE_PREVIEW, Takes::Json, routes::preview)
            .does("When a schedule would be due")
            .asks::<api::SchedulePreview>()
            .gives::<api::DueTimes>(200),
    ]
}
