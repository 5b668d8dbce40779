//! The listener, and the server as its owner holds it.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::error::ServeError;
use super::fault::{AppliedFault, Fault, FaultError, Faults};
use super::gate::{Clock, Gate};
use super::handler::Handler;
use super::journal::Journal;
use super::local::Local;
use super::pace::Speed;
use super::tasks::Tasks;
use super::tls::Tls;
use super::wire::{Socket, Watched, Wire};
use crate::auth::verify::Verifier;

/// Bytes of a request's body, by default: a little more than the 25,000,000
/// that the service takes (Bedrock API Reference, `InvokeModel`, `body`).
const BODY_LIMIT: usize = 26 * 1024 * 1024;

/// How many connections are served at once; more wait to be accepted.
const CONNECTIONS: usize = 4096;

/// How long a connection may take to its first request, TLS included, and
/// HTTP/1.1 to each head. Nothing is asked of idle HTTP/2 connections: on one
/// machine the system tells when the other side is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// When the system is out of what a connection needs, some may soon be free.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A running server.
///
/// When it is dropped its port is free at once, and all its tasks are told to
/// end; on a runtime of several threads one may run on until it next waits.
/// [`stop`](Self::stop) waits until they are gone.
///
/// It speaks HTTP/1.1 and HTTP/2, over TLS as the client chooses (ALPN), in
/// clear as the client begins (prior knowledge).
pub struct Server {
    addr: SocketAddr,
    certificate_pem: Option<String>,
    listener: Arc<Listener>,
    tasks: Tasks,
    gate: Arc<Gate>,
}

impl Server {
    /// A server that lets in whom this verifier accepts.
    pub fn builder(verifier: Verifier) -> ServerBuilder {
        ServerBuilder {
            verifier,
            unverified: false,
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: false,
            clock: Arc::new(SystemTime::now),
            speed: Speed::default(),
            body_limit: BODY_LIMIT,
            faults: Vec::new(),
            control: true,
        }
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Scheme and authority, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        let scheme = if self.certificate_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.addr)
    }

    /// The certificate that clients must trust, in PEM; none without TLS.
    ///
    /// It is good for `localhost`, `127.0.0.1`, `::1` and the address it
    /// listens on, for a year, and made anew at each start.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate_pem.as_deref()
    }

    /// What was asked, and how it ended. It outlives the server.
    pub fn journal(&self) -> Journal {
        self.gate.journal.clone()
    }

    /// The faults there are now, and how often each was applied.
    pub fn faults(&self) -> Vec<AppliedFault> {
        self.gate.faults.list()
    }

    /// Sets other faults in place of all there are; none of them is applied yet.
    ///
    /// # Errors
    /// Where one of them cannot be done. Then nothing changes.
    pub fn set_faults(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        self.gate.faults.set(faults)
    }

    /// Begins anew: an empty journal, the faults of the start with their counters
    /// and seeds, and a handler that remembers nothing.
    pub fn reset(&self) {
        self.gate.reset();
    }

    /// Ends all connections and waits until they are gone and the port is free.
    pub async fn stop(self) {
        self.gate.journal.stopping();
        self.listener.close();
        self.tasks.ended().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.gate.journal.stopping();
        self.listener.close();
        self.tasks.end();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// Makes a [`Server`].
#[must_use = "a builder does nothing until `start` or `local` is called"]
pub struct ServerBuilder {
    verifier: Verifier,
    unverified: bool,
    addr: SocketAddr,
    tls: bool,
    clock: Clock,
    speed: Speed,
    body_limit: usize,
    faults: Vec<Fault>,
    control: bool,
}

impl ServerBuilder {
    /// Where to listen: a loopback address. By default a free port on 127.0.0.1.
    pub fn listen(self, addr: SocketAddr) -> Self {
        Self { addr, ..self }
    }

    /// Whether to speak TLS, with a certificate made at start. By default not.
    pub fn tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// The time to check signatures by and to tell in `date`; by default the
    /// system's clock.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(now), ..self }
    }

    /// How fast timed replies are played. By default at their times.
    pub fn speed(self, speed: Speed) -> Self {
        Self { speed, ..self }
    }

    /// The longest body of a request in bytes; a longer one is answered with 413.
    /// By default 26 MiB, of which the service takes 25,000,000 bytes.
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { body_limit: bytes, ..self }
    }

    /// Adds a fault behind those that were added before.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Whether the paths below `/_bedrock-wire/` are the control plane's, which
    /// asks for no proof: whoever reaches the server reads there what was asked
    /// of it, and sets its faults. By default they are.
    pub fn control(self, control: bool) -> Self {
        Self { control, ..self }
    }

    /// Whether to take anybody, with any proof or none
    /// ([`Caller::Unverified`]), as only a [`local`](Self::local) server may: its
    /// caller may sign with whatever keys it has, for nothing leaves the process.
    /// By default not.
    ///
    /// [`Caller::Unverified`]: crate::auth::verify::Caller::Unverified
    pub fn unverified(self, unverified: bool) -> Self {
        Self { unverified, ..self }
    }

    /// A server for calls from within the process, which listens nowhere.
    /// [`listen`](Self::listen) and [`tls`](Self::tls) are not for it and not
    /// looked at.
    ///
    /// # Errors
    /// Where the speed is none, or a fault cannot be done.
    pub fn local(self, handler: impl Handler) -> Result<Local, ServeError> {
        Ok(Local::new(self.gate(handler)?))
    }

    /// Listens. Must be called within a tokio runtime, which then runs the
    /// server.
    ///
    /// # Errors
    /// Where the address is not loopback or cannot be bound, no certificate
    /// can be made, the speed is none, a fault cannot be done, or it is to take
    /// anybody.
    pub async fn start(self, handler: impl Handler) -> Result<Server, ServeError> {
        if self.unverified {
            return Err(ServeError::Unverified);
        }
        if !self.addr.ip().is_loopback() {
            return Err(ServeError::NotLoopback(self.addr));
        }
        let tls = self.tls.then(|| Tls::new(self.addr.ip())).transpose()?;
        let addr = self.addr;
        let gate = Arc::new(self.gate(handler)?);
        let (listener, addr) = bind(addr).await?;
        let tasks = Tasks::new();
        let (acceptor, certificate_pem) =
            tls.map(|tls| (tls.acceptor, tls.certificate_pem)).unzip();
        let connections = Connections { gate: Arc::clone(&gate), acceptor, tasks: tasks.clone() };
        let listener = Arc::new(Listener::new(listener));
        tasks.spawn(connections.accept(Arc::clone(&listener)));
        Ok(Server { addr, certificate_pem, listener, tasks, gate })
    }

    fn gate(self, handler: impl Handler) -> Result<Gate, ServeError> {
        Ok(Gate {
            verifier: if self.unverified { Verifier::anyone() } else { self.verifier },
            clock: self.clock,
            speed: self.speed.check()?,
            body_limit: self.body_limit,
            handler: Box::new(handler),
            journal: Journal::new(),
            faults: Faults::new(self.faults)?,
            control: self.control,
        })
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("verifier", &self.verifier)
            .field("addr", &self.addr)
            .field("tls", &self.tls)
            .field("speed", &self.speed)
            .finish_non_exhaustive()
    }
}

async fn bind(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |error| ServeError::Bind { addr, error };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The listener, which the server closes without waiting for its tasks.
struct Listener(Mutex<Option<TcpListener>>);

impl Listener {
    fn new(listener: TcpListener) -> Self {
        Listener(Mutex::new(Some(listener)))
    }

    /// The next connection; `None` once it is closed.
    async fn accept(&self) -> Option<io::Result<TcpStream>> {
        poll_fn(|cx| match &*self.lock() {
            Some(listener) => listener.poll_accept(cx).map_ok(|(stream, _)| stream).map(Some),
            None => Poll::Ready(None),
        })
        .await
    }

    fn close(&self) {
        drop(self.lock().take());
    }

    fn lock(&self) -> MutexGuard<'_, Option<TcpListener>> {
        // Nothing that is done under the lock leaves it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What each connection needs.
#[derive(Clone)]
struct Connections {
    gate: Arc<Gate>,
    acceptor: Option<TlsAcceptor>,
    tasks: Tasks,
}

impl Connections {
    async fn accept(self, listener: Arc<Listener>) {
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        // The semaphore is never closed, and the listener when the server ends.
        while let Ok(permit) = Arc::clone(&free).acquire_owned().await {
            match listener.accept().await {
                Some(Ok(stream)) => {
                    let connection = self.clone().connection(stream);
                    self.tasks.spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Some(Err(error)) if is_of_the_connection(&error) => {}
                Some(Err(_)) => tokio::time::sleep(ACCEPT_AGAIN).await,
                None => return,
            }
        }
    }

    async fn connection(self, stream: TcpStream) {
        // Without it a piece may wait for the acknowledgement of the one before.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let first_by = Instant::now() + PATIENCE;
        match &self.acceptor {
            None => self.http(stream, first_by).await,
            // A client that does not trust the certificate says so by itself.
            Some(acceptor) => {
                if let Ok(Ok(stream)) = timeout_at(first_by, acceptor.accept(stream)).await {
                    self.http(stream, first_by).await;
                }
            }
        }
    }

    async fn http(&self, stream: impl Socket + 'static, first_by: Instant) {
        let wire = Arc::<Wire>::default();
        let stream = Watched::new(stream, Arc::clone(&wire));
        let asked = AtomicBool::new(false);
        let service = service_fn(|request| {
            asked.store(true, Ordering::Relaxed);
            let (gate, wire, tasks) =
                (Arc::clone(&self.gate), Arc::clone(&wire), self.tasks.clone());
            async move { gate.serve(request, wire, &tasks).await }
        });
        let mut server = auto::Builder::new(self.tasks.clone());
        server.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        server.http2().timer(TokioTimer::new());
        let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
        let first = poll_fn(|cx| match connection.as_mut().poll(cx) {
            // How a connection ends, well or broken, its client knows.
            Poll::Ready(_) => Poll::Ready(false),
            Poll::Pending if asked.load(Ordering::Relaxed) => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        });
        if let Ok(true) = timeout_at(first_by, first).await {
            let _ = connection.await;
        }
    }
}

/// Whether only the connection that was to be accepted failed.
fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
