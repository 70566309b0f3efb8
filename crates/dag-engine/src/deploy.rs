//! Deployments that runs ask for: by whoever serves models in this process, else as a row for who serves next.

use crate::core::Deployment;
use crate::hold::lock;
use std::sync::Mutex;
use suanzi_store::{ServedVersion, ServiceRow, Store, StoreError};

/// A registered version to be put behind a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Deploy {
    pub service: String,
    pub served: ServedVersion,
    pub concurrency: Option<u32>,
}

/// Takes a deployment, or gives false: then only its row is written.
pub type Deployer = Box<dyn Fn(Deploy) -> bool + Send>;

/// Who serves models here, if somebody does.
#[derive(Default)]
pub(crate) struct Deployers(Mutex<Option<Deployer>>);

impl Deployers {
    pub fn set(&self, deployer: Deployer) {
        *lock(&self.0) = Some(deployer);
    }

    fn take(&self, deploy: Deploy) -> bool {
        lock(&self.0).as_ref().is_some_and(|deployer| deployer(deploy))
    }

    /// Of the version that the named task registered. May be called again after a commit of unknown outcome.
    pub fn carry_out(&self, store: &dyn Store, asked: &Deployment) -> Result<(), StoreError> {
        let (run, op) = asked.registered_by;
        let run_id = store.run(run)?.map(|row| row.run_id);
        let versions = store.model_versions(Some(&asked.model))?;
        let version = versions.iter().find(|row| Some(&row.run_id) == run_id.as_ref() && row.op == op);
        let Some(version) = version else {
            return Err(StoreError::Conflict(format!("model '{}' has no version of that run", asked.model)));
        };
        let served = ServedVersion { model: asked.model.clone(), version: version.version };
        let deploy = Deploy { service: asked.service.clone(), served: served.clone(), concurrency: asked.concurrency };
        if self.take(deploy) {
            return Ok(());
        }
        let old = store.service(&asked.service)?;
        store.put_service(&ServiceRow::switched(old.as_ref(), &asked.service, served, asked.concurrency, asked.at))
    }
}
