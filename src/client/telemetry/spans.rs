//! A span a call, in the names of OpenTelemetry's semantic conventions.
//!
//! Nothing that is asked or answered is told, and no message of an error's,
//! which may quote it. Sources: OpenTelemetry, "Semantic conventions for
//! generative AI" (spans, and AWS Bedrock), "AWS SDK" and "HTTP"; the names that
//! begin with `otel.` are what `tracing-opentelemetry` reads.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Extensions;
use http::response::Parts;
use tracing::field::{Empty, debug};
use tracing::{Instrument, Span};

use crate::client::error::ErrorKind;
use crate::client::outcome::Outcome;
use crate::endpoint::Service;
use crate::fault::{ServiceError, request_id};
use crate::model::{ConverseResponse, StopReason, TokenUsage};
use crate::operation::{Operation, Request, Target};
use crate::stream::ConverseStreamOutput;

/// The span of one call: from its start until its answer, or the stream of it,
/// is dropped.
#[derive(Clone, Debug)]
pub(in crate::client) struct CallSpan {
    span: Span,
    /// What failed is told where it is first seen, and not where it is read again.
    has_failed: Arc<AtomicBool>,
}

impl CallSpan {
    pub(in crate::client) fn begin(request: &Request) -> Self {
        let operation = request.operation();
        let (model, kind) = (model(request), kind(operation));
        let span = tracing::info_span!(
            "bedrock",
            otel.name = Empty,
            otel.kind = "client",
            otel.status_code = Empty,
            error.r#type = Empty,
            rpc.system = "aws-api",
            rpc.service = service(operation),
            rpc.method = operation.name(),
            server.address = request.uri().host(),
            server.port = request.uri().port_u16(),
            http.response.status_code = Empty,
            http.request.resend_count = Empty,
            aws.request_id = Empty,
            gen_ai.provider.name = "aws.bedrock",
            gen_ai.operation.name = kind,
            gen_ai.request.model = model.as_deref(),
            gen_ai.request.stream = kind.map(|_| operation.is_stream()),
            gen_ai.response.time_to_first_chunk = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.cache_read.input_tokens = Empty,
            gen_ai.usage.cache_write.input_tokens = Empty,
        );
        match kind.zip(model) {
            Some((kind, model)) => span.record("otel.name", format!("{kind} {model}")),
            None => span.record("otel.name", operation.name()),
        };
        Self::on(span)
    }

    /// The call's that an answer is of; none's where it was not sent here.
    pub(in crate::client) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_else(|| Self::on(Span::none()))
    }

    fn on(span: Span) -> Self {
        CallSpan { span, has_failed: Arc::default() }
    }

    /// Has it told that the call was given up, unless that is done before.
    pub(in crate::client) fn under_way(&self) -> UnderWay {
        UnderWay(Some(self.clone()))
    }

    /// Has what the call does happen within.
    pub(in crate::client) async fn over<T>(&self, call: impl Future<Output = T>) -> T {
        let mut under_way = self.under_way();
        let value = call.instrument(self.span.clone()).await;
        under_way.done();
        value
    }

    pub(in crate::client) fn attempt(
        &self,
        number: u32,
        outcome: &Outcome,
        took: Duration,
        delay: Option<Duration>,
    ) {
        self.span.record("http.request.resend_count", number.saturating_sub(1));
        let Some(error) = outcome.error() else { return };
        tracing::debug!(
            parent: &self.span,
            attempt = number,
            error.r#type = name(error.service_error(), error.kind()),
            aws.request_id = outcome.request_id(),
            took = took.as_secs_f64(),
            again_after = delay.map(|delay| delay.as_secs_f64()),
            "attempt failed"
        );
    }

    pub(in crate::client) fn answered(&self, head: &Parts) {
        self.span.record("http.response.status_code", head.status.as_u16());
        if let Some(id) = request_id(&head.headers) {
            self.span.record("aws.request_id", id);
        }
    }

    /// In seconds since the call's start.
    pub(in crate::client) fn first_event(&self, after: Duration) {
        self.span.record("gen_ai.response.time_to_first_chunk", after.as_secs_f64());
    }

    /// An answer, or an event of one.
    pub(in crate::client) fn output(&self, output: &dyn Any) {
        if self.span.is_disabled() {
            return;
        }
        if let Some(response) = output.downcast_ref::<ConverseResponse>() {
            self.ended(response.stop_reason.as_ref(), response.usage.as_ref());
        }
        if let Some(event) = output.downcast_ref() {
            self.event(event);
        }
    }

    fn event(&self, event: &ConverseStreamOutput) {
        match event {
            ConverseStreamOutput::MessageStop(event) => {
                self.ended(event.stop_reason.as_ref(), None);
            }
            ConverseStreamOutput::Metadata(event) => self.ended(None, event.usage.as_ref()),
            // What is answered is not told.
            ConverseStreamOutput::MessageStart(_)
            | ConverseStreamOutput::ContentBlockStart(_)
            | ConverseStreamOutput::ContentBlockDelta(_)
            | ConverseStreamOutput::ContentBlockStop(_)
            | ConverseStreamOutput::Unknown(_) => {}
        }
    }

    fn ended(&self, reason: Option<&StopReason>, usage: Option<&TokenUsage>) {
        if let Some(reason) = reason {
            self.span.record("gen_ai.response.finish_reasons", debug([reason.as_str()]));
        }
        let Some(usage) = usage else { return };
        let [read, write] = [usage.cache_read_input_tokens, usage.cache_write_input_tokens];
        // Bedrock counts what the cache has apart; the convention's number is of all.
        let cached = read.unwrap_or_default().saturating_add(write.unwrap_or_default());
        self.span.record("gen_ai.usage.input_tokens", usage.input_tokens.saturating_add(cached));
        self.span.record("gen_ai.usage.output_tokens", usage.output_tokens);
        self.span.record("gen_ai.usage.cache_read.input_tokens", read);
        self.span.record("gen_ai.usage.cache_write.input_tokens", write);
    }

    pub(in crate::client) fn failed(&self, error: Option<&ServiceError>, kind: ErrorKind) {
        if self.has_failed.swap(true, Ordering::Relaxed) {
            return;
        }
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", name(error, kind));
    }
}

/// A call, or its stream, that has not come to its end. Dropped before, it was
/// given up: the convention's `error.type` then is our own name for that.
#[derive(Debug)]
pub(in crate::client) struct UnderWay(Option<CallSpan>);

impl UnderWay {
    pub(in crate::client) fn done(&mut self) {
        self.0 = None;
    }

    pub(in crate::client) fn failed(&mut self, kind: ErrorKind) {
        if let Some(span) = self.0.take() {
            span.failed(None, kind);
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(span) = &self.0 {
            span.failed(None, ErrorKind::Cancelled);
        }
    }
}

/// The service's name for the error, or our kind of it.
fn name(error: Option<&ServiceError>, kind: ErrorKind) -> String {
    let name = error.and_then(|error| error.name.clone());
    name.unwrap_or_else(|| format!("{kind:?}"))
}

/// Which of the convention's operations it is, if it asks a model. What is
/// asked in a model's own format can be any of them.
fn kind(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Converse | Operation::ConverseStream => Some("chat"),
        Operation::InvokeModel | Operation::InvokeModelWithResponseStream => Some("invoke_model"),
        Operation::CountTokens
        | Operation::ApplyGuardrail
        | Operation::InvokeGuardrailChecks
        | Operation::StartAsyncInvoke
        | Operation::GetAsyncInvoke
        | Operation::ListAsyncInvokes
        | Operation::ListFoundationModels
        | Operation::GetFoundationModel
        | Operation::ListInferenceProfiles
        | Operation::GetInferenceProfile => None,
    }
}

fn service(operation: Operation) -> &'static str {
    match operation.service() {
        Service::Runtime => "Bedrock Runtime",
        Service::ControlPlane => "Bedrock",
    }
}

/// The model in the path, which may stand behind an endpoint's own.
fn model(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let target = Target::of_request(request.method(), &path[path.rfind("/model/")?..])?;
    Some(target.resource().to_owned())
}
