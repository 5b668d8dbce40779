//! bedrock-wire and its peers at the same work, side by side in one run.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml -- [--json FILE] [--rounds N] [PART...]`
//!
//! Parts: `frames`, `events`, `requests`; without one, all of them.

mod events;
mod frames;
mod measure;
mod mix;
mod requests;
mod rivals;

use std::env;
use std::fs;

use serde_json::{Value, json};

/// What is to be done.
struct Plan {
    rounds: usize,
    json: Option<String>,
    parts: Vec<String>,
}

fn main() {
    let plan = plan(env::args().skip(1));
    let wanted = |part: &str| plan.parts.is_empty() || plan.parts.iter().any(|name| name == part);
    let mut tables: Vec<Value> = Vec::new();
    for mix in [mix::real(), mix::escapes()] {
        if wanted("frames") {
            tables.extend(frames::run(&mix, plan.rounds));
        }
        if wanted("events") {
            tables.extend(events::run(&mix, plan.rounds));
        }
    }
    if wanted("requests") {
        tables.extend(requests::run(plan.rounds));
    }
    if let Some(file) = plan.json {
        let all = json!({"rounds": plan.rounds, "tables": tables});
        fs::write(&file, format!("{all:#}\n")).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Plan {
    let mut plan = Plan { rounds: 51, json: None, parts: Vec::new() };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                let rounds = arguments.next().and_then(|text| text.parse().ok());
                plan.rounds = rounds.expect("--rounds takes a number");
            }
            "--json" => plan.json = Some(arguments.next().expect("--json takes a file")),
            part @ ("frames" | "events" | "requests") => plan.parts.push(part.to_owned()),
            other => panic!("`{other}` is no part: frames, events, requests"),
        }
    }
    plan
}
