//! Every recorded Converse and ConverseStream body goes through our types and
//! comes back with no member lost or altered.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use bedrock_wire::model::{ConverseRequest, ConverseResponse, ConverseStreamRequest, from_bytes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The one recorded request body that is not JSON: a comma is missing.
const NOT_JSON: &str = "pydantic__pydantic-ai/test_bedrock_model_other_parameters-0";

fn assert_survives<T: Serialize + DeserializeOwned>(body: &[u8], path: &str) {
    let before: Value = serde_json::from_slice(body).unwrap_or_else(|e| panic!("{path}: {e}"));
    let typed: T = serde_json::from_slice(body).unwrap_or_else(|e| panic!("{path}: {e}"));
    let after = serde_json::to_value(&typed).unwrap_or_else(|e| panic!("{path}: {e}"));
    if let Some(at) = corpus::difference(&before, &after) {
        panic!("{path}: {at}");
    }
}

#[test]
fn recorded_request_bodies_survive_our_types() {
    let Some(corpus) = corpus::find("the recorded request bodies") else {
        return;
    };
    let mut survived = 0;
    for recording in corpus.recordings() {
        let Some(body) = recording.request() else {
            continue;
        };
        if recording.path == NOT_JSON {
            continue;
        }
        match recording.operation.as_str() {
            "Converse" => assert_survives::<ConverseRequest>(&body, &recording.path),
            "ConverseStream" => assert_survives::<ConverseStreamRequest>(&body, &recording.path),
            _ => continue,
        }
        survived += 1;
    }
    eprintln!("{survived} request bodies survived");
    assert!(survived > 400, "only {survived} request bodies were found");
}

#[test]
fn recorded_response_bodies_survive_our_types() {
    let Some(corpus) = corpus::find("the recorded response bodies") else {
        return;
    };
    let answered = corpus.answered("Converse");
    for recording in &answered {
        assert_survives::<ConverseResponse>(&recording.response(), &recording.path);
        let shared: ConverseResponse = from_bytes(&recording.response().into()).unwrap();
        let copied: ConverseResponse = serde_json::from_slice(&recording.response()).unwrap();
        assert_eq!(shared, copied, "{}", recording.path);
    }
    eprintln!("{} response bodies survived", answered.len());
}

#[test]
fn the_recorded_request_that_is_not_json_is_an_error_that_says_where() {
    let Some(corpus) = corpus::find("the recorded request that is not JSON") else {
        return;
    };
    let recording = corpus.recordings().into_iter().find(|r| r.path == NOT_JSON).unwrap();
    let body = recording.request().unwrap();
    let error = from_bytes::<ConverseRequest>(&body.into()).unwrap_err();
    assert_eq!(error.offset, 320, "{error}");
    assert_eq!(error.to_string(), "EOF while parsing an object, at byte 320");
}
