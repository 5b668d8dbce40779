//! Each kind of fault as a client sees it, over HTTP/1.1 and HTTP/2.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

mod disturbed;
mod frames;

use aws_smithy_eventstream::frame::read_message_from;
use bedrock_wire::client::{Error, Interruption};
use bedrock_wire::eventstream;
use bedrock_wire::model::ConverseStreamRequest;
use bedrock_wire::stream::StreamErrorKind;
use bytes::Bytes;
use disturbed::{
    ANSWER, MODEL, STREAM, WHOLE, ask, body, builder, client, control, drain, http, raw, read,
    server, start,
};
use http::Version;
use serde_json::{Value, json};

const BOTH: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

/// The body under these faults, and whether it ended well, which is the same
/// over both versions of HTTP.
async fn disturbed(faults: &[&str], path: &str) -> (Bytes, bool) {
    let mut seen = Vec::new();
    for version in BOTH {
        let server = server(faults).await;
        seen.push(read(ask(&http(version), &server, path).await).await);
    }
    assert_eq!(seen[0], seen[1], "{faults:?}");
    seen.remove(0)
}

/// What our client makes of the stream: how many events came, and the error.
async fn events(faults: &[&str]) -> (usize, Error) {
    let server = server(faults).await;
    let request = ConverseStreamRequest::new();
    let mut stream = client(&server).converse_stream(MODEL, &request).await.unwrap();
    let mut events = 0;
    while let Some(event) = stream.next().await {
        match event {
            Ok(_) => events += 1,
            Err(error) => return (events, error),
        }
    }
    panic!("{faults:?}: {events} events and no error");
}

fn kind(error: &Error) -> &StreamErrorKind {
    match error {
        Error::Stream(interruption) => match &**interruption {
            Interruption::Stream(error) => &error.kind,
            other => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_cut_leaves_the_bytes_before_its_place() {
    for (fault, length) in [
        ("cut", start(3)),
        ("cut,frame=0", 0),
        ("cut,frame=2", start(2)),
        ("cut,frame=2,offset=12", start(2) + 12),
        ("cut,byte=100", 100),
        ("cut,before=metadata", start(4)),
    ] {
        let (came, whole) = disturbed(&[fault], STREAM).await;
        assert_eq!((came, whole), (body().slice(..length), false), "{fault}");
        let clean = format!("{fault},clean=true");
        let (came, whole) = disturbed(&[&clean], STREAM).await;
        assert_eq!((came, whole), (body().slice(..length), true), "{clean}");
    }
}

#[tokio::test]
async fn a_cut_of_a_body_with_a_length_falls_short_of_it() {
    let (came, whole) = disturbed(&["cut"], WHOLE).await;
    assert_eq!((&came[..], whole), (&ANSWER.as_bytes()[..ANSWER.len() - 1], false));
    let server = server(&["cut,byte=7"]).await;
    let (answer, _) = drain(raw(&server, WHOLE).await).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains(&format!("content-length: {}\r\n", ANSWER.len())), "{answer}");
    assert!(answer.ends_with(&ANSWER[..7]), "{answer}");
}

#[tokio::test]
async fn damage_is_what_it_says_and_nothing_else() {
    for (fault, frame) in
        [("prelude_crc,frame=1", 1), ("message_crc,frame=2", 2), ("header_type,frame=1", 1)]
    {
        let (came, whole) = disturbed(&[fault], STREAM).await;
        assert!(whole, "{fault}");
        assert_eq!(came.len(), body().len(), "{fault}");
        let (before, damaged) = came.split_at(start(frame));
        assert_eq!(before, &body()[..start(frame)], "{fault}");
        assert_eq!(frames::by_reference(before).len(), frame);
        let error = read_message_from(&mut &damaged[..]).unwrap_err().to_string();
        let after = start(frame + 1);
        assert_eq!(came[after..], body()[after..], "{fault}");
        let expected = match fault.split(',').next().unwrap() {
            "prelude_crc" => "prelude checksum",
            "message_crc" => "message checksum",
            _ => "header value type",
        };
        assert!(error.contains(expected), "{fault}: {error}");
        let (events, error) = events(&[fault]).await;
        assert_eq!(events, frame, "{fault}");
        let StreamErrorKind::Corrupt(error) = kind(&error) else { panic!("{error}") };
        match (expected, error.kind()) {
            ("prelude checksum", eventstream::ErrorKind::PreludeCrcMismatch { .. })
            | ("message checksum", eventstream::ErrorKind::MessageCrcMismatch { .. })
            | ("header value type", eventstream::ErrorKind::UnknownHeaderType { .. }) => {}
            (_, other) => panic!("{fault}: {other:?}"),
        }
    }
}
