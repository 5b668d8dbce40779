//! Whole streams of events, added up.

use bedrock_wire::endpoint::Endpoint;
use bedrock_wire::model::{
    CitationGeneratedContent, ContentBlock, ContentBlockDelta, ConverseOutput, ConverseRequest,
    ConverseResponse, Document,
};
use bedrock_wire::operation::{ModelId, converse};
use bedrock_wire::stream::{
    Accumulated, Accumulator, ConverseStreamOutput, EventDecoder, StreamErrorKind, StreamEvent,
};

use crate::event;

/// Lines, each a number for the event's type and a payload: they add up to a
/// response that can be written and read, with every byte of text in it.
pub fn check(data: &[u8]) {
    let mut decoder = EventDecoder::new(None);
    let (mut accumulator, mut stopped, mut text) = (Accumulator::new(), false, 0);
    for line in data.split(|byte| *byte == b'\n') {
        let Some((number, payload)) = line.split_first() else { continue };
        decoder.push(event::message(*number, payload).frame().clone());
        // What was added before an error stays; behind it nothing comes.
        while let Ok(Some(event)) = decoder.next() {
            accumulator.add(&event);
            text += text_of(&event);
            stopped |= matches!(event.output(), ConverseStreamOutput::MessageStop(_));
        }
    }
    assert_eq!((decoder.is_stopped(), accumulator.is_stopped()), (stopped, stopped));
    let end = decoder.finish();
    match end.as_ref().map_err(|error| &error.kind) {
        Ok(()) => assert!(stopped),
        Err(StreamErrorKind::NoMessageStop) => assert!(!stopped),
        Err(kind) => assert!(matches!(kind, StreamErrorKind::Event(_)), "{kind}"),
    }
    let accumulated = accumulator.so_far();
    assert_eq!(text_in(&accumulated), text, "text is lost");
    check_written(&accumulated);
    let written = |all: &Accumulated| serde_json::to_vec(&all.response).expect("written before");
    assert_eq!(written(&accumulator.finish()), written(&accumulated));
}

fn check_written(accumulated: &Accumulated) {
    let written = serde_json::to_vec(&accumulated.response).expect("a response can be written");
    let again: ConverseResponse =
        serde_json::from_slice(&written).expect("what is written can be read");
    // Not byte by byte: a block that a delta has by its name alone is kept as it came, white space
    // and all, and read as what it is.
    let json = |bytes| {
        Document::from_json(String::from_utf8(bytes).expect("JSON is UTF-8")).expect("it was read")
    };
    let settled = serde_json::to_vec(&again).expect("written before");
    assert_eq!(json(settled.clone()), json(written));
    let again: ConverseResponse =
        serde_json::from_slice(&settled).expect("what is written can be read");
    assert_eq!(serde_json::to_vec(&again).expect("written before"), settled);
    check_sent(&again);
    for leftover in &accumulated.leftovers {
        assert!(serde_json::to_vec(&leftover.value).is_ok());
    }
}

/// An answer that is sent back has the bytes that `serde_json` writes.
fn check_sent(answer: &ConverseResponse) {
    let ConverseOutput::Message(message) = &answer.output else { panic!("no message") };
    let request = ConverseRequest::new().message(message.clone());
    let endpoint = Endpoint::custom("https://bedrock.example").expect("a URL");
    let model = ModelId::new("a.b-v1:0").expect("a model's id");
    let sent = converse::build(&endpoint, &model, &request).expect("it was written before");
    let written = serde_json::to_vec(&request).expect("written before");
    assert_eq!(sent.body().to_bytes(), written);
}

fn text_of(event: &StreamEvent) -> usize {
    let ConverseStreamOutput::ContentBlockDelta(event) = event.output() else { return 0 };
    let ContentBlockDelta::Text(text) = &event.delta else { return 0 };
    text.len()
}

fn text_in(accumulated: &Accumulated) -> usize {
    let ConverseOutput::Message(message) = &accumulated.response.output else {
        panic!("no message");
    };
    let generated = |content: &CitationGeneratedContent| match content {
        CitationGeneratedContent::Text(text) => text.len(),
        other => panic!("no rule for {other:?}"),
    };
    let text = |block: &ContentBlock| match block {
        ContentBlock::Text(text) => text.len(),
        ContentBlock::CitationsContent(block) => {
            block.content.iter().flatten().map(generated).sum()
        }
        _ => 0,
    };
    message.content.iter().map(text).sum()
}
