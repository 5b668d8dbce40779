//! The verifier of signatures, against the signer, which is AWS's.

use std::time::{Duration, SystemTime};

use bedrock_wire::auth::verify::{AccessKey, Caller, Received, Verifier};
use bedrock_wire::auth::{BodyHash, Credentials, is_signed, sign};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request};

use crate::head::Head;

/// AWS's documented example.
pub(crate) const ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const BEARER: &str = "bedrock-api-key-example";
const REGION: &str = "us-east-1";

/// The time of the seeds' signatures: 2026-01-02T03:04:05Z.
#[must_use]
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

/// A request of any bytes: what is accepted has the signature that the signer
/// computes, and what the signer signs is accepted.
pub fn check(data: &[u8]) {
    let Head { first, headers, body } = Head::parse(data);
    let Some((method, target)) = std::str::from_utf8(first).ok().and_then(|l| l.split_once(' '))
    else {
        return;
    };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    as_received(&method, target, &headers, body);
    as_signed(&method, target, headers, body);
}

fn verifier() -> Verifier {
    Verifier::new().access_key(AccessKey::new(ID, SECRET)).bearer_key(BEARER)
}

fn credentials() -> Credentials {
    Credentials::new(ID, SECRET, None, None, "example")
}

fn as_received(method: &Method, target: &str, headers: &HeaderMap, body: &[u8]) {
    let received = Received::new(method, target, headers).body(body);
    match verifier().verify(&received, now()) {
        Ok(Caller::BearerKey) => {
            let given = headers[AUTHORIZATION].to_str().expect("accepted");
            assert!(given.ends_with(BEARER), "{given}");
        }
        Ok(Caller::AccessKey { id, region }) => {
            assert_eq!(id, ID);
            is_the_signers(method, target, headers, body, &region);
        }
        Ok(other) => panic!("no rule for {other:?}"),
        Err(rejection) => {
            let said = format!("{rejection} {rejection:?} {}", rejection.message());
            assert!(!said.contains(SECRET) && !said.contains(BEARER));
        }
    }
}

/// Signs what was accepted once more.
fn is_the_signers(method: &Method, target: &str, headers: &HeaderMap, body: &[u8], region: &str) {
    let authorization = headers[AUTHORIZATION].to_str().expect("accepted");
    let part = |name: &str| {
        let rest = authorization.split_once(name).expect("accepted").1;
        rest.split(',').next().unwrap_or_default().trim()
    };
    let signed: Vec<_> = part("SignedHeaders=").split(';').collect();
    let mut only = HeaderMap::new();
    for (name, value) in headers {
        if signed.contains(&name.as_str()) && name != "host" && name != "x-amz-date" {
            if !is_signed(name) {
                // The signer does not sign it, so that it cannot be compared.
                return;
            }
            only.append(name, value.clone());
        }
    }
    let host = headers["host"].to_str().expect("accepted");
    let Some(mut head) = head(method, host, target, only) else { return };
    let date = headers["x-amz-date"].to_str().expect("accepted");
    let hash = BodyHash::of(body);
    // The date may differ from now; the signer is asked for the seeds' alone.
    if date == "20260102T030405Z"
        && let Ok(ours) = sign(&mut head, hash, &credentials(), region, now())
    {
        assert_eq!(ours.signature(), part("Signature="), "{method} {target} {headers:?}");
    }
}

fn as_signed(method: &Method, target: &str, mut headers: HeaderMap, body: &[u8]) {
    headers.remove("host");
    // Of the body's hash the signer is told apart.
    headers.remove("x-amz-content-sha256");
    let Some(mut head) = head(method, "localhost:8080", target, headers) else { return };
    if sign(&mut head, BodyHash::of(body), &credentials(), REGION, now()).is_err() {
        return;
    }
    let target = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let received =
        Received::new(&head.method, target, &head.headers).authority("localhost:8080").body(body);
    let caller = verifier().verify(&received, now());
    let is_query = |name: &str| target.to_ascii_lowercase().contains(name);
    if caller.is_err() && is_query("x-amz-") {
        // Presigned, which is turned away.
        return;
    }
    assert!(caller.is_ok(), "{caller:?}: {method} {target} {:?}", head.headers);
}

fn head(
    method: &Method,
    host: &str,
    target: &str,
    headers: HeaderMap,
) -> Option<http::request::Parts> {
    let request = Request::builder().method(method).uri(format!("https://{host}{target}"));
    let (mut head, ()) = request.body(()).ok()?.into_parts();
    // What the signer is told is what the server receives.
    let path = head.uri.path_and_query().map_or("", |path| path.as_str());
    if path != target {
        return None;
    }
    head.headers = headers;
    Some(head)
}
