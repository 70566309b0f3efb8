//! Ray's Jobs API, as far as it is needed here: packages, and one job's life.

use crate::package::RayPackage;
use crate::version::Version;
use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use suanzi_executor_http::{CallError, Target, call, json, read_json};

/// `GET /api/jobs/{id}`. Any other state is an answer that isn't understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobState {
    Pending,
    Running,
    Succeeded,
    Failed,
    Stopped,
}

impl JobState {
    pub fn ended(self) -> bool {
        !matches!(self, JobState::Pending | JobState::Running)
    }
}

#[derive(Debug, Deserialize)]
pub struct Job {
    #[serde(rename = "status")]
    pub state: JobState,
    #[serde(default)]
    pub message: Option<String>,
}

#[derive(Deserialize)]
struct Logs {
    logs: Option<String>,
}

pub struct Jobs {
    target: Target,
}

impl Jobs {
    pub fn new(target: Target) -> Jobs {
        Jobs { target }
    }

    /// The dashboard's address, for people.
    pub fn shown(&self) -> String {
        self.target.base.authority()
    }

    pub async fn version(&self) -> Result<Version, CallError> {
        json(&self.target, Method::GET, "/api/version").await
    }

    /// Uploads the package unless it is there.
    pub async fn bring(&self, package: &RayPackage) -> Result<(), CallError> {
        let at = format!("/api/packages/gcs/{}", package.name);
        match call(&self.target, Method::GET, &at, Bytes::new()).await {
            Err(error) if error.is(StatusCode::NOT_FOUND) => {
                call(&self.target, Method::PUT, &at, package.archive.clone()).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    /// Submits a job under an id of ours. A second time changes nothing: Ray answers 500 then, and the job is asked for.
    pub async fn submit(&self, id: &str, entrypoint: &str, package: &RayPackage) -> Result<(), CallError> {
        let body = json!({
            "entrypoint": entrypoint,
            "submission_id": id,
            "runtime_env": {"working_dir": format!("gcs://{}", package.name)},
        });
        match call(&self.target, Method::POST, "/api/jobs/", body.to_string().into()).await {
            Ok(_) => Ok(()),
            Err(error) => match self.job(id).await {
                Ok(Some(_)) => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// None where the cluster knows no such job, which doesn't mean that nothing of it runs.
    pub async fn job(&self, id: &str) -> Result<Option<Job>, CallError> {
        match json(&self.target, Method::GET, &format!("/api/jobs/{id}")).await {
            Err(error) if error.is(StatusCode::NOT_FOUND) => Ok(None),
            answer => answer.map(Some),
        }
    }

    pub async fn logs(&self, id: &str) -> Result<String, CallError> {
        let body = call(&self.target, Method::GET, &format!("/api/jobs/{id}/logs"), Bytes::new()).await?;
        Ok(read_json::<Logs>(&self.target, &body)?.logs.unwrap_or_default())
    }

    pub async fn stop(&self, id: &str) -> Result<(), CallError> {
        call(&self.target, Method::POST, &format!("/api/jobs/{id}/stop"), Bytes::new()).await.map(drop)
    }

    /// Of a job that has ended.
    pub async fn delete(&self, id: &str) -> Result<(), CallError> {
        call(&self.target, Method::DELETE, &format!("/api/jobs/{id}"), Bytes::new()).await.map(drop)
    }
}
