//! Begins the runs of due times.

use super::keeper::{Begin, Begun};
use crate::problem::{of_faults, of_refusal};
use crate::service::Service;
use std::sync::Arc;
use suanzi_api::{Code, Notice, Problem};
use suanzi_dag::Limits;
use suanzi_dag_engine::{Cause, FileAccess, Plan, RunOptions, SubmitError};
use suanzi_store::{DagVersionRow, StoreError};

impl Begin for Service {
    fn begin(&self, version: &DagVersionRow, logical_at: i64) -> Begun {
        let ticket = match self.attached.ticket() {
            Ok(ticket) => ticket,
            Err(_) => return Begun::Later,
        };
        // Nobody asks, so nobody's rights but those of requests over the network.
        let files = self.web.as_ref().map_or(FileAccess::Under(Vec::new()), |web| web.files());
        let prepared =
            suanzi_dag::read(version.source.as_bytes(), &Limits::file()).map_err(|faults| of_faults(&faults)).and_then(
                |document| self.host.prepare(Arc::new(document), &RunOptions::default(), files).map_err(of_refusal),
            );
        let mut prepared = match prepared {
            Ok(prepared) => prepared,
            Err(problem) if matches!(problem.code, Code::Store | Code::DatabaseAway | Code::NoSpace) => {
                return Begun::Later;
            }
            Err(problem) => return Begun::Refused(reason(&problem)),
        };
        prepared.identity = version.identity.clone();
        let Ok(plan) = Plan::of(&prepared, self.engine.store().as_ref()) else { return Begun::Later };
        if plan.runs_anything() {
            self.host.warm_up();
        }
        match self.engine.begin(&prepared, &plan.resolution, Some(version.key), Cause::Due(logical_at)) {
            Ok(submitted) => {
                let run_id = submitted.run_id.clone();
                self.schedules.begun(&run_id, version.dag);
                self.news.tell(Notice::RunStarted { run_id: run_id.clone(), dag_id: version.dag.0.to_string() });
                // The run goes on whether or not its events can be carried.
                if self.follow_begun(submitted, &prepared, ticket).is_err() {
                    self.schedules.ended(&run_id);
                }
                Begun::Run(run_id)
            }
            Err(SubmitError::Store(StoreError::LogicalTimeTaken { run_id })) => Begun::Taken(run_id),
            Err(SubmitError::MissingInputs(faults)) => Begun::Refused(reason(&of_faults(&faults))),
            Err(SubmitError::Store(_) | SubmitError::Artifact(_) | SubmitError::Io(_)) => Begun::Later,
        }
    }
}

fn reason(problem: &Problem) -> String {
    match problem.faults.iter().find(|fault| !fault.warning) {
        Some(fault) => format!("{}: {}", problem.detail, fault.message),
        None => problem.detail.clone(),
    }
}
