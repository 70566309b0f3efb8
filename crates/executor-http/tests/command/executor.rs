//! An executor of one's own: a command starts a platform when the first task comes, such as `ssh gpu-box python3 platform.py …`.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use suanzi_executor_http::{BaseUrl, BoxFuture, CallError, HttpExecutor, Origin, Target, Terms};

/// How long the platform may take to end once its standard input has.
const END_LOOKS: u32 = 40;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// An executor over the platform that `command` starts on `host`. Errors: a thread or a kernel object can't be had.
pub fn executor(terms: Terms, command: Vec<String>, host: String, token: String) -> std::io::Result<HttpExecutor> {
    HttpExecutor::over(terms, Box::new(Started { command, host, token, running: Mutex::default() }))
}

struct Started {
    command: Vec<String>,
    host: String,
    token: String,
    running: Mutex<Option<Running>>,
}

struct Running {
    process: Child,
    /// The platform ends when this closes, also where the engine is killed.
    stdin: Option<ChildStdin>,
    target: Arc<Target>,
}

impl Started {
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> Result<Running, CallError> {
        // The first kind of error is tried again and opens the breaker, the second one fails the task.
        let away = |error: std::io::Error| CallError::Away(error.to_string());
        let unusable = |why: String| CallError::Unusable(format!("{}: {why}", self.command.join(" ")));
        let [program, arguments @ ..] = self.command.as_slice() else { return Err(unusable("no command".into())) };
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| unusable(error.to_string()))?;
        let stdin = process.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(away)?;
        }
        let base = BaseUrl::parse(&format!("http://{}:{}", self.host, line.trim())).map_err(|why| {
            let _ = process.kill(); // it may have ended by itself
            let _ = process.wait();
            unusable(format!("it told no port: {why}"))
        })?;
        let target = Arc::new(Target { base, token: Some(self.token.clone()) });
        Ok(Running { process, stdin, target })
    }
}

impl Origin for Started {
    fn target(&self) -> BoxFuture<'_, Result<Arc<Target>, CallError>> {
        Box::pin(async {
            let mut running = self.running();
            if let Some(there) = running.as_mut()
                && matches!(there.process.try_wait(), Ok(None))
            {
                return Ok(there.target.clone());
            }
            // What ran there is answered 404 by the new one, so it counts as lost and is run again.
            let started = self.start()?;
            Ok(running.insert(started).target.clone())
        })
    }

    fn present(&self) -> Option<Arc<Target>> {
        self.running().as_ref().map(|running| running.target.clone())
    }

    /// Nothing to note: `target` looks at the process each time.
    fn missed(&self, _target: &Arc<Target>) {}

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let Some(mut ending) = self.running().take() else { return };
            drop(ending.stdin.take());
            for _ in 0..END_LOOKS {
                if !matches!(ending.process.try_wait(), Ok(None)) {
                    return;
                }
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            let _ = ending.process.kill(); // it was given its time
            let _ = ending.process.wait();
        })
    }

    /// It ends with its standard input.
    fn outlives(&self) -> bool {
        false
    }

    fn shown(&self) -> String {
        format!("what `{}` starts", self.command.join(" "))
    }
}
