//! Time and bytes a second of the codec, the event layer and requests: `cargo
//! bench --bench codec`.
//!
//! Over the streams in `fixtures/`, a mix full of escapes, and the recordings
//! if `BEDROCK_WIRE_CORPUS` says where they are. The peers are measured beside
//! it, and at the end `side_by_side` gives the ratios.
#![allow(missing_docs, reason = "made by criterion")]

mod side_by_side;
#[path = "../work/mod.rs"]
mod work;

use std::rc::Rc;

use bedrock_wire::eventstream::Message;
use bedrock_wire::model::ConverseRequest;
use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group};
use work::{Arrival, Corpus, Work};

const ARRIVALS: [(&str, Arrival); 4] = [
    ("whole", Arrival::Whole),
    ("16 KiB", Arrival::Pieces(16 * 1024)),
    ("1,400 bytes", Arrival::Pieces(1400)),
    ("a frame", Arrival::FrameByFrame),
];

/// All work over a corpus, that over frames first and then that over the
/// payloads of its deltas.
fn works(corpus: &Corpus) -> [Vec<Work<'static>>; 2] {
    let messages = Rc::new(work::all_messages(&corpus.streams));
    let events = work::stream_events(&corpus.streams);
    let mut frames = vec![of("crc32fast alone", &messages, work::checksums)];
    for (name, arrival) in ARRIVALS {
        let pieces = work::pieces(&corpus.streams, arrival);
        let over = |what, work| {
            let pieces = pieces.clone();
            Work::new(format!("{what}, {name}"), move || pieces.clone(), work)
        };
        frames.push(over("decode", work::decode as fn(_) -> _));
        frames.push(over("smithy", work::decode_by_smithy));
        frames.push(over("events", work::events));
    }
    frames.push(Work::new("accumulate", || (), move |()| work::accumulate(&events)));
    frames.push(of("encode", &messages, work::encode_all));
    let deltas = Rc::new(work::deltas(&messages));
    let payloads = vec![
        of("event from its message", &deltas, work::read),
        of("serde, the same types", &deltas, work::read_by_serde),
        of("serde, derived", &deltas, work::read_by_derived_serde),
    ];
    [frames, payloads]
}

fn of(name: &str, messages: &Rc<Vec<Message>>, work: fn(&[Message]) -> usize) -> Work<'static> {
    let messages = Rc::clone(messages);
    Work::new(name, || (), move |()| work(&messages))
}

fn codec(criterion: &mut Criterion) {
    for corpus in work::corpora() {
        let messages = work::all_messages(&corpus.streams);
        let payloads = work::deltas(&messages).iter().map(|m| m.payload().len()).sum();
        let lengths = [corpus.streams.iter().map(Bytes::len).sum::<usize>(), payloads];
        let mut group = criterion.benchmark_group(corpus.name);
        for (works, bytes) in works(&corpus).iter().zip(lengths) {
            group.throughput(Throughput::Bytes(bytes as u64));
            time(&mut group, works);
        }
        group.finish();
    }
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("requests");
    for (name, request) in [("100 blocks", work::request()), ("1 MiB", work::long_request())] {
        let request = Rc::new(request);
        let over = |what, work: fn(&ConverseRequest) -> usize| {
            let request = Rc::clone(&request);
            Work::new(format!("{what}, {name}"), || (), move |()| work(&request))
        };
        let works = [
            over("written by serde", work::write),
            over("built", work::build),
            #[cfg(feature = "sigv4")]
            over("built and signed", work::sign),
        ];
        group.throughput(Throughput::Bytes(work::length(&request)));
        time(&mut group, &works);
    }
    group.finish();
}

fn time(group: &mut BenchmarkGroup<'_, WallTime>, works: &[Work<'_>]) {
    for work in works {
        group.bench_function(&work.name, |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| work.run().0).sum());
        });
    }
}

criterion_group!(benches, codec, requests);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
    // Of a test that everything runs, no figures are wanted.
    if !std::env::args().any(|argument| argument == "--test") {
        side_by_side::print();
    }
}
