//! How a replay server is made.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::error::ReplayError;
use super::load::{Named, load, tell_apart};
use super::matching::Shelf;
use super::server::{Player, ReplayServer};
use crate::auth::verify::{AccessKey, Verifier};
use crate::serve::{Call, Server, ServerBuilder, Speed};
use crate::tape::Tape;

/// AWS's documented example, which is nobody's key.
pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const API_KEY: &str = "bedrock-api-key-example";

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// Makes a [`ReplayServer`], or a `ReplayTransport` for a client in the process.
#[must_use = "a builder does nothing until `start` or `transport` is called"]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct ReplayBuilder {
    tapes: Vec<Source>,
    any_body: bool,
    once: bool,
    speed: Speed,
    unverified: bool,
    tls: bool,
    addr: SocketAddr,
    access_key: AccessKey,
    session_expires: Option<SystemTime>,
    region: Option<String>,
    api_key: String,
    clock: Clock,
}

enum Source {
    Tape(Box<Named>),
    Path(PathBuf),
}

impl ReplayBuilder {
    pub(super) fn new() -> Self {
        Self {
            tapes: Vec::new(),
            any_body: false,
            once: false,
            speed: Speed::default(),
            unverified: false,
            tls: false,
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            access_key: AccessKey::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY),
            session_expires: None,
            region: None,
            api_key: API_KEY.to_owned(),
            clock: Box::new(SystemTime::now),
        }
    }

    /// Adds a tape under a name of the caller's.
    pub fn tape(mut self, name: impl Into<String>, tape: Tape) -> Self {
        self.tapes.push(Source::Tape(Box::new(Named {
            name: name.into(),
            before: Vec::new(),
            tape,
        })));
        self
    }

    /// Adds the tape in a file, or all tapes in a directory: the files that end
    /// in `.jsonl`, however deep, in the order of their paths. They are named
    /// by their path below the directory, and where several would have one name,
    /// by as much of the path before it as tells them apart. Read at
    /// [`start`](Self::start).
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.tapes.push(Source::Path(path.into()));
        self
    }

    /// Whether a tape answers every body of its operation and model. By default
    /// not: the body must be the recorded one, as JSON. The members of a query
    /// must be the recorded ones in either case.
    pub fn any_body(self, any_body: bool) -> Self {
        Self { any_body, ..self }
    }

    /// Whether each tape is played once, and a request with no tape left gets
    /// 404. By default the last tape of a request is played again.
    pub fn once(self, once: bool) -> Self {
        Self { once, ..self }
    }

    /// How fast. By default at the recorded times; what has none goes at once.
    pub fn speed(self, speed: Speed) -> Self {
        Self { speed, ..self }
    }

    /// Whether to take anybody, with any proof or none, which only a transport
    /// may: a client can ask it with its real credentials, for nothing leaves
    /// the process. By default not; [`start`](Self::start) fails with it.
    pub fn unverified(self, unverified: bool) -> Self {
        Self { unverified, ..self }
    }

    /// Whether to speak TLS, with a certificate made at start. By default not.
    pub fn tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// Where to listen: a loopback address. By default a free port on 127.0.0.1.
    pub fn listen(self, addr: SocketAddr) -> Self {
        Self { addr, ..self }
    }

    /// The credentials to sign with, in place of AWS's example
    /// `AKIDEXAMPLE` and `wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY`.
    pub fn credentials(
        self,
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        let key = AccessKey::new(access_key_id, secret_access_key);
        let access_key = match session_token {
            Some(token) => key.session_token(token),
            None => key,
        };
        Self { access_key, ..self }
    }

    /// From when on the credentials count as expired, session token or not: a
    /// request signed with them then gets `ExpiredTokenException`. By default
    /// they never do.
    pub fn session_expires(self, at: SystemTime) -> Self {
        Self { session_expires: Some(at), ..self }
    }

    /// The region to stand for: a signature scoped to another gets
    /// `InvalidSignatureException`. By default every region is good. API keys
    /// name none.
    pub fn region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// The API key to ask with, in place of `bedrock-api-key-example`.
    pub fn api_key(self, key: impl Into<String>) -> Self {
        Self { api_key: key.into(), ..self }
    }

    /// The time to check signatures by and to tell in `date`; by default the
    /// system's clock.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Box::new(now), ..self }
    }

    /// Reads the tapes and listens. Must be called within a tokio runtime,
    /// which then runs the server.
    ///
    /// # Errors
    /// Where there is no tape, one cannot be read or served, or the server does
    /// not start; and where it is to take anybody.
    pub async fn start(self) -> Result<ReplayServer, ReplayError> {
        let (server, player) = self.parts()?;
        let handler = Arc::clone(&player);
        let server = server.start(move |call: &Call| handler.answer(call)).await?;
        Ok(ReplayServer::new(server, player))
    }

    /// Reads the tapes, for a client that asks within the process.
    /// [`listen`](Self::listen) and [`tls`](Self::tls) are not for it and not
    /// looked at.
    ///
    /// # Errors
    /// Where there is no tape, one cannot be read or served, or the speed is
    /// none.
    #[cfg(feature = "client")]
    pub fn transport(self) -> Result<super::ReplayTransport, ReplayError> {
        let (server, player) = self.parts()?;
        let handler = Arc::clone(&player);
        let local = server.local(move |call: &Call| handler.answer(call))?;
        Ok(super::ReplayTransport::new(local, player))
    }

    fn parts(self) -> Result<(ServerBuilder, Arc<Player>), ReplayError> {
        let tapes = Shelf::new(read(self.tapes)?, self.any_body)?;
        let player = Arc::new(Player::new(tapes, self.once));
        let access_key = match self.session_expires {
            Some(at) => self.access_key.expires(at),
            None => self.access_key,
        };
        let verifier = Verifier::new().access_key(access_key).bearer_key(self.api_key);
        let verifier = match self.region {
            Some(region) => verifier.region(region),
            None => verifier,
        };
        let server = Server::builder(verifier)
            .listen(self.addr)
            .tls(self.tls)
            .clock(self.clock)
            .speed(self.speed)
            .unverified(self.unverified);
        Ok((server, player))
    }
}

fn read(sources: Vec<Source>) -> Result<Vec<Named>, ReplayError> {
    let mut tapes = Vec::new();
    for source in sources {
        match source {
            Source::Tape(tape) => tapes.push(*tape),
            Source::Path(path) => tapes.extend(load(&path)?),
        }
    }
    tell_apart(&mut tapes);
    Ok(tapes)
}

impl fmt::Debug for ReplayBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBuilder")
            .field("any_body", &self.any_body)
            .field("once", &self.once)
            .field("speed", &self.speed)
            .field("unverified", &self.unverified)
            .field("tls", &self.tls)
            .field("addr", &self.addr)
            .field("access_key", &self.access_key)
            .field("session_expires", &self.session_expires)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
