//! Scrubbing: what says whose a tape is goes from every place, frames are
//! sound to the reference codec, pieces and times stay true.
#![cfg(feature = "replay")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod frames;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bedrock_wire::eventstream::{HeaderValue, Message};
use bedrock_wire::import;
use bedrock_wire::tape::{
    End, Micros, Piece, RecordedBody, RecordedRequest, RecordedResponse, Scrub, ScrubError, Tape,
    verify,
};
use bytes::Bytes;
use frames::by_reference;
use http::{HeaderMap, HeaderName, HeaderValue as Value, Method, StatusCode};

const ACCOUNT: &str = "210987654321";
const EXAMPLE: &str = "123456789012";
const ID: &str = "5aaaa521-d2c6-4980-ba0a-7bba19633a40";
const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

fn arn(account: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:{account}:inference-profile/us.a.b-v1:0")
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), Value::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn frame(event_type: &str, payload: &str) -> Bytes {
    let headers = [
        (":event-type", HeaderValue::String(event_type)),
        (":message-type", HeaderValue::String("event")),
        ("n", HeaderValue::Int32(7)),
    ];
    Message::encode(headers, payload.as_bytes()).unwrap().frame().clone()
}

/// A stream that names `account` and `id` in every place there is.
fn stream(account: &str, id: &str) -> Tape {
    let arn = arn(account);
    let chunk = STANDARD.encode(format!(r#"{{"type":"x","arn":"{arn}","id":"{id}"}}"#));
    let frames = [
        frame("messageStart", r#"{"role":"assistant"}"#),
        frame("chunk", &format!(r#"{{"bytes":"{chunk}","p":"abcd"}}"#)),
        frame(&arn, &format!(r#"{{"trace":"{arn}","id":"{id}"}}"#)),
        frame("messageStop", r#"{"stopReason":"end_turn"}"#),
    ];
    let body = Bytes::from(frames.concat());
    let cut = [body.slice(..200), body.slice(200..400), body.slice(400..)];
    let pieces = (1..).zip(cut).map(|(n, piece)| (piece, Some(Micros(n * 100))));
    let got = headers(&[
        ("content-type", "application/vnd.amazon.eventstream"),
        ("x-amzn-bedrock-invocation", &arn),
        ("x-amzn-requestid", id),
    ]);
    let response = RecordedResponse::from_pieces(StatusCode::OK, &got, pieces)
        .with_at(Micros(50))
        .with_end(End::Complete);
    let mut tape = Tape::new("InvokeModelWithResponseStream", &*arn, response);
    let path = arn.replace(':', "%3A").replace('/', "%2F");
    let path = format!("/model/{path}/invoke-with-response-stream");
    let body = format!(r#"{{"guardrailIdentifier":"{arn}","prompt":"of {id}"}}"#);
    let sent = headers(&[("content-type", "application/json"), ("x-amzn-bedrock-trace", &arn)]);
    tape.request = Some(RecordedRequest::new(Method::POST, &path, &sent, body.into()));
    tape.source = Some(format!("recorded with {arn} as {id}"));
    tape
}

fn written(tape: &Tape) -> String {
    let mut bytes = Vec::new();
    tape.write(&mut bytes).unwrap();
    let again = Tape::read(&*bytes, "written").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(again, *tape);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_scrubbed_is_what_a_recording_of_the_example_account_would_be() {
    let scrubbed = Scrub::new().apply(&stream(ACCOUNT, ID)).unwrap();
    assert_eq!(written(&scrubbed), written(&stream(EXAMPLE, NO_ID)));
    let numbered = Scrub::new().request_id("request-7").apply(&stream(ACCOUNT, ID)).unwrap();
    let text = written(&numbered);
    assert!(text.contains(r#"["x-amzn-requestid","request-7"]"#), "{text}");
    assert!(!text.contains(ID) && !text.contains(ACCOUNT), "{text}");
}

#[test]
fn frames_that_changed_in_length_are_sound_and_come_when_they_came() {
    let tape = stream(ACCOUNT, ID);
    for (pattern, replacement) in
        [("inference-profile", "x"), ("inference-profile", "a-much-longer-kind-of-profile")]
    {
        let scrub = Scrub::new().pattern(pattern, replacement).unwrap();
        let scrubbed = scrub.apply(&tape).unwrap();
        let text = written(&scrubbed);
        assert!(!text.contains(pattern), "{text}");
        let body = scrubbed.body_bytes();
        assert_ne!(body.len(), tape.body_bytes().len());
        // The reference checks lengths and CRCs.
        let frames = by_reference(&body);
        assert_eq!(frames.len(), 4);
        let pieces = scrubbed.response.pieces().unwrap();
        let sum: u64 = pieces.iter().map(|piece| piece.length).sum();
        assert_eq!(sum, body.len() as u64);
        let times = |tape: &Tape| match tape.response.body() {
            RecordedBody::Stream { frames, .. } => frames.iter().map(|f| f.at).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(times(&scrubbed), times(&tape));
        let at = |pieces: &[Piece]| pieces.iter().map(|piece| piece.at).collect::<Vec<_>>();
        assert_eq!(at(pieces), at(tape.response.pieces().unwrap()));
        assert_eq!(scrubbed.response.end(), Some(End::Complete));
        assert_eq!(Duration::from(scrubbed.response.at().unwrap()), Duration::from_micros(50));
    }
}

#[test]
fn damage_and_cuts_stay_what_they_are() {
    let whole = frame("x", &format!(r#"{{"arn":"{}"}}"#, arn(ACCOUNT)));
    let mut damaged = whole.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let got = headers(&[("content-type", "application/vnd.amazon.eventstream")]);
    for rest in [damaged, whole[..whole.len() - 9].to_vec()] {
        let body = Bytes::from([&whole[..], &rest].concat());
        let response = RecordedResponse::new(StatusCode::OK, &got, &body);
        let tape = Tape::new("ConverseStream", "m", response);
        let scrubbed = Scrub::new().apply(&tape).unwrap();
        assert_eq!(scrubbed.body_bytes().len(), body.len());
        let RecordedBody::Stream { frames, rest: left } = scrubbed.response.body() else {
            panic!("no stream");
        };
        assert_eq!((frames.len(), left.len()), (1, rest.len()));
        let text = String::from_utf8_lossy(left);
        assert!(text.contains(EXAMPLE) && !text.contains(ACCOUNT), "{text}");
    }
}

#[test]
fn a_replacement_that_no_tape_can_hold_is_an_error_that_says_where() {
    let tape = stream(ACCOUNT, ID);
    let error = |pattern: &str, replacement: &str| {
        let scrub = Scrub::new().pattern(pattern, replacement).unwrap();
        scrub.apply(&tape).unwrap_err()
    };
    let json = ScrubError::Json { member: "request.body".to_owned() };
    assert_eq!(error("guardrailIdentifier\"", "x"), json);
    let json = ScrubError::Json { member: "frame 4 (counted from 1)".to_owned() };
    assert_eq!(error("end_turn", "\""), json);
    let bad = error("^arn:aws:bedrock", "\u{7}");
    assert!(matches!(&bad, ScrubError::Header { name } if name.contains("bedrock")), "{bad}");
    let long = "x".repeat(40_000);
    assert!(matches!(error("^messageStart$", &long), ScrubError::Frame { number: 1, .. }));
    let pattern = Scrub::new().pattern("(", "").unwrap_err();
    assert!(pattern.to_string().starts_with("the pattern `(` is no regular expression: "));
}

/// Account ids that stand in plain sight, as a reader would count them.
fn accounts_in(text: &str) -> usize {
    let arns = text.replace("%3A", ":");
    let accounts = arns.split("arn:aws").skip(1).filter_map(|arn| arn.split(':').nth(3));
    let is_account = |field: &&str| field.len() == 12 && field.bytes().all(|b| b.is_ascii_digit());
    accounts.filter(is_account).filter(|account| *account != EXAMPLE).count()
}

#[test]
fn every_recording_scrubbed_names_no_account_and_is_sound() {
    let Some(corpus) = corpus::find("recordings, scrubbed") else {
        return;
    };
    let scrub = Scrub::new();
    let (mut tapes, mut changed, mut frames, mut accounts) = (0, 0, 0, 0);
    for (path, tape) in import::recordings(corpus.root().join("recordings")) {
        let tape = tape.unwrap();
        let scrubbed = scrub.apply(&tape).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        tapes += 1;
        if let RecordedBody::Stream { .. } = scrubbed.response.body() {
            frames += by_reference(&scrubbed.body_bytes()).len();
        }
        if let Some(id) = tape.response.headers().get("x-amzn-requestid") {
            assert!(!written(&scrubbed).contains(id), "{}", path.display());
        }
        changed += usize::from(scrubbed != tape);
        accounts += accounts_in(&written(&tape));
        if accounts_in(&written(&tape)) > 0 {
            let found = verify(written(&scrubbed).as_bytes(), "scrubbed").unwrap();
            assert_eq!(found, [], "{}", path.display());
        }
        // Nothing is left that a second time would find.
        assert_eq!(scrub.apply(&scrubbed).unwrap(), scrubbed, "{}", path.display());
    }
    println!(
        "{tapes} tapes, {changed} changed, {accounts} accounts, {frames} frames read by the reference"
    );
    assert!(tapes >= 646 && changed > 100 && accounts > 2 && frames > 2000);
}
