//! What a caller can put into a request before it is signed, and where
//! requests of each service go.
#![cfg(all(feature = "client", feature = "sigv4"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod played;

use std::sync::{Arc, Mutex};

use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{
    BoxFuture, Client, ClientBuilder, ConverseStream, ErrorKind, InvokeModelStream, ResponseBody,
    Transport, TransportError,
};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{
    ConverseRequest, Document, InvokeModelRequest, ListFoundationModelsRequest,
    ListInferenceProfilesRequest, Message, StartAsyncInvokeRequest,
};
use bedrock_wire::operation::{Body, Operation};
use http::{HeaderName, HeaderValue};
use played::Played;
use serde_json::{Value, json};

/// Answers everything with an error and keeps what was sent.
#[derive(Clone, Debug, Default)]
struct Sent(Arc<Mutex<Vec<http::Request<Body>>>>);

impl Transport for Sent {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        self.0.lock().unwrap().push(request);
        Box::pin(async { Ok(Played::json(400, "").response()) })
    }
}

impl Sent {
    fn builder(&self) -> ClientBuilder {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        Client::builder()
            .ignore_environment()
            .credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
            .transport(self.clone())
    }

    fn last(&self) -> http::Request<Body> {
        self.0.lock().unwrap().pop().unwrap()
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

fn signed_headers(request: &http::Request<Body>) -> String {
    let value = request.headers()["authorization"].to_str().unwrap();
    let (_, rest) = value.split_once("SignedHeaders=").unwrap();
    rest.split_once(',').unwrap().0.to_owned()
}

fn body(request: &http::Request<Body>) -> Value {
    serde_json::from_slice(&request.body().to_bytes()).unwrap()
}

fn hi() -> ConverseRequest {
    ConverseRequest::new().message(Message::user("hi")).max_tokens(9)
}

#[tokio::test]
async fn headers_and_merged_members_are_in_the_signature() {
    let sent = Sent::default();
    let name = HeaderName::from_static("x-team");
    let seed = Document::from(json!({"inferenceConfig": {"seed": 7}}));
    let builder = sent.builder().region("us-east-1").header(name, HeaderValue::from_static("a"));
    let client = builder.build().unwrap().before_signing(move |request| Ok(request.merge(&seed)?));
    client.converse("m", &hi()).await.unwrap_err();
    let request = sent.last();
    assert_eq!(request.headers()["x-team"], "a");
    assert!(signed_headers(&request).contains(";x-team"), "{request:?}");
    assert_eq!(body(&request)["inferenceConfig"], json!({"maxTokens": 9, "seed": 7}));
    let length = request.body().to_bytes().len() as u64;
    assert_eq!(request.body().len(), length);
}

#[tokio::test]
async fn hooks_run_in_order_and_a_clone_s_own_are_not_its_parent_s() {
    let sent = Sent::default();
    let add = |letter: &'static str| {
        move |request: &mut bedrock_wire::operation::Request| {
            let so_far = request.headers().get("x-so-far").map_or(&b""[..], HeaderValue::as_bytes);
            let value = HeaderValue::from_bytes(&[so_far, letter.as_bytes()].concat())?;
            request.headers_mut().insert("x-so-far", value);
            Ok(())
        }
    };
    let parent = sent.builder().region("us-east-1").before_signing(add("a")).build().unwrap();
    let child = parent.before_signing(add("b")).before_signing(add("c"));
    child.converse("m", &hi()).await.unwrap_err();
    assert_eq!(sent.last().headers()["x-so-far"], "abc");
    parent.converse("m", &hi()).await.unwrap_err();
    assert_eq!(sent.last().headers()["x-so-far"], "a");
}

#[tokio::test]
async fn a_hook_sees_the_unsigned_request_and_can_turn_it_away() {
    let sent = Sent::default();
    let client = sent.builder().region("us-east-1").before_signing(|request| {
        assert!(!request.headers().contains_key("authorization"));
        assert_eq!(request.uri().path(), "/model/m/converse");
        Err(format!("{} bytes are too many", request.body().len()).into())
    });
    let error = client.build().unwrap().converse("m", &hi()).await.unwrap_err();
    assert!(error.to_string().contains("bytes are too many"), "{error}");
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Usage, Repeat::No));
    assert!(sent.is_empty());
}

#[tokio::test]
async fn merging_into_what_is_no_object_is_an_error_and_sends_nothing() {
    let sent = Sent::default();
    let seed = Document::from(json!({"a": 1}));
    let client = sent.builder().region("us-east-1");
    let client = client.before_signing(move |request| Ok(request.merge(&seed)?)).build().unwrap();
    let error = client.invoke_model("m", &InvokeModelRequest::new("[1]")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    assert!(sent.is_empty());
}

#[tokio::test]
async fn a_hook_sees_requests_without_a_body_too() {
    let sent = Sent::default();
    let client = sent.builder().region("us-east-1").before_signing(|request| {
        assert_eq!((request.method().as_str(), request.body().is_empty()), ("GET", true));
        request.headers_mut().insert("x-team", HeaderValue::from_static("a"));
        Ok(())
    });
    let list = ListFoundationModelsRequest::new().by_provider("A b");
    client.build().unwrap().list_foundation_models(&list).await.unwrap_err();
    let request = sent.last();
    assert_eq!(request.uri().query(), Some("byProvider=A%20b"));
    assert!(signed_headers(&request).contains("x-team"));
}

#[test]
fn calls_streams_and_pages_go_from_thread_to_thread() {
    fn assert_send<T: Send>(_: T) {}
    fn assert_sync<T: Send + Sync>() {}
    assert_sync::<Client>();
    let client = Sent::default().builder().region("us-east-1").build().unwrap();
    let (hi, invocation) = (hi(), InvokeModelRequest::new("{}"));
    assert_send(client.converse("m", &hi));
    assert_send(client.invoke_model_with_response_stream("m", &invocation));
    assert_send(client.pages(ListInferenceProfilesRequest::new()));
    assert_send(None::<ConverseStream>);
    assert_send(None::<InvokeModelStream>);
}

#[tokio::test]
async fn members_of_an_invocation_go_into_headers_and_only_those_that_are_set() {
    let sent = Sent::default();
    let client = sent.builder().region("us-east-1").build().unwrap();
    client.invoke_model("m", &InvokeModelRequest::new("{}")).await.unwrap_err();
    let bare = sent.last();
    let names = |request: &http::Request<Body>| {
        let mut names: Vec<_> = request.headers().keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    let retry = ["amz-sdk-invocation-id", "amz-sdk-request"];
    let rest = ["accept", "authorization", "content-type", "x-amz-date"];
    let mut expected = [&retry[..], &rest].concat();
    expected.sort_unstable();
    assert_eq!(names(&bare), expected);
    let input = InvokeModelRequest::new("{}").guardrail_identifier("g1").guardrail_version("1");
    client.invoke_model_with_response_stream("m", &input.accept("image/png")).await.unwrap_err();
    let request = sent.last();
    assert_eq!(request.headers()["accept"], "application/vnd.amazon.eventstream");
    assert_eq!(request.headers()["x-amzn-bedrock-accept"], "image/png");
    assert_eq!(request.headers()["x-amzn-bedrock-guardrailidentifier"], "g1");
    assert!(signed_headers(&request).contains("x-amzn-bedrock-guardrailversion"));

    let input = InvokeModelRequest::new("{}").request_metadata("{\"a\":\"é\"}");
    let error = client.invoke_model("m", &input).await.unwrap_err();
    assert!(error.to_string().contains("x-amzn-bedrock-request-metadata"), "{error}");
    assert!(error.to_string().contains("at byte 6"), "{error}");
    assert!(sent.is_empty());
}

#[tokio::test]
async fn an_invocation_that_is_started_has_a_token_of_its_own_or_the_caller_s() {
    let sent = Sent::default();
    let client = sent.builder().region("us-east-1").build().unwrap();
    let input: StartAsyncInvokeRequest = serde_json::from_value(json!({
        "modelId": "m",
        "modelInput": {"a": 1},
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://bucket"}},
    }))
    .unwrap();
    let mut tokens = Vec::new();
    for input in [input.clone(), input.clone(), input.client_request_token("mine")] {
        client.start_async_invoke(&input).await.unwrap_err();
        tokens.push(body(&sent.last())["clientRequestToken"].as_str().unwrap().to_owned());
    }
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!((tokens[0].len(), tokens[2].as_str()), (36, "mine"));
}

#[tokio::test]
async fn each_service_is_asked_at_its_own_endpoint() {
    let sent = Sent::default();
    let list = ListFoundationModelsRequest::new();
    let region = || sent.builder().region("eu-west-1");
    let local = "http://127.0.0.1:1/pre";
    for (builder, runtime, control) in [
        (
            region(),
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse",
            "https://bedrock.eu-west-1.amazonaws.com/foundation-models",
        ),
        (
            region().control_plane_url(local),
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse",
            "http://127.0.0.1:1/pre/foundation-models",
        ),
        (
            region().endpoint_url(local),
            "http://127.0.0.1:1/pre/model/m/converse",
            "https://bedrock.eu-west-1.amazonaws.com/foundation-models",
        ),
    ] {
        let client = builder.build().unwrap();
        client.converse("m", &hi()).await.unwrap_err();
        assert_eq!(sent.last().uri(), runtime);
        client.list_foundation_models(&list).await.unwrap_err();
        assert_eq!(sent.last().uri(), control);
        let endpoint = client.endpoint_for(Operation::ListFoundationModels, "").unwrap();
        assert_eq!(format!("{endpoint}/foundation-models"), control);
    }
}

#[tokio::test]
async fn without_a_region_the_control_plane_is_an_error_only_where_it_is_asked() {
    let sent = Sent::default();
    let client = Client::builder()
        .ignore_environment()
        .api_key("bedrock-api-key-example")
        .endpoint_url("http://127.0.0.1:1")
        .transport(sent.clone())
        .build()
        .unwrap();
    client.converse("m", &hi()).await.unwrap_err();
    sent.last();
    let error = client.get_inference_profile("us.a.b").await.unwrap_err();
    assert!(error.to_string().starts_with("region: "), "{error}");
    let bad = sent.builder().region("us-east-1").control_plane_url("http://bedrock.example");
    assert!(bad.build().unwrap_err().to_string().starts_with("control_plane_url: "));
    assert!(sent.is_empty());
}

#[tokio::test]
async fn the_region_of_an_arn_goes_before_the_environment_s_and_behind_code_s() {
    let sent = Sent::default();
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc";
    let asked = async |builder: ClientBuilder| {
        let client = builder.build().unwrap();
        client.converse(arn, &hi()).await.unwrap_err();
        let request = sent.last();
        let scope = request.headers()["authorization"].to_str().unwrap().to_owned();
        let scope = scope.split('/').nth(2).unwrap().to_owned();
        (request.uri().host().unwrap().to_owned(), scope)
    };
    let of = |host: &str, region: &str| (host.to_owned(), region.to_owned());
    // No other region is known; the environment's is set in `profiles.rs`.
    let named = of("bedrock-runtime.eu-west-1.amazonaws.com", "eu-west-1");
    assert_eq!(asked(sent.builder()).await, named);
    let in_code = of("bedrock-runtime.us-east-1.amazonaws.com", "us-east-1");
    assert_eq!(asked(sent.builder().region("us-east-1")).await, in_code);
    let local = || sent.builder().endpoint_url("http://127.0.0.1:1");
    assert_eq!(asked(local()).await, of("127.0.0.1", "eu-west-1"));
    // An endpoint that was set is of the region that was set with it.
    let of_endpoint = local().default_region("us-east-1");
    assert_eq!(asked(of_endpoint).await, of("127.0.0.1", "us-east-1"));
    let error = sent.builder().build().unwrap().converse("a.b", &hi()).await.unwrap_err();
    assert!(error.to_string().starts_with("region: none is set"), "{error}");
    assert!(sent.is_empty());
}

#[tokio::test]
async fn a_default_region_holds_where_nothing_else_names_one() {
    let sent = Sent::default();
    let scope = async |builder: ClientBuilder, model: &str| {
        builder.build().unwrap().converse(model, &hi()).await.unwrap_err();
        sent.last().uri().host().unwrap().to_owned()
    };
    let default = || sent.builder().default_region("us-east-1");
    assert_eq!(scope(default(), "m").await, "bedrock-runtime.us-east-1.amazonaws.com");
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.a.b";
    assert_eq!(scope(default(), arn).await, "bedrock-runtime.eu-west-1.amazonaws.com");
    let in_code = default().region("eu-north-1");
    assert_eq!(scope(in_code, arn).await, "bedrock-runtime.eu-north-1.amazonaws.com");
    let bad = sent.builder().default_region("us-east-1.evil.com/").build().unwrap_err();
    assert!(bad.to_string().starts_with("default_region: "), "{bad}");
}

/// Says its name when a request passes.
#[derive(Debug)]
struct Says(&'static str, Arc<dyn Transport>, Arc<Mutex<Vec<String>>>);

impl Transport for Says {
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let signed = request.headers().contains_key("authorization");
        self.2.lock().unwrap().push(format!("{} signed: {signed}", self.0));
        self.1.send(request)
    }
}

#[tokio::test]
async fn a_transport_is_wrapped_by_each_that_was_asked_for_the_last_outermost() {
    let (sent, said) = (Sent::default(), Arc::<Mutex<Vec<String>>>::default());
    let wrap = |name| {
        let said = Arc::clone(&said);
        move |inner: Arc<dyn Transport>| {
            Arc::new(Says(name, inner, Arc::clone(&said))) as Arc<dyn Transport>
        }
    };
    let builder = sent.builder().region("us-east-1");
    let client = builder.wrap_transport(wrap("inner")).wrap_transport(wrap("outer"));
    let client = client.build().unwrap();
    client.converse("m", &hi()).await.unwrap_err();
    client.list_foundation_models(&ListFoundationModelsRequest::new()).await.unwrap_err();
    let order = ["outer signed: true", "inner signed: true"].repeat(2);
    assert_eq!(*said.lock().unwrap(), order);
    assert_eq!(sent.0.lock().unwrap().len(), 2);
}
