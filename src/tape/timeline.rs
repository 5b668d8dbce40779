//! When an answer came, in figures.

mod arrival;
mod chunk;
mod ending;
mod gaps;
mod mark;
mod said;
mod story;
#[cfg(test)]
mod tests;
mod tokens;
mod unknown;

use std::time::Duration;

use http::StatusCode;

pub use arrival::Arrival;
pub use ending::Ending;
pub use gaps::Gaps;
pub use mark::{Mark, MarkKind};
pub use tokens::Tokens;
pub use unknown::Unknown;

use self::said::Said;
use self::story::Story;
use super::body::RecordedBody;
use super::exchange::Tape;
use super::piece::Micros;
use crate::model::{ConverseResponse, from_bytes};

/// When an answer came, and what came when: the figures of a [`Tape`].
///
/// All times are since the request was sent. What the tape does not tell is
/// `None`, and [`unknown`](Self::unknown) says why; nothing is made up.
///
/// An *event* is a message of the stream, an *arrival* what the HTTP library
/// handed out at one time: several events may come in one arrival, and one
/// event in several. A [gap](Gaps) is the time between two arrivals.
///
/// Of an answer that is no event stream there are head, duration and size, and
/// what the service says of its time and tokens.
///
/// ```
/// use bedrock_wire::tape::{Ending, Micros, Tape, Timeline};
///
/// let lines = r#"
/// {"tape":1,"operation":"ConverseStream","model":"amazon.nova-lite-v1:0"}
/// {"request":null}
/// {"response":{"status":200,"headers":[["content-type","application/vnd.amazon.eventstream"]],"at":301200}}
/// {"frame":{"headers":{":event-type":"messageStart",":content-type":"application/json",":message-type":"event"},"payload":{"role":"assistant"}},"at":301950}
/// {"frame":{"headers":{":event-type":"contentBlockDelta",":content-type":"application/json",":message-type":"event"},"payload":{"contentBlockIndex":0,"delta":{"text":"Hello"}}},"at":340018}
/// {"pieces":null,"end":"cut"}
/// "#;
/// let tape = Tape::read(lines.as_bytes(), "hello.tape.jsonl")?;
/// let timeline = Timeline::of(&tape);
/// assert_eq!(timeline.first_event, Some(Micros(301_950)));
/// assert_eq!(timeline.first_text, Some(Micros(340_018)));
/// assert_eq!(timeline.gaps.unwrap().max, Micros(38_068));
/// assert_eq!(timeline.ending, Ending::Cut);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Timeline {
    /// The status of the answer.
    pub status: StatusCode,
    /// When its head came.
    pub head: Option<Micros>,
    /// When the first event had come, whatever it says.
    pub first_event: Option<Micros>,
    /// When the first text had come that is not empty. Reasoning and the input
    /// of tools are no text.
    pub first_text: Option<Micros>,
    /// When the last byte came.
    pub duration: Option<Micros>,
    /// The arrivals, in order: the pieces of the body that are not empty or,
    /// where those are not on the tape, the frames that have one time.
    pub arrivals: Option<Vec<Arrival>>,
    /// The times between arrivals, if there are two at least.
    pub gaps: Option<Gaps>,
    /// How many events came before the end or what broke the stream; `None` of
    /// an answer that is no event stream.
    pub events: Option<u64>,
    /// How many bytes the body has.
    pub bytes: u64,
    /// How many content blocks began; `None` where the stream's format is not
    /// known.
    pub blocks: Option<u64>,
    /// How many of them call a tool.
    pub tool_calls: Option<u64>,
    /// The tokens that the service counted.
    pub tokens: Option<Tokens>,
    /// How long the service says that it took.
    pub server_latency: Option<Duration>,
    /// How long the service says that it took to the first byte. Streams of
    /// InvokeModelWithResponseStream alone tell.
    pub server_first_byte: Option<Duration>,
    /// What came when, in order.
    pub marks: Vec<Mark>,
    /// How it ended.
    pub ending: Ending,
    /// What the tape does not tell.
    pub unknown: Vec<Unknown>,
}

impl Timeline {
    /// The figures of a tape. Streams of ConverseStream are read, and those of
    /// InvokeModelWithResponseStream as far as they are in the format of
    /// Claude's Messages API or of Amazon Nova.
    pub fn of(tape: &Tape) -> Self {
        let mut timeline = match &tape.response.body {
            RecordedBody::Whole(_) => Self::of_whole(tape),
            RecordedBody::Stream { .. } => {
                let story = Story::of(&tape.response);
                Self::of_stream(tape, story)
            }
        };
        timeline.unknown = unknown::of(&timeline, tape);
        timeline
    }

    fn of_whole(tape: &Tape) -> Self {
        let arrivals = arrival::of(&tape.response, 0);
        let said = whole(tape);
        Self {
            duration: arrival::last(&tape.response, arrivals.as_deref()),
            tokens: said.tokens,
            server_latency: said.latency,
            ending: Ending::of_whole(&tape.response, said.stop_reason),
            arrivals,
            ..Self::blank(tape)
        }
    }

    fn of_stream(tape: &Tape, story: Story) -> Self {
        let response = &tape.response;
        let arrivals = arrival::of(response, story.events);
        let gaps = arrivals.as_deref().and_then(Gaps::of);
        let known = !story.is_foreign;
        let mut timeline = Self {
            first_event: story.first_event,
            first_text: story.first_text,
            duration: arrival::last(response, arrivals.as_deref()),
            events: Some(story.events),
            blocks: known.then_some(story.blocks.len() as u64),
            tool_calls: known.then_some(story.tool_calls),
            tokens: story.tokens,
            server_latency: story.latency,
            server_first_byte: story.first_byte,
            ending: Ending::of_stream(response, &story),
            marks: story.marks,
            unknown: unknown::of_events(story.unread, story.is_foreign),
            gaps,
            arrivals,
            ..Self::blank(tape)
        };
        timeline.mark_stalls();
        timeline
    }

    fn blank(tape: &Tape) -> Self {
        Self {
            status: tape.response.status,
            head: tape.response.at,
            first_event: None,
            first_text: None,
            duration: None,
            arrivals: None,
            gaps: None,
            events: None,
            bytes: tape.response.body.len() as u64,
            blocks: None,
            tool_calls: None,
            tokens: None,
            server_latency: None,
            server_first_byte: None,
            marks: Vec::new(),
            ending: Ending::Unknown,
            unknown: Vec::new(),
        }
    }

    /// Puts the stalls where they begin among the marks.
    fn mark_stalls(&mut self) {
        let (Some(arrivals), Some(gaps)) = (&self.arrivals, &self.gaps) else { return };
        for stall in gaps.stalls(arrivals) {
            let later = self.marks.iter().position(|mark| mark.at > stall.at);
            self.marks.insert(later.unwrap_or(self.marks.len()), stall);
        }
    }

    /// Events a second, from the first arrival to the last: those of the first
    /// are left out, for there is no telling how long they took. `None` where
    /// times are unknown or there is no time between.
    pub fn events_per_second(&self) -> Option<f64> {
        self.events.and(self.rate(|arrival| arrival.events))
    }

    /// Bytes a second, from the first arrival to the last, counted as events
    /// are.
    pub fn bytes_per_second(&self) -> Option<f64> {
        self.rate(|arrival| arrival.bytes)
    }

    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
    fn rate(&self, count: impl Fn(&Arrival) -> u64) -> Option<f64> {
        let [first, later @ .., last] = self.arrivals.as_deref()? else { return None };
        let span = Duration::from_micros(last.at.0.saturating_sub(first.at.0));
        let counted = later.iter().map(&count).sum::<u64>() + count(last);
        (!span.is_zero()).then(|| counted as f64 / span.as_secs_f64())
    }
}

/// What an answer that is no stream says of itself, in its body or its
/// headers.
fn whole(tape: &Tape) -> Said {
    if !tape.response.status.is_success() {
        return Said::default();
    }
    let body = tape.body_bytes();
    if tape.operation == "Converse"
        && let Ok(answer) = from_bytes::<ConverseResponse>(&body)
    {
        return Said {
            stop_reason: answer.stop_reason.map(|reason| reason.as_str().to_owned()),
            tokens: answer.usage.as_ref().map(Tokens::from),
            latency: answer.metrics.and_then(|metrics| tokens::millis(metrics.latency_ms)),
            ..Said::default()
        };
    }
    Said::of_headers(&tape.response.headers.to_map())
}
