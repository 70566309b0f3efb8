//! Messages about runs' ends: noted in the database with the run's end, sent by a thread that no run waits for, to hosts that the administrator allowed.

mod allowed;
mod message;
mod outbox;
mod post;
mod sender;
#[cfg(test)]
mod tests;

pub use allowed::WebhookHost;
pub(crate) use outbox::Outbox;
pub(crate) use sender::Sender;
