//! Events, typed and with their text.

use std::hint::black_box;

use aws_sdk_bedrockruntime::types::ConverseStreamOutput as SdkEvent;
use bedrock_wire::model::ConverseStreamRequest;
use bytes::Bytes;
use serde_json::Value;

use crate::measure::Comparison;
use crate::mix::{self, Mix};
use crate::rivals::{Canned, MODEL, ours, runtime, sdk};
use crate::table::{Goal, Table};

pub fn run(rounds: usize) -> Vec<Table> {
    let (real, escapes) = (mix::real(), mix::escapes());
    let arrivals = |mix: &Mix| {
        [("pieces of 16 KiB", mix.pieces(16 * 1024)), ("a piece an event", mix.by_frame())]
            .map(|(how, pieces)| (format!("Events of {}, {how}", mix.name), pieces))
    };
    let real = arrivals(&real).map(|(title, pieces)| {
        let ten_times = Goal::at_most("bedrock-wire", 0.1, "aws-sdk-bedrockruntime");
        over(&real, title, &pieces).goal(ten_times).run(rounds)
    });
    let escapes = arrivals(&escapes).map(|(title, pieces)| {
        let no_slower = Goal::at_most("bedrock-wire", 1.0, "serde_json to Value");
        over(&escapes, title, &pieces).goal(no_slower).run(rounds)
    });
    real.into_iter().chain(escapes).collect()
}

/// The whole receive path of both clients, from the HTTP body to the event,
/// once they are seen to give the same texts.
fn over<'w>(mix: &'w Mix, title: String, pieces: &[Bytes]) -> Comparison<'w> {
    let (ours, sdk) =
        (ours(Some(Canned::stream(pieces)), None), sdk(Some(Canned::stream(pieces)), None));
    let receivers = Receivers::new(ours, sdk);
    receivers.check(mix);
    let (ours, sdk) = receivers.subjects();
    Comparison::new(title, "ns an event")
        .subject("bedrock-wire", ours)
        .subject("aws-sdk-bedrockruntime", sdk)
        .subject("serde_json to Value, payloads alone", || {
            for payload in mix.payloads() {
                black_box(serde_json::from_slice::<Value>(payload).expect("JSON"));
            }
            mix.frames()
        })
}

/// Both clients, in runtimes of their own.
pub struct Receivers {
    ours: bedrock_wire::client::Client,
    sdk: aws_sdk_bedrockruntime::Client,
    runtimes: [tokio::runtime::Runtime; 2],
}

impl Receivers {
    pub fn new(ours: bedrock_wire::client::Client, sdk: aws_sdk_bedrockruntime::Client) -> Self {
        Receivers { ours, sdk, runtimes: [runtime(), runtime()] }
    }

    /// Both give all events of a stream, and its text.
    pub fn check(&self, mix: &Mix) {
        let [ours, sdk] = &self.runtimes;
        let (mut text, mut sdks_text) = (String::new(), String::new());
        let events = ours.block_on(receive(&self.ours, |piece| text.push_str(piece)));
        let sdks_events =
            sdk.block_on(receive_by_sdk(&self.sdk, |piece| sdks_text.push_str(piece)));
        let expected = mix.text();
        assert!(expected.len() > 1000, "{}: no text to compare", mix.name);
        assert_eq!((events, &text), (mix.frames(), &expected), "{}: bedrock-wire", mix.name);
        assert_eq!((sdks_events, &sdks_text), (mix.frames(), &expected), "{}: the SDK", mix.name);
    }

    /// A stream received by each, over and over.
    pub fn subjects(self) -> (impl FnMut() -> u64, impl FnMut() -> u64) {
        let [ours, sdk] = self.runtimes;
        let (our_client, sdk_client) = (self.ours, self.sdk);
        let look = |text: &str| {
            black_box(text.len());
        };
        (
            move || ours.block_on(receive(&our_client, look)),
            move || sdk.block_on(receive_by_sdk(&sdk_client, look)),
        )
    }
}

async fn receive(client: &bedrock_wire::client::Client, mut each: impl FnMut(&str)) -> u64 {
    let request = ConverseStreamRequest::new();
    let mut stream = client.converse_stream(MODEL, &request).await.expect("an answer");
    let mut events = 0;
    while let Some(event) = stream.next().await {
        if let Some(text) = event.expect("an event").text() {
            each(text);
        }
        events += 1;
    }
    events
}

async fn receive_by_sdk(
    client: &aws_sdk_bedrockruntime::Client,
    mut each: impl FnMut(&str),
) -> u64 {
    let answer = client.converse_stream().model_id(MODEL).send().await.expect("an answer");
    let (mut stream, mut events) = (answer.stream, 0);
    while let Some(event) = stream.recv().await.expect("an event") {
        if let SdkEvent::ContentBlockDelta(delta) = &event
            && let Some(Ok(text)) = delta.delta().map(|delta| delta.as_text())
        {
            each(text);
        }
        events += 1;
    }
    events
}
