//! Connections over TCP: accepted up to a bound, each with a limit on how long its headers may take.

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at one time; further ones wait in the system's queue.
pub(crate) const MAX_CONNECTIONS: usize = 512;
/// How long the headers of a request may take; also how long a connection may be idle.
const HEADERS_S: u64 = 15;
/// All headers of a request together.
const MAX_HEADERS_BYTES: usize = 64 << 10;
/// How long accepting rests when the process is out of file descriptors.
const ACCEPT_REST_MS: u64 = 50;

/// A connection's ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub peer: SocketAddr,
    pub local: SocketAddr,
}

/// Serves until `stopped`, then ends idle connections and waits for the others: the caller bounds that.
pub(crate) async fn serve(listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let accept = std::pin::pin!(accept(&listener, &room));
        let accepted = futures_util::future::select(accept, stopped.as_mut()).await;
        let futures_util::future::Either::Left(((stream, link, place), _)) = accepted else { break };
        let to_router = TowerToHyperService::new(router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(link);
            to_router.call(request)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEADERS_S))
            .max_buf_size(MAX_HEADERS_BYTES);
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Broken connections are their clients' affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

type Accepted = (tokio::net::TcpStream, Link, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Accepted {
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { continue };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                if let Ok(local) = stream.local_addr() {
                    return (stream, Link { peer, local }, place);
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await,
        }
    }
}
