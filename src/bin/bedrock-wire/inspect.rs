//! `inspect`: what is in an event stream.

mod hex;

use std::io::{self, BufWriter, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bedrock_wire::eventstream::{Decoder, Error, Message};
use bedrock_wire::model::ConverseResponse;
use bedrock_wire::stream::{Accumulator, ConverseStreamOutput, EventDecoder, StreamError};
use bedrock_wire::tape::FrameHeaders;
use bytes::Bytes;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};
use serde_json::value::{RawValue, to_raw_value};

use crate::args::Inspect;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::print::{self, visible};

/// How much of a payload a table shows.
const PAYLOAD_START: usize = 80;

pub fn run(args: &Inspect) -> Result<(), Failure> {
    let instead = "`bedrock-wire export TAPE --raw FILE` writes the bytes that can be inspected";
    let stream = input::read_no_tape(&args.file, instead)?;
    if args.response {
        return response(stream);
    }
    let (frames, end) = frames(stream.clone());
    if args.hex {
        let good: usize = frames.iter().map(|frame| frame.message.frame().len()).sum();
        let mut out = BufWriter::new(io::stdout());
        hex::print(&frames, &stream.slice(good..), &mut out)?;
        out.flush()?;
    } else if args.json {
        frames.iter().enumerate().try_for_each(|(index, frame)| frame.print_json(index))?;
    } else {
        print_table(&frames)?;
    }
    end.map_err(|error| Failure::new(Exit::Stream, error))
}

struct Frame {
    offset: u64,
    message: Message,
}

/// All good frames, and how the stream ends.
fn frames(stream: Bytes) -> (Vec<Frame>, Result<(), Error>) {
    let mut decoder = Decoder::new();
    decoder.push(stream);
    let mut frames = Vec::new();
    loop {
        let offset = decoder.offset();
        match decoder.next() {
            Ok(Some(message)) => frames.push(Frame { offset, message }),
            Ok(None) => return (frames, decoder.finish()),
            Err(error) => return (frames, Err(error)),
        }
    }
}

impl Frame {
    /// `:event-type` or its like; a message without has no kind.
    fn kind(&self) -> &str {
        let headers = self.message.headers();
        let kinds = [":event-type", ":exception-type", ":error-code"];
        kinds.iter().find_map(|name| headers.get(name)?.as_str()).unwrap_or("-")
    }

    fn payload_start(&self) -> String {
        let text = String::from_utf8_lossy(self.message.payload());
        let first: String = text.chars().take(PAYLOAD_START).collect();
        let mut start = visible(&first).into_owned();
        if first.len() < text.len() {
            start.push('…');
        }
        start
    }

    fn print_json(&self, index: usize) -> io::Result<()> {
        let line = Line {
            index,
            offset: self.offset,
            length: self.message.frame().len(),
            headers: &FrameHeaders::of(self.message.headers()),
            payload: payload_json(self.message.payload())?,
        };
        writeln!(io::stdout(), "{}", line.to_json()?)
    }
}

struct Line<'a> {
    index: usize,
    offset: u64,
    length: usize,
    headers: &'a FrameHeaders,
    payload: Box<RawValue>,
}

impl Line<'_> {
    fn to_json(&self) -> serde_json::Result<String> {
        let headers = serde_json::to_string(self.headers)?;
        let Line { index, offset, length, payload, .. } = self;
        Ok(format!(
            r#"{{"index":{index},"offset":{offset},"length":{length},"headers":{headers},"payload":{payload}}}"#
        ))
    }
}

/// The payload as it is if it is JSON on one line.
fn payload_json(payload: &[u8]) -> serde_json::Result<Box<RawValue>> {
    let one_line = !payload.contains(&b'\n') && !payload.contains(&b'\r');
    match serde_json::from_slice::<Box<RawValue>>(payload) {
        Ok(json) if one_line => Ok(json),
        _ => to_raw_value(&serde_json::json!({ "base64": STANDARD.encode(payload) })),
    }
}

fn print_table(frames: &[Frame]) -> io::Result<()> {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["offset", "length", "kind", "payload"]);
    for frame in frames {
        table.add_row([
            frame.offset.to_string(),
            frame.message.frame().len().to_string(),
            visible(frame.kind()).into_owned(),
            frame.payload_start(),
        ]);
    }
    for index in [0, 1] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(8)));
        }
    }
    writeln!(io::stdout(), "{}", table.trim_fmt())
}

/// The response that the events add up to, and how the stream ends.
fn response(stream: Bytes) -> Result<(), Failure> {
    let mut decoder = EventDecoder::new(None);
    decoder.push(stream);
    let (mut accumulator, mut known) = (Accumulator::new(), false);
    let end = loop {
        match decoder.next() {
            Ok(Some(event)) => {
                known |= !matches!(event.output(), ConverseStreamOutput::Unknown(_));
                accumulator.add(&event);
            }
            Ok(None) => break decoder.finish(),
            Err(error) => break Err(error),
        }
    };
    let accumulated = accumulator.finish();
    if known {
        print_json(&accumulated.response)?;
        print::left_out(&accumulated)?;
    } else if let Some(first) = accumulated.leftovers.first() {
        return Err(not_converse(&first.event_type));
    }
    end.map_err(|error| Failure::new(exit_of(&error), error))
}

fn not_converse(event_type: &str) -> Failure {
    Failure::usage(format!(
        "the stream has events of type `{event_type}` and none of ConverseStream's: they add up to no \
         response; leave --response out to see its frames"
    ))
}

/// As when the stream had come from the network.
fn exit_of(error: &StreamError) -> Exit {
    error.service_error().map_or(Exit::Stream, Exit::from)
}

fn print_json(response: &ConverseResponse) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(response)
        .map_err(|error| Failure::new(Exit::Stream, error))?;
    Ok(writeln!(io::stdout(), "{json}")?)
}
