//! Deadlines, each by itself: which one passes, after how long, and what of the
//! answer is kept.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bedrock_wire::auth::BearerKey;
use bedrock_wire::client::{
    BoxFuture, Client, ClientBuilder, Deadline, Deadlines, Error, ErrorKind, ResponseBody,
    RetryPolicy, Timer, Transport, TransportError, TransportErrorKind,
};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest, Message};
use bedrock_wire::operation::{Body, ModelId, converse_stream};
use bytes::Bytes;
use played::{JSON, Played, Script, Step, Tokio, message_start, message_stop, text};

const SECOND: Duration = Duration::from_secs(1);
const ANSWER: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"hello"}]}}}"#;

fn builder(script: &Script) -> ClientBuilder {
    script.builder().no_retries()
}

fn under(script: &Script, deadlines: Deadlines) -> Client {
    builder(script).deadlines(deadlines).build().unwrap()
}

fn seconds(seconds: u64) -> Step {
    Step::Wait(Duration::from_secs(seconds))
}

/// `messageStart`, some texts and `messageStop`, each that many seconds behind
/// the one before.
fn stream(head: u64, first: u64, gaps: &[u64]) -> Played {
    let mut steps = vec![seconds(first), message_start().into()];
    steps.extend(gaps.iter().flat_map(|gap| [seconds(*gap), text("x").into()]));
    steps.push(message_stop().into());
    Played::stream(steps).head_after(Duration::from_secs(head))
}

fn whole(head: u64) -> Played {
    Played::json(200, ANSWER).head_after(Duration::from_secs(head))
}

fn ask() -> ConverseRequest {
    ConverseRequest::new().message(Message::user("hi"))
}

async fn collect(client: &Client) -> Result<(), Error> {
    let input = ConverseStreamRequest::new().message(Message::user("hi"));
    client.converse_stream("m", &input).await?.collect().await.map(drop)
}

/// That this deadline passed, after that many seconds, and took no longer.
async fn assert_passes(
    call: impl Future<Output = Result<(), Error>>,
    which: Deadline,
    seconds: u64,
) -> Error {
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let passed = error.deadline().unwrap();
    assert_eq!((passed.which, passed.after.as_secs()), (which, seconds), "{error}");
    let text = error.to_string();
    assert!(text.contains(&format!("after {seconds}.0")), "{text}");
    error
}

#[tokio::test(start_paused = true)]
async fn by_default_nothing_that_answers_within_an_hour_at_each_step_is_ended() {
    let patient = stream(3599, 3599, &[3599, 3599, 3599]);
    let client = builder(&Script::new([patient])).build().unwrap();
    collect(&client).await.unwrap();
    let client = builder(&Script::new([whole(3599)])).build().unwrap();
    client.converse("m", &ask()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn by_default_an_hour_of_silence_at_any_step_ends_a_call() {
    for (played, which) in [
        (stream(3700, 0, &[]), Deadline::Head),
        (stream(0, 3700, &[]), Deadline::FirstEvent),
        (stream(0, 0, &[9, 3700]), Deadline::BetweenEvents),
    ] {
        let client = builder(&Script::new([played])).build().unwrap();
        assert_passes(collect(&client), which, 3600).await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_deadline_passes_by_itself() {
    let slow = || stream(5, 5, &[1, 5, 1]);
    let off = Deadlines::off();
    for (deadlines, passes) in [
        (off, None),
        (off.head(4 * SECOND), Some((Deadline::Head, 4))),
        (off.first_event(4 * SECOND), Some((Deadline::FirstEvent, 4))),
        (off.between_events(4 * SECOND), Some((Deadline::BetweenEvents, 4))),
        (off.whole(4 * SECOND), Some((Deadline::Whole, 4))),
        (off.whole(8 * SECOND), Some((Deadline::Whole, 8))),
        (off.whole(13 * SECOND), Some((Deadline::Whole, 13))),
        (off.head(6 * SECOND).first_event(6 * SECOND).between_events(6 * SECOND), None),
        (off.whole(18 * SECOND), None),
    ] {
        let client = under(&Script::new([slow()]), deadlines);
        match passes {
            Some((which, seconds)) => {
                assert_passes(collect(&client), which, seconds).await;
            }
            None => collect(&client).await.unwrap(),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_tells_what_came_and_whether_to_repeat() {
    let script = Script::new([stream(0, 0, &[1, 9])]);
    let client = under(&script, Deadlines::off().between_events(2 * SECOND));
    let error = assert_passes(collect(&client), Deadline::BetweenEvents, 2).await;
    assert_eq!((error.repeat(), error.request_id()), (Repeat::CostsAgain, Some("request-1")));
    let Error::Incomplete(incomplete) = &error else { panic!("{error}") };
    assert_eq!(incomplete.how.events(), 2);
    let text = error.to_string();
    for part in ["Deadlines::between_events", "after 2 events", "request request-1"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let script = Script::new([stream(0, 9, &[])]);
    let client = under(&script, Deadlines::off().first_event(2 * SECOND));
    let error = assert_passes(collect(&client), Deadline::FirstEvent, 2).await;
    assert_eq!((error.repeat(), error.request_id()), (Repeat::CostsAgain, Some("request-1")));

    let script = Script::new([whole(9)]);
    let client = under(&script, Deadlines::off().head(2 * SECOND));
    let call = async { client.converse("m", &ask()).await.map(drop) };
    let error = assert_passes(call, Deadline::Head, 2).await;
    assert_eq!((error.repeat(), error.request_id()), (Repeat::CostsAgain, None));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_no_stream_must_go_on_too() {
    for status in [200, 500] {
        let start = Bytes::from(&ANSWER[..9]);
        let steps = [seconds(1), start.into(), Step::Hang];
        let script = Script::new([Played::new(status, JSON, steps)]);
        let client = under(&script, Deadlines::off().between_events(2 * SECOND));
        let began = tokio::time::Instant::now();
        let error = client.converse("m", &ask()).await.unwrap_err();
        assert_eq!(began.elapsed().as_secs(), 3, "{error}");
        assert_eq!(&error.raw().unwrap()[..], &ANSWER.as_bytes()[..9]);
        let text = error.to_string();
        assert!(text.contains("Deadlines::between_events"), "{text}");
        match error {
            Error::Body(body) => assert_eq!(body.request_id.as_deref(), Some("request-1")),
            other => assert_eq!(other.service_error().unwrap().status, 500),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_read_as_bytes_must_go_on_too() {
    let limits = Deadlines::off().between_events(4 * SECOND);
    let silent = Played::stream([message_start().into(), seconds(3), text("x").into(), Step::Hang]);
    let client = under(&Script::new([silent]), limits);
    let model = ModelId::new("m").unwrap();
    let input = ConverseStreamRequest::new().message(Message::user("hi"));
    let request = || converse_stream::build(&client.endpoint().unwrap(), &model, &input).unwrap();
    let signed = client.sign(request()).await.unwrap();
    for response in [client.send(request()).await, client.send_signed(signed).await] {
        let mut body = response.unwrap().into_body();
        let read = async {
            while let Some(piece) = body.next().await {
                piece?;
            }
            Ok(())
        };
        let error = assert_passes(read, Deadline::BetweenEvents, 4).await;
        assert_eq!(error.repeat(), Repeat::CostsAgain);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_no_silence_of_the_service_s() {
    let script = Script::new([stream(0, 0, &[1, 1])]);
    let client = under(&script, Deadlines::off().between_events(2 * SECOND));
    let input = ConverseStreamRequest::new().message(Message::user("hi"));
    let mut stream = client.converse_stream("m", &input).await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
        tokio::time::sleep(60 * SECOND).await;
    }
}

/// A stream whose second event comes in these steps.
fn in_parts(parts: impl IntoIterator<Item = Step>) -> Played {
    let end = [message_stop().into()];
    Played::stream([message_start().into()].into_iter().chain(parts).chain(end))
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_late_and_finds_part_of_an_event_waits_anew_for_the_rest() {
    let event = text("x");
    let halves = [event.slice(..20), event.slice(20..)];
    let parts = halves.into_iter().flat_map(|half| [seconds(1), half.into()]);
    let script = Script::new([in_parts(parts)]);
    let client = under(&script, Deadlines::off().between_events(2 * SECOND));
    let input = ConverseStreamRequest::new().message(Message::user("hi"));
    let mut stream = client.converse_stream("m", &input).await.unwrap();
    stream.next().await.unwrap().unwrap();
    tokio::time::timeout(SECOND / 2, stream.next()).await.unwrap_err();
    tokio::time::sleep(60 * SECOND).await;
    stream.collect().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_in_drips_is_late_all_the_same() {
    let deadlines = Deadlines::off().between_events(3 * SECOND);
    // Where a drip is there when the time is over, the reader might have been
    // away, and it counts anew; once.
    for (gap, times) in [(2, 1), (1, 2)] {
        let event = text("x");
        let drips = (0..event.len()).flat_map(|i| [seconds(gap), event.slice(i..=i).into()]);
        let client = under(&Script::new([in_parts(drips)]), deadlines);
        let began = tokio::time::Instant::now();
        assert_passes(collect(&client), Deadline::BetweenEvents, 3 * times).await;
        assert_eq!(began.elapsed(), Duration::from_secs(3 * times));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_signed_before_has_the_deadline_of_the_first_event_too() {
    let script = Script::new([stream(1, 100, &[])]);
    let client = under(&script, Deadlines::off().first_event(4 * SECOND));
    let (endpoint, model) = (client.endpoint().unwrap(), ModelId::new("m").unwrap());
    let input = ConverseStreamRequest::new().message(Message::user("hi"));
    let request = converse_stream::build(&endpoint, &model, &input).unwrap();
    let request = client.sign(request).await.unwrap();
    let response = client.send_signed(request).await.unwrap();
    let stream = client.open_stream(response).await.unwrap();
    let read = async { stream.collect().await.map(drop) };
    assert_passes(read, Deadline::FirstEvent, 4).await;
}

/// Wakes a moment later with each time it is asked: of two that wait for one
/// instant, who asked first is first.
#[derive(Debug, Default)]
struct EverLater(AtomicU64);

impl Timer for EverLater {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let moment = Duration::from_millis(self.0.fetch_add(1, Ordering::SeqCst));
        Tokio.sleep(duration + moment)
    }

    fn now(&self) -> Instant {
        Tokio.now()
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_the_whole_call_s_deadline_ends_is_told_with_all_that_came() {
    for (played, request_id) in
        [(stream(9, 0, &[]), None), (stream(3, 9, &[]), Some("request-1")), (whole(9), None)]
    {
        let script = Script::new([played]);
        let told = Arc::new(Mutex::new(Vec::new()));
        let hook = Arc::clone(&told);
        let client = builder(&script)
            .retry(RetryPolicy::standard())
            .timer(EverLater::default())
            .deadlines(Deadlines::off().whole(4 * SECOND))
            .on_attempt(move |attempt| {
                let which = attempt.error.and_then(Error::deadline).map(|passed| passed.which);
                let id = attempt.request_id.map(str::to_owned);
                hook.lock().unwrap().push((attempt.number, which, id, attempt.delay));
            })
            .build()
            .unwrap();
        let error = assert_passes(collect(&client), Deadline::Whole, 4).await;
        assert_eq!(error.request_id(), request_id, "{error}");
        let expected = (1, Some(Deadline::Whole), request_id.map(str::to_owned), None);
        assert_eq!(*told.lock().unwrap(), [expected]);
    }
}

/// A refusal that shows the client's clock to be wrong.
#[cfg(feature = "sigv4")]
fn of_the_clock() -> Played {
    let later = std::time::SystemTime::now() + Duration::from_mins(20);
    let refusal = Played::refusal(403, "InvalidSignatureException", "m");
    refusal.header("date", &httpdate::fmt_http_date(later))
}

#[cfg(feature = "sigv4")]
fn credentials() -> bedrock_wire::auth::Credentials {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    bedrock_wire::auth::Credentials::new("AKIDEXAMPLE", secret, None, None, "test")
}

#[cfg(feature = "sigv4")]
#[tokio::test(start_paused = true)]
async fn a_request_that_is_signed_anew_for_the_clock_still_has_the_first_attempt_s_deadlines() {
    let script = Script::new([of_the_clock(), stream(100, 0, &[]), stream(100, 0, &[])]);
    let client = builder(&script)
        .credentials(credentials())
        .retry(RetryPolicy::standard())
        .deadlines(Deadlines::new().head(90 * SECOND).first_attempt_only())
        .build()
        .unwrap();
    collect(&client).await.unwrap();
    assert_eq!(script.sent("amz-sdk-request").last().unwrap(), "attempt=3; max=4");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_can_be_for_the_first_attempt_only() {
    for slow in [stream(100, 0, &[]), stream(0, 100, &[])] {
        let hurried = Deadlines::new().head(90 * SECOND).first_event(90 * SECOND);
        let script = Script::new([slow.clone()]);
        let builder = || builder(&script).retry(RetryPolicy::standard());
        let client = builder().deadlines(hurried.first_attempt_only()).build().unwrap();
        let began = tokio::time::Instant::now();
        collect(&client).await.unwrap();
        assert_eq!((script.asked(), began.elapsed().as_secs()), (2, 190));

        // For each attempt, it is final once a minute was paid for.
        let client = client.with_deadlines(hurried);
        collect(&client).await.unwrap_err();
        assert_eq!(script.asked(), 2 + 1);
        let client = client.with_deadlines(hurried.head(9 * SECOND).first_event(9 * SECOND));
        collect(&client).await.unwrap_err();
        assert_eq!(script.asked(), 2 + 1 + 3);
    }
}

#[tokio::test(start_paused = true)]
async fn the_whole_covers_retries_and_their_waits() {
    let refused = Played::json(429, "{}").head_after(3 * SECOND);
    let script = Script::new([refused]);
    let slow = RetryPolicy::standard().max_attempts(9);
    let client = builder(&script).retry(slow);
    let client = client.deadlines(Deadlines::off().whole(10 * SECOND)).build().unwrap();
    let began = tokio::time::Instant::now();
    let error = client.converse("m", &ask()).await.unwrap_err();
    assert!(began.elapsed() <= 10 * SECOND, "{:?}", began.elapsed());
    assert!(script.asked() < 5, "{}", script.asked());
    // Either an attempt was under way, or there was no time to wait for one.
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Throttled), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_does_not_come_in_the_call_s_time_leaves_it_unsent() {
    let script = Script::new([whole(0)]);
    let keys = || std::future::pending::<Result<BearerKey, std::io::Error>>();
    let client = builder(&script).api_key_provider(keys);
    let client = client.deadlines(Deadlines::off().whole(4 * SECOND)).build().unwrap();
    let call = async { client.converse("m", &ask()).await.map(drop) };
    let error = assert_passes(call, Deadline::Whole, 4).await;
    assert_eq!((error.repeat(), script.asked()), (Repeat::After(Duration::ZERO), 0));
    assert!(error.to_string().contains("no credentials or API key yet"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_gives_up_connecting_is_told_with_its_time() {
    #[derive(Debug)]
    struct Unreachable;
    impl Transport for Unreachable {
        fn send(
            &self,
            _: http::Request<Body>,
        ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
            Box::pin(async {
                tokio::time::sleep(3 * SECOND).await;
                Err(TransportError::new(TransportErrorKind::ConnectTimeout, "nobody is there"))
            })
        }
    }
    let client = builder(&Script::new([])).transport(Unreachable).build().unwrap();
    let call = async { client.converse("m", &ask()).await.map(drop) };
    let error = assert_passes(call, Deadline::Connect, 3).await;
    assert_eq!(error.repeat(), Repeat::After(Duration::ZERO));
    assert!(error.to_string().ends_with("nobody is there"), "{error}");
    let Error::Transport(error) = error else { panic!("{error}") };
    assert_eq!(error.cause().to_string(), "nobody is there");
}

/// A call on tokio without its time, which has to wait for each piece.
fn without_time(
    before: Option<Played>,
    client: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<(), Error> {
    let steps = [Step::Yield, message_start().into(), Step::Yield, message_stop().into()];
    let script = Script::new(before.into_iter().chain([Played::stream(steps)]));
    let client = client(script.builder().no_retries()).build().unwrap();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(collect(&client))
}

#[test]
fn without_tokio_s_time_a_client_works_that_waits_for_nothing() {
    without_time(None, |client| client.deadlines(Deadlines::off())).unwrap();
}

#[cfg(feature = "sigv4")]
#[test]
fn without_tokio_s_time_a_clock_is_mended_for_that_waits_for_nothing() {
    let signing =
        |client: ClientBuilder| client.deadlines(Deadlines::off()).credentials(credentials());
    without_time(Some(of_the_clock()), signing).unwrap();
}

#[test]
#[should_panic(expected = "timers are disabled")]
fn without_tokio_s_time_deadlines_panic_as_they_are_documented_to() {
    drop(without_time(None, |client| client));
}

/// Wakes at once, by a clock that stands still.
#[derive(Debug)]
struct TooEarly(Instant);

impl Timer for TooEarly {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn now(&self) -> Instant {
        self.0
    }
}

#[tokio::test]
async fn a_timer_that_wakes_too_early_ends_the_call_and_is_not_asked_for_ever() {
    let played = Played::stream([Step::Hang]);
    let client = builder(&Script::new([played])).timer(TooEarly(Instant::now())).build().unwrap();
    assert_passes(collect(&client), Deadline::FirstEvent, 0).await;
}

#[cfg(not(feature = "reqwest"))]
#[test]
fn deadlines_and_retries_that_nobody_can_wait_for_are_refused() {
    let script = Script::new([]);
    let without_timer =
        || Client::builder().ignore_environment().api_key("EXAMPLE").transport(script.clone());
    without_timer().build().unwrap();
    without_timer().no_retries().deadlines(Deadlines::off()).build().unwrap();
    for builder in [
        without_timer().retry(RetryPolicy::standard()),
        without_timer().deadlines(Deadlines::new()),
    ] {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.starts_with("timer: ") && error.contains("`reqwest`"), "{error}");
    }
}
