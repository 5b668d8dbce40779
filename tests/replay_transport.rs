//! Tapes played to a client without a socket: the same answers, in the same
//! time, to the same callers.
#![cfg(all(feature = "replay", feature = "reqwest", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use bedrock_wire::auth::Credentials;
use bedrock_wire::auth::verify::{Caller, Verifier};
use bedrock_wire::client::{Client, ClientBuilder, Error, ErrorKind, ResponseBody, Transport};
use bedrock_wire::model::ConverseStreamRequest;
use bedrock_wire::operation::{ModelId, Request, converse_stream};
use bedrock_wire::replay::{ReplayBuilder, ReplayError, ReplayServer, ReplayTransport, Speed};
use bedrock_wire::serve::{
    Answer, Answering, Call, Ended, Fault, Handler, LiveBody, Local, Reply, ServeError, Server,
};
use bedrock_wire::tape::{End, Micros, RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use tokio::time::Instant;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const KEY: &str = "bedrock-api-key-example";
const MS: Duration = Duration::from_millis(1);

fn client() -> ClientBuilder {
    Client::builder().ignore_environment().region("us-east-1")
}

fn signing(secret: &str) -> ClientBuilder {
    client().credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
}

/// A ConverseStream of `m` with a body that means nothing.
fn request(client: &Client) -> Request {
    let endpoint = client.endpoint().unwrap();
    let model = ModelId::new("m").unwrap();
    converse_stream::build(&endpoint, &model, &ConverseStreamRequest::new()).unwrap()
}

async fn pieces(mut body: ResponseBody) -> (Vec<(Duration, Bytes)>, bool) {
    let (start, mut pieces) = (Instant::now(), Vec::new());
    loop {
        match body.next().await {
            Some(Ok(piece)) => pieces.push((start.elapsed(), piece)),
            Some(Err(_)) => return (pieces, true),
            None => return (pieces, false),
        }
    }
}

/// A tape of `m` whose pieces come at these milliseconds since the request.
fn timed(head: u64, pieces: &[(u64, &'static str)], end: End) -> Tape {
    let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    let pieces = pieces.iter().map(|&(at, piece)| (piece.into(), Some(Micros(at * 1000))));
    let response = RecordedResponse::from_pieces(StatusCode::OK, &headers, pieces);
    Tape::new("ConverseStream", "m", response.with_at(Micros(head * 1000)).with_end(end))
}

fn of(tape: Tape) -> ReplayBuilder {
    ReplayTransport::builder().tape("1", tape)
}

/// Once, and the answer from its head on: no look at its first event.
async fn send(client: &Client) -> Result<http::Response<ResponseBody>, Error> {
    client.send_signed(client.sign(request(client)).await?).await
}

#[tokio::test]
async fn it_answers_whom_the_server_would_and_turns_away_whom_that_would() {
    let transport = || of(timed(0, &[(0, "abc")], End::Complete)).transport().unwrap();
    for (client, refused) in [
        (signing(SECRET), None),
        (client().api_key(KEY), None),
        (signing(SECRET).endpoint_url("https://vpce.example:8443"), None),
        (signing(SECRET).endpoint_url("http://127.0.0.1:1"), None),
        (signing("another"), Some("InvalidSignatureException")),
        (client().api_key("another"), Some("AccessDeniedException")),
    ] {
        let transport = transport();
        let client = client.transport(transport.clone()).build().unwrap();
        let answer = send(&client).await.unwrap();
        assert!(answer.headers().contains_key(header::DATE));
        assert_eq!(answer.headers()["x-amzn-requestid"].len(), 36);
        let name = answer.headers().get("x-amzn-errortype").map(|name| name.to_str().unwrap());
        assert_eq!(name, refused);
        assert_eq!(transport.report().tapes[0].played, u64::from(refused.is_none()));
        if refused.is_none() {
            assert_eq!(answer.headers()["x-bedrock-wire-tape"], "1");
            assert_eq!(answer.into_body().collect(9).await.unwrap(), "abc");
        }
    }
}

#[tokio::test]
async fn told_so_it_takes_anybody_and_a_server_that_listens_never_does() {
    let tape = || of(timed(0, &[(0, "abc")], End::Complete)).unverified(true);
    for client in [signing("whatever"), client().api_key("whatever")] {
        let client = client.transport(tape().transport().unwrap()).build().unwrap();
        assert_eq!(send(&client).await.unwrap().status(), 200);
        // Not even a proof is asked for.
        assert_eq!(client.send_signed(request(&client)).await.unwrap().status(), 200);
    }
    let refused = tape().start().await.unwrap_err();
    assert!(matches!(refused, ReplayError::Serve(ServeError::Unverified)), "{refused}");
    let caller = |call: &Call| Reply::whole(StatusCode::OK, format!("{:?}", call.caller));
    let local = Server::builder(Verifier::new()).unverified(true).local(caller).unwrap();
    let answer = local.call(plain("http://h/model/m/converse")).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, format!("{:?}", Caller::Unverified));
}

#[tokio::test(start_paused = true)]
async fn pieces_come_at_their_times() {
    let tape = timed(300, &[(300, "a"), (450, "b"), (2000, "c")], End::Complete);
    for (speed, head, times) in [
        (Speed::Recorded, 300, [0, 150, 1700]),
        (Speed::Times(10.0), 30, [0, 15, 170]),
        (Speed::Max, 0, [0, 0, 0]),
    ] {
        let transport = of(tape.clone()).speed(speed).transport().unwrap();
        let client = client().api_key(KEY).transport(transport).build().unwrap();
        let start = Instant::now();
        let answer = send(&client).await.unwrap();
        assert_eq!(start.elapsed(), head * MS);
        let (pieces, is_broken) = pieces(answer.into_body()).await;
        assert_eq!(
            pieces,
            [(times[0] * MS, "a".into()), (times[1] * MS, "b".into()), (times[2] * MS, "c".into())]
        );
        assert!(!is_broken);
    }
}

#[tokio::test]
async fn a_tape_that_was_cut_ends_in_an_error_behind_its_last_byte() {
    for said in [&[(0, "a"), (0, "b")][..], &[]] {
        let transport = of(timed(0, said, End::Cut)).transport().unwrap();
        let client = client().api_key(KEY).transport(transport).build().unwrap();
        let answer = send(&client).await.unwrap();
        let (pieces, is_broken) = pieces(answer.into_body()).await;
        let pieces: Vec<_> = pieces.iter().map(|(_, piece)| piece.as_ref()).collect();
        let said: Vec<_> = said.iter().map(|(_, piece)| piece.as_bytes()).collect();
        assert_eq!(pieces, said);
        assert!(is_broken);
        let mut stream = client.converse_stream("m", &ConverseStreamRequest::new()).await.unwrap();
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
    }
}

/// Every fixture, asked as it was recorded, with and without a socket.
#[tokio::test]
async fn it_answers_what_the_server_answers() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || ReplayServer::builder().path("fixtures").speed(Speed::Max);
    let server = builder().start().await.unwrap();
    let transport = builder().transport().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for fixture in std::fs::read_dir("fixtures").unwrap() {
        let path = fixture.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let tape = Tape::load(&path).unwrap();
        let asked = tape.request.as_ref().unwrap();
        let request = |base: &str| {
            http::Request::builder()
                .method(asked.method())
                .uri(format!("{base}{}", asked.path()))
                .header("authorization", format!("Bearer {KEY}"))
        };
        let over_http = request(&server.url()).body(asked.body().clone()).unwrap();
        let over_http = http.execute(over_http.try_into().unwrap()).await.unwrap();
        let in_process = request("https://h.example").body(asked.body().clone().into()).unwrap();
        let in_process = transport.send(in_process).await.unwrap();
        assert_eq!(in_process.status(), over_http.status());
        assert_eq!(of_the_tape(in_process.headers()), of_the_tape(over_http.headers()));
        let is_cut = tape.response.end() == Some(End::Cut);
        assert_eq!(over_http.bytes().await.ok(), (!is_cut).then(|| tape.body_bytes()));
        let (got, broken) = in_process.into_body().collect_up_to(usize::MAX).await;
        assert_eq!((got, broken.is_some()), (tape.body_bytes(), is_cut));
    }
    assert_eq!(transport.report().unplayed().next(), None);
    assert_eq!(server.report().unplayed().next(), None);
}

/// All headers but those that are an answer's own, or its connection's.
fn of_the_tape(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in ["date", "transfer-encoding", "content-length"] {
        headers.remove(name);
    }
    headers
}

fn plain(uri: &str) -> http::Request<Full<Bytes>> {
    http::Request::post(uri)
        .header("authorization", format!("Bearer {KEY}"))
        .body(Full::default())
        .unwrap()
}

fn local(handler: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Local {
    Server::builder(Verifier::new().bearer_key(KEY)).local(handler).unwrap()
}

#[tokio::test]
async fn a_piece_is_the_handler_s_own_and_no_copy() {
    let piece = Bytes::from(vec![b'x'; 100_000]);
    let handler = {
        let piece = piece.clone();
        move |_: &Call| Reply::whole(StatusCode::OK, piece.clone())
    };
    let answer = local(handler).call(plain("http://h/model/m/converse")).await.unwrap();
    let got = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!((got.as_ptr(), got.len()), (piece.as_ptr(), piece.len()));
}

#[tokio::test]
async fn what_is_no_request_is_turned_away_as_over_a_socket() {
    let local = local(|_: &Call| Reply::whole(StatusCode::OK, ""));
    for (request, name) in [
        (plain("/model/m/converse"), "MalformedHttpRequestException"),
        (plain("http://h/model/a/b/converse"), "UnknownOperationException"),
    ] {
        let answer = local.call(request).await.unwrap();
        assert_eq!(answer.headers()["x-amzn-errortype"], name);
    }
}

/// Never ends, and tells when it is dropped.
struct Endless(Option<tokio::sync::oneshot::Sender<()>>);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(Some(Ok(Frame::data("x".into()))))
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.take().unwrap().send(()).unwrap();
    }
}

struct Live(std::sync::Mutex<Option<Endless>>);

impl Handler for Live {
    fn answer(&self, _: Call) -> Answering<'_> {
        let body = LiveBody::new(self.0.lock().unwrap().take().unwrap());
        Box::pin(std::future::ready(Answer::Live(Response::new(body))))
    }
}

#[tokio::test]
async fn a_body_that_is_dropped_ends_where_it_comes_from() {
    let (dropped, told) = tokio::sync::oneshot::channel();
    let live = Live(std::sync::Mutex::new(Some(Endless(Some(dropped)))));
    let local = Server::builder(Verifier::new().bearer_key(KEY)).local(live).unwrap();
    let answer = local.call(plain("http://h/model/m/converse")).await.unwrap();
    let mut body = answer.into_body();
    for _ in 0..3 {
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "x");
    }
    drop(body);
    told.await.unwrap();
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let local = local(|_: &Call| Reply::whole(StatusCode::OK, ""));
    let mut call = std::pin::pin!(local.call(plain("http://h/model/m/converse")));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(matches!(call.as_mut().poll(&mut cx), std::task::Poll::Ready(Err(_))));
}

#[tokio::test]
async fn faults_are_done_and_told_without_a_socket_too() {
    let tape = timed(0, &[(0, "abc"), (0, "def")], End::Complete);
    let faults = ["reset,head=true,times=1", "cut,byte=4,times=1"];
    let builder = of(tape).speed(Speed::Max);
    let builder =
        faults.iter().fold(builder, |builder, text| builder.fault(text.parse::<Fault>().unwrap()));
    let transport = builder.transport().unwrap();
    let client = client().api_key(KEY).transport(transport.clone()).build().unwrap();
    let error = send(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    let (cut, is_broken) = pieces(send(&client).await.unwrap().into_body()).await;
    assert_eq!((cut.len(), &cut[1].1[..], is_broken), (2, &b"d"[..], true));
    let (whole, is_broken) = pieces(send(&client).await.unwrap().into_body()).await;
    assert_eq!((whole.len(), is_broken), (2, false));
    let dropped = send(&client).await.unwrap();
    drop(dropped);
    let entries = transport.journal().requests();
    let told: Vec<_> = entries.iter().map(|entry| (entry.ended, entry.bytes_sent)).collect();
    let expected = [
        (Ended::CutByFault, 0),
        (Ended::CutByFault, 4),
        (Ended::Complete, 6),
        (Ended::ClosedByClient, 0),
    ];
    assert_eq!(told, expected);
    transport.reset();
    assert!(transport.journal().requests().is_empty());
    assert!(send(&client).await.is_err(), "as at the start");
}
