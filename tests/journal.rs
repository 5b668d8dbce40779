//! The journal and the control plane, as a program in any language uses them.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![cfg(all(feature = "replay", feature = "reqwest", feature = "http2"))]

mod disturbed;

use std::time::Duration;

use bedrock_wire::auth::verify::Verifier;
use bedrock_wire::serve::{Call, Ended, Journal, Reply, Server, VerifiedBy};
use bytes::Bytes;
use disturbed::{
    ANSWER, KEY, MODEL, PATIENCE, STREAM, WHOLE, ask, body, builder, control, http, read, server,
};
use http::{StatusCode, Version};
use serde_json::{Value, json};
use tokio::time::timeout;

const BOTH: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

async fn ended(journal: &Journal, number: u64) -> bedrock_wire::serve::Entry {
    timeout(PATIENCE, journal.ended(number)).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_told_from_its_head_to_its_end() {
    for version in BOTH {
        let now = std::time::SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_675_102_123);
        let server = builder().clock(move || now).start().await.unwrap();
        let request = http(version).post(format!("{}{STREAM}?maxResults=1", server.url()));
        let request = request.bearer_auth(KEY).header("x-mine", "1").body(r#"{"a": 1}"#);
        let (came, whole) = read(request.send().await.unwrap()).await;
        assert_eq!((&came, whole), (&body(), true));
        let (status, mut journal) = control(&server, "journal", None).await;
        assert_eq!((status, &journal["dropped"]), (200, &json!(0)));
        let entry = journal["requests"][0].take();
        assert_eq!(entry["headers"]["x-mine"], "1");
        assert_eq!(entry["headers"]["authorization"], "(hidden)");
        assert!(entry["milliseconds"].is_u64());
        let mut rest = entry.clone();
        for member in ["headers", "milliseconds"] {
            rest.as_object_mut().unwrap().remove(member);
        }
        let http = if version == Version::HTTP_2 { "2" } else { "1.1" };
        let expected = json!({
            "number": 1, "at": "2026-11-26T06:38:22.123Z", "method": "POST",
            "path": format!("{STREAM}?maxResults=1"), "http": http,
            "operation": "ConverseStream", "model": MODEL, "body": { "a": 1 }, "body_bytes": 8,
            "verified": { "by": "bearer" }, "rejected": null, "tape": "stream", "why": null,
            "faults": [], "status": 200, "bytes_sent": came.len(), "ended": "complete",
        });
        assert_eq!(rest, expected);
        fits_schema(&server, "journal", &json!({ "requests": [entry], "dropped": 0 })).await;
    }
}

/// Members, types and values as far as the schema lists them by name.
async fn fits_schema(server: &bedrock_wire::replay::ReplayServer, name: &str, json: &Value) {
    let (status, schema) = control(server, "schema", None).await;
    assert_eq!(status, 200);
    let schema = &schema[name];
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    fits(schema, schema, json);
}

fn fits(root: &Value, schema: &Value, json: &Value) {
    if let Some(reference) = schema["$ref"].as_str() {
        return fits(root, root.pointer(reference.strip_prefix('#').unwrap()).unwrap(), json);
    }
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(json), "{json} is none of {values:?}");
    }
    if let Some(items) = schema.get("items") {
        json.as_array().unwrap().iter().for_each(|item| fits(root, items, item));
    }
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), json.as_object()) {
        for required in schema["required"].as_array().unwrap() {
            assert!(object.contains_key(required.as_str().unwrap()), "{required} is missing");
        }
        for (name, value) in object {
            fits(root, properties.get(name).unwrap_or_else(|| panic!("{name}")), value);
        }
    }
}

#[tokio::test]
async fn who_is_turned_away_is_told_with_the_error() {
    for version in BOTH {
        let server = server(&[]).await;
        let client = http(version);
        let url = |path| format!("{}{path}", server.url());
        let send = |request: reqwest::RequestBuilder| async move {
            request.body("{}").send().await.unwrap().status().as_u16()
        };
        assert_eq!(send(client.post(url(STREAM))).await, 403);
        assert_eq!(send(client.post(url(STREAM)).bearer_auth("wrong")).await, 403);
        assert_eq!(send(client.post(url("/model/a/b/converse")).bearer_auth(KEY)).await, 200);
        let entries = server.journal().requests();
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.rejected.as_deref().unwrap(), entry.operation, entry.body_bytes))
            .collect();
        let stream = Some("ConverseStream");
        let expected = [
            ("MissingAuthenticationTokenException", None, 0),
            ("AccessDeniedException", stream, 2),
            ("UnknownOperationException", None, 0),
        ];
        assert_eq!(told, expected);
        assert!(entries.iter().all(|entry| entry.verified.is_none() && entry.tape.is_none()));
        assert!(entries.iter().all(|entry| entry.ended == Ended::Complete));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tape_that_answers_is_named() {
    let server = server(&["delay_first_frame,ms=1"]).await;
    let http = http(Version::HTTP_11);
    read(ask(&http, &server, STREAM).await).await;
    read(ask(&http, &server, WHOLE).await).await;
    let entries = server.journal().requests();
    let tapes: Vec<_> = entries.iter().map(|entry| entry.tape.as_deref().unwrap()).collect();
    assert_eq!(tapes, ["stream", "whole"]);
    let sent: Vec<_> = entries.iter().map(|entry| entry.bytes_sent).collect();
    assert_eq!(sent, [body().len() as u64, ANSWER.len() as u64]);
    assert!(matches!(entries[0].verified, Some(VerifiedBy::Bearer)));
    assert_eq!(entries[0].faults, ["delay_first_frame"]);
}

/// A piece at once, and the next in an hour.
fn slow(_: &Call) -> Reply {
    let pieces = vec![(Duration::ZERO, "one".into()), (Duration::from_hours(1), "two".into())];
    Reply::timed(StatusCode::OK, pieces)
}

async fn serving(handler: impl bedrock_wire::serve::Handler) -> Server {
    Server::builder(Verifier::new().bearer_key(KEY)).start(handler).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_its_client_drops_is_closed_by_the_client() {
    for version in BOTH {
        let server = serving(slow).await;
        let request = http(version).post(format!("{}{STREAM}", server.url())).bearer_auth(KEY);
        let mut answer = request.send().await.unwrap();
        assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
        assert_eq!(server.journal().requests()[0].ended, Ended::Open);
        drop(answer);
        let entry = ended(&server.journal(), 1).await;
        assert_eq!((entry.ended, entry.bytes_sent), (Ended::ClosedByClient, 3));
        assert_eq!(entry.status, Some(200));
    }
}

#[tokio::test]
async fn a_large_piece_that_is_not_taken_is_not_counted_as_sent() {
    const LENGTH: usize = 64 << 20;
    let large = Bytes::from(vec![b'x'; LENGTH]);
    for version in BOTH {
        let large = large.clone();
        let server = serving(move |_: &Call| Reply::whole(StatusCode::OK, large.clone())).await;
        let request = http(version).post(format!("{}{STREAM}", server.url())).bearer_auth(KEY);
        let mut answer = request.send().await.unwrap();
        let came = answer.chunk().await.unwrap().unwrap().len() as u64;
        drop(answer);
        let journal = server.journal();
        let closed = async {
            loop {
                let entry = journal.requests().remove(0);
                if entry.ended == Ended::ClosedByClient {
                    return entry;
                }
                tokio::task::yield_now().await;
            }
        };
        let entry = timeout(PATIENCE, closed).await.unwrap();
        assert!((came..LENGTH as u64).contains(&entry.bytes_sent), "{entry:?}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_head_is_told_without_a_status() {
    let slow = |_: &Call| {
        let mut reply = Reply::whole(StatusCode::OK, "");
        reply.head_delay = Duration::from_hours(1);
        reply
    };
    for version in BOTH {
        let server = serving(slow).await;
        let request = http(version).post(format!("{}{STREAM}", server.url())).bearer_auth(KEY);
        let asked = tokio::spawn(request.send());
        let journal = server.journal();
        while journal.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        let entry = ended(&journal, 1).await;
        assert_eq!((entry.ended, entry.status), (Ended::ClosedByClient, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so_of_what_it_ended() {
    for version in BOTH {
        for stop in [true, false] {
            let server = serving(slow).await;
            let request = http(version).post(format!("{}{STREAM}", server.url())).bearer_auth(KEY);
            let mut answer = request.send().await.unwrap();
            assert_eq!(answer.chunk().await.unwrap().unwrap(), "one");
            let journal = server.journal();
            if stop {
                server.stop().await;
            } else {
                drop(server);
            }
            assert_eq!(ended(&journal, 1).await.ended, Ended::Stopped);
        }
    }
}

#[tokio::test]
async fn a_tape_that_is_cut_is_told_from_a_fault() {
    let cut = |_: &Call| {
        let mut reply = Reply::whole(StatusCode::OK, "abc");
        reply.cut = true;
        reply
    };
    for version in BOTH {
        let server = serving(cut).await;
        let request = http(version).post(format!("{}{STREAM}", server.url())).bearer_auth(KEY);
        assert!(!read(request.send().await.unwrap()).await.1);
        let entry = &server.journal().requests()[0];
        assert_eq!((entry.ended, entry.bytes_sent), (Ended::CutByTape, 3));
    }
}

#[tokio::test]
async fn an_answer_without_a_body_is_complete() {
    let server = serving(|_: &Call| Reply::whole(StatusCode::NO_CONTENT, "")).await;
    for version in BOTH {
        let url = format!("{}{STREAM}", server.url());
        http(version).post(&url).bearer_auth(KEY).send().await.unwrap();
        http(version).head(&url).send().await.unwrap();
    }
    for number in 1..=4 {
        assert_eq!(ended(&server.journal(), number).await.ended, Ended::Complete);
    }
}

#[tokio::test]
async fn a_body_that_is_long_or_no_json_is_counted_and_not_kept() {
    let server = server(&[]).await;
    for (body, kept) in [
        ("not json".to_owned(), false),
        (String::new(), false),
        (format!("\"{}\"", "x".repeat(65_534)), true),
        (format!("\"{}\"", "x".repeat(65_535)), false),
    ] {
        let length = body.len() as u64;
        let request = http(Version::HTTP_11).post(format!("{}{WHOLE}", server.url()));
        request.bearer_auth(KEY).body(body).send().await.unwrap();
        let entry = server.journal().requests().pop().unwrap();
        assert_eq!((entry.body_bytes, entry.body.is_some()), (length, kept));
    }
}

#[tokio::test]
async fn faults_are_set_listed_and_refused_over_http() {
    let server = server(&["cut,frame=1"]).await;
    let (status, list) = control(&server, "faults", None).await;
    let cut = json!({ "fault": "cut", "frame": 1, "applied": 0 });
    assert_eq!((status, list), (200, json!({ "faults": [cut] })));
    let error = json!({ "fault": "error", "name": "ThrottlingException", "times": 1 });
    let (status, list) = control(&server, "faults", Some(json!({ "faults": [error] }))).await;
    let mut armed = error.clone();
    armed["applied"] = 0.into();
    assert_eq!((status, list), (200, json!({ "faults": [armed] })));
    let http = http(Version::HTTP_11);
    assert_eq!(ask(&http, &server, WHOLE).await.status(), 429);
    assert_eq!(ask(&http, &server, WHOLE).await.status(), 200);
    armed["applied"] = 1.into();
    let bad = json!({ "faults": [{ "fault": "cut", "frame": -1 }] });
    let (status, refused) = control(&server, "faults", Some(bad)).await;
    let why = "`faults[0].frame`: it is -1: give a whole number from 0";
    assert_eq!((status, refused), (400, json!({ "message": why })));
    assert_eq!(control(&server, "faults", None).await.1, json!({ "faults": [armed] }));
    let (status, list) = control(&server, "faults", Some(json!({ "faults": [] }))).await;
    assert_eq!((status, list), (200, json!({ "faults": [] })));
}

#[tokio::test]
async fn a_reset_begins_anew() {
    let builder =
        builder().once(true).fault("error,name=ValidationException,times=1".parse().unwrap());
    let server = builder.start().await.unwrap();
    let client = http(Version::HTTP_11);
    let statuses = || async {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(ask(&client, &server, STREAM).await.status().as_u16());
        }
        statuses
    };
    let first = statuses().await;
    assert_eq!(first, [400, 200, 404]);
    server.set_faults(Vec::new()).unwrap();
    assert_eq!(control(&server, "reset", Some(json!({}))).await, (200, json!({})));
    assert!(server.journal().requests().is_empty());
    assert!(server.report().unmatched.is_empty());
    assert_eq!(statuses().await, first);
    assert_eq!(server.journal().requests()[0].number, 1);
}

#[tokio::test]
async fn what_is_not_there_is_told_with_what_is() {
    let server = server(&[]).await;
    let (status, answer) = control(&server, "jurnal", None).await;
    assert_eq!(status, 404);
    assert!(answer["message"].as_str().unwrap().contains("GET /_bedrock-wire/journal"), "{answer}");
    let url = |path: &str| format!("{}/_bedrock-wire/{path}", server.url());
    let client = http(Version::HTTP_11);
    for (path, allow) in
        [("journal", "GET"), ("schema", "GET"), ("reset", "POST"), ("faults", "GET, POST")]
    {
        let answer = client.delete(url(path)).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["allow"].to_str().unwrap()),
            (405, &allow)
        );
    }
    assert!(server.journal().requests().is_empty(), "it is not in the journal itself");
}

#[tokio::test]
async fn a_web_page_is_refused() {
    let server = server(&[]).await;
    let url = format!("{}/_bedrock-wire/journal", server.url());
    for (name, value) in [("origin", "http://evil.example"), ("host", "evil.example")] {
        let request = http(Version::HTTP_11).get(&url).header(name, value);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 403, "{name}");
    }
    for version in BOTH {
        assert_eq!(http(version).get(&url).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_server_without_a_control_plane_has_no_such_paths() {
    let server = builder().control(false).start().await.unwrap();
    let answer = http(Version::HTTP_11)
        .get(format!("{}/_bedrock-wire/journal", server.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-amzn-errortype"], "UnknownOperationException");
    assert_eq!(server.journal().requests().len(), 1, "it is a request as any other");
}
