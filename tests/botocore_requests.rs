//! Our requests beside those that botocore, unmodified, puts on the wire.
//!
//! `tests/clients/botocore_requests.py` writes botocore's; the file's name is in
//! `BEDROCK_WIRE_BOTOCORE`. Set, a missing file fails the test; without it, the
//! test says what it skipped and passes.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, Error};
use bedrock_wire::model::{ConverseRequest, ConverseStreamRequest, InvokeModelRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Name of the variable that says where botocore's requests are.
const VARIABLE: &str = "BEDROCK_WIRE_BOTOCORE";

/// Headers that ours have and botocore's have not, or not yet where these are
/// taken from.
const OURS: [(&str, &str); 9] = [
    ("accept", "we say what we can read; botocore leaves it to the service"),
    ("amz-sdk-invocation-id", "of the retries; botocore has it too"),
    ("amz-sdk-request", "of the retries; botocore has it too"),
    ("authorization", "the signer's"),
    ("content-length", "the sender's"),
    ("content-type", "of an invocation: we say the service's default; botocore leaves it out"),
    ("host", "the sender's"),
    ("user-agent", "the sender's, which names itself"),
    ("x-amz-date", "the signer's"),
];

/// A request of botocore's.
struct Case(Value);

impl Case {
    fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap_or_else(|| panic!("{member} in {}", self.0))
    }

    fn operation(&self) -> &str {
        self.text("operation")
    }

    fn label(&self, member: &str) -> &str {
        self.0["labels"][member].as_str().unwrap_or_else(|| panic!("{member} in {}", self.0))
    }

    fn model(&self) -> &str {
        self.label("modelId")
    }

    fn input<T: DeserializeOwned>(&self) -> T {
        let read = serde_json::from_str(self.text("input"));
        read.unwrap_or_else(|error| panic!("{}: {error}", self.text("name")))
    }

    fn query<T: DeserializeOwned>(&self) -> T {
        let read = serde_json::from_value(self.0["query"].clone());
        read.unwrap_or_else(|error| panic!("{}: {error}", self.text("name")))
    }

    fn invocation(&self) -> InvokeModelRequest {
        let mut request = InvokeModelRequest::new(self.text("input").to_owned());
        for (member, value) in self.0["headers_in"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            request = match member.as_str() {
                "accept" => request.accept(value),
                "contentType" => request.content_type(value),
                "guardrailIdentifier" => request.guardrail_identifier(value),
                "guardrailVersion" => request.guardrail_version(value),
                "performanceConfigLatency" => request.performance_config_latency(value),
                "requestMetadata" => request.request_metadata(value),
                "serviceTier" => request.service_tier(value),
                "trace" => request.trace(value),
                other => panic!("{other} of {} is no header of ours", self.operation()),
            };
        }
        request
    }

    /// By name in small letters.
    fn headers(&self) -> BTreeMap<String, String> {
        let headers = self.0["headers"].as_object().unwrap();
        headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap().to_owned()))
            .collect()
    }
}

/// Has our client send the case; what it answers to being turned away.
async fn ask(client: &Client, case: &Case) -> Option<Error> {
    match case.operation() {
        "Converse" => client.converse(case.model(), &case.input::<ConverseRequest>()).await.err(),
        "ConverseStream" => {
            client.converse_stream(case.model(), &case.input::<ConverseStreamRequest>()).await.err()
        }
        "CountTokens" => client.count_tokens(case.model(), &case.input()).await.err(),
        "InvokeModel" => client.invoke_model(case.model(), &case.invocation()).await.err(),
        "InvokeModelWithResponseStream" => {
            let input = case.invocation();
            client.invoke_model_with_response_stream(case.model(), &input).await.err()
        }
        "ApplyGuardrail" => {
            let (guardrail, version) =
                (case.label("guardrailIdentifier"), case.label("guardrailVersion"));
            client.apply_guardrail(guardrail, version, &case.input()).await.err()
        }
        "InvokeGuardrailChecks" => client.invoke_guardrail_checks(&case.input()).await.err(),
        "StartAsyncInvoke" => client.start_async_invoke(&case.input()).await.err(),
        "GetAsyncInvoke" => client.get_async_invoke(case.label("invocationArn")).await.err(),
        "ListAsyncInvokes" => client.list_async_invokes(&case.query()).await.err(),
        "ListFoundationModels" => client.list_foundation_models(&case.query()).await.err(),
        "GetFoundationModel" => {
            client.get_foundation_model(case.label("modelIdentifier")).await.err()
        }
        "ListInferenceProfiles" => client.list_inference_profiles(&case.query()).await.err(),
        "GetInferenceProfile" => {
            client.get_inference_profile(case.label("inferenceProfileIdentifier")).await.err()
        }
        other => panic!("no call of ours is known for {other}"),
    }
}

/// A request as it came over the socket.
struct Sent {
    method: String,
    target: String,
    /// By name in small letters.
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

/// Reads each connection's one request and turns it away.
async fn capture(listener: TcpListener, sent: mpsc::UnboundedSender<Sent>) {
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        let request = read(&mut socket).await;
        sent.send(request).unwrap();
        let answer = "HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: ValidationException\r\n\
                      content-type: application/json\r\ncontent-length: 2\r\n\
                      connection: close\r\n\r\n{}";
        socket.write_all(answer.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
    }
}

async fn read(socket: &mut TcpStream) -> Sent {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        assert_ne!(socket.read_buf(&mut bytes).await.unwrap(), 0, "the head is cut");
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes.split_off(end + 4);
    let mut lines = head.split("\r\n");
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap();
    let mut headers = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let before = headers.insert(name.to_ascii_lowercase(), value.to_owned());
        assert_eq!(before, None, "{name} is sent twice");
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        assert_ne!(socket.read_buf(&mut body).await.unwrap(), 0, "the body is cut");
    }
    assert_eq!(body.len(), length, "{head}");
    Sent { method: method.to_owned(), target: target.to_owned(), headers, body }
}

/// Where ours is not what botocore sends.
fn differences(case: &Case, sent: &Sent) -> Vec<String> {
    let mut found = Vec::new();
    for (what, ours) in [("method", &sent.method), ("target", &sent.target)] {
        if ours != case.text(what) {
            found.push(format!("{what}: {ours} is not {}", case.text(what)));
        }
    }
    let theirs = case.headers();
    for (name, value) in &theirs {
        if sent.headers.get(name) != Some(value) {
            found.push(format!("{name}: {:?} is not {value:?}", sent.headers.get(name)));
        }
    }
    for (name, value) in &sent.headers {
        if !theirs.contains_key(name) && !may_add(case, name, value) {
            found.push(format!("{name}: {value:?} is not sent by botocore"));
        }
    }
    found.extend(body_difference(case, &sent.body));
    found
}

/// Whether ours may have a header that botocore's has not.
fn may_add(case: &Case, name: &str, value: &str) -> bool {
    let is_stream = matches!(case.operation(), "ConverseStream" | "InvokeModelWithResponseStream");
    let accept = if is_stream { "application/vnd.amazon.eventstream" } else { "application/json" };
    OURS.iter().any(|(ours, _)| *ours == name)
        && match name {
            "accept" => value == accept,
            "content-type" => is_invocation(case) && value == "application/json",
            _ => true,
        }
}

/// Whether the body passes as it is.
fn is_invocation(case: &Case) -> bool {
    matches!(case.operation(), "InvokeModel" | "InvokeModelWithResponseStream")
}

fn body_difference(case: &Case, ours: &[u8]) -> Option<String> {
    let theirs = case.text("body");
    if is_invocation(case) || theirs.is_empty() {
        let same = ours == theirs.as_bytes();
        return (!same).then(|| format!("body: {} is not {theirs}", ours.escape_ascii()));
    }
    let ours: Value = serde_json::from_slice(ours).unwrap();
    let difference = corpus::difference(&serde_json::from_str(theirs).unwrap(), &ours);
    difference.map(|at| format!("body{at}"))
}

fn cases() -> Option<Vec<Case>> {
    let Some(path) = std::env::var_os(VARIABLE) else {
        // Past the capture of passing tests' output: a skip must be seen.
        let skipped = "skipped: our requests beside botocore's";
        let _ = writeln!(std::io::stderr(), "{skipped} (set {VARIABLE} to botocore's)");
        return None;
    };
    let lines =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let cases: Vec<_> =
        lines.lines().map(|line| Case(serde_json::from_str(line).unwrap())).collect();
    assert!(!cases.is_empty(), "{} is empty", path.display());
    Some(cases)
}

fn client(url: &str) -> Client {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(url)
        .control_plane_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
        .build()
        .unwrap()
}

#[tokio::test]
async fn our_client_sends_what_botocore_sends() {
    let Some(cases) = cases() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, mut sent) = mpsc::unbounded_channel();
    let server = tokio::spawn(capture(listener, sender));
    let client = client(&format!("http://{address}"));
    let (mut same, mut different) = (BTreeMap::<_, usize>::new(), Vec::new());
    let mut added = BTreeSet::new();
    for case in &cases {
        let error = ask(&client, case).await.unwrap();
        let name = error.service_error().and_then(|error| error.name.as_deref());
        assert_eq!(name, Some("ValidationException"), "{}: {error}", case.text("name"));
        let sent = sent.try_recv().expect("one request a call");
        assert_eq!(sent.headers["host"], address.to_string());
        added.extend(
            sent.headers.keys().filter(|name| !case.headers().contains_key(*name)).cloned(),
        );
        let found = differences(case, &sent);
        *same.entry(case.operation()).or_default() += usize::from(found.is_empty());
        different.extend(found.iter().map(|at| format!("{}: {at}", case.text("name"))));
    }
    server.abort();
    for (operation, count) in same {
        println!("{operation}: {count} requests are sent as botocore sends them");
    }
    assert!(different.is_empty(), "{} differences:\n{}", different.len(), different.join("\n"));
    let listed: Vec<_> = OURS.iter().map(|(name, _)| *name).collect();
    assert!(added.iter().eq(listed.iter()), "of {listed:?} ours were {added:?}");
}
