//! What blocks of every kind add up to, in the order of the wire.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Accumulated, Accumulator, ConverseStreamOutput, StreamEvent};
use crate::eventstream::{HeaderValue, Message};

fn event(event_type: &str, payload: &Value) -> StreamEvent {
    let headers = [
        (":event-type", HeaderValue::String(event_type)),
        (":message-type", HeaderValue::String("event")),
    ];
    let message = Message::encode(headers, payload.to_string().as_bytes()).unwrap();
    StreamEvent::from_message(message).unwrap()
}

fn start(index: u8, start: &Value) -> StreamEvent {
    event("contentBlockStart", &json!({"contentBlockIndex": index, "start": start}))
}

fn delta(index: u8, delta: &Value) -> StreamEvent {
    event("contentBlockDelta", &json!({"contentBlockIndex": index, "delta": delta}))
}

fn add_up(events: &[StreamEvent]) -> Accumulated {
    let mut accumulator = Accumulator::new();
    for event in events {
        accumulator.add(event);
    }
    accumulator.finish()
}

fn content(events: &[StreamEvent]) -> Value {
    let response = serde_json::to_value(add_up(events).response).unwrap();
    response["output"]["message"]["content"].clone()
}

#[test]
fn what_is_done_to_one_answer_s_usage_is_not_done_to_the_next_one_s() {
    let payload = json!({"metrics": {"latencyMs": 1}, "usage": {
        "inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "serverToolUsage": {},
    }});
    let usage = || match event("metadata", &payload).output().clone() {
        ConverseStreamOutput::Metadata(metadata) => metadata.usage.unwrap(),
        other => panic!("{other:?}"),
    };
    let mut first = usage();
    first.extra.insert("serverToolUsage", json!({"webSearchRequests": 1}));
    assert_ne!(first, usage());
    assert_eq!(usage().extra.get("serverToolUsage"), Some(&json!({}).into()));
}

#[test]
fn a_tool_without_input_gets_the_empty_object() {
    let tool = json!({"toolUse": {"toolUseId": "t", "name": "now", "type": "tool_use", "new": 1}});
    let events = [start(0, &tool), event("contentBlockStop", &json!({"contentBlockIndex": 0}))];
    assert_eq!(
        content(&events),
        json!([{"toolUse": {"toolUseId": "t", "name": "now", "input": {}, "type": "tool_use", "new": 1}}])
    );
}

#[test]
fn a_tool_s_input_is_its_pieces_joined_and_a_string_if_that_is_no_json() {
    let tool = json!({"toolUse": {"toolUseId": "t", "name": "f"}});
    let mut events = vec![start(0, &tool)];
    events.extend(
        ["", "{\"a\":", " [1.50"].map(|input| delta(0, &json!({"toolUse": {"input": input}}))),
    );
    let cut = add_up(&events);
    assert_eq!(cut.malformed_inputs, [0]);
    assert_eq!(content(&events)[0]["toolUse"]["input"], json!("{\"a\": [1.50"));
    events.push(delta(0, &json!({"toolUse": {"input": "]}"}})));
    assert_eq!(add_up(&events).malformed_inputs, [0_i32; 0]);
    let json = serde_json::to_string(&add_up(&events).response).unwrap();
    assert!(json.contains(r#""input":{"a": [1.50]}"#), "the input stays as it was written: {json}");
}

#[test]
fn a_citation_may_come_before_its_text() {
    let citation = json!({"citation": {"title": "t", "sourceContent": [{"text": "s"}],
        "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}}});
    let events =
        [delta(0, &citation), delta(0, &json!({"text": "a"})), delta(0, &json!({"text": "b"}))];
    assert_eq!(
        content(&events),
        json!([{"citationsContent": {"content": [{"text": "ab"}], "citations": [citation["citation"]]}}])
    );
}

#[test]
fn reasoning_is_joined_by_kind_and_redacted_bytes_are_joined_as_bytes() {
    let reasoning = |delta: Value| json!({"reasoningContent": delta});
    let events = [
        delta(0, &reasoning(json!({"text": "a"}))),
        delta(0, &reasoning(json!({"text": "b"}))),
        delta(0, &reasoning(json!({"signature": ""}))),
        delta(0, &reasoning(json!({"signature": "sig"}))),
        delta(1, &reasoning(json!({"redactedContent": "YQ=="}))),
        delta(1, &reasoning(json!({"redactedContent": "YmM="}))),
    ];
    assert_eq!(
        content(&events),
        json!([
            {"reasoningContent": {"reasoningText": {"text": "ab", "signature": "sig"}}},
            {"reasoningContent": {"redactedContent": "YWJj"}},
        ])
    );
}

#[test]
fn a_tool_result_joins_its_texts_and_keeps_its_documents() {
    let result = json!({"toolResult": {"toolUseId": "t", "type": "x", "status": "success"}});
    let events = [
        start(0, &result),
        delta(0, &json!({"toolResult": [{"text": "a"}, {"text": "b"}]})),
        delta(0, &json!({"toolResult": [{"json": {"n": 1}}, {"text": "c"}]})),
    ];
    assert_eq!(
        content(&events),
        json!([{"toolResult": {"toolUseId": "t", "type": "x", "status": "success",
            "content": [{"text": "ab"}, {"json": {"n": 1}}, {"text": "c"}]}}])
    );
}

#[test]
fn an_image_s_bytes_are_joined() {
    let events = [
        start(0, &json!({"image": {"format": "png"}})),
        delta(0, &json!({"image": {"source": {"bytes": "YQ=="}}})),
        delta(0, &json!({"image": {"source": {"bytes": "Yg=="}}})),
    ];
    assert_eq!(
        content(&events),
        json!([{"image": {"format": "png", "source": {"bytes": "YWI="}}}])
    );
    let located = json!({"image": {"source": {"s3Location": {"uri": "s3://b/k"}}}});
    let both =
        [start(0, &json!({"image": {"format": "png"}})), delta(0, &located), events[1].clone()];
    assert_eq!(
        content(&both),
        json!([{"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}},
            {"image": {"format": "png", "source": {"bytes": "YQ=="}}}])
    );
    let failed = [
        start(0, &json!({"image": {"format": "png"}})),
        delta(0, &json!({"image": {"error": {"message": "no"}}})),
    ];
    assert_eq!(
        content(&failed),
        json!([{"image": {"format": "png", "source": {}, "error": {"message": "no"}}}])
    );
}

#[test]
fn blocks_stand_in_the_order_of_their_index_and_unknown_ones_are_kept() {
    let events = [
        delta(2, &json!({"text": "last"})),
        delta(0, &json!({"hologram": {"depth": 3}})),
        start(1, &json!({"dance": {"steps": [1, 2]}})),
    ];
    assert_eq!(
        content(&events),
        json!([{"hologram": {"depth": 3}}, {"dance": {"steps": [1, 2]}}, {"text": "last"}])
    );
}

#[test]
fn a_text_that_came_empty_is_there_and_empty() {
    assert_eq!(content(&[delta(0, &json!({"text": ""}))]), json!([{"text": ""}]));
}

#[test]
fn unknown_members_of_start_stop_and_metadata_reach_the_response() {
    let events = [
        event("messageStart", &json!({"role": "assistant", "a": 1, "p": "abc"})),
        event("messageStop", &json!({"stopReason": "new_reason", "b": 2})),
        event(
            "metadata",
            &json!({"usage": {"inputTokens": 1, "outputTokens": 3_000_000_000_i64, "totalTokens": 3, "serverToolUsage": {}},
                "metrics": {"latencyMs": 4}, "c": 3}),
        ),
    ];
    let accumulated = add_up(&events);
    assert!(accumulated.stopped && accumulated.metadata);
    assert_eq!(accumulated.leftovers, []);
    let response = serde_json::to_value(accumulated.response).unwrap();
    assert_eq!((&response["a"], &response["b"], &response["c"]), (&json!(1), &json!(2), &json!(3)));
    assert_eq!(response["stopReason"], "new_reason");
    assert_eq!(response["usage"]["serverToolUsage"], json!({}));
    assert_eq!(response.get("p"), None, "padding is ignored");
}

/// Type, index and value of what had no place in the response.
fn leftovers(events: &[StreamEvent]) -> Vec<(String, Option<i32>, Value)> {
    let accumulated = add_up(events);
    serde_json::to_string(&accumulated.response).unwrap();
    let parts = accumulated.leftovers.into_iter();
    parts.map(|l| (l.event_type, l.content_block_index, l.value.to_value().unwrap())).collect()
}

#[test]
fn what_has_no_place_in_a_response_is_left_over_and_not_lost() {
    let events = [
        event("messageStart", &json!({"role": "assistant", "usage": {"early": 1}})),
        event(
            "contentBlockStart",
            &json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": "f"}}, "s": 1}),
        ),
        event(
            "contentBlockDelta",
            &json!({"contentBlockIndex": 0, "delta": {"toolUse": {"input": "{}", "i": 2}}, "d": 3}),
        ),
        event("contentBlockStop", &json!({"contentBlockIndex": 0, "e": 4})),
        event("output", &json!({"n": 5})),
        event("ping", &json!({"n": 6})),
        event("ping", &json!({"n": 7})),
    ];
    let left = |event_type: &str, index, value| (event_type.to_owned(), index, value);
    assert_eq!(
        leftovers(&events),
        [
            left("messageStart", None, json!({"usage": {"early": 1}})),
            left("contentBlockStart", Some(0), json!({"s": 1})),
            left("contentBlockDelta", Some(0), json!({"d": 3})),
            left("contentBlockDelta", Some(0), json!({"i": 2})),
            left("contentBlockStop", Some(0), json!({"e": 4})),
            left("output", None, json!({"n": 5})),
            left("ping", None, json!({"n": 6})),
            left("ping", None, json!({"n": 7})),
        ]
    );
}

#[test]
fn an_unknown_member_of_a_start_that_its_block_has_a_field_for_is_left_over() {
    let tool = json!({"toolUse": {"toolUseId": "t", "name": "f", "input": {"early": 1}, "new": 2}});
    let result = json!({"toolResult": {"toolUseId": "t", "content": [3]}});
    let image = json!({"image": {"format": "png", "source": 4, "error": 5}});
    let events = [start(0, &tool), start(1, &result), start(2, &image)];
    let left = |index, value| ("contentBlockStart".to_owned(), Some(index), value);
    assert_eq!(
        leftovers(&events),
        [
            left(0, json!({"input": {"early": 1}})),
            left(1, json!({"content": [3]})),
            left(2, json!({"source": 4, "error": 5})),
        ]
    );
    assert_eq!(content(&events)[0]["toolUse"]["new"], json!(2));
}

#[test]
fn what_is_not_known_and_could_not_be_read_in_a_block_is_left_over() {
    let deltas = [
        json!({"document": "a piece"}),
        json!({"document": 0, "text": "a"}),
        json!({"reasoningContent": {"reasoningText": "a piece"}}),
        json!({"toolResult": [{"text": "a"}, {"image": "a piece"}]}),
    ];
    let mut events: Vec<_> = deltas.iter().map(|one| delta(0, one)).collect();
    events.push(start(1, &json!({"video": "a piece"})));
    let mut left: Vec<_> =
        deltas.iter().map(|one| ("contentBlockDelta".to_owned(), Some(0), one.clone())).collect();
    left.push(("contentBlockStart".to_owned(), Some(1), json!({"video": "a piece"})));
    assert_eq!(leftovers(&events), left);
    assert_eq!(content(&events), json!([]));
}

#[test]
fn of_two_ends_the_first_is_left_over() {
    let usage = |n: i64| json!({"inputTokens": n, "outputTokens": n, "totalTokens": n});
    let events = [
        event("metadata", &json!({"usage": usage(1)})),
        event("metadata", &json!({"usage": usage(2)})),
    ];
    assert_eq!(add_up(&events).response.usage.unwrap().total_tokens, 2);
    assert_eq!(leftovers(&events), [("metadata".to_owned(), None, json!({"usage": usage(1)}))]);
}

#[test]
fn a_block_that_is_started_anew_is_a_block_of_its_own() {
    let tool = |id: &str| json!({"toolUse": {"toolUseId": id, "name": "f"}});
    let events = [
        start(0, &tool("a")),
        delta(0, &json!({"toolUse": {"input": "[1]"}})),
        start(0, &tool("b")),
    ];
    let content = content(&events);
    assert_eq!(content[0]["toolUse"]["input"], json!([1]));
    assert_eq!(
        (&content[0]["toolUse"]["toolUseId"], &content[1]["toolUse"]["toolUseId"]),
        (&json!("a"), &json!("b"))
    );
}

#[test]
fn unknown_reasoning_stays_reasoning() {
    let unknown = json!({"reasoningContent": {"text": "secret", "signature": "s"}});
    assert_eq!(content(&[delta(0, &unknown)]), json!([unknown]));
}

#[test]
fn metadata_without_usage_or_metrics_is_no_reason_to_fail() {
    let accumulated = add_up(&[event("metadata", &json!({}))]);
    assert!(accumulated.metadata);
    assert_eq!((accumulated.response.usage, accumulated.response.metrics), (None, None));
}

#[test]
fn a_stop_without_metadata_is_whole_without_usage() {
    let accumulated = add_up(&[event("messageStop", &json!({"stopReason": "end_turn"}))]);
    assert!(accumulated.stopped && !accumulated.metadata);
    assert_eq!(accumulated.response.usage, None);
}

#[test]
fn what_is_accumulated_shares_nothing_with_the_chunk() {
    let payload =
        json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t-1", "name": "f"}}});
    let headers = [
        (":event-type", HeaderValue::String("contentBlockStart")),
        (":message-type", HeaderValue::String("event")),
    ];
    let message = Message::encode(headers, payload.to_string().as_bytes()).unwrap();
    let chunk: Bytes = message.frame().clone();
    let event = StreamEvent::from_message(message).unwrap();
    let mut accumulator = Accumulator::new();
    accumulator.add(&event);
    drop(event);
    assert!(chunk.is_unique(), "nothing but this test holds the chunk");
}
