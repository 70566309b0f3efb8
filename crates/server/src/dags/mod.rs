//! `/api/v1/dags`: DAGs that are kept, with versions and drafts. What is changed is changed on the condition that nobody else was faster.

mod change;
mod drafts;
mod show;
mod text;

pub(crate) use change::{now_ms, with_version};
pub(crate) use show::text_of;

use crate::problem::of_store;
use crate::router::{Route, Takes, delete, get, post, put};
use crate::service::Service;
use suanzi_api::{self as api, Code, Problem, path};
use suanzi_store::{DagKey, DagRow};

/// A text alone, or with a title as JSON.
const TEXT_TYPES: &[&str] = &["application/json", "application/yaml"];

pub(crate) fn routes() -> Vec<Route> {
    const VERSION: &str = "The version that is replaced, in quotes";
    const REVISION: &str = "The draft's revision that is replaced, in quotes; \"0\" where there is no draft";
    vec![
        get(path::DAGS, show::list)
            .does("All DAGs, the newest first")
            .query::<api::DagsQuery>()
            .gives::<api::Page<api::DagSummary>>(200),
        post(path::DAGS, Takes::Types(TEXT_TYPES), change::create)
            .does("Keep a DAG")
            .asks::<api::DagText>()
            .query::<api::NewDagQuery>()
            .gives::<api::DagCreated>(201),
        get(path::DAG, show::show).does("A DAG's newest text and its draft").gives::<api::DagView>(200),
        put(path::DAG, Takes::Types(TEXT_TYPES), change::save)
            .does("Keep a text as the newest version, and drop the draft")
            .header("If-Match", true, VERSION)
            .asks::<api::DagText>()
            .gives::<api::DagSaved>(200),
        delete(path::DAG, change::hide).does("Hide a DAG; its runs stay").gives_nothing(204),
        put(path::DAG_DRAFT, Takes::Types(TEXT_TYPES), drafts::put)
            .does("Keep a draft, with faults or without")
            .header("If-Match", true, REVISION)
            .asks::<api::DagText>()
            .gives::<api::DraftSaved>(200),
        delete(path::DAG_DRAFT, drafts::discard).does("Drop the draft").gives_nothing(204),
        get(path::DAG_VERSIONS, show::versions)
            .does("A DAG's versions, the newest first")
            .query::<api::PageQuery>()
            .gives::<api::Page<api::DagVersionView>>(200),
        get(path::DAG_VERSION_SOURCE, show::source)
            .does("A version's text, byte for byte")
            .gives_file(&["application/yaml"]),
    ]
}

impl Service {
    /// A DAG that isn't hidden.
    pub fn dag(&self, dag_id: &str) -> Result<DagRow, Problem> {
        let missing = || Problem::new(Code::NotFound, format!("there is no DAG '{dag_id}'"));
        // One spelling each: no leading zeros, no sign.
        let key = dag_id.parse::<u64>().ok().filter(|key| key.to_string() == dag_id && *key <= i64::MAX as u64);
        let found = self.engine.store().dag(DagKey(key.ok_or_else(missing)?)).map_err(|e| of_store(&e))?;
        found.filter(|row| !row.hidden).ok_or_else(missing)
    }
}

pub(crate) fn title(row: &DagRow) -> String {
    if row.title.is_empty() { row.identity.clone() } else { row.title.clone() }
}
