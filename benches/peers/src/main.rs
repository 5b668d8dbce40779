//! bedrock-wire and its peers at the same work, side by side in one run.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml -- [--json FILE] [--rounds N] [PART...]`
//!
//! Without a part it does all but `build`, which takes minutes and is done when
//! it is named; `all` is every one. `loopback`, `waiting`, `start` and `build`
//! are for Linux; `languages` takes python3, node 20.15 and npm, and what they
//! install.

mod builds;
mod escapes;
mod events;
mod files;
mod frames;
mod hello;
mod languages;
mod loopback;
mod measure;
mod mix;
mod requests;
mod rivals;
mod server;
mod start;
mod table;
mod waiting;

use std::env;
use std::fs;

use serde_json::json;
use table::Table;

/// Measures in so many rounds.
type Part = fn(usize) -> Vec<Table>;

const PARTS: [(&str, Part); 9] = [
    ("frames", frames::run),
    ("languages", languages::run),
    ("events", events::run),
    ("escapes", escapes::run),
    ("requests", requests::run),
    ("loopback", loopback::run),
    ("waiting", waiting::run),
    ("start", start::run),
    ("build", builds::run),
];

/// What is to be done.
struct Plan {
    rounds: usize,
    json: Option<String>,
    parts: Vec<(&'static str, Part)>,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // What this program starts itself as.
        ["serve", way] => server::main(way),
        ["wait", client, task, url] => waiting::main(client, task, url),
        _ => measure(plan(arguments.into_iter())),
    }
}

fn measure(plan: Plan) {
    let mut tables = Vec::new();
    for (_, part) in plan.parts {
        for table in part(plan.rounds) {
            table.print();
            tables.push(table.to_json());
        }
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
                plan.rounds = rounds.filter(|&rounds| rounds > 0).expect("--rounds takes a number");
            }
            "--json" => plan.json = Some(arguments.next().expect("--json takes a file")),
            "all" => plan.parts.extend(PARTS),
            name => match PARTS.iter().find(|(part, _)| *part == name) {
                Some(part) => plan.parts.push(*part),
                None => {
                    panic!("`{name}` is no part: all, {}", PARTS.map(|(name, _)| name).join(", "))
                }
            },
        }
    }
    if plan.parts.is_empty() {
        plan.parts.extend(PARTS.into_iter().filter(|(name, _)| *name != "build"));
    }
    plan
}
