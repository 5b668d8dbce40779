//! A client whose clock is wrong, and calls so long that they seem to show one.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bedrock_wire::auth::Credentials;
use bedrock_wire::auth::verify::{AccessKey, Received, Verifier};
use bedrock_wire::client::{
    BoxFuture, Client, ClientBuilder, ErrorKind, ResponseBody, RetryPolicy, Transport,
    TransportError,
};
use bedrock_wire::fault::{Repeat, ServiceErrorKind};
use bedrock_wire::model::{ConverseRequest, Message};
use bedrock_wire::operation::Body;
use bedrock_wire::replay::ReplayServer;
use bedrock_wire::tape::{RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use played::{Played, Script};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const ANSWER: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"hello"}]}}}"#;
const MINUTE: u64 = 60;

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
struct Virtual(Arc<AtomicU64>);

impl Virtual {
    fn new() -> Self {
        // 2026-01-02T03:04:05Z.
        Virtual(Arc::new(AtomicU64::new(1_767_323_045)))
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn builder(clock: &Virtual) -> ClientBuilder {
    let clock = clock.clone();
    Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "test"))
        .clock(move || clock.now())
}

fn hi() -> ConverseRequest {
    ConverseRequest::new().message(Message::user("hi"))
}

#[tokio::test]
async fn a_server_ten_minutes_away_either_way_is_followed_within_the_first_call() {
    for minutes in [-10_i64, 10] {
        let ours = Virtual::new();
        let theirs = Virtual::new();
        theirs.0.fetch_add((minutes * 60).cast_unsigned(), Ordering::SeqCst);
        let kind = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
        let response = RecordedResponse::new(StatusCode::OK, &headers, &Bytes::from(ANSWER));
        let server = ReplayServer::builder()
            .tape("hello", Tape::new("Converse", "m", response))
            .clock(move || theirs.now())
            .start()
            .await
            .unwrap();
        let client = builder(&ours).endpoint_url(server.url()).build().unwrap();
        assert_eq!((client.clock_skew().ahead(), client.clock_skew().behind()), (None, None));
        for _ in 0..2 {
            client.converse("m", &hi()).await.unwrap();
        }
        let (skew, away) = (client.clone().clock_skew(), Some(Duration::from_mins(10)));
        let expected = if minutes > 0 { (away, None) } else { (None, away) };
        assert_eq!((skew.ahead(), skew.behind()), expected);
    }
}

/// A service in memory: its verifier checks on arrival by its own clock, the
/// answer takes some time, and is dated at its end.
#[derive(Clone, Debug)]
struct Service {
    ours: Virtual,
    /// The service's clock is ahead by this, in seconds.
    ahead: u64,
    /// How long an answer takes, in seconds.
    takes: u64,
    /// Whether signatures are checked when the answer is there.
    checks_late: bool,
    names_error_in_header: bool,
    asked: Arc<AtomicUsize>,
    dates: Arc<Mutex<Vec<String>>>,
}

impl Service {
    fn new(ahead: u64, takes: u64) -> Self {
        Service {
            ours: Virtual::new(),
            ahead,
            takes,
            checks_late: false,
            names_error_in_header: true,
            asked: Arc::default(),
            dates: Arc::default(),
        }
    }

    fn client(&self) -> Client {
        builder(&self.ours).transport(self.clone()).build().unwrap()
    }

    fn now(&self) -> SystemTime {
        self.ours.now() + Duration::from_secs(self.ahead)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answer(&self, request: &http::Request<Body>) -> http::Response<ResponseBody> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.dates.lock().unwrap().push(request.headers()["x-amz-date"].to_str().unwrap().into());
        let arrived = self.now();
        self.ours.advance(self.takes);
        let verifier =
            Verifier::new().region("us-east-1").access_key(AccessKey::new("AKIDEXAMPLE", SECRET));
        let target = request.uri().path_and_query().unwrap().as_str();
        let body = request.body().to_bytes();
        let received = Received::new(request.method(), target, request.headers())
            .authority(request.uri().authority().unwrap().as_str())
            .body(&body);
        let checked = if self.checks_late { self.now() } else { arrived };
        let response = http::Response::builder()
            .header("date", httpdate::fmt_http_date(self.now()))
            .header("content-type", "application/json");
        match verifier.verify(&received, checked) {
            Ok(_) => response.body(whole(ANSWER.to_owned())).unwrap(),
            Err(rejection) if self.names_error_in_header => response
                .status(rejection.status())
                .header("x-amzn-errortype", rejection.name())
                .body(whole(rejection.body()))
                .unwrap(),
            Err(rejection) => {
                let body = rejection.body().replacen('{', r#"{"__type":"x#NAME","#, 1);
                let body = body.replace("NAME", rejection.name());
                response.status(rejection.status()).body(whole(body)).unwrap()
            }
        }
    }
}

fn whole(body: String) -> ResponseBody {
    use http_body_util::{BodyExt, Full};
    ResponseBody::new(Full::new(Bytes::from(body)).map_err(|never| match never {}))
}

impl Transport for Service {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let response = self.answer(&request);
        Box::pin(async { Ok(response) })
    }
}

#[tokio::test]
async fn a_refused_signature_is_made_anew_once_by_the_service_s_clock() {
    for names_error_in_header in [true, false] {
        let service = Service { names_error_in_header, ..Service::new(20 * MINUTE, 1) };
        let client = service.client();
        client.converse("m", &hi()).await.unwrap();
        assert_eq!(service.asked(), 2);
        assert_eq!(*service.dates.lock().unwrap(), ["20260102T030405Z", "20260102T032406Z"]);
        client.converse("m", &hi()).await.unwrap();
        assert_eq!(service.asked(), 3, "the clock is known now");
    }
}

#[tokio::test]
async fn of_calls_that_start_together_each_is_mended() {
    let service = Service::new(20 * MINUTE, 0);
    let together = Arc::new(tokio::sync::Barrier::new(5));
    let client = builder(&service.ours)
        .transport(Together { service: service.clone(), first: Arc::clone(&together) })
        .build()
        .unwrap();
    let calls = (0..5).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.converse("m", &hi()).await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(service.asked(), 10);
}

/// Answers the first five when all of them are there.
#[derive(Debug)]
struct Together {
    service: Service,
    first: Arc<tokio::sync::Barrier>,
}

impl Transport for Together {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            let response = self.service.answer(&request);
            if self.service.asked() <= 5 {
                self.first.wait().await;
            }
            Ok(response)
        })
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_during_a_call_says_nothing_and_sends_nothing_again() {
    let service = Service::new(20 * MINUTE, 0_u64.wrapping_sub(10 * MINUTE));
    let client = service.client();
    let error = client.converse("m", &hi()).await.unwrap_err();
    assert_eq!((service.asked(), error.service_error().unwrap().took), (1, None));
    assert_eq!(client.clock_skew().ahead(), None);
}

#[tokio::test]
async fn true_calls_of_ten_and_fifteen_minutes_do_not_move_the_clock() {
    for minutes in [10, 15] {
        let service = Service::new(0, minutes * MINUTE);
        let client = service.client();
        client.converse("m", &hi()).await.unwrap();
        let skew = client.clock_skew();
        assert_eq!((service.asked(), skew.ahead(), skew.behind()), (1, None, None));
    }
}

#[tokio::test]
async fn a_signature_that_expired_while_the_model_worked_is_returned_with_the_time_it_took() {
    // As recorded: signed, and refused as expired five and a half minutes later.
    let service = Service { checks_late: true, ..Service::new(0, 327) };
    let error = service.client().converse("m", &hi()).await.unwrap_err();
    assert_eq!(service.asked(), 1);
    let refused = error.service_error().unwrap();
    assert_eq!(refused.kind(), ServiceErrorKind::SignatureExpired);
    assert_eq!(refused.took, Some(Duration::from_secs(327)));
    assert!(error.to_string().contains("[the answer took 327 s]"), "{error}");
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::SignatureExpired, Repeat::No));
}

#[tokio::test]
async fn a_slow_refusal_is_not_asked_again_though_the_clock_was_wrong() {
    let service = Service::new(20 * MINUTE, 61);
    let error = service.client().converse("m", &hi()).await.unwrap_err();
    assert_eq!(service.asked(), 1);
    assert_eq!(error.service_error().unwrap().took, Some(Duration::from_secs(61)));
}

#[tokio::test]
async fn a_wrong_secret_with_a_right_clock_is_asked_once() {
    let service = Service::new(0, 1);
    let wrong = Credentials::new("AKIDEXAMPLE", "wrong", None, None, "test");
    let client =
        builder(&service.ours).credentials(wrong).transport(service.clone()).build().unwrap();
    let error = client.converse("m", &hi()).await.unwrap_err();
    assert_eq!(service.asked(), 1);
    assert_eq!(error.service_error().unwrap().kind(), ServiceErrorKind::AccessDenied);
}

/// Refusals with dates ever further away, of these names.
fn drifting<const N: usize>(ours: &Virtual, names: [(u16, &str); N]) -> Script {
    let refusals = (1..).zip(names).map(|(times, (status, name))| {
        let date = ours.now() + Duration::from_secs(20 * MINUTE) * times;
        Played::refusal(status, name, "m").header("date", &httpdate::fmt_http_date(date))
    });
    Script::new(refusals)
}

/// What is sent of a call that fails, by the header that counts it.
async fn attempts(ours: &Virtual, script: &Script) -> Vec<String> {
    let at_once =
        RetryPolicy::standard().base_delay(Duration::ZERO).throttling_base_delay(Duration::ZERO);
    let client = builder(ours).retry(at_once).transport(script.clone()).build().unwrap();
    client.converse("m", &hi()).await.unwrap_err();
    script.sent("amz-sdk-request")
}

#[tokio::test]
async fn a_clock_is_mended_once_a_call_however_often_it_seems_wrong() {
    let ours = Virtual::new();
    let script = drifting(&ours, [(403, "InvalidSignatureException"); 3]);
    assert_eq!(attempts(&ours, &script).await, ["attempt=1; max=3", "attempt=2; max=4"]);
}

#[tokio::test]
async fn a_mended_clock_takes_none_of_the_retries_and_adds_none() {
    let ours = Virtual::new();
    let throttled = (429, "ThrottlingException");
    let names = [(403, "InvalidSignatureException"), throttled, throttled, throttled, throttled];
    let attempts = attempts(&ours, &drifting(&ours, names)).await;
    assert_eq!(attempts.len(), 1 + 3, "{attempts:?}");
    assert_eq!(attempts[3], "attempt=4; max=4");
}
