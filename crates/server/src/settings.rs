//! `/api/v1/settings` and `/api/v1/executors`: what the server runs with. Nothing of it can be changed over the network.

use crate::attached::MAX_ATTACHED_RUNS;
use crate::problem::Answer;
use crate::runs::blocking;
use crate::service::Service;
use crate::task_log::MAX_LOG_BYTES;
use crate::web::MAX_SESSIONS;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use suanzi_api::{ExecutorState, ExecutorView, Items, LimitsView, MAX_BODY_BYTES, MAX_PAGE_ITEMS, SettingsView};

/// The executor whose workers are on this host.
const LOCAL: &str = "local";
/// What a platform of others does is its own matter: nothing is promised of it.
const ELSEWHERE: &str = "plain";

pub(crate) async fn settings(State(service): State<Arc<Service>>) -> Result<Json<SettingsView>, Answer> {
    let view = blocking(move || {
        let roots = service.web.as_ref().map(|access| access.data_roots()).unwrap_or_default();
        Ok(SettingsView {
            version: env!("CARGO_PKG_VERSION").into(),
            isolation: service.host.isolation().into(),
            python: service.host.python(),
            home: service.home.display().to_string(),
            executors: all(&service),
            limits: LimitsView {
                body_bytes: MAX_BODY_BYTES as u64,
                page_items: MAX_PAGE_ITEMS,
                rows: crate::outputs::MAX_ROWS,
                log_bytes: MAX_LOG_BYTES,
                runs: MAX_ATTACHED_RUNS as u32,
                sessions: MAX_SESSIONS as u32,
            },
            data_roots: roots.iter().map(|root| root.display().to_string()).collect(),
            webhook_hosts: service.outbox.hosts().iter().map(|host| host.to_string()).collect(),
        })
    });
    Ok(Json(view.await?))
}

pub(crate) async fn executors(State(service): State<Arc<Service>>) -> Result<Json<Items<ExecutorView>>, Answer> {
    Ok(Json(Items { items: blocking(move || Ok(all(&service))).await? }))
}

fn all(service: &Service) -> Vec<ExecutorView> {
    let slots = service.engine.operators().slots();
    let waits = service.engine.operators().waits();
    let names = service.host.executors().into_iter().zip(slots).zip(waits).enumerate();
    names
        .map(|(at, ((name, slots), why))| ExecutorView {
            isolation: if name == LOCAL { service.host.isolation() } else { ELSEWHERE }.into(),
            name,
            slots,
            default: at == 0,
            state: if why.is_some() { ExecutorState::Waiting } else { ExecutorState::Ready },
            why,
        })
        .collect()
}
