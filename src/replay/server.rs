//! The server, and what plays its tapes.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde_json::json;

use super::builder::ReplayBuilder;
use super::matching::{Key, Shelf, list};
use super::report::{Report, TapeUse, Unmatched};
use crate::serve::{Call, Reply, Server};

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

/// Plays tapes in answer to calls, and remembers what it did.
pub(super) struct Player {
    shelf: Shelf,
    once: bool,
    played: Mutex<Played>,
}

#[derive(Default)]
struct Played {
    /// How many calls each queue answered.
    answered: HashMap<Key, usize>,
    /// How often each entry was played.
    entries: Vec<u64>,
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
}

impl Player {
    pub(super) fn new(shelf: Shelf, once: bool) -> Self {
        let entries = vec![0; shelf.entries.len()];
        let played = Played { entries, ..Played::default() };
        Player { shelf, once, played: Mutex::new(played) }
    }

    pub(super) fn answer(&self, call: &Call) -> Reply {
        let queues = self.shelf.find(call);
        if queues.is_empty() {
            return self.miss(call, self.shelf.explain(call));
        }
        match self.next(&queues) {
            Some(entry) => self.shelf.entries[entry].reply.clone(),
            None => self.miss(call, self.spent(call, &queues)),
        }
    }

    /// The entry whose turn it is, in the first queue that has one.
    fn next(&self, queues: &[(&Key, &[usize])]) -> Option<usize> {
        let mut played = self.lock();
        queues.iter().find_map(|(key, queue)| {
            let answered = played.answered.entry((*key).clone()).or_default();
            let last = if self.once { None } else { queue.last() };
            let entry = *queue.get(*answered).or(last)?;
            *answered += 1;
            played.entries[entry] += 1;
            Some(entry)
        })
    }

    fn spent(&self, call: &Call, queues: &[(&Key, &[usize])]) -> String {
        let entries = queues.iter().flat_map(|(_, queue)| *queue);
        let names: Vec<_> = entries.map(|&i| self.shelf.entries[i].name.as_str()).collect();
        let names = list(&names);
        format!("Each tape that answers this {} has been played once: {names}.", call.target)
    }

    fn miss(&self, call: &Call, message: String) -> Reply {
        let json = json!({ "message": message }).to_string();
        self.lock().note(Unmatched { target: call.target.clone(), message });
        Reply::error(StatusCode::NOT_FOUND, "TapeNotFoundException", json)
    }

    pub(super) fn report(&self) -> Report {
        let played = self.lock();
        let tapes = self.shelf.entries.iter().zip(&played.entries);
        let tapes = tapes.map(|(entry, &played)| TapeUse { name: entry.name.clone(), played });
        Report {
            tapes: tapes.collect(),
            unmatched: played.unmatched.clone(),
            more_unmatched: played.more_unmatched,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Played> {
        // Counters, that a panic elsewhere leaves whole.
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
