//! Events, typed and with their text.

use std::hint::black_box;

use aws_sdk_bedrockruntime::types::ConverseStreamOutput as SdkEvent;
use bedrock_wire::model::ConverseStreamRequest;
use bytes::Bytes;
use serde_json::Value;

use crate::measure::Comparison;
use crate::mix::Mix;
use crate::rivals::{Canned, MODEL, ours, runtime, sdk};

pub fn run(mix: &Mix, rounds: usize) -> Vec<Value> {
    vec![
        over(mix, "pieces of 16 KiB", &mix.pieces(16 * 1024), rounds),
        over(mix, "a piece an event", &mix.by_frame(), rounds),
    ]
}

/// The whole receive path of both clients, from the HTTP body to the event.
fn over(mix: &Mix, how: &str, pieces: &[Bytes], rounds: usize) -> Value {
    let runtime = runtime();
    let request = ConverseStreamRequest::new();
    let (ours, sdk) =
        (ours(Some(Canned::stream(pieces)), None), sdk(Some(Canned::stream(pieces)), None));
    Comparison::new(format!("Events of {}, {how}", mix.name), "an event")
        .subject("bedrock-wire", || runtime.block_on(receive(&ours, &request)))
        .subject("aws-sdk-bedrockruntime", || runtime.block_on(receive_by_sdk(&sdk)))
        .subject("serde_json to Value, payloads alone", || payloads(mix))
        .run(rounds)
}

pub async fn receive(
    client: &bedrock_wire::client::Client,
    request: &ConverseStreamRequest,
) -> u64 {
    let mut stream = client.converse_stream(MODEL, request).await.expect("an answer");
    let mut events = 0;
    while let Some(event) = stream.next().await {
        let event = event.expect("an event");
        black_box(event.text().map(|text| text.len()));
        events += 1;
    }
    events
}

pub async fn receive_by_sdk(client: &aws_sdk_bedrockruntime::Client) -> u64 {
    let answer = client.converse_stream().model_id(MODEL).send().await.expect("an answer");
    let (mut stream, mut events) = (answer.stream, 0);
    while let Some(event) = stream.recv().await.expect("an event") {
        if let SdkEvent::ContentBlockDelta(delta) = &event {
            let text = delta.delta().and_then(|delta| delta.as_text().ok());
            black_box(text.map(String::len));
        }
        events += 1;
    }
    events
}

/// What reading the JSON alone takes: no frames, no checks, no types.
fn payloads(mix: &Mix) -> u64 {
    let mut start = 0;
    for &end in &mix.ends {
        let headers =
            u32::from_be_bytes(mix.bytes[start + 4..start + 8].try_into().expect("4 bytes"));
        let payload = &mix.bytes[start + 12 + headers as usize..end - 4];
        black_box(serde_json::from_slice::<Value>(payload).expect("JSON"));
        start = end;
    }
    mix.frames()
}
