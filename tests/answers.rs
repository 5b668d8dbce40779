//! Answers that are not what their status says, for every operation.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use bedrock_wire::model::InvokeModelRequest;
use bedrock_wire::operation::{
    Answer, AnswerError, Operation, apply_guardrail, converse, converse_stream, count_tokens,
    get_async_invoke, get_foundation_model, get_inference_profile, invoke_guardrail_checks,
    invoke_model, list_async_invokes, list_foundation_models, list_inference_profiles,
    start_async_invoke,
};
use bytes::Bytes;
use http::response::Parts;
use serde_json::Value;

fn head(content_type: &str) -> Parts {
    let response = http::Response::builder().header("content-type", content_type);
    response.body(()).unwrap().into_parts().0
}

/// What an operation makes of an answer with status 200.
fn read(operation: Operation, head: Parts, body: Bytes) -> Result<(), AnswerError> {
    fn done<T>(answer: Result<Answer<T>, AnswerError>) -> Result<(), AnswerError> {
        answer.map(drop)
    }
    match operation {
        Operation::Converse => done(converse::parse(head, body)),
        Operation::InvokeModel => done(invoke_model::parse(head, body)),
        Operation::ConverseStream | Operation::InvokeModelWithResponseStream => {
            assert!(!converse_stream::is_event_stream(&head));
            Err(converse_stream::parse_error(&head, body))
        }
        Operation::CountTokens => done(count_tokens::parse(head, body)),
        Operation::ApplyGuardrail => done(apply_guardrail::parse(head, body)),
        Operation::InvokeGuardrailChecks => done(invoke_guardrail_checks::parse(head, body)),
        Operation::StartAsyncInvoke => done(start_async_invoke::parse(head, body)),
        Operation::GetAsyncInvoke => done(get_async_invoke::parse(head, body)),
        Operation::ListAsyncInvokes => done(list_async_invokes::parse(head, body)),
        Operation::ListFoundationModels => done(list_foundation_models::parse(head, body)),
        Operation::GetFoundationModel => done(get_foundation_model::parse(head, body)),
        Operation::ListInferenceProfiles => done(list_inference_profiles::parse(head, body)),
        Operation::GetInferenceProfile => done(get_inference_profile::parse(head, body)),
        other => panic!("{other} is not checked"),
    }
}

#[test]
fn an_unknown_operation_is_an_error_though_its_status_is_200_and_no_header_says_it() {
    for body in [
        r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#,
        " {\n \"__type\" : \"com.amazon.coral.service#UnknownOperationException\"}",
    ] {
        for operation in Operation::ALL {
            let error = read(*operation, head("application/json"), body.into()).unwrap_err();
            let AnswerError::Service(error) = error else { panic!("{operation}: {error:?}") };
            assert_eq!(error.name.as_deref(), Some("UnknownOperationException"), "{operation}");
        }
    }
}

#[test]
fn a_page_is_no_answer_of_any_operation() {
    for operation in Operation::ALL {
        let page = Bytes::from_static(b"<html>Log in</html>");
        let error = read(*operation, head("text/html; charset=utf-8"), page).unwrap_err();
        assert!(matches!(error, AnswerError::ContentType(_)), "{operation}: {error:?}");
    }
}

#[test]
fn json_of_another_content_type_is_no_empty_list() {
    for operation in [Operation::ListFoundationModels, Operation::GetFoundationModel] {
        let error = read(operation, head("text/plain"), "{}".into()).unwrap_err();
        assert!(matches!(error, AnswerError::ContentType(_)), "{operation}: {error:?}");
    }
}

#[test]
fn recorded_requests_to_claude_go_through_the_messages_api_as_they_are() {
    let Some(corpus) = corpus::find("the recorded requests to Claude") else { return };
    let mut count = 0;
    for recording in corpus.recordings() {
        let Some(body) = recording.request().filter(|_| recording.operation.starts_with("Invoke"))
        else {
            continue;
        };
        let Ok(Value::Object(recorded)) = serde_json::from_slice(&body) else { continue };
        if !recorded.contains_key("anthropic_version") {
            continue;
        }
        // As it would go to Anthropic: without the version, with the model.
        let mut to_anthropic = recorded.clone();
        let version = to_anthropic.remove("anthropic_version");
        to_anthropic.insert("model".to_owned(), "claude".into());
        to_anthropic.insert("stream".to_owned(), true.into());
        to_anthropic.insert("a_schema".to_owned(), serde_json::json!({"default": null}));
        let request = InvokeModelRequest::messages_api(&to_anthropic).unwrap();
        let mut sent: Value = serde_json::from_slice(&request.body).unwrap();
        let schema = sent.as_object_mut().unwrap().remove("a_schema");
        assert_eq!(schema, Some(serde_json::json!({"default": null})));
        assert_eq!(version.as_ref(), Some(&"bedrock-2023-05-31".into()), "{}", recording.path);
        assert_eq!(sent, Value::Object(recorded), "{}", recording.path);
        count += 1;
    }
    eprintln!("{count} requests to Claude");
    assert!(count > 50, "{count}");
}

#[test]
fn an_error_named_in_the_head_is_no_event_stream_whatever_its_type() {
    let mut head = head("application/vnd.amazon.eventstream");
    assert!(converse_stream::is_event_stream(&head));
    head.headers.insert("x-amzn-errortype", "ThrottlingException".parse().unwrap());
    assert!(!converse_stream::is_event_stream(&head));
    let error = converse_stream::parse_error(&head, Bytes::from_static(br#"{"message":"slow"}"#));
    let AnswerError::Service(error) = error else { panic!("{error}") };
    assert_eq!(error.name.as_deref(), Some("ThrottlingException"));
}
