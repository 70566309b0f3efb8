//! A version that answers: in this process where its ONNX form was proven, else in a Python process of its own.

use super::fast::{Fast, Offer};
use super::input::Rows;
use super::worker::{About, Fault, Order, Said, Scores, Worker};
use crate::host::Host;
use std::future::pending;
use std::sync::Arc;
use suanzi_api::ServiceRuntime;

pub(super) struct Model {
    pub about: About,
    /// What was seen of its ONNX form, or why it isn't run in this.
    pub note: String,
    fast: Option<Arc<Fast>>,
    /// `None` where all is answered here.
    worker: Option<Worker>,
}

impl Model {
    /// Has a process load it; where all its answers can be given here, that process ends. The error is in words for whoever deployed it.
    pub async fn start(host: Arc<dyn Host>, order: Order) -> Result<Arc<Model>, Said> {
        let opening = host.clone();
        let opened = tokio::task::spawn_blocking(move || opening.onnx()).await;
        let runtime = opened.unwrap_or_else(|error| Err(error.to_string()));
        let (mut worker, content) = Worker::start(host, order, runtime.is_ok()).await?;
        let offer = worker.about.onnx.take();
        let columns = worker.about.columns.len();
        let proven = match (runtime, offer) {
            (Err(why), _) => Err(why),
            (Ok(_), None) => Err("its process gave no ONNX form".to_string()),
            (Ok(_), Some(Offer::Not { not })) => Err(not),
            (Ok(runtime), Some(Offer::Form(form))) => {
                let proving = move || Fast::prove(&runtime, &form, &content, columns);
                tokio::task::spawn_blocking(proving).await.unwrap_or_else(|error| Err(error.to_string()))
            }
        };
        let about = worker.about.clone();
        Ok(Arc::new(match proven {
            Ok(fast) => {
                let worker = fast.complete_rows_only.then_some(worker);
                Model { about, note: fast.note.clone(), fast: Some(Arc::new(fast)), worker }
            }
            Err(why) => Model { about, note: why, fast: None, worker: Some(worker) },
        }))
    }

    pub fn runtime(&self) -> ServiceRuntime {
        if self.fast.is_some() { ServiceRuntime::Onnx } else { ServiceRuntime::Python }
    }

    /// Of the process that holds it, if one does.
    pub fn pid(&self) -> Option<u32> {
        self.worker.as_ref().map(|worker| worker.pid)
    }

    pub async fn score(&self, rows: Rows) -> Result<Scores, Fault> {
        match (&self.fast, &self.worker) {
            (Some(fast), _) if fast.takes(&rows) => {
                let scored = if fast.is_short(rows.count) {
                    fast.score(&rows)
                } else {
                    let fast = fast.clone();
                    let scored = tokio::task::spawn_blocking(move || fast.score(&rows)).await;
                    scored.map_err(|_| Fault::Gone)?
                };
                scored.map_err(Fault::Refused)
            }
            (_, Some(worker)) => worker.score(rows).await,
            (_, None) => Err(Fault::Gone),
        }
    }

    /// Until its process is no more; never where there is none.
    pub fn gone(&self) -> impl Future<Output = ()> + Send + use<> {
        let gone = self.worker.as_ref().map(Worker::gone);
        async move {
            match gone {
                Some(gone) => gone.await,
                None => pending().await,
            }
        }
    }

    /// Ends its process without waiting for what it does.
    pub fn kill(&self) {
        if let Some(worker) = &self.worker {
            worker.kill();
        }
    }
}
