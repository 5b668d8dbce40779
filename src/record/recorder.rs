//! The recorder as its owner holds it.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};

use super::error::RecordError;
use super::exchange::route;
use super::held::{Held, Room};
use super::mode::Mode;
use super::name::Names;
use super::report::{Failed, Log, Report};
use super::transport::RecordingTransport;
use super::writer::{Job, Writer};
use crate::client::{ResponseBody, Transport, TransportError};
use crate::operation::Body;
use crate::replay::{self, ReplayBuilder, ReplayError, ReplayServer, ReplayTransport, Speed};
use crate::tape::Scrub;

/// How many bytes may wait in memory to be written, by default.
const HELD: u64 = 1024 * 1024 * 1024;

/// Records what goes through the transports it makes into a directory of tapes,
/// or answers from these: see [`Mode`].
///
/// The name of a tape's file follows from its request: operation, model, a hash
/// of the request, and a number that counts answers to the same request, as
/// `ConverseStream-anthropic.claude-sonnet-4-5-3f2a91c0d7e4-001.tape.jsonl`.
/// What is recorded anew so takes the place of what was, and files in the order
/// of their names are in the order of play. Files of other names are left alone.
/// Of two recorders to one directory each has tapes of its own, in the next free
/// place; only with [`Mode::All`] the last one's stay.
///
/// Nothing that streams waits for the disk: pieces are kept, not copied, and a
/// thread of the recorder's own makes a tape of them when the answer has ended.
/// A tape appears in the directory as a whole.
///
/// The proof that a request is sent with is on no tape, not even where the prompt
/// repeats it: `hidden` stands there, and so that request is not found again.
///
/// When it is dropped it waits, blocking, until all that has ended is written,
/// and tells on stderr what could not be. Transports outlive it: an answer that
/// ends later has its tape later.
pub struct Recorder {
    shared: Arc<Shared>,
    /// Of how many failures somebody was told.
    told: AtomicU64,
}

/// Makes a [`Recorder`].
#[must_use = "a builder does nothing until `start` is called"]
pub struct RecorderBuilder {
    dir: PathBuf,
    mode: Mode,
    scrub: Option<Scrub>,
    speed: Speed,
    repeat: bool,
    held: u64,
}

impl RecorderBuilder {
    /// When to ask the network. By default [`Mode::NewEpisodes`].
    pub fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// What takes account ids and other things out of tapes before they are
    /// written. By default [`Scrub::new`].
    pub fn scrub(self, scrub: Scrub) -> Self {
        Self { scrub: Some(scrub), ..self }
    }

    /// Leaves account ids and request ids in tapes. Proofs and the headers that
    /// no tape has (see [`tape`](crate::tape)) are left out all the same.
    pub fn no_scrub(self) -> Self {
        Self { scrub: None, ..self }
    }

    /// How fast tapes are played. By default at the recorded times.
    pub fn speed(self, speed: Speed) -> Self {
        Self { speed, ..self }
    }

    /// Whether the last tape of a request is played again when it is asked more
    /// often than there are tapes, as [`ReplayBuilder`] does. By default so.
    /// Without it each tape is played once, as in vcr, and what is asked more
    /// often is new.
    pub fn repeat(self, repeat: bool) -> Self {
        Self { repeat, ..self }
    }

    /// How many bytes may be in memory, of exchanges that stream or wait to be
    /// written: the bodies of requests and answers, and a little for each
    /// exchange and each piece. By default 1 GiB. An answer that passes it goes
    /// on and is not recorded, which the [`Report`] tells.
    pub fn max_held(self, bytes: u64) -> Self {
        Self { held: bytes, ..self }
    }

    /// Reads the tapes that are there, and makes the directory where tapes may
    /// be written to it.
    ///
    /// # Errors
    /// Where the directory cannot be made or read, a tape in it cannot be
    /// replayed, or with [`Mode::None`] there is none.
    pub fn start(self) -> Result<Recorder, RecordError> {
        if self.mode != Mode::None {
            fs::create_dir_all(&self.dir).map_err(|error| self.io(error))?;
        }
        let player = self.player()?;
        let records = match (self.mode, &player) {
            (Mode::None, _) | (Mode::Once, Some(_)) => false,
            (Mode::Once, None) | (Mode::NewEpisodes | Mode::All, _) => true,
        };
        let names = match self.mode {
            Mode::NewEpisodes => Names::behind(&self.dir).map_err(|error| self.io(error))?,
            Mode::None | Mode::Once | Mode::All => Names::default(),
        };
        let log = Arc::<Log>::default();
        let writer = Writer {
            dir: self.dir,
            scrub: self.scrub.unwrap_or_else(Scrub::nothing),
            names,
            replaces: self.mode == Mode::All,
            rewritten: HashSet::new(),
            log: Arc::clone(&log),
        };
        let jobs = writer.start()?;
        let (begun, room) = (AtomicU64::default(), Room::of(self.held));
        let shared = Shared { player, records, jobs, log, begun, room };
        Ok(Recorder { shared: Arc::new(shared), told: AtomicU64::default() })
    }

    fn io(&self, error: io::Error) -> RecordError {
        RecordError::Io { path: self.dir.clone(), error }
    }

    /// What plays the tapes that are there, if they are to be played and there
    /// are any.
    fn player(&self) -> Result<Option<ReplayTransport>, RecordError> {
        if self.mode == Mode::All {
            return Ok(None);
        }
        match self.tapes().transport() {
            Ok(player) => Ok(Some(player)),
            Err(ReplayError::EmptyDirectory(_)) if self.mode != Mode::None => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn tapes(&self) -> ReplayBuilder {
        // Nothing leaves the process, so that who asks need not be known.
        let tapes = ReplayServer::builder().path(&self.dir).unverified(true);
        let tapes = tapes.speed(self.speed).once(!self.repeat);
        match &self.scrub {
            Some(scrub) => tapes.scrub(scrub.clone()),
            None => tapes,
        }
    }
}

impl fmt::Debug for RecorderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecorderBuilder")
            .field("dir", &self.dir)
            .field("mode", &self.mode)
            .field("scrubs", &self.scrub.is_some())
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// A recorder to a directory, which need not be there yet.
    pub fn builder(dir: impl AsRef<Path>) -> RecorderBuilder {
        RecorderBuilder {
            dir: dir.as_ref().to_owned(),
            mode: Mode::default(),
            scrub: Some(Scrub::new()),
            speed: Speed::default(),
            repeat: true,
            held: HELD,
        }
    }

    /// A transport that sends by another one and records.
    pub fn transport(&self, inner: Arc<dyn Transport>) -> RecordingTransport {
        RecordingTransport::new(inner, Arc::clone(&self.shared))
    }

    /// What puts any transport into one that records, for
    /// [`ClientBuilder::wrap_transport`](crate::client::ClientBuilder::wrap_transport).
    pub fn wrap(
        &self,
    ) -> impl Fn(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move |inner| Arc::new(RecordingTransport::new(inner, Arc::clone(&shared)))
    }

    /// Whether anything may be asked of the network: with [`Mode::None`] never,
    /// with [`Mode::Once`] where there was no tape.
    pub fn records(&self) -> bool {
        self.shared.records
    }

    /// What was recorded so far. Of what has just ended not all may be written.
    pub fn report(&self) -> Report {
        self.shared.log.report()
    }

    /// Waits until the tape of every answer that has ended is written, and says
    /// what was recorded. It needs no runtime.
    pub async fn flush(&self) -> Report {
        let (done, told) = tokio::sync::oneshot::channel();
        // Whoever no longer waits need not be told.
        self.shared.send(Job::Flush(Box::new(move || done.send(()).unwrap_or_default())));
        // An error is one of the writer's, and noted as such.
        let _ = told.await;
        let report = self.report();
        self.told.store(report.failures(), Ordering::Relaxed);
        report
    }

    /// As [`flush`](Self::flush), for the last time. Answers that are still open
    /// are [counted](Report::open), and each has its tape when it has ended.
    pub async fn finish(self) -> Report {
        self.flush().await
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let (done, told) = mpsc::channel();
        self.shared.send(Job::Finish);
        self.shared.send(Job::Flush(Box::new(move || done.send(()).unwrap_or_default())));
        let _ = told.recv();
        let report = self.report();
        let new = usize::try_from(*self.told.get_mut()).unwrap_or(usize::MAX);
        for Failed { what, why } in report.failed.iter().skip(new) {
            // Nobody to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "bedrock-wire: not recorded: {what}: {why}");
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("shared", &self.shared).finish_non_exhaustive()
    }
}

/// What a recorder and its transports share.
pub(super) struct Shared {
    /// Plays what is known.
    player: Option<ReplayTransport>,
    /// Whether what is not known is asked of the network.
    pub(super) records: bool,
    jobs: Sender<Job>,
    pub(super) log: Arc<Log>,
    begun: AtomicU64,
    room: Room,
}

impl Shared {
    /// The answer that is on tape; where the network is not asked, the word
    /// that there is none. Otherwise `None`.
    pub(super) async fn play(
        &self,
        request: &http::Request<Body>,
    ) -> Result<Option<http::Response<ResponseBody>>, TransportError> {
        let Some(player) = &self.player else { return Ok(None) };
        let request = at_its_own_path(request);
        // Why there is none is worked out only for who is told.
        if self.records && !player.knows(&request) {
            return Ok(None);
        }
        let answer = player.send(request).await?;
        let is_known = answer.headers().contains_key(replay::TAPE);
        match (is_known, self.records) {
            (true, _) => self.log.note(|report| report.played += 1),
            (false, false) => self.log.note(|report| report.missed += 1),
            (false, true) => return Ok(None),
        }
        Ok(Some(answer))
    }

    /// A number for an exchange.
    pub(super) fn number(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed)
    }

    /// So many bytes are in memory, until what is given is dropped.
    pub(super) fn hold(&self, bytes: u64) -> Held {
        self.room.hold(bytes)
    }

    pub(super) fn send(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            self.log.failed("the tapes", "the thread that writes them has panicked");
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("player", &self.player)
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}

/// The request without what a gateway has before an operation's path.
fn at_its_own_path(request: &http::Request<Body>) -> http::Request<Body> {
    let mut request = request.clone();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let own = route(request.method(), path).and_then(|(own, _)| own.parse::<http::Uri>().ok());
    if let Some(own) = own.and_then(|own| own.into_parts().path_and_query) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(own);
        if let Ok(uri) = http::Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[tokio::test]
    async fn what_no_tape_answers_is_explained_to_nobody_but_who_is_told() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl");
        let dir = std::env::temp_dir().join(format!("bedrock-wire-known-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::copy(path, dir.join("text.tape.jsonl")).unwrap();
        for (mode, explained) in [(Mode::NewEpisodes, 0), (Mode::None, 1)] {
            let recorder = Recorder::builder(&dir).mode(mode).start().unwrap();
            let body = Body::from(Bytes::from("{}"));
            let unknown = http::Request::post("http://h/model/m/converse").body(body).unwrap();
            let answer = recorder.shared.play(&unknown).await.unwrap();
            assert_eq!(
                answer.map(|answer| answer.status().as_u16()),
                (explained == 1).then_some(404)
            );
            let player = recorder.shared.player.as_ref().unwrap();
            assert_eq!(player.report().unmatched.len(), explained, "{mode}");
        }
        fs::remove_dir_all(&dir).unwrap();
    }
}
