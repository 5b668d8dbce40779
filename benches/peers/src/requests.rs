//! Requests: built, signed and handed to the connection.

use std::hint::black_box;

use aws_sdk_bedrockruntime::types as sdk_types;
use bedrock_wire::model::{ContentBlock, ConverseOutput, ConverseRequest, Message};
use bedrock_wire::operation::Conversation;
use tokio::runtime::Runtime;

use crate::measure::Comparison;
use crate::rivals::{Canned, MODEL, ours, runtime, sdk};
use crate::table::Table;

const ANSWER: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"."}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":1}}"#;

pub fn run(rounds: usize) -> Vec<Table> {
    let (kib, mib) = (1024, 1024 * 1024);
    let mut tables: Vec<_> =
        [("200 bytes", 1, 200), ("1 MiB", 512, 2 * kib), ("10 MiB", 5120, 2 * kib)]
            .into_iter()
            .map(|(name, messages, size)| whole(name, messages, size, rounds))
            .collect();
    tables.extend([mib / 10, mib, 10 * mib].map(|history| next_turn(history, rounds)));
    tables
}

/// A text as people and programs write them: some quotes and line breaks.
fn text(size: usize) -> String {
    "He said: \"no\".\nThen he went on, for a while, and sat down. ".repeat(size / 58 + 1)[..size]
        .to_owned()
}

fn messages(count: usize, size: usize) -> Vec<Message> {
    let turn = |index| {
        if index % 2 == 0 { Message::user(text(size)) } else { Message::assistant(text(size)) }
    };
    (0..count).map(turn).collect()
}

fn sdk_messages(count: usize, size: usize) -> Vec<sdk_types::Message> {
    let turn = |index: usize| {
        let role = if index % 2 == 0 {
            sdk_types::ConversationRole::User
        } else {
            sdk_types::ConversationRole::Assistant
        };
        let content = sdk_types::ContentBlock::Text(text(size));
        sdk_types::Message::builder().role(role).content(content).build().expect("a message")
    };
    (0..count).map(turn).collect()
}

fn whole(name: &str, count: usize, size: usize, rounds: usize) -> Table {
    let runtime = runtime();
    let (ours, sdk) =
        (ours(Some(Canned::json(ANSWER)), None), sdk(Some(Canned::json(ANSWER)), None));
    let mut request = ConverseRequest::new();
    request.messages = Some(messages(count, size));
    let theirs = sdk_messages(count, size);
    let calls = if count == 1 { 200 } else { 1 };
    check(&runtime, &ours, &sdk);
    Comparison::new(
        format!("A request of {name}, built, signed, handed over, answer read"),
        "ns a call",
    )
    .subject("bedrock-wire", || {
        for _ in 0..calls {
            black_box(runtime.block_on(ours.converse(MODEL, &request)).expect("an answer"));
        }
        calls
    })
    // Its messages are handed over, so that a copy must be made of them.
    .subject("aws-sdk-bedrockruntime", || {
        for _ in 0..calls {
            let call = sdk.converse().model_id(MODEL).set_messages(Some(theirs.clone()));
            black_box(runtime.block_on(call.send()).expect("an answer"));
        }
        calls
    })
    .run(rounds)
}

/// Both read the same answer.
fn check(
    runtime: &Runtime,
    ours: &bedrock_wire::client::Client,
    sdk: &aws_sdk_bedrockruntime::Client,
) {
    let answer = runtime.block_on(ours.converse(MODEL, &ConverseRequest::new()));
    let ConverseOutput::Message(message) = answer.expect("an answer").value.output else {
        panic!("the answer is no message")
    };
    let ContentBlock::Text(text) = &message.content[0] else { panic!("no text") };
    let answer = runtime.block_on(sdk.converse().model_id(MODEL).send()).expect("an answer");
    let output = answer.output().and_then(|output| output.as_message().ok());
    let sdks_text = output.and_then(|message| message.content()[0].as_text().ok());
    assert_eq!((&**text, sdks_text.map(String::as_str)), (".", Some(".")));
}

/// Two more messages behind a history, and the request.
fn next_turn(history: usize, rounds: usize) -> Table {
    let runtime = runtime();
    let (ours, sdk) =
        (ours(Some(Canned::json(ANSWER)), None), sdk(Some(Canned::json(ANSWER)), None));
    let size = 2 * 1024;
    let mut request = ConverseRequest::new();
    request.messages = Some(messages(history / size, size));
    let mut kept = Conversation::new(request.clone()).expect("JSON");
    let theirs = sdk_messages(history / size, size);
    let (question, answer) = (Message::user(text(200)), Message::assistant(text(400)));
    let length = kept.len();
    let calls = 20;
    Comparison::new(
        format!("The next turn of a history of {:.1} MiB", history as f64 / 1_048_576.0),
        "ns a call",
    )
    .subject("bedrock-wire, Conversation", || {
        for _ in 0..calls {
            kept.push(&answer).expect("JSON");
            kept.push(&question).expect("JSON");
            black_box(runtime.block_on(ours.converse(MODEL, &kept)).expect("an answer"));
        }
        // Back to where it was: what is timed stays the same.
        kept.truncate(length);
        calls
    })
    .subject("bedrock-wire, all of it", || {
        black_box(runtime.block_on(ours.converse(MODEL, &request)).expect("an answer"));
        1
    })
    .subject("aws-sdk-bedrockruntime", || {
        let call = sdk.converse().model_id(MODEL).set_messages(Some(theirs.clone()));
        black_box(runtime.block_on(call.send()).expect("an answer"));
        1
    })
    .run(rounds)
}
