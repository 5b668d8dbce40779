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
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, Deadline, Deadlines, Error};
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::serve::{Ended, Entry, Fault};
use bedrock_wire::tape::Tape;
use bytes::Bytes;
use fault_outcomes::{EVENTS, Ends, Failure, How, Row, TABLE};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Names the file to write the rows to.
const VARIABLE: &str = "BEDROCK_WIRE_FAULT_TABLE";

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A call that takes longer hangs; a good one never waits for this.
const PATIENCE: Duration = Duration::from_mins(1);

/// A deadline that is to pass: still long enough for what is before the stall.
const SHORT: Duration = Duration::from_secs(1);

/// The most attempts of AWS's standard mode.
const MOST: usize = 3;

/// How many faults are under way at once: most of the time they wait.
const AT_ONCE: usize = 8;

/// How a client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What a call gave, and what the server says of it.
struct Seen {
    way: Way,
    mode: Mode,
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
            None => Ends::WithoutMetadata,
        }
    }
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl")
}

/// The frames of the answer as the reference decoder tells them apart.
fn answer(tape: &Tape) -> Vec<Bytes> {
    let (body, mut start) = (tape.body_bytes(), 0);
    let ends = frames::by_reference(&body).into_iter().map(|(_, end)| end);
    ends.map(|end| body.slice(std::mem::replace(&mut start, end)..end)).collect()
}

/// Name and fault of each row, from the list that all clients share.
fn faults() -> Vec<(String, Option<Fault>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/faults.json");
    let list: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let fault = |listed: Value| match &listed["fault"] {
        Value::Null => None,
        fault => Some(Fault::try_from(fault.clone()).unwrap()),
    };
    let named = |listed: Value| (listed["name"].as_str().unwrap().to_owned(), fault(listed));
    list.into_iter().map(named).collect()
}

/// The deadline that the fault is there for is short, and no other: on a slow
/// machine none passes that was not to. The one that comes once is for the
/// first attempt, since the second is to have all the time it takes.
fn deadlines(row: &Row, mode: Mode) -> Deadlines {
    let deadlines = Deadlines::new();
    let Ends::Fails(Failure { how: How::Late(which), .. }) = row.off else { return deadlines };
    let deadlines = match which {
        Deadline::Head => deadlines.head(SHORT),
        Deadline::FirstEvent => deadlines.first_event(SHORT),
        Deadline::BetweenEvents => deadlines.between_events(SHORT),
        other => panic!("{}: no fault is for {other:?}", row.fault),
    };
    if mode == Mode::FaultOnce { deadlines.first_attempt_only() } else { deadlines }
}

/// A new client: what one has learnt of the clock, and what retries have cost
/// it, is nothing to the next.
fn client(server: &ReplayServer, way: Way, mode: Mode, row: &Row) -> Client {
    let builder = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test"))
        .deadlines(deadlines(row, mode));
    let builder = match mode {
        Mode::Off => builder.no_retries(),
        Mode::Default | Mode::FaultOnce => builder,
    };
    let builder = match server.certificate_pem() {
        Some(pem) => {
            let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
            builder.configure_reqwest(move |reqwest| reqwest.tls_certs_only([root.clone()]))
        }
        None => builder,
    };
    let builder = if way == Http1OverTls { builder.http1_only() } else { builder };
    builder.build().unwrap()
}

/// The frames of the events that the caller was given, and the error.
async fn converse(client: &Client, model: &str) -> (Vec<Bytes>, Option<Error>) {
    let request = ConverseStreamRequest::new().message(Message::user("hi"));
    let mut stream = match client.converse_stream(model, &request).await {
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

/// One fault over one way, in all modes.
async fn under(fault: Option<Fault>, row: &Row, way: Way, model: &str) -> Vec<Seen> {
    let builder = ReplayServer::builder().path(fixture()).any_body(true).speed(Speed::Max);
    let server = builder.tls(way.has_tls()).start().await.unwrap();
    let mut seen = Vec::new();
    for mode in MODES {
        server.reset();
        let fault = fault.clone().map(|fault| match mode {
            Mode::Off | Mode::Default => fault,
            Mode::FaultOnce => fault.times(1),
        });
        server.set_faults(fault.into_iter().collect()).unwrap();
        let client = client(&server, way, mode, row);
        let (began, cell) = (Instant::now(), format!("{}, {way:?}, {mode:?}", row.fault));
        let (events, error) = timeout(PATIENCE, converse(&client, model))
            .await
            .unwrap_or_else(|_| panic!("{cell}: it hangs"));
        let took = began.elapsed();
        let requests = ended(&server, &cell).await;
        assert!(server.faults().iter().all(|fault| fault.applied > 0), "{cell}: not applied");
        seen.push(Seen { way, mode, events, error, requests, took });
    }
    seen
}

/// The requests of a call that is over, none of which may be open any more
/// although the client is still there.
async fn ended(server: &ReplayServer, cell: &str) -> Vec<Entry> {
    let (journal, mut requests) = (server.journal(), Vec::new());
    for entry in server.journal().requests() {
        let ended = timeout(PATIENCE, journal.ended(entry.number)).await;
        requests.push(ended.unwrap_or_else(|_| panic!("{cell}: {entry:?}")).unwrap());
    }
    requests
}

/// All faults over all ways.
async fn run(model: &Arc<str>) -> Vec<Vec<Seen>> {
    let cells = faults().into_iter().zip(TABLE);
    let ways = [Http1InClear, Http1OverTls, Http2OverTls];
    let (mut tasks, slots) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for (i, ((_, fault), row)) in cells.enumerate() {
        for way in ways {
            let (fault, model, slots) = (fault.clone(), Arc::clone(model), Arc::clone(&slots));
            tasks.spawn(async move {
                let _slot = slots.acquire().await.unwrap();
                (i, under(fault, &row, way, &model).await)
            });
        }
    }
    let mut seen: Vec<_> = TABLE.iter().map(|_| Vec::new()).collect();
    while let Some(done) = tasks.join_next().await {
        let (i, cells) = done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        seen[i].extend(cells);
    }
    seen.iter_mut().for_each(|cells| cells.sort_by_key(|seen| (seen.way as u8, seen.mode as u8)));
    seen
}

/// What is not as the table has it, in words.
fn differs(row: &Row, seen: &Seen) -> Option<String> {
    let (ends, tries) = match seen.mode {
        Mode::Off => (row.off, row.tries[0]),
        Mode::Default => (row.off, row.tries[1]),
        Mode::FaultOnce => (row.once, row.tries[2]),
    };
    let found = (seen.ends(), seen.requests.len());
    let place = format!("{}, {:?}, {:?}", row.fault, seen.way, seen.mode);
    (found != (ends, tries)).then(|| format!("{place}: {found:?}, expected {:?}", (ends, tries)))
}

/// What holds for every call, whatever the table has.
fn check_call(row: &Row, seen: &Seen, whole: &[Bytes]) {
    let cell = format!("{}, {:?}, {:?}", row.fault, seen.way, seen.mode);
    assert!(whole.starts_with(&seen.events), "{cell}: an event is not as it was sent");
    if let Some(error) = &seen.error {
        let ending = error.interruption().map(bedrock_wire::client::Interruption::ending);
        assert_eq!(ending, How::of(error).ending(), "{cell}: {error}");
        let told = error.interruption().map_or(0, bedrock_wire::client::Interruption::events);
        assert_eq!(told, seen.events.len() as u64, "{cell}: {error}");
    } else {
        // All but `metadata`, which is behind the end of the message.
        assert!(seen.events.len() >= EVENTS - 1, "{cell}: {} events", seen.events.len());
    }
}

/// That the server was asked by one owner of all retries: each attempt once, in
/// order, none too many, and none behind an event.
fn check_journal(row: &Row, seen: &Seen, first_event: usize) {
    let cell = format!("{}, {:?}, {:?}", row.fault, seen.way, seen.mode);
    let requests = &seen.requests;
    assert!((1..=MOST).contains(&requests.len()), "{cell}: {} requests", requests.len());
    let most = if seen.mode == Mode::Off { 1 } else { MOST };
    for (i, entry) in requests.iter().enumerate() {
        let asked = (entry.operation, entry.http, entry.headers["amz-sdk-request"].as_str());
        let attempt = format!("attempt={}; max={most}", i + 1);
        assert_eq!(asked, (Some("ConverseStream"), seen.way.http(), &attempt[..]), "{cell}");
        assert!(entry.verified.is_some() != entry.rejected.is_some(), "{cell}: {entry:?}");
        assert_ne!(entry.ended, Ended::Open, "{cell}");
    }
    let calls: HashSet<_> = requests.iter().map(|e| &e.headers["amz-sdk-invocation-id"]).collect();
    assert_eq!(calls.len(), 1, "{cell}: one call");
    // What was asked again had answered with an error, with an exception, or
    // with less than the first event.
    for entry in &requests[..requests.len() - 1] {
        let has_event = entry.status == Some(200)
            && !entry.faults.contains(&"exception")
            && entry.bytes_sent >= first_event as u64;
        assert!(!has_event, "{cell}: asked again behind an event: {entry:?}");
    }
}

/// The table in Markdown: since it is the same over every way, one line a fault.
fn printed(seen: &[Vec<Seen>]) -> String {
    let mut text = String::from(
        "| fault | ends | events | send again? | tries with retries | fault once |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for (row, cells) in TABLE.iter().zip(seen) {
        let [off, default, once] = &cells[..MODES.len()] else { panic!("{}", row.fault) };
        let repeat = match &off.error {
            Some(error) => format!("{:?}", error.repeat()),
            None => "-".to_owned(),
        };
        let once = format!("{}, {} tries", said(once), once.requests.len());
        let (events, tries) = (off.events.len(), default.requests.len());
        let fault = row.fault;
        writeln!(text, "| {fault} | {} | {events} | {repeat} | {tries} | {once} |", said(off))
            .unwrap();
    }
    text
}

fn said(seen: &Seen) -> String {
    match seen.ends() {
        Ends::Whole => "complete".to_owned(),
        Ends::WithoutMetadata => "complete, no metadata".to_owned(),
        Ends::Fails(failure) => failure.to_string(),
    }
}

/// The rows as `fault_table_print.py` reads them. Over TLS HTTP/1.1 is as it is
/// in clear, so that it is not told twice.
fn rows(seen: &[Vec<Seen>]) -> Vec<Value> {
    let cells =
        || TABLE.iter().zip(seen).flat_map(|(row, cells)| cells.iter().map(move |s| (row, s)));
    let of = |way| cells().filter(move |(_, seen)| seen.way == way);
    of(Http1InClear).chain(of(Http2OverTls)).map(|(row, seen)| line(row, seen)).collect()
}

fn line(row: &Row, seen: &Seen) -> Value {
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
        "http": seen.way.http(),
        "fault": row.fault,
        "retries": seen.mode.name(),
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
async fn under_every_fault_the_client_ends_as_the_table_has_it_and_asks_again_only_before_an_event()
{
    let names: Vec<_> = faults().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, TABLE.map(|row| row.fault), "a row for each fault, in order");
    let tape = Tape::load(fixture()).unwrap();
    let whole = answer(&tape);
    assert_eq!(whole.len(), EVENTS);

    let seen = run(&tape.model.into()).await;
    let mut wrong = Vec::new();
    for (row, cells) in TABLE.iter().zip(&seen) {
        for seen in cells {
            check_call(row, seen, &whole);
            check_journal(row, seen, whole[0].len());
            wrong.extend(differs(row, seen));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    println!("{}", printed(&seen));
    if let Some(path) = std::env::var_os(VARIABLE) {
        let lines: String = rows(&seen).iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(path, lines).unwrap();
    }
}
