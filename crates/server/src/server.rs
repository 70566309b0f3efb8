//! The server's thread: one for all connections; what blocks runs beside it.

use crate::attached::Attached;
use crate::clock::{Clock, WallClock};
use crate::data::Places;
use crate::host::Host;
use crate::mlflow::Mlflow;
use crate::peer::OwnUserOnly;
use crate::problem::of_store;
use crate::router::{for_peers, for_web};
use crate::schedules::{Driver, Keeper};
use crate::service::Service;
use crate::services::Services;
use crate::web::{self, Web};
use crate::webhooks::{Outbox, Sender, WebhookHost};
use futures_util::future::{Either, join, ready, select};
use std::future::IntoFuture;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use suanzi_api::Problem;
use suanzi_dag_engine::{Deploy, Engine};
use tokio::sync::{mpsc, oneshot, watch};

/// Calls into the engine at one time.
const MAX_BLOCKING_THREADS: usize = 8;
/// How long readers of events have to take the last ones when the server ends.
const GOODBYE_MS: u64 = 1_000;

/// How the names of owners begin that serve over TCP: the ends of their runs are told, those of commands' runs aren't.
pub const SERVING: &str = "serve-";

pub struct Options {
    pub engine: Arc<Engine>,
    /// The name under which the engine owns runs.
    pub owner: String,
    pub host: Arc<dyn Host>,
    /// `$SUANZI_HOME`: uploads and datasets lie below it.
    pub home: PathBuf,
    /// Hosts that may be told of runs' ends.
    pub webhook_hosts: Vec<WebhookHost>,
    /// Serves over TCP too.
    pub web: Option<Web>,
}

/// A running server. Dropping it ends it as [`Server::stop`] does.
pub struct Server {
    attached: Arc<Attached>,
    service: Arc<Service>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Only where the API is served over TCP: one-off commands begin nobody's runs.
    schedules: Option<Driver>,
    sender: Option<Sender>,
}

impl Server {
    /// Serves on a bound and listening socket, in a thread of its own. Returns at once.
    pub fn start(listener: UnixListener, options: Options) -> io::Result<Server> {
        let attached = Arc::new(Attached::default());
        let Options { engine, owner, host, home, webhook_hosts, web } = options;
        let data = Arc::new(Places::new(&home));
        data.sweep();
        let access = web.as_ref().map(|web| web.access.clone());
        let (news, once) = Default::default();
        let clock: Arc<dyn Clock> = Arc::new(WallClock::new()?);
        let schedules = Arc::new(Keeper::new(engine.store().clone(), clock.clone()));
        let store = engine.store().clone();
        let outbox = Arc::new(Outbox::new(store, Arc::new(WallClock::new()?), webhook_hosts, web.is_some()));
        let artifacts = engine.artifacts().clone();
        let mlflow = Arc::new(Mlflow::new(&home, Arc::new(WallClock::new()?)));
        let services = Services::new(engine.store().clone(), host.clone(), artifacts, web.is_some());
        let service = Arc::new(Service {
            news,
            once,
            engine,
            owner,
            host,
            attached: attached.clone(),
            data,
            schedules: schedules.clone(),
            outbox: outbox.clone(),
            mlflow: mlflow.clone(),
            services,
            home,
            web: access,
        });
        let (driver, sender) = match web {
            Some(_) => {
                let (store, host) = (service.engine.store().clone(), service.host.clone());
                mlflow.begin(store, service.engine.artifacts().clone(), host)?;
                let driver = Driver::start(schedules, clock, service.clone())?;
                (Some(driver), Some(Sender::start(outbox, SERVING)?))
            }
            None => (None, None),
        };
        let (stop, stopped) = oneshot::channel();
        let served = service.clone();
        let (deploy, deployments) = mpsc::unbounded_channel();
        if service.web.is_some() {
            service.engine.deploys_by(Box::new(move |asked| deploy.send(asked).is_ok()));
        }
        let thread = std::thread::Builder::new().name("suanzi-api".into()).spawn(move || {
            if let Err(error) = serve(listener, web, served, deployments, stopped) {
                eprintln!("warning: other commands can't attach to this one: {error}");
            }
        })?;
        Ok(Server { attached, service, stop: Some(stop), thread: Some(thread), schedules: driver, sender })
    }

    /// Runs that others began here and that haven't ended.
    pub fn attached(&self) -> usize {
        self.attached.count()
    }

    /// Takes no more runs, if none of others is going; else changes nothing and says how many are.
    pub fn close(&self) -> Result<(), usize> {
        self.attached.close()
    }

    /// Waits until no run of others is going, then takes no more.
    pub fn close_when_idle(&self) {
        self.attached.close_when_idle();
    }

    /// Schedules that aren't paused.
    pub fn active_schedules(&self) -> Result<usize, Problem> {
        let planned = self.service.schedules.planned().map_err(|e| of_store(&e))?;
        Ok(planned.iter().filter(|planned| !planned.paused).count())
    }

    /// Takes up every run that was interrupted under an earlier owner, the oldest first; tells how that went for each. Where more were interrupted than may go at once, it returns when the last has begun, or when the server closes.
    pub fn resume_interrupted(&self, tell: &dyn Fn(&str, Result<(), Problem>)) -> Result<(), Problem> {
        self.service.resume_all(tell)
    }

    /// Takes no more runs from the moment the function is called, from any thread.
    pub fn closer(&self) -> impl Fn() + Send + Sync + 'static {
        let attached = self.attached.clone();
        move || attached.begin_closing()
    }

    /// Takes no more runs and waits for those that go, at most `grace`; gives how many are left.
    pub fn drain(&self, grace: Duration) -> usize {
        self.attached.drain(grace)
    }

    /// Ends a [`Server::close_when_idle`] early, from any thread.
    pub fn leaver(&self) -> impl Fn() + Send + Sync + 'static {
        let attached = self.attached.clone();
        move || attached.leave()
    }

    /// Ends connections, after giving readers a moment, and the thread.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop((self.schedules.take(), self.sender.take()));
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn serve(
    listener: UnixListener,
    web: Option<Web>,
    service: Arc<Service>,
    deployments: mpsc::UnboundedReceiver<Deploy>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()?;
    let result = runtime.block_on(async {
        let listener = OwnUserOnly::new(tokio::net::UnixListener::from_std(listener)?);
        let (ended, ending) = watch::channel(false);
        let serving = axum::serve(listener, for_peers(service.clone())).with_graceful_shutdown(until(ending.clone()));
        service.services.begin().await;
        let of_runs = service.clone();
        tokio::spawn(async move { of_runs.services.follow(deployments).await });
        let web = match web {
            Some(Web { listener, access }) => {
                listener.set_nonblocking(true)?;
                let listener = tokio::net::TcpListener::from_std(listener)?;
                Either::Left(web::serve(listener, for_web(service, access), until(ending)))
            }
            None => Either::Right(ready(())),
        };
        let bound = async {
            let _ = stopped.await;
            let _ = ended.send(true);
            tokio::time::sleep(Duration::from_millis(GOODBYE_MS)).await;
        };
        let both = join(serving.into_future(), web);
        match select(pin!(both), pin!(bound)).await {
            Either::Left(((result, ()), _)) => result,
            Either::Right(((), _)) => Ok(()),
        }
    });
    // A request that still prepares a run has been refused its ticket or ends with the process.
    runtime.shutdown_background();
    result
}

async fn until(mut ending: watch::Receiver<bool>) {
    // Its sender lives as long as the server does.
    let _ = ending.wait_for(|over| *over).await;
}
