//! InvokeModel: the model's own format.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::inference::{PerformanceConfigLatency, ServiceTierType};
use super::shape::{Blob, Document, Text, enumeration, structure};

/// A request to InvokeModel or InvokeModelWithResponseStream: a body in the
/// model's own format, which passes unread, and members that go into headers.
/// The model's id stands beside it, in the path.
///
/// AWS: [`InvokeModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
///
/// `Debug` shows of the body its length alone, and of the metadata nothing:
/// AWS's model marks both as sensitive.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct InvokeModelRequest {
    /// The body.
    ///
    /// Constraints: at most 25000000 bytes.
    pub body: Bytes,
    /// The body's MIME type, in `Content-Type`; `application/json` if not set.
    pub content_type: Option<Text>,
    /// The MIME type that is wanted of the answer, in `Accept` (for a stream in
    /// `X-Amzn-Bedrock-Accept`); `application/json` if not set.
    pub accept: Option<Text>,
    /// Whether the guardrail's trace is wanted, in `X-Amzn-Bedrock-Trace`.
    pub trace: Option<Trace>,
    /// The guardrail's id or ARN, in `X-Amzn-Bedrock-GuardrailIdentifier`.
    ///
    /// Constraints: at most 2048 characters.
    pub guardrail_identifier: Option<Text>,
    /// The guardrail's version, in `X-Amzn-Bedrock-GuardrailVersion`: a number
    /// or `DRAFT`.
    pub guardrail_version: Option<Text>,
    /// In `X-Amzn-Bedrock-PerformanceConfig-Latency`.
    pub performance_config_latency: Option<PerformanceConfigLatency>,
    /// In `X-Amzn-Bedrock-Service-Tier`.
    pub service_tier: Option<ServiceTierType>,
    /// JSON, in `X-Amzn-Bedrock-Request-Metadata`.
    ///
    /// Constraints: at most 8500 characters.
    pub request_metadata: Option<Text>,
}

impl fmt::Debug for InvokeModelRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeModelRequest")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("content_type", &self.content_type)
            .field("accept", &self.accept)
            .field("trace", &self.trace)
            .field("guardrail_identifier", &self.guardrail_identifier)
            .field("guardrail_version", &self.guardrail_version)
            .field("performance_config_latency", &self.performance_config_latency)
            .field("service_tier", &self.service_tier)
            .field("request_metadata", &self.request_metadata.as_ref().map(|_| "..."))
            .finish()
    }
}

/// The version of the Messages API that Bedrock takes.
const ANTHROPIC_VERSION: &str = "bedrock-2023-05-31";

impl InvokeModelRequest {
    /// A request with a body; everything else is left out.
    #[must_use]
    pub fn new(body: impl Into<Bytes>) -> Self {
        InvokeModelRequest { body: body.into(), ..Self::default() }
    }

    /// A request with a body of JSON.
    ///
    /// ```
    /// use bedrock_wire::model::InvokeModelRequest;
    /// use serde_json::json;
    ///
    /// let request = InvokeModelRequest::json(&json!({"inputText": "hello"}))?;
    /// assert_eq!(request.body, r#"{"inputText":"hello"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the body has no form in JSON.
    pub fn json(body: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        serde_json::to_vec(body).map(Self::new)
    }

    /// A request in the format of Claude's Messages API: the body as it would
    /// go to Anthropic, with `anthropic_version` added if it has none, and
    /// without `model` and `stream`, which Bedrock has in the path.
    ///
    /// AWS: [Anthropic Claude Messages API](https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html).
    ///
    /// ```
    /// use bedrock_wire::model::InvokeModelRequest;
    /// use serde_json::json;
    ///
    /// let body = json!({
    ///     "anthropic_beta": ["context-1m-2025-08-07"],
    ///     "max_tokens": 99,
    ///     "messages": [{"role": "user", "content": "hi"}],
    ///     "model": "in the path",
    /// });
    /// assert_eq!(
    ///     InvokeModelRequest::messages_api(&body)?.body,
    ///     r#"{"anthropic_beta":["context-1m-2025-08-07"],"max_tokens":99,"messages":[{"content":"hi","role":"user"}],"anthropic_version":"bedrock-2023-05-31"}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the body is no object of JSON.
    pub fn messages_api(body: &(impl Serialize + ?Sized)) -> Result<Self, serde_json::Error> {
        let mut body = Document::from_serialize(body)?.members()?;
        body.remove("model");
        body.remove("stream");
        if body.get("anthropic_version").is_none() {
            body.insert("anthropic_version", Document::string(ANTHROPIC_VERSION));
        }
        Ok(Self::new(Document::from(body).as_json().to_owned()))
    }
}

impl InvokeModelRequest {
    /// Sets `requestMetadata` to a JSON object of these names and values. What
    /// is not ASCII is written as escapes, as headers need it.
    ///
    /// ```
    /// use bedrock_wire::model::InvokeModelRequest;
    ///
    /// let request = InvokeModelRequest::new("{}").metadata([("team", "café")]);
    /// assert_eq!(request.request_metadata.as_deref(), Some(r#"{"team":"caf\u00e9"}"#));
    /// ```
    #[must_use]
    pub fn metadata<N, V>(self, metadata: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let members = metadata.into_iter().map(|(name, value)| (name.into(), value.into().into()));
        let json = serde_json::Value::Object(members.collect()).to_string();
        let mut ascii = String::with_capacity(json.len());
        for unit in json.encode_utf16() {
            match u8::try_from(unit).ok().filter(u8::is_ascii) {
                Some(byte) => ascii.push(char::from(byte)),
                None => ascii.extend(["\\u".to_owned(), format!("{unit:04x}")]),
            }
        }
        self.request_metadata(ascii)
    }
}

/// The setters of the members that go into headers.
macro_rules! setters {
    ($($(#[$doc:meta])* $member:ident: $Type:ty,)+) => {
        impl InvokeModelRequest {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $member(mut self, value: impl Into<$Type>) -> Self {
                    self.$member = Some(value.into());
                    self
                }
            )+
        }
    };
}

setters! {
    /// Sets `contentType`.
    content_type: Text,
    /// Sets `accept`.
    accept: Text,
    /// Sets `trace`.
    trace: Trace,
    /// Sets `guardrailIdentifier`.
    guardrail_identifier: Text,
    /// Sets `guardrailVersion`.
    guardrail_version: Text,
    /// Sets `performanceConfigLatency`.
    performance_config_latency: PerformanceConfigLatency,
    /// Sets `serviceTier`.
    service_tier: ServiceTierType,
    /// Sets `requestMetadata`.
    request_metadata: Text,
}

/// The answer in the model's own format, as received, and the members that
/// come in headers.
///
/// AWS: [`InvokeModel`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
///
/// `Debug` shows of the body its length alone.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InvokeModelResponse {
    /// The body.
    pub body: Bytes,
    /// The body's MIME type. The service always says.
    pub content_type: Option<Text>,
    /// From `X-Amzn-Bedrock-PerformanceConfig-Latency`.
    pub performance_config_latency: Option<PerformanceConfigLatency>,
    /// From `X-Amzn-Bedrock-Service-Tier`.
    pub service_tier: Option<ServiceTierType>,
    /// Tokens of the input, from `X-Amzn-Bedrock-Input-Token-Count`. This and
    /// the members below are sent and not in AWS's model.
    pub input_token_count: Option<i64>,
    /// Tokens of the output, from `X-Amzn-Bedrock-Output-Token-Count`.
    pub output_token_count: Option<i64>,
    /// Tokens read from the cache, from
    /// `X-Amzn-Bedrock-Cache-Read-Input-Token-Count`.
    pub cache_read_input_token_count: Option<i64>,
    /// Tokens written to the cache, from
    /// `X-Amzn-Bedrock-Cache-Write-Input-Token-Count`.
    pub cache_write_input_token_count: Option<i64>,
    /// Milliseconds, from `X-Amzn-Bedrock-Invocation-Latency`.
    pub invocation_latency: Option<i64>,
}

impl fmt::Debug for InvokeModelResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvokeModelResponse")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("content_type", &self.content_type)
            .field("performance_config_latency", &self.performance_config_latency)
            .field("service_tier", &self.service_tier)
            .field("input_token_count", &self.input_token_count)
            .field("output_token_count", &self.output_token_count)
            .field("cache_read_input_token_count", &self.cache_read_input_token_count)
            .field("cache_write_input_token_count", &self.cache_write_input_token_count)
            .field("invocation_latency", &self.invocation_latency)
            .finish()
    }
}

structure! {
    /// As much of a stream's last piece as the service adds, whatever the
    /// model's own format.
    LastPiece {
        optional {
            /// What the invocation took.
            metrics: InvocationMetrics = "amazon-bedrock-invocationMetrics",
        }
    }
}

structure! {
    /// What an invocation took, as the service adds it to the last piece of a
    /// stream: `amazon-bedrock-invocationMetrics`. It is sent with models of
    /// every maker and not in AWS's service model.
    InvocationMetrics {
        optional {
            /// Tokens of the input.
            input_token_count: i64 = "inputTokenCount",
            /// Tokens of the output.
            output_token_count: i64 = "outputTokenCount",
            /// Milliseconds until the answer's end.
            invocation_latency: i64 = "invocationLatency",
            /// Milliseconds until the answer's first byte.
            first_byte_latency: i64 = "firstByteLatency",
            /// Tokens read from the cache.
            cache_read_input_token_count: i64 = "cacheReadInputTokenCount",
            /// Tokens written to the cache.
            cache_write_input_token_count: i64 = "cacheWriteInputTokenCount",
        }
    }
}

enumeration! {
    /// Whether the guardrail's trace is wanted.
    Trace {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
        EnabledFull = "ENABLED_FULL",
    }
}

structure! {
    /// A piece of the model's own stream.
    ///
    /// AWS: [`PayloadPart`](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html).
    PayloadPart {
        optional {
            /// The piece: JSON of the model's own.
            ///
            /// Constraints: at most 1000000 bytes.
            bytes: Blob = "bytes",
        }
        ignored { "p" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_what_is_asked_answered_or_noted() {
        let request = InvokeModelRequest::new("a prompt").metadata([("who", "hush")]);
        let shown = format!("{request:?}");
        assert!(shown.contains("8 bytes"), "{shown}");
        assert!(!shown.contains("prompt") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn the_messages_api_takes_the_body_as_it_is_and_objects_only() {
        let body = serde_json::json!({"anthropic_version": "x", "a": {"const": null}});
        let request = InvokeModelRequest::messages_api(&body).unwrap();
        assert_eq!(request.body, r#"{"a":{"const":null},"anthropic_version":"x"}"#);
        assert!(InvokeModelRequest::messages_api(&[1]).is_err());
    }
}
