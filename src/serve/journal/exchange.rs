//! One request while it lasts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use http::request::Parts;
use http::{Method, StatusCode, Version};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::Shared;
use super::entry::{self, Ended, Entry, VerifiedBy};
use crate::auth::verify::Caller;
use crate::operation::Target;
use crate::serve::shown;

/// How long a body is kept, in bytes.
const BODY: usize = 64 * 1024;

/// A request, from its head to its end.
pub(in crate::serve) struct Exchange {
    /// Weak, for the journal has the request.
    journal: Weak<Shared>,
    number: u64,
    at: SystemTime,
    started: Instant,
    method: Method,
    path: String,
    version: Version,
    headers: BTreeMap<String, String>,
    /// What it takes in the journal, apart from a constant.
    bytes: AtomicUsize,
    /// Counted apart from the rest, for each piece.
    sent: AtomicU64,
    told: Mutex<Told>,
}

/// What becomes known of it.
#[derive(Default)]
struct Told {
    target: Option<Target>,
    body: Option<Arc<RawValue>>,
    body_bytes: u64,
    verified: Option<VerifiedBy>,
    rejected: Option<String>,
    tape: Option<Arc<str>>,
    why: Option<String>,
    faults: Vec<&'static str>,
    status: Option<StatusCode>,
    ended: Option<(Ended, Duration)>,
}

impl Exchange {
    /// What is to be hidden of the head is marked sensitive.
    pub(super) fn new(journal: Weak<Shared>, number: u64, head: &Parts, at: SystemTime) -> Self {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let (path, headers) = (shown::path(path), shown::headers(&head.headers));
        let headers_length: usize =
            headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        Exchange {
            journal,
            number,
            at,
            started: Instant::now(),
            method: head.method.clone(),
            bytes: AtomicUsize::new(path.len() + headers_length),
            path,
            version: head.version,
            headers,
            sent: AtomicU64::new(0),
            told: Mutex::default(),
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn grow(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What is asked for.
    pub(in crate::serve) fn asks_for(&self, target: &Target) {
        self.tell().target = Some(target.clone());
    }

    /// Its body, which was read to its end.
    pub(in crate::serve) fn read(&self, body: &[u8]) {
        let json = if body.len() <= BODY { shown::body(body) } else { None };
        let length = json.as_deref().map_or(0, |json: &RawValue| json.get().len());
        {
            let mut told = self.tell();
            told.body = json.map(Arc::from);
            told.body_bytes = body.len() as u64;
        }
        if let Some(journal) = self.journal.upgrade() {
            journal.grown(self, length);
        }
    }

    /// Who asks.
    pub(in crate::serve) fn verified(&self, caller: &Caller) {
        self.tell().verified = VerifiedBy::of(caller);
    }

    /// That it is turned away, with which error.
    pub(in crate::serve) fn rejected(&self, name: &str) {
        self.tell().rejected = Some(name.to_owned());
    }

    /// Which tape answers, or why none does.
    pub(in crate::serve) fn answered(&self, tape: Option<&Arc<str>>, why: Option<&str>) {
        let mut told = self.tell();
        told.tape = tape.cloned();
        told.why = why.map(str::to_owned);
    }

    /// A fault that is applied.
    pub(in crate::serve) fn faulted(&self, kind: &'static str) {
        self.tell().faults.push(kind);
    }

    /// The head of its answer.
    pub(in crate::serve) fn status(&self, status: StatusCode) {
        self.tell().status = Some(status);
    }

    /// Bytes of the answer's body that the connection has.
    pub(in crate::serve) fn sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes that the connection was given and threw away: its client is gone.
    pub(in crate::serve) fn lost(&self, bytes: usize) {
        self.sent.fetch_sub(bytes as u64, Ordering::Relaxed);
        let mut told = self.tell();
        if let Some((ended @ Ended::Complete, _)) = &mut told.ended {
            *ended = self.gone();
        }
    }

    /// How it ended, unless that was told before.
    pub(in crate::serve) fn ended(&self, ended: Ended) {
        {
            let mut told = self.tell();
            if told.ended.is_some() {
                return;
            }
            told.ended = Some((ended, self.started.elapsed()));
        }
        if let Some(journal) = self.journal.upgrade() {
            journal.ended.notify_waiters();
        }
    }

    /// That nobody takes more of it. The answers to some requests have no body
    /// (RFC 9110 §6.4.1), which nobody takes then.
    fn left(&self) {
        let has_body = |status| {
            self.method != Method::HEAD
                && status != StatusCode::NO_CONTENT
                && status != StatusCode::NOT_MODIFIED
        };
        let status = self.tell().status;
        self.ended(match status {
            Some(status) if !has_body(status) => Ended::Complete,
            Some(_) | None => self.gone(),
        });
    }

    fn gone(&self) -> Ended {
        let is_stopping = self.journal.upgrade().is_none_or(|journal| journal.is_stopping());
        if is_stopping { Ended::Stopped } else { Ended::ClosedByClient }
    }

    pub(super) fn entry(&self) -> Entry {
        let told = self.tell();
        let resource = told.target.as_ref().map(Target::resource);
        Entry {
            number: self.number,
            at: entry::rfc3339(self.at),
            method: entry::method(&self.method),
            path: self.path.clone(),
            http: entry::version(self.version),
            operation: told.target.as_ref().map(|target| target.operation().name()),
            model: resource.filter(|resource| !resource.is_empty()).map(str::to_owned),
            headers: self.headers.clone(),
            body: told.body.clone(),
            body_bytes: told.body_bytes,
            verified: told.verified.clone(),
            rejected: told.rejected.clone(),
            tape: told.tape.as_deref().map(str::to_owned),
            why: told.why.clone(),
            faults: told.faults.clone(),
            status: told.status.map(|status| status.as_u16()),
            bytes_sent: self.sent.load(Ordering::Relaxed),
            ended: told.ended.map_or(Ended::Open, |(ended, _)| ended),
            milliseconds: told
                .ended
                .map(|(_, after)| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    fn tell(&self) -> MutexGuard<'_, Told> {
        // What is told at once is whole, whatever panics elsewhere.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Whoever works on a request. Dropped, it is over: well if that was told
/// before, and otherwise for its client, or the server, is gone.
pub(in crate::serve) struct Watch(Arc<Exchange>);

impl Watch {
    pub(super) fn new(exchange: Arc<Exchange>) -> Self {
        Watch(exchange)
    }

    pub(in crate::serve) fn exchange(&self) -> &Arc<Exchange> {
        &self.0
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.left();
    }
}
