//! What a client sends and gets, recorded and played again.
#![cfg(all(feature = "record", feature = "reqwest", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod corpus;
mod played;
mod recordings;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{
    BoxFuture, Client, ClientBuilder, ResponseBody, Transport, TransportError, TransportErrorKind,
};
use bedrock_wire::operation::{self, Request};
use bedrock_wire::record::{Mode, RecordError, Recorder, RecorderBuilder, Report};
use bedrock_wire::replay::{ReplayError, Speed};
use bedrock_wire::tape::{End, Micros, Scrub, Tape, verify_file};
use bytes::Bytes;
use http::StatusCode;
use played::{Played, Step};
use recordings::{Dir, request, streams};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//a+token==";
const NOBODY: &str = "http://127.0.0.1:1";
const PATH: &str = "/model/a.b-v1%3A0/converse";
const ACCOUNT: &str = "210987654321";

fn client(url: &str) -> ClientBuilder {
    let token = Some(TOKEN.to_owned());
    Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(url)
        .control_plane_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET, token, None, "test"))
}

/// A client without a session, for the replay server to let in.
fn client_of(url: &str) -> ClientBuilder {
    client(url).credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test"))
}

/// What a client is handed.
#[derive(Debug, Default, PartialEq)]
struct Got {
    status: u16,
    pieces: Vec<Bytes>,
    broken: bool,
}

impl Got {
    fn body(&self) -> Bytes {
        self.pieces.concat().into()
    }
}

async fn ask(client: &Client, request: Request) -> Got {
    let response = client.send(request).await.unwrap();
    let mut got = Got { status: response.status().as_u16(), ..Got::default() };
    let mut body = response.into_body();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => got.pieces.push(piece),
            Err(_) => got.broken = true,
        }
    }
    got
}

/// Asks with a body and gives the answer's.
async fn say(client: &Client, body: &'static str) -> Bytes {
    ask(client, request(NOBODY, PATH, body)).await.body()
}

fn recorder(dir: &Dir) -> RecorderBuilder {
    Recorder::builder(&dir.0).speed(Speed::Max)
}

fn lengths(tape: &Tape) -> Vec<u64> {
    tape.response.pieces().unwrap().iter().map(|piece| piece.length).collect()
}

/// The connection is reset.
const BREAK: Step = Step::Fail(TransportErrorKind::Broken);

/// A network of the test's own: it answers in order, and counts.
#[derive(Clone, Debug, Default)]
struct Network {
    /// `None` where there is no network.
    answers: Arc<Mutex<VecDeque<Option<Played>>>>,
    asked: Arc<AtomicUsize>,
}

impl Network {
    /// Answers each request with the number that it has.
    fn counting() -> Self {
        let network = Network::default();
        for number in 1..=50 {
            network.then(200, [Step::Piece(number.to_string().into())]);
        }
        network
    }

    fn then(&self, status: u16, steps: impl IntoIterator<Item = Step>) {
        self.then_with(status, &[], steps);
    }

    fn then_with(
        &self,
        status: u16,
        headers: &'static [(&'static str, &'static str)],
        steps: impl IntoIterator<Item = Step>,
    ) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let played = Played { headers, ..Played::new(status, "", steps) };
        self.answers.lock().unwrap().push_back(Some(played));
    }

    fn then_nothing(&self) {
        self.answers.lock().unwrap().push_back(None);
    }

    fn client(&self, recorder: &Recorder) -> Client {
        let client = client(NOBODY).no_retries().transport(self.clone());
        client.wrap_transport(recorder.wrap()).build().unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Transport for Network {
    fn send(
        &self,
        _: http::Request<operation::Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let played = self.answers.lock().unwrap().pop_front().unwrap();
        Box::pin(async move {
            let broken = || TransportError::new(TransportErrorKind::Connect, "no network");
            played.map(Played::response).ok_or_else(broken)
        })
    }
}

#[tokio::test]
async fn every_recorded_stream_is_recorded_to_the_byte_and_plays_again() {
    let Some(corpus) = corpus::find("recording the recorded streams") else { return };
    let (streams, mut pieces) = (streams(&corpus), 0);
    for stream in &streams {
        let dir = Dir::new("streams");
        let server = stream.serve().await;
        let recorder = recorder(&dir).mode(Mode::Once).no_scrub().start().unwrap();
        let wrapped = client_of(&server.url()).wrap_transport(recorder.wrap());
        let got = ask(&wrapped.build().unwrap(), stream.request(&server.url())).await;
        let report = recorder.finish().await;
        assert_eq!((report.tapes(), report.failures(), report.open), (1, 0, 0), "{report}");
        server.stop().await;

        let tape = dir.tape();
        assert_eq!((&got.body(), &tape.body_bytes()), (&stream.body, &stream.body));
        let got_lengths: Vec<_> = got.pieces.iter().map(|piece| piece.len() as u64).collect();
        assert_eq!(got_lengths, lengths(&tape), "{}", stream.name);
        assert_eq!(tape.response.end(), Some(End::Complete));
        assert_eq!(tape.response.status(), stream.tape.response.status());
        assert_eq!(tape.request.as_ref().unwrap().body(), &stream.asked);

        let player = self::recorder(&dir).mode(Mode::None).start().unwrap();
        let playing = client(NOBODY).wrap_transport(player.wrap()).build().unwrap();
        assert_eq!(ask(&playing, stream.request(NOBODY)).await, got, "{}", stream.name);
        assert_eq!(player.finish().await.played, 1);
        pieces += got.pieces.len();
    }
    eprintln!("{} streams of {pieces} pieces recorded and played", streams.len());
}

#[tokio::test(start_paused = true)]
async fn sizes_order_and_times_of_the_pieces_are_on_the_tape() {
    let (dir, network) = (Dir::new("times"), Network::default());
    let ms = |ms| Step::Wait(Duration::from_millis(ms));
    let piece = |size: usize| Step::Piece(vec![b'x'; size].into());
    network.then(200, [ms(3), piece(5), piece(1), ms(20), piece(70_000), ms(7)]);
    let recorder = recorder(&dir).start().unwrap();
    let got = ask(&network.client(&recorder), request(NOBODY, PATH, "{}")).await;
    assert_eq!(got.pieces.len(), 3);
    recorder.finish().await;
    let tape = dir.tape();
    assert_eq!(lengths(&tape), [5, 1, 70_000]);
    let times = tape.response.pieces().unwrap().iter().map(|piece| piece.at.unwrap().0 / 1000);
    assert_eq!(times.collect::<Vec<_>>(), [3, 3, 23]);
    assert!(tape.response.at().unwrap() < Micros(1000));
}

#[tokio::test]
async fn what_is_cut_or_dropped_is_on_tape_as_far_as_it_came() {
    let network = Network::default();
    let pieces = || ["abc", "defg"].map(|text| Step::Piece(text.into()));
    let broken = Dir::new("broken");
    network.then(200, pieces().into_iter().chain([BREAK]));
    let recorder = recorder(&broken).start().unwrap();
    let got = ask(&network.client(&recorder), request(NOBODY, PATH, "{}")).await;
    assert!(got.broken);
    assert_eq!(recorder.finish().await.cut, 1);
    let tape = broken.tape();
    assert_eq!((tape.body_bytes(), tape.response.end()), ("abcdefg".into(), Some(End::Cut)));

    let dropped = Dir::new("dropped");
    network.then(200, pieces());
    let recorder = self::recorder(&dropped).start().unwrap();
    let response = network.client(&recorder).send(request(NOBODY, PATH, "{}")).await.unwrap();
    let mut body = response.into_body();
    assert_eq!(body.next().await.unwrap().unwrap(), "abc");
    let report = recorder.flush().await;
    assert_eq!((report.open, report.tapes()), (1, 0), "{report}");
    assert!(dropped.names().is_empty(), "nothing is there before its end");
    drop(body);
    let report = recorder.finish().await;
    assert_eq!((report.open, report.tapes(), report.cut), (0, 1, 1), "{report}");
    let tape = dropped.tape();
    assert_eq!((tape.body_bytes(), tape.response.end()), ("abc".into(), Some(End::Cut)));
}

#[tokio::test]
async fn dropping_the_recorder_writes_what_has_ended_and_what_ends_later_too() {
    let (dir, network) = (Dir::new("drop"), Network::counting());
    let recorder = recorder(&dir).start().unwrap();
    let client = network.client(&recorder);
    assert_eq!(say(&client, r#"{"a":1}"#).await, "1");
    let late = client.send(request(NOBODY, PATH, r#"{"a":2}"#)).await.unwrap();
    drop(recorder);
    assert_eq!(dir.tape().body_bytes(), "1");
    drop((late, client));
    // Another recorder's thread is no sign that this one's is done: its tape is,
    // and that what was unfinished of it is gone.
    let is_done = |names: &[String]| {
        names.len() == 2 && names.iter().all(|name| name.ends_with(".tape.jsonl"))
    };
    while !is_done(&dir.names()) {
        tokio::task::yield_now().await;
    }
}

/// What is asked in each mode of a directory with the tape of `known`.
async fn in_mode(dir: &Dir, mode: Mode) -> (Network, Report, [u16; 2]) {
    let (network, recorder) =
        (Network::counting(), recorder(dir).mode(mode).no_scrub().start().unwrap());
    let client = network.client(&recorder);
    let known = ask(&client, request(NOBODY, PATH, r#"{"q":"known"}"#)).await;
    let new = ask(&client, request(NOBODY, PATH, r#"{"q":"new"}"#)).await;
    (network, recorder.finish().await, [known.status, new.status])
}

async fn with_known(name: &str) -> Dir {
    let (dir, network) = (Dir::new(name), Network::default());
    network.then(200, [Step::Piece("old".into())]);
    let recorder = recorder(&dir).no_scrub().start().unwrap();
    assert_eq!(say(&network.client(&recorder), r#"{"q":"known"}"#).await, "old");
    assert_eq!(recorder.finish().await.tapes(), 1);
    dir
}

fn bodies(dir: &Dir) -> Vec<Bytes> {
    let mut bodies: Vec<_> = dir.tapes().iter().map(Tape::body_bytes).collect();
    bodies.sort();
    bodies
}

#[tokio::test]
async fn each_mode_asks_the_network_for_what_it_may() {
    for mode in [Mode::None, Mode::Once] {
        let dir = with_known("none-once").await;
        let (network, report, statuses) = in_mode(&dir, mode).await;
        assert_eq!((network.asked(), statuses), (0, [200, 404]), "{mode}");
        assert_eq!((report.played, report.missed, report.tapes()), (1, 1, 0), "{mode}");
        assert_eq!(bodies(&dir), ["old"]);
    }
    let dir = with_known("new").await;
    let (network, report, statuses) = in_mode(&dir, Mode::NewEpisodes).await;
    assert_eq!((network.asked(), statuses), (1, [200, 200]));
    assert_eq!((report.played, report.missed, report.tapes()), (1, 0, 1));
    assert_eq!(bodies(&dir), ["1", "old"]);
    let (network, report, _) = in_mode(&dir, Mode::NewEpisodes).await;
    assert_eq!((network.asked(), report.played), (0, 2), "what was new is known");

    let dir = with_known("all").await;
    let (network, report, statuses) = in_mode(&dir, Mode::All).await;
    assert_eq!((network.asked(), statuses), (2, [200, 200]));
    assert_eq!((report.played, report.tapes()), (0, 2));
    assert_eq!(bodies(&dir), ["1", "2"], "the old tape's place is taken");

    let dir = Dir::new("once-empty");
    let (network, ..) = in_mode(&dir, Mode::Once).await;
    assert_eq!((network.asked(), bodies(&dir).len()), (2, 2));
    let empty = Dir::new("none-empty");
    let error = recorder(&empty).mode(Mode::None).start().unwrap_err();
    assert!(matches!(error, RecordError::Replay(ReplayError::Io { .. })), "{error}");
}

#[tokio::test]
async fn two_recorders_to_one_directory_overwrite_nothing_of_each_other() {
    let dir = Dir::new("two");
    for mode in [Mode::Once, Mode::NewEpisodes] {
        let recorders = [0, 1].map(|_| recorder(&dir).mode(mode).start().unwrap());
        let networks = recorders.each_ref().map(|_| Network::default());
        let clients = [0, 1].map(|i| networks[i].client(&recorders[i]));
        for (round, body) in [(1, "{}"), (2, "{}"), (3, "[]")] {
            for (who, network) in networks.iter().enumerate() {
                network.then(200, [Step::Piece(format!("{who}-{round}").into())]);
                say(&clients[who], body).await;
            }
        }
        for recorder in recorders {
            let report = recorder.finish().await;
            assert_eq!((report.tapes(), report.failures()), (3, 0), "{report}");
        }
        assert_eq!(bodies(&dir), ["0-1", "0-2", "0-3", "1-1", "1-2", "1-3"]);
        std::fs::remove_dir_all(&dir.0).unwrap();
    }
}

#[tokio::test]
async fn recorded_anew_nothing_old_stays_behind_and_nothing_cut_takes_a_whole_tapes_place() {
    let (dir, network) = (Dir::new("anew"), Network::counting());
    let first = recorder(&dir).mode(Mode::All).start().unwrap();
    let client = network.client(&first);
    for body in ["{}", "{}", "{}", "[]", "[]"] {
        say(&client, body).await;
    }
    first.finish().await;
    std::fs::write(dir.0.join("mine-009.tape.jsonl"), "mine").unwrap();
    let second = recorder(&dir).mode(Mode::All).start().unwrap();
    let network = Network::default();
    let client = network.client(&second);
    network.then(200, [Step::Piece("new".into())]);
    network.then(200, [Step::Piece("cu".into()), BREAK]);
    assert_eq!(say(&client, "{}").await, "new");
    assert!(ask(&client, request(NOBODY, PATH, "[]")).await.broken);
    let report = second.finish().await;
    assert_eq!((report.tapes(), report.failures(), report.cut), (1, 1, 0), "{report}");
    assert!(report.failed[0].why.contains("the tape that is there is whole"), "{report}");
    std::fs::remove_file(dir.0.join("mine-009.tape.jsonl")).unwrap();
    assert_eq!(bodies(&dir), ["4", "5", "new"], "what was only cut is as it was");
}

#[tokio::test]
async fn the_same_request_is_numbered_and_played_in_the_order_it_was_asked_in() {
    let (dir, network) = (Dir::new("order"), Network::counting());
    let first = recorder(&dir).start().unwrap();
    let recording = network.client(&first);
    for number in 1..=12 {
        assert_eq!(say(&recording, "{}").await, number.to_string());
    }
    first.finish().await;
    let names = dir.names();
    let stem = names[0].strip_suffix("-001.tape.jsonl").unwrap();
    assert!(stem.starts_with("Converse-a.b-v1-0-"), "{stem}");
    assert_eq!(names[11], format!("{stem}-012.tape.jsonl"));

    let again = recorder(&dir).mode(Mode::NewEpisodes).repeat(false).start().unwrap();
    let playing = network.client(&again);
    for number in 1..=13 {
        assert_eq!(say(&playing, "{}").await, number.to_string());
    }
    let report = again.finish().await;
    assert_eq!((network.asked(), report.played, report.tapes()), (13, 12, 1));
    assert_eq!(dir.names()[12], format!("{stem}-013.tape.jsonl"));

    // Behind a gateway's prefix it is the same request.
    let player = recorder(&dir).mode(Mode::None).start().unwrap();
    let prefixed = format!("/gateway{PATH}");
    let network = Network::default();
    let behind = client("http://127.0.0.1:1/gateway").transport(network.clone());
    let behind = behind.wrap_transport(player.wrap()).build().unwrap();
    let request = request("http://127.0.0.1:1/gateway", PATH, "{}");
    assert_eq!(request.uri().path(), prefixed);
    assert_eq!(ask(&behind, request).await.body(), "1");
}

#[tokio::test]
async fn what_has_no_answer_or_refuses_the_proof_is_counted_and_errors_are_recorded() {
    let (dir, network) = (Dir::new("errors"), Network::default());
    let recorder = recorder(&dir).start().unwrap();
    let client = network.client(&recorder);
    network.then_nothing();
    client.send(request(NOBODY, PATH, "{}")).await.unwrap_err();
    let expired = &[("x-amzn-errortype", "ExpiredTokenException:http://x/")];
    network.then_with(403, expired, [Step::Piece("{}".into())]);
    assert_eq!(ask(&client, request(NOBODY, PATH, "{}")).await.status, 403);
    let throttled = &[("x-amzn-errortype", "ThrottlingException"), ("retry-after", "3")];
    network.then_with(429, throttled, [Step::Piece(r#"{"message":"slow"}"#.into())]);
    assert_eq!(ask(&client, request(NOBODY, PATH, "{}")).await.status, 429);
    let report = recorder.finish().await;
    assert_eq!((report.unanswered, report.refused, report.tapes()), (1, 1, 1), "{report}");
    let tape = dir.tape();
    assert_eq!(tape.response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(tape.response.headers().get("retry-after"), Some("3"));
    assert!(dir.names()[0].ends_with("-001.tape.jsonl"), "what has no tape has no number");
}

#[tokio::test]
async fn an_api_key_that_is_not_taken_is_no_answer_to_the_request_and_no_access_is() {
    let (dir, network) = (Dir::new("key"), Network::default());
    let recorder = recorder(&dir).start().unwrap();
    let client = network.client(&recorder);
    let denied = &[("x-amzn-errortype", "AccessDeniedException")];
    let refused = r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#;
    let halves = [&refused[..20], &refused[20..]].map(|half| Step::Piece(half.into()));
    network.then_with(403, denied, halves.clone());
    network.then_with(403, &[], halves);
    let named = r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException"}"#;
    network.then_with(403, &[], [Step::Piece(named.into())]);
    network.then_with(403, denied, [Step::Piece(refused[..20].into()), BREAK]);
    for _ in 0..4 {
        assert_eq!(ask(&client, request(NOBODY, PATH, "{}")).await.status, 403);
    }
    let report = recorder.flush().await;
    assert_eq!((report.refused, report.tapes(), report.open), (4, 0, 0), "{report}");
    let no_access = r#"{"message":"You don't have access to the model with the model ID."}"#;
    network.then_with(403, denied, [Step::Piece(no_access.into())]);
    assert_eq!(say(&client, "{}").await, no_access);
    let report = recorder.finish().await;
    assert_eq!((report.refused, report.tapes()), (4, 1), "{report}");
    assert_eq!(dir.tape().body_bytes(), no_access);
    assert!(dir.names()[0].ends_with("-001.tape.jsonl"), "a refusal takes no number");
}

#[tokio::test]
async fn no_secret_and_no_account_reaches_a_tape() {
    let (dir, network) = (Dir::new("secrets"), Network::default());
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.a.b-v1:0");
    let said = format!("not your day: x-amz-security-token:{TOKEN}\\nhost:x");
    let escaped = said.replace('/', "\\/");
    for answer in [format!(r#"{{"message":"{said}"}}"#), format!(r#"{{"message":"{escaped}"}}"#)] {
        let headers = &[
            ("x-amzn-errortype", "ValidationException"),
            ("x-amzn-requestid", "3f0c0f2e-id-of-a-request"),
            ("set-cookie", "session=very-secret-cookie"),
            ("x-amzn-bedrock-trace", "very visible"),
        ];
        network.then_with(400, headers, [Step::Piece(answer.into())]);
    }
    let scrub = Scrub::new().pattern("Jane Doe", "somebody").unwrap();
    let recorder = recorder(&dir).mode(Mode::All).scrub(scrub).start().unwrap();
    let client = network.client(&recorder);
    let path = format!("/model/{}/converse", arn.replace(':', "%3A").replace('/', "%2F"));
    for body in [format!(r#"{{"a":"Jane Doe","arn":"{arn}"}}"#), "{}".to_owned()] {
        let mut request = request(NOBODY, &path, body);
        let private = "very-private-metadata".parse().unwrap();
        request.headers_mut().insert("x-amzn-bedrock-request-metadata", private);
        ask(&client, request).await;
    }
    let report = recorder.finish().await;
    assert_eq!((report.tapes(), report.failures()), (2, 0), "{report}");
    for name in dir.names() {
        assert!(name.starts_with("Converse-us.a.b-v1-0-"), "{name}");
        let text = std::fs::read_to_string(dir.0.join(&name)).unwrap();
        for secret in [
            SECRET,
            TOKEN,
            "a+token",
            "AKIDEXAMPLE",
            ACCOUNT,
            "Signature",
            "id-of-a-request",
            "very-secret-cookie",
            "very-private-metadata",
            "amz-sdk",
            "Jane Doe",
        ] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        assert!(text.contains("very visible") && text.contains("not your day"), "{text}");
        let findings: Vec<_> = verify_file(dir.0.join(&name)).unwrap();
        assert!(findings.is_empty(), "{findings:?}");
    }
    // What was scrubbed is found by what is asked.
    let player = self::recorder(&dir).mode(Mode::None).start().unwrap();
    assert_eq!(ask(&network.client(&player), request(NOBODY, &path, "{}")).await.status, 400);
}

#[tokio::test]
async fn what_cannot_be_written_or_scrubbed_is_told_and_not_written() {
    let (dir, network) = (Dir::new("told"), Network::counting());
    let scrub = Scrub::new().pattern("\"", "").unwrap();
    let scrubbing = recorder(&dir).scrub(scrub).start().unwrap();
    assert_eq!(say(&network.client(&scrubbing), r#"{"a":1}"#).await, "1");
    let report = scrubbing.flush().await;
    assert_eq!((report.tapes(), report.failures()), (0, 1));
    assert!(report.failed[0].what.starts_with("POST /model/a.b-v1%3A0/converse"), "{report}");
    assert!(report.failed[0].why.contains("JSON"), "{report}");
    assert!(dir.names().is_empty());

    let gone = recorder(&dir).start().unwrap();
    std::fs::remove_dir_all(&dir.0).unwrap();
    assert_eq!(say(&network.client(&gone), "{}").await, "2");
    let report = gone.finish().await;
    assert_eq!((report.tapes(), report.failures()), (0, 1));
    assert!(report.failed[0].what.ends_with("-001.tape.jsonl"), "{report}");

    let small = recorder(&dir).max_held(10_000).start().unwrap();
    network.then(200, []);
    let client = network.client(&small);
    let answers = network.answers.clone();
    answers.lock().unwrap().clear();
    let half = Bytes::from(vec![b'x'; 5000]);
    network.then(200, [half.clone(), half.clone()].map(Step::Piece));
    network.then(200, [Step::Piece(half.clone())]);
    network.then(200, [Step::Piece("not held".into())]);
    network.then(200, vec![Step::Piece("x".into()); 300]);
    assert_eq!(say(&client, "{}").await.len(), 10_000);
    small.flush().await;
    assert_eq!(say(&client, "{}").await, half);
    small.flush().await;
    // A request counts, and so does each piece, however small.
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(10_000));
    assert_eq!(ask(&client, request(NOBODY, PATH, long)).await.body(), "not held");
    assert_eq!(say(&client, "{}").await.len(), 300);
    let report = small.finish().await;
    assert_eq!((report.tapes(), report.failures(), report.open), (1, 3, 0), "{report}");
    assert!(report.failed.iter().all(|failed| failed.why.contains("max_held")), "{report}");
    assert_eq!(dir.tape().body_bytes(), half);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_streams_at_once_are_each_on_their_tape() {
    let Some(corpus) = corpus::find("recording 200 streams at once") else { return };
    let streams = streams(&corpus);
    let stream = streams.iter().max_by_key(|stream| stream.body.len()).unwrap();
    let (dir, server) = (Dir::new("many"), stream.serve().await);
    let recorder = recorder(&dir).mode(Mode::All).start().unwrap();
    let wrapped = client_of(&server.url()).wrap_transport(recorder.wrap());
    let client = wrapped.build().unwrap();
    let asked: Vec<_> = (0..200)
        .map(|_| {
            let (client, request) = (client.clone(), stream.request(&server.url()));
            tokio::spawn(async move { ask(&client, request).await.body() })
        })
        .collect();
    for got in asked {
        assert_eq!(got.await.unwrap(), stream.body);
    }
    let report = recorder.finish().await;
    assert_eq!((report.tapes(), report.failures(), report.cut), (200, 0, 0), "{report}");
    let expected = Scrub::new().apply(&stream.tape).unwrap().body_bytes();
    for tape in dir.tapes() {
        assert_eq!(tape.body_bytes(), expected);
        assert_eq!(tape.response.end(), Some(End::Complete));
    }
}

#[test]
fn a_recorder_of_a_place_that_is_no_directory_does_not_start() {
    let dir = Dir::new("file");
    std::fs::write(&dir.0, "").unwrap();
    let error = recorder(&dir).start().unwrap_err();
    assert!(error.to_string().starts_with(dir.0.to_str().unwrap()), "{error}");
    std::fs::remove_file(&dir.0).unwrap();
}
