//! The figures of tapes, one row each.

use std::io::{self, Write};

use bedrock_wire::tape::{Micros, Timeline};
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::Named;
use crate::print::{DIM, counted, visible};

/// In the order of the columns behind the name.
const FIGURES: [&str; 11] = [
    "head",
    "first event",
    "first text",
    "gap p50",
    "p95",
    "p99",
    "max",
    "duration",
    "server",
    "events/s",
    "bytes/s",
];

pub(super) fn print(named: &[Named], out: &mut impl Write) -> io::Result<()> {
    if named.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["tape"].into_iter().chain(FIGURES));
    for Named { name, timeline, .. } in named {
        let name = visible(name).into_owned();
        table.add_row([name].into_iter().chain(figures(timeline)));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    writeln!(out, "{DIM}times in ms since the request was sent; gaps between arrivals{DIM:#}")
}

fn figures(timeline: &Timeline) -> [String; FIGURES.len()] {
    let gap = |of: fn(&bedrock_wire::tape::Gaps) -> Micros| time(timeline.gaps.as_ref().map(of));
    let server = timeline.server_latency.map(Micros::from);
    [
        time(timeline.head),
        time(timeline.first_event),
        time(timeline.first_text),
        gap(|gaps| gaps.p50),
        gap(|gaps| gaps.p95),
        gap(|gaps| gaps.p99),
        gap(|gaps| gaps.max),
        time(timeline.duration),
        time(server),
        rate(timeline.events_per_second()),
        rate(timeline.bytes_per_second()),
    ]
}

/// In milliseconds, rounded to tenths.
pub(super) fn millis(Micros(micros): Micros) -> String {
    let tenths = micros.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// In milliseconds, to the microsecond.
pub(super) fn exact_millis(Micros(micros): Micros) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

fn time(time: Option<Micros>) -> String {
    time.map_or_else(|| "-".to_owned(), millis)
}

fn rate(rate: Option<f64>) -> String {
    rate.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.1}"))
}

/// `30 events in 28 arrivals, 5788 bytes; 1 block; 32 tokens in, 98 out; complete, end_turn`
pub(super) fn summary(timeline: &Timeline) -> String {
    let mut parts = vec![what_came(timeline)];
    let blocks = timeline.blocks.map(|blocks| counted(blocks, "block"));
    let calls = timeline.tool_calls.filter(|calls| *calls > 0);
    let calls = calls.map(|calls| counted(calls, "tool call"));
    parts.extend(
        blocks.into_iter().chain(calls).reduce(|blocks, calls| format!("{blocks}, {calls}")),
    );
    let tokens = timeline.tokens.map(|tokens| {
        let count = |count: Option<i64>| count.map_or("-".to_owned(), |count| count.to_string());
        format!("{} tokens in, {} out", count(tokens.input), count(tokens.output))
    });
    parts.extend(tokens);
    parts.push(timeline.ending.to_string());
    parts.join("; ")
}

fn what_came(timeline: &Timeline) -> String {
    let bytes = counted(timeline.bytes, "byte");
    let arrivals = timeline.arrivals.as_ref().map(|all| counted(all.len() as u64, "arrival"));
    match (timeline.events.map(|events| counted(events, "event")), arrivals) {
        (Some(events), Some(arrivals)) => format!("{events} in {arrivals}, {bytes}"),
        (Some(events), None) => format!("{events}, {bytes}"),
        (None, Some(arrivals)) => format!("{arrivals}, {bytes}"),
        (None, None) => bytes,
    }
}
