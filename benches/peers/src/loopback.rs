//! Events over loopback TCP: what they take of this process's CPU, the kernel's
//! part for it included.

use std::fs;

use crate::events::Receivers;
use crate::measure::Comparison;
use crate::mix;
use crate::rivals::{ours, runtime, sdk};
use crate::server::{EVENTS, Server, Way};
use crate::table::{Goal, Table};

/// A stream at its pace takes a third of a second.
const MOST_ROUNDS: usize = 31;

/// Streams a round, of those that take a millisecond.
const STREAMS: u64 = 10;

const BYTES_ALONE: &str = "reqwest, bytes alone";

pub fn run(rounds: usize) -> Vec<Table> {
    let rounds = rounds.min(MOST_ROUNDS);
    let than_sdk = Goal::at_most("bedrock-wire", 0.2, "aws-sdk-bedrockruntime");
    let than_bytes = Goal::at_most("bedrock-wire", 1.1, BYTES_ALONE);
    vec![
        over("written in pieces of 16 KiB", Way::Pieces, STREAMS).goal(than_sdk).run(rounds),
        over("a write an event, each read by itself", Way::Events, 1).goal(than_bytes).run(rounds),
    ]
}

fn over(how: &str, way: Way, streams: u64) -> Comparison<'static> {
    let mix = mix::made(EVENTS);
    let server = Server::start(way);
    let (our_client, sdk_client) = (ours(None, Some(&server.url)), sdk(None, Some(&server.url)));
    let receivers = Receivers::new(our_client, sdk_client);
    receivers.check(&mix);
    let mut bytes = bytes_alone(&server.url);
    let length = mix.bytes.len();
    let (mut ours, mut sdk) = receivers.subjects();
    if matches!(way, Way::Events) {
        let before = sleeps();
        let events = ours();
        let sleeps = (sleeps() - before) as f64 / events as f64;
        // Otherwise a read has several events, and less is compared than said.
        assert!(sleeps > 0.8, "{how}: only {sleeps:.2} sleeps an event");
    }
    let title = format!("CPU of {EVENTS} events over loopback TCP, {how}");
    Comparison::of_cpu(title, "ns an event")
        .subject("bedrock-wire", move || (0..streams).map(|_| ours()).sum())
        .subject("aws-sdk-bedrockruntime", move || (0..streams).map(|_| sdk()).sum())
        .subject(BYTES_ALONE, move || {
            // The server goes with the last subject.
            let _serving = &server;
            (0..streams).for_each(|_| assert_eq!(bytes(), length, "the bytes of the stream"));
            streams * EVENTS as u64
        })
}

/// A response's bytes received and counted, over and over.
fn bytes_alone(url: &str) -> impl FnMut() -> usize + 'static {
    let (runtime, url) = (runtime(), url.to_owned());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    move || {
        runtime.block_on(async {
            let mut response = client.post(&url).body("{}").send().await.expect("an answer");
            let mut length = 0;
            while let Some(piece) = response.chunk().await.expect("a piece") {
                length += piece.len();
            }
            length
        })
    }
}

/// How often this thread has waited.
fn sleeps() -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.and_then(|count| count.trim().parse().ok()).expect("a number")
}
