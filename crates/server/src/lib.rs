//! The engine's HTTP API: who asks over the home's socket, or over TCP with a token or a session, can begin runs in this engine, watch them and cancel them.
//!
//! [`Server`] is a thread with a listener; [`Host`] is what it asks of the program around it, which alone knows operators and interpreters.

mod asked;
mod attached;
mod body;
mod canvas;
mod clock;
mod dags;
mod data;
mod documents;
mod download;
mod events;
mod feed;
mod health;
mod host;
mod mlflow;
mod models;
mod news;
mod openapi;
mod operators;
mod outputs;
mod peer;
mod problem;
mod reports;
mod router;
mod runs;
mod schedules;
mod server;
mod service;
mod services;
mod settings;
mod task_log;
mod tasks;
mod templates;
#[cfg(test)]
mod tests;
mod web;
mod webhooks;
mod wire;

pub use attached::MAX_ATTACHED_RUNS;
pub use host::{Host, ModelProcess, Refusal};
pub use server::{Options, SERVING, Server};
pub use services::stopped_service;
pub use web::{
    Access, AccessOptions, CODE_LIFETIME_S, MAX_FAILURES, MAX_SESSIONS, MIN_PASSWORD_CHARACTERS, MIN_TOKEN_CHARACTERS,
    SESSION_IDLE_H, SESSION_LIFETIME_H, WINDOW_S, Web,
};
pub use webhooks::WebhookHost;
