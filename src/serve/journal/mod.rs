//! What was asked of a server and how it ended, kept for whoever wants to know.

mod entry;
mod exchange;

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::request::Parts;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use tokio::sync::Notify;

pub use entry::{Ended, Entry, VerifiedBy};
pub(super) use exchange::{Exchange, Watch};

/// How many requests are kept.
const ENTRIES: usize = 10_000;

/// How many bytes of heads and bodies are kept.
const BYTES: usize = 64 * 1024 * 1024;

/// The journal of a server: its newest 10,000 requests, or fewer where their
/// heads and bodies have over 64 MiB together.
///
/// It is kept from the start and outlives the server. Clones are the same
/// journal.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

pub(super) struct Shared {
    kept: Mutex<Kept>,
    /// Whether the server ends its requests by itself.
    stopping: AtomicBool,
    /// Told of every request that ends.
    ended: Notify,
}

#[derive(Default)]
struct Kept {
    requests: VecDeque<Arc<Exchange>>,
    bytes: usize,
    /// How many there were.
    count: u64,
}

impl Kept {
    fn dropped(&self) -> u64 {
        self.count - self.requests.len() as u64
    }

    fn keep(&mut self, exchange: Arc<Exchange>) {
        self.bytes += exchange.bytes();
        self.requests.push_back(exchange);
        self.trim();
    }

    /// Drops the oldest that are too many; never the newest.
    fn trim(&mut self) {
        while self.requests.len() > ENTRIES || (self.bytes > BYTES && self.requests.len() > 1) {
            if let Some(oldest) = self.requests.pop_front() {
                self.bytes = self.bytes.saturating_sub(oldest.bytes());
            }
        }
    }
}

impl Journal {
    pub(super) fn new() -> Self {
        Journal(Arc::new(Shared {
            kept: Mutex::default(),
            stopping: AtomicBool::new(false),
            ended: Notify::new(),
        }))
    }

    /// The requests that are kept, in order.
    pub fn requests(&self) -> Vec<Entry> {
        self.snapshot().0
    }

    /// How many older ones are not kept.
    pub fn dropped(&self) -> u64 {
        self.lock().dropped()
    }

    /// Both, as they were at one time.
    fn snapshot(&self) -> (Vec<Entry>, u64) {
        let (exchanges, dropped): (Vec<_>, _) = {
            let kept = self.lock();
            (kept.requests.iter().cloned().collect(), kept.dropped())
        };
        (exchanges.iter().map(|exchange| exchange.entry()).collect(), dropped)
    }

    /// Waits until a request has ended: by its number, counted from 1.
    ///
    /// It is there already, or will be. `None` if it is not kept any more.
    pub async fn ended(&self, number: u64) -> Option<Entry> {
        loop {
            let told = self.0.ended.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            match self.find(number) {
                Found::NotYet => {}
                Found::Gone => return None,
                Found::Kept(exchange) => {
                    let entry = exchange.entry();
                    if entry.ended != Ended::Open {
                        return Some(entry);
                    }
                }
            }
            told.await;
        }
    }

    fn find(&self, number: u64) -> Found {
        let kept = self.lock();
        if number > kept.count {
            return Found::NotYet;
        }
        let found = kept.requests.iter().find(|exchange| exchange.number() == number);
        found.map_or(Found::Gone, |exchange| Found::Kept(Arc::clone(exchange)))
    }

    /// Forgets all requests and counts from 1 again.
    pub(super) fn reset(&self) {
        *self.lock() = Kept::default();
    }

    /// Whatever ends from now on the server ended.
    pub(super) fn stopping(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    /// A request whose head has arrived.
    pub(super) fn begin(&self, head: &Parts, at: SystemTime) -> Watch {
        let mut kept = self.lock();
        kept.count += 1;
        let exchange = Arc::new(Exchange::new(Arc::downgrade(&self.0), kept.count, head, at));
        kept.keep(Arc::clone(&exchange));
        Watch::new(exchange)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A list and counters, that a panic elsewhere leaves whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// A request has so many bytes more.
    fn grown(&self, exchange: &Exchange, bytes: usize) {
        let mut kept = self.lock();
        let first = kept.requests.front().map_or(u64::MAX, |oldest| oldest.number());
        // One that was dropped, or forgotten, is not counted.
        let is_kept = exchange.number().checked_sub(first).is_some_and(|i| {
            let found = usize::try_from(i).ok().and_then(|i| kept.requests.get(i));
            found.is_some_and(|kept| std::ptr::eq(&raw const **kept, exchange))
        });
        if is_kept {
            exchange.grow(bytes);
            kept.bytes += bytes;
            kept.trim();
        }
    }
}

enum Found {
    NotYet,
    Gone,
    Kept(Arc<Exchange>),
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("count", &self.lock().count).finish_non_exhaustive()
    }
}

/// As the control plane gives it: `requests` and `dropped`.
impl Serialize for Journal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (requests, dropped) = self.snapshot();
        let mut journal = serializer.serialize_struct("Journal", 2)?;
        journal.serialize_field("requests", &requests)?;
        journal.serialize_field("dropped", &dropped)?;
        journal.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(journal: &Journal, path: &str) -> Watch {
        let (head, ()) = http::Request::post(path).body(()).unwrap().into_parts();
        journal.begin(&head, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn the_newest_are_kept_and_the_others_counted() {
        let journal = Journal::new();
        for _ in 0..ENTRIES + 3 {
            begin(&journal, "/");
        }
        assert_eq!((journal.requests().len(), journal.dropped()), (ENTRIES, 3));
        assert_eq!(journal.requests()[0].number, 4);
        journal.reset();
        assert_eq!((journal.requests().len(), journal.dropped()), (0, 0));
        assert_eq!(begin(&journal, "/").exchange().number(), 1);
    }

    #[test]
    fn what_they_hold_together_is_bounded() {
        let journal = Journal::new();
        let body = serde_json::to_vec(&"x".repeat(60_000)).unwrap();
        let count = BYTES / body.len() + 100;
        for _ in 0..count {
            begin(&journal, "/").exchange().read(&body);
        }
        assert!(journal.lock().bytes <= BYTES);
        assert!(journal.dropped() >= 100, "{}", journal.dropped());
        let held: usize = journal.lock().requests.iter().map(|exchange| exchange.bytes()).sum();
        assert_eq!(journal.lock().bytes, held);
        assert_eq!(journal.requests().last().unwrap().number, count as u64);
    }

    #[test]
    fn a_journal_that_nobody_has_is_freed_with_its_requests() {
        let journal = Journal::new();
        let open = begin(&journal, "/open");
        drop(begin(&journal, "/over"));
        let (shared, over) = {
            let over = Arc::downgrade(&journal.lock().requests[1]);
            (Arc::downgrade(&journal.0), over)
        };
        drop(journal);
        assert!(shared.upgrade().is_none() && over.upgrade().is_none());
        open.exchange().read(b"{}");
        assert_eq!(open.exchange().entry().ended, Ended::Open);
    }

    #[tokio::test]
    async fn a_server_that_is_gone_leaves_no_journal() {
        let handler =
            |_: &crate::serve::Call| crate::serve::Reply::whole(http::StatusCode::OK, "answer");
        let verifier = crate::auth::verify::Verifier::new().bearer_key("k");
        let local = crate::serve::Server::builder(verifier).local(handler).unwrap();
        let request = http::Request::post("http://localhost/model/m/converse")
            .header("authorization", "Bearer k")
            .body(http_body_util::Full::new(bytes::Bytes::from("{}")));
        let answer = local.call(request.unwrap()).await.unwrap();
        http_body_util::BodyExt::collect(answer.into_body()).await.unwrap();
        let journal = local.journal();
        assert_eq!(journal.requests()[0].ended, Ended::Complete);
        let shared = Arc::downgrade(&journal.0);
        drop(local);
        assert!(shared.upgrade().is_some(), "it outlives the server");
        drop(journal);
        assert!(shared.upgrade().is_none());
    }

    #[tokio::test]
    async fn who_waits_for_an_end_is_told() {
        let journal = Journal::new();
        let waiting = tokio::spawn({
            let journal = journal.clone();
            async move { journal.ended(1).await }
        });
        tokio::task::yield_now().await;
        drop(begin(&journal, "/a"));
        let entry = waiting.await.unwrap().unwrap();
        assert_eq!((entry.path.as_str(), entry.ended), ("/a", Ended::ClosedByClient));
        journal.stopping();
        drop(begin(&journal, "/b"));
        assert_eq!(journal.ended(2).await.unwrap().ended, Ended::Stopped);
        journal.reset();
        begin(&journal, "/c");
        begin(&journal, "/d");
        assert_eq!(journal.ended(1).await.unwrap().path, "/c");
    }
}
