//! No secret in anything that is shown, logged or kept: plain, in base64 or
//! percent-encoded.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bedrock_wire::auth::verify::{AccessKey, Verifier};
use bedrock_wire::auth::{
    BearerKey, Credentials, EnvironmentCredentials, ProvideBearerKey, ShortTermKey, ShortTermKeys,
};
use bedrock_wire::client::{Client, ClientBuilder};
use bedrock_wire::endpoint::{Endpoint, Region};
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest, Message};
use bedrock_wire::operation::{ModelId, Request, converse};
use bedrock_wire::replay::ReplayServer;
use bedrock_wire::serve::{Call, Reply, Server};
use bedrock_wire::tape::{RecordedRequest, RecordedResponse, Tape};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

// AWS's documented examples, the token with characters that encodings change.
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+/==";
const API_KEY: &str = "bedrock-api-key-EXAMPLE+/secret==";

fn credentials() -> Credentials {
    Credentials::new(ID, SECRET, Some(TOKEN.to_owned()), None, "test")
}

/// Every form of every secret, with what it is.
fn forms(more: &[&str]) -> Vec<(String, String)> {
    let mut forms = Vec::new();
    for secret in [SECRET, TOKEN, API_KEY].iter().chain(more) {
        let name = &secret[..8];
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        forms.push((format!("{name}, plain"), (*secret).to_owned()));
        forms.push((format!("{name}, percent-encoded"), percent));
        // As it stands in base64 of something longer, too: at each of three places.
        for shift in 0..3 {
            let text = format!("{}{secret}", &"xxx"[..shift]);
            for engine in [&STANDARD, &URL_SAFE_NO_PAD] {
                let encoded = engine.encode(text.as_bytes());
                let inner = &encoded[4..encoded.len() - 4];
                forms.push((format!("{name}, base64"), inner.to_owned()));
            }
        }
    }
    forms
}

fn assert_clean(what: &str, text: &str, more: &[&str]) {
    assert!(!text.is_empty(), "{what} shows nothing at all");
    for (name, form) in forms(more) {
        assert!(!text.contains(&form), "{what} shows {name}: {text}");
    }
}

fn assert_shows_nothing(what: &str, value: &dyn Debug) {
    assert_clean(what, &format!("{value:?}{value:#?}"), &[]);
}

fn hi() -> ConverseRequest {
    ConverseRequest::new().message(Message::user("hi"))
}

fn built() -> Request {
    let endpoint = Endpoint::custom("https://bedrock.example").unwrap();
    converse::build(&endpoint, &ModelId::new("a.b-v1:0").unwrap(), &hi()).unwrap()
}

fn signed() -> Request {
    let (mut request, region) = (built(), Region::new("us-east-1").unwrap());
    request.sign(&credentials(), &region, SystemTime::now()).unwrap();
    request
}

fn with_key() -> Request {
    let mut request = built();
    request.authorize(&BearerKey::new(API_KEY.to_owned()).unwrap());
    request
}

fn builder() -> ClientBuilder {
    Client::builder().ignore_environment().region("us-east-1")
}

#[test]
fn no_type_that_holds_a_secret_shows_it() {
    let lookup = |name: &str| {
        Some(match name {
            "AWS_ACCESS_KEY_ID" => ID.into(),
            "AWS_SECRET_ACCESS_KEY" => SECRET.into(),
            "AWS_SESSION_TOKEN" => TOKEN.into(),
            _ => return None,
        })
    };
    let environment = EnvironmentCredentials::with_lookup(lookup);
    let key = BearerKey::new(API_KEY.to_owned()).unwrap();
    let short = ShortTermKey::generate(
        &credentials(),
        "us-east-1",
        Duration::from_hours(1),
        SystemTime::now(),
    )
    .unwrap();
    let keys =
        ShortTermKeys::new(credentials(), "us-east-1", Duration::from_hours(1), SystemTime::now);
    let access = || AccessKey::new(ID, SECRET);
    let verifier = Verifier::new().access_key(access()).bearer_key(API_KEY);
    assert_shows_nothing("Credentials", &credentials());
    assert_shows_nothing("loaded Credentials", &environment.load().unwrap());
    assert_shows_nothing("EnvironmentCredentials", &environment);
    assert_shows_nothing("BearerKey", &key);
    assert_shows_nothing("ShortTermKey", &short);
    assert_clean("ShortTermKey", &format!("{short:?}{short:#?}"), &[short.key().expose()]);
    assert_shows_nothing("ShortTermKeys", &keys.unwrap());
    assert_shows_nothing("AccessKey", &access());
    assert_shows_nothing("Verifier", &verifier);
    assert_shows_nothing("a builder with credentials", &builder().credentials(credentials()));
    assert_shows_nothing("a builder with a key", &builder().api_key(API_KEY));
    assert_shows_nothing("a client", &builder().credentials(credentials()).build().unwrap());
    assert_shows_nothing("a client with a key", &builder().api_key(API_KEY).build().unwrap());
    assert_shows_nothing("a signed Request", &signed());
    assert_shows_nothing("a Request with a key", &with_key());
    assert_shows_nothing("a signed http::Request", &signed().into_http());
    assert_shows_nothing("an http::Request with a key", &with_key().into_http());
}

#[test]
fn no_error_shows_the_secret_it_is_about() {
    let region = Region::new("us-east-1").unwrap();
    let broken = format!("{TOKEN}\n");
    let credentials = Credentials::new(ID, SECRET, Some(broken), None, "test");
    let unsigned = built().sign(&credentials, &region, SystemTime::now()).unwrap_err();
    assert_clean("SigningError", &format!("{unsigned}{unsigned:?}{unsigned:#?}"), &[]);
    let key = BearerKey::new(format!("{API_KEY}\n")).unwrap_err();
    assert_clean("BearerKeyError", &format!("{key}{key:?}{key:#?}"), &[]);
    let config = builder().api_key(format!("{API_KEY}é\u{7f}")).build().unwrap_err();
    assert_clean("ConfigError", &format!("{config}{config:?}{config:#?}"), &[]);
    let url = format!("https://user:{SECRET}@host.example/");
    let endpoint = builder().endpoint_url(url).api_key(API_KEY).build().unwrap_err();
    assert_clean("EndpointError", &format!("{endpoint}{endpoint:?}{endpoint:#?}"), &[]);
}

#[test]
fn no_panic_shows_the_request_s_secrets() {
    let caught = catch_unwind(AssertUnwindSafe(|| panic!("{:?} {:#?}", signed(), with_key())));
    let message = caught.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("authorization"), "{message}");
    assert_clean("a panic", &message, &[]);
}

#[test]
fn no_tape_keeps_what_proves_who_asked() {
    for request in [signed(), with_key()] {
        let request = request.into_http();
        let body = request.body().to_bytes();
        let target = format!("{}?X-Amz-Security-Token={TOKEN}", request.uri().path());
        let recorded = RecordedRequest::new(Method::POST, &target, request.headers(), body);
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", TOKEN.parse().unwrap());
        let response = RecordedResponse::new(StatusCode::OK, &headers, &Bytes::from("{}"));
        let mut tape = Tape::new("Converse", "a.b-v1:0", response);
        tape.request = Some(recorded);
        let mut lines = Vec::new();
        tape.write(&mut lines).unwrap();
        assert_clean("a tape", &String::from_utf8(lines).unwrap(), &[]);
        assert_shows_nothing("a Tape", &tape);
    }
}

/// Where all logs go.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_at_trace_level_shows_a_secret_of_client_or_server() {
    let logs = Logs::default();
    let writer = logs.clone();
    // Of `log`, too: rustls and others write there.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let called = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&called);
    let verifier = Verifier::new()
        .access_key(AccessKey::new(ID, SECRET).session_token(TOKEN))
        .bearer_key(API_KEY);
    let server = Server::builder(verifier)
        .start(move |call: &Call| {
            *noted.lock().unwrap() += &*format!("{call:?}{call:#?}");
            Reply::whole(StatusCode::OK, "{}")
        })
        .await
        .unwrap();
    let tls = ReplayServer::builder().path("fixtures").any_body(true).tls(true);
    let tls = tls.credentials(ID, SECRET, Some(TOKEN.to_owned())).api_key(API_KEY);
    assert_shows_nothing("ReplayBuilder", &tls);
    let tls = tls.start().await.unwrap();
    assert_shows_nothing("ReplayServer", &tls);
    let certificate = tls.certificate_pem().unwrap().to_owned();
    let keys =
        ShortTermKeys::new(credentials(), "us-east-1", Duration::from_hours(1), SystemTime::now)
            .unwrap();
    let short = keys.provide_bearer_key().await.unwrap();
    let callers = [
        builder().credentials(credentials()),
        builder().api_key(API_KEY),
        builder().api_key_provider(keys),
        // A secret that is wrong: the service quotes what it should have been.
        builder().credentials(Credentials::new(ID, TOKEN, Some(SECRET.to_owned()), None, "test")),
    ];
    for (i, caller) in callers.into_iter().enumerate() {
        let url = if i % 2 == 0 { server.url() } else { tls.url() };
        let root = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
        let client = caller
            .endpoint_url(url)
            .configure_reqwest(move |reqwest| reqwest.tls_certs_merge([root.clone()]));
        let client = client.build().unwrap();
        let stream = ConverseStreamRequest::new().message(Message::user("hi"));
        for shown in [
            format!("{:?}", client.converse("a.b-v1:0", &hi()).await),
            format!("{:?}", client.converse_stream("a.b-v1:0", &stream).await.map(drop)),
            format!("{:?}", client.sign(built()).await),
        ] {
            assert_clean("an answer or an error", &shown, &[short.expose()]);
        }
    }
    let logs = String::from_utf8_lossy(&logs.0.lock().unwrap()).into_owned();
    for logged in ["hyper", "rustls", "reqwest"] {
        assert!(logs.contains(logged), "nothing of {logged} is in the logs");
    }
    assert_clean("the logs", &logs, &[short.expose()]);
    assert_clean("a Call", &called.lock().unwrap(), &[short.expose()]);
}
