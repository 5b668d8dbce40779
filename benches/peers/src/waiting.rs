//! What streams that wait hold of memory: each client in a fresh process.

use std::fs;
use std::process::Command;
use std::time::Duration;

use aws_sdk_bedrockruntime::types::ConverseStreamOutput as SdkEvent;
use bedrock_wire::client::ConverseStream;
use bedrock_wire::model::ConverseStreamRequest;
use bedrock_wire::stream::ConverseStreamOutput;
use tokio::sync::oneshot::channel;
use tokio::time::timeout;

use crate::rivals::{MODEL, ours, runtime, sdk};
use crate::server::{Server, Way};
use crate::table::{Goal, Row, Table};

const STREAMS: usize = 1000;

/// What a process has once and not for each stream is there after so many.
const BEFORE: usize = 20;

const MOST_ROUNDS: usize = 5;

/// No stream takes so long to open.
const PATIENCE: Duration = Duration::from_secs(10);

const CLIENTS: [(&str, &str); 3] = [
    ("bedrock-wire", "ours"),
    ("aws-sdk-bedrockruntime", "sdk"),
    ("reqwest, bytes alone", "bytes"),
];

/// A task keeps room for all that it ever does, so it matters what else it has
/// done.
const TASKS: [(&str, &str); 2] =
    [("each in a task that only waits", "waits"), ("each in a task that opened it too", "opens")];

pub fn run(rounds: usize) -> Vec<Table> {
    let server = Server::start(Way::First);
    TASKS.map(|(how, task)| of(how, task, &server.url, rounds.min(MOST_ROUNDS))).into()
}

fn of(how: &str, task: &str, url: &str, rounds: usize) -> Table {
    let mut kib = CLIENTS.map(|_| Vec::new());
    let mut heap = CLIENTS.map(|_| 0.0);
    for _ in 0..rounds {
        for (index, (_, client)) in CLIENTS.iter().enumerate() {
            let [resident, allocated] = in_a_process(client, task, url);
            kib[index].push(resident);
            heap[index] = allocated;
        }
    }
    let rows = CLIENTS.iter().zip(kib).zip(heap);
    let rows = rows.map(|(((name, _), kib), heap)| Row::new(*name, kib).with("KiB of heap", heap));
    let title = format!("{STREAMS} streams that wait for their second event over HTTP/1.1, {how}");
    let goal = Goal::at_most("bedrock-wire", 0.75, "aws-sdk-bedrockruntime");
    Table::new(title, "KiB resident a stream", rows.collect()).goals([goal])
}

/// KiB a stream, resident and of the heap.
fn in_a_process(client: &str, task: &str, url: &str) -> [f64; 2] {
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new(program).args(["wait", client, task, url]).output();
    let output = output.expect("this program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{client}: {}: {told}", output.status);
    let figures = String::from_utf8(output.stdout).expect("text");
    let figures = figures.split_whitespace().map(|word| word.parse().expect("a number"));
    figures.collect::<Vec<f64>>().try_into().expect("two figures")
}

/// Opens the streams, has each wait in a task, and prints what they hold.
pub fn main(client: &str, task: &str, url: &str) {
    let runtime = runtime();
    let (opens, url) = (task == "opens", url.to_owned());
    let mut open_all: Box<dyn FnMut(usize)> = match client {
        "ours" => {
            let client = ours(None, Some(&url));
            let open = move || open(client.clone());
            Box::new(move |count| runtime.block_on(each(count, opens, &open, wait)))
        }
        "sdk" => {
            let client = sdk(None, Some(&url));
            let open = move || open_by_sdk(client.clone());
            Box::new(move |count| runtime.block_on(each(count, opens, &open, wait_by_sdk)))
        }
        "bytes" => {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let open = move || open_by_reqwest(client.clone(), url.clone());
            Box::new(move |count| runtime.block_on(each(count, opens, &open, wait_by_reqwest)))
        }
        other => panic!("`{other}` is no client"),
    };
    open_all(BEFORE);
    let before = resident_kib();
    let heap = allocation_counter::measure(|| open_all(STREAMS)).bytes_current;
    let (resident, streams) = (resident_kib() - before, STREAMS as f64);
    println!("{} {}", resident / streams, heap as f64 / 1024.0 / streams);
}

/// Opens so many, one after the other, in the tasks that wait or before them.
async fn each<S, O, W>(count: usize, opens: bool, open: &impl Fn() -> O, wait: fn(S) -> W)
where
    S: Send + 'static,
    O: Future<Output = S> + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    for _ in 0..count {
        let opening = open();
        if opens {
            let (tell, told) = channel();
            drop(tokio::spawn(async move {
                let stream = opening.await;
                tell.send(()).expect("it is waited for");
                wait(stream).await;
            }));
            timeout(PATIENCE, told).await.expect("a first event in time").expect("a stream");
        } else {
            let stream = timeout(PATIENCE, opening).await.expect("a first event in time");
            drop(tokio::spawn(wait(stream)));
        }
    }
    // The last one begins to wait.
    tokio::task::yield_now().await;
}

async fn open(client: bedrock_wire::client::Client) -> ConverseStream {
    let request = ConverseStreamRequest::new();
    let mut stream = client.converse_stream(MODEL, &request).await.expect("an answer");
    let first = stream.next().await.expect("an event").expect("an event");
    assert!(matches!(first.output(), ConverseStreamOutput::MessageStart(_)), "{first:?}");
    stream
}

async fn wait(mut stream: ConverseStream) {
    panic!("no second event was sent: {:?}", stream.next().await);
}

type SdkStream = aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver<
    SdkEvent,
    aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError,
>;

async fn open_by_sdk(client: aws_sdk_bedrockruntime::Client) -> SdkStream {
    let answer = client.converse_stream().model_id(MODEL).send().await.expect("an answer");
    let mut stream = answer.stream;
    let first = stream.recv().await.expect("an event").expect("an event");
    assert!(matches!(first, SdkEvent::MessageStart(_)), "{first:?}");
    stream
}

async fn wait_by_sdk(mut stream: SdkStream) {
    panic!("no second event was sent: {:?}", stream.recv().await);
}

async fn open_by_reqwest(client: reqwest::Client, url: String) -> reqwest::Response {
    let mut response = client.post(url).body("{}").send().await.expect("an answer");
    assert!(response.chunk().await.expect("a piece").is_some(), "no first piece");
    response
}

async fn wait_by_reqwest(mut response: reqwest::Response) {
    panic!("no second piece was sent: {:?}", response.chunk().await);
}

fn resident_kib() -> f64 {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").expect("Linux has it");
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse().ok()).expect("a number")
}
