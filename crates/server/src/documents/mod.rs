//! Work on a DAG's text that keeps nothing: reading, editing, planning, writing anew, mending.

mod edits;
mod fix;
mod forget;
mod model;
mod plan;
mod python;
mod read;
mod values;

pub(crate) use read::bound;

use crate::router::{Route, Takes, post};
use suanzi_api::{self as api, path};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        post(path::DOCUMENTS_READ, Takes::Json, read::read)
            .does("Read a DAG's text: the DAG, its faults and what is probably a mistake")
            .asks::<api::SourceText>()
            .gives::<api::DocumentView>(200),
        post(path::DOCUMENTS_EDIT, Takes::Json, edits::edit)
            .does("Change a DAG's text in the places concerned")
            .asks::<api::EditRequest>()
            .gives::<api::EditAnswer>(200),
        post(path::DOCUMENTS_PLAN, Takes::Json, plan::plan)
            .does("What a run would do with each operator, and why")
            .asks::<api::PlanRequest>()
            .gives::<api::PlanView>(200),
        post(path::DOCUMENTS_FIX, Takes::Json, fix::fix)
            .does("The edits that mend what an evaluation found")
            .asks::<api::FixRequest>()
            .gives::<api::FixView>(200),
        post(path::DOCUMENTS_PYTHON, Takes::Json, python::python)
            .does("The DAG as a Python script that runs alone")
            .asks::<api::ScriptRequest>()
            .gives::<api::ScriptView>(200),
        post(path::DOCUMENTS_FORGET, Takes::Json, forget::forget)
            .does("Forget the kept results of operators, so that they run the next time")
            .asks::<api::ForgetRequest>()
            .gives::<api::ForgetView>(200),
        post(path::DOCUMENTS_FORMAT, Takes::Json, read::format)
            .does("The DAG's canonical text")
            .asks::<api::SourceText>()
            .gives::<api::SourceText>(200),
    ]
}
