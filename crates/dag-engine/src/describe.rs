//! The describer: off the critical path, it reads each published table once for its content id and statistics, and brings every published file to the disk for good.

use crate::core::DescribeJob;
use crate::hold::Message;
use std::sync::mpsc::Receiver;
use suanzi_artifact as artifact;

/// Runs until the engine drops its end of the channel.
pub(crate) fn run(jobs: Receiver<DescribeJob>, tell: &dyn Fn(Message)) {
    let mut waiting: Vec<DescribeJob> = Vec::new();
    loop {
        // Content ids first: successors may wait for them. Syncing can wait until there is nothing to read.
        let job = match waiting.is_empty() {
            true => match jobs.recv() {
                Ok(job) => Some(job),
                Err(_) => return,
            },
            false => jobs.try_recv().ok(),
        };
        match job {
            Some(job) => {
                if job.table {
                    tell(described(&job));
                }
                waiting.push(job);
            }
            None => {
                for job in waiting.drain(..) {
                    if let Err(error) = artifact::fsync_file_and_dir(&job.path) {
                        eprintln!("error: {} can't be brought to the disk ({error}); stopping now, `suanzi runs resume` goes on", job.path.display());
                        std::process::abort();
                    }
                    tell(Message::Durable { run: job.run, artifact: job.artifact });
                }
            }
        }
    }
}

fn described(job: &DescribeJob) -> Message {
    let what = match artifact::describe(&job.path) {
        Ok(table) => Some((table.content_id, serde_json::to_string(&table.stats).unwrap_or_else(|_| "null".into()))),
        Err(error) => {
            eprintln!("warning: {} can't be described: {error}", job.path.display());
            None
        }
    };
    Message::Described { run: job.run, op: job.op, port: job.port, artifact: job.artifact.clone(), what }
}
