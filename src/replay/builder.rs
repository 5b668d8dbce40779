//! How a replay server is made.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use super::error::ReplayError;
use super::load::{Named, load, tell_apart};
use super::made::MadeStream;
use super::matching::{Bodies, Rules, Shelf};
use super::path::Path;
use super::server::{Answers, Player, Playing, ReplayServer};
use super::timing::MadeTiming;
use crate::auth::verify::{AccessKey, Verifier};
use crate::serve::{Fault, Server, ServerBuilder, Speed};
use crate::tape::{Scrub, Tape};

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
    match_paths: Vec<String>,
    in_order: bool,
    scrub: Option<Scrub>,
    timing: Option<MadeTiming>,
    made: Option<MadeStream>,
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
    faults: Vec<Fault>,
    control: bool,
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
            match_paths: Vec::new(),
            in_order: false,
            scrub: None,
            timing: None,
            made: None,
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
            faults: Vec::new(),
            control: true,
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

    /// Compares of bodies only what these paths lead to; the rest may differ.
    /// Several calls add up. By default all of a body is compared.
    ///
    /// A path is a part of `JSONPath` (RFC 9535): `$`, then `.name`, `["name"]`,
    /// `[0]` (from the start), `.*` or `[*]`, such as `$.messages[*].content`
    /// and `$.system`. What they lead to must be the same and in the same
    /// places; where a path leads to nothing in a tape's body, it must lead to
    /// nothing in the request's. Bodies that are no JSON are compared to the
    /// byte.
    pub fn match_paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.match_paths.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Whether the tapes are played once each and in the order given: a request
    /// that is not that of the next tape gets 404 with how it differs, and the
    /// next tape stays the next. By default a request is answered by whichever
    /// tape is its own.
    pub fn in_order(self, in_order: bool) -> Self {
        Self { in_order, ..self }
    }

    /// Scrubs path and body of each request before its tape is looked for, so
    /// that tapes that were scrubbed with the same settings are found. The
    /// tapes stay as they are.
    pub fn scrub(self, scrub: Scrub) -> Self {
        Self { scrub: Some(scrub), ..self }
    }

    /// Makes times for all answers, in place of the recorded ones.
    /// [`speed`](Self::speed) plays these times faster or slower.
    pub fn timing(self, timing: MadeTiming) -> Self {
        Self { timing: Some(timing), ..self }
    }

    /// Answers a ConverseStream of any model that no tape answers with this
    /// stream, at once or in the times of [`timing`](Self::timing). With it no
    /// tape is needed.
    pub fn made(self, stream: MadeStream) -> Self {
        Self { made: Some(stream), ..self }
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

    /// Adds something that goes wrong on purpose, behind what was added before.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Whether the paths below `/_bedrock-wire/` are the control plane's, as
    /// [`ServerBuilder::control`](crate::serve::ServerBuilder::control) says. By
    /// default they are.
    pub fn control(self, control: bool) -> Self {
        Self { control, ..self }
    }

    /// Reads the tapes and listens. Must be called within a tokio runtime,
    /// which then runs the server.
    ///
    /// # Errors
    /// Where there is no tape, one cannot be read or served, a fault cannot be
    /// done, or the server does not start; and where it is to take anybody.
    pub async fn start(self) -> Result<ReplayServer, ReplayError> {
        let (server, player) = self.parts()?;
        let server = server.start(Answers(Arc::clone(&player))).await?;
        Ok(ReplayServer::new(server, player))
    }

    /// Reads the tapes, for a client that asks within the process.
    /// [`listen`](Self::listen) and [`tls`](Self::tls) are not for it and not
    /// looked at.
    ///
    /// # Errors
    /// Where there is no tape, one cannot be read or served, a fault cannot be
    /// done, or the speed is none.
    #[cfg(feature = "client")]
    pub fn transport(self) -> Result<super::ReplayTransport, ReplayError> {
        let (server, player) = self.parts()?;
        let local = server.local(Answers(Arc::clone(&player)))?;
        Ok(super::ReplayTransport::new(local, player))
    }

    fn parts(self) -> Result<(ServerBuilder, Arc<Player>), ReplayError> {
        let timing = self.timing.map(MadeTiming::check).transpose()?;
        let rules = Rules {
            bodies: bodies(self.any_body, &self.match_paths)?,
            scrub: self.scrub,
            has_made_times: timing.is_some(),
        };
        let playing = Playing {
            once: self.once,
            in_order: self.in_order,
            timing,
            made: self.made.map(MadeStream::reply).transpose()?,
        };
        let tapes = Shelf::new(read(self.tapes)?, rules)?;
        if tapes.entries.is_empty() && playing.made.is_none() {
            return Err(ReplayError::NoTape);
        }
        let player = Arc::new(Player::new(tapes, playing));
        let access_key = match self.session_expires {
            Some(at) => self.access_key.expires(at),
            None => self.access_key,
        };
        let verifier = Verifier::new().access_key(access_key).bearer_key(self.api_key);
        let verifier = match self.region {
            Some(region) => verifier.region(region),
            None => verifier,
        };
        let server = Server::builder(verifier);
        let server = self.faults.into_iter().fold(server, ServerBuilder::fault);
        let server = server
            .control(self.control)
            .listen(self.addr)
            .tls(self.tls)
            .clock(self.clock)
            .speed(self.speed)
            .unverified(self.unverified);
        Ok((server, player))
    }
}

fn bodies(any_body: bool, paths: &[String]) -> Result<Bodies, ReplayError> {
    match (any_body, paths) {
        (true, []) => Ok(Bodies::Any),
        (true, _) => Err(ReplayError::AnyBodyAndPaths),
        (false, []) => Ok(Bodies::Json),
        (false, paths) => {
            let paths: Result<_, _> = paths.iter().map(|path| Path::parse(path)).collect();
            Ok(Bodies::At(paths?))
        }
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
            .field("match_paths", &self.match_paths)
            .field("in_order", &self.in_order)
            .field("timing", &self.timing)
            .field("made", &self.made)
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
