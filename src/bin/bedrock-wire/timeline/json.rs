//! The figures of a tape as a JSON object.

use std::time::Duration;

use bedrock_wire::tape::{Ending, Gaps, Mark, MarkKind, Micros, Tokens};
use serde_json::{Value, json};

use super::Named;

/// The object, on one line.
pub(super) fn line(named: &Named) -> String {
    let Named { name, operation, model, timeline } = named;
    let unknown: Vec<_> = timeline.unknown.iter().map(ToString::to_string).collect();
    let marks: Vec<_> = timeline.marks.iter().map(mark).collect();
    json!({
        "tape": name,
        "operation": operation,
        "model": model,
        "status": timeline.status.as_u16(),
        "head": at(timeline.head),
        "firstEvent": at(timeline.first_event),
        "firstText": at(timeline.first_text),
        "duration": at(timeline.duration),
        "events": timeline.events,
        "arrivals": timeline.arrivals.as_ref().map(Vec::len),
        "bytes": timeline.bytes,
        "blocks": timeline.blocks,
        "toolCalls": timeline.tool_calls,
        "gaps": timeline.gaps.as_ref().map(gaps),
        "eventsPerSecond": timeline.events_per_second(),
        "bytesPerSecond": timeline.bytes_per_second(),
        "serverLatencyMs": timeline.server_latency.map(millis),
        "serverFirstByteMs": timeline.server_first_byte.map(millis),
        "usage": timeline.tokens.as_ref().map(usage),
        "marks": marks,
        "end": end(&timeline.ending),
        "unknown": unknown,
    })
    .to_string()
}

fn at(at: Option<Micros>) -> Option<u64> {
    at.map(|at| at.0)
}

/// The service has whole milliseconds.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn gaps(gaps: &Gaps) -> Value {
    json!({
        "count": gaps.count,
        "p50": gaps.p50.0,
        "p95": gaps.p95.0,
        "p99": gaps.p99.0,
        "max": gaps.max.0,
    })
}

fn usage(tokens: &Tokens) -> Value {
    json!({
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cacheReadInputTokens": tokens.cache_read,
        "cacheWriteInputTokens": tokens.cache_write,
    })
}

fn mark(mark: &Mark) -> Value {
    let at = at(mark.at);
    match &mark.kind {
        MarkKind::FirstEvent => json!({"at": at, "mark": "firstEvent"}),
        MarkKind::FirstText => json!({"at": at, "mark": "firstText"}),
        MarkKind::BlockStart { index, kind } => {
            json!({"at": at, "mark": "blockStart", "index": index, "kind": kind})
        }
        MarkKind::ToolCall { index, name } => {
            json!({"at": at, "mark": "toolCall", "index": index, "name": name})
        }
        MarkKind::MessageStop => json!({"at": at, "mark": "messageStop"}),
        MarkKind::Stall { length } => json!({"at": at, "mark": "stall", "length": length.0}),
        _ => json!({"at": at, "mark": "unknown"}),
    }
}

fn end(ending: &Ending) -> Value {
    match ending {
        Ending::Complete { stop_reason } => json!({"how": "complete", "stopReason": stop_reason}),
        Ending::Refused { name } => json!({"how": "refused", "name": name}),
        Ending::Exception { name } => json!({"how": "exception", "name": name}),
        Ending::Damaged { why } => json!({"how": "damaged", "why": why}),
        Ending::Cut => json!({"how": "cut"}),
        Ending::NoMessageStop => json!({"how": "noMessageStop"}),
        _ => json!({"how": "unknown"}),
    }
}
