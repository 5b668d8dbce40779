//! Requests: built, signed and handed to the connection.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use aws_sdk_bedrockruntime::types as sdk_types;
use bedrock_wire::auth::Credentials;
use bedrock_wire::endpoint::{Endpoint, Options, Region, Service};
use bedrock_wire::model::{
    ContentBlock, ConverseOutput, ConverseRequest, GuardrailConfiguration, Message,
};
use bedrock_wire::operation::{Conversation, ConverseInput, ModelId, converse};
use tokio::runtime::Runtime;

use crate::measure::Comparison;
use crate::rivals::{Canned, MODEL, REGION, credentials, handed_over, ours, runtime, sdk};
use crate::table::{Goal, Table};

const OURS: &str = "bedrock-wire's client";
const SIGNED: &str = "bedrock-wire without a client, built and signed";
const SDK: &str = "aws-sdk-bedrockruntime";

const ANSWER: &str = r#"{"output":{"message":{"role":"assistant","content":[{"text":"."}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2},"metrics":{"latencyMs":1}}"#;

pub fn run(rounds: usize) -> Vec<Table> {
    let (kib, mib) = (1024, 1024 * 1024);
    let sizes = [
        ("200 bytes", 1, 200, 1.0 / 5.0),
        ("1 MiB", 512, 2 * kib, 1.0 / 2.5),
        ("10 MiB", 5120, 2 * kib, 1.0 / 2.5),
    ];
    let mut tables = Vec::new();
    for (name, messages, size, goal) in sizes {
        let calls = Calls::new(messages, size);
        tables.push(calls.to_the_connection(name, goal).run(rounds));
        tables.push(calls.to_the_answer(name).run(rounds));
    }
    tables.extend([mib / 10, mib, 10 * mib].into_iter().flat_map(|h| next_turn(h, rounds)));
    tables
}

/// Whatever builds and signs without a client, for an HTTP library of one's own.
struct Signer {
    endpoint: Endpoint,
    model: ModelId,
    credentials: Credentials,
    region: Region,
}

impl Signer {
    fn new() -> Self {
        let region = Region::new(REGION).expect("a region");
        Signer {
            endpoint: Endpoint::for_region(&region, Service::Runtime, Options::default()),
            model: ModelId::new(MODEL).expect("a model's id"),
            credentials: credentials(),
            region,
        }
    }

    fn sign(&self, input: &impl ConverseInput<GuardrailConfiguration>) {
        let mut request = converse::build(&self.endpoint, &self.model, input).expect("a request");
        request.sign(&self.credentials, &self.region, SystemTime::now()).expect("a signature");
        black_box(request);
    }
}

/// Nanoseconds from the start of a call, which is made ready before, to when its
/// connection has the request.
fn to_the_connection<C>(calls: u32, mut ready: impl FnMut() -> C, mut call: impl FnMut(C)) -> f64 {
    let mut taken = Duration::ZERO;
    for _ in 0..calls {
        let made = ready();
        let start = Instant::now();
        call(made);
        taken += handed_over() - start;
    }
    taken.as_nanos() as f64 / f64::from(calls)
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

/// The same request by both clients.
struct Calls {
    runtime: Runtime,
    ours: bedrock_wire::client::Client,
    sdk: aws_sdk_bedrockruntime::Client,
    request: ConverseRequest,
    theirs: Vec<sdk_types::Message>,
    /// So many at once.
    count: u32,
}

impl Calls {
    fn new(messages: usize, size: usize) -> Self {
        let (runtime, canned) = (runtime(), Canned::json(ANSWER));
        let (ours, sdk) = (ours(Some(canned.clone()), None), sdk(Some(canned), None));
        check(&runtime, &ours, &sdk);
        let mut request = ConverseRequest::new();
        request.messages = Some(self::messages(messages, size));
        let theirs = sdk_messages(messages, size);
        Calls { runtime, ours, sdk, request, theirs, count: if messages == 1 { 200 } else { 1 } }
    }

    fn call(&self) {
        let answer = self.runtime.block_on(self.ours.converse(MODEL, &self.request));
        black_box(answer.expect("an answer"));
    }

    /// The SDK's messages are handed over, so that a copy must be made of them.
    fn copied(&self) -> Vec<sdk_types::Message> {
        self.theirs.clone()
    }

    fn call_by_sdk(&self, messages: Vec<sdk_types::Message>) {
        let call = self.sdk.converse().model_id(MODEL).set_messages(Some(messages));
        black_box(self.runtime.block_on(call.send()).expect("an answer"));
    }

    /// The copy is not timed.
    fn sdk_to_the_connection(&self) -> f64 {
        to_the_connection(self.count, || self.copied(), |messages| self.call_by_sdk(messages))
    }

    fn to_the_connection(&self, name: &str, goal: f64) -> Comparison<'_> {
        let signer = Signer::new();
        let title = format!("A request of {name}, built, signed, handed to its connection");
        Comparison::new(title, "ns a call")
            .timed_there(OURS, || to_the_connection(self.count, || (), |()| self.call()))
            .subject(SIGNED, move || {
                (0..self.count).for_each(|_| signer.sign(&self.request));
                self.count.into()
            })
            .timed_there(SDK, || self.sdk_to_the_connection())
            .goal(Goal::at_most(OURS, goal, SDK))
    }

    fn to_the_answer(&self, name: &str) -> Comparison<'_> {
        let title = format!("A request of {name}, built, signed, handed over, answer read");
        Comparison::new(title, "ns a call")
            .subject("bedrock-wire", || {
                (0..self.count).for_each(|_| self.call());
                self.count.into()
            })
            .subject(SDK, || {
                (0..self.count).for_each(|_| self.call_by_sdk(self.copied()));
                self.count.into()
            })
    }
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

/// A conversation whose turns are timed, each two more messages.
struct Turns {
    kept: Conversation<GuardrailConfiguration>,
    question: Message,
    answer: Message,
}

impl Turns {
    const COUNT: u32 = 20;

    fn new(history: &ConverseRequest) -> Self {
        let kept = Conversation::new(history.clone()).expect("JSON");
        Turns { kept, question: Message::user(text(200)), answer: Message::assistant(text(400)) }
    }

    /// The next turns, with when each began; then back to where it was, so that
    /// what is timed stays the same.
    fn take(&mut self, mut send: impl FnMut(&Conversation<GuardrailConfiguration>, Instant)) {
        let length = self.kept.len();
        for _ in 0..Self::COUNT {
            let start = Instant::now();
            self.kept.push(&self.answer).expect("JSON");
            self.kept.push(&self.question).expect("JSON");
            send(&self.kept, start);
        }
        self.kept.truncate(length);
    }
}

/// Two more messages behind a history, and the request.
fn next_turn(history: usize, rounds: usize) -> [Table; 2] {
    let size = 2 * 1024;
    let (calls, signer) = (Calls::new(history / size, size), Signer::new());
    let title = format!("The next turn of a history of {:.1} MiB", history as f64 / 1_048_576.0);
    let send = |kept: &Conversation<GuardrailConfiguration>| {
        let answer = calls.runtime.block_on(calls.ours.converse(MODEL, kept));
        black_box(answer.expect("an answer"));
    };
    let turns = || Turns::new(&calls.request);
    let (mut handed_over, mut signed, mut sent) = (turns(), turns(), turns());
    let to_connection = format!("{title}, built, signed, handed to its connection");
    let to_connection = Comparison::new(to_connection, "ns a call")
        .timed_there(OURS, || {
            let mut taken = Duration::ZERO;
            handed_over.take(|kept, since| {
                send(kept);
                taken += self::handed_over() - since;
            });
            taken.as_nanos() as f64 / f64::from(Turns::COUNT)
        })
        .subject(SIGNED, || {
            signed.take(|kept, _| signer.sign(kept));
            Turns::COUNT.into()
        })
        .timed_there(SDK, || calls.sdk_to_the_connection());
    let goal = Goal::at_most(OURS, 1.0 / 200.0, SDK);
    let to_connection =
        if history == 1024 * 1024 { to_connection.goal(goal) } else { to_connection };
    let to_answer = Comparison::new(format!("{title}, answer read"), "ns a call")
        .subject("bedrock-wire, Conversation", || {
            sent.take(|kept, _| send(kept));
            Turns::COUNT.into()
        })
        .subject("bedrock-wire, all of it", || {
            calls.call();
            1
        })
        .subject(SDK, || {
            calls.call_by_sdk(calls.copied());
            1
        });
    [to_connection.run(rounds), to_answer.run(rounds)]
}
