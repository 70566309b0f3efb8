//! Where the HTTP executor finds the driver: started when the first task needs it, and again where it has ended.

use crate::driver::{self, Driver};
use crate::settings::SparkOptions;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;
use suanzi_executor_http::{BaseUrl, BoxFuture, CallError, Origin, Target};
use tokio::sync::Mutex;

/// How long the driver may take to end its tasks and their sessions.
const END_LOOKS: u32 = 90;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

pub struct DriverOrigin {
    options: Arc<SparkOptions>,
    running: StdMutex<Option<Running>>,
    /// Held by the one that starts it.
    starting: Mutex<()>,
}

struct Running {
    driver: Driver,
    target: Arc<Target>,
}

impl DriverOrigin {
    pub fn new(options: SparkOptions) -> DriverOrigin {
        DriverOrigin { options: Arc::new(options), running: StdMutex::default(), starting: Mutex::default() }
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of a driver that has not ended.
    fn usable(&self) -> Option<Arc<Target>> {
        let mut running = self.running();
        let there = running.as_mut()?;
        matches!(there.driver.process.try_wait(), Ok(None)).then(|| there.target.clone())
    }

    async fn find(&self) -> Result<Arc<Target>, CallError> {
        let _starting = self.starting.lock().await;
        if let Some(target) = self.usable() {
            return Ok(target);
        }
        if let Some(gone) = self.running().take() {
            let said = driver::last_words(&gone.driver.folder);
            (self.options.terms.tell)(&format!(
                "executor {}: its driver has ended; another is started: {said}",
                self.options.terms.name
            ));
            driver::remove(&gone.driver.folder);
        }
        let options = self.options.clone();
        let started = tokio::task::spawn_blocking(move || driver::start(&options)).await;
        let driver = started.map_err(|error| CallError::Unusable(error.to_string()))?.map_err(CallError::Unusable)?;
        let base = BaseUrl::parse(&driver.address).map_err(CallError::Malformed)?;
        let target = Arc::new(Target { base, token: Some(driver.token.clone()) });
        *self.running() = Some(Running { driver, target: target.clone() });
        Ok(target)
    }
}

impl Origin for DriverOrigin {
    fn target(&self) -> BoxFuture<'_, Result<Arc<Target>, CallError>> {
        Box::pin(async {
            match self.usable() {
                Some(target) => Ok(target),
                None => self.find().await,
            }
        })
    }

    fn present(&self) -> Option<Arc<Target>> {
        self.usable()
    }

    /// Nothing to note: `target` looks at the process each time.
    fn missed(&self, _target: &Arc<Target>) {}

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let Some(mut ending) = self.running().take() else { return };
            drop(ending.driver.stdin.take());
            for _ in 0..END_LOOKS {
                if !matches!(ending.driver.process.try_wait(), Ok(None)) {
                    break;
                }
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            let _ = ending.driver.process.kill(); // it was given its time
            let _ = ending.driver.process.wait();
            driver::remove(&ending.driver.folder);
        })
    }

    /// The driver ends with its standard input.
    fn outlives(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        format!("the driver of the Spark cluster at {}", self.options.address)
    }
}
