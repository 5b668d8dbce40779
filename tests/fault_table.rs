//! What our client makes of each fault, as the scripts in `tests/clients` have
//! it of others: of each one a ConverseStream is read to its end, over every
//! version of HTTP, without retries, with default ones, and with default ones
//! and a fault that comes but once.
//!
//! With `--nocapture` it prints the table. The variable
//! `BEDROCK_WIRE_FAULT_TABLE` can name a file for the rows, which
//! `tests/clients/fault_table_print.py` prints beside those of other clients.
#![cfg(all(
    feature = "replay",
    feature = "reqwest",
    feature = "http2",
    feature = "sigv4",
    any(feature = "rustls", feature = "rustls-ring")
))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fault_outcomes;
mod frames;

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, Deadline, Deadlines, Error, Interruption};
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::serve::{Ended, Entry, Fault};
use bedrock_wire::tape::Tape;
use bytes::Bytes;
use fault_outcomes::{EVENTS, Ends, Failure, How, Row, TABLE};
use reqwest::Certificate;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Names the file to write the rows to.
const VARIABLE: &str = "BEDROCK_WIRE_FAULT_TABLE";

const MODEL: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A call that takes longer hangs; a good one never waits for this.
const PATIENCE: Duration = Duration::from_mins(1);

/// A deadline that is to pass: still long enough for what is before the stall.
const SHORT: Duration = Duration::from_secs(1);

/// The most attempts of AWS's standard mode.
const MOST: usize = 3;

/// How many faults are under way at once: most of the time they wait.
const AT_ONCE: usize = 16;

/// How a client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Http1InClear,
    Http1OverTls,
    /// As ALPN gives it.
    Http2OverTls,
}

use Way::{Http1InClear, Http1OverTls, Http2OverTls};

impl Way {
    fn has_tls(self) -> bool {
        self != Http1InClear
    }

    fn http(self) -> &'static str {
        if self == Http2OverTls { "2" } else { "1.1" }
    }
}

/// The client's retries, and how often the fault comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Off,
    Default,
    FaultOnce,
}

const MODES: [Mode; 3] = [Mode::Off, Mode::Default, Mode::FaultOnce];

impl Mode {
    /// As the scripts name it.
    fn name(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Default => "default",
            Mode::FaultOnce => "default, fault once",
        }
    }
}

/// One call: under this fault, over this way, in this mode.
#[derive(Clone, Copy)]
struct Cell {
    row: &'static Row,
    way: Way,
    mode: Mode,
}

impl Cell {
    /// How it is to end, and with how many requests.
    fn expected(self) -> (Ends<'static>, usize) {
        let Row { off, once, tries, fault: _ } = self.row;
        match self.mode {
            Mode::Off => (*off, tries[0]),
            Mode::Default => (*off, tries[1]),
            Mode::FaultOnce => (*once, tries[2]),
        }
    }

    /// The deadline that the fault is there for is short, and no other: on a
    /// slow machine none passes that was not to. Where the fault comes once it
    /// is for the first attempt, since the second is to have all the time it
    /// takes.
    fn deadlines(self) -> Deadlines {
        let deadlines = Deadlines::new();
        let Ends::Fails(Failure { how: How::Late(which), .. }) = self.row.off else {
            return deadlines;
        };
        let deadlines = match which {
            Deadline::Head => deadlines.head(SHORT),
            Deadline::FirstEvent => deadlines.first_event(SHORT),
            Deadline::BetweenEvents => deadlines.between_events(SHORT),
            other => panic!("{self}: no fault is for {other:?}"),
        };
        match self.mode {
            Mode::Off | Mode::Default => deadlines,
            Mode::FaultOnce => deadlines.first_attempt_only(),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}, {:?}", self.row.fault, self.way, self.mode)
    }
}

/// What a call gave, and what the server says of it.
struct Seen {
    cell: Cell,
    /// The frames of the events.
    events: Vec<Bytes>,
    error: Option<Error>,
    requests: Vec<Entry>,
    took: Duration,
}

impl Seen {
    fn ends(&self) -> Ends<'_> {
        match &self.error {
            Some(error) => Ends::Fails(Failure {
                kind: error.kind(),
                how: How::of(error),
                repeat: error.repeat(),
                events: self.events.len(),
            }),
            None if self.events.len() == EVENTS => Ends::Whole,
            // Of no other event may one be missing.
            None if self.events.len() == EVENTS - 1 => Ends::WithoutMetadata,
            None => panic!("{}: it ends well with {} events", self.cell, self.events.len()),
        }
    }
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl")
}

/// The frames of the answer as the reference decoder tells them apart.
fn answer() -> Vec<Bytes> {
    let (body, mut start) = (Tape::load(fixture()).unwrap().body_bytes(), 0);
    let ends = frames::by_reference(&body).into_iter().map(|(_, end)| end);
    ends.map(|end| body.slice(std::mem::replace(&mut start, end)..end)).collect()
}

/// Each row with its fault, from the list that all clients share.
fn faults() -> Vec<(&'static Row, Option<Fault>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/faults.json");
    let list: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let names: Vec<_> = list.iter().map(|listed| listed["name"].as_str().unwrap()).collect();
    assert_eq!(names, TABLE.each_ref().map(|row| row.fault), "a row for each fault, in order");
    let fault = |listed: &Value| match &listed["fault"] {
        Value::Null => None,
        fault => Some(Fault::try_from(fault.clone()).unwrap()),
    };
    TABLE.iter().zip(list.iter().map(fault)).collect()
}

async fn start(tls: bool) -> ReplayServer {
    let builder = ReplayServer::builder().path(fixture()).any_body(true).speed(Speed::Max);
    builder.tls(tls).start().await.unwrap()
}

fn root(server: &ReplayServer) -> Option<Certificate> {
    Some(Certificate::from_pem(server.certificate_pem()?.as_bytes()).unwrap())
}

/// A new client: what one has learnt of the clock, and what retries have cost
/// it, is nothing to the next. It trusts this root alone.
fn client(url: String, root: Certificate, cell: Cell) -> Client {
    let builder = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test"))
        .deadlines(cell.deadlines())
        .configure_reqwest(move |reqwest| reqwest.tls_certs_only([root.clone()]));
    let builder = match cell.mode {
        Mode::Off => builder.no_retries(),
        Mode::Default | Mode::FaultOnce => builder,
    };
    let builder = match cell.way {
        Http1OverTls => builder.http1_only(),
        Http1InClear | Http2OverTls => builder,
    };
    builder.build().unwrap()
}

/// The frames of the events that the caller was given, and the error.
async fn converse(client: &Client) -> (Vec<Bytes>, Option<Error>) {
    let request = ConverseStreamRequest::new().message(Message::user("hi"));
    let mut stream = match client.converse_stream(MODEL, &request).await {
        Ok(stream) => stream,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event.message().frame().clone()),
            Err(error) => return (events, Some(error)),
        }
    }
    (events, None)
}

/// A row over one way, in all modes.
async fn under(
    row: &'static Row,
    fault: Option<Fault>,
    way: Way,
    other_root: Certificate,
) -> Vec<Seen> {
    let server = start(way.has_tls()).await;
    let root = root(&server).unwrap_or(other_root);
    let mut seen = Vec::new();
    for mode in MODES {
        let cell = Cell { row, way, mode };
        let fault = fault.clone().map(|fault| match mode {
            Mode::Off | Mode::Default => fault,
            Mode::FaultOnce => fault.times(1),
        });
        server.reset();
        server.set_faults(fault.into_iter().collect()).unwrap();
        seen.push(call(&server, root.clone(), cell).await);
        assert!(server.faults().iter().all(|fault| fault.applied > 0), "{cell}: not applied");
    }
    seen
}

async fn call(server: &ReplayServer, root: Certificate, cell: Cell) -> Seen {
    let client = client(server.url(), root, cell);
    let began = Instant::now();
    let answer = timeout(PATIENCE, converse(&client)).await;
    let (events, error) = answer.unwrap_or_else(|_| panic!("{cell}: it hangs"));
    let took = began.elapsed();
    // None may stay open although the client is still there.
    let (journal, mut requests) = (server.journal(), Vec::new());
    for entry in journal.requests() {
        let ended = timeout(PATIENCE, journal.ended(entry.number)).await;
        requests.push(ended.unwrap_or_else(|_| panic!("{cell}: it is left open")).unwrap());
    }
    Seen { cell, events, error, requests, took }
}

/// All rows over all ways, in order.
async fn run() -> Vec<Seen> {
    // Who asks in clear trusts a root that is nobody's: to read the system's
    // takes longer than all calls together.
    let other_root = root(&start(true).await).unwrap();
    let (mut tasks, slots) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for (i, (row, fault)) in faults().into_iter().enumerate() {
        for way in [Http1InClear, Http1OverTls, Http2OverTls] {
            let (fault, slots, root) = (fault.clone(), Arc::clone(&slots), other_root.clone());
            tasks.spawn(async move {
                let _slot = slots.acquire().await.unwrap();
                ((i, way), Box::pin(under(row, fault, way, root)).await)
            });
        }
    }
    let mut seen = Vec::new();
    while let Some(done) = tasks.join_next().await {
        seen.push(done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())));
    }
    seen.sort_by_key(|(place, _)| *place);
    seen.into_iter().flat_map(|(_, seen)| seen).collect()
}

/// That the caller was given what was sent, and told how far it came.
fn check_events(seen: &Seen, whole: &[Bytes]) {
    let cell = seen.cell;
    assert!(whole.starts_with(&seen.events), "{cell}: an event is not as it was sent");
    if let Some(error) = &seen.error {
        let how = error.interruption();
        assert_eq!(how.map(Interruption::ending), How::of(error).ending(), "{cell}: {error}");
        let events = how.map_or(0, Interruption::events);
        assert_eq!(events, seen.events.len() as u64, "{cell}: {error}");
    }
}

/// That all retries have one owner: the server was asked for each attempt once,
/// in order, for none too many, and for none behind an event.
fn check_requests(seen: &Seen, first_event: u64) {
    let (cell, requests) = (seen.cell, &seen.requests);
    assert!((1..=MOST).contains(&requests.len()), "{cell}: {} requests", requests.len());
    let most = if cell.mode == Mode::Off { 1 } else { MOST };
    for (i, entry) in requests.iter().enumerate() {
        let asked = (entry.operation, entry.http, entry.headers["amz-sdk-request"].as_str());
        // Once more, where the clock alone was wrong, is beside the policy.
        let mended = usize::from(requests[..i].iter().any(|entry| entry.rejected.is_some()));
        let attempt = format!("attempt={}; max={}", i + 1, most + mended);
        assert_eq!(asked, (Some("ConverseStream"), cell.way.http(), &attempt[..]), "{cell}");
        if entry.faults == ["stall"] {
            assert_eq!(entry.ended, Ended::ClosedByClient, "{cell}");
        }
    }
    let calls: HashSet<_> = requests.iter().map(|e| &e.headers["amz-sdk-invocation-id"]).collect();
    assert_eq!(calls.len(), 1, "{cell}: one call");
    for entry in &requests[..requests.len() - 1] {
        // An exception in the first event's place may be longer, and a damaged one
        // is none.
        let is_none = entry.faults == ["exception"] || entry.faults == ["message_crc"];
        let has_event = entry.status == Some(200) && entry.bytes_sent >= first_event && !is_none;
        assert!(!has_event, "{cell}: asked again behind an event: {entry:?}");
    }
}

/// The table in Markdown. It is the same over every way, so that one is told.
fn printed(seen: &[Seen]) -> String {
    let mut text = String::from(
        "| fault | ends | events | send again? | tries | fault once |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    let told: Vec<_> = seen.iter().filter(|seen| seen.cell.way == Http2OverTls).collect();
    for modes in told.chunks(MODES.len()) {
        let [off, default, once] = modes else { panic!("three modes each") };
        let fault = off.cell.row.fault;
        let repeat =
            off.error.as_ref().map_or("-".to_owned(), |error| format!("{:?}", error.repeat()));
        let (events, tries) = (off.events.len(), default.requests.len());
        writeln!(text, "| {fault} | {off} | {events} | {repeat} | {tries} | {once} |").unwrap();
    }
    text
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ends() {
            Ends::Whole => write!(f, "complete")?,
            Ends::WithoutMetadata => write!(f, "complete, no metadata")?,
            Ends::Fails(failure) => write!(f, "{failure}")?,
        }
        match self.requests.len() {
            1 => Ok(()),
            tries => write!(f, ", {tries} tries"),
        }
    }
}

/// A row as `fault_table_print.py` reads it.
fn line(seen: &Seen) -> Value {
    let (outcome, error) = match seen.ends() {
        Ends::Whole => ("complete", None),
        Ends::WithoutMetadata => ("complete without metadata", None),
        Ends::Fails(Failure { how: How::Answer(_, Some(name)) | How::Exception(name), .. }) => {
            ("service error", Some(name.to_owned()))
        }
        Ends::Fails(failure) => ("other error", Some(failure.to_string())),
    };
    json!({
        "client": concat!("bedrock-wire ", env!("CARGO_PKG_VERSION")),
        "http": seen.cell.way.http(),
        "fault": seen.cell.row.fault,
        "retries": seen.cell.mode.name(),
        "outcome": outcome,
        "error": error,
        "message": seen.error.as_ref().map(ToString::to_string),
        "events": seen.events.len(),
        "attempts": seen.requests.len(),
        "statuses": seen.requests.iter().map(|entry| entry.status).collect::<Vec<_>>(),
        "seconds": seen.took.as_secs_f64(),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_each_fault_the_client_ends_as_the_table_has_it_and_asks_again_before_an_event_only()
{
    let whole = answer();
    assert_eq!(whole.len(), EVENTS);
    let seen = run().await;
    let mut wrong = Vec::new();
    for seen in &seen {
        check_events(seen, &whole);
        check_requests(seen, whole[0].len() as u64);
        let (found, expected) = ((seen.ends(), seen.requests.len()), seen.cell.expected());
        if found != expected {
            wrong.push(format!("{}: {found:?}, expected {expected:?}", seen.cell));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    println!("{}", printed(&seen));
    if let Some(path) = std::env::var_os(VARIABLE) {
        // Over TLS HTTP/1.1 is as it is in clear: it is not told twice.
        let told = seen.iter().filter(|seen| seen.cell.way != Http1OverTls);
        let lines: Vec<_> = told.map(|seen| line(seen).to_string() + "\n").collect();
        std::fs::write(path, lines.concat()).unwrap();
    }
}
