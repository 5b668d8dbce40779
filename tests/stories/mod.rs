//! The stories behind the fixtures: what is asked, and what is answered when.
#![allow(dead_code, unreachable_pub, reason = "a module of its own in each test binary")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bedrock_wire::auth::verify::Verifier;
use bedrock_wire::client::Client;
use bedrock_wire::model::{
    ConverseRequest, ConverseStreamRequest, CountTokensRequest, ListFoundationModelsRequest,
    ListInferenceProfilesRequest,
};
use bedrock_wire::operation::{
    ModelId, Operation, Request, converse, converse_stream, count_tokens, list_foundation_models,
    list_inference_profiles,
};
use bedrock_wire::record::{Mode, Recorder};
use bedrock_wire::serve::{Call, Reply, Server, Speed};
use bedrock_wire::tape::Tape;
use bytes::Bytes;
use http::{HeaderName, HeaderValue as HttpValue, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const KEY: &str = "bedrock-api-key-example";

/// What padding is a prefix of (of the service, as recorded).
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A question, and the answers to it, one after the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Of its file; not in it.
    #[serde(skip)]
    pub name: String,
    /// What the tape is for.
    pub why: String,
    pub operation: String,
    pub model: String,
    /// The request's body; `null` where it has none.
    pub request: Option<Value>,
    pub answers: Vec<Answer>,
}

/// One answer, and when its parts come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    /// When the head comes, in ms since the request.
    pub head: u64,
    /// The body of an answer that is no stream.
    body: Option<Value>,
    /// Time in ms since the head, type and payload of each message; the type
    /// of an exception begins with `!`. Those of one time go out together.
    events: Option<Vec<(u64, String, Value)>>,
    pub cut: Option<Cut>,
}

/// The connection breaks inside the last message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    bytes_of_last_frame: usize,
}

/// All stories, by name.
pub fn every_story() -> Vec<Story> {
    let directory = fixtures().join("stories");
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut stories: Vec<Story> = files.map(|file| read(&file)).collect();
    stories.sort_by(|one, other| one.name.cmp(&other.name));
    stories
}

fn read(file: &Path) -> Story {
    let text = fs::read_to_string(file).unwrap();
    let story: Story =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Story { name: file.file_stem().unwrap().to_str().unwrap().to_owned(), ..story }
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The tape of a story's answer, the first one being 1.
pub fn tape_path(story: &Story, number: usize) -> PathBuf {
    let name = match story.answers.len() {
        1 => format!("{}.tape.jsonl", story.name),
        _ => format!("{}-{number}.tape.jsonl", story.name),
    };
    fixtures().join(name)
}

impl Story {
    /// A stream with one long text.
    pub fn with_text_of(bytes: usize) -> Self {
        let text = "All work and no play. ".repeat(bytes / 22 + 1);
        let delta = json!({"contentBlockIndex": 0, "delta": {"text": text[..bytes]}});
        let events = [
            ("messageStart", json!({"role": "assistant"})),
            ("contentBlockDelta", delta),
            ("contentBlockStop", json!({"contentBlockIndex": 0})),
            ("messageStop", json!({"stopReason": "end_turn"})),
        ];
        let events = events.map(|(kind, payload)| (0, kind.to_owned(), payload));
        let stream = ("content-type".to_owned(), "application/vnd.amazon.eventstream".to_owned());
        Story {
            name: "large".to_owned(),
            why: "A message of several megabytes".to_owned(),
            operation: "ConverseStream".to_owned(),
            model: "amazon.nova-lite-v1:0".to_owned(),
            request: Some(json!({"messages": []})),
            answers: vec![Answer {
                status: 200,
                headers: BTreeMap::from([stream]),
                head: 0,
                body: None,
                events: Some(events.into()),
                cut: None,
            }],
        }
    }
}

impl Answer {
    /// The body, in the pieces that go out together, each with its time since
    /// the head in ms.
    pub fn pieces(&self) -> Vec<(u64, Bytes)> {
        if let Some(body) = &self.body {
            return vec![(0, compact(body).into())];
        }
        let events = self.events.as_deref().unwrap_or_default();
        let mut pieces: Vec<(u64, Vec<u8>)> = Vec::new();
        for (index, (at, kind, payload)) in events.iter().enumerate() {
            let mut frame = frame(kind, payload, index);
            if let Some(Cut { bytes_of_last_frame }) = &self.cut
                && index + 1 == events.len()
            {
                frame.truncate(*bytes_of_last_frame);
            }
            match pieces.last_mut() {
                Some((time, piece)) if time == at => piece.extend(frame),
                _ => pieces.push((*at, frame)),
            }
        }
        pieces.into_iter().map(|(at, piece)| (at, piece.into())).collect()
    }

    pub fn bytes(&self) -> Bytes {
        self.pieces().into_iter().flat_map(|(_, piece)| piece).collect::<Vec<_>>().into()
    }
}

/// A frame as the service writes it, by AWS's encoder.
fn frame(kind: &str, payload: &Value, index: usize) -> Vec<u8> {
    let (name, kind, message_type) = match kind.strip_prefix('!') {
        Some(exception) => (":exception-type", exception, "exception"),
        None => (":event-type", kind, "event"),
    };
    let mut payload = payload.clone();
    if message_type == "event" {
        // 2 to 61 characters, in an order that looks like none.
        payload["p"] = PADDING[..2 + index * 37 % 60].into();
    }
    let header = |name: &'static str, value: &str| {
        Header::new(name, HeaderValue::String(value.to_owned().into()))
    };
    let message = Message::new(compact(&payload).into_bytes())
        .add_header(header(name, kind))
        .add_header(header(":content-type", "application/json"))
        .add_header(header(":message-type", message_type));
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame).unwrap();
    frame
}

/// JSON without white space, members sorted as the service has them.
fn compact(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().collect();
            let members = sorted.into_iter();
            let members =
                members.map(|(name, value)| format!("{}:{}", json!(name), compact(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// Plays a story from a server, asks for it, and gives what our recorder took
/// down, in the order of the answers.
pub async fn record(story: &Story, directory: &Path) -> Vec<Tape> {
    let server = play(story).await;
    let recorder = Recorder::builder(directory).mode(Mode::All).no_scrub().start().unwrap();
    let client = Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(server.url())
        .control_plane_url(server.url())
        .api_key(KEY)
        .no_retries()
        .wrap_transport(recorder.wrap())
        .build()
        .unwrap();
    for answer in &story.answers {
        let response = client.send(request(story, &client)).await.unwrap();
        let (got, broken) = response.into_body().collect_up_to(usize::MAX).await;
        assert_eq!(got, answer.bytes(), "{}", story.name);
        assert_eq!(broken.is_some(), answer.cut.is_some(), "{}", story.name);
    }
    let report = recorder.finish().await;
    assert_eq!(report.written.len(), story.answers.len(), "{report}");
    report.written.iter().map(|path| Tape::load(path).unwrap()).collect()
}

/// A server that gives the story's answers, one after the other, at their times.
async fn play(story: &Story) -> Server {
    let replies: Vec<Reply> = story.answers.iter().rev().map(reply).collect();
    let left = Mutex::new(replies);
    let next = move |_: &Call| left.lock().unwrap().pop().expect("an answer is left");
    let verifier = Verifier::new().bearer_key(KEY);
    Server::builder(verifier).speed(Speed::Recorded).start(next).await.unwrap()
}

fn reply(answer: &Answer) -> Reply {
    let status = StatusCode::from_u16(answer.status).unwrap();
    let mut reply = match answer.body {
        Some(_) => Reply::whole(status, answer.bytes()),
        None => {
            let pieces = answer.pieces().into_iter();
            Reply::timed(
                status,
                pieces.map(|(at, piece)| (Duration::from_millis(at), piece)).collect(),
            )
        }
    };
    for (name, value) in &answer.headers {
        let name = HeaderName::try_from(name).unwrap();
        reply.headers.insert(name, HttpValue::try_from(value).unwrap());
    }
    reply.head_delay = Duration::from_millis(answer.head);
    reply.cut = answer.cut.is_some();
    reply
}

fn request(story: &Story, client: &Client) -> Request {
    fn body<T: DeserializeOwned>(story: &Story) -> T {
        serde_json::from_value(story.request.clone().unwrap()).unwrap()
    }
    let operation = Operation::from_name(&story.operation).unwrap();
    let endpoint = client.endpoint_for(operation, &story.model).unwrap();
    let model = || ModelId::new(&*story.model).unwrap();
    match operation {
        Operation::Converse => {
            converse::build(&endpoint, &model(), &body::<ConverseRequest>(story)).unwrap()
        }
        Operation::ConverseStream => {
            converse_stream::build(&endpoint, &model(), &body::<ConverseStreamRequest>(story))
                .unwrap()
        }
        Operation::CountTokens => {
            count_tokens::build(&endpoint, &model(), &body::<CountTokensRequest>(story)).unwrap()
        }
        Operation::ListFoundationModels => {
            list_foundation_models::build(&endpoint, &ListFoundationModelsRequest::new()).unwrap()
        }
        Operation::ListInferenceProfiles => {
            list_inference_profiles::build(&endpoint, &ListInferenceProfilesRequest::new()).unwrap()
        }
        other => panic!("{}: {other} has no story yet", story.name),
    }
}
