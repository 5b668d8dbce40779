//! InvokeModel: a request in the model's own format, an answer in it.
//!
//! AWS: [`InvokeModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, header};

use super::request::JSON;
use super::{
    Answer, AnswerError, BuildError, ContentTypeError, ModelId, Operation, Request, answer,
};
use crate::endpoint::Endpoint;
use crate::model::{
    InvokeModelRequest, InvokeModelResponse, PerformanceConfigLatency, ServiceTierType, Text, Trace,
};

const TRACE: HeaderName = HeaderName::from_static("x-amzn-bedrock-trace");
const GUARDRAIL: HeaderName = HeaderName::from_static("x-amzn-bedrock-guardrailidentifier");
const GUARDRAIL_VERSION: HeaderName = HeaderName::from_static("x-amzn-bedrock-guardrailversion");
const LATENCY: HeaderName = HeaderName::from_static("x-amzn-bedrock-performanceconfig-latency");
const SERVICE_TIER: HeaderName = HeaderName::from_static("x-amzn-bedrock-service-tier");
const METADATA: HeaderName = HeaderName::from_static("x-amzn-bedrock-request-metadata");

/// Builds the request; it is not signed yet.
///
/// `Content-Type` and `Accept` are `application/json` where the input says
/// nothing else, as the service has it; of the other headers only those that
/// are set are sent.
///
/// # Errors
/// Where a member cannot stand in its header.
pub fn build(
    endpoint: &Endpoint,
    model: &ModelId,
    input: &InvokeModelRequest,
) -> Result<Request, BuildError> {
    Request::new(endpoint, Operation::InvokeModel, &[model.as_str()])?
        .with_header(header::ACCEPT, input.accept.as_deref())?
        .with_invocation(input)
}

impl Request {
    /// With the body of an invocation and the headers that both operations
    /// have.
    pub(super) fn with_invocation(self, input: &InvokeModelRequest) -> Result<Self, BuildError> {
        let latency = input.performance_config_latency.as_ref();
        let mut request = self
            .with_header(header::CONTENT_TYPE, Some(input.content_type.as_deref().unwrap_or(JSON)))?
            .with_header(TRACE, input.trace.as_ref().map(Trace::as_str))?
            .with_header(GUARDRAIL, input.guardrail_identifier.as_deref())?
            .with_header(GUARDRAIL_VERSION, input.guardrail_version.as_deref())?
            .with_header(LATENCY, latency.map(PerformanceConfigLatency::as_str))?
            .with_header(SERVICE_TIER, input.service_tier.as_ref().map(ServiceTierType::as_str))?
            .with_header(METADATA, input.request_metadata.as_deref())?;
        request.set_body(input.body.clone());
        Ok(request)
    }
}

/// Reads the answer; its body is what was received.
///
/// # Errors
/// Where the service answered with an error, or the body is a web page, which
/// no model answers with.
pub fn parse(head: Parts, body: Bytes) -> Result<Answer<InvokeModelResponse>, AnswerError> {
    if answer::is_error(&head) {
        return Err(AnswerError::Service(Box::new(answer::parse_error(&head, body))));
    }
    let body = answer::output(&head, body)?;
    if answer::has_content_type(&head, "text/html") {
        let error = ContentTypeError::new(JSON, &head, body);
        return Err(AnswerError::ContentType(Box::new(error)));
    }
    let number = |name| count(&head.headers, name);
    let value = InvokeModelResponse {
        body: body.clone(),
        content_type: text(&head.headers, &header::CONTENT_TYPE),
        performance_config_latency: latency(&head.headers),
        service_tier: service_tier(&head.headers),
        input_token_count: number("x-amzn-bedrock-input-token-count"),
        output_token_count: number("x-amzn-bedrock-output-token-count"),
        cache_read_input_token_count: number("x-amzn-bedrock-cache-read-input-token-count"),
        cache_write_input_token_count: number("x-amzn-bedrock-cache-write-input-token-count"),
        invocation_latency: number("x-amzn-bedrock-invocation-latency"),
    };
    Ok(Answer { value, headers: head.headers, raw: body })
}

/// The text in a header of an answer.
pub(crate) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<Text> {
    Some(headers.get(name)?.to_str().ok()?.into())
}

/// The answer's `performanceConfigLatency`.
pub(crate) fn latency(headers: &HeaderMap) -> Option<PerformanceConfigLatency> {
    text(headers, &LATENCY).map(Into::into)
}

/// The answer's `serviceTier`.
pub(crate) fn service_tier(headers: &HeaderMap) -> Option<ServiceTierType> {
    text(headers, &SERVICE_TIER).map(Into::into)
}

fn count(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
