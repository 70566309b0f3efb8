//! `/api/v1/documents/read` and `…/format`: what a text says. Its faults are the answer, not a failure.

use super::{edits, model};
use crate::body::Body;
use crate::problem::{Answer, of_faults, of_refusal};
use crate::runs::blocking;
use crate::service::Service;
use crate::wire;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{DocumentView, LintFinding, LintFix, Problem, Severity, SourceText, Words};
use suanzi_dag::{Document, Faults, Limits};
use suanzi_lint::Said;
use suanzi_operator::Bound;
use suanzi_operator::bind::{BindOptions, bind};

pub(crate) async fn read(
    State(service): State<Arc<Service>>,
    Body(request): Body<SourceText>,
) -> Result<Json<DocumentView>, Answer> {
    Ok(Json(blocking(move || view(&service, &request.source)).await?))
}

pub(crate) async fn format(Body(request): Body<SourceText>) -> Result<Json<SourceText>, Answer> {
    let source = blocking(move || {
        let document = suanzi_dag::read(request.source.as_bytes(), &Limits::api()).map_err(|f| of_faults(&f))?;
        Ok(suanzi_dag::write(&document.dag))
    });
    Ok(Json(SourceText { source: source.await? }))
}

pub(super) fn view(service: &Service, source: &str) -> Result<DocumentView, Problem> {
    let (sketch, found) = suanzi_dag::sketch(source, &Limits::api());
    let mut faults = wire::faults(&found);
    let mut lint = Vec::new();
    // What doesn't read to its end has nothing that could be bound.
    if !found.has_errors()
        && let Ok(document) = suanzi_dag::read(source.as_bytes(), &Limits::api())
    {
        match bound(service, &document)? {
            Ok(bound) => {
                faults.extend(wire::faults(&bound.warnings));
                lint = suanzi_lint::lint(&document.dag, &bound).iter().map(|f| finding(&document, f)).collect();
            }
            Err(found) => faults.extend(wire::faults(&found)),
        }
    }
    let mut seen: Vec<suanzi_api::Fault> = Vec::with_capacity(faults.len());
    for fault in faults {
        if !seen.contains(&fault) {
            seen.push(fault);
        }
    }
    Ok(DocumentView { dag: sketch.as_ref().map(model::of_sketch), faults: seen, lint })
}

/// Bound against the operators there are, with webhooks that this server doesn't send as faults; no file is looked at.
pub(crate) fn bound(service: &Service, document: &Document) -> Result<Result<Bound, Faults>, Problem> {
    let catalogue = service.host.catalogue().map_err(of_refusal)?;
    let options = BindOptions::on(&service.host.executors());
    let bound = bind(&document.dag, document, &catalogue, &options);
    let refused = service.outbox.refused(document);
    if refused.is_empty() {
        return Ok(bound);
    }
    let mut faults = bound.map_or_else(|faults| faults, |bound| bound.warnings);
    faults.0.extend(refused);
    faults.sort();
    Ok(Err(faults))
}

fn finding(document: &Document, finding: &suanzi_lint::Finding) -> LintFinding {
    let operator = document.dag.operators.get(finding.operator as usize);
    LintFinding {
        code: finding.code.to_string(),
        severity: Severity::Warning,
        operator: operator.map(|op| op.id.to_string()).unwrap_or_default(),
        message: words(&finding.message),
        hint: words(&finding.hint),
        fix: finding.fix.as_ref().map(|fix| LintFix {
            label: words(&fix.label),
            edits: fix.edits.iter().filter_map(edits::shown).collect(),
        }),
    }
}

fn words(said: &Said) -> Words {
    Words { en: said.en.clone(), zh: said.zh.clone() }
}
