//! The examples against the replay server, as programs of their own.
#![cfg(all(feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::tape::{End, RecordedResponse, Tape};
use http::StatusCode;

/// The examples as cargo builds them beside all tests; none after telling on
/// stderr that they are not there, as where this test is built by itself.
fn built() -> Vec<PathBuf> {
    let dir = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let paths = ["hyper", "ureq"]
        .map(|name| dir.join(name).with_extension(std::env::consts::EXE_EXTENSION));
    let is_built = |path: &PathBuf| {
        if !path.exists() {
            let _ =
                writeln!(std::io::stderr(), "skipped: {} (cargo build --examples)", path.display());
        }
        path.exists()
    };
    paths.into_iter().filter(is_built).collect()
}

/// What an example prints and says on stderr, with our key, at this endpoint.
fn run(example: &Path, endpoint: &str) -> (String, String) {
    let ran = Command::new(example)
        .args(["amazon.nova-lite-v1:0", "Hi"])
        .env_clear()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", endpoint)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert_eq!(ran.status.success(), ran.stderr.is_empty());
    (text(ran.stdout), text(ran.stderr))
}

/// The fixture's answer, to any request, and how its body ends.
async fn server(end: End) -> ReplayServer {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text.tape.jsonl");
    let recorded = Tape::load(fixture).unwrap();
    let mut headers = recorded.response.headers().to_map();
    headers.insert("x-amzn-requestid", "the-request-id".parse().unwrap());
    let body = recorded.body_bytes();
    let body = if end == End::Cut { body.slice(..body.len() / 2) } else { body };
    let response = RecordedResponse::new(StatusCode::OK, &headers, &body);
    let tape = Tape::new("ConverseStream", "amazon.nova-lite-v1:0", response);
    ReplayServer::builder().tape("text", tape).speed(Speed::Max).start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_prints_the_answer_and_why_it_ended() {
    let server = server(End::Complete).await;
    for example in built() {
        let (printed, said) = run(&example, &server.url());
        assert_eq!(said, "");
        assert!(printed.contains("stop reason: ") && printed.contains("tokens: "), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_ends_too_soon_is_told_with_the_request_s_id() {
    let server = server(End::Cut).await;
    for example in built() {
        let (_, said) = run(&example, &server.url());
        assert!(said.contains("request the-request-id"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_not_resolved_for_plain_http() {
    let server = server(End::Complete).await;
    for example in built() {
        let (printed, said) = run(&example, &server.url().replace("127.0.0.1", "localhost"));
        assert_eq!(printed, "");
        assert!(said.contains("write 127.0.0.1"), "{said}");
    }
    assert_eq!(server.stop().await.unplayed().count(), 1);
}
