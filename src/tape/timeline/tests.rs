use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::tape::Tape;

/// A tape of an event stream; frames are event type, payload and time.
fn tape(frames: &[(&str, Value, Option<u64>)], pieces: &Value, end: &str) -> Tape {
    let mut lines = head("ConverseStream", "application/vnd.amazon.eventstream");
    for (event_type, payload, at) in frames {
        let kind = if event_type.ends_with("Exception") { "exception" } else { "event" };
        let headers = json!({":message-type": kind, format!(":{kind}-type"): event_type});
        lines.push(json!({"frame": {"headers": headers, "payload": payload}, "at": at}));
    }
    lines.push(json!({"pieces": pieces, "end": end}));
    read(&lines)
}

fn head(operation: &str, content_type: &str) -> Vec<Value> {
    vec![
        json!({"tape": 1, "operation": operation, "model": "m"}),
        json!({"request": null}),
        json!({"response": {"status": 200, "headers": [["content-type", content_type]], "at": 100}}),
    ]
}

fn read(lines: &[Value]) -> Tape {
    let lines: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
    Tape::read(lines.concat().as_bytes(), "made").unwrap()
}

fn text(index: i32, text: &str) -> Value {
    json!({"contentBlockIndex": index, "delta": {"text": text}})
}

fn chunk(json: &Value) -> Value {
    json!({"bytes": STANDARD.encode(json.to_string())})
}

fn mark(at: u64, kind: MarkKind) -> Mark {
    Mark::new(Some(Micros(at)), kind)
}

fn block(index: i64, kind: &str) -> MarkKind {
    MarkKind::BlockStart { index, kind: kind.into() }
}

#[test]
fn what_stands_out_is_marked_when_it_came() {
    let tool =
        json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "look"}}});
    let input = json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": "{}"}}});
    let usage =
        json!({"inputTokens": 3, "outputTokens": 4, "totalTokens": 7, "cacheReadInputTokens": 2});
    let frames = [
        ("messageStart", json!({"role": "assistant"}), Some(200)),
        ("contentBlockDelta", text(0, ""), Some(300)),
        ("contentBlockDelta", text(0, "Hi"), Some(300)),
        ("contentBlockStop", json!({"contentBlockIndex": 0}), Some(300)),
        ("contentBlockStart", tool, Some(400)),
        ("contentBlockDelta", input, Some(2_000_400)),
        ("messageStop", json!({"stopReason": "tool_use"}), Some(2_000_500)),
        ("metadata", json!({"usage": usage, "metrics": {"latencyMs": 1_999}}), Some(2_000_600)),
    ];
    let timeline = Timeline::of(&tape(&frames, &Value::Null, "complete"));
    assert_eq!(timeline.head, Some(Micros(100)));
    assert_eq!(timeline.first_event, Some(Micros(200)));
    assert_eq!(timeline.first_text, Some(Micros(300)));
    assert_eq!(timeline.duration, Some(Micros(2_000_600)));
    assert_eq!(
        (timeline.events, timeline.blocks, timeline.tool_calls),
        (Some(8), Some(2), Some(1))
    );
    assert_eq!(
        timeline.marks,
        [
            mark(200, MarkKind::FirstEvent),
            mark(300, block(0, "text")),
            mark(300, MarkKind::FirstText),
            mark(400, MarkKind::ToolCall { index: 1, name: "look".into() }),
            mark(400, MarkKind::Stall { length: Micros(2_000_000) }),
            mark(2_000_500, MarkKind::MessageStop),
        ]
    );
    let tokens = timeline.tokens.unwrap();
    assert_eq!((tokens.input, tokens.output, tokens.cache_read), (Some(3), Some(4), Some(2)));
    assert_eq!(timeline.server_latency, Some(Duration::from_millis(1_999)));
    assert_eq!(timeline.ending, Ending::Complete { stop_reason: Some("tool_use".into()) });
    assert_eq!(timeline.unknown, [Unknown::Pieces]);
}

#[test]
fn events_that_come_in_one_piece_are_one_arrival_and_one_in_two_pieces_ends_in_the_second() {
    let frames = [
        ("messageStart", json!({"role": "assistant"}), None),
        ("contentBlockDelta", text(0, "a"), None),
        ("messageStop", json!({"stopReason": "end_turn"}), None),
    ];
    let plain = tape(&frames, &Value::Null, "complete");
    let RecordedBody::Stream { frames: cut, .. } = &plain.response.body else {
        panic!("no stream")
    };
    let length = |index: usize| cut[index].bytes.len();
    let pieces =
        json!([[length(0) + length(1), 1_000], [0, 1_500], [1, 2_000], [length(2) - 1, 4_000],]);
    let timeline = Timeline::of(&tape(&frames, &pieces, "complete"));
    let arrivals = timeline.arrivals.as_deref().unwrap();
    let found: Vec<_> = arrivals.iter().map(|arrival| (arrival.at.0, arrival.events)).collect();
    assert_eq!(found, [(1_000, 2), (2_000, 0), (4_000, 1)]);
    // Events take the times of their pieces where they have none.
    assert_eq!(timeline.first_text, Some(Micros(1_000)));
    // One event behind the first arrival in 3 ms.
    assert!((timeline.events_per_second().unwrap() - 1.0 / 0.003).abs() < 1e-9);
    assert_eq!(timeline.gaps.unwrap().count, 2);
    assert_eq!(timeline.unknown, []);
}

#[test]
fn what_a_tape_does_not_tell_stays_unknown_and_is_said() {
    let frames = [
        ("messageStart", json!({"role": "assistant"}), None),
        ("contentBlockDelta", text(0, "a"), None),
    ];
    let mut tape = tape(&frames, &Value::Null, "complete");
    tape.response.at = None;
    let timeline = Timeline::of(&tape);
    assert_eq!((timeline.head, timeline.first_event, timeline.duration), (None, None, None));
    assert_eq!((timeline.arrivals.as_ref(), timeline.gaps), (None, None));
    assert_eq!((timeline.events_per_second(), timeline.bytes_per_second()), (None, None));
    assert_eq!(timeline.events, Some(2));
    assert_eq!(timeline.marks[1], Mark::new(None, block(0, "text")));
    assert_eq!(timeline.unknown, [Unknown::Head, Unknown::Arrivals]);
    assert_eq!(timeline.ending, Ending::NoMessageStop);
}

#[test]
fn each_way_to_end_is_told() {
    let start = ("messageStart", json!({"role": "assistant"}), Some(1_000));
    let stop = ("messageStop", json!({"stopReason": "end_turn"}), Some(2_000));
    let ending = |frames: &[_], end| Timeline::of(&tape(frames, &Value::Null, end)).ending;
    let complete = Ending::Complete { stop_reason: Some("end_turn".into()) };
    assert_eq!(ending(&[start.clone(), stop.clone()], "complete"), complete);
    assert_eq!(ending(&[start.clone(), stop], "cut"), Ending::Cut);
    assert_eq!(ending(std::slice::from_ref(&start), "complete"), Ending::NoMessageStop);
    let exception = ("modelStreamErrorException", json!({"message": "no"}), Some(2_000));
    let broken = Ending::Exception { name: "modelStreamErrorException".into() };
    assert_eq!(ending(&[start.clone(), exception], "complete"), broken);

    let mut cut = tape(&[start], &Value::Null, "complete");
    let RecordedBody::Stream { frames, rest } = &mut cut.response.body else { panic!("no stream") };
    *rest = frames[0].bytes.slice(..20);
    let timeline = Timeline::of(&cut);
    assert_eq!((timeline.ending, timeline.duration), (Ending::Cut, None));
    assert_eq!(timeline.unknown, [Unknown::Rest]);

    let RecordedBody::Stream { frames, rest } = &mut cut.response.body else { panic!("no stream") };
    let mut damaged = frames[0].bytes.to_vec();
    damaged[30] ^= 1;
    *rest = damaged.into();
    let length = frames[0].bytes.len();
    let Ending::Damaged { why } = Timeline::of(&cut).ending else { panic!("not damaged") };
    assert!(why.starts_with("message checksum mismatch"), "{why}");
    assert!(why.ends_with(&format!("(byte {} of the body)", 2 * length - 4)), "{why}");
}

#[test]
fn a_stream_of_claudes_own_format_is_read() {
    let frames = [
        json!({"type": "message_start", "message": {"usage": {}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "h"}}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "Hi"}}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "t", "name": "look", "input": {}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}}),
        json!({"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 5, "outputTokenCount": 6, "invocationLatency": 70, "firstByteLatency": 8}}),
    ];
    let frames: Vec<_> =
        (1..).zip(&frames).map(|(at, json)| ("chunk", chunk(json), Some(at * 1_000))).collect();
    let timeline = Timeline::of(&tape(&frames, &Value::Null, "complete"));
    assert_eq!(
        timeline.marks,
        [
            mark(1_000, MarkKind::FirstEvent),
            mark(2_000, block(0, "thinking")),
            mark(4_000, block(1, "text")),
            mark(5_000, MarkKind::FirstText),
            mark(6_000, MarkKind::ToolCall { index: 2, name: "look".into() }),
            mark(8_000, MarkKind::MessageStop),
        ]
    );
    assert_eq!(timeline.tokens.unwrap().input, Some(5));
    assert_eq!(timeline.server_latency, Some(Duration::from_millis(70)));
    assert_eq!(timeline.server_first_byte, Some(Duration::from_millis(8)));
    assert_eq!(timeline.ending, Ending::Complete { stop_reason: Some("tool_use".into()) });
}

#[test]
fn a_stream_of_novas_own_format_is_read_and_one_of_another_is_said_not_to_be() {
    let nova = [
        json!({"messageStart": {"role": "assistant"}}),
        json!({"contentBlockDelta": text(0, "Hi")}),
        json!({"messageStop": {"stopReason": "end_turn"}}),
        json!({"metadata": {"usage": {}, "metrics": {}}, "amazon-bedrock-invocationMetrics": {"inputTokenCount": 5}}),
    ];
    let frames: Vec<_> = nova.iter().map(|json| ("chunk", chunk(json), Some(1_000))).collect();
    let timeline = Timeline::of(&tape(&frames, &Value::Null, "complete"));
    assert_eq!((timeline.blocks, timeline.first_text), (Some(1), Some(Micros(1_000))));
    assert_eq!(timeline.unknown, [Unknown::Pieces]);

    let foreign = [("chunk", chunk(&json!({"generation": "Hi"})), Some(1_000))];
    let timeline = Timeline::of(&tape(&foreign, &Value::Null, "complete"));
    assert_eq!((timeline.blocks, timeline.tool_calls, timeline.first_text), (None, None, None));
    assert_eq!(timeline.events, Some(1));
    assert_eq!(timeline.unknown, [Unknown::Pieces, Unknown::Format]);
}

#[test]
fn an_event_that_cannot_be_read_is_counted_and_said() {
    let frames = [("contentBlockDelta", json!({"delta": 5}), Some(1_000))];
    let timeline = Timeline::of(&tape(&frames, &Value::Null, "complete"));
    assert_eq!((timeline.events, timeline.blocks), (Some(1), Some(0)));
    assert_eq!(timeline.unknown, [Unknown::Pieces, Unknown::Events { count: 1 }]);
}

#[test]
fn an_answer_that_is_no_stream_has_head_and_duration() {
    let usage = json!({"inputTokens": 1, "outputTokens": 2, "totalTokens": 3});
    let answer = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
        "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 4},
    });
    let length = answer.to_string().len();
    let mut lines = head("Converse", "application/json");
    lines.push(json!({ "body": answer }));
    lines.push(json!({"pieces": [[length - 1, 200], [1, 250]], "end": "complete"}));
    let timeline = Timeline::of(&read(&lines));
    assert_eq!((timeline.head, timeline.duration), (Some(Micros(100)), Some(Micros(250))));
    assert_eq!((timeline.events, timeline.gaps), (None, None));
    assert_eq!(timeline.server_latency, Some(Duration::from_millis(4)));
    assert_eq!(timeline.ending, Ending::Complete { stop_reason: Some("end_turn".into()) });
    lines[2]["response"]["status"] = json!(400);
    let refused = Timeline::of(&read(&lines));
    assert_eq!((refused.ending, refused.tokens), (Ending::Refused { name: None }, None));
}
