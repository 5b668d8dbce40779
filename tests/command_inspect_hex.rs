//! `inspect --hex` on frames that AWS's own encoder made.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;

fn inspect(options: &[&str], stream: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"))
        .env_clear()
        .arg("inspect")
        .args(options)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stream);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// One header of each type: its name, the length of its value on the wire,
/// that of the field of its length, and what is said of it.
fn headers() -> Vec<(Header, usize, usize, &'static str)> {
    let uuid = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10;
    vec![
        (Header::new("yes", HeaderValue::Bool(true)), 0, 0, ""),
        (Header::new("no", HeaderValue::Bool(false)), 0, 0, ""),
        (Header::new("byte", HeaderValue::Byte(-5)), 1, 0, "value -5"),
        (Header::new("short", HeaderValue::Int16(-300)), 2, 0, "value -300"),
        (Header::new("int", HeaderValue::Int32(70_000)), 4, 0, "value 70000"),
        (Header::new("long", HeaderValue::Int64(-1)), 8, 0, "value -1"),
        (
            Header::new("bytes", HeaderValue::ByteArray(Bytes::from_static(b"\0\x01\x02"))),
            3,
            2,
            "value of 3 bytes",
        ),
        (
            Header::new("text", HeaderValue::String("a longer text than a row".into())),
            24,
            2,
            "value \"a longer text than a row\"",
        ),
        (
            Header::new("when", HeaderValue::Timestamp(DateTime::from_millis(1_234))),
            8,
            0,
            "value 1234 ms since 1970",
        ),
        (
            Header::new("uuid", HeaderValue::Uuid(uuid)),
            16,
            0,
            "value 0102030405060708090a0b0c0d0e0f10",
        ),
    ]
}

const PAYLOAD: &[u8] = br#"{"a":"twenty-six bytes long"}"#;

fn stream() -> (Vec<u8>, usize) {
    let headers = headers().into_iter().map(|(header, ..)| header).collect();
    let message = Message::new_from_parts(headers, Bytes::from_static(PAYLOAD));
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame).unwrap();
    let length = frame.len();
    (frame.repeat(2), length)
}

/// The offset at the start of the one line that ends as said, from `from` on.
fn offset_of(lines: &[(u64, &str)], from: u64, said: &str) -> u64 {
    let found = lines.iter().find(|(at, line)| *at >= from && line.ends_with(said));
    found.unwrap_or_else(|| panic!("no {said:?} from {from} on")).0
}

#[test]
fn every_part_is_at_the_byte_where_aws_s_encoder_put_it() {
    let (stream, length) = stream();
    let output = inspect(&["--hex"], &stream);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let rows = shown.lines().filter_map(|line| {
        let at = u64::from_str_radix(line.get(..8)?, 16).ok()?;
        Some((at, line))
    });
    let rows: Vec<_> = rows.collect();
    for start in [0, length] {
        let start = start as u64;
        let find = |from: u64, said: &str| offset_of(&rows, from, said);
        assert_eq!(find(start, &format!("total length {length}")), start);
        assert_eq!(find(start, ", right"), start + 8);
        let mut at = start + 12;
        for (header, value, of_length, said) in headers() {
            let name = header.name().as_str();
            assert_eq!(find(at, &format!("header: name length {}", name.len())), at);
            assert_eq!(find(at, &format!("name \"{name}\"")), at + 1);
            let value_at = at + 1 + name.len() as u64 + 1 + of_length as u64;
            if value > 0 {
                assert_eq!(find(at, said), value_at, "{name}");
            }
            at = value_at + value as u64;
        }
        let payload = format!("payload, {} bytes", PAYLOAD.len());
        assert_eq!(find(at, &payload), at);
        assert_eq!(find(at, ", right"), at + PAYLOAD.len() as u64);
        assert_eq!(at + PAYLOAD.len() as u64 + 4, start + length as u64);
    }
    // The columns of hex are the stream, to the byte.
    let hex: Vec<u8> = rows
        .iter()
        .flat_map(|(_, row)| row[10..57].split_whitespace())
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect();
    assert_eq!(hex, stream);
}

#[test]
fn a_checksum_that_is_wrong_is_said_and_the_frame_is_read_all_the_same() {
    let (mut stream, length) = stream();
    let last = length - 1;
    stream[last] ^= 1;
    let output = inspect(&["--hex"], &stream);
    assert_eq!(output.status.code(), Some(6));
    let shown = text(&output.stdout);
    assert!(shown.starts_with("frame 0 at byte 0, broken: message checksum mismatch"), "{shown}");
    assert!(shown.contains("value \"a longer text than a row\""), "{shown}");
    assert!(shown.contains("message CRC 0x") && shown.contains(", WRONG: the bytes give 0x"));
    assert!(shown.contains("not read: no telling where the next frame starts"));
    assert!(shown.ends_with(&format!("{} more bytes are not shown\n", length - 64)), "{shown}");
    assert!(text(&output.stderr).starts_with("error: message checksum mismatch"));
}

#[test]
fn a_frame_that_is_cut_is_read_up_to_the_cut() {
    let (stream, length) = stream();
    for cut in [3, 12, 14, length - 2] {
        let output = inspect(&["--hex"], &stream[..length + cut]);
        assert_eq!(output.status.code(), Some(6), "cut at {cut}");
        let shown = text(&output.stdout);
        let broken = format!("frame 1 at byte {length}, broken: the input ends inside a message");
        assert!(shown.contains(&broken), "{shown}");
        let rows = shown.lines().filter(|line| line.get(8..10) == Some("  "));
        let bytes: usize = rows.map(|row| row[10..57].split_whitespace().count()).sum();
        assert_eq!(bytes, length + cut, "every byte is shown");
    }
}

#[test]
fn what_is_no_event_stream_is_not_shown_at_length() {
    let html = "<html>".repeat(1_000);
    let output = inspect(&["--hex"], html.as_bytes());
    assert_eq!(output.status.code(), Some(6));
    let shown = text(&output.stdout);
    assert!(shown.contains("prelude CRC 0x") && shown.contains("WRONG"), "{shown}");
    assert!(shown.lines().count() < 20, "{shown}");
    assert_eq!(inspect(&["--hex", "--json"], b"").status.code(), Some(2));
    let empty = inspect(&["--hex"], b"");
    assert_eq!((empty.status.code(), text(&empty.stdout)), (Some(0), ""));
}
