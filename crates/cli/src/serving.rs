//! The owner's side: serves other commands while its own runs go, and stays until theirs have ended.

use crate::catalogues::Catalogues;
use crate::fail::Failure;
use crate::home::Listening;
use crate::interrupt;
use crate::mlflow;
use crate::model_process;
use crate::onnx_library::OnnxLibrary;
use crate::session::Session;
use crate::verbs::operators::install;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;
use suanzi_api::PythonView;
use suanzi_dag::Document;
use suanzi_dag_engine::{Engine, FileAccess, Prepared, Preparer, RunOptions};
use suanzi_executor_local::{LocalPools, Profile};
use suanzi_operator::{Catalogue, Kind};
use suanzi_python_env::{ScriptError, TablesError};
use suanzi_server::{Host, ModelProcess, Options, Refusal, Server};

pub struct Serving {
    /// `None` where no socket can be had: then others wait for the lock.
    server: Option<(Server, Listening)>,
    engine: Arc<Engine>,
}

impl Serving {
    /// Begins to serve. Returns at once; a home that can't hold a socket is said and is no reason to fail.
    pub fn start(session: &Arc<Session>, engine: &Arc<Engine>, local: &Arc<LocalPools>, owner: &str) -> Serving {
        let server = serve(session, engine, local, owner)
            .inspect_err(|error| talk!("warning: other commands can't attach to this one: {error}"))
            .ok()
            .flatten();
        Serving { server, engine: engine.clone() }
    }

    /// Tells the report and ends the engine. Where runs of others are going the report comes first, and the engine stays until they have ended or an interruption leaves them.
    pub fn end(self, quiet: bool, report: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
        let others = self.server.as_ref().and_then(|(server, _)| server.close().err());
        let Some(others) = others else {
            self.stop();
            return report();
        };
        let told = report();
        self.wait(others, quiet);
        self.stop();
        told
    }

    fn wait(&self, others: usize, quiet: bool) {
        let Some((server, _)) = &self.server else { return };
        let runs = if others == 1 { "1 attached run is".into() } else { format!("{others} attached runs are") };
        let them = if others == 1 { "it" } else { "them" };
        if !quiet {
            talk!("{runs} still going; Ctrl-C leaves {them} to `suanzi runs resume`");
        }
        interrupt::instead("leaving; once more to leave at once", server.leaver());
        server.close_when_idle();
    }

    /// Executors end before connections do: who is attached finds the home free once it has lost the owner.
    fn stop(self) {
        self.engine.shutdown();
        if let Some((server, listening)) = self.server {
            drop(listening);
            server.stop();
        }
    }
}

fn serve(
    session: &Arc<Session>,
    engine: &Arc<Engine>,
    local: &Arc<LocalPools>,
    owner: &str,
) -> io::Result<Option<(Server, Listening)>> {
    let Some(lock) = &session.owner else { return Ok(None) };
    let (listener, listening) = session.home.listen(lock)?;
    let host = Arc::new(Workshop::new(session.clone(), Some(local.clone()), OnnxLibrary::Off));
    let server = Server::start(
        listener,
        Options {
            engine: engine.clone(),
            owner: owner.to_string(),
            host,
            home: session.home.root.clone(),
            webhook_hosts: Vec::new(),
            web: None,
        },
    )?;
    Ok(Some((server, listening)))
}

/// This program's operators and interpreter, for runs of others.
pub struct Workshop {
    session: Arc<Session>,
    /// `None` where operators run elsewhere.
    local: Option<Arc<LocalPools>>,
    catalogues: Catalogues,
    onnx: OnnxLibrary,
}

impl Workshop {
    pub fn new(session: Arc<Session>, local: Option<Arc<LocalPools>>, onnx: OnnxLibrary) -> Workshop {
        Workshop { session, local, catalogues: Catalogues::default(), onnx }
    }
}

impl Host for Workshop {
    fn prepare(&self, document: Arc<Document>, options: &RunOptions, files: FileAccess) -> Result<Prepared, Refusal> {
        let catalogue = self.catalogues.of(&self.session, &options.operator_dirs).map_err(around)?;
        let preparer = Preparer { files, ..self.session.preparer(&catalogue) };
        preparer.prepare(document, options).map_err(Refusal::Prepare)
    }

    fn catalogue(&self) -> Result<Arc<Catalogue>, Refusal> {
        self.catalogues.of(&self.session, &[]).map_err(around)
    }

    fn install(&self, kind: &Kind) -> Option<String> {
        install(kind, &self.session.python)
    }

    fn executors(&self) -> Vec<String> {
        self.session.executors.clone()
    }

    fn isolation(&self) -> &'static str {
        self.local.as_ref().map_or(Profile::Plain, |local| local.profile()).name()
    }

    fn python(&self) -> PythonView {
        let python = &self.session.python;
        PythonView {
            version: python.version.clone(),
            path: python.path.display().to_string(),
            why: python.why.to_string(),
        }
    }

    fn tables(&self, request: &serde_json::Value, limit: Duration) -> Result<serde_json::Value, Refusal> {
        self.session.python.tables(request, limit).map_err(of_tables)
    }

    fn table_stream(&self, request: &serde_json::Value) -> Result<Box<dyn Read + Send>, Refusal> {
        let stream = self.session.python.table_stream(request).map_err(of_tables)?;
        Ok(Box::new(stream))
    }

    fn script(&self, described: &serde_json::Value) -> Result<String, Refusal> {
        self.session.python.script(described).map_err(|error| match error {
            ScriptError::Refused { message, hint } => Refusal::Around { message, hint },
            ScriptError::Python(error) => {
                Refusal::Around { message: error.to_string(), hint: Some(error.hint().to_string()) }
            }
        })
    }

    fn card(&self, described: &serde_json::Value) -> Result<String, Refusal> {
        self.session
            .python
            .card(described)
            .map_err(|error| Refusal::Around { message: error.to_string(), hint: Some(error.hint().to_string()) })
    }

    fn mlflow(&self, described: &serde_json::Value) -> Result<(String, String), String> {
        self.session.python.mlflow(described, mlflow::SERVER_LIMIT)
    }

    fn model_process(&self) -> Result<ModelProcess, Refusal> {
        model_process::start(&self.session.python, &self.session.home.logs()).map_err(|error| Refusal::Around {
            message: format!("Python can't be started: {error}"),
            hint: Some("`suanzi doctor` says what is wrong with it".into()),
        })
    }

    fn onnx(&self) -> Result<suanzi_onnx::Runtime, String> {
        let library = self.onnx.find(&self.session.python.site_packages)?;
        suanzi_onnx::Runtime::open(&library).map_err(|error| error.to_string())
    }

    fn warm_up(&self) {
        if let Some(local) = &self.local {
            local.prepare();
        }
    }
}

fn of_tables(error: TablesError) -> Refusal {
    match error {
        TablesError::Refused { message, hint } => Refusal::Table { message, hint },
        TablesError::Slow(_) => {
            Refusal::Table { message: error.to_string(), hint: Some("split the file into smaller ones".into()) }
        }
        TablesError::Python(error) => {
            Refusal::Around { message: error.to_string(), hint: Some(error.hint().to_string()) }
        }
    }
}

fn around(failure: Failure) -> Refusal {
    let (message, hint) = failure.into_parts();
    Refusal::Around { message, hint }
}
