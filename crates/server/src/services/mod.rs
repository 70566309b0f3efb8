//! Registered models behind services: each served version in a Python process of its own, which alone unpickles it, or in this one where its ONNX form answers the same.

mod endpoint;
mod fast;
mod forms;
mod input;
mod keeper;
mod model;
mod routes;
mod traffic;
mod v2;
mod worker;

pub(crate) use keeper::Services;
pub use keeper::stopped_service;

use crate::router::{Route, Takes, delete, get, post, put};
use suanzi_api::{self as api, path};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get(path::SERVICES, routes::list).does("All services").gives::<api::Items<api::ServiceView>>(200),
        get(path::SERVICE, routes::show).does("What a service serves, and how it goes").gives::<api::ServiceView>(200),
        put(path::SERVICE, Takes::Json, routes::deploy)
            .does("Serve a model's version, in the place of what is served")
            .asks::<api::DeployRequest>()
            .gives::<api::ServiceView>(200),
        post(path::SERVICE_ROLL_BACK, Takes::Nothing, routes::roll_back)
            .does("Serve what was served before")
            .gives::<api::ServiceView>(200),
        delete(path::SERVICE, routes::remove).does("End a service; its model stays registered").gives_nothing(204),
        post(path::SERVICE_INVOCATIONS, Takes::Json, routes::invocations)
            .does("Score rows, in one of MLflow's forms")
            .asks::<serde_json::Value>()
            .gives::<serde_json::Value>(200),
        post(path::INVOCATIONS, Takes::Json, routes::invoke)
            .does("Score rows, at the address of MLflow's servers")
            .asks::<serde_json::Value>()
            .gives::<serde_json::Value>(200),
        get(path::V2_LIVE, v2::live).does("Open Inference Protocol: somebody is there").gives::<serde_json::Value>(200),
        get(path::V2_READY, v2::ready)
            .does("Open Inference Protocol: every service answers")
            .gives::<serde_json::Value>(200),
        get(path::V2_MODEL, v2::model)
            .does("Open Inference Protocol: a service's version, inputs and outputs")
            .gives::<serde_json::Value>(200),
        get(path::V2_MODEL_READY, v2::model_ready)
            .does("Open Inference Protocol: the service answers")
            .gives::<serde_json::Value>(200),
        post(path::V2_INFER, Takes::Json, v2::infer)
            .does("Open Inference Protocol: score rows")
            .asks::<serde_json::Value>()
            .gives::<serde_json::Value>(200),
    ]
}
