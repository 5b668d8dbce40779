//! Frames byte by byte, with what the bytes are.

use std::io::{self, Write};

use bedrock_wire::eventstream::{Layout, Part, PartKind};
use bytes::Bytes;

use super::Frame;
use crate::print::visible;

/// Bytes in a row.
const ROW: usize = 16;

/// How much of what cannot be read is shown.
const UNREAD_SHOWN: usize = 64;

/// Prints the good frames, and then `rest`: what the stream has behind them.
pub fn print(frames: &[Frame], rest: &Bytes, out: &mut impl Write) -> io::Result<()> {
    for (number, frame) in frames.iter().enumerate() {
        let bytes = frame.message.frame();
        let (offset, length, kind) = (frame.offset, bytes.len(), visible(frame.kind()));
        writeln!(out, "frame {number} at byte {offset}, {length} bytes: {kind}")?;
        print_parts(bytes, offset, out)?;
        writeln!(out)?;
    }
    if rest.is_empty() {
        return Ok(());
    }
    let offset = frames.last().map_or(0, |last| last.offset + last.message.frame().len() as u64);
    print_broken(frames.len(), rest, offset, out)
}

fn print_parts(frame: &[u8], offset: u64, out: &mut impl Write) -> io::Result<usize> {
    let layout = Layout::of(frame);
    for part in &layout.parts {
        let bytes = &frame[part.range.clone()];
        print_rows(bytes, offset + part.range.start as u64, &said(part, bytes), out)?;
    }
    Ok(layout.parts.last().map_or(0, |part| part.range.end))
}

/// The frame that a decoder stops at, as far as it can be read, and the start
/// of what is behind.
fn print_broken(number: usize, rest: &[u8], offset: u64, out: &mut impl Write) -> io::Result<()> {
    let why = match Layout::of(rest).error {
        Some(error) => error.kind().to_string(),
        None => "the decoder takes no more".to_owned(),
    };
    writeln!(out, "frame {number} at byte {offset}, broken: {}", visible(&why))?;
    let read = print_parts(rest, offset, out)?;
    let unread = &rest[read..];
    let shown = &unread[..unread.len().min(UNREAD_SHOWN)];
    let at = offset + read as u64;
    if !shown.is_empty() {
        print_rows(shown, at, "not read: no telling where the next frame starts", out)?;
    }
    if let more @ 1.. = unread.len() - shown.len() {
        writeln!(out, "{more} more bytes are not shown")?;
    }
    Ok(())
}

fn print_rows(bytes: &[u8], offset: u64, said: &str, out: &mut impl Write) -> io::Result<()> {
    for (row, at) in bytes.chunks(ROW).zip((offset..).step_by(ROW)) {
        let text: String = row.iter().copied().map(printable).collect();
        let line = format!("{at:08x}  {:<47}  {:<18}", hex(row).join(" "), format!("|{text}|"));
        if at == offset {
            writeln!(out, "{line}  {said}")?;
        } else {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn printable(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { byte.into() } else { '.' }
}

/// What a part is and says.
fn said(part: &Part, bytes: &[u8]) -> String {
    match part.kind {
        PartKind::TotalLength(length) => format!("total length {length}"),
        PartKind::HeadersLength(length) => format!("headers length {length}"),
        PartKind::PreludeCrc { expected, computed } => checksum("prelude", expected, computed),
        PartKind::NameLength(length) => format!("header: name length {length}"),
        PartKind::Name => format!("  name {}", text(bytes)),
        PartKind::ValueType(number) => format!("  type {number}, {}", type_name(number)),
        PartKind::ValueLength(length) => format!("  value length {length}"),
        PartKind::Value { value_type } => format!("  value {}", value(value_type, bytes)),
        PartKind::Payload => format!("payload, {} bytes", bytes.len()),
        PartKind::MessageCrc { expected, computed } => checksum("message", expected, computed),
        PartKind::Unread => "cannot be told apart".to_owned(),
        _ => "not known to this program".to_owned(),
    }
}

fn checksum(of: &str, expected: u32, computed: u32) -> String {
    if expected == computed {
        return format!("{of} CRC {expected:#010x}, right");
    }
    format!("{of} CRC {expected:#010x}, WRONG: the bytes give {computed:#010x}")
}

fn type_name(number: u8) -> &'static str {
    match number {
        0 => "true",
        1 => "false",
        2 => "byte",
        3 => "int16",
        4 => "int32",
        5 => "int64",
        6 => "bytes",
        7 => "string",
        8 => "timestamp",
        9 => "uuid",
        10..=u8::MAX => "which is none",
    }
}

/// Text of the wire's, with nothing in it that steers a terminal.
fn text(bytes: &[u8]) -> String {
    visible(&format!("\"{}\"", String::from_utf8_lossy(bytes))).into_owned()
}

fn value(value_type: u8, bytes: &[u8]) -> String {
    match value_type {
        2..=5 => number(bytes).to_string(),
        7 => text(bytes),
        8 => format!("{} ms since 1970", number(bytes)),
        9 => hex(bytes).concat(),
        _ => format!("of {} bytes", bytes.len()),
    }
}

/// A signed number of up to eight bytes.
fn number(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_are_signed() {
        assert_eq!(number(&[0xff]), -1);
        assert_eq!(number(&[0x7f, 0xff]), 32_767);
        assert_eq!(number(&[0x80, 0, 0, 0]), i64::from(i32::MIN));
        assert_eq!(number(&i64::MIN.to_be_bytes()), i64::MIN);
    }

    #[test]
    fn what_the_wire_says_steers_no_terminal() {
        assert_eq!(text(b"a\x1b[31m\n"), "\"a\\u{1b}[31m\\n\"");
        assert_eq!(printable(0x1b), '.');
    }
}
