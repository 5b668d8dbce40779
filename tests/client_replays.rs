//! Our client against the replay server, for every operation: over everything
//! recorded, and over answers made by AWS's service models.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod models;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, Error, EventStream};
use bedrock_wire::import;
use bedrock_wire::model::{
    InvokeModelRequest, ListAsyncInvokesRequest, ListFoundationModelsRequest,
    ListInferenceProfilesRequest,
};
use bedrock_wire::operation::{
    Answer, AnswerError, ModelId, Operation, Request, converse, converse_stream, count_tokens,
    invoke_model, invoke_model_with_response_stream,
};
use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::stream::EventUnion;
use bedrock_wire::tape::{RecordedRequest, RecordedResponse, Tape};
use bytes::Bytes;
use corpus::Recording;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use models::Model;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const TAPE: &str = "x-bedrock-wire-tape";

fn client(server: &ReplayServer) -> Client {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(server.url())
        .control_plane_url(server.url())
        .credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
        .build()
        .unwrap()
}

/// What came of a call: the status of the response, the tape that answered,
/// and the bytes of its body as far as the client gives them out.
struct Outcome {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    /// The typed output as JSON, where it is JSON.
    typed: Option<Value>,
}

type Parse<T> = fn(Parts, Bytes) -> Result<Answer<T>, AnswerError>;

impl Outcome {
    async fn of<T: 'static>(
        client: &Client,
        request: Request,
        parse: Parse<T>,
        typed: impl Fn(&T) -> Option<Value>,
    ) -> Self {
        let response = client.send(request).await.unwrap();
        let status = response.status().as_u16();
        match client.read(response, parse).await {
            Ok(answer) => {
                let (typed, body) = (typed(&answer.value), answer.raw.to_vec());
                Outcome { status, headers: answer.headers, body, typed }
            }
            Err(error) => Self::refused(status, &error),
        }
    }

    fn refused(status: u16, error: &Error) -> Self {
        let service = error.service_error().unwrap_or_else(|| panic!("{error}"));
        assert_eq!((service.status, error.status()), (status, Some(status)));
        let (headers, body) = (service.headers.clone(), service.raw.to_vec());
        Outcome { status, headers, body, typed: None }
    }

    /// The frames of all events, and of the exception that ended them.
    async fn of_stream<O: EventUnion>(status: u16, stream: Result<EventStream<O>, Error>) -> Self {
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(error) => return Self::refused(status, &error),
        };
        let headers = stream.headers().clone();
        let mut body = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => body.extend_from_slice(event.message().frame()),
                Err(error) => {
                    let message = error.message().unwrap_or_else(|| panic!("{error}"));
                    body.extend_from_slice(message.frame());
                }
            }
        }
        Outcome { status, headers, body, typed: None }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap()
}

fn as_json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Asks what was recorded, with our types, as the operation has it.
async fn ask(client: &Client, recording: &Recording, body: &[u8]) -> Outcome {
    let operation = Operation::from_name(&recording.operation).unwrap();
    let endpoint = client.endpoint_for(operation, &recording.model).unwrap();
    let model = ModelId::new(recording.model.as_str()).unwrap();
    match operation {
        Operation::Converse => {
            let request = converse::build(&endpoint, &model, &read(body)).unwrap();
            Outcome::of(client, request, converse::parse, |value| Some(as_json(value))).await
        }
        Operation::CountTokens => {
            let request = count_tokens::build(&endpoint, &model, &read(body)).unwrap();
            Outcome::of(client, request, count_tokens::parse, |value| Some(as_json(value))).await
        }
        Operation::InvokeModel => {
            let input = InvokeModelRequest::new(body.to_vec());
            let request = invoke_model::build(&endpoint, &model, &input).unwrap();
            Outcome::of(client, request, invoke_model::parse, |_| None).await
        }
        Operation::ConverseStream => {
            let request = converse_stream::build(&endpoint, &model, &read(body)).unwrap();
            let response = client.send(request).await.unwrap();
            let status = response.status().as_u16();
            Outcome::of_stream(status, client.open_stream(response).await).await
        }
        Operation::InvokeModelWithResponseStream => {
            let input = InvokeModelRequest::new(body.to_vec());
            let build = invoke_model_with_response_stream::build;
            let response = client.send(build(&endpoint, &model, &input).unwrap()).await.unwrap();
            let status = response.status().as_u16();
            Outcome::of_stream(status, client.open_chunks(response).await).await
        }
        other => panic!("{other} was never recorded"),
    }
}

/// The body of a recording that can be asked with our types: all but one are.
fn asked_body(recording: &Recording) -> Option<Vec<u8>> {
    let body = recording.request()?;
    let is_typed = !recording.operation.starts_with("Invoke");
    (!is_typed || serde_json::from_slice::<Value>(&body).is_ok()).then_some(body)
}

/// Another recording answers only if it was asked the same.
fn assert_asked_the_same(tape: &Recording, recording: &Recording, body: &[u8]) {
    let path = &recording.path;
    assert_eq!((&tape.operation, &tape.model), (&recording.operation, &recording.model), "{path}");
    let recorded = tape.request().unwrap_or_else(|| panic!("{} has no request", tape.path));
    if recording.operation.starts_with("Invoke") {
        assert_eq!(recorded, body, "{path}");
    } else {
        let (recorded, body): (Value, Value) = (read(&recorded), read(body));
        assert_eq!(corpus::difference(&recorded, &body), None, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_request_gets_its_recorded_answer_through_our_client() {
    let Some(corpus) = corpus::find("the recorded calls") else { return };
    let mut builder = ReplayServer::builder().speed(Speed::Max);
    for (path, tape) in import::recordings(&corpus.root().join("recordings")) {
        builder = builder.tape(path.display().to_string(), tape.unwrap());
    }
    let server = builder.start().await.unwrap();
    let client = client(&server);
    let recordings = corpus.recordings();
    let by_path: HashMap<_, _> = recordings.iter().map(|r| (r.path.as_str(), r)).collect();
    let (mut counts, mut typed) = (BTreeMap::<_, u32>::new(), 0);
    let (mut asked, mut played) = (BTreeSet::new(), BTreeSet::new());
    for recording in &recordings {
        let Some(body) = asked_body(recording) else { continue };
        let outcome = ask(&client, recording, &body).await;
        let tape = by_path[outcome.headers[TAPE].to_str().unwrap()];
        assert_asked_the_same(tape, recording, &body);
        assert_eq!(outcome.status, tape.status, "{}", tape.path);
        assert_eq!(outcome.body, tape.response(), "{}", tape.path);
        if let Some(value) = outcome.typed {
            assert_eq!(corpus::difference(&read(&tape.response()), &value), None, "{}", tape.path);
            typed += 1;
        }
        *counts.entry((recording.operation.as_str(), tape.status)).or_default() += 1;
        asked.insert(recording.path.as_str());
        played.insert(tape.path.as_str());
    }
    assert_eq!(asked, played);
    for ((operation, status), count) in &counts {
        eprintln!("{operation} {status}: {count}");
    }
    assert_eq!(typed, counts[&("Converse", 200)] + counts[&("CountTokens", 200)]);
    let total: u32 = counts.values().sum();
    assert!(total > 600, "{total} requests were asked");
}

/// A tape that nobody recorded.
fn made(operation: &str, resource: &str, request: RecordedRequest, answer: &Value) -> Tape {
    let kind = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    let body = Bytes::from(answer.to_string());
    let response = RecordedResponse::new(StatusCode::OK, &headers, &body);
    let mut tape = Tape::new(operation, resource, response);
    tape.request = Some(request);
    tape
}

fn asked(path: &str) -> RecordedRequest {
    RecordedRequest::new(Method::GET, path, &HeaderMap::new(), Bytes::new())
}

fn posted(path: &str, body: &Value) -> RecordedRequest {
    let body = Bytes::from(body.to_string());
    RecordedRequest::new(Method::POST, path, &HeaderMap::new(), body)
}

fn assert_answer<T: Serialize>(answer: Result<Answer<T>, Error>, expected: &Value) {
    let answer = answer.unwrap();
    let found = serde_json::to_value(&answer.value).unwrap();
    assert_eq!(corpus::difference(expected, &found), None);
    assert!(answer.request_id().is_some());
}

const INVOCATION: &str = "arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdefghijkl";
const GUARDRAIL: &str = "arn:aws:bedrock:us-east-1:123456789012:guardrail/g1";

/// Operations, what each is asked of, and by which path and query.
const TARGETS: [(&str, &str, &str); 9] = [
    (
        "ApplyGuardrail",
        "arn:aws:bedrock:us-east-1:123456789012:guardrail/g1:DRAFT",
        "/guardrail/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aguardrail%2Fg1/version/DRAFT\
         /apply",
    ),
    ("InvokeGuardrailChecks", "", "/guardrail-checks/invoke"),
    ("StartAsyncInvoke", "", "/async-invoke"),
    (
        "GetAsyncInvoke",
        INVOCATION,
        "/async-invoke/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aasync-invoke%2Fabcdefghijkl",
    ),
    ("ListAsyncInvokes", "", "/async-invoke"),
    ("ListFoundationModels", "", "/foundation-models?byProvider=A%20%26%20b"),
    ("GetFoundationModel", "a.b-v1:0", "/foundation-models/a.b-v1%3A0"),
    ("ListInferenceProfiles", "", "/inference-profiles?maxResults=7"),
    ("GetInferenceProfile", "us.a.b-v1:0", "/inference-profiles/us.a.b-v1%3A0"),
];

/// What answers none of the requests, though operation and resource are theirs.
const OTHERS: [(&str, &str); 3] = [
    ("ListAsyncInvokes", "/async-invoke?maxResults=7"),
    ("ListFoundationModels", "/foundation-models?byProvider=A"),
    ("ListInferenceProfiles", "/inference-profiles"),
];

/// Inputs and outputs of each operation, as the service models have them.
type Exchanges = BTreeMap<&'static str, Vec<(Value, Value)>>;

fn exchanges(corpus: &corpus::Corpus) -> Exchanges {
    let models = ["bedrock-runtime", "bedrock"].map(|service| Model::of(corpus, service));
    let of = |operation| {
        let model = models.iter().find(|model| model.has(operation)).unwrap();
        (operation, model.exchanges(operation))
    };
    TARGETS.iter().map(|(operation, ..)| of(*operation)).collect()
}

async fn with_made_tapes(exchanges: &Exchanges) -> ReplayServer {
    let mut builder = ReplayServer::builder();
    for (operation, path) in OTHERS {
        builder = builder.tape("other", made(operation, "", asked(path), &json!({})));
    }
    for (operation, resource, path) in TARGETS {
        let method = Operation::from_name(operation).unwrap().method();
        for (input, output) in &exchanges[operation] {
            let request = if method == Method::GET { asked(path) } else { posted(path, input) };
            builder = builder.tape(operation, made(operation, resource, request, output));
        }
    }
    builder.start().await.unwrap()
}

fn typed<T: DeserializeOwned>(input: &Value) -> T {
    serde_json::from_value(input.clone()).unwrap()
}

#[tokio::test]
async fn what_was_never_recorded_is_answered_as_the_service_model_has_it() {
    let Some(corpus) = corpus::find("the service models") else { return };
    let exchanges = exchanges(&corpus);
    let server = with_made_tapes(&exchanges).await;
    let client = client(&server);

    for (input, output) in &exchanges["ApplyGuardrail"] {
        let answer = client.apply_guardrail(GUARDRAIL, "DRAFT", &typed(input)).await;
        assert_answer(answer, output);
    }
    for (input, output) in &exchanges["InvokeGuardrailChecks"] {
        assert_answer(client.invoke_guardrail_checks(&typed(input)).await, output);
    }
    for (input, output) in &exchanges["StartAsyncInvoke"] {
        assert_answer(client.start_async_invoke(&typed(input)).await, output);
    }
    for (_, output) in &exchanges["GetAsyncInvoke"] {
        assert_answer(client.get_async_invoke(INVOCATION).await, output);
    }
    for (_, output) in &exchanges["ListAsyncInvokes"] {
        let list = ListAsyncInvokesRequest::new();
        assert_answer(client.list_async_invokes(&list).await, output);
    }
    for (_, output) in &exchanges["ListFoundationModels"] {
        let list = ListFoundationModelsRequest::new().by_provider("A & b");
        assert_answer(client.list_foundation_models(&list).await, output);
    }
    for (_, output) in &exchanges["GetFoundationModel"] {
        assert_answer(client.get_foundation_model("a.b-v1:0").await, output);
    }
    for (_, output) in &exchanges["ListInferenceProfiles"] {
        let list = ListInferenceProfilesRequest::new().max_results(7);
        assert_answer(client.list_inference_profiles(&list).await, output);
    }
    for (_, output) in &exchanges["GetInferenceProfile"] {
        assert_answer(client.get_inference_profile("us.a.b-v1:0").await, output);
    }

    let report = server.report();
    for tape in &report.tapes {
        let expected = u64::from(!tape.name.starts_with("other"));
        assert_eq!(tape.played, expected, "{}", tape.name);
    }
    let counts: Vec<_> = exchanges.iter().map(|(name, all)| (name, all.len())).collect();
    eprintln!("{} tapes: {counts:?}", report.tapes.len());
    // Its output has the unions and enumerations of all findings.
    assert!(exchanges["ApplyGuardrail"].len() > 10, "{counts:?}");
}

#[tokio::test]
async fn pages_are_asked_for_by_their_tokens_until_none_is_named() {
    let page = |next: Option<&str>| {
        let mut page = json!({"asyncInvokeSummaries": []});
        if let Some(next) = next {
            page["nextToken"] = json!(next);
        }
        page
    };
    let tape = |path: &str, next| made("ListAsyncInvokes", "", asked(path), &page(next));
    let server = ReplayServer::builder()
        .tape("first", tape("/async-invoke?sortOrder=Ascending", Some("a/b+c=")))
        .tape("second", tape("/async-invoke?nextToken=a%2fb%2Bc%3D&sortOrder=Ascending", Some("z")))
        .tape("third", tape("/async-invoke?sortOrder=Ascending&nextToken=z", None))
        .tape("endless", tape("/async-invoke?nextToken=again", Some("again")))
        .start()
        .await
        .unwrap();
    let client = client(&server);
    let list = ListAsyncInvokesRequest::new().sort_order("Ascending");
    let mut pages = client.pages(list);
    let mut tapes = Vec::new();
    while let Some(page) = pages.next().await {
        tapes.push(page.unwrap().headers[TAPE].to_str().unwrap().to_owned());
    }
    assert_eq!(tapes, ["first", "second", "third"]);
    assert!(pages.next().await.is_none());

    let mut endless = client.pages(ListAsyncInvokesRequest::new().next_token("again"));
    assert_eq!(endless.next().await.unwrap().unwrap().headers[TAPE], "endless");
    let error = endless.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("nextToken"), "{error}");
    assert_eq!(endless.token().unwrap(), "again");
    assert!(endless.next().await.is_none());

    let error = client.list_async_invokes(&ListAsyncInvokesRequest::new().next_token("y")).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`nextToken=y`") && error.contains("`nextToken=again`"), "{error}");
}
