//! Many streams at once for minutes, with all that can go wrong by chance, from
//! one server process to one client process: nothing grows and nothing is left.
//!
//! ```sh
//! cargo test --release --features cli --test soak -- --ignored --nocapture
//! ```
//!
//! is 1,000 streams at once for 300 seconds; `BEDROCK_WIRE_SOAK_STREAMS` and
//! `BEDROCK_WIRE_SOAK_SECONDS` say otherwise. It prints its figures and asserts:
//!
//! - every event is the one that was sent, and no answer without an error lacks
//!   one; every error is of a kind that the faults explain, and no more streams
//!   broke off or were corrupt than faults did that;
//! - memory is flat, at the client and at the server: its median over the last
//!   third of the time is at most a tenth and 1 MiB above that over the second
//!   third. The first third is to warm up: the journal fills (10,000 requests),
//!   pools and buffers reach their sizes. Not judged below two minutes;
//! - once all streams are done, the client's runtime has as many tasks as
//!   before, both processes as many open files, and the journal no open request;
//! - the server was asked no more often than the client's hook saw attempts.
#![cfg(all(feature = "cli", feature = "http2", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod apart;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use apart::{Replay, Usage, allow_open_files};
use bedrock_wire::auth::Credentials;
use bedrock_wire::client::{Client, ConverseStream, Deadlines, Error, ErrorKind};
use bedrock_wire::model::{ConverseStreamRequest, Message};
use bedrock_wire::replay::MadeStream;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// Streams of one client: over HTTP/2 they share a connection, which takes 200.
const OF_ONE: usize = 100;
/// What a slow reader makes wait over HTTP/2, in bytes: less than a stream has.
const WINDOW: u32 = 16 * 1024;
/// Nothing takes so long once the time is up.
const PATIENCE: Duration = Duration::from_mins(2);
/// Below it there is no third to warm up in.
const JUDGED: Duration = Duration::from_mins(2);
const MIB: usize = 1024;

/// What is asked for tells the version of HTTP, for faults that are for one alone.
///
/// One-byte pieces are for HTTP/1.1: as frames of HTTP/2 that a slow reader
/// leaves lying, h2 takes them for a flood (over half the connection's window,
/// each counted as 255 bytes) and closes the connection with all its streams.
const HTTP_1: &str = "over-http-1";
const HTTP_2: &str = "over-http-2";

/// The processes are measured, so there is one soak at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

#[derive(Clone, Copy, Debug)]
struct Soak {
    streams: usize,
    time: Duration,
    /// Events of text in a stream, the bytes in each, and how many come a second.
    events: u32,
    bytes_of_text: u32,
    events_per_second: u32,
    /// Each deadline of the client's.
    deadline: Duration,
    samples: u32,
}

impl Soak {
    fn made(self) -> MadeStream {
        MadeStream::new(self.events, self.bytes_of_text)
    }

    fn server(self) -> Replay {
        let made = format!("{}x{}", self.events, self.bytes_of_text);
        let rate = self.events_per_second.to_string();
        let seed = ["--jitter", "0.5", "--seed", "1"];
        Replay::start(&[&["--made", &made, "--events-per-second", &rate], &seed[..]].concat())
    }
}

/// What goes wrong, and with which chance; places are thirds of the stream.
fn faults(soak: Soak) -> Value {
    let third = soak.events / 3;
    let faults = [
        (0.04, json!({"fault": "cut", "frame": third})),
        (0.02, json!({"fault": "cut", "frame": 2 * third, "offset": 9})),
        (0.02, json!({"fault": "cut", "clean": true})),
        (0.02, json!({"fault": "cut", "frame": 0, "offset": 20})),
        (0.02, json!({"fault": "reset", "frame": third})),
        (0.01, json!({"fault": "reset", "head": true})),
        (0.02, json!({"fault": "exception", "name": "modelStreamErrorException"})),
        (0.02, json!({"fault": "exception", "name": "throttlingException", "frame": 0})),
        (0.01, json!({"fault": "error_message", "code": "InternalFailure"})),
        (0.03, json!({"fault": "error", "name": "ThrottlingException"})),
        (0.01, json!({"fault": "error", "name": "InternalServerException"})),
        (0.02, json!({"fault": "stall", "frame": third})),
        (0.01, json!({"fault": "stall", "frame": 0})),
        (0.01, json!({"fault": "stall", "head": true})),
        (0.05, json!({"fault": "delay_head", "ms": 100})),
        (0.05, json!({"fault": "delay_first_frame", "ms": 100})),
        (0.05, json!({"fault": "delay_frames", "ms": 5})),
        (0.02, json!({"fault": "pieces", "size": 1, "model": HTTP_1})),
        (0.05, json!({"fault": "pieces", "size": 100})),
        (0.01, json!({"fault": "prelude_crc", "frame": third})),
        (0.01, json!({"fault": "message_crc", "frame": third})),
        (0.01, json!({"fault": "length", "frame": third})),
        (0.01, json!({"fault": "header_type", "frame": third})),
        (0.01, json!({"fault": "json_body"})),
    ];
    let faults = faults.into_iter().zip(1..).map(|((rate, mut fault), seed)| {
        fault["rate"] = rate.into();
        fault["seed"] = json!(seed);
        fault
    });
    json!({ "faults": faults.collect::<Vec<_>>() })
}

/// Numbers by chance, the same for the same seed: `SplitMix64`.
struct Chance(u64);

impl Chance {
    /// From 0 up to, and without, `end`.
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap();
        high % end
    }
}

/// How a stream is read: how long after each event, and up to which.
struct Manner {
    pause: Option<Duration>,
    leaves_after: Option<u32>,
}

impl Manner {
    /// One in five is up to six times slower than the events come, one in ten
    /// drops the stream half read.
    fn by(chance: &mut Chance, soak: Soak) -> Self {
        let gap = Duration::from_secs(1) / soak.events_per_second;
        let is_slow = chance.below(5) == 0;
        let leaves = chance.below(10) == 0;
        Manner {
            pause: is_slow.then(|| gap * (1 + chance.below(6))),
            leaves_after: leaves.then(|| 1 + chance.below(soak.events)),
        }
    }
}

/// What all readers share.
struct Readers {
    soak: Soak,
    until: Instant,
    /// All frames of a whole stream.
    expected: Vec<Bytes>,
    /// How many streams are being read or asked for.
    open: AtomicUsize,
    events: AtomicU64,
    attempts: Arc<AtomicU64>,
    ends: std::sync::Mutex<Ends>,
}

impl Readers {
    /// Reads one stream after the other until the time is up.
    async fn read_on(self: Arc<Self>, client: Client, model: &'static str, seed: u64) {
        let mut chance = Chance(seed);
        while Instant::now() < self.until {
            let manner = Manner::by(&mut chance, self.soak);
            self.open.fetch_add(1, Ordering::Relaxed);
            let end = self.read(&client, model, &manner).await;
            self.open.fetch_sub(1, Ordering::Relaxed);
            *self.ends.lock().unwrap().0.entry(end).or_default() += 1;
        }
    }

    /// Reads one stream, and tells how it ended.
    async fn read(&self, client: &Client, model: &str, manner: &Manner) -> End {
        let input = ConverseStreamRequest::new().message(Message::user("hi"));
        match client.converse_stream(model, &input).await {
            Ok(stream) => self.follow(stream, manner).await,
            Err(error) => End::failed(false, &error),
        }
    }

    async fn follow(&self, mut stream: ConverseStream, manner: &Manner) -> End {
        let mut expected = self.expected.iter();
        let mut count = 0;
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => assert_eq!(Some(event.message().frame()), expected.next()),
                Err(error) => return End::failed(true, &error),
            }
            count += 1;
            self.events.fetch_add(1, Ordering::Relaxed);
            if manner.leaves_after == Some(count) {
                return End::Dropped;
            }
            if let Some(pause) = manner.pause {
                tokio::time::sleep(pause).await;
            }
        }
        assert_eq!(expected.next(), None, "what ends without an error is whole");
        End::Whole
    }
}

/// How a stream ended for its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    Whole,
    /// By its reader, half read.
    Dropped,
    Failed {
        begun: bool,
        kind: ErrorKind,
    },
}

impl End {
    /// By an error, which must be one that the faults explain.
    fn failed(begun: bool, error: &Error) -> Self {
        let kind = error.kind();
        assert!(
            matches!(
                kind,
                ErrorKind::Throttled
                    | ErrorKind::Service
                    | ErrorKind::Network
                    | ErrorKind::Timeout
                    | ErrorKind::Corrupt
                    | ErrorKind::Incomplete
            ),
            "{error}"
        );
        End::Failed { begun, kind }
    }

    fn is_of(self, kinds: &[ErrorKind]) -> bool {
        matches!(self, End::Failed { kind, .. } if kinds.contains(&kind))
    }
}

/// How often streams ended how.
#[derive(Debug, Default)]
struct Ends(HashMap<End, u64>);

impl Ends {
    fn count(&self, is: impl Fn(End) -> bool) -> u64 {
        self.0.iter().filter(|(end, _)| is(**end)).map(|(_, count)| count).sum()
    }

    /// Nothing broke, or was damaged, that no fault broke or damaged.
    fn assert_explained(&self, faults: &Value) {
        let applied = |kinds: &[&str]| -> u64 {
            let faults = faults["faults"].as_array().unwrap().iter();
            let ours = faults.filter(|fault| kinds.contains(&fault["fault"].as_str().unwrap()));
            ours.map(|fault| fault["applied"].as_u64().unwrap()).sum()
        };
        let broke = [ErrorKind::Incomplete, ErrorKind::Network];
        assert!(self.count(|end| end.is_of(&broke)) <= applied(&["cut", "reset"]), "{self:?}");
        let damage = ["prelude_crc", "message_crc", "length", "header_type", "json_body"];
        assert!(self.count(|end| end.is_of(&[ErrorKind::Corrupt])) <= applied(&damage), "{self:?}");
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ends: Vec<_> = self.0.iter().collect();
        ends.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        ends.iter().try_for_each(|(end, count)| writeln!(f, "{count:>8} {end:?}"))
    }
}

/// A client whose attempts are counted, over HTTP/1.1 or HTTP/2.
fn client(url: &str, soak: Soak, http2: bool, attempts: &Arc<AtomicU64>) -> Client {
    let attempts = Arc::clone(attempts);
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let deadlines = Deadlines::off()
        .connect(soak.deadline)
        .head(soak.deadline)
        .first_event(soak.deadline)
        .between_events(soak.deadline);
    Client::builder()
        .ignore_environment()
        .region("us-east-1")
        .endpoint_url(url)
        .credentials(Credentials::new("AKIDEXAMPLE", secret, None, None, "test"))
        .deadlines(deadlines)
        .on_attempt(move |_| {
            attempts.fetch_add(1, Ordering::Relaxed);
        })
        .configure_reqwest(move |http| {
            if http2 {
                http.http2_prior_knowledge().http2_initial_stream_window_size(WINDOW)
            } else {
                http.http1_only()
            }
        })
        .build()
        .unwrap()
}

/// What there is at one time.
#[derive(Clone, Copy, Debug)]
struct Sample {
    tasks: usize,
    client: Usage,
    server: Usage,
    open: usize,
}

impl Sample {
    fn take(server: &Replay, open: usize) -> Self {
        let tasks = Handle::current().metrics().num_alive_tasks();
        Sample { tasks, client: Usage::of("self"), server: server.usage(), open }
    }

    /// Whether nothing is left of what came behind the other.
    fn is_back_at(&self, before: &Sample) -> bool {
        self.tasks <= before.tasks
            && self.client.files <= before.client.files
            && self.server.files <= before.server.files
    }
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> usize) -> usize {
    let mut values: Vec<_> = samples.iter().map(of).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// What of a sample is looked at.
type Figure = (&'static str, fn(&Sample) -> usize);

const MEMORY: [Figure; 2] =
    [("client", |sample| sample.client.resident), ("server", |sample| sample.server.resident)];

/// What there was over the thirds of the time.
struct Thirds<'a>([&'a [Sample]; 3]);

impl<'a> Thirds<'a> {
    fn of(samples: &'a [Sample]) -> Self {
        let third = samples.len() / 3;
        let (first, rest) = samples.split_at(third);
        let (second, last) = rest.split_at(third);
        Thirds([first, second, last])
    }

    fn print(&self) {
        println!("{:26}{:>10}{:>10}{:>10}", "medians over thirds", "first", "second", "last");
        let figures: [Figure; 4] = [
            ("streams open", |sample| sample.open),
            ("client's open files", |sample| sample.client.files),
            ("server's open files", |sample| sample.server.files),
            ("client's tasks", |sample| sample.tasks),
        ];
        let memory = MEMORY.map(|(whose, of)| (format!("{whose}'s memory in KiB"), of));
        let figures = figures.map(|(name, of)| (name.to_owned(), of));
        for (name, of) in memory.into_iter().chain(figures) {
            let [first, second, last] = self.0.map(|samples| median(samples, of));
            println!("{name:26}{first:>10}{second:>10}{last:>10}");
        }
    }

    fn assert_flat(&self) {
        for (whose, of) in MEMORY {
            let [_, second, last] = self.0.map(|samples| median(samples, of));
            let limit = second + second / 10 + MIB;
            assert!(last <= limit, "the {whose}'s memory grows from {second} to {last} KiB");
        }
    }
}

/// How the requests ended that the journal keeps.
fn endings(journal: &Value) -> BTreeMap<&str, usize> {
    let mut endings = BTreeMap::new();
    for entry in journal["requests"].as_array().unwrap() {
        *endings.entry(entry["ended"].as_str().unwrap()).or_default() += 1;
    }
    endings
}

/// Waits until nothing is left, and gives the journal.
async fn all_gone(server: &Replay, before: &Sample) -> Value {
    let start = Instant::now();
    loop {
        let journal = server.control("journal", None).await;
        let now = Sample::take(server, 0);
        if now.is_back_at(before) && !endings(&journal).contains_key("open") {
            println!("after:  {now:?}, {:.1} s later", start.elapsed().as_secs_f64());
            return journal;
        }
        let endings = endings(&journal);
        assert!(start.elapsed() < PATIENCE, "left: {now:?} {endings:?}, before: {before:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

impl Soak {
    async fn run(self) {
        let _alone = ALONE.lock().await;
        // What reqwest needs where it has no TLS provider of its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = self.server();
        let before = Sample::take(&server, 0);
        println!("{self:?}\nbefore: {before:?}");
        server.control("faults", Some(&faults(self))).await;
        let readers = Arc::new(Readers {
            soak: self,
            until: Instant::now() + self.time,
            expected: self.made().frames().unwrap(),
            open: AtomicUsize::new(0),
            events: AtomicU64::new(0),
            attempts: Arc::default(),
            ends: std::sync::Mutex::default(),
        });
        let reading = self.start(&readers, &server.url);
        let samples = self.watch(&readers, &server).await;
        tokio::time::timeout(PATIENCE, reading.join_all()).await.expect("all streams end");
        let journal = all_gone(&server, &before).await;
        let faults = server.control("faults", None).await;
        self.tell(&readers, &samples, &journal, &faults);
    }

    /// Half of the streams over HTTP/1.1, half over HTTP/2.
    fn start(self, readers: &Arc<Readers>, url: &str) -> JoinSet<()> {
        let mut reading = JoinSet::new();
        let half = self.streams / 2;
        for (model, count) in [(HTTP_1, self.streams - half), (HTTP_2, half)] {
            let http2 = model == HTTP_2;
            let mut of_one = None;
            for i in 0..count {
                if i % OF_ONE == 0 {
                    of_one = Some(client(url, self, http2, &readers.attempts));
                }
                let seed = u64::try_from(2 * i + usize::from(http2)).unwrap() << 32;
                reading.spawn(Arc::clone(readers).read_on(of_one.clone().unwrap(), model, seed));
            }
        }
        reading
    }

    /// Takes samples until the time is up.
    async fn watch(self, readers: &Readers, server: &Replay) -> Vec<Sample> {
        let mut samples = Vec::new();
        let mut ticks = tokio::time::interval(self.time / self.samples);
        ticks.tick().await;
        while Instant::now() < readers.until {
            ticks.tick().await;
            samples.push(Sample::take(server, readers.open.load(Ordering::Relaxed)));
        }
        samples
    }

    fn tell(self, readers: &Readers, samples: &[Sample], journal: &Value, faults: &Value) {
        let thirds = Thirds::of(samples);
        thirds.print();
        for (whose, of) in MEMORY {
            let tenths = samples.chunks(samples.len().div_ceil(10));
            let tenths: Vec<_> = tenths.map(|samples| median(samples, of)).collect();
            println!("{whose}'s memory over tenths in KiB: {tenths:?}");
        }
        let ends = readers.ends.lock().unwrap();
        let attempts = readers.attempts.load(Ordering::Relaxed);
        let requests = journal["requests"].as_array().unwrap().last().unwrap()["number"].as_u64();
        println!(
            "{} streams, {} events, {attempts} attempts, {} requests\n{ends}",
            ends.count(|_| true),
            readers.events.load(Ordering::Relaxed),
            requests.unwrap(),
        );
        println!("the newest in the journal ended: {:?}", endings(journal));
        for fault in faults["faults"].as_array().unwrap() {
            println!("{fault}");
        }
        assert!(requests.unwrap() <= attempts, "the server was asked behind the client's back");
        assert!(ends.count(|end| end == End::Whole) > 0);
        ends.assert_explained(faults);
        if self.time >= JUDGED {
            let applied = |fault: &Value| fault["applied"].as_u64().unwrap();
            assert!(faults["faults"].as_array().unwrap().iter().all(|fault| applied(fault) > 0));
            thirds.assert_flat();
        }
    }
}

fn set(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a whole number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_soak_leaves_nothing_behind() {
    let soak = Soak {
        streams: 50,
        time: Duration::from_secs(1),
        events: 15,
        bytes_of_text: 200,
        events_per_second: 100,
        deadline: Duration::from_millis(500),
        samples: 20,
    };
    soak.run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes five minutes: see the head of this file"]
async fn a_long_soak_grows_nothing_and_leaves_nothing_behind() {
    let streams = set("BEDROCK_WIRE_SOAK_STREAMS", 1_000).try_into().unwrap();
    let needed = streams + 100;
    allow_open_files(needed);
    let soak = Soak {
        streams,
        time: Duration::from_secs(set("BEDROCK_WIRE_SOAK_SECONDS", 300).into()),
        events: 60,
        bytes_of_text: 1_000,
        events_per_second: 20,
        deadline: Duration::from_secs(3),
        samples: 150,
    };
    soak.run().await;
}
