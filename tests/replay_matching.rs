//! Which tape answers a request, and in which times: by parts of its body, in
//! order, scrubbed, and by nothing at all.
#![cfg(all(feature = "replay", feature = "client"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod frames;

use std::time::Duration;

use bedrock_wire::client::Transport;
use bedrock_wire::replay::{
    MadeStream, MadeTiming, ReplayBuilder, ReplayError, ReplayTransport, Speed,
};
use bedrock_wire::tape::{RecordedRequest, RecordedResponse, Scrub, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tokio::time::Instant;

const KEY: &str = "bedrock-api-key-example";
const MS: Duration = Duration::from_millis(1);

fn tape(model: &str, body: &Value, answer: &'static str) -> Tape {
    let path = format!("/model/{}/converse", model.replace(':', "%3A").replace('/', "%2F"));
    let response = RecordedResponse::new(StatusCode::OK, &HeaderMap::new(), &answer.into());
    let mut tape = Tape::new("Converse", model, response);
    let body = body.to_string().into();
    tape.request = Some(RecordedRequest::new(Method::POST, &path, &HeaderMap::new(), body));
    tape
}

fn of(tapes: &[(&str, &Value)]) -> ReplayBuilder {
    tapes.iter().fold(ReplayTransport::builder(), |builder, (name, body)| {
        builder.tape(*name, tape("m", body, "found"))
    })
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// How long its head took.
    head: Duration,
    /// Each with the time since the request.
    pieces: Vec<(Duration, Bytes)>,
}

impl Answer {
    fn body(&self) -> Bytes {
        self.pieces.iter().flat_map(|(_, piece)| piece.to_vec()).collect::<Vec<_>>().into()
    }

    fn times(&self) -> Vec<Duration> {
        self.pieces.iter().map(|(at, _)| *at).collect()
    }

    fn tape(&self) -> &str {
        self.headers["x-bedrock-wire-tape"].to_str().unwrap()
    }

    fn not_found(&self) -> String {
        assert_eq!(self.status, 404);
        assert_eq!(self.headers["x-amzn-errortype"], "TapeNotFoundException");
        let body: Value = serde_json::from_slice(&self.body()).unwrap();
        body["message"].as_str().unwrap().to_owned()
    }
}

async fn ask(transport: &ReplayTransport, path: &str, body: &Value) -> Answer {
    let request = http::Request::post(format!("https://h.example{path}"))
        .header("authorization", format!("Bearer {KEY}"))
        .body(Bytes::from(body.to_string()).into())
        .unwrap();
    let start = Instant::now();
    let (head, mut body) = transport.send(request).await.unwrap().into_parts();
    let took = start.elapsed();
    let mut pieces = Vec::new();
    while let Some(piece) = body.next().await {
        pieces.push((start.elapsed(), piece.unwrap()));
    }
    Answer { status: head.status, headers: head.headers, head: took, pieces }
}

async fn converse(transport: &ReplayTransport, body: &Value) -> Answer {
    ask(transport, "/model/m/converse", body).await
}

async fn stream(transport: &ReplayTransport) -> Answer {
    ask(transport, "/model/m/converse-stream", &json!({})).await
}

fn said(text: &str, seed: u32) -> Value {
    json!({
        "messages": [
            {"role": "user", "content": [{"text": text}]},
            {"role": "assistant", "content": [{"text": "yes"}]},
        ],
        "inferenceConfig": {"maxTokens": seed},
    })
}

#[tokio::test]
async fn only_what_the_paths_lead_to_must_be_the_same() {
    let (one, two) = (said("one", 1), said("two", 2));
    let paths = ["$.messages[*].content", "$.system"];
    let transport = of(&[("1", &one), ("2", &two)]).match_paths(paths).transport().unwrap();
    assert_eq!(converse(&transport, &said("one", 99)).await.tape(), "1");
    assert_eq!(converse(&transport, &said("two", 99)).await.tape(), "2");
    let mut with_system = said("one", 1);
    with_system["system"] = json!([{"text": "Be brief."}]);
    for (body, why) in [
        (
            said("three", 1),
            "closest is 1, which has \"one\" at $.messages[0].content[0].text where the request \
             has \"three\"",
        ),
        (
            with_system,
            "closest is 1, which has nothing at $.system where the request has \
             [{\"text\":\"Be brief.\"}]",
        ),
        (
            json!({"messages": [{"role": "user"}, {"content": [{"text": "yes"}]}]}),
            "closest is 1, which has {\"content\":[{\"text\":\"one\"}]} at $.messages[0] where \
             the request has nothing",
        ),
    ] {
        assert_eq!(
            converse(&transport, &body).await.not_found(),
            format!(
                "No tape with a Converse of `m` has the body of this request at \
                 $.messages[*].content, $.system (2 looked at): {why}."
            )
        );
    }
}

#[test]
fn a_bad_path_is_told_where_and_how_to_mend_it() {
    let one = json!({});
    let error = of(&[("1", &one)]).match_paths(["$.a[-1]"]).transport().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the path `$.a[-1]` cannot be read at byte 4: in brackets give `*`, an index from 0, or a \
         name in quotes"
    );
    let both = of(&[("1", &one)]).match_paths(["$.a"]).any_body(true).transport().unwrap_err();
    assert!(matches!(both, ReplayError::AnyBodyAndPaths), "{both}");
}

#[tokio::test]
async fn in_order_the_next_tape_waits_for_its_request() {
    let (one, two) = (json!({"n": 1}), json!({"n": 2}));
    let builder = of(&[("a", &one), ("b", &two), ("c", &one)]).in_order(true);
    let transport = builder.transport().unwrap();
    let early = converse(&transport, &two).await.not_found();
    assert_eq!(
        early,
        "The next tape in order is a (number 1 of 3): it has 1 at $.n where the request has 2."
    );
    assert_eq!(converse(&transport, &one).await.tape(), "a");
    let other = ask(&transport, "/model/m/count-tokens", &two).await.not_found();
    assert_eq!(
        other,
        "The next tape in order is b (number 2 of 3): it answers Converse of `m`, and the request \
         is CountTokens of `m`."
    );
    assert_eq!(converse(&transport, &two).await.tape(), "b");
    assert_eq!(converse(&transport, &one).await.tape(), "c");
    let late = converse(&transport, &one).await.not_found();
    assert_eq!(late, "All 3 tapes have been played, in order; none is next.");
    assert_eq!(transport.report().unmatched.len(), 3);
}

#[tokio::test]
async fn a_scrubbed_tape_is_found_by_the_request_it_was_made_of() {
    let arn = |account| format!("arn:aws:bedrock:us-east-1:{account}:inference-profile/p");
    let path = |account| {
        format!("/model/{}/converse", arn(account).replace(':', "%3A").replace('/', "%2F"))
    };
    let scrub = || Scrub::new().pattern("code [0-9]+", "code 0").unwrap();
    let real = tape(&arn("210987654321"), &json!({"text": "code 4711"}), "found");
    let scrubbed = scrub().apply(&real).unwrap();
    assert_eq!(scrubbed.model, arn("123456789012"));
    let transport =
        |builder: ReplayBuilder| builder.tape("1", scrubbed.clone()).transport().unwrap();
    let with = transport(ReplayTransport::builder().scrub(scrub()));
    for text in ["code 4711", "code 5"] {
        let answer = ask(&with, &path("210987654321"), &json!({"text": text})).await;
        assert_eq!(answer.body(), "found");
    }
    let other = ask(&with, &path("210987654321"), &json!({"text": "x"})).await.not_found();
    assert!(other.contains("has \"code 0\" at $.text where the request has \"x\""), "{other}");
    let without = transport(ReplayTransport::builder());
    let missed = ask(&without, &path("210987654321"), &json!({"text": "code 4711"})).await;
    assert_eq!(missed.status, 404);
}

#[tokio::test]
async fn a_request_that_cannot_be_scrubbed_says_so() {
    let scrub = Scrub::new().pattern("\"x\"", "x").unwrap();
    let transport = of(&[("1", &json!({}))]).scrub(scrub).transport().unwrap();
    let message = converse(&transport, &json!({"a": "x"})).await.not_found();
    assert!(message.starts_with("The request cannot be scrubbed"), "{message}");
}

fn stream_tape(frames: &[Bytes]) -> Tape {
    let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    // In one piece, and late: neither is played.
    let whole = Bytes::from(frames.concat());
    let pieces = [(whole, Some(bedrock_wire::tape::Micros(9_000_000)))];
    Tape::new(
        "ConverseStream",
        "m",
        RecordedResponse::from_pieces(StatusCode::OK, &headers, pieces),
    )
}

#[tokio::test(start_paused = true)]
async fn made_times_are_kept_frame_by_frame() {
    let frames = MadeStream::new(3, 5).frames().unwrap();
    let timing = MadeTiming::new().first_event(400 * MS).events_per_second(50.0);
    for (speed, timing, head, first, gap) in [
        (Speed::Recorded, timing, 400, 400, 20),
        (Speed::Recorded, timing.head(100 * MS), 100, 400, 20),
        (Speed::Recorded, timing.head(900 * MS), 400, 400, 20),
        (Speed::Times(2.0), timing, 200, 200, 10),
        (Speed::Max, timing, 0, 0, 0),
        (Speed::Recorded, MadeTiming::new(), 0, 0, 0),
    ] {
        let builder = ReplayTransport::builder().tape("1", stream_tape(&frames));
        let transport = builder.timing(timing).speed(speed).transport().unwrap();
        let answer = stream(&transport).await;
        assert_eq!(answer.head, head * MS);
        let expected = (0..7).map(|i| (first + i * gap) * MS);
        assert_eq!(answer.times(), expected.collect::<Vec<_>>());
        let pieces: Vec<_> = answer.pieces.into_iter().map(|(_, piece)| piece).collect();
        assert_eq!(pieces, frames);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_stream_comes_whole_at_the_time_of_the_first_event() {
    let timing = MadeTiming::new().first_event(400 * MS).events_per_second(1.0);
    let transport = of(&[("1", &json!({}))]).timing(timing).transport().unwrap();
    let answer = converse(&transport, &json!({})).await;
    assert_eq!((answer.head, answer.pieces), (400 * MS, vec![(400 * MS, "found".into())]));
}

#[tokio::test(start_paused = true)]
async fn a_seed_gives_each_play_of_a_tape_its_own_times_and_another_run_the_same() {
    let frames = MadeStream::new(20, 5).frames().unwrap();
    let run = async |seed| {
        let timing =
            MadeTiming::new().first_event(400 * MS).events_per_second(100.0).jitter(0.5).seed(seed);
        let builder = ReplayTransport::builder().tape("1", stream_tape(&frames));
        let transport = builder.timing(timing).transport().unwrap();
        [stream(&transport).await.times(), stream(&transport).await.times()]
    };
    let [first, second] = run(1).await;
    assert_ne!(first, second);
    assert_eq!(run(1).await, [first.clone(), second]);
    assert_ne!(run(2).await[0], first);
    assert!((200 * MS..=600 * MS).contains(&first[0]), "{first:?}");
    // tokio's timer is exact to a millisecond.
    let gaps = first.windows(2).map(|two| two[1].abs_diff(two[0]));
    assert!(
        gaps.clone().all(|gap| (4 * MS..=16 * MS).contains(&gap)),
        "{:?}",
        gaps.collect::<Vec<_>>()
    );
}

#[test]
fn times_that_cannot_be_are_refused() {
    for (timing, what) in [
        (MadeTiming::new().events_per_second(0.0), "events per second"),
        (MadeTiming::new().events_per_second(f64::NAN), "events per second"),
        (MadeTiming::new().jitter(1.5), "jitter"),
        (MadeTiming::new().jitter(-0.1), "jitter"),
        (MadeTiming::new().jitter(f64::NAN), "jitter"),
    ] {
        let error = of(&[("1", &json!({}))]).timing(timing).transport().unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_made_stream_answers_what_no_tape_does() {
    let made = MadeStream::new(100, 20);
    let timing = MadeTiming::new().first_event(30 * MS).events_per_second(1000.0);
    let builder = ReplayTransport::builder().made(made).timing(timing);
    let transport = builder.tape("1", stream_tape(&[])).transport().unwrap();
    assert_eq!(stream(&transport).await.tape(), "1");
    let answer = ask(&transport, "/model/other/converse-stream", &said("x", 1)).await;
    assert_eq!(answer.headers["content-type"], "application/vnd.amazon.eventstream");
    assert_eq!(answer.body(), made.frames().unwrap().concat());
    assert_eq!(answer.times(), (0..104).map(|i| (30 + i) * MS).collect::<Vec<_>>());
    let frames = frames::by_reference(&answer.body());
    let types = frames.iter().map(|(message, _)| {
        let header =
            message.headers().iter().find(|header| header.name().as_str() == ":event-type");
        header.unwrap().value().as_string().unwrap().as_str().to_owned()
    });
    let mut types: Vec<_> = types.collect();
    types.dedup();
    let order =
        ["messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];
    assert_eq!(types, order);
    // Of other operations there is none.
    let message = converse(&transport, &json!({})).await.not_found();
    assert_eq!(message, "No tape answers Converse of `m`; there are: ConverseStream of `m`.");
    let report = transport.report();
    assert_eq!((report.made, report.unmatched.len()), (1, 1));
    assert!(report.to_string().contains(", 1 made streams"), "{report}");
}

#[tokio::test]
async fn made_streams_need_no_tape_and_nothing_else_does_without_one() {
    let transport = ReplayTransport::builder().made(MadeStream::new(1, 1)).transport().unwrap();
    assert_eq!(stream(&transport).await.pieces.len(), 5);
    let message = converse(&transport, &json!({})).await.not_found();
    assert_eq!(message, "No tape answers Converse of `m`; there are: none.");
    assert!(matches!(ReplayTransport::builder().transport(), Err(ReplayError::NoTape)));
    let large = ReplayTransport::builder().made(MadeStream::new(u32::MAX, 1)).transport();
    assert!(large.unwrap_err().to_string().contains("at most"));
}
