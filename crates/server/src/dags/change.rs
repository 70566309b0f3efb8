//! Keeping a DAG, a new version of one, and hiding one.

use super::text::{Text, conflict, expected};
use crate::asked::{Asked, At};
use crate::documents::bound;
use crate::problem::{Answer, of_faults, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::wire;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use std::sync::Arc;
use suanzi_api::{Code, DagCreated, DagSaved, DagText, Fault, NewDagQuery, Notice, Problem};
use suanzi_dag::{Document, Limits};
use suanzi_dag_engine::dag_version;
use suanzi_operator::Bound;
use suanzi_store::{DagKey, Guarded, StoreError};

const UNTITLED: &str = "Untitled";
/// DAGs of one name beside each other.
const MAX_NAMESAKES: u32 = 1_000;
/// In characters.
const MAX_TITLE: usize = 200;

pub(crate) async fn create(
    State(service): State<Arc<Service>>,
    Asked(query): Asked<NewDagQuery>,
    Text(text): Text,
) -> Result<(StatusCode, Json<DagCreated>), Answer> {
    let created = blocking(move || {
        let title = checked(text.title.clone().or(query.title))?;
        match checked_text(&service, &text.source) {
            Ok((document, bound)) => with_version(&service, &document, &bound, title),
            Err(problem) if problem.code == Code::InvalidDag && query.draft == Some(true) => {
                with_draft(&service, &text, title)
            }
            Err(problem) => Err(problem),
        }
    });
    Ok((StatusCode::CREATED, Json(created.await?)))
}

pub(crate) async fn save(
    State(service): State<Arc<Service>>,
    At(dag_id): At<String>,
    headers: HeaderMap,
    Text(text): Text,
) -> Result<Json<DagSaved>, Answer> {
    let saved = blocking(move || {
        let row = service.dag(&dag_id)?;
        let given = expected(&headers)?;
        let title = checked(text.title.clone())?;
        let (document, bound) = checked_text(&service, &text.source)?;
        let version = dag_version(&document, &bound, &row.identity, now_ms());
        let stale = |present| conflict("version", given, present);
        let expected = u32::try_from(given).map_err(|_| stale(row.version.into()))?;
        let saved = service.engine.store().save_dag(row.key, expected, &version, title.as_deref());
        match saved.map_err(|e| of_store(&e))? {
            Guarded::Done(version) => {
                service.saved(&row, version, &document)?;
                service.news.tell(Notice::DagChanged { dag_id, version });
                Ok(DagSaved { version, warnings: warnings(&bound) })
            }
            Guarded::Moved(present) => Err(stale(present.into())),
        }
    });
    Ok(Json(saved.await?))
}

pub(crate) async fn hide(State(service): State<Arc<Service>>, At(dag_id): At<String>) -> Result<StatusCode, Answer> {
    blocking(move || {
        let row = service.dag(&dag_id)?;
        service.engine.store().hide_dag(row.key).map_err(|e| of_store(&e))?;
        service.news.tell(Notice::DagChanged { dag_id, version: row.version });
        Ok(())
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn checked_text(service: &Service, source: &str) -> Result<(Document, Bound), Problem> {
    let document = suanzi_dag::read(source.as_bytes(), &Limits::api()).map_err(|f| of_faults(&f))?;
    let bound = bound(service, &document)?.map_err(|f| of_faults(&f))?;
    Ok((document, bound))
}

fn checked(title: Option<String>) -> Result<Option<String>, Problem> {
    let Some(title) = title.map(|title| title.trim().to_string()).filter(|title| !title.is_empty()) else {
        return Ok(None);
    };
    if title.chars().count() > MAX_TITLE || title.chars().any(char::is_control) {
        return Err(Problem::new(
            Code::BadRequest,
            format!("title: at most {MAX_TITLE} characters on one line are taken"),
        ));
    }
    Ok(Some(title))
}

pub(crate) fn with_version(
    service: &Service,
    document: &Document,
    bound: &Bound,
    title: Option<String>,
) -> Result<DagCreated, Problem> {
    let title = title.or_else(|| document.dag.name.clone()).unwrap_or_else(|| UNTITLED.into());
    let name = document.dag.name.as_deref().unwrap_or(&title);
    let key = made(service, name, &title)?;
    let version = dag_version(document, bound, name, now_ms());
    service.engine.store().save_dag(key, 0, &version, None).map_err(|e| of_store(&e))?;
    let dag_id = key.0.to_string();
    service.saved(&service.dag(&dag_id)?, 1, document)?;
    service.news.tell(Notice::DagChanged { dag_id: dag_id.clone(), version: 1 });
    Ok(DagCreated { dag_id, title, version: 1, warnings: warnings(bound) })
}

fn with_draft(service: &Service, text: &DagText, title: Option<String>) -> Result<DagCreated, Problem> {
    let name = suanzi_dag::sketch(&text.source, &Limits::api()).0.and_then(|sketch| sketch.dag.name);
    let title = title.or_else(|| name.clone()).unwrap_or_else(|| UNTITLED.into());
    let key = made(service, name.as_deref().unwrap_or(&title), &title)?;
    service.engine.store().put_draft(key, 0, &text.source, now_ms()).map_err(|e| of_store(&e))?;
    let dag_id = key.0.to_string();
    service.news.tell(Notice::DagChanged { dag_id: dag_id.clone(), version: 0 });
    Ok(DagCreated { dag_id, title, version: 0, warnings: Vec::new() })
}

/// Under its name, or that name with a number where there is such a DAG already.
fn made(service: &Service, name: &str, title: &str) -> Result<DagKey, Problem> {
    for number in 1..=MAX_NAMESAKES {
        let identity = if number == 1 { name.to_string() } else { format!("{name} ({number})") };
        match service.engine.store().create_dag(&identity, title) {
            Err(StoreError::Conflict(_)) => {}
            made => return made.map_err(|e| of_store(&e)),
        }
    }
    Err(Problem::new(Code::BadRequest, format!("there are {MAX_NAMESAKES} DAGs named '{name}' already"))
        .hint(Some("give it another name")))
}

fn warnings(bound: &Bound) -> Vec<Fault> {
    let mut warnings = wire::faults(&bound.warnings);
    warnings.retain(|fault| fault.warning);
    warnings
}

pub(crate) fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
