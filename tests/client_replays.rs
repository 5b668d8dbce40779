//! Our client against the replay server, for every operation: over everything
//! recorded, and over answers made by AWS's service models.
#![cfg(all(feature = "reqwest", feature = "replay", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod models;

use std::collections::{BTreeMap, HashMap};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, Error, EventStream};
use bedrock_wire::import;
use bedrock_wire::model::{
    ApplyGuardrailRequest, ConverseRequest, ConverseStreamRequest, CountTokensRequest,
    GuardrailContentSource, InvokeGuardrailChecksRequest, InvokeModelRequest,
    ListAsyncInvokesRequest, ListFoundationModelsRequest, ListInferenceProfilesRequest,
    StartAsyncInvokeRequest,
};
use bedrock_wire::operation::Answer;
use bedrock_wire::replay::{ReplayServer, Speed};
use bedrock_wire::stream::EventUnion;
use bedrock_wire::tape::{RecordedRequest, RecordedResponse, Tape};
use bytes::Bytes;
use corpus::Recording;
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

/// What came of a call: the tape that answered, and the bytes of its body as
/// far as the client gives them out.
struct Outcome {
    headers: HeaderMap,
    status: u16,
    body: Vec<u8>,
}

impl Outcome {
    fn of<T>(answer: Result<Answer<T>, Error>) -> Self {
        match answer {
            Ok(answer) => {
                Outcome { headers: answer.headers, status: 200, body: answer.raw.to_vec() }
            }
            Err(error) => Self::refused(&error),
        }
    }

    fn refused(error: &Error) -> Self {
        let service = error.service_error().unwrap_or_else(|| panic!("{error}"));
        let body = service.raw.to_vec();
        Outcome { headers: service.headers.clone(), status: service.status, body }
    }

    /// The frames of all events, and of the exception that ended them.
    async fn of_stream<O: EventUnion>(stream: Result<EventStream<O>, Error>) -> Self {
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(error) => return Self::refused(&error),
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
        Outcome { headers, status: 200, body }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap()
}

/// Asks what was recorded, with our types, as the operation has it.
async fn ask(client: &Client, recording: &Recording, body: &[u8]) -> Outcome {
    let model = recording.model.as_str();
    match recording.operation.as_str() {
        "Converse" => Outcome::of(client.converse(model, &read::<ConverseRequest>(body)).await),
        "ConverseStream" => {
            let input: ConverseStreamRequest = read(body);
            Outcome::of_stream(client.converse_stream(model, &input).await).await
        }
        "CountTokens" => {
            Outcome::of(client.count_tokens(model, &read::<CountTokensRequest>(body)).await)
        }
        "InvokeModel" => {
            let input = InvokeModelRequest::new(body.to_vec());
            Outcome::of(client.invoke_model(model, &input).await)
        }
        "InvokeModelWithResponseStream" => {
            let input = InvokeModelRequest::new(body.to_vec());
            let stream = client.invoke_model_with_response_stream(model, &input).await;
            Outcome::of_stream(stream).await
        }
        other => panic!("{other} was never recorded"),
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
    let mut asked = BTreeMap::<_, u32>::new();
    for recording in &recordings {
        let Some(body) = recording.request() else { continue };
        // One recorded request is not JSON: its types do not say it.
        if !recording.operation.starts_with("Invoke")
            && serde_json::from_slice::<Value>(&body).is_err()
        {
            continue;
        }
        let outcome = ask(&client, recording, &body).await;
        // Another recording answers only if it was asked the same.
        let tape = by_path[outcome.headers[TAPE].to_str().unwrap()];
        assert_eq!((&tape.operation, &tape.model), (&recording.operation, &recording.model));
        assert_eq!(outcome.status, tape.status, "{}", recording.path);
        assert_eq!(outcome.body, tape.response(), "{}", recording.path);
        *asked.entry((recording.operation.clone(), tape.status)).or_default() += 1;
    }
    for ((operation, status), count) in &asked {
        eprintln!("{operation} {status}: {count}");
    }
    let total: u32 = asked.values().sum();
    assert!(total > 600, "{total} requests were asked");
}

/// A tape that nobody recorded.
fn made(operation: &str, resource: &str, request: Option<RecordedRequest>, answer: &Value) -> Tape {
    let kind = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]);
    let body = Bytes::from(answer.to_string());
    let response = RecordedResponse::new(StatusCode::OK, &headers, &body);
    let mut tape = Tape::new(operation, resource, response);
    tape.request = request;
    tape
}

fn asked(path: &str) -> RecordedRequest {
    RecordedRequest::new(Method::GET, path, &HeaderMap::new(), Bytes::new())
}

fn assert_answer<T: Serialize>(answer: Result<Answer<T>, Error>, expected: &Value) {
    let answer = answer.unwrap();
    let found = serde_json::to_value(&answer.value).unwrap();
    assert_eq!(corpus::difference(expected, &found), None);
    assert!(answer.request_id().is_some());
}

const ARN: &str = "arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdefghijkl";
const GUARDRAIL: &str = "arn:aws:bedrock:us-east-1:123456789012:guardrail/g1";

#[tokio::test]
async fn what_was_never_recorded_is_answered_as_the_service_model_has_it() {
    let Some(corpus) = corpus::find("the service models") else { return };
    let runtime = Model::of(&corpus, "bedrock-runtime");
    let control = Model::of(&corpus, "bedrock");
    let guardrail = format!("{GUARDRAIL}:DRAFT");
    let mut builder = ReplayServer::builder();
    let targets = [
        (&runtime, "ApplyGuardrail", guardrail.as_str()),
        (&runtime, "InvokeGuardrailChecks", ""),
        (&runtime, "StartAsyncInvoke", ""),
        (&runtime, "GetAsyncInvoke", ARN),
        (&runtime, "ListAsyncInvokes", ""),
        (&control, "ListFoundationModels", ""),
        (&control, "GetFoundationModel", "a.b-v1:0"),
        (&control, "ListInferenceProfiles", ""),
        (&control, "GetInferenceProfile", "us.a.b-v1:0"),
    ];
    for (model, operation, resource) in targets {
        let tape = made(operation, resource, None, &model.output(operation));
        builder = builder.tape(operation, tape);
    }
    let server = builder.start().await.unwrap();
    let client = client(&server);
    let input = |model: &Model, shape: &str| model.value(shape, true, None);
    let expected = |operation: &str| {
        let (model, ..) = targets.iter().find(|(_, name, _)| *name == operation).unwrap();
        model.output(operation)
    };

    let content: ApplyGuardrailRequest =
        serde_json::from_value(input(&runtime, "ApplyGuardrailRequest")).unwrap();
    assert_eq!(content.source, GuardrailContentSource::Input);
    let answer = client.apply_guardrail(GUARDRAIL, "DRAFT", &content).await;
    assert_answer(answer, &expected("ApplyGuardrail"));
    let checks: InvokeGuardrailChecksRequest =
        serde_json::from_value(input(&runtime, "InvokeGuardrailChecksRequest")).unwrap();
    let answer = client.invoke_guardrail_checks(&checks).await;
    assert_answer(answer, &expected("InvokeGuardrailChecks"));
    let start: StartAsyncInvokeRequest =
        serde_json::from_value(input(&runtime, "StartAsyncInvokeRequest")).unwrap();
    assert_answer(client.start_async_invoke(&start).await, &expected("StartAsyncInvoke"));
    assert_answer(client.get_async_invoke(ARN).await, &expected("GetAsyncInvoke"));
    let list = ListAsyncInvokesRequest::new();
    assert_answer(client.list_async_invokes(&list).await, &expected("ListAsyncInvokes"));
    let list = ListFoundationModelsRequest::new().by_provider("A & b");
    assert_answer(client.list_foundation_models(&list).await, &expected("ListFoundationModels"));
    let answer = client.get_foundation_model("a.b-v1:0").await;
    assert_answer(answer, &expected("GetFoundationModel"));
    let list = ListInferenceProfilesRequest::new().max_results(7);
    let answer = client.list_inference_profiles(&list).await;
    assert_answer(answer, &expected("ListInferenceProfiles"));
    let answer = client.get_inference_profile("us.a.b-v1:0").await;
    assert_answer(answer, &expected("GetInferenceProfile"));
    assert_eq!(server.report().unplayed().count(), 0);
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
    let tape = |path: &str, next| made("ListAsyncInvokes", "", Some(asked(path)), &page(next));
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
