//! The tapes in `fixtures/` are what their stories say, in frames of AWS's own
//! encoder, and as our recorder took them down.
//!
//! `cargo test --all-features --test fixtures -- --ignored` plays the stories
//! and records them anew.
#![cfg(feature = "record")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod stories;

use bedrock_wire::stream::{Accumulator, EventDecoder};
use bedrock_wire::tape::{End, Piece, Tape};
use stories::{Answer, Story, every_story, record, tape_path};

#[test]
fn every_fixture_is_what_its_story_says() {
    let stories = every_story();
    assert!(stories.len() >= 18, "{}", stories.len());
    for story in &stories {
        for (number, answer) in (1..).zip(&story.answers) {
            check(story, answer, &Tape::load(tape_path(story, number)).unwrap());
        }
    }
}

fn check(story: &Story, answer: &Answer, tape: &Tape) {
    let name = &story.name;
    assert_eq!((&*tape.operation, &*tape.model), (&*story.operation, &*story.model), "{name}");
    let request = tape.request.as_ref().expect("the request was recorded");
    if let Some(asked) = &story.request {
        let sent: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(sent, *asked, "{name}");
    }
    assert_eq!(tape.response.status(), answer.status, "{name}");
    for (header, value) in &answer.headers {
        assert_eq!(tape.response.headers().get(header), Some(&**value), "{name}: {header}");
    }
    assert_eq!(tape.body_bytes(), answer.bytes(), "{name}");
    let end = if answer.cut.is_some() { End::Cut } else { End::Complete };
    assert_eq!(tape.response.end(), Some(end), "{name}");
    let head = tape.response.at().expect("the time of the head was recorded");
    assert!(head.0 >= answer.head * 1000, "{name}: the head came before it was sent");
    let pieces = tape.response.pieces().expect("the pieces were recorded");
    check_times(name, answer, head.0, pieces);
}

/// Nothing came before it was sent, or before what was sent first.
fn check_times(name: &str, answer: &Answer, head: u64, pieces: &[Piece]) {
    let mut last = head;
    let mut received = 0;
    let mut sent_by = answer.pieces().into_iter();
    let (mut sent, mut sent_at) = (0, 0);
    for piece in pieces {
        let at = piece.at.expect("the time of each piece was recorded").0;
        received += piece.length;
        // Of the bytes that are there now, the last were sent when?
        while sent < received {
            let (time, bytes) = sent_by.next().expect("no more came than was sent");
            (sent, sent_at) = (sent + bytes.len() as u64, time);
        }
        let earliest = (answer.head + sent_at) * 1000;
        assert!(at >= earliest, "{name}: a piece came at {at} us and was sent at {earliest} us");
        assert!(at >= last, "{name}: a piece came at {at} us, behind one of {last} us");
        last = at;
    }
}

#[test]
fn every_fixture_passes_the_check_of_tapes() {
    for story in every_story() {
        for number in 1..=story.answers.len() {
            let findings = bedrock_wire::tape::verify_file(tape_path(&story, number)).unwrap();
            assert!(findings.is_empty(), "{}: {findings:?}", story.name);
        }
    }
}

/// A message of several megabytes has no place in the repository, so its tape
/// is made when the test runs.
#[tokio::test]
async fn a_large_payload_is_recorded_and_comes_back_to_the_byte() {
    let story = Story::with_text_of(4 * 1024 * 1024);
    let directory = std::env::temp_dir().join(format!("bedrock-wire-large-{}", std::process::id()));
    let tapes = record(&story, &directory).await;
    std::fs::remove_dir_all(&directory).unwrap();
    let [tape] = &tapes[..] else { panic!("{} tapes", tapes.len()) };
    assert_eq!(tape.body_bytes(), story.answers[0].bytes());
    let mut decoder = EventDecoder::new(None);
    decoder.push(tape.body_bytes());
    let mut answer = Accumulator::new();
    while let Some(event) = decoder.next().unwrap() {
        answer.add(&event);
    }
    decoder.finish().unwrap();
    let answer = serde_json::to_value(answer.finish().response).unwrap();
    let text = answer["output"]["message"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(text.len(), 4 * 1024 * 1024);
}

#[tokio::test]
#[ignore = "writes fixtures/ anew"]
async fn record_the_stories() {
    let directory =
        std::env::temp_dir().join(format!("bedrock-wire-stories-{}", std::process::id()));
    for story in every_story() {
        let tapes = record(&story, &directory).await;
        for (number, mut tape) in (1..).zip(tapes) {
            tape.source = Some(format!("a story made by hand, no model said it: {}", story.why));
            let file = std::fs::File::create(tape_path(&story, number)).unwrap();
            tape.write(std::io::BufWriter::new(file)).unwrap();
        }
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
