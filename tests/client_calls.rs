//! Whole calls through the client, over a transport that answers from memory.
#![cfg(all(feature = "client", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{
    Client, ClientBuilder, Error, ErrorKind, Interruption, RetryPolicy, TransportError,
    TransportErrorKind,
};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseOutput, ConverseRequest, ConverseStreamRequest, Message};
use bytes::Bytes;
use played::{JSON, Played, Script, Step, frame, message_start, message_stop, text};

const MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

/// How a body breaks off.
const BREAK: Step = Step::Fail(TransportErrorKind::Broken);

/// A client that signs and sends nothing again.
fn builder(script: &Script) -> ClientBuilder {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let credentials = Credentials::new("AKIDEXAMPLE", secret, None, None, "test");
    script.builder().credentials(credentials).no_retries()
}

fn client(script: &Script) -> Client {
    builder(script).build().unwrap()
}

fn events(steps: impl IntoIterator<Item = impl Into<Step>>) -> Script {
    Script::new([Played::stream(steps)])
}

fn answer(status: u16, content_type: &str, steps: impl IntoIterator<Item = Step>) -> Script {
    Script::new([Played::new(status, content_type, steps)])
}

fn hello() -> Vec<Step> {
    let usage =
        r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#;
    [
        message_start(),
        text("Hel"),
        text("lo"),
        frame("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        message_stop(),
        frame("metadata", usage),
    ]
    .map(Step::Piece)
    .into()
}

fn ask() -> ConverseStreamRequest {
    ConverseStreamRequest::new().messages([Message::user("hi")])
}

fn text_of(output: &ConverseOutput) -> String {
    serde_json::to_value(output).unwrap()["message"]["content"][0]["text"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_stream_hands_out_its_events_and_collects_to_the_response() {
    let script = events(hello());
    let mut stream = client(&script).converse_stream(MODEL, &ask()).await.unwrap();
    assert_eq!(stream.request_id(), Some("request-1"));
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        text.extend(event.unwrap().text().map(|piece| piece.as_str().to_owned()));
    }
    assert_eq!(text, "Hello");
    assert!(stream.next().await.is_none(), "a stream that ended stays ended");

    let accumulated =
        client(&script).converse_stream(MODEL, &ask()).await.unwrap().collect().await.unwrap();
    assert_eq!(text_of(&accumulated.response.output), "Hello");
    assert_eq!(accumulated.response.usage.unwrap().total_tokens, 3);
}

#[tokio::test]
async fn the_request_goes_out_signed_with_its_model_in_one_segment() {
    let script = events(hello());
    client(&script).converse_stream(MODEL, &ask()).await.unwrap();
    let sent = script.last();
    assert_eq!(
        sent.uri(),
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream"
    );
    assert_eq!(sent.headers()["accept"], "application/vnd.amazon.eventstream");
    let authorization = &sent.headers()["authorization"];
    assert!(authorization.is_sensitive());
    assert!(authorization.to_str().unwrap().contains(
        "SignedHeaders=accept;amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-date,"
    ));
    assert_eq!(
        sent.body().to_bytes(),
        r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#
    );
}

#[tokio::test]
async fn a_stream_that_breaks_is_incomplete_with_what_it_had_said() {
    let mut steps = hello();
    steps.truncate(2);
    steps.push(BREAK);
    let error = client(&events(steps))
        .converse_stream(MODEL, &ask())
        .await
        .unwrap()
        .collect()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Incomplete, Repeat::CostsAgain));
    assert_eq!(error.request_id(), Some("request-1"));
    let Error::Incomplete(incomplete) = error else { panic!("{error}") };
    assert!(
        matches!(incomplete.how, Interruption::Transport { events: 2, .. }),
        "{}",
        incomplete.how
    );
    assert_eq!(text_of(&incomplete.so_far.response.output), "Hel");
    assert!(!incomplete.so_far.stopped);
}

#[tokio::test]
async fn a_stream_without_message_stop_or_cut_in_a_frame_is_never_a_clean_end() {
    for cut_in_frame in [false, true] {
        let mut steps = hello();
        steps.truncate(4);
        if cut_in_frame {
            steps.push(Step::Piece(Bytes::from_static(&[0, 0, 0])));
        }
        let mut stream = client(&events(steps)).converse_stream(MODEL, &ask()).await.unwrap();
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event);
        }
        let error = last.unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), error.repeat()),
            (ErrorKind::Incomplete, Repeat::CostsAgain),
            "{error}"
        );
    }
}

#[tokio::test]
async fn nothing_of_a_stream_that_broke_off_is_lost() {
    let mut steps = hello();
    steps.truncate(1);
    steps.push(frame("contentBlockDelta", r#"{"contentBlockIndex":"zero"}"#).into());
    steps.push(Step::Piece(Bytes::from_static(&[0, 0, 0])));
    let unreadable = client(&events(steps.clone())).converse_stream(MODEL, &ask()).await.unwrap();
    let error = unreadable.collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert_eq!(error.message().unwrap().payload(), br#"{"contentBlockIndex":"zero"}"#);

    steps.remove(1);
    let cut = client(&events(steps)).converse_stream(MODEL, &ask()).await.unwrap();
    let Error::Incomplete(incomplete) = cut.collect().await.unwrap_err() else {
        panic!("not incomplete")
    };
    assert_eq!(incomplete.held.concat(), [0, 0, 0]);
}

#[tokio::test]
async fn an_exception_in_a_stream_is_the_services_error_with_the_requests_id() {
    let mut steps = hello();
    steps.truncate(1);
    steps.push(frame("throttlingException", r#"{"message":"slow down"}"#).into());
    let mut stream = client(&events(steps)).converse_stream(MODEL, &ask()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Throttled, Repeat::CostsAgain));
    let service = error.service_error().unwrap();
    assert_eq!(service.message.as_deref(), Some("slow down"));
    assert_eq!((error.request_id(), error.status()), (Some("request-1"), Some(200)));
    assert_eq!(&error.raw().unwrap()[..], br#"{"message":"slow down"}"#);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn json_in_place_of_a_stream_is_read_as_an_error_and_not_as_frames() {
    let body = Step::Piece(Bytes::from_static(br#"{"message":"from a proxy"}"#));
    let script = answer(503, JSON, [body]);
    let error = client(&script).converse_stream(MODEL, &ask()).await.unwrap_err();
    let service = error.service_error().unwrap();
    assert_eq!((service.status, service.message.as_deref()), (503, Some("from a proxy")));
}

#[tokio::test]
async fn a_success_that_is_no_stream_is_an_error_of_its_own_that_says_what_to_check() {
    let page = Step::Piece(Bytes::from_static(b"<html>Log in</html>"));
    for steps in [vec![page.clone()], vec![page, BREAK]] {
        let script = answer(200, "text/html", steps);
        let error = client(&script).converse_stream(MODEL, &ask()).await.unwrap_err();
        assert_eq!((error.kind(), error.repeat()), (ErrorKind::Corrupt, Repeat::No));
        assert_eq!((error.status(), error.request_id()), (Some(200), Some("request-1")));
        assert_eq!(&error.raw().unwrap()[..], b"<html>Log in</html>");
        let text = error.to_string();
        for part in ["text/html", "application/vnd.amazon.eventstream", "<html>Log in", "proxies"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[tokio::test]
async fn a_success_that_is_no_stream_is_a_failed_attempt() {
    let script = answer(200, "text/html", [Bytes::from_static(b"<html>Log in</html>").into()]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&told);
    let client = builder(&script).retry(RetryPolicy::standard()).on_attempt(move |attempt| {
        let error = attempt.error.map(|error| (error.kind(), error.to_string()));
        hook.lock().unwrap().push((error, attempt.delay));
    });
    let error = client.build().unwrap().converse_stream(MODEL, &ask()).await.unwrap_err();
    let expected = (Some((ErrorKind::Corrupt, error.to_string())), None);
    assert_eq!(*told.lock().unwrap(), [expected]);
}

/// What both ways of asking fail with.
async fn both_fail(client: &Client) -> [Error; 2] {
    let input = ConverseRequest::new().messages([Message::user("hi")]);
    [
        client.converse(MODEL, &input).await.unwrap_err(),
        client.converse_stream(MODEL, &ask()).await.unwrap_err(),
    ]
}

#[tokio::test]
async fn an_error_whose_body_breaks_is_the_services_error_all_the_same() {
    let start = Step::Piece(Bytes::from_static(br#"{"message":"slow"#));
    let refusal = Played::new(429, JSON, [start, BREAK]);
    let script = Script::new([refusal.header("x-amzn-errortype", "ThrottlingException")]);
    for error in both_fail(&client(&script)).await {
        assert_eq!(error.kind(), ErrorKind::Throttled, "{error}");
        assert_eq!(error.repeat(), Repeat::After(Duration::ZERO));
        assert_eq!((error.status(), error.request_id()), (Some(429), Some("request-1")));
        assert_eq!(&error.raw().unwrap()[..], br#"{"message":"slow"#);
        assert!(error.to_string().contains("as told"), "{error}");
    }
}

#[tokio::test]
async fn of_a_huge_error_the_start_is_kept() {
    let pieces = vec![Step::Piece(Bytes::from(vec![b'x'; 600 * 1024])); 3];
    let script = answer(503, "text/html", pieces);
    for error in both_fail(&client(&script)).await {
        let service = error.service_error().unwrap();
        assert_eq!((service.status, service.raw.len()), (503, 1024 * 1024));
        assert!(service.truncated.as_ref().unwrap().contains("1048576 bytes"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_whose_body_breaks_keeps_the_requests_id_and_what_came() {
    let start = Step::Piece(Bytes::from_static(br#"{"output":"#));
    let script = answer(200, JSON, [start, BREAK]);
    let input = ConverseRequest::new().messages([Message::user("hi")]);
    let error = client(&script).converse(MODEL, &input).await.unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Network, Repeat::CostsAgain));
    assert_eq!((error.status(), error.request_id()), (Some(200), Some("request-1")));
    assert_eq!(&error.raw().unwrap()[..], br#"{"output":"#);
    assert!(error.to_string().contains("HTTP 200, request request-1"), "{error}");
}

#[tokio::test]
async fn an_exception_in_a_stream_has_what_the_responses_head_tells() {
    let exception = frame("throttlingException", r#"{"message":"slow down"}"#);
    for before in [vec![], vec![message_start()]] {
        let frames = before.iter().cloned().chain([exception.clone()]);
        let played = Played::stream(frames).header("x-amz-retry-after", "1500");
        let stream = client(&Script::new([played])).converse_stream(MODEL, &ask()).await.unwrap();
        let error = stream.collect().await.unwrap_err();
        let service = error.service_error().unwrap();
        assert_eq!(service.headers["x-amzn-requestid"], "request-1");
        let wait = Duration::from_millis(1500);
        assert_eq!((service.retry_after, service.took.is_some()), (Some(wait), true));
        let repeat = if before.is_empty() { Repeat::After(wait) } else { Repeat::CostsAgain };
        assert_eq!(error.repeat(), repeat);
    }
}

#[tokio::test]
async fn the_limits_are_the_callers_and_an_error_names_the_setting() {
    let body = Step::Piece(Bytes::from(vec![b' '; 101]));
    let script = answer(200, JSON, [body]);
    let client = builder(&script).max_body(100).build().unwrap();
    let input = ConverseRequest::new().messages([Message::user("hi")]);
    let error = client.converse(MODEL, &input).await.unwrap_err();
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Corrupt, Repeat::No));
    assert!(error.to_string().contains("ClientBuilder::max_body"), "{error}");
    assert_eq!(error.raw().unwrap().len(), 100);

    let script = events(hello());
    let client = builder(&script).max_message_length(64).build().unwrap();
    let mut stream = client.converse_stream(MODEL, &ask()).await.unwrap();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert!(error.to_string().contains("ClientBuilder::max_message_length"), "{error}");
    let large = builder(&script).max_message_length(1024).build().unwrap();
    large.converse_stream(MODEL, &ask()).await.unwrap().collect().await.unwrap();
}

#[tokio::test]
async fn each_way_the_network_ends_a_stream_is_told_apart() {
    use TransportErrorKind as T;
    let now = Repeat::After(Duration::ZERO);
    for (kind, expected, at_once, later) in [
        (T::Request, ErrorKind::Usage, Repeat::No, Repeat::No),
        (T::Connect, ErrorKind::Incomplete, now, Repeat::CostsAgain),
        (T::ConnectTimeout, ErrorKind::Timeout, now, Repeat::CostsAgain),
        (T::Tls, ErrorKind::Incomplete, Repeat::No, Repeat::No),
        (T::Timeout, ErrorKind::Timeout, Repeat::CostsAgain, Repeat::CostsAgain),
        (T::Broken, ErrorKind::Incomplete, Repeat::CostsAgain, Repeat::CostsAgain),
        (T::TooLarge, ErrorKind::Corrupt, Repeat::No, Repeat::No),
    ] {
        for (before, repeat) in [(0, at_once), (1, later)] {
            let mut steps = hello();
            steps.truncate(before);
            steps.push(Step::Fail(kind));
            let script = events(steps);
            let stream = client(&script).converse_stream(MODEL, &ask()).await.unwrap();
            let error = stream.collect().await.unwrap_err();
            assert_eq!((error.kind(), error.repeat()), (expected, repeat), "{kind:?} {before}");
        }
    }
}

#[derive(Debug)]
struct NoCredentials;

impl bedrock_wire::auth::ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(
        &'a self,
    ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        use aws_credential_types::provider::{error::CredentialsError, future};
        let why = CredentialsError::provider_error("the session has expired: log in again");
        future::ProvideCredentials::ready(Err(why))
    }
}

#[tokio::test]
async fn an_error_tells_its_causes_in_full_and_once() {
    let script = Script::new([]);
    let client = builder(&script).credentials(NoCredentials).build().unwrap();
    let mut errors: Vec<_> = both_fail(&client).await.iter().map(|error| walked(error)).collect();
    assert!(errors[0].contains("the session has expired: log in again"), "{}", errors[0]);
    let cause = std::io::Error::other("the line is dead");
    let error = Error::from(TransportError::new(TransportErrorKind::Broken, cause));
    errors.push(walked(&error));
    for text in errors {
        for cause in ["the session has expired", "the line is dead"] {
            assert!(text.matches(cause).count() < 2, "{text}");
        }
    }
    let Error::Transport(error) = error else { panic!("{error}") };
    assert!(error.cause().is::<std::io::Error>());
}

/// The error as those print it who walk the chain of sources.
fn walked(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_keeps_its_bytes_and_says_where() {
    let body = Step::Piece(Bytes::from_static(br#"{"output":{"message":{"role":"assistant"}}}"#));
    let script = answer(200, JSON, [body]);
    let input = ConverseRequest::new().messages([Message::user("hi")]);
    let error = client(&script).converse(MODEL, &input).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("Message lacks its required member `content`"), "{error}");
    assert!(error.raw().unwrap().starts_with(b"{\"output\""));
}

#[tokio::test]
async fn what_cannot_be_sent_safely_is_refused_before_anything_is_sent() {
    let script = Script::new([]);
    for model in ["", ".", ".."] {
        let error = client(&script).converse_stream(model, &ask()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{model}: {error}");
    }
    assert_eq!(script.asked(), 0);
    let refused = [
        Client::builder().endpoint_url("http://bedrock.example"),
        Client::builder().region("us-east-1.evil.com/"),
        Client::builder().region("us-east-1").api_key("two\nlines"),
        Client::builder().region("us-east-1").api_key(""),
    ];
    for builder in refused {
        let error = builder.ignore_environment().transport(script.clone()).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    }
}
