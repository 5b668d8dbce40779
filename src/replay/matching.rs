//! Which tape answers a call.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::difference::difference;
use super::error::ReplayError;
use super::load::Named;
use super::play;
use crate::model::{Canonical, NotComparable};
use crate::operation::{Operation, Target};
use crate::serve::{Call, Reply};
use crate::tape::{self, RecordedRequest};

/// How many things a message lists.
const LISTED: usize = 20;

/// How many characters of a JSON value a message shows.
const SHOWN: usize = 80;

/// A tape that can be played.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) reply: Reply,
    target: Target,
    query: Query,
    /// The body of the recorded request, where that is JSON.
    asked: Option<Arc<Canonical>>,
}

/// The tapes, found by what they answer.
pub(super) struct Shelf {
    pub(super) entries: Vec<Entry>,
    queues: HashMap<Key, Vec<usize>>,
    any_body: bool,
}

/// What is the same in a call and the tapes that answer it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    target: Target,
    /// `None` of a tape that says nothing of its request, which answers any.
    query: Option<Query>,
    body: BodyKey,
}

/// The members in the query, decoded and sorted; of a call all of them but a
/// signature's, so that one that no tape keeps is not taken for none.
type Query = Vec<(String, String)>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum BodyKey {
    Any,
    /// However it is written.
    Json(Arc<Canonical>),
    /// What cannot be compared as JSON.
    Bytes(Bytes),
}

impl BodyKey {
    fn of(body: &Bytes) -> Self {
        let json = Canonical::read(body).map(Arc::new);
        json.map_or_else(|_| BodyKey::Bytes(body.clone()), BodyKey::Json)
    }
}

impl Shelf {
    pub(super) fn new(tapes: Vec<Named>, any_body: bool) -> Result<Self, ReplayError> {
        let mut shelf = Shelf { entries: Vec::new(), queues: HashMap::new(), any_body };
        for tape in tapes {
            shelf.add(tape)?;
        }
        if shelf.entries.is_empty() { Err(ReplayError::NoTape) } else { Ok(shelf) }
    }

    fn add(&mut self, named: Named) -> Result<(), ReplayError> {
        let asked = named.tape.request.as_ref().map(|request| BodyKey::of(request.body()));
        let entry = entry(named, asked.as_ref())?;
        // In one row with the others where any body will do.
        let query = (asked.is_some() || self.any_body).then(|| entry.query.clone());
        let body = asked.filter(|_| !self.any_body).unwrap_or(BodyKey::Any);
        let key = Key { target: entry.target.clone(), query, body };
        self.queues.entry(key).or_default().push(self.entries.len());
        self.entries.push(entry);
        Ok(())
    }

    /// The tapes that answer a call: those with its body in the order they are
    /// to be played in, and behind them those that answer any.
    pub(super) fn find(&self, call: &Call) -> Vec<(&Key, &[usize])> {
        let key = |query, body| Key { target: call.target.clone(), query, body };
        let body = if self.any_body { BodyKey::Any } else { BodyKey::of(&call.body) };
        let keys = [key(Some(query(&call.path)), body), key(None, BodyKey::Any)];
        let found = keys.iter().filter_map(|key| self.queues.get_key_value(key));
        found.map(|(key, queue)| (key, queue.as_slice())).collect()
    }

    /// Why no tape answers a call, and what would have been answered.
    pub(super) fn explain(&self, call: &Call) -> String {
        let target = &call.target;
        let near: Vec<_> = self.entries.iter().filter(|entry| entry.target == *target).collect();
        if near.is_empty() {
            return format!("No tape answers {target}; there are: {}.", self.contents());
        }
        let (count, asked) = (near.len(), query(&call.path));
        let near: Vec<_> = near.into_iter().filter(|entry| entry.query == asked).collect();
        if near.is_empty() {
            let theirs = self.entries.iter().filter(|entry| entry.target == *target);
            let theirs: Vec<_> = theirs.map(|entry| shown_query(&entry.query)).collect();
            return format!(
                "No tape with a {target} has the query of this request ({count} looked at): it \
                 has {}, and theirs have {}.",
                shown_query(&asked),
                list(&theirs)
            );
        }
        let (count, why) = (near.len(), closest(&near, &call.body));
        format!("No tape with a {target} has the body of this request ({count} looked at): {why}.")
    }

    fn contents(&self) -> String {
        let targets = self.entries.iter().map(|entry| entry.target.to_string());
        let targets: BTreeSet<_> = targets.collect();
        list(&Vec::from_iter(targets))
    }
}

fn entry(
    Named { name, before: _, tape }: Named,
    asked: Option<&BodyKey>,
) -> Result<Entry, ReplayError> {
    let unservable = |why| ReplayError::Unservable { name: name.clone(), why };
    let operation = Operation::from_name(&tape.operation)
        .ok_or_else(|| unservable(format!("`{}` is no operation that is known", tape.operation)))?;
    let target = Target::new(operation, tape.model.as_str());
    let target = target.map_err(|error| unservable(error.to_string()))?;
    if let Some(request) = &tape.request {
        check_target(request, &target).map_err(unservable)?;
    }
    let reply = play::reply(&name, &tape).map_err(unservable)?;
    let asked = match asked {
        Some(BodyKey::Json(json)) => Some(Arc::clone(json)),
        Some(BodyKey::Any | BodyKey::Bytes(_)) | None => None,
    };
    let query = tape.request.as_ref().map_or_else(Query::new, RecordedRequest::canonical_query);
    Ok(Entry { name, reply, target, query, asked })
}

/// A request that is of another operation or resource than the head says would
/// never be asked again. What was sent through a gateway, by a path of its own,
/// is of no operation that can be told.
fn check_target(request: &RecordedRequest, head: &Target) -> Result<(), String> {
    let path = request.path().split('?').next().unwrap_or_default();
    match Target::of_request(request.method(), path) {
        Some(asked) if asked != *head => {
            Err(format!("its request is for {asked}, and its head says {head}"))
        }
        Some(_) | None => Ok(()),
    }
}

fn query(path: &str) -> Query {
    tape::query_members(path)
}

/// Of what no tape keeps the name alone: the value may be a secret.
fn shown_query(query: &Query) -> String {
    let shown = query.iter().map(|(name, value)| {
        let value = if tape::keeps_query_member(name) { value } else { "(kept on no tape)" };
        format!("{name}={value}")
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "none".to_owned() } else { format!("`{}`", shown.join("&")) }
}

/// The tape that differs from `body` in the fewest places, and in which first.
fn closest(near: &[&Entry], body: &[u8]) -> String {
    let body = match Canonical::read(body) {
        Ok(body) => body,
        Err(error @ (NotComparable::Syntax(_) | NotComparable::Deep)) => return error.to_string(),
    };
    let differences =
        near.iter().filter_map(|entry| Some((entry, difference(entry.asked.as_deref()?, &body)?)));
    match differences.min_by_key(|(_, difference)| difference.count) {
        None => "it is JSON, and theirs cannot be compared as such".to_owned(),
        Some((entry, difference)) => format!(
            "closest is {}, which has {} at {} where the request has {}",
            entry.name,
            shown(difference.one),
            difference.path,
            shown(difference.other),
        ),
    }
}

fn shown(value: Option<&Canonical>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// Some of a list in words.
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let named: Vec<_> = items.iter().take(LISTED).map(AsRef::as_ref).collect();
    let named = named.join(", ");
    match items.len().saturating_sub(LISTED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
