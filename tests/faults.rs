//! Each kind of fault as a client sees it, over HTTP/1.1 and HTTP/2.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

mod disturbed;
mod frames;

use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use aws_smithy_eventstream::frame::read_message_from;
use bedrock_wire::client::{Client, Error, Interruption};
use bedrock_wire::eventstream;
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest};
use bedrock_wire::serve::{Ended, Fault, FaultKind};
use bedrock_wire::stream::StreamErrorKind;
use bytes::Bytes;
use disturbed::{
    ANSWER, KEY, MODEL, PATIENCE, STREAM, WHOLE, ask, body, builder, client, drain, http, raw,
    read, server, start,
};
use http::Version;
use serde_json::{Value, json};
use tokio::time::timeout;

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

#[tokio::test]
async fn a_length_that_is_wrong_is_told_as_such_and_all_checksums_are_right() {
    let (came, whole) = disturbed(&["length,frame=2,value=70"], STREAM).await;
    assert!(whole);
    let damaged = &came[start(2)..start(3)];
    let crc = |bytes: &[u8]| crc32fast::hash(bytes).to_be_bytes();
    assert_eq!(damaged[..4], 70_u32.to_be_bytes());
    assert_eq!(damaged[8..12], crc(&damaged[..8]));
    assert_eq!(damaged[damaged.len() - 4..], crc(&damaged[..damaged.len() - 4]));
    assert_eq!([&came[..start(2)], &came[start(3)..]].concat(), {
        [&body()[..start(2)], &body()[start(3)..]].concat()
    });
    let (events, error) = events(&["length"]).await;
    assert_eq!(events, 0);
    let StreamErrorKind::Corrupt(error) = kind(&error) else { panic!("{error}") };
    assert!(
        matches!(error.kind(), eventstream::ErrorKind::TooLong { length, .. } if *length == 0xffff_ffff)
    );
}

#[tokio::test]
async fn an_exception_comes_as_the_service_sends_it_and_the_body_ends() {
    let fault = "exception,name=ThrottlingException,message=slow down";
    let (came, whole) = disturbed(&[fault], STREAM).await;
    assert!(whole);
    assert_eq!(came[..start(3)], body()[..start(3)]);
    let (exception, end) = frames::by_reference(&came).pop().unwrap();
    assert_eq!(end, came.len());
    let headers: Vec<_> = exception
        .headers()
        .iter()
        .map(|header| {
            (
                header.name().as_str().to_owned(),
                header.value().as_string().unwrap().as_str().to_owned(),
            )
        })
        .collect();
    let expected = [
        (":exception-type", "throttlingException"),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(exception.payload(), r#"{"message":"slow down"}"#);
    let (events, error) = events(&[fault]).await;
    assert_eq!(events, 3);
    let service = error.service_error().unwrap();
    assert_eq!(service.name.as_deref(), Some("throttlingException"));
    assert_eq!(error.kind(), bedrock_wire::client::ErrorKind::Throttled);
}

#[tokio::test]
async fn an_error_message_is_a_frame_of_its_own_kind() {
    let fault = "error_message,code=Oops,message=it broke,frame=1";
    let (came, whole) = disturbed(&[fault], STREAM).await;
    assert!(whole);
    let (message, _) = frames::by_reference(&came).pop().unwrap();
    let headers = message
        .headers()
        .iter()
        .map(|header| (header.name().as_str(), header.value().as_string().unwrap().as_str()));
    assert!(headers.eq([
        (":message-type", "error"),
        (":error-code", "Oops"),
        (":error-message", "it broke"),
    ]));
    let (events, error) = events(&[fault]).await;
    let service = error.service_error().unwrap();
    assert_eq!((events, service.message.as_deref()), (1, Some("it broke")));
}

#[tokio::test]
async fn an_error_is_answered_without_a_tape_being_played() {
    for version in BOTH {
        let server = server(&["error,name=ThrottlingException,times=1"]).await;
        let http = http(version);
        let answer = ask(&http, &server, STREAM).await;
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["x-amzn-errortype"], "ThrottlingException");
        assert_eq!(answer.headers()["content-type"], "application/json");
        let json: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(json["message"].is_string(), "{json}");
        assert!(server.report().tapes.iter().all(|tape| tape.played == 0));
        let (came, whole) = read(ask(&http, &server, STREAM).await).await;
        assert_eq!((came, whole), (body(), true));
        let entries = server.journal().requests();
        assert_eq!(entries[0].faults, ["error"]);
        assert_eq!(entries[0].why.as_deref(), Some("the fault `error` answered in its place"));
        assert_eq!(entries[1].tape.as_deref(), Some("stream"));
    }
}

#[tokio::test]
async fn an_error_can_be_any_answer() {
    let fault = json!({
        "fault": "error", "name": "Odd", "status": 599, "body": "<html>",
        "headers": { "content-type": "text/html", "retry-after": "7" },
    });
    let server = server(&[&fault.to_string()]).await;
    let answer = ask(&http(Version::HTTP_11), &server, WHOLE).await;
    assert_eq!(answer.status(), 599);
    assert_eq!(answer.headers()["content-type"], "text/html");
    assert_eq!(answer.headers()["retry-after"], "7");
    assert_eq!(answer.bytes().await.unwrap(), "<html>");
}

#[tokio::test]
async fn an_error_for_a_tape_is_answered_in_place_of_it() {
    let server = server(&["error,name=ModelErrorException,tape=str*"]).await;
    let http = http(Version::HTTP_11);
    assert_eq!(ask(&http, &server, STREAM).await.status(), 424);
    assert_eq!(ask(&http, &server, WHOLE).await.status(), 200);
    let entries = server.journal().requests();
    assert_eq!(
        (entries[0].tape.as_deref(), &entries[0].faults[..]),
        (Some("stream"), &["error"][..])
    );
    assert!(entries[1].faults.is_empty());
}

#[tokio::test]
async fn a_json_body_comes_under_the_content_type_of_frames() {
    for version in BOTH {
        let server = server(&[r#"json_body,body={"a":1}"#]).await;
        let answer = ask(&http(version), &server, STREAM).await;
        assert_eq!(answer.headers()["content-type"], "application/vnd.amazon.eventstream");
        assert_eq!(answer.bytes().await.unwrap(), r#"{"a":1}"#);
    }
    let (events, error) = events(&["json_body"]).await;
    assert_eq!(events, 0);
    assert!(matches!(kind(&error), StreamErrorKind::Corrupt(_)), "{error}");
}

#[tokio::test]
async fn a_redirect_says_where_to() {
    for version in BOTH {
        let server = server(&["redirect,location=http://other.example/"]).await;
        let answer = ask(&http(version), &server, STREAM).await;
        assert_eq!(answer.status(), 307);
        assert_eq!(answer.headers()["location"], "http://other.example/");
    }
}

#[tokio::test]
async fn pieces_are_of_the_size_that_is_asked_for() {
    let (came, whole) = disturbed(&["pieces,size=7"], STREAM).await;
    assert_eq!((came, whole), (body(), true));
    let server = server(&["pieces,size=100"]).await;
    let (answer, _) = drain(raw(&server, STREAM).await).await;
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    let mut rest = &answer[head..];
    let mut sizes = Vec::new();
    while let Some(end) = rest.windows(2).position(|end| end == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        sizes.push(usize::from_str_radix(size, 16).unwrap());
        rest = &rest[end + 2 + sizes[sizes.len() - 1] + 2..];
    }
    let whole = body().len() / 100;
    assert_eq!(sizes[..whole], vec![100; whole]);
    assert_eq!(sizes[whole..], [body().len() % 100, 0]);
    let server = disturbed(&["pieces,size=3"], WHOLE).await;
    assert_eq!(server, (ANSWER.into(), true));
}

/// Time is virtual: it goes on when everybody waits, so that it can be too
/// late but never too early.
#[tokio::test(start_paused = true)]
async fn delays_are_real_whatever_the_speed() {
    let second = Duration::from_secs(1);
    for version in BOTH {
        for (fault, head, first, last) in [
            ("delay_head,ms=5000", 5, 5, 5),
            ("delay_first_frame,ms=5000", 0, 5, 5),
            ("delay_frames,ms=1000", 0, 0, 4),
        ] {
            let server = server(&[fault]).await;
            let begun = tokio::time::Instant::now();
            let mut answer = ask(&http(version), &server, STREAM).await;
            assert!(begun.elapsed() >= head * second, "{fault}");
            let mut came = answer.chunk().await.unwrap().unwrap().to_vec();
            assert!(begun.elapsed() >= first * second, "{fault}");
            while let Some(piece) = answer.chunk().await.unwrap() {
                came.extend_from_slice(&piece);
            }
            assert!(begun.elapsed() >= last * second, "{fault}");
            assert_eq!(came, body(), "{fault}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_holds_for_what_another_fault_answers() {
    let server = server(&["delay_head,ms=2000", "error,name=ValidationException"]).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(ask(&http(Version::HTTP_11), &server, STREAM).await.status(), 400);
    assert!(begun.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_stall_sends_what_is_before_it_and_holds_the_connection() {
    for version in BOTH {
        let server = server(&["stall,frame=2"]).await;
        let mut answer = ask(&http(version), &server, STREAM).await;
        let mut came = Vec::new();
        while came.len() < start(2) {
            came.extend_from_slice(&answer.chunk().await.unwrap().unwrap());
        }
        assert_eq!(came, body()[..start(2)]);
        assert_eq!(server.journal().requests()[0].ended, Ended::Open);
        drop(answer);
        let entry = timeout(PATIENCE, server.journal().ended(1)).await.unwrap().unwrap();
        assert_eq!((entry.ended, entry.bytes_sent), (Ended::ClosedByClient, start(2) as u64));
        assert_eq!(entry.faults, ["stall"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stall_at_the_head_answers_nothing() {
    for version in BOTH {
        let server = server(&["stall,head=true"]).await;
        let http = http(version);
        let asked = timeout(Duration::from_hours(1), ask(&http, &server, STREAM));
        assert!(asked.await.is_err());
        let entry = server.journal().ended(1).await.unwrap();
        assert_eq!((entry.ended, entry.status), (Ended::ClosedByClient, None));
        assert!(server.report().tapes.iter().all(|tape| tape.played == 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http1_a_reset_is_one_of_tcp() {
    for (fault, length) in [("reset", 0), ("reset,frame=2", start(2))] {
        let server = server(&[fault]).await;
        let (answer, end) = drain(raw(&server, STREAM).await).await;
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset, "{fault}");
        // Other systems may throw away what their client has not read yet.
        if cfg!(target_os = "linux") {
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{fault}");
            let last = &body()[length.saturating_sub(12)..length];
            assert!(last.is_empty() || answer.windows(12).any(|came| came == last), "{fault}");
        }
        let entry = &server.journal().requests()[0];
        assert_eq!((entry.ended, entry.bytes_sent), (Ended::CutByFault, length as u64));
    }
    let server = server(&["reset,head=true"]).await;
    let (answer, end) = drain(raw(&server, STREAM).await).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(answer.is_empty());
    assert_eq!(server.journal().requests()[0].status, None);
}

#[tokio::test]
async fn over_http1_a_cut_is_no_reset() {
    let server = server(&["cut,frame=1"]).await;
    let (answer, end) = drain(raw(&server, STREAM).await).await;
    assert_eq!(end.unwrap(), answer.len());
    assert!(!answer.ends_with(b"0\r\n\r\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http2_a_reset_is_the_streams_own() {
    let server = server(&["reset,frame=2,times=1", "reset,head=true,operation=Converse"]).await;
    let http = http(Version::HTTP_2);
    let (came, whole) = read(ask(&http, &server, STREAM).await).await;
    assert_eq!((came, whole), (body().slice(..start(2)), false));
    let request = http.post(format!("{}{WHOLE}", server.url())).bearer_auth(KEY).body("{}");
    assert!(request.send().await.is_err());
    // The connection is as good as before.
    let (came, whole) = read(ask(&http, &server, STREAM).await).await;
    assert_eq!((came, whole), (body(), true));
    let ended: Vec<_> = server.journal().requests().iter().map(|entry| entry.ended).collect();
    assert_eq!(ended, [Ended::CutByFault, Ended::CutByFault, Ended::Complete]);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_a_reset_says_no_farewell() {
    let fault: Fault = "reset,frame=1".parse().unwrap();
    let server = builder().tls(true).fault(fault).start().await.unwrap();
    let pem = reqwest::Certificate::from_pem(server.certificate_pem().unwrap().as_bytes()).unwrap();
    let _ = http(Version::HTTP_11);
    let http = reqwest::Client::builder().no_proxy().http1_only().tls_certs_only([pem]);
    let (came, whole) = read(ask(&http.build().unwrap(), &server, STREAM).await).await;
    assert_eq!((came, whole), (body().slice(..start(1)), false));
    assert_eq!(server.journal().requests()[0].ended, Ended::CutByFault);
}

#[cfg(feature = "sigv4")]
#[tokio::test]
async fn a_clock_that_is_off_turns_signatures_away_and_tells_the_time_it_has() {
    use bedrock_wire::auth::Credentials;
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let fault: Fault = "clock,seconds=3600,times=1".parse().unwrap();
    let server = builder().clock(move || now).fault(fault).start().await.unwrap();
    let client = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(server.url())
        .credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
        .clock(move || now)
        .build()
        .unwrap();
    // The client takes over the server's clock and asks again, when it is right.
    let error = client.converse(MODEL, &ConverseRequest::new()).await;
    let entries = server.journal().requests();
    assert_eq!(entries[0].rejected.as_deref(), Some("InvalidSignatureException"));
    assert_eq!(entries[0].faults, ["clock"]);
    assert_eq!(entries[0].verified, None);
    assert_eq!(entries.len(), 2, "{error:?}");
    let answer = ask(&http(Version::HTTP_11), &server, WHOLE).await;
    assert_eq!(answer.headers()["date"], "Fri, 02 Jan 2026 03:04:05 GMT");
    server.set_faults(vec!["clock,seconds=-5".parse().unwrap()]).unwrap();
    let answer = ask(&http(Version::HTTP_11), &server, WHOLE).await;
    assert_eq!(answer.headers()["date"], "Fri, 02 Jan 2026 03:04:00 GMT");
}

#[tokio::test]
async fn a_request_that_no_tape_answers_is_left_alone() {
    let server = server(&["cut,byte=0", "delay_head,ms=3600000"]).await;
    let other = "/model/other/converse";
    let answer = ask(&http(Version::HTTP_11), &server, other).await;
    assert_eq!(answer.status(), 404);
    let entry = &server.journal().requests()[0];
    assert!(entry.faults.is_empty());
    assert!(entry.why.as_deref().unwrap().contains("No tape answers"), "{:?}", entry.why);
    assert!(server.faults().iter().all(|fault| fault.applied == 0));
}

#[tokio::test]
async fn a_fault_without_its_place_is_not_applied() {
    let faults =
        ["cut,frame=5", "message_crc,frame=9", "stall,byte=100000", "exception,name=x,before=y"];
    let (came, whole) = disturbed(&faults, STREAM).await;
    assert_eq!((came, whole), (body(), true));
    let faults = ["message_crc", "exception,name=x", "delay_frames,ms=1", "cut,before=messageStop"];
    let (came, whole) = disturbed(&faults, WHOLE).await;
    assert_eq!((came, whole), (ANSWER.into(), true));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_at_start() {
    let fault = Fault::new(FaultKind::Pieces { size: 0 });
    let error = builder().fault(fault).start().await.unwrap_err();
    assert_eq!(error.to_string(), "a fault cannot be done: `faults[0].size`: give 1 or more");
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_streams_at_once_are_each_disturbed_and_told() {
    let server = server(&["cut,frame=2,rate=0.5,seed=1", "delay_frames,ms=1"]).await;
    let http = http(Version::HTTP_2);
    let asked: Vec<_> = (0..2000)
        .map(|_| {
            let (http, url) = (http.clone(), format!("{}{STREAM}", server.url()));
            tokio::spawn(async move {
                let answer = http.post(url).bearer_auth(KEY).body("{}").send().await.unwrap();
                read(answer).await
            })
        })
        .collect();
    let mut cut = 0;
    for answer in asked {
        match answer.await.unwrap() {
            (came, true) => assert_eq!(came, body()),
            (came, false) => {
                cut += 1;
                assert_eq!(came, body()[..start(2)]);
            }
        }
    }
    assert_eq!(server.faults()[0].applied, cut);
    let entries = server.journal().requests();
    assert_eq!(entries.len(), 2000);
    let ended = |how| entries.iter().filter(|entry| entry.ended == how).count() as u64;
    assert_eq!((ended(Ended::CutByFault), ended(Ended::Complete)), (cut, 2000 - cut));
}
