//! A version's card, and versions side by side: both made of what is stored.

use super::found;
use crate::asked::{Asked, At};
use crate::problem::{Answer, of_refusal, of_store};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::nonce;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use suanzi_api::{CardQuery, Code, CompareQuery, MAX_COMPARED_VERSIONS, ModelComparison, Problem, VersionName};
use suanzi_report::{ModelFacts, ReportError, compare_versions, model_facts};

/// The page has no script, fetches nothing and is a world of its own; its one style element carries the word.
const POLICY: &str = "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

pub(super) async fn card(
    State(service): State<Arc<Service>>,
    At((name, version)): At<(String, String)>,
    Asked(query): Asked<CardQuery>,
) -> Result<Response, Answer> {
    let language = query.lang.unwrap_or_else(|| "en".into());
    if !matches!(language.as_str(), "en" | "zh") {
        return Err(Problem::new(Code::BadRequest, format!("lang: '{language}' is neither en nor zh")).into());
    }
    let page = blocking(move || {
        let facts = facts(&service, &name, VersionName::Text(version))?;
        let described = serde_json::json!({ "language": language, "facts": facts });
        service.host.card(&described).map_err(of_refusal)
    });
    let nonce = nonce();
    // Before it there are only words that the page's writer has escaped.
    let page = page.await?.replacen("<style>", &format!("<style nonce=\"{nonce}\">"), 1);
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    // Hex only: always a header's value.
    if let Ok(policy) = HeaderValue::from_str(&POLICY.replace("{nonce}", &nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

pub(super) async fn compare(
    State(service): State<Arc<Service>>,
    At(name): At<String>,
    Asked(query): Asked<CompareQuery>,
) -> Result<Json<ModelComparison>, Answer> {
    let asked: Vec<String> = query.versions.split(',').map(|text| text.trim().to_string()).collect();
    if !(2..=MAX_COMPARED_VERSIONS).contains(&asked.len()) {
        let said = format!("versions: {} given; compare 2 to {MAX_COMPARED_VERSIONS}", asked.len());
        return Err(Problem::new(Code::BadRequest, said)
            .hint(Some("separate them by commas, as in 1,2,champion"))
            .into());
    }
    let compared = blocking(move || {
        let all: Result<Vec<ModelFacts>, Problem> =
            asked.into_iter().map(|version| facts(&service, &name, VersionName::Text(version))).collect();
        Ok(compare_versions(&all?))
    });
    Ok(Json(compared.await?))
}

fn facts(service: &Service, name: &str, version: VersionName) -> Result<ModelFacts, Problem> {
    let store = service.engine.store();
    let row = found(store.as_ref(), name, Some(&version))?;
    model_facts(store.as_ref(), service.engine.artifacts().as_ref(), row).map_err(|error| match error {
        ReportError::Store(error) => of_store(&error),
        error => Problem::new(Code::Store, error.to_string()),
    })
}
