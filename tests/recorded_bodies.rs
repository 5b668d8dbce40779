//! Every recorded body of every operation goes through our types and comes
//! back with no member lost or altered; errors give their name and kind.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use std::collections::BTreeMap;

use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::eventstream::Decoder;
use bedrock_wire::fault::ServiceErrorKind;
use bedrock_wire::model::{
    ConverseRequest, ConverseResponse, ConverseStreamRequest, CountTokensRequest,
    CountTokensResponse, PayloadPart, from_bytes,
};
use bedrock_wire::operation::{
    BuildError, ModelId, Request, converse, converse_stream, count_tokens, invoke_model,
    parse_error,
};
use bedrock_wire::stream::{EventDecoder, EventError, EventErrorKind, StreamEvent};
use corpus::Recording;
use http::HeaderMap;
use http::response::Parts;
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

/// The same, and the request that is built has the bytes of `serde_json`.
fn assert_sent<T: Serialize + DeserializeOwned>(
    body: &[u8],
    path: &str,
    build: impl Fn(&T) -> Result<Request, BuildError>,
) {
    assert_survives::<T>(body, path);
    let typed: T = serde_json::from_slice(body).unwrap();
    let sent = build(&typed).unwrap_or_else(|e| panic!("{path}: {e}")).body().to_bytes();
    assert_eq!(sent, serde_json::to_vec(&typed).unwrap(), "{path}");
}

#[test]
fn recorded_request_bodies_survive_our_types_and_are_sent_as_serde_json_writes_them() {
    let Some(corpus) = corpus::find("the recorded request bodies") else {
        return;
    };
    let endpoint = Endpoint::custom("https://bedrock.example").unwrap();
    let model = ModelId::new("a.b-v1:0").unwrap();
    let mut survived = 0;
    for recording in corpus.recordings() {
        let Some(body) = recording.request() else {
            continue;
        };
        if recording.path == NOT_JSON {
            continue;
        }
        match recording.operation.as_str() {
            "Converse" => assert_sent(&body, &recording.path, |request: &ConverseRequest| {
                converse::build(&endpoint, &model, request)
            }),
            "ConverseStream" => {
                assert_sent(&body, &recording.path, |request: &ConverseStreamRequest| {
                    converse_stream::build(&endpoint, &model, request)
                });
            }
            "CountTokens" => assert_sent(&body, &recording.path, |request: &CountTokensRequest| {
                count_tokens::build(&endpoint, &model, request)
            }),
            // The model's own format passes unread.
            "InvokeModel" | "InvokeModelWithResponseStream" => continue,
            other => panic!("{other} is not checked"),
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
    let counted = corpus.answered("CountTokens");
    for recording in &counted {
        assert_survives::<CountTokensResponse>(&recording.response(), &recording.path);
    }
    eprintln!("{} and {} response bodies survived", answered.len(), counted.len());
}

/// The head of a recorded response.
fn head(recording: &Recording) -> Parts {
    let meta = recording.response_meta();
    let mut response = http::Response::builder().status(recording.status);
    for pair in meta["headers"].as_array().unwrap() {
        response = response.header(pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    }
    response.body(()).unwrap().into_parts().0
}

#[test]
fn recorded_invocations_pass_unread_with_the_members_in_their_headers() {
    let Some(corpus) = corpus::find("the recorded invocations") else {
        return;
    };
    let (answered, mut with_counts) = (corpus.answered("InvokeModel"), 0);
    for recording in &answered {
        let (head, body) = (head(recording), bytes::Bytes::from(recording.response()));
        let sent = |headers: &HeaderMap, name: &str| {
            headers.get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let answer = invoke_model::parse(head.clone(), body.clone()).unwrap();
        assert_eq!((&answer.body, &answer.raw), (&body, &body), "{}", recording.path);
        assert_eq!(answer.content_type.as_deref(), Some("application/json"));
        for (count, name) in [
            (answer.input_token_count, "x-amzn-bedrock-input-token-count"),
            (answer.output_token_count, "x-amzn-bedrock-output-token-count"),
            (answer.cache_read_input_token_count, "x-amzn-bedrock-cache-read-input-token-count"),
            (answer.cache_write_input_token_count, "x-amzn-bedrock-cache-write-input-token-count"),
            (answer.invocation_latency, "x-amzn-bedrock-invocation-latency"),
        ] {
            assert_eq!(count.map(|count| count.to_string()), sent(&head.headers, name));
        }
        with_counts += usize::from(answer.input_token_count.is_some());
    }
    eprintln!("{} invocations, {with_counts} with counts of tokens", answered.len());
    assert!(with_counts > 90);
}

/// The one whole recorded stream that a guardrail blocked.
const BLOCKED: &str = "traceloop__openllmetry/test_guardrail_invoke_stream-0";

#[test]
fn recorded_streams_of_invocations_give_every_piece_and_the_metrics_in_the_last() {
    let Some(corpus) = corpus::find("the recorded streams of invocations") else {
        return;
    };
    let (answered, mut whole, mut pieces) =
        (corpus.answered("InvokeModelWithResponseStream"), 0, 0);
    for recording in &answered {
        let mut decoder = EventDecoder::of_chunks(None);
        decoder.push(recording.response().into());
        let (mut last, mut failed) = (None, false);
        loop {
            match decoder.next() {
                Ok(Some(event)) => {
                    // The payload without its padding, as serde_json reads it.
                    let mut payload: Value = serde_json::from_slice(event.payload()).unwrap();
                    payload.as_object_mut().unwrap().remove("p");
                    let part: PayloadPart = serde_json::from_slice(event.payload()).unwrap();
                    assert_eq!(serde_json::to_value(&part).unwrap(), payload);
                    let chunk: Value = serde_json::from_slice(event.chunk().unwrap()).unwrap();
                    let metrics = chunk.get("amazon-bedrock-invocationMetrics");
                    let found = event
                        .invocation_metrics()
                        .unwrap()
                        .map(|m| serde_json::to_value(m).unwrap());
                    assert_eq!(found.as_ref(), metrics, "{}", recording.path);
                    last = found;
                    pieces += 1;
                }
                Ok(None) => break,
                Err(error) => {
                    assert!(error.service_error().is_some(), "{}: {error}", recording.path);
                    failed = true;
                    break;
                }
            }
        }
        if !failed {
            decoder.finish().unwrap();
            assert!(decoder.is_stopped(), "{}", recording.path);
            assert_eq!(last.is_some(), recording.path != BLOCKED, "{}", recording.path);
            whole += 1;
        }
    }
    eprintln!("{whole} whole streams of {}, {pieces} pieces", answered.len());
    assert!(whole > 80);
}

/// The kind that each status means, unless a message tells more.
const KINDS: [(u16, ServiceErrorKind); 5] = [
    (400, ServiceErrorKind::Validation),
    (403, ServiceErrorKind::AccessDenied),
    (404, ServiceErrorKind::NotFound),
    (429, ServiceErrorKind::Throttled),
    (503, ServiceErrorKind::Unavailable),
];

/// The one recorded signature that expired: no permission is missing.
const EXPIRED: &str = "neilberkman__req_llm/anthropic_claude_opus_4_1_20250805_v1_0.usage-0";

/// What a model that is throttled says, though not with 429.
const THROTTLED: &[u8] = b"Model is getting throttled";

/// The name that header or body gives, cut as WIRE has it, read without our
/// types.
fn name_in(recording: &Recording) -> Option<String> {
    let meta = recording.response_meta();
    let headers = meta["headers"].as_array().unwrap();
    let header = headers
        .iter()
        .find(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case("x-amzn-errortype"));
    let body: Value = serde_json::from_slice(&recording.response()).unwrap_or_default();
    let in_body = ["code", "Code", "__type"].iter().find_map(|name| body[*name].as_str());
    let sent = header.map(|pair| pair[1].as_str().unwrap()).or(in_body)?;
    Some(sent.split(':').next()?.rsplit('#').next()?.to_owned())
}

#[test]
fn every_recorded_error_has_the_name_it_was_sent_with_and_the_kind_of_its_status() {
    let Some(corpus) = corpus::find("the recorded errors") else {
        return;
    };
    let mut found = BTreeMap::<_, u32>::new();
    for recording in corpus.recordings().iter().filter(|recording| recording.status != 200) {
        let error = parse_error(&head(recording), recording.response().into());
        assert_eq!(error.name, name_in(recording), "{}", recording.path);
        let (_, kind) = KINDS.iter().find(|(status, _)| *status == recording.status).unwrap();
        let is_throttled = error.raw.windows(THROTTLED.len()).any(|part| part == THROTTLED);
        let kind = match recording.path.as_str() {
            EXPIRED => ServiceErrorKind::SignatureExpired,
            _ if is_throttled => ServiceErrorKind::Throttled,
            _ => *kind,
        };
        assert_eq!(error.kind(), kind, "{}: {error}", recording.path);
        assert_eq!(error.raw, recording.response());
        *found.entry((recording.status, error.name)).or_default() += 1;
    }
    for ((status, name), count) in &found {
        eprintln!("{status} {}: {count}", name.as_deref().unwrap_or("without a name"));
    }
    assert!(found.values().sum::<u32>() > 20);
}

#[test]
fn every_recorded_exception_in_a_stream_has_the_name_in_its_header() {
    let Some(corpus) = corpus::find("the recorded exceptions") else {
        return;
    };
    let mut found = 0;
    let answered = ["ConverseStream", "InvokeModelWithResponseStream"];
    for recording in answered.iter().flat_map(|operation| corpus.answered(operation)) {
        let mut decoder = Decoder::new();
        decoder.push(recording.response().into());
        while let Some(message) = decoder.next().unwrap() {
            let name = message.headers().get(":exception-type");
            let Some(name) = name.and_then(|name| name.as_str().map(str::to_owned)) else {
                continue;
            };
            let EventError { kind, .. } = StreamEvent::from_message(message).unwrap_err();
            let EventErrorKind::Service(error) = kind else { panic!("{kind}") };
            assert_eq!(error.name.as_deref(), Some(name.as_str()));
            let kind = match name.as_str() {
                "validationException" => ServiceErrorKind::Validation,
                "modelStreamErrorException" => ServiceErrorKind::Model,
                other => panic!("{other}"),
            };
            assert_eq!(error.kind(), kind);
            found += 1;
        }
    }
    eprintln!("{found} exceptions");
    assert!(found >= 3);
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
