//! `timeline` as its users meet it: figures, strips, JSON and pictures.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod frames;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};
use serde_json::{Value, json};

/// Tapes of these tests' own, whose times stay as they are.
fn fixture(name: &str) -> String {
    format!("{}/tests/timeline/{name}.tape.jsonl", env!("CARGO_MANIFEST_DIR"))
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-wire"));
    command.env_clear();
    command
}

fn timeline(arguments: &[&str]) -> Output {
    program().arg("timeline").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A directory of this test's own, gone at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bedrock-wire-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A text that comes in a frame each at these times, in microseconds.
fn stream(tool: &str, times: &[u64]) -> String {
    let frame = |event_type: &str, payload: Value, at: u64| {
        let headers = json!({":event-type": event_type, ":message-type": "event"});
        json!({"frame": {"headers": headers, "payload": payload}, "at": at})
    };
    let stream = json!([["content-type", "application/vnd.amazon.eventstream"]]);
    let start =
        json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": tool}}});
    let mut lines = vec![
        json!({"tape": 1, "operation": "ConverseStream", "model": "m"}),
        json!({"request": null}),
        json!({"response": {"status": 200, "headers": stream, "at": 0}}),
        frame("messageStart", json!({"role": "assistant"}), times[0]),
    ];
    for at in &times[1..times.len() - 2] {
        lines.push(frame(
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": "a"}}),
            *at,
        ));
    }
    lines.push(frame("contentBlockStart", start, times[times.len() - 2]));
    lines.push(frame("messageStop", json!({"stopReason": "tool_use"}), times[times.len() - 1]));
    lines.push(json!({"pieces": null, "end": "complete"}));
    in_lines(&lines)
}

fn in_lines(lines: &[Value]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
    lines.concat()
}

#[test]
fn the_figures_of_tapes_are_those_that_python_computes_of_their_pieces() {
    // Python: t = [at for size, at in pieces]; g = [b - a for a, b in zip(t, t[1:])];
    // statistics.quantiles(g, n=100, method="inclusive")[49, 94, 98], max(g), t[0],
    // t[-1], sum of sizes, (sum of sizes[1:]) / (t[-1] - t[0]) in seconds. numpy 2.4's
    // percentile(g, [50, 95, 99]) is the same.
    let cases = [
        (
            "text",
            28,
            [48_045.0, 148_047.0, 170_833.88],
            175_504,
            428_876,
            1_949_111,
            5_788,
            3_687.587_774,
        ),
        (
            "tool",
            18,
            [39_199.0, 59_371.2, 60_651.84],
            60_972,
            540_942,
            1_206_760,
            4_156,
            6_024.168_767,
        ),
        (
            "reasoning",
            27,
            [47_893.0, 108_282.75, 147_583.75],
            156_130,
            612_705,
            1_946_885,
            5_857,
            4_282.030_910,
        ),
    ];
    for (name, arrivals, percentiles, max, first, last, bytes, rate) in cases {
        let line = &lines(&timeline(&["--json", &fixture(name)]))[0];
        assert_eq!(line["arrivals"], arrivals, "{name}");
        assert_eq!(line["gaps"]["count"], arrivals - 1);
        for (percentile, expected) in ["p50", "p95", "p99"].into_iter().zip(percentiles) {
            let found = line["gaps"][percentile].as_f64().unwrap();
            assert!(
                (found - expected).abs() <= 0.5,
                "{name} {percentile}: {found}, not {expected}"
            );
        }
        assert_eq!(line["gaps"]["max"], max);
        assert_eq!((&line["firstEvent"], &line["duration"]), (&json!(first), &json!(last)));
        assert_eq!(line["bytes"], bytes);
        let found = line["bytesPerSecond"].as_f64().unwrap();
        assert!((found - rate).abs() < 0.001, "{name}: {found}, not {rate}");
    }
}

#[test]
fn what_a_tape_says_of_its_answer_is_in_its_json() {
    let output = timeline(&["--json", &fixture("tool")]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let line = &lines(&output)[0];
    assert_eq!(line["tape"], fixture("tool"));
    assert_eq!((&line["operation"], &line["status"]), (&json!("ConverseStream"), &json!(200)));
    assert_eq!(
        (&line["events"], &line["blocks"], &line["toolCalls"]),
        (&json!(21), &json!(2), &json!(1))
    );
    assert_eq!(line["serverLatencyMs"], 1197);
    assert_eq!(
        (&line["usage"]["inputTokens"], &line["usage"]["outputTokens"]),
        (&json!(412), &json!(87))
    );
    assert_eq!(
        line["marks"],
        json!([
            {"at": 540_942, "mark": "firstEvent"},
            {"at": 575_113, "mark": "blockStart", "index": 0, "kind": "text"},
            {"at": 575_113, "mark": "firstText"},
            {"at": 728_939, "mark": "toolCall", "index": 1, "name": "get_weather"},
            {"at": 1_202_079, "mark": "messageStop"},
        ])
    );
    assert_eq!(line["end"], json!({"how": "complete", "stopReason": "tool_use"}));
    let not_streamed = &lines(&timeline(&["--json", &fixture("models")]))[0];
    assert_eq!(
        (&not_streamed["duration"], &not_streamed["events"]),
        (&json!(96_652), &Value::Null)
    );
}

#[test]
fn a_directory_is_a_table_and_a_strip_for_each_tape() {
    let tapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/timeline");
    let output = program().arg("timeline").arg(tapes).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    let shown = text(&output.stdout);
    let row = shown.lines().find(|line| line.contains("text.tape.jsonl")).unwrap();
    let figures: Vec<_> = row.split_whitespace().skip(1).collect();
    assert_eq!(
        figures,
        [
            "428.1", "428.9", "541.9", "48.0", "148.0", "170.8", "175.5", "1949.1", "1939.0",
            "18.4", "3687.6"
        ]
    );
    assert!(shown.contains("21 events in 18 arrivals, 4156 bytes; 2 blocks, 1 tool call; 412 tokens in, 87 out; complete, tool_use"));
    assert!(shown.is_ascii(), "no locale says that more can be shown");
    assert!(!shown.contains('\u{1b}'), "no colours where there is no terminal");
    let wide =
        program().env("LANG", "C.UTF-8").args(["timeline", &fixture("text")]).output().unwrap();
    assert!(text(&wide.stdout).contains('█'));
    let dumb = program()
        .envs([("LANG", "C.UTF-8"), ("TERM", "dumb")])
        .args(["timeline", &fixture("text")])
        .output()
        .unwrap();
    assert!(dumb.stdout.is_ascii());
}

#[test]
fn marks_stand_under_the_column_of_their_time() {
    let scratch = Scratch::new("strip");
    let path = scratch.path("made.tape.jsonl");
    // 80 columns over 7.9 s: a column each 100 ms.
    let times = [1_000_000, 1_500_000, 2_000_000, 2_500_000, 7_000_000, 7_900_000];
    fs::write(&path, stream("look", &times)).unwrap();
    let output = timeline(&[&path]);
    let shown: Vec<_> = text(&output.stdout).lines().collect();
    let marks = shown.iter().find(|line| line.starts_with("h ")).unwrap();
    let found: Vec<_> = marks.char_indices().filter(|(_, sign)| !" ~".contains(*sign)).collect();
    assert_eq!(found, [(0, 'h'), (10, '1'), (15, 'b'), (70, 't'), (79, '|')]);
    // The gaps are 500, 500, 500, 4,500 and 900 ms: none is over ten medians.
    assert!(!marks.contains('~'));
    let bars = shown[shown.iter().position(|line| line == marks).unwrap() - 1];
    let columns: Vec<_> =
        bars.char_indices().filter(|(_, c)| *c != ' ').map(|(at, _)| at).collect();
    assert_eq!(columns, [10, 15, 20, 25, 70, 79]);
}

#[test]
fn what_a_tape_does_not_tell_is_a_dash_and_said() {
    let scratch = Scratch::new("untold");
    let path = scratch.path("untold.tape.jsonl");
    let times = [1_000_000, 1_500_000, 2_000_000, 2_100_000];
    let known = stream("look", &times);
    let untold = known.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for place in ["/at", "/response/at"] {
            if let Some(at) = line.pointer_mut(place) {
                *at = Value::Null;
            }
        }
        line
    });
    let untold = in_lines(&untold.collect::<Vec<_>>());
    fs::write(&path, untold).unwrap();
    let output = timeline(&[&path]);
    assert_eq!(output.status.code(), Some(0));
    let row = text(&output.stdout).lines().nth(1).unwrap();
    assert_eq!(row.split_whitespace().filter(|cell| *cell == "-").count(), 11, "{row}");
    assert!(text(&output.stderr).contains("when the head came is not on the tape"));
    assert!(text(&output.stderr).contains("when the body came is not on the tape"));
    assert!(text(&output.stderr).contains("untold.tape.jsonl: when"));
    let twice = timeline(&[&path, &path]);
    assert!(text(&twice.stderr).starts_with("2 tapes: when the body came"));
    assert_eq!(text(&twice.stderr).lines().count(), 2);
    let line = &lines(&timeline(&["--json", &path]))[0];
    for member in
        ["head", "firstEvent", "firstText", "duration", "arrivals", "gaps", "eventsPerSecond"]
    {
        assert!(line[member].is_null(), "{member}");
    }
    assert_eq!(line["marks"][0], json!({"at": null, "mark": "firstEvent"}));
    assert_eq!(line["unknown"].as_array().unwrap().len(), 2);
    let svg = scratch.path("untold.svg");
    assert_eq!(timeline(&[&path, "--svg", &svg]).status.code(), Some(0));
    assert!(fs::read_to_string(svg).unwrap().contains("the times are not on the tape"));
}

#[test]
fn the_help_defines_the_figures_and_names_every_member() {
    let help = timeline(&["--help"]);
    let line = &lines(&timeline(&["--json", &fixture("text")]))[0];
    let members = line.as_object().unwrap().keys();
    for said in
        members.map(String::as_str).chain(["longer than ten times the median", "linear between"])
    {
        assert!(text(&help.stdout).contains(said), "{said}");
    }
}

#[test]
fn a_tape_that_cannot_be_read_is_told_and_the_others_are_shown() {
    let scratch = Scratch::new("unread");
    let broken = scratch.path("broken.tape.jsonl");
    fs::write(&broken, "{}").unwrap();
    let output = timeline(&["--json", &broken, &fixture("text")]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(lines(&output).len(), 1);
    assert!(text(&output.stderr).contains("broken.tape.jsonl"));
    assert_eq!(timeline(&["/no/such/tape"]).status.code(), Some(1));
    fs::remove_file(broken).unwrap();
    assert_eq!(timeline(&[scratch.0.to_str().unwrap()]).status.code(), Some(2));
    let into_nowhere = timeline(&[&fixture("text"), "--svg", "/no/such/directory/t.svg"]);
    assert_eq!(into_nowhere.status.code(), Some(1));
    assert!(text(&into_nowhere.stdout).contains("text.tape.jsonl"), "the table is there");
}

#[test]
fn the_picture_is_there_where_nobody_reads_the_table() {
    let scratch = Scratch::new("unheard");
    let picture = scratch.path("t.svg");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = program();
    command.args(["timeline", &fixture("text"), "--svg", &picture]).stdout(writer);
    command.output().unwrap();
    assert!(fs::read_to_string(picture).unwrap().ends_with("</svg>\n"));
}

/// The pixel of a time, by two labels of the axis.
fn scale(svg: &Document<'_>) -> impl Fn(u64) -> f64 {
    let axis = by_class(svg.root_element(), "axis").next().unwrap();
    let ticks = axis.descendants().filter(|node| node.has_tag_name("text")).map(|label| {
        let shown = label.text().unwrap();
        let seconds = shown.strip_suffix(" s").unwrap_or(shown).parse::<f64>().unwrap();
        (seconds, number(label, "x"))
    });
    let ticks: Vec<_> = ticks.collect();
    let ((from, x), (to, end)) = (ticks[0], *ticks.last().unwrap());
    assert!(ticks.len() > 3 && to > from);
    #[expect(clippy::cast_precision_loss, reason = "a pixel is wider")]
    move |at| x + (at as f64 / 1e6 - from) * (end - x) / (to - from)
}

fn by_class<'a>(node: Node<'a, 'a>, class: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.descendants().filter(move |node| node.attribute("class") == Some(class))
}

fn number(node: Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute).unwrap().parse().unwrap()
}

/// Where a path starts.
fn start(node: Node<'_, '_>) -> f64 {
    let path = node.attribute("d").unwrap().strip_prefix('M').unwrap();
    path.split(' ').next().unwrap().parse().unwrap()
}

fn is_near(x: f64, expected: f64) -> bool {
    (x - expected).abs() < 0.3
}

#[test]
fn a_picture_has_every_mark_at_its_time() {
    let scratch = Scratch::new("svg");
    let (tape, picture) = (scratch.path("<tape> & 'co'.jsonl"), scratch.path("t.svg"));
    let times = [400_000, 500_000, 550_000, 600_000, 3_600_000, 3_650_000, 3_700_000];
    fs::write(&tape, stream("</svg>\u{1b}&", &times)).unwrap();
    let draw = || {
        let output = timeline(&[&tape, &fixture("tool"), "--svg", &picture]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        fs::read_to_string(&picture).unwrap()
    };
    let svg = draw();
    assert_eq!(svg, draw(), "the same for the same tapes");
    let document = Document::parse(&svg).unwrap();
    let x = scale(&document);
    let lanes: Vec<_> = by_class(document.root_element(), "lane").collect();
    let one = |lane: usize, class| by_class(lanes[lane], class).next().unwrap();
    assert!(is_near(number(one(0, "first-event"), "cx"), x(400_000)));
    assert!(is_near(number(one(0, "first-text"), "cx"), x(500_000)));
    assert!(is_near(start(one(0, "block-start")), x(500_000) - 4.5));
    assert!(is_near(start(one(0, "tool-call")), x(3_650_000)));
    assert!(is_near(number(one(0, "message-stop"), "x"), x(3_700_000) - 4.0));
    let stall = one(0, "stall");
    assert!(is_near(number(stall, "x"), x(600_000)));
    assert!(is_near(number(stall, "width"), x(3_600_000) - x(600_000)));
    assert_eq!(stall.children().find_map(|node| node.text()), Some("stall of 3000.0 ms"));
    // From the fixture's lines.
    assert!(is_near(number(one(1, "first-event"), "cx"), x(540_942)));
    assert!(is_near(start(one(1, "tool-call")), x(728_939)));
    assert_eq!(by_class(lanes[1], "stall").count(), 0);
    let tops: Vec<_> = lanes.iter().map(|lane| lane.attribute("transform").unwrap()).collect();
    assert_eq!(tops, ["translate(0 8.0)", "translate(0 132.0)"]);
    // Every arrival has its bar.
    let moves = by_class(lanes[0], "arrivals")
        .map(|path| path.attribute("d").unwrap().matches('M').count());
    assert_eq!(moves.sum::<usize>(), times.len());
}

#[test]
fn a_picture_stands_alone_and_says_in_words_what_it_shows() {
    let scratch = Scratch::new("alone");
    let (tape, picture) = (scratch.path("<tape> & 'co'.jsonl"), scratch.path("t.svg"));
    fs::write(&tape, stream("</svg>\u{1b}&", &[400_000, 500_000, 550_000, 600_000])).unwrap();
    timeline(&[&tape, "--svg", &picture]);
    let svg = fs::read_to_string(&picture).unwrap();
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    for id in root.attribute("aria-labelledby").unwrap().split(' ') {
        let described = root.children().find(|node| node.attribute("id") == Some(id)).unwrap();
        assert!(described.text().is_some_and(|text| text.len() > 10), "{id}");
    }
    for node in root.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let known = ["svg", "g", "title", "desc", "text", "path", "rect", "circle"];
        assert!(known.contains(&name), "{name}");
        for attribute in node.attributes() {
            assert!(!attribute.value().contains("url("), "{attribute:?}");
            assert!(!attribute.name().contains("href") && !attribute.name().starts_with("on"));
        }
    }
    let lane = by_class(root, "lane").next().unwrap();
    let title = |node: Node<'_, '_>| {
        let title = node.children().find(|child| child.has_tag_name("title"));
        title.and_then(|title| title.text()).map(str::to_owned)
    };
    assert_eq!(title(lane), Some(tape));
    let call = by_class(lane, "tool-call").next().unwrap();
    assert_eq!(title(call).unwrap(), "block 1, call of </svg>\\u{1b}&, at 550.0 ms");
    assert!(!svg.contains('\u{1b}'));
    let width = number(root, "width");
    for label in root.descendants().filter(|node| node.has_tag_name("text")) {
        assert!((0.0..=width).contains(&number(label, "x")));
    }
}

/// The event types and payloads of a stream, as AWS's own decoder reads them.
fn events(stream: &[u8]) -> Option<Vec<(String, Value)>> {
    let mut events = Vec::new();
    for (message, _) in frames::by_reference(stream) {
        let header = |name: &str| {
            let mut headers = message.headers().iter();
            let header = headers.find(|header| header.name().as_str() == name)?;
            Some(header.value().as_string().ok()?.as_str().to_owned())
        };
        events.push((header(":event-type")?, serde_json::from_slice(message.payload()).ok()?));
    }
    Some(events)
}

#[test]
fn recorded_streams_have_the_events_blocks_and_tokens_that_other_decoders_find() {
    let Some(corpus) = corpus::find("recordings to tell timelines of") else { return };
    let scratch = Scratch::new("recorded");
    let out = scratch.path("tapes");
    let imported = program()
        .arg("import")
        .arg(corpus.root().join("recordings"))
        .args(["--out", &out])
        .output()
        .unwrap();
    assert_eq!(imported.status.code(), Some(0), "{}", text(&imported.stderr));
    let output = timeline(&["--json", &out]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = lines(&output);
    let line_of = |path: &str| {
        let tape = format!("{out}/{path}.tape.jsonl");
        lines.iter().find(|line| line["tape"] == tape.as_str()).unwrap_or_else(|| panic!("{tape}"))
    };
    let mut checked = 0;
    for recording in corpus.answered("ConverseStream") {
        let Some(events) = events(&recording.response()) else { continue };
        let line = line_of(&recording.path);
        assert_eq!(line["events"], events.len(), "{}", recording.path);
        // None of the recordings has times.
        assert!(
            line["firstEvent"].is_null() && line["gaps"].is_null() && line["duration"].is_null()
        );
        let indices: BTreeSet<_> = events
            .iter()
            .filter_map(|(_, payload)| payload["contentBlockIndex"].as_u64())
            .collect();
        assert_eq!(line["blocks"], indices.len(), "{}", recording.path);
        let calls = events.iter().filter(|(_, payload)| payload["start"]["toolUse"].is_object());
        assert_eq!(line["toolCalls"], calls.count(), "{}", recording.path);
        let said = events.iter().find(|(event_type, _)| event_type == "metadata");
        let said = said.map_or(Value::Null, |(_, payload)| payload.clone());
        assert_eq!(
            line["usage"]["outputTokens"], said["usage"]["outputTokens"],
            "{}",
            recording.path
        );
        assert_eq!(line["serverLatencyMs"], said["metrics"]["latencyMs"], "{}", recording.path);
        checked += 1;
    }
    assert!(checked > 50, "only {checked} streams of ConverseStream");
    let mut chunked = 0;
    for recording in corpus.answered("InvokeModelWithResponseStream") {
        let Some(events) = events(&recording.response()) else { continue };
        let line = line_of(&recording.path);
        assert_eq!(line["events"], events.len(), "{}", recording.path);
        let chunks = events.iter().map(|(_, payload)| {
            let json = STANDARD.decode(payload["bytes"].as_str().unwrap()).unwrap();
            serde_json::from_slice::<Value>(&json).unwrap()
        });
        let chunks: Vec<_> = chunks.collect();
        let mut said = chunks.iter().map(|chunk| &chunk["amazon-bedrock-invocationMetrics"]);
        let metrics = said.find(|metrics| metrics.is_object()).unwrap_or(&Value::Null);
        assert_eq!(
            line["usage"]["outputTokens"], metrics["outputTokenCount"],
            "{}",
            recording.path
        );
        assert_eq!(line["serverFirstByteMs"], metrics["firstByteLatency"], "{}", recording.path);
        let starts = chunks.iter().filter(|chunk| chunk["type"] == "content_block_start").count();
        if chunks.iter().all(|chunk| chunk["type"].is_string()) {
            assert_eq!(line["blocks"], starts, "{}", recording.path);
        }
        if chunks.iter().any(|chunk| chunk["generation"].is_string()) {
            assert!(line["blocks"].is_null(), "{}", recording.path);
        }
        chunked += 1;
    }
    assert!(chunked > 50, "only {chunked} streams of InvokeModelWithResponseStream");
}
