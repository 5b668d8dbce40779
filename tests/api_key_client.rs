//! A client that asks a provider for the API key of each request.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bedrock_wire::auth::{BearerKey, ProvideBearerKey};
use bedrock_wire::client::{
    BoxFuture, Client, Error, ErrorKind, ResponseBody, Transport, TransportError,
};
use bedrock_wire::fault::Repeat;
use bedrock_wire::model::{ConverseRequest, Message};
use bedrock_wire::operation::{Body, ModelId, Request, converse};

/// Nothing is sent here.
#[derive(Debug)]
struct Unplugged;

impl Transport for Unplugged {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        panic!("something was sent")
    }
}

fn client(keys: impl ProvideBearerKey + 'static) -> Client {
    let builder = Client::builder().ignore_environment().region("us-east-1");
    builder.transport(Unplugged).api_key("replaced").api_key_provider(keys).build().unwrap()
}

fn request(client: &Client) -> Request {
    let model = ModelId::new("amazon.nova-lite-v1:0").unwrap();
    let input = ConverseRequest::new().message(Message::user("hi"));
    converse::build(&client.endpoint().unwrap(), &model, &input).unwrap()
}

async fn authorization(client: &Client) -> String {
    let signed = client.sign(request(client)).await.unwrap().into_http();
    let value = &signed.headers()[http::header::AUTHORIZATION];
    assert!(value.is_sensitive());
    value.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_request_carries_the_key_that_the_provider_gives_for_it() {
    let asked = AtomicUsize::new(0);
    let client = client(move || {
        let count = asked.fetch_add(1, Ordering::SeqCst);
        async move { BearerKey::new(format!("EXAMPLE-{count}")) }
    });
    assert_eq!(authorization(&client).await, "Bearer EXAMPLE-0");
    assert_eq!(authorization(&client.clone()).await, "Bearer EXAMPLE-1");
}

#[tokio::test]
async fn a_shared_provider_and_a_fixed_key_are_taken_too() {
    let key = BearerKey::new("EXAMPLE").unwrap();
    let shared: Arc<dyn ProvideBearerKey> = Arc::new(key.clone());
    assert_eq!(authorization(&client(key)).await, "Bearer EXAMPLE");
    assert_eq!(authorization(&client(shared)).await, "Bearer EXAMPLE");
}

#[tokio::test]
async fn a_provider_that_fails_ends_the_call_before_anything_is_sent() {
    let client = client(|| ready(Err::<BearerKey, _>("the vault is shut")));
    let error = client.send(request(&client)).await.unwrap_err();
    assert!(matches!(error, Error::ApiKey(_)), "{error:?}");
    assert_eq!(error.to_string(), "no API key: the vault is shut");
    assert_eq!((error.kind(), error.repeat()), (ErrorKind::Auth, Repeat::No));
    assert!(error.status().is_none() && error.raw().is_none() && error.request_id().is_none());
}
