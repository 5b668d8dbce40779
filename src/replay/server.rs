//! The server, and what plays its tapes.

use std::collections::HashMap;
use std::fmt;
use std::future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;

use super::builder::ReplayBuilder;
use super::matching::{Asked, Key, Shelf, list};
use super::report::{Report, TapeUse, Unmatched};
use super::timing::MadeTiming;
use crate::operation::Operation;
use crate::serve::{
    Answering, AppliedFault, Call, Fault, FaultError, Handler, Journal, Reply, Server,
};

/// How many requests without a tape a report tells in full.
const UNMATCHED: usize = 1000;

/// A running server that answers from tapes. It stops when dropped, as
/// [`Server`] does.
pub struct ReplayServer {
    server: Server,
    player: Arc<Player>,
}

impl ReplayServer {
    /// A server of the caller's making.
    pub fn builder() -> ReplayBuilder {
        ReplayBuilder::new()
    }

    pub(super) fn new(server: Server, player: Arc<Player>) -> Self {
        Self { server, player }
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// Scheme and authority, such as `http://127.0.0.1:41234`: the endpoint URL
    /// for clients.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The certificate that clients must trust, in PEM; none without TLS.
    pub fn certificate_pem(&self) -> Option<&str> {
        self.server.certificate_pem()
    }

    /// What was played so far, and what was asked for in vain.
    pub fn report(&self) -> Report {
        self.player.report()
    }

    /// What was asked, which tape answered, and how that ended. It outlives the
    /// server.
    pub fn journal(&self) -> Journal {
        self.server.journal()
    }

    /// The faults there are now, and how often each was applied.
    pub fn faults(&self) -> Vec<AppliedFault> {
        self.server.faults()
    }

    /// Sets other faults in place of all there are; none of them is applied yet.
    ///
    /// # Errors
    /// Where one of them cannot be done. Then nothing changes.
    pub fn set_faults(&self, faults: Vec<Fault>) -> Result<(), FaultError> {
        self.server.set_faults(faults)
    }

    /// Begins anew: all tapes from the start, an empty journal and
    /// [report](Self::report), and the faults of the start with their counters
    /// and seeds.
    pub fn reset(&self) {
        self.server.reset();
    }

    /// Ends all connections, waits until they are gone, and says what was done.
    pub async fn stop(self) -> Report {
        self.server.stop().await;
        self.player.report()
    }
}

impl fmt::Debug for ReplayServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayServer").field("server", &self.server).finish_non_exhaustive()
    }
}

/// A player as a server has it.
pub(super) struct Answers(pub(super) Arc<Player>);

impl Handler for Answers {
    fn answer(&self, call: Call) -> Answering<'_> {
        let reply = self.0.answer(&call);
        Box::pin(future::ready(reply.into()))
    }

    fn reset(&self) {
        self.0.reset();
    }
}

/// Plays tapes in answer to calls, and remembers what it did.
pub(super) struct Player {
    shelf: Shelf,
    rules: Playing,
    played: Mutex<Played>,
}

/// How tapes are played.
#[derive(Default)]
pub(super) struct Playing {
    pub(super) once: bool,
    pub(super) in_order: bool,
    pub(super) timing: Option<MadeTiming>,
    /// What answers where no tape does.
    pub(super) made: Option<Reply>,
}

#[derive(Default)]
struct Played {
    /// How many calls each queue answered.
    answered: HashMap<Key, usize>,
    /// How often each entry was played.
    entries: Vec<u64>,
    /// How many were, for the order.
    all: usize,
    made: u64,
    /// The first of them, so that a loop of such requests fills no memory.
    unmatched: Vec<Unmatched>,
    more_unmatched: u64,
}

impl Played {
    fn note(&mut self, unmatched: Unmatched) {
        if self.unmatched.len() < UNMATCHED {
            self.unmatched.push(unmatched);
        } else {
            self.more_unmatched += 1;
        }
    }

    /// Counts an entry, and says how often it was played before.
    fn play(&mut self, entry: usize) -> (usize, u64) {
        let before = self.entries[entry];
        self.entries[entry] += 1;
        self.all += 1;
        (entry, before)
    }
}

impl Player {
    pub(super) fn new(shelf: Shelf, rules: Playing) -> Self {
        let entries = vec![0; shelf.entries.len()];
        let played = Played { entries, ..Played::default() };
        Player { shelf, rules, played: Mutex::new(played) }
    }

    pub(super) fn answer(&self, call: &Call) -> Reply {
        let found = self.shelf.read(call).and_then(|asked| self.next(&asked));
        match (found, &self.rules.made) {
            (Ok((entry, nth)), _) => {
                self.timed(self.shelf.entries[entry].reply.clone(), entry as u64, nth)
            }
            (Err(_), Some(made)) if call.target.operation() == Operation::ConverseStream => {
                let mut played = self.lock();
                played.made += 1;
                let nth = played.made - 1;
                drop(played);
                self.timed(made.clone(), u64::MAX, nth)
            }
            (Err(message), _) => self.miss(call, message),
        }
    }

    /// Whether there is a tape that answers, without a word on why not.
    #[cfg(feature = "record")]
    pub(super) fn knows(&self, call: &Call) -> bool {
        let Ok(asked) = self.shelf.read(call) else { return false };
        let played = self.lock();
        let is_there = if self.rules.in_order {
            let next = self.shelf.entries.get(played.all);
            next.is_some_and(|entry| entry.answers(&asked))
        } else {
            self.shelf.find(&asked).iter().any(|(key, queue)| {
                let answered = played.answered.get(key).copied().unwrap_or_default();
                !self.rules.once || answered < queue.len()
            })
        };
        let is_stream = call.target.operation() == Operation::ConverseStream;
        is_there || (is_stream && self.rules.made.is_some())
    }

    fn timed(&self, mut reply: Reply, which: u64, nth: u64) -> Reply {
        if let Some(timing) = self.rules.timing {
            timing.apply(&mut reply, which, nth);
        }
        reply
    }

    /// The entry whose turn it is and how often it was played before, or why
    /// there is none.
    fn next(&self, asked: &Asked) -> Result<(usize, u64), String> {
        if self.rules.in_order {
            return self.next_in_order(asked);
        }
        let queues = self.shelf.find(asked);
        let mut played = self.lock();
        for (key, queue) in &queues {
            let answered = played.answered.entry((*key).clone()).or_default();
            let last = if self.rules.once { None } else { queue.last() };
            if let Some(&entry) = queue.get(*answered).or(last) {
                *answered += 1;
                return Ok(played.play(entry));
            }
        }
        drop(played);
        if queues.is_empty() {
            return Err(self.shelf.explain(asked));
        }
        let entries = queues.iter().flat_map(|(_, queue)| *queue);
        let names: Vec<_> = entries.map(|&i| self.shelf.entries[i].name.as_str()).collect();
        let (target, names) = (&asked.target, list(&names));
        Err(format!("Each tape that answers this {target} has been played once: {names}."))
    }

    /// A request that is not the next one's leaves that the next.
    fn next_in_order(&self, asked: &Asked) -> Result<(usize, u64), String> {
        let mut played = self.lock();
        let turn = played.all;
        let count = self.shelf.entries.len();
        match self.shelf.entries.get(turn) {
            Some(entry) if entry.answers(asked) => Ok(played.play(turn)),
            Some(entry) => Err(format!(
                "The next tape in order is {} (number {} of {count}): {}.",
                entry.name,
                turn + 1,
                entry.differs(asked),
            )),
            None => Err(format!("All {count} tapes have been played, in order; none is next.")),
        }
    }

    fn miss(&self, call: &Call, message: String) -> Reply {
        let mut reply = Reply::told(StatusCode::NOT_FOUND, "TapeNotFoundException", &message);
        reply.why = Some(message.clone());
        self.lock().note(Unmatched { target: call.target.clone(), message });
        reply
    }

    /// All tapes from the start, as if nobody had asked.
    fn reset(&self) {
        let entries = vec![0; self.shelf.entries.len()];
        *self.lock() = Played { entries, ..Played::default() };
    }

    pub(super) fn report(&self) -> Report {
        let played = self.lock();
        let tapes = self.shelf.entries.iter().zip(&played.entries);
        let tapes = tapes.map(|(entry, &played)| TapeUse { name: entry.name.clone(), played });
        Report {
            tapes: tapes.collect(),
            made: played.made,
            unmatched: played.unmatched.clone(),
            more_unmatched: played.more_unmatched,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Played> {
        // Counters, that a panic elsewhere leaves whole.
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
