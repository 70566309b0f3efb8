//! All services of a home: what is deployed, switched, rolled back and removed. The rows say what is served; a row is written once its version answers.

use super::endpoint::{Endpoint, Slot, Who};
use super::model::Model;
use super::worker::Order;
use crate::host::Host;
use crate::problem::{Answer, of_store};
use crate::runs::blocking;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use suanzi_api::{
    Code, DeployRequest, MAX_SERVICE_CONCURRENCY, ModelVersionRef, Problem, ServiceState, ServiceView, Traffic,
    VersionName,
};
use suanzi_artifact::{ArtifactKey, ArtifactStore};
use suanzi_dag_engine::Deploy;
use suanzi_store::{ModelVersionRow, ServedVersion, ServiceRow, Store};
use tokio::sync::mpsc;

pub(crate) struct Services {
    store: Arc<dyn Store>,
    host: Arc<dyn Host>,
    artifacts: Arc<dyn ArtifactStore>,
    /// Whether this process answers for services, or only writes their rows.
    active: bool,
    served: Mutex<BTreeMap<String, Arc<Endpoint>>>,
    /// By service: why the last deployment by a run replaced nothing.
    troubles: Mutex<BTreeMap<String, String>>,
    /// Held by whoever changes what is served.
    changing: tokio::sync::Mutex<()>,
}

impl Services {
    pub fn new(
        store: Arc<dyn Store>,
        host: Arc<dyn Host>,
        artifacts: Arc<dyn ArtifactStore>,
        active: bool,
    ) -> Services {
        let (served, troubles) = Default::default();
        Services { store, host, artifacts, active, served, troubles, changing: Default::default() }
    }

    /// Starts the processes of all services, on the thread that serves.
    pub async fn begin(&self) {
        if !self.active {
            return;
        }
        let _one = self.changing.lock().await;
        let store = self.store.clone();
        let rows = match blocking(move || store.services().map_err(|e| of_store(&e))).await {
            Ok(rows) => rows,
            Err(Answer(problem)) => return eprintln!("warning: no model is served: {}", problem.detail),
        };
        for row in rows {
            match self.order(&row.served).await {
                Ok(order) => {
                    let slot = Slot::begin(self.host.clone(), order, None);
                    self.table().insert(row.name.clone(), Arc::new(Endpoint::new(row, slot)));
                }
                Err(Answer(problem)) => eprintln!("warning: service '{}' isn't served: {}", row.name, problem.detail),
            }
        }
    }

    pub async fn deploy(&self, name: String, asked: DeployRequest) -> Result<ServiceView, Answer> {
        check_name(&name)?;
        check_concurrency(asked.concurrency)?;
        let _one = self.changing.lock().await;
        let store = self.store.clone();
        let row = blocking(move || crate::models::found(store.as_ref(), &asked.model, asked.version.as_ref())).await?;
        let served = ServedVersion { model: row.name, version: row.version };
        self.switch(name, served, asked.concurrency).await
    }

    /// Carries out what runs ask for, one after the other. One that fails replaces nothing and is said.
    pub async fn follow(&self, mut asked: mpsc::UnboundedReceiver<Deploy>) {
        while let Some(Deploy { service, served, concurrency }) = asked.recv().await {
            let ServedVersion { model, version } = served;
            let request = DeployRequest { model, version: Some(VersionName::Number(version)), concurrency };
            let deployed = self.deploy(service.clone(), request).await;
            let mut troubles = lock(&self.troubles);
            match deployed {
                Ok(_) => drop(troubles.remove(&service)),
                Err(Answer(problem)) => {
                    eprintln!("warning: a run couldn't deploy service '{service}': {}", problem.detail);
                    troubles.insert(service, format!("a run's deployment replaced nothing: {}", problem.detail));
                }
            }
        }
    }

    pub async fn roll_back(&self, name: String) -> Result<ServiceView, Answer> {
        let _one = self.changing.lock().await;
        let row = self.row(&name).await?;
        let Some(before) = row.before else {
            return Err(Problem::new(Code::NothingBefore, format!("service '{name}' served nothing before")).into());
        };
        self.switch(name, before, None).await
    }

    pub async fn remove(&self, name: String) -> Result<(), Answer> {
        let _one = self.changing.lock().await;
        self.row(&name).await?;
        let (store, of) = (self.store.clone(), name.clone());
        blocking(move || store.remove_service(&of).map_err(|e| of_store(&e))).await?;
        if let Some(endpoint) = self.table().remove(&name) {
            endpoint.slot().retire();
        }
        Ok(())
    }

    pub async fn list(&self) -> Result<Vec<ServiceView>, Answer> {
        let store = self.store.clone();
        let rows = blocking(move || store.services().map_err(|e| of_store(&e))).await?;
        Ok(rows.into_iter().map(|row| self.view(row)).collect())
    }

    pub async fn show(&self, name: &str) -> Result<ServiceView, Answer> {
        Ok(self.view(self.row(name).await?))
    }

    /// Who answers for a service.
    pub(super) fn endpoint(&self, name: &str) -> Result<Arc<Endpoint>, Problem> {
        if let Some(endpoint) = self.table().get(name) {
            return Ok(endpoint.clone());
        }
        if !self.active {
            return Err(Problem::new(Code::NoWeb, "this process serves no models: it isn't `suanzi serve`"));
        }
        Err(no_service(name))
    }

    /// The new version answers before the old one is let go; the row is written between.
    async fn switch(
        &self,
        name: String,
        served: ServedVersion,
        concurrency: Option<u32>,
    ) -> Result<ServiceView, Answer> {
        let order = self.order(&served).await?;
        let old = self.found(&name).await?;
        let model = match self.active {
            true => Some(Model::start(self.host.clone(), order.clone()).await.map_err(|said| {
                let what =
                    format!("version {} of model '{}' can't be served: {}", served.version, served.model, said.message);
                Problem::new(Code::ModelUnusable, what).hint(said.hint)
            })?),
            false => None,
        };
        let now = crate::dags::now_ms();
        let row = ServiceRow::switched(old.as_ref(), &name, served, concurrency, now);
        let (store, written) = (self.store.clone(), row.clone());
        blocking(move || store.put_service(&written).map_err(|e| of_store(&e))).await?;
        if let Some(model) = model {
            let slot = Slot::begin(self.host.clone(), order, Some(model));
            let mut table = self.table();
            match table.get(&name) {
                Some(endpoint) => endpoint.switch(row.clone(), slot),
                None => drop(table.insert(name, Arc::new(Endpoint::new(row.clone(), slot)))),
            }
        }
        Ok(self.view(row))
    }

    /// How a version is loaded.
    async fn order(&self, served: &ServedVersion) -> Result<Order, Answer> {
        let version = served.version;
        let row = self.versions(&served.model).await?.into_iter().find(|row| row.version == version);
        let row = row.ok_or_else(|| {
            Problem::new(Code::NotFound, format!("model '{}' has no version {version}", served.model))
                .hint(Some("`suanzi models NAME` shows its versions"))
        })?;
        if !row.artifact.present {
            let why = format!("the file of version {version} of model '{}' was collected", served.model);
            return Err(Problem::new(Code::Evicted, why).into());
        }
        let manifest: Value = serde_json::from_str(&row.manifest).unwrap_or_default();
        let Some(sha256) = manifest.pointer("/artifact/sha256").and_then(Value::as_str) else {
            let why = format!("version {version} of model '{}' was registered without its file's hash", served.model);
            return Err(Problem::new(Code::ModelUnusable, why).hint(Some("register it again in a run")).into());
        };
        let (artifacts, path) = (self.artifacts.clone(), row.artifact.path);
        let file = blocking(move || {
            let fetched = ArtifactKey::parse(&path).and_then(|key| artifacts.fetch(&key));
            fetched.map_err(|error| Problem::new(Code::Store, format!("the model's file can't be read: {error}")))
        });
        Ok(Order {
            name: row.name,
            path: file.await?.display().to_string(),
            sha256: sha256.to_string(),
            types: types(&manifest),
        })
    }

    async fn versions(&self, model: &str) -> Result<Vec<ModelVersionRow>, Answer> {
        let (store, model) = (self.store.clone(), model.to_string());
        blocking(move || crate::models::of_name(store.as_ref(), &model)).await
    }

    async fn row(&self, name: &str) -> Result<ServiceRow, Answer> {
        self.found(name).await?.ok_or_else(|| no_service(name).into())
    }

    async fn found(&self, name: &str) -> Result<Option<ServiceRow>, Answer> {
        let (store, name) = (self.store.clone(), name.to_string());
        blocking(move || store.service(&name).map_err(|e| of_store(&e))).await
    }

    fn view(&self, row: ServiceRow) -> ServiceView {
        let endpoint = self.table().get(&row.name).cloned();
        let who = endpoint.as_ref().map(|endpoint| endpoint.slot().who());
        let mut view = stopped_service(row);
        view.why = lock(&self.troubles).get(&view.name).cloned();
        if let Some(endpoint) = endpoint {
            view.in_flight = endpoint.in_flight();
            view.traffic = endpoint.meter().show();
        }
        match who {
            None if self.active => {
                view.state = ServiceState::Down;
                view.why = Some("its model's version can't be found".into());
            }
            None => {}
            Some(Who::Starting) => view.state = ServiceState::Starting,
            Some(Who::Down(why)) => {
                view.state = ServiceState::Down;
                view.why = Some(why);
            }
            Some(Who::Ready(model)) => {
                view.state = ServiceState::Ready;
                view.runtime = Some(model.runtime());
                view.runtime_note = Some(model.note.clone());
                view.pid = model.pid();
                view.columns = model.about.columns.clone();
            }
        }
        view
    }

    fn table(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Endpoint>>> {
        lock(&self.served)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A service's row as it is shown where nobody serves it.
pub fn stopped_service(row: ServiceRow) -> ServiceView {
    let version = |v: ServedVersion| ModelVersionRef { model: v.model, version: v.version };
    ServiceView {
        name: row.name,
        served: version(row.served),
        before: row.before.map(version),
        state: ServiceState::Stopped,
        why: None,
        runtime: None,
        runtime_note: None,
        pid: None,
        concurrency: row.concurrency,
        in_flight: 0,
        columns: Vec::new(),
        traffic: Traffic::default(),
        created_at_ms: row.created_at,
        changed_at_ms: row.changed_at,
    }
}

fn no_service(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no service '{name}'"))
        .hint(Some("`suanzi service deploy NAME --model MODEL` makes one"))
}

fn check_name(name: &str) -> Result<(), Problem> {
    if ServiceRow::is_name(name) {
        return Ok(());
    }
    Err(Problem::new(Code::BadRequest, format!("'{name}' can't name a service"))
        .hint(Some("use letters, digits, `_`, `.` and `-`, starting with a letter or digit, at most 63 characters")))
}

fn check_concurrency(asked: Option<u32>) -> Result<(), Problem> {
    match asked {
        Some(number) if !(1..=MAX_SERVICE_CONCURRENCY).contains(&number) => Err(Problem::new(
            Code::BadRequest,
            format!("concurrency: {number} isn't between 1 and {MAX_SERVICE_CONCURRENCY}"),
        )),
        _ => Ok(()),
    }
}

/// Types of columns, as they were registered.
fn types(manifest: &Value) -> Map<String, Value> {
    let columns = manifest.get("input_schema").and_then(Value::as_array);
    let named = columns.into_iter().flatten().filter_map(|column| {
        Some((column.get("name")?.as_str()?.to_string(), column.get("type").filter(|t| t.is_string())?.clone()))
    });
    named.collect()
}
