//! Tapes played over HTTP: to the byte, in order, and with a word on what is
//! missing.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

mod corpus;
mod frames;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_wire::client::Client;
use bedrock_wire::import;
use bedrock_wire::model::{ConverseStreamRequest, from_bytes};
use bedrock_wire::operation::{ModelId, Operation};
use bedrock_wire::replay::{ReplayBuilder, ReplayError, ReplayServer, Speed};
use bedrock_wire::tape::{End, Micros, RecordedRequest, RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use serde_json::{Value, json};

const KEY: &str = "bedrock-api-key-example";
const TAPE: &str = "x-bedrock-wire-tape";

/// Sends bytes to an operation of a model's, with the default key.
struct Plain {
    http: reqwest::Client,
    url: String,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Plain {
    fn new(server: &ReplayServer, version: Version) -> Self {
        // What reqwest needs where it has no TLS provider of its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match version {
            Version::HTTP_2 => builder.http2_prior_knowledge(),
            _ => builder.http1_only(),
        };
        Plain { http: builder.build().unwrap(), url: server.url() }
    }

    async fn send(&self, operation: &str, model: &str, body: Bytes) -> reqwest::Response {
        let template = Operation::from_name(operation).unwrap().path_template();
        let model = ModelId::new(model).unwrap().path_segment();
        let url = format!("{}{}", self.url, template.replace("{modelId}", &model));
        self.http.post(url).bearer_auth(KEY).body(body).send().await.unwrap()
    }

    async fn ask(&self, operation: &str, model: &str, body: impl Into<Bytes>) -> Answer {
        let answer = self.send(operation, model, body.into()).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.unwrap() }
    }

    async fn converse(&self, body: &Value) -> Answer {
        self.ask("Converse", "a.b-v1:0", body.to_string()).await
    }
}

impl Answer {
    fn tape(&self) -> &str {
        self.headers[TAPE].to_str().unwrap()
    }

    /// The message of a 404, after checking that it is one of the server's.
    fn not_found(&self) -> String {
        assert_eq!(self.status, 404);
        assert_eq!(self.headers["x-amzn-errortype"], "TapeNotFoundException");
        assert_eq!(self.headers["x-amzn-requestid"].len(), 36);
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["message"].as_str().unwrap().to_owned()
    }
}

fn request(body: &Value) -> RecordedRequest {
    let body = Bytes::from(body.to_string());
    RecordedRequest::new(Method::POST, "/model/a.b-v1%3A0/converse", &HeaderMap::new(), body)
}

/// A tape of Converse whose answer is `answer`.
fn tape(asked: Option<&Value>, answer: &'static str) -> Tape {
    let response = RecordedResponse::new(StatusCode::OK, &HeaderMap::new(), &answer.into());
    let mut tape = Tape::new("Converse", "a.b-v1:0", response);
    tape.request = asked.map(request);
    tape
}

async fn start(builder: ReplayBuilder) -> (ReplayServer, Plain) {
    let server = builder.speed(Speed::Max).start().await.unwrap();
    let plain = Plain::new(&server, Version::HTTP_11);
    (server, plain)
}

/// A recorded stream: its tape, and its body as the corpus has it.
struct Recorded {
    name: String,
    tape: Tape,
    body: Bytes,
}

impl Recorded {
    /// A body that the tape answers.
    fn asked(&self) -> Bytes {
        match &self.tape.request {
            Some(request) => request.body().clone(),
            None => "{\"messages\":[]}".into(),
        }
    }
}

fn recorded_streams(corpus: &corpus::Corpus) -> Vec<Recorded> {
    let dir = corpus.root().join("recordings");
    let tapes = import::recordings(&dir).map(|(path, tape)| (path, tape.unwrap()));
    let is_stream = |(_, tape): &(PathBuf, Tape)| {
        tape.operation == "ConverseStream" && tape.response.status() == StatusCode::OK
    };
    let streams = tapes.filter(is_stream).map(|(path, tape)| {
        let body = std::fs::read(dir.join(&path).join("response.bin")).unwrap();
        // As a file on disk would give it back.
        let mut lines = Vec::new();
        tape.write(&mut lines).unwrap();
        let tape = Tape::read(lines.as_slice(), "tape").unwrap();
        Recorded { name: path.to_str().unwrap().to_owned(), tape, body: body.into() }
    });
    let streams: Vec<_> = streams.collect();
    assert_eq!(streams.len(), corpus.answered("ConverseStream").len());
    streams
}

fn with_all(streams: &[Recorded]) -> ReplayBuilder {
    let builder = ReplayServer::builder();
    streams.iter().fold(builder, |builder, stream| builder.tape(&*stream.name, stream.tape.clone()))
}

#[tokio::test]
async fn every_recorded_stream_is_played_to_the_byte() {
    let Some(corpus) = corpus::find("replaying the recorded streams") else {
        return;
    };
    let streams = recorded_streams(&corpus);
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (server, _) = start(with_all(&streams).once(true)).await;
        let plain = Plain::new(&server, version);
        for stream in &streams {
            let answer = plain.ask("ConverseStream", &stream.tape.model, stream.asked()).await;
            assert_eq!(answer.status, 200, "{}: {:?}", stream.name, answer.body);
            assert_eq!(answer.headers["content-type"], "application/vnd.amazon.eventstream");
            // Several streams may have been recorded of one request.
            let tape = streams.iter().find(|stream| stream.name == answer.tape()).unwrap();
            assert_eq!(tape.asked(), stream.asked(), "{}", stream.name);
            assert_eq!(answer.body, tape.body, "{}", tape.name);
        }
        let report = server.stop().await;
        assert_eq!(report.unplayed().next(), None);
        assert!(report.tapes.iter().all(|tape| tape.played == 1));
        assert!(report.unmatched.is_empty());
    }
    eprintln!("{} streams played over HTTP/1.1 and HTTP/2", streams.len());
}

#[tokio::test]
async fn our_client_reads_every_recorded_stream_from_the_server() {
    let Some(corpus) = corpus::find("replaying the recorded streams to the client") else {
        return;
    };
    let streams = recorded_streams(&corpus);
    let mut events = 0;
    for stream in &streams {
        let builder = ReplayServer::builder().tape(&*stream.name, stream.tape.clone());
        let server = builder.speed(Speed::Max).start().await.unwrap();
        let client = Client::builder()
            .ignore_environment()
            .endpoint_url(server.url())
            .api_key(KEY)
            .build()
            .unwrap();
        let input: ConverseStreamRequest = from_bytes(&stream.asked()).unwrap();
        let model = stream.tape.model.as_str();
        let mut answer = client.converse_stream(model, &input).await.unwrap();
        let mut count = 0;
        while let Some(event) = answer.next().await {
            match event {
                Ok(_) => {}
                // An exception is a frame, too.
                Err(error) => assert!(error.service_error().is_some(), "{}: {error}", stream.name),
            }
            count += 1;
        }
        assert_eq!(count, frames::by_reference(&stream.body).len(), "{}", stream.name);
        events += count;
    }
    eprintln!("{events} events of {} streams read", streams.len());
}

#[tokio::test]
async fn several_tapes_of_a_request_are_played_in_order_and_then_the_last_again() {
    let hi = json!({"messages": [], "n": 1.0});
    let builder = ReplayServer::builder()
        .tape("1", tape(Some(&hi), "one"))
        .tape("other", tape(Some(&json!({})), "other"))
        .tape("2", tape(Some(&hi), "two"));
    let (server, plain) = start(builder).await;
    for expected in ["one", "two", "two", "two"] {
        // Another writing of the same JSON.
        let answer = plain.ask("Converse", "a.b-v1:0", "{\"n\":1,\n\"messages\":[ ]}").await;
        assert_eq!(answer.body, expected);
    }
    let played: Vec<_> = server.report().tapes.into_iter().map(|tape| tape.played).collect();
    assert_eq!(played, [1, 0, 3]);
    assert_eq!(server.report().unplayed().collect::<Vec<_>>(), ["other"]);
}

#[tokio::test]
async fn once_played_a_tape_is_not_played_again_if_told_so() {
    let hi = json!({"messages": []});
    let builder = ReplayServer::builder()
        .once(true)
        .tape("1", tape(Some(&hi), "one"))
        .tape("2", tape(Some(&hi), "two"));
    let (server, plain) = start(builder).await;
    assert_eq!(plain.converse(&hi).await.tape(), "1");
    assert_eq!(plain.converse(&hi).await.tape(), "2");
    let message = plain.converse(&hi).await.not_found();
    assert_eq!(
        message,
        "Each tape that answers this Converse of `a.b-v1:0` has been played once: 1, 2."
    );
    assert_eq!(server.stop().await.unmatched[0].message, message);
}

#[tokio::test]
async fn what_is_new_in_a_query_is_not_taken_for_nothing() {
    let list = |path: &str| {
        let page = RecordedResponse::new(StatusCode::OK, &HeaderMap::new(), &"{}".into());
        let mut tape = Tape::new("ListAsyncInvokes", "", page);
        let asked = RecordedRequest::new(Method::GET, path, &HeaderMap::new(), Bytes::new());
        tape.request = Some(asked);
        tape
    };
    let builder = ReplayServer::builder()
        .tape("all", list("/async-invoke"))
        .tape("two", list("/async-invoke?maxResults=2"));
    let (server, plain) = start(builder).await;
    let get = async |query: &str| {
        let url = format!("{}/async-invoke{query}", server.url());
        let answer = plain.http.get(url).bearer_auth(KEY).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.unwrap() }
    };
    assert_eq!(get("?X-Amz-Expires=9&maxResults=2").await.tape(), "two");
    assert_eq!(get("?X-Amz-Expires=9").await.tape(), "all");
    for new in ["?newMember", "?newMember=secret"] {
        assert_eq!(
            get(new).await.not_found(),
            "No tape with a ListAsyncInvokes has the query of this request (2 looked at): it has \
             `newMember=(kept on no tape)`, and theirs have none, `maxResults=2`."
        );
    }
    let message = get("?maxResults=2&newMember=secret").await.not_found();
    assert!(message.contains("`maxResults=2&newMember=(kept on no tape)`"), "{message}");
}

#[tokio::test]
async fn once_the_tapes_with_the_body_are_used_up_those_that_answer_any_go_on() {
    let hi = json!({"messages": []});
    let builder = ReplayServer::builder()
        .once(true)
        .tape("any", tape(None, "any"))
        .tape("exact", tape(Some(&hi), "exact"));
    let (_server, plain) = start(builder).await;
    assert_eq!(plain.converse(&hi).await.tape(), "exact");
    assert_eq!(plain.converse(&hi).await.tape(), "any");
    let message = plain.converse(&hi).await.not_found();
    assert!(message.ends_with("has been played once: exact, any."), "{message}");
}

/// A tape whose request has these bytes.
fn asked(body: &str, answer: &'static str) -> Tape {
    let mut tape = tape(None, answer);
    let (path, body) = ("/model/a.b-v1%3A0/converse", body.to_owned().into());
    tape.request = Some(RecordedRequest::new(Method::POST, path, &HeaderMap::new(), body));
    tape
}

#[tokio::test]
async fn bodies_match_as_json_to_the_last_digit_and_a_miss_is_told_by_the_same_comparison() {
    let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let closest = "closest is 1, which has ";
    for (recorded, sent, why) in [
        ("10000000000000000", "1e16", None),
        ("[1e400]", "[10e399]", None),
        (&*deep(400), &*format!(" {}", deep(400)), None),
        (&*deep(600), &*deep(600), None),
        (
            "18446744073709551616",
            "18446744073709551617",
            Some("18446744073709551616 at $ where the request has 18446744073709551617"),
        ),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, Some("1 at $.a where the request has 2")),
        ("[0.5]", "[0.25]", Some("0.5 at $[0] where the request has 0.25")),
        ("{}", &*deep(600), Some("it is nested over 500 deep, and compared byte by byte")),
        ("no JSON", "{}", Some("it is JSON, and theirs cannot be compared as such")),
    ] {
        let (_server, plain) =
            start(ReplayServer::builder().tape("1", asked(recorded, "found"))).await;
        let answer = plain.ask("Converse", "a.b-v1:0", sent.to_owned()).await;
        match why {
            None => assert_eq!(answer.body, "found", "{recorded} and {sent}"),
            Some(why) => {
                let message = answer.not_found();
                let told = [why.to_owned(), format!("{closest}{why}")];
                let told = told.iter().any(|why| message.ends_with(&format!(": {why}.")));
                assert!(told, "{message}");
            }
        }
    }
}

#[tokio::test]
async fn a_report_is_bounded_however_often_there_was_no_tape() {
    let (server, plain) = start(ReplayServer::builder().tape("1", tape(None, ""))).await;
    for _ in 0..1010 {
        plain.ask("CountTokens", "m", "{}").await.not_found();
    }
    let report = server.stop().await;
    assert_eq!((report.unmatched.len(), report.more_unmatched), (1000, 10));
    let shown = report.to_string();
    assert!(shown.starts_with("0 of 1 tapes played, 1010 requests without a tape\nwithout a"));
    assert!(shown.ends_with("\nwithout a tape: 990 more"), "{shown}");
    assert_eq!(shown.lines().count(), 22);
    assert_eq!(report.unplayed().collect::<Vec<_>>(), ["1"]);
}

#[tokio::test]
async fn a_tape_with_the_body_goes_before_one_that_answers_any() {
    let hi = json!({"messages": []});
    let builder = ReplayServer::builder()
        .tape("any", tape(None, "any"))
        .tape("exact", tape(Some(&hi), "exact"));
    let (_server, plain) = start(builder).await;
    assert_eq!(plain.converse(&hi).await.body, "exact");
    assert_eq!(plain.converse(&json!({"messages": [1]})).await.body, "any");
}

#[tokio::test]
async fn any_body_is_answered_if_told_so_but_only_of_the_model_and_operation() {
    let builder = ReplayServer::builder()
        .any_body(true)
        .tape("1", tape(Some(&json!({"messages": []})), "one"))
        .tape("2", tape(None, "two"));
    let (_server, plain) = start(builder).await;
    assert_eq!(plain.ask("Converse", "a.b-v1:0", "no JSON").await.body, "one");
    assert_eq!(plain.converse(&json!([])).await.body, "two");
    plain.ask("Converse", "a.b-v2:0", "{}").await.not_found();
    plain.ask("ConverseStream", "a.b-v1:0", "{}").await.not_found();
}

#[tokio::test]
async fn a_request_without_a_tape_is_told_what_differs_from_the_closest() {
    let asked = |text: &str, tokens: u32| {
        json!({
            "messages": [{"role": "user", "content": [{"text": text}]}],
            "inferenceConfig": {"maxTokens": tokens},
        })
    };
    let builder = ReplayServer::builder()
        .tape("far.jsonl", tape(Some(&asked("Ho", 5)), "far"))
        .tape("near.jsonl", tape(Some(&asked("Hi", 10)), "near"));
    let (server, plain) = start(builder).await;
    let near = "No tape with a Converse of `a.b-v1:0` has the body of this request (2 looked at): ";
    for (body, why) in [
        (
            asked("Hello", 10).to_string(),
            "closest is near.jsonl, which has \"Hi\" at $.messages[0].content[0].text where the \
             request has \"Hello\".",
        ),
        (
            json!({"messages": asked("Hi", 1)["messages"]}).to_string(),
            "closest is near.jsonl, which has {\"maxTokens\":10} at $.inferenceConfig where the \
             request has nothing.",
        ),
        ("{".to_owned(), "it is not JSON: EOF while parsing an object at line 1 column 1."),
    ] {
        let message = plain.ask("Converse", "a.b-v1:0", body).await.not_found();
        assert_eq!(message, format!("{near}{why}"));
    }
    let message = plain.ask("CountTokens", "a.b-v1:0", "{}").await.not_found();
    assert_eq!(
        message,
        "No tape answers CountTokens of `a.b-v1:0`; there are: Converse of `a.b-v1:0`."
    );
    let report = server.stop().await;
    let missed: Vec<_> =
        report.unmatched.iter().map(|request| request.target.operation()).collect();
    let converse = Operation::Converse;
    assert_eq!(missed, [converse, converse, converse, Operation::CountTokens]);
    assert!(report.to_string().starts_with("0 of 2 tapes played, 4 requests without a tape\n"));
}

#[tokio::test]
async fn an_answer_has_the_recorded_status_and_headers_but_the_servers_date() {
    let recorded = [
        ("x-amzn-errortype", "ThrottlingException"),
        ("x-amzn-requestid", "5f0d2c1e-0001-4a7b-8c3d-6e9f10213243"),
        ("retry-after", "3"),
        ("date", "Tue, 02 Dec 2025 09:30:00 GMT"),
    ];
    let recorded: HeaderMap = recorded
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
        .into_iter()
        .collect();
    let body = Bytes::from("{\"message\":\"Too many requests\"}");
    let response = RecordedResponse::new(StatusCode::TOO_MANY_REQUESTS, &recorded, &body);
    let tape = Tape::new("Converse", "a.b-v1:0", response);
    let now = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let (_server, plain) =
        start(ReplayServer::builder().clock(move || now).tape("throttled", tape)).await;
    let answer = plain.converse(&json!({})).await;
    assert_eq!((answer.status, answer.body), (429, body));
    for name in ["x-amzn-errortype", "x-amzn-requestid", "retry-after"] {
        assert_eq!(answer.headers[name], recorded[name]);
    }
    assert_eq!(answer.headers["date"], "Fri, 02 Jan 2026 03:04:05 GMT");
}

fn stream(pieces: &[(&'static str, u64)], end: End) -> Tape {
    let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    let pieces = pieces.iter().map(|&(piece, at)| (piece.into(), Some(Micros(at * 1_000_000))));
    let response = RecordedResponse::from_pieces(StatusCode::OK, &headers, pieces);
    Tape::new("ConverseStream", "m", response.with_at(Micros(1_000_000)).with_end(end))
}

/// Time is virtual: it goes on when everybody waits.
#[tokio::test(start_paused = true)]
async fn a_stream_comes_in_its_recorded_pieces_and_none_before_its_time() {
    let tape = stream(&[("one", 3), ("two", 60)], End::Complete);
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let server = ReplayServer::builder().tape("s", tape.clone()).start().await.unwrap();
        let start = tokio::time::Instant::now();
        let mut answer =
            Plain::new(&server, version).send("ConverseStream", "m", "{}".into()).await;
        assert_eq!(answer.version(), version);
        assert!(start.elapsed() >= Duration::from_secs(1));
        for (piece, at) in [("one", 3), ("two", 60)] {
            assert_eq!(answer.chunk().await.unwrap().unwrap(), piece);
            assert!(start.elapsed() >= Duration::from_secs(at));
        }
        assert_eq!(answer.chunk().await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_stream_that_was_cut_is_cut_again() {
    let tape = stream(&[("one", 3)], End::Cut);
    let (server, _) = start(ReplayServer::builder().tape("s", tape)).await;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut answer =
            Plain::new(&server, version).send("ConverseStream", "m", "{}".into()).await;
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
        assert!(answer.chunk().await.is_err(), "{version:?}");
    }
}

#[cfg(feature = "sigv4")]
#[tokio::test]
async fn only_the_keys_that_were_set_are_let_in() {
    use bedrock_wire::auth::Credentials;

    let builder = ReplayServer::builder()
        .tape("1", tape(None, "{\"output\":{},\"stopReason\":\"end_turn\"}"))
        .credentials("AKIDEXAMPLE", "another", Some("token".to_owned()))
        .api_key("another");
    let (server, plain) = start(builder).await;
    assert_eq!(plain.converse(&json!({})).await.status, 403);
    for (secret, token, status) in [
        ("another", Some("token"), None),
        ("another", None, Some(403)),
        ("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Some("token"), Some(403)),
    ] {
        let token = token.map(str::to_owned);
        let client = Client::builder()
            .ignore_environment()
            .endpoint_url(server.url())
            .region("us-east-1")
            .credentials(Credentials::new("AKIDEXAMPLE", secret, token, None, "test"))
            .build()
            .unwrap();
        let input = from_bytes::<bedrock_wire::model::ConverseRequest>(&"{\"messages\":[]}".into())
            .unwrap();
        let answer = client.converse("a.b-v1:0", &input).await;
        let refused = answer.as_ref().err().and_then(bedrock_wire::client::Error::status);
        assert_eq!(refused, status, "{answer:?}");
    }
}

#[cfg(feature = "sigv4")]
#[tokio::test]
async fn a_region_and_an_expiry_turn_callers_away_as_the_service_does() {
    use bedrock_wire::auth::{BodyHash, Credentials, sign};

    let now = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let second = Duration::from_secs(1);
    for (region, expires, name) in [
        ("us-east-1", now + second, None),
        ("eu-west-1", now + second, Some("InvalidSignatureException")),
        ("us-east-1", now, Some("ExpiredTokenException")),
    ] {
        let builder = ReplayServer::builder()
            .tape("1", tape(None, "{}"))
            .credentials("AKIDEXAMPLE", secret, Some("token".to_owned()))
            .session_expires(expires)
            .region("us-east-1")
            .clock(move || now);
        let (server, plain) = start(builder).await;
        let url = format!("{}/model/a.b-v1%3A0/converse", server.url());
        let (mut head, ()) = http::Request::post(&url).body(()).unwrap().into_parts();
        let keys = Credentials::new("AKIDEXAMPLE", secret, Some("token".into()), None, "test");
        sign(&mut head, BodyHash::of(b"{}"), &keys, region, now).unwrap();
        let sent = plain.http.post(url).headers(head.headers).body("{}");
        let answer = sent.send().await.unwrap();
        let error = answer.headers().get("x-amzn-errortype");
        assert_eq!(error.map(|error| error.to_str().unwrap()), name, "{region}");
        assert_eq!(answer.status().as_u16(), if name.is_some() { 403 } else { 200 });
    }
}

/// A directory that is gone at the end.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let name = format!("bedrock-wire-{}-{name}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        Dir(dir)
    }

    fn put(&self, path: &str, content: &[u8]) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn written(tape: &Tape) -> Vec<u8> {
    let mut out = Vec::new();
    tape.write(&mut out).unwrap();
    out
}

#[tokio::test]
async fn tapes_are_found_in_files_and_directories_and_named_by_their_path() {
    let dir = Dir::new("found");
    dir.put("b/two.jsonl", &written(&tape(None, "two")));
    dir.put("a/one.tape.jsonl", &written(&tape(None, "one")));
    dir.put("notes.txt", b"not a tape");
    let single = Dir::new("single");
    single.put("three", &written(&tape(None, "three")));
    let builder = ReplayServer::builder().path(&dir.0).path(single.0.join("three"));
    let (server, plain) = start(builder).await;
    for (tape, body) in [("a/one.tape.jsonl", "one"), ("b/two.jsonl", "two"), ("three", "three")] {
        let answer = plain.converse(&json!({})).await;
        assert_eq!((answer.tape(), &*answer.body), (tape, body.as_bytes()));
    }
    assert_eq!(server.report().unplayed().next(), None);
}

#[tokio::test]
async fn tapes_of_one_name_are_told_apart_by_what_is_before_it() {
    let dir = Dir::new("same");
    for name in ["x/esc", "x/inc", "y/esc"] {
        dir.put(&format!("{name}/a.tape.jsonl"), &written(&tape(None, "one")));
    }
    dir.put("x/esc/b.tape.jsonl", &written(&tape(None, "one")));
    let builder = ReplayServer::builder()
        .path(dir.0.join("x/esc"))
        .path(dir.0.join("x/inc"))
        .path(dir.0.join("y/esc/a.tape.jsonl"))
        .path(dir.0.join("x/inc/../inc/a.tape.jsonl"))
        .tape("mine", tape(None, "one"))
        .tape("mine", tape(None, "one"));
    let (server, plain) = start(builder).await;
    let expected = [
        "x/esc/a.tape.jsonl",
        "b.tape.jsonl",
        "inc/a.tape.jsonl",
        "y/esc/a.tape.jsonl",
        "inc/a.tape.jsonl#2",
        "mine",
        "mine#2",
    ];
    let names: Vec<_> = server.report().tapes.into_iter().map(|tape| tape.name).collect();
    assert_eq!(names, expected);
    for name in names {
        assert_eq!(plain.converse(&json!({})).await.tape(), name);
    }
}

#[tokio::test]
async fn the_fixtures_are_played() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (server, plain) = start(ReplayServer::builder().path(&fixtures)).await;
    for tape in server.report().tapes {
        let recorded = Tape::load(fixtures.join(&tape.name)).unwrap();
        let asked = recorded.request.as_ref().unwrap();
        let url = format!("{}{}", plain.url, asked.path());
        let request = plain.http.request(asked.method().clone(), url).bearer_auth(KEY);
        let answer = request.body(asked.body().clone()).send().await.unwrap();
        assert_eq!(answer.headers()[TAPE], tape.name);
        let is_cut = recorded.response.end() == Some(End::Cut);
        assert_eq!(answer.bytes().await.ok(), (!is_cut).then(|| recorded.body_bytes()));
    }
    assert_eq!(server.stop().await.unplayed().next(), None);
}

#[tokio::test]
async fn what_cannot_be_replayed_is_refused_at_start_with_its_name() {
    let dir = Dir::new("refused");
    let start = |builder: ReplayBuilder| async { builder.start().await.unwrap_err() };
    let error = start(ReplayServer::builder()).await;
    assert!(matches!(error, ReplayError::NoTape), "{error}");
    let error = start(ReplayServer::builder().path(&dir.0)).await;
    assert!(matches!(&error, ReplayError::EmptyDirectory(path) if *path == dir.0), "{error}");
    let error = start(ReplayServer::builder().path(dir.0.join("none"))).await;
    assert!(error.to_string().starts_with(dir.0.join("none").to_str().unwrap()), "{error}");
    dir.put("bad.jsonl", b"{}");
    let error = start(ReplayServer::builder().path(&dir.0)).await;
    assert!(error.to_string().contains("bad.jsonl:1: "), "{error}");
    let mut unknown = tape(None, "");
    unknown.operation = "Chat".to_owned();
    let error = start(ReplayServer::builder().tape("chat", unknown)).await;
    let expected = "the tape chat cannot be served: `Chat` is no operation that is known; \
                    correct it, or leave it out";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_tape_whose_request_is_not_what_its_head_says_is_refused() {
    const GUARDRAIL: &str = "/guardrail/g1/version/1/apply";
    let tape = |operation: &str, resource: &str, method, path: &str| {
        let answer = RecordedResponse::new(StatusCode::OK, &HeaderMap::new(), &"{}".into());
        let mut tape = Tape::new(operation, resource, answer);
        let request = RecordedRequest::new(method, path, &HeaderMap::new(), Bytes::new());
        tape.request = Some(request);
        ReplayServer::builder().tape("t", tape)
    };
    for (operation, resource, method, path, why) in [
        (
            "ApplyGuardrail",
            "g1:2",
            Method::POST,
            GUARDRAIL,
            "its request is for ApplyGuardrail of `g1:1`, and its head says ApplyGuardrail of \
             `g1:2`",
        ),
        (
            "StartAsyncInvoke",
            "",
            Method::GET,
            "/async-invoke?maxResults=2",
            "its request is for ListAsyncInvokes, and its head says StartAsyncInvoke",
        ),
    ] {
        let error = tape(operation, resource, method, path).start().await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("the tape t cannot be served: {why}; ")), "{error}");
    }
    for (method, path) in [(Method::POST, GUARDRAIL), (Method::POST, "/gateway/of/its/own")] {
        assert!(tape("ApplyGuardrail", "g1:1", method, path).start().await.is_ok(), "{path}");
    }
}
