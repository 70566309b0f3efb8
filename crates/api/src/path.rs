//! Where things are: one constant for each route, one function for each address.

pub const HEALTH: &str = "/healthz";
pub const READY: &str = "/readyz";
pub const CANVAS: &str = "/";
pub const ASSET: &str = "/assets/{file}";
pub const LOGIN: &str = "/login";
pub const LOGIN_SCRIPT: &str = "/login.js";
pub const SESSION: &str = "/api/v1/session";
pub const CODES: &str = "/api/v1/codes";
pub const OPENAPI: &str = "/api/v1/openapi.json";
pub const RUNS: &str = "/api/v1/runs";
pub const EVENTS: &str = "/api/v1/events";
pub const DAGS: &str = "/api/v1/dags";
pub const DAG: &str = "/api/v1/dags/{dag_id}";
pub const DAG_DRAFT: &str = "/api/v1/dags/{dag_id}/draft";
pub const DAG_VERSIONS: &str = "/api/v1/dags/{dag_id}/versions";
pub const DAG_VERSION_SOURCE: &str = "/api/v1/dags/{dag_id}/versions/{version}/source";
pub const RUN: &str = "/api/v1/runs/{run_id}";
pub const RUN_EVENTS: &str = "/api/v1/runs/{run_id}/events";
pub const RUN_CANCEL: &str = "/api/v1/runs/{run_id}/cancel";
pub const RUN_RESUME: &str = "/api/v1/runs/{run_id}/resume";
pub const RUN_REPORT: &str = "/api/v1/runs/{run_id}/report";
pub const DIFF: &str = "/api/v1/diff/{before}/{after}";
pub const RUN_SOURCE: &str = "/api/v1/runs/{run_id}/source";
pub const TASKS: &str = "/api/v1/runs/{run_id}/tasks";
pub const TASK: &str = "/api/v1/runs/{run_id}/tasks/{operator}";
pub const TASK_LOG: &str = "/api/v1/runs/{run_id}/tasks/{operator}/log";
pub const TASK_LOG_STREAM: &str = "/api/v1/runs/{run_id}/tasks/{operator}/log/stream";
pub const OUTPUT: &str = "/api/v1/runs/{run_id}/tasks/{operator}/outputs/{port}";
pub const OUTPUT_ROWS: &str = "/api/v1/runs/{run_id}/tasks/{operator}/outputs/{port}/rows";
pub const OUTPUT_VALUE: &str = "/api/v1/runs/{run_id}/tasks/{operator}/outputs/{port}/value";
pub const OUTPUT_DOWNLOAD: &str = "/api/v1/runs/{run_id}/tasks/{operator}/outputs/{port}/download";
pub const DOCUMENTS_READ: &str = "/api/v1/documents/read";
pub const DOCUMENTS_EDIT: &str = "/api/v1/documents/edit";
pub const DOCUMENTS_PLAN: &str = "/api/v1/documents/plan";
pub const DOCUMENTS_FIX: &str = "/api/v1/documents/fix";
pub const DOCUMENTS_PYTHON: &str = "/api/v1/documents/python";
pub const DOCUMENTS_FORGET: &str = "/api/v1/documents/forget";
pub const DOCUMENTS_FORMAT: &str = "/api/v1/documents/format";
pub const OPERATORS: &str = "/api/v1/operators";
pub const EXECUTORS: &str = "/api/v1/executors";
pub const SETTINGS: &str = "/api/v1/settings";
pub const SCHEDULES: &str = "/api/v1/schedules";
pub const SCHEDULE: &str = "/api/v1/schedules/{dag_id}";
pub const SCHEDULE_PAUSED: &str = "/api/v1/schedules/{dag_id}/paused";
pub const SCHEDULE_DUE: &str = "/api/v1/schedules/{dag_id}/due";
pub const SCHEDULE_HISTORY: &str = "/api/v1/schedules/{dag_id}/history";
pub const SCHEDULE_PREVIEW: &str = "/api/v1/schedules/preview";
pub const UPLOADS: &str = "/api/v1/uploads";
pub const UPLOAD: &str = "/api/v1/uploads/{upload_id}";
pub const DATASETS: &str = "/api/v1/datasets";
pub const DATASET: &str = "/api/v1/datasets/{dataset_id}";
pub const DATASET_ROWS: &str = "/api/v1/datasets/{dataset_id}/rows";
pub const TEMPLATES: &str = "/api/v1/templates";
pub const TEMPLATE: &str = "/api/v1/templates/{template_id}";
pub const MODELS: &str = "/api/v1/models";
pub const MODEL: &str = "/api/v1/models/{name}";
pub const MODEL_ALIASES: &str = "/api/v1/models/{name}/aliases";
pub const MODEL_ALIAS: &str = "/api/v1/models/{name}/aliases/{alias}";
pub const MODEL_COMPARE: &str = "/api/v1/models/{name}/compare";
pub const MODEL_CARD: &str = "/api/v1/models/{name}/versions/{version}/card";
pub const MODEL_DOWNLOAD: &str = "/api/v1/models/{name}/versions/{version}/download";
pub const SERVICES: &str = "/api/v1/services";
pub const SERVICE: &str = "/api/v1/services/{name}";
pub const SERVICE_ROLL_BACK: &str = "/api/v1/services/{name}/roll-back";
pub const SERVICE_INVOCATIONS: &str = "/api/v1/services/{name}/invocations";
pub const INVOCATIONS: &str = "/services/{name}/invocations";
pub const V2_LIVE: &str = "/v2/health/live";
pub const V2_READY: &str = "/v2/health/ready";
pub const V2_MODEL: &str = "/v2/models/{name}";
pub const V2_MODEL_READY: &str = "/v2/models/{name}/ready";
pub const V2_INFER: &str = "/v2/models/{name}/infer";

/// The address of an alias.
pub fn of_alias(model: &str, alias: &str) -> String {
    let alias = of_service("{name}", alias);
    of_service(&MODEL_ALIAS.replace("{alias}", "{}"), model).replace("{}", &alias)
}

/// The address of a service under a route such as [`SERVICE`].
pub fn of_service(route: &str, name: &str) -> String {
    of_run(&route.replace("{name}", "{run_id}"), name)
}

/// The address of a run under a route such as [`RUN`]. Run ids are letters, digits and hyphens; anything else is escaped.
pub fn of_run(route: &str, run_id: &str) -> String {
    let mut escaped = String::with_capacity(run_id.len());
    for byte in run_id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte as char),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    route.replace("{run_id}", &escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_runs() {
        for (route, run_id, expected) in [
            (RUN, "20261123-224511-k7qm2x", "/api/v1/runs/20261123-224511-k7qm2x"),
            (RUN_CANCEL, "a/../b?c", "/api/v1/runs/a%2F..%2Fb%3Fc/cancel"),
            (RUN_EVENTS, "运", "/api/v1/runs/%E8%BF%90/events"),
        ] {
            assert_eq!(of_run(route, run_id), expected);
        }
    }
}
