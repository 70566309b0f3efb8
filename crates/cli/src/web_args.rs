//! The flags of commands that serve: how they are reached, and what they may do for whom.

use crate::args::{address, name_and_limit};
use crate::onnx_library::OnnxLibrary;
use clap::{Args as ClapArgs, ValueHint};
use std::net::IpAddr;
use std::path::PathBuf;
use suanzi_server::WebhookHost;

pub const DEFAULT_PORT: u16 = 8765;

/// How a server is reached, and what it may do for whom.
#[derive(ClapArgs, Debug)]
pub struct WebArgs {
    /// The address to listen on. Any but a loopback one needs a password
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = address)]
    pub host: IpAddr,
    /// 0: any free one
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PORT)]
    pub port: u16,
    /// Another name by which the server is reached (may be given several times)
    #[arg(long = "allow-host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// A directory from which DAGs may read files, beside registered datasets (may be given several times)
    #[arg(long = "data-root", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_roots: Vec<PathBuf>,
    /// A host that DAGs may tell of runs' ends, with its port unless that is the usual one (may be given several times)
    #[arg(long = "webhook-host", value_name = "HOST[:PORT]", env = "SUANZI_WEBHOOK_HOSTS", value_delimiter = ',')]
    pub webhook_hosts: Vec<WebhookHost>,
    /// A file (mode 600) with the password that signs in
    #[arg(long, value_name = "FILE", env = "SUANZI_PASSWORD_FILE", value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,
    /// How many operators with `pool: NAME` may run at once (may be given several times)
    #[arg(long = "pool", value_name = "NAME=N", env = "SUANZI_POOLS", value_delimiter = ',', value_parser = name_and_limit)]
    pub pools: Vec<(String, u32)>,
    /// ONNX Runtime for served models: `auto` (that of the workers' Python), `off`, or the library's file
    #[arg(long, value_name = "LIBRARY", env = "SUANZI_ONNXRUNTIME", default_value = "auto")]
    pub onnxruntime: OnnxLibrary,
    /// How long runs have to end once the server is asked to
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub grace: u32,
}
