//! What is printed, and how it stays harmless on a terminal.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use bedrock_wire::model::{
    ContentBlock, ContentBlockDelta, ContentBlockStart, ReasoningContentBlock,
    ReasoningContentBlockDelta, TokenUsage,
};
use bedrock_wire::stream::{Accumulated, ConverseStreamOutput, StreamEvent};

pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();
const FAILURE: Style = AnsiColor::Red.on_default().bold();

/// An error, on stderr.
pub fn failure(message: &str) -> io::Result<()> {
    let message = visible(message);
    writeln!(anstream::stderr(), "{FAILURE}error:{FAILURE:#} {message}")
}

/// So many of something.
pub fn counted(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Text that is not ours with all that steers a terminal made visible: control
/// characters, and those that turn the direction of writing.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if steers(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// Whether a terminal would obey the character.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Stdout, for text of a model's: byte for byte into a file or pipe, and made
/// visible on a terminal.
pub struct Out {
    stdout: io::Stdout,
    terminal: bool,
    styled: bool,
    /// Whether a line is begun and not ended.
    in_line: bool,
}

impl Out {
    pub fn new() -> Self {
        let stdout = io::stdout();
        let styled = AutoStream::choice(&stdout) != ColorChoice::Never;
        Out { terminal: stdout.is_terminal(), styled, stdout, in_line: false }
    }

    /// Text of the model's.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let Some(last) = text.bytes().last() else { return Ok(()) };
        self.in_line = last != b'\n';
        if !self.terminal {
            return self.stdout.write_all(text.as_bytes());
        }
        let mut lines = text.split('\n');
        self.stdout.write_all(visible(lines.next().unwrap_or_default()).as_bytes())?;
        lines.try_for_each(|line| write!(self.stdout, "\n{}", visible(line)))
    }

    /// Text in a style, where styles are wanted.
    pub fn styled(&mut self, style: Style, text: &str) -> io::Result<()> {
        if self.styled {
            write!(self.stdout, "{style}")?;
            self.text(text)?;
            return write!(self.stdout, "{style:#}");
        }
        self.text(text)
    }

    /// Ends the line if one is begun.
    pub fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_line) { writeln!(self.stdout) } else { Ok(()) }
    }

    /// Prints what an event adds, and flushes, so that it shows at once.
    pub fn event(&mut self, event: &StreamEvent) -> io::Result<()> {
        match event.output() {
            ConverseStreamOutput::ContentBlockStart(event) => self.start(&event.start)?,
            ConverseStreamOutput::ContentBlockDelta(event) => self.delta(&event.delta)?,
            ConverseStreamOutput::ContentBlockStop(_) => self.end_line()?,
            ConverseStreamOutput::MessageStart(_)
            | ConverseStreamOutput::MessageStop(_)
            | ConverseStreamOutput::Metadata(_) => {}
            ConverseStreamOutput::Unknown(event_type) => self.mark(event_type)?,
            _ => self.mark("event")?,
        }
        self.stdout.flush()
    }

    fn start(&mut self, start: &ContentBlockStart) -> io::Result<()> {
        match start {
            ContentBlockStart::ToolUse(tool) => self.tool_call(&tool.name),
            other => self.mark(&other.member()),
        }
    }

    fn tool_call(&mut self, name: &str) -> io::Result<()> {
        self.end_line()?;
        self.styled(BOLD, &format!("tool call {name}"))?;
        self.text(" ")
    }

    fn delta(&mut self, delta: &ContentBlockDelta) -> io::Result<()> {
        match delta {
            ContentBlockDelta::Text(text) => self.text(text),
            ContentBlockDelta::ToolUse(tool) => self.text(&tool.input),
            ContentBlockDelta::ReasoningContent(delta) => match delta {
                ReasoningContentBlockDelta::Text(text) => self.styled(DIM, text),
                // For machines: `--json` has them.
                ReasoningContentBlockDelta::Signature(_)
                | ReasoningContentBlockDelta::RedactedContent(_) => Ok(()),
                other => self.mark(&other.member()),
            },
            // Their blocks are marked where they start.
            ContentBlockDelta::ToolResult(_) | ContentBlockDelta::Image(_) => Ok(()),
            other => self.mark(&other.member()),
        }
    }

    /// A block of an answer that came whole.
    pub fn block(&mut self, block: &ContentBlock) -> io::Result<()> {
        match block {
            ContentBlock::Text(text) => self.text(text)?,
            ContentBlock::ToolUse(tool) => {
                self.tool_call(&tool.name)?;
                self.text(tool.input.as_json())?;
            }
            ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(reasoning)) => {
                self.styled(DIM, &reasoning.text)?;
            }
            other => self.mark(&other.member())?,
        }
        self.end_line()
    }

    /// Says that something stands here which is no text.
    pub fn mark(&mut self, what: &str) -> io::Result<()> {
        self.end_line()?;
        self.styled(DIM, &format!("[{what}]\n"))
    }
}

/// What came and does not stand in the response, on stderr.
pub fn left_out(accumulated: &Accumulated) -> io::Result<()> {
    let mut err = anstream::stderr();
    for leftover in &accumulated.leftovers {
        let (event_type, value) = (visible(&leftover.event_type), leftover.value.to_string());
        writeln!(err, "{DIM}not in the response: {event_type} {}{DIM:#}", visible(&value))?;
    }
    for index in &accumulated.malformed_inputs {
        writeln!(
            err,
            "{DIM}content block {index}: the tool's input is no JSON and is kept as a string{DIM:#}"
        )?;
    }
    Ok(())
}

/// How an answer ended, on stderr.
pub fn end(reason: Option<&str>, usage: Option<&TokenUsage>) -> io::Result<()> {
    writeln!(anstream::stderr(), "{DIM}{}{DIM:#}", ending(reason, usage))
}

/// `stop reason end_turn; 12 tokens in, 34 out`
pub fn ending(reason: Option<&str>, usage: Option<&TokenUsage>) -> String {
    let reason = visible(reason.unwrap_or("unknown"));
    match usage {
        Some(usage) => {
            format!(
                "stop reason {reason}; {} tokens in, {} out",
                usage.input_tokens, usage.output_tokens
            )
        }
        None => format!("stop reason {reason}; usage unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_obeyed() {
        assert_eq!(visible("plain é — text"), "plain é — text");
        assert_eq!(
            visible("a\u{1b}[31mb\nerror: x\u{202e}y"),
            "a\\u{1b}[31mb\\nerror: x\\u{202e}y"
        );
    }
}
