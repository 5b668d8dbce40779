//! Payloads full of escapes, each kind by itself: no JSON parser is to be
//! faster at any of them.

use std::hint::black_box;

use bedrock_wire::eventstream::{HeaderValue, Message};
use bedrock_wire::stream::StreamEvent;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::measure::Comparison;
use crate::table::{Goal, Table};

/// Enough for a round to be timed.
const TIMES: u64 = 200;

pub fn run(rounds: usize) -> Vec<Table> {
    payloads().iter().map(|(name, payload)| of(name, payload, rounds)).collect()
}

/// What code, quotes and text in ASCII alone look like, short and long.
fn payloads() -> Vec<(String, String)> {
    let code = "fn main() {\\n    println!(\\\"{}\\\", \\\"a\\\\tb\\\");\\n}\\n";
    let spelled = "\\u00fcber \\u20ac5 \\ud83d\\ude00 caf\\u00e9 ";
    let plain = "a long line that has nothing of the kind in it, and goes on. ";
    let texts = [
        ("a line break", "\\n".to_owned()),
        ("a line break in a word", "one\\ntwo".to_owned()),
        ("a quotation", "said \\\"so\\\"".to_owned()),
        ("four lines of code", code.to_owned()),
        ("words in ASCII alone", spelled.to_owned()),
        ("quotes alone", "\\\"".repeat(100)),
        ("one escape at the end of a long line", plain.repeat(8) + "\\n"),
        ("long code", code.repeat(20)),
        ("very long code", code.repeat(200)),
        ("a page in ASCII alone", spelled.repeat(40)),
    ];
    texts
        .map(|(name, text)| {
            let payload = format!(
                "{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{text}\"}},\"p\":\"abcdefghijkl\"}}"
            );
            (format!("{name}, {} bytes", payload.len()), payload)
        })
        .into()
}

/// An event as a program with serde_json alone would have it: no more than is
/// wanted, and the text in a string.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Derived {
    content_block_index: i32,
    delta: DerivedDelta,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum DerivedDelta {
    Text(String),
}

fn of(name: &str, payload: &str, rounds: usize) -> Table {
    let headers = [
        (":event-type", HeaderValue::String("contentBlockDelta")),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    let message = Message::encode(headers, payload.as_bytes()).expect("within the limits");
    check(&message, payload);
    Comparison::new(format!("An event with escapes: {name}"), "ns an event")
        .subject("bedrock-wire, event from its message", || {
            for _ in 0..TIMES {
                let event = StreamEvent::from_message(message.clone()).expect("an event");
                black_box(event.text().map(|text| text.len()));
            }
            TIMES
        })
        .subject("serde_json, derived", || {
            for _ in 0..TIMES {
                black_box(serde_json::from_str::<Derived>(payload).expect("JSON"));
            }
            TIMES
        })
        .subject("serde_json to Value", || {
            for _ in 0..TIMES {
                black_box(serde_json::from_str::<Value>(payload).expect("JSON"));
            }
            TIMES
        })
        .goal(Goal::at_most("bedrock-wire", 1.0, "serde_json, derived"))
        .run(rounds)
}

/// All read the same.
fn check(message: &Message, payload: &str) {
    let event = StreamEvent::from_message(message.clone()).expect("an event");
    let ours = event.text().map(|text| text.to_string()).expect("a text");
    let derived: Derived = serde_json::from_str(payload).expect("JSON");
    let DerivedDelta::Text(text) = derived.delta;
    let value: Value = serde_json::from_str(payload).expect("JSON");
    assert_eq!((&ours, derived.content_block_index), (&text, 0), "{payload}");
    assert_eq!(value["delta"], json!({"text": ours}), "{payload}");
}
