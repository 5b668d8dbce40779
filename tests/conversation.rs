//! A conversation sends what its messages in one request would, whatever was
//! done to it, and its hash is that of the bytes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(feature = "sigv4")]

mod corpus;
mod frames;

use bedrock_wire::auth::Credentials;
use bedrock_wire::endpoint::{Endpoint, Region};
use bedrock_wire::model::{ContentBlock, ConverseRequest, Message};
use bedrock_wire::operation::{Conversation, ModelId, Request, converse};
use frames::Random;
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

type Chat = Conversation<bedrock_wire::model::GuardrailConfiguration>;

fn endpoint() -> Endpoint {
    Endpoint::custom("https://bedrock.example").unwrap()
}

fn signed(mut request: Request) -> Request {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let credentials = Credentials::new("AKIDEXAMPLE", secret, None, None, "test");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    request.sign(&credentials, &Region::new("us-east-1").unwrap(), now).unwrap();
    request
}

/// Both ways to the same request: same bytes, which are those that `serde_json`
/// writes, same signature, and the hash is that of the bytes.
fn check(conversation: &Chat, plain: &ConverseRequest) {
    let model = ModelId::new("a.b-v1:0").unwrap();
    let kept = signed(converse::build(&endpoint(), &model, conversation).unwrap());
    let whole = signed(converse::build(&endpoint(), &model, plain).unwrap());
    let body = kept.body().to_bytes();
    assert_eq!(body, whole.body().to_bytes());
    assert_eq!(body, serde_json::to_vec(plain).unwrap());
    assert_eq!(kept.headers(), whole.headers());
    assert_eq!(kept.body().clone().sha256().as_bytes()[..], Sha256::digest(&body)[..]);
    assert_eq!(conversation.to_request().unwrap(), *plain);
}

/// A message of a kind and a length that the numbers choose.
fn message(random: &mut Random) -> Message {
    let text = "a\"b\n\u{1f600}".repeat(match random.up_to(20) {
        1 => 20_000,
        2..=4 => 1000,
        _ => random.up_to(9) - 1,
    });
    if random.up_to(2) == 1 { Message::user(text) } else { Message::assistant(text) }
}

/// Does one thing to both.
fn step(random: &mut Random, conversation: &mut Chat, plain: &mut ConverseRequest) {
    let messages = plain.messages.get_or_insert_default();
    match random.up_to(8) {
        1 if !messages.is_empty() => {
            let index = random.up_to(messages.len()) - 1;
            messages[index] = message(random);
            conversation.replace(index, &messages[index]).unwrap();
        }
        2 => {
            let length = random.up_to(messages.len() + 1) - 1;
            messages.truncate(length);
            conversation.truncate(length);
        }
        3 => {
            let tokens = i32::try_from(random.up_to(4096)).unwrap();
            *plain = plain.clone().max_tokens(tokens);
            conversation.configure(|settings| settings.max_tokens(tokens)).unwrap();
        }
        _ => {
            messages.push(message(random));
            conversation.push(messages.last().unwrap()).unwrap();
        }
    }
    if plain.messages.as_ref().is_some_and(Vec::is_empty) {
        plain.messages = None;
    }
}

#[test]
fn whatever_is_done_to_a_conversation_its_bytes_are_those_of_the_plain_way() {
    for seed in 0..12 {
        let mut random = Random::new(seed);
        let mut plain = ConverseRequest::new();
        let mut conversation = Conversation::new(plain.clone()).unwrap();
        for _ in 0..30 {
            step(&mut random, &mut conversation, &mut plain);
            check(&conversation, &plain);
        }
    }
}

#[test]
fn every_recorded_conversation_is_sent_as_it_was_turn_by_turn() {
    let Some(corpus) = corpus::find("recorded conversations, turn by turn") else { return };
    let mut turns = 0;
    for recording in corpus.recordings() {
        let is_chat = matches!(&*recording.operation, "Converse" | "ConverseStream");
        let Some(request) = recording.request().filter(|_| is_chat) else { continue };
        let Ok(plain) = serde_json::from_slice::<ConverseRequest>(&request) else { continue };
        let mut so_far = plain.clone();
        so_far.messages = None;
        let mut conversation = Conversation::new(so_far.clone()).unwrap();
        for message in plain.messages.unwrap_or_default() {
            conversation.push(&message).unwrap();
            so_far = so_far.message(message);
            check(&conversation, &so_far);
            turns += 1;
        }
    }
    println!("{turns} turns");
    assert!(turns > 600, "{turns}");
}

#[test]
fn a_cache_point_that_moves_on_is_one_message_written_anew() {
    let cached = |text: &str| {
        let mut message = Message::user(text);
        message.content.push(ContentBlock::cache_point(None));
        message
    };
    let first = ConverseRequest::new().message(cached("long")).message(Message::assistant("short"));
    let mut conversation = Conversation::new(first).unwrap();
    conversation.replace(0, &Message::user("long")).unwrap();
    conversation.push(&cached("more")).unwrap();
    let plain = ConverseRequest::new()
        .message(Message::user("long"))
        .message(Message::assistant("short"))
        .message(cached("more"));
    check(&conversation, &plain);
}
