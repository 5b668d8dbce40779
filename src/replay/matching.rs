//! Which tape answers a call.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::difference::{Difference, difference};
use super::error::ReplayError;
use super::load::Named;
use super::path::{self, Path};
use super::play;
use crate::model::{Canonical, NotComparable};
use crate::operation::{Operation, Target};
use crate::serve::{Call, Reply};
use crate::tape::{self, RecordedRequest, Scrub};

/// How many things a message lists.
const LISTED: usize = 20;

/// How many characters of a JSON value a message shows.
const SHOWN: usize = 80;

/// A tape that can be played.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) reply: Reply,
    key: Key,
    query: Query,
    /// What is compared of the body of the recorded request, where that is
    /// JSON.
    asked: Option<Arc<Canonical>>,
}

impl Entry {
    /// Whether it answers a call.
    pub(super) fn answers(&self, asked: &Asked) -> bool {
        asked.keys().contains(&self.key)
    }

    /// How a call differs from what it answers.
    pub(super) fn differs(&self, asked: &Asked) -> String {
        if self.key.target != asked.target {
            return format!("it answers {}, and the request is {}", self.key.target, asked.target);
        }
        if self.query != asked.query {
            let (theirs, ours) = (shown_query(&self.query), shown_query(&asked.query));
            return format!("its query has {theirs}, and that of the request {ours}");
        }
        closest(&[self], asked).map_or_else(|why| why, |(_, difference)| format!("it {difference}"))
    }
}

/// The tapes, found by what they answer.
pub(super) struct Shelf {
    pub(super) entries: Vec<Entry>,
    queues: HashMap<Key, Vec<usize>>,
    rules: Rules,
}

/// How calls and tapes are compared.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) bodies: Bodies,
    /// What is taken out of a call before it is compared.
    pub(super) scrub: Option<Scrub>,
    /// Whether the answers are to go frame by frame, whatever the tape says.
    pub(super) has_made_times: bool,
}

/// What of a body is compared.
#[derive(Debug, Default)]
pub(super) enum Bodies {
    /// All of it, as JSON.
    #[default]
    Json,
    /// What these paths lead to.
    At(Vec<Path>),
    /// Nothing.
    Any,
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

impl Bodies {
    /// What is compared, and why it is not compared as JSON.
    fn key(&self, body: &Bytes) -> (BodyKey, Option<NotComparable>) {
        let pick = |json| match self {
            Bodies::At(paths) => path::picked(&json, paths),
            Bodies::Json | Bodies::Any => json,
        };
        if self.is_any() {
            return (BodyKey::Any, None);
        }
        match Canonical::read(body) {
            Ok(json) => (BodyKey::Json(Arc::new(pick(json))), None),
            Err(why) => (BodyKey::Bytes(body.clone()), Some(why)),
        }
    }

    fn is_any(&self) -> bool {
        match self {
            Bodies::Any => true,
            Bodies::Json | Bodies::At(_) => false,
        }
    }
}

/// A call, as far as it is compared.
pub(super) struct Asked {
    pub(super) target: Target,
    query: Query,
    body: BodyKey,
    not_json: Option<NotComparable>,
}

impl Asked {
    /// What tapes that answer the call are found by: those of its request, and
    /// those of any.
    fn keys(&self) -> [Key; 2] {
        let key = |query, body| Key { target: self.target.clone(), query, body };
        [key(Some(self.query.clone()), self.body.clone()), key(None, BodyKey::Any)]
    }
}

impl Shelf {
    pub(super) fn new(tapes: Vec<Named>, rules: Rules) -> Result<Self, ReplayError> {
        let mut shelf = Shelf { entries: Vec::new(), queues: HashMap::new(), rules };
        for tape in tapes {
            shelf.add(tape)?;
        }
        Ok(shelf)
    }

    fn add(&mut self, named: Named) -> Result<(), ReplayError> {
        let entry = entry(named, &self.rules)?;
        self.queues.entry(entry.key.clone()).or_default().push(self.entries.len());
        self.entries.push(entry);
        Ok(())
    }

    /// What is compared of a call.
    ///
    /// # Errors
    /// Where it cannot be scrubbed; in words.
    pub(super) fn read(&self, call: &Call) -> Result<Asked, String> {
        let (target, path, body) = match &self.rules.scrub {
            None => (call.target.clone(), call.path.clone(), call.body.clone()),
            Some(scrub) => scrubbed(scrub, call)?,
        };
        let (body, not_json) = self.rules.bodies.key(&body);
        Ok(Asked { target, query: query(&path), body, not_json })
    }

    /// The tapes that answer a call: those with its body in the order they are
    /// to be played in, and behind them those that answer any.
    pub(super) fn find(&self, asked: &Asked) -> Vec<(&Key, &[usize])> {
        let keys = asked.keys();
        let found = keys.iter().filter_map(|key| self.queues.get_key_value(key));
        found.map(|(key, queue)| (key, queue.as_slice())).collect()
    }

    /// Why no tape answers a call, and what would have been answered.
    pub(super) fn explain(&self, asked: &Asked) -> String {
        let target = &asked.target;
        let of_target = self.entries.iter().filter(|entry| entry.key.target == *target);
        let near: Vec<_> = of_target.collect();
        if near.is_empty() {
            return format!("No tape answers {target}; there are: {}.", self.contents());
        }
        let count = near.len();
        let (near, far): (Vec<_>, Vec<_>) =
            near.into_iter().partition(|entry| entry.query == asked.query);
        if near.is_empty() {
            let theirs: Vec<_> = far.into_iter().map(|entry| shown_query(&entry.query)).collect();
            return format!(
                "No tape with a {target} has the query of this request ({count} looked at): it \
                 has {}, and theirs have {}.",
                shown_query(&asked.query),
                list(&theirs)
            );
        }
        let count = near.len();
        let why = closest(&near, asked).map_or_else(
            |why| why,
            |(entry, difference)| format!("closest is {}, which {difference}", entry.name),
        );
        let compared = match &self.rules.bodies {
            Bodies::At(paths) => {
                let paths: Vec<_> = paths.iter().map(ToString::to_string).collect();
                format!(" at {}", list(&paths))
            }
            Bodies::Json | Bodies::Any => String::new(),
        };
        format!(
            "No tape with a {target} has the body of this request{compared} ({count} looked at): \
             {why}."
        )
    }

    fn contents(&self) -> String {
        if self.entries.is_empty() {
            return "none".to_owned();
        }
        let targets = self.entries.iter().map(|entry| entry.key.target.to_string());
        let targets: BTreeSet<_> = targets.collect();
        list(&Vec::from_iter(targets))
    }
}

fn scrubbed(scrub: &Scrub, call: &Call) -> Result<(Target, String, Bytes), String> {
    let told = |error: &dyn std::fmt::Display| {
        format!("The request cannot be scrubbed, and so no tape can be found: {error}.")
    };
    let (path, body) = scrub.sent(&call.path, &call.body).map_err(|error| told(&error))?;
    let only_path = path.split('?').next().unwrap_or_default();
    let target = Target::of_request(&call.target.operation().method(), only_path);
    let target = target.ok_or_else(|| told(&format!("the path would be `{only_path}`")))?;
    Ok((target, path, body))
}

fn entry(Named { name, before: _, tape }: Named, rules: &Rules) -> Result<Entry, ReplayError> {
    let unservable = |why| ReplayError::Unservable { name: name.clone(), why };
    let operation = Operation::from_name(&tape.operation)
        .ok_or_else(|| unservable(format!("`{}` is no operation that is known", tape.operation)))?;
    let target = Target::new(operation, tape.model.as_str());
    let target = target.map_err(|error| unservable(error.to_string()))?;
    if let Some(request) = &tape.request {
        check_target(request, &target).map_err(unservable)?;
    }
    let reply = play::reply(&name, &tape, rules.has_made_times).map_err(unservable)?;
    let query = tape.request.as_ref().map_or_else(Query::new, RecordedRequest::canonical_query);
    let body = tape.request.as_ref().map(|request| rules.bodies.key(request.body()).0);
    let asked = match &body {
        Some(BodyKey::Json(json)) => Some(Arc::clone(json)),
        Some(BodyKey::Any | BodyKey::Bytes(_)) | None => None,
    };
    // In one row with the others where any body will do.
    let is_any = rules.bodies.is_any();
    let key = Key {
        target,
        query: (body.is_some() || is_any).then(|| query.clone()),
        body: body.filter(|_| !is_any).unwrap_or(BodyKey::Any),
    };
    Ok(Entry { name, reply, key, query, asked })
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

/// The tape that differs from the request in the fewest places, and in which
/// first; or why that cannot be said.
fn closest<'e>(near: &[&'e Entry], asked: &Asked) -> Result<(&'e Entry, String), String> {
    let body = match (&asked.body, &asked.not_json) {
        (BodyKey::Json(body), _) => body,
        (BodyKey::Any | BodyKey::Bytes(_), Some(why)) => return Err(why.to_string()),
        (BodyKey::Any | BodyKey::Bytes(_), None) => return Err("bodies are not compared".into()),
    };
    let differences =
        near.iter().filter_map(|entry| Some((entry, difference(entry.asked.as_deref()?, body)?)));
    match differences.min_by_key(|(_, difference)| difference.count) {
        None => Err("it is JSON, and theirs cannot be compared as such".to_owned()),
        Some((entry, difference)) => Ok((entry, words(&difference))),
    }
}

fn words(difference: &Difference<'_>) -> String {
    format!(
        "has {} at {} where the request has {}",
        shown(difference.one),
        difference.path,
        shown(difference.other)
    )
}

fn shown(value: Option<&Canonical>) -> String {
    let Some(value) = value.filter(|value| !path::is_nothing(value)) else {
        return "nothing".to_owned();
    };
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
