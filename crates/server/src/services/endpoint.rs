//! A service under way: who answers for it now, how many requests are under way, and the task that keeps its process alive.

use super::input::Rows;
use super::model::Model;
use super::traffic::{End, Meter};
use super::worker::{About, Fault, Order, Said, Scores};
use crate::host::Host;
use crate::problem::Answer;
use crate::runs::blocking;
use axum::body::Bytes;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use suanzi_api::{Code, Problem};
use suanzi_store::ServiceRow;
use tokio::sync::watch;

/// Bodies from here on are read beside the thread that serves connections.
const LARGE_BYTES: usize = 64 << 10;
/// How long a request waits for a process that starts.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long an answer may take; then the process is taken to hang, and ended.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// The pause before the second try in a row; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// A process that lived this long was no failed start.
const SETTLED: Duration = Duration::from_secs(60);

/// Reads a body by a model's columns: its rows, and what else it says.
pub(super) type Read<T> = fn(&[u8], &About) -> Result<(Rows, T), Problem>;

/// Who answers.
#[derive(Clone)]
pub(super) enum Who {
    Starting,
    Ready(Arc<Model>),
    Down(String),
}

/// A version as it is served: replaced as a whole by a switch.
pub(super) struct Slot {
    pub order: Order,
    who: watch::Sender<Who>,
    /// True once another version is served.
    retired: watch::Sender<bool>,
}

pub(super) struct Endpoint {
    state: Mutex<(ServiceRow, Arc<Slot>)>,
    in_flight: AtomicU32,
    meter: Mutex<Meter>,
}

/// An answer, and the version that gave it.
pub(super) struct Scored {
    pub version: u32,
    pub rows: usize,
    pub scores: Scores,
}

/// A request under way.
pub(super) struct Entered<'a> {
    endpoint: &'a Endpoint,
    began: Instant,
}

impl Slot {
    /// With a process that was started already, or one to be started. Its task ends when it is retired.
    pub fn begin(host: Arc<dyn Host>, order: Order, model: Option<Arc<Model>>) -> Arc<Slot> {
        let who = model.clone().map_or(Who::Starting, Who::Ready);
        let slot = Arc::new(Slot { order, who: watch::channel(who).0, retired: watch::channel(false).0 });
        tokio::spawn(keep(slot.clone(), host, model));
        slot
    }

    pub fn who(&self) -> Who {
        self.who.borrow().clone()
    }

    pub fn retire(&self) {
        self.retired.send_replace(true);
    }
}

/// Until it is retired. Requests under way hold its process; that ends with the last of them.
async fn keep(slot: Arc<Slot>, host: Arc<dyn Host>, first: Option<Arc<Model>>) {
    keep_alive(&slot, host, first).await;
    slot.who.send_replace(Who::Down("it isn't served any more".into()));
}

/// Starts the process again whenever it ends.
async fn keep_alive(slot: &Slot, host: Arc<dyn Host>, mut first: Option<Arc<Model>>) {
    let mut retired = slot.retired.subscribe();
    let mut failures = 0_u32;
    loop {
        let model = match first.take() {
            Some(model) => Ok(model),
            None => {
                slot.who.send_replace(Who::Starting);
                let starting = pin!(Model::start(host.clone(), slot.order.clone()));
                match select(starting, pin!(retired.wait_for(|over| *over))).await {
                    Either::Left((started, _)) => started,
                    Either::Right(_) => return,
                }
            }
        };
        let why = match model {
            Ok(model) => {
                let (gone, began) = (model.gone(), Instant::now());
                slot.who.send_replace(Who::Ready(model));
                if let Either::Right(_) = select(pin!(gone), pin!(retired.wait_for(|over| *over))).await {
                    return;
                }
                if began.elapsed() > SETTLED {
                    failures = 0;
                }
                "its process ended".to_string()
            }
            Err(Said { message, .. }) => {
                // A start that fails is no accident: the first pause comes before the second try.
                failures += 1;
                message
            }
        };
        let pause = match failures {
            0 => Duration::ZERO,
            count => FIRST_PAUSE.saturating_mul(1 << (count - 1).min(10)).min(MAX_PAUSE),
        };
        failures += 1;
        if !pause.is_zero() {
            slot.who.send_replace(Who::Down(why));
            let over = pin!(retired.wait_for(|over| *over));
            if let Either::Right(_) = select(pin!(tokio::time::sleep(pause)), over).await {
                return;
            }
        }
    }
}

impl Endpoint {
    pub fn new(row: ServiceRow, slot: Arc<Slot>) -> Endpoint {
        Endpoint { state: Mutex::new((row, slot)), in_flight: AtomicU32::new(0), meter: Mutex::new(Meter::new()) }
    }

    pub fn slot(&self) -> Arc<Slot> {
        lock(&self.state).1.clone()
    }

    pub fn meter(&self) -> MutexGuard<'_, Meter> {
        lock(&self.meter)
    }

    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// From now on `slot` answers; what was asked of the one before is answered by that.
    pub fn switch(&self, row: ServiceRow, slot: Arc<Slot>) {
        let before = std::mem::replace(&mut *lock(&self.state), (row, slot));
        before.1.retire();
    }

    /// A place among the requests under way.
    pub fn enter(&self) -> Result<Entered<'_>, Problem> {
        let most = lock(&self.state).0.concurrency;
        if self.in_flight.fetch_add(1, Ordering::SeqCst) >= most {
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            self.meter().note(End::Refused, Duration::ZERO);
            return Err(Problem::new(Code::ServiceBusy, format!("{most} requests are under way, as many as may be"))
                .hint(Some("ask again a little later, or deploy the service with a larger concurrency")));
        }
        Ok(Entered { endpoint: self, began: Instant::now() })
    }

    /// What answers now; waits for what starts.
    pub async fn model(&self) -> Result<(ServiceRow, Arc<Model>), Problem> {
        let limit = Instant::now() + START_LIMIT;
        loop {
            let (row, slot) = lock(&self.state).clone();
            let mut changes = slot.who.subscribe();
            let who = changes.borrow_and_update().clone();
            match who {
                Who::Ready(model) => return Ok((row, model)),
                // Another version took its place between the two looks.
                Who::Down(_) if !Arc::ptr_eq(&slot, &self.slot()) => continue,
                Who::Down(why) => return Err(down(&why)),
                Who::Starting => {
                    let left = limit.saturating_duration_since(Instant::now());
                    match tokio::time::timeout(left, changes.changed()).await {
                        Ok(_) => continue,
                        Err(_) => return Err(down("its process still loads the model")),
                    }
                }
            }
        }
    }
}

impl Entered<'_> {
    /// Reads a body by the columns of the model that answers it, scores, and counts. `T` is what else the body says.
    pub async fn score<T: Send + 'static>(self, body: Bytes, read: Read<T>) -> Result<(Scored, T), Problem> {
        let scored = self.ask(body, read).await;
        let end = match &scored {
            Ok((scored, _)) => End::Answered { rows: scored.rows },
            Err(problem) if problem.status < 500 => End::BadInput,
            Err(_) => End::Failed,
        };
        self.endpoint.meter().note(end, self.began.elapsed());
        scored
    }

    async fn ask<T: Send + 'static>(&self, body: Bytes, read: Read<T>) -> Result<(Scored, T), Problem> {
        let (row, model) = self.endpoint.model().await?;
        let (rows, more) = if body.len() < LARGE_BYTES {
            read(&body, &model.about)?
        } else {
            let model = model.clone();
            blocking(move || read(&body, &model.about)).await.map_err(|Answer(problem)| problem)?
        };
        let count = rows.count;
        match tokio::time::timeout(ANSWER_LIMIT, model.score(rows)).await {
            Ok(Ok(scores)) => Ok((Scored { version: row.served.version, rows: count, scores }, more)),
            Ok(Err(Fault::Refused(said))) => Err(Problem::new(Code::InvalidInput, said.message).hint(said.hint)),
            Ok(Err(Fault::Gone)) => Err(down("its process ended before it answered")),
            Err(_) => {
                model.kill();
                Err(down(&format!("its process gave no answer in {} s and was ended", ANSWER_LIMIT.as_secs())))
            }
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.endpoint.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

fn down(why: &str) -> Problem {
    Problem::new(Code::ServiceDown, format!("the service has no process that answers: {why}"))
        .hint(Some("it is started again; ask again a little later"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
