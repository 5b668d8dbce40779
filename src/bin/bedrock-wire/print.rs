//! What is printed as an answer arrives.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use bedrock_wire::model::{
    ContentBlockDelta, ContentBlockStart, ReasoningContentBlockDelta, TokenUsage,
};
use bedrock_wire::stream::{ConverseStreamOutput, StreamEvent};

pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();
const FAILURE: Style = AnsiColor::Red.on_default().bold();

/// An error, on stderr.
pub fn failure(message: &str) -> io::Result<()> {
    writeln!(anstream::stderr(), "{FAILURE}error:{FAILURE:#} {message}")
}

/// Prints the content of an answer: text as it is, reasoning dimmed, tool
/// calls with their input.
#[derive(Default)]
pub struct Printer {
    /// Whether the last byte printed ended a line.
    in_line: bool,
}

impl Printer {
    /// Prints what an event adds, and flushes, so that it shows at once.
    pub fn event(&mut self, event: &StreamEvent, out: &mut impl Write) -> io::Result<()> {
        match event.output() {
            ConverseStreamOutput::ContentBlockStart(event) => self.start(&event.start, out)?,
            ConverseStreamOutput::ContentBlockDelta(event) => self.delta(&event.delta, out)?,
            ConverseStreamOutput::ContentBlockStop(_) => self.end_line(out)?,
            ConverseStreamOutput::MessageStart(_)
            | ConverseStreamOutput::MessageStop(_)
            | ConverseStreamOutput::Metadata(_)
            | ConverseStreamOutput::Unknown(_)
            | _ => {}
        }
        out.flush()
    }

    fn start(&mut self, start: &ContentBlockStart, out: &mut impl Write) -> io::Result<()> {
        match start {
            ContentBlockStart::ToolUse(tool) => {
                self.end_line(out)?;
                write!(out, "{BOLD}tool call {}{BOLD:#} ", tool.name)?;
                self.in_line = true;
                Ok(())
            }
            other => {
                self.end_line(out)?;
                writeln!(out, "{DIM}[{}]{DIM:#}", other.member())
            }
        }
    }

    fn delta(&mut self, delta: &ContentBlockDelta, out: &mut impl Write) -> io::Result<()> {
        match delta {
            ContentBlockDelta::Text(text) => self.text(text, out),
            ContentBlockDelta::ToolUse(tool) => self.text(&tool.input, out),
            ContentBlockDelta::ReasoningContent(ReasoningContentBlockDelta::Text(text)) => {
                write!(out, "{DIM}")?;
                self.text(text, out)?;
                write!(out, "{DIM:#}")
            }
            // Signatures, redacted reasoning, citations, images: for `--json`.
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str, out: &mut impl Write) -> io::Result<()> {
        if let Some(last) = text.bytes().last() {
            self.in_line = last != b'\n';
        }
        out.write_all(text.as_bytes())
    }

    /// Ends the line if one is begun.
    pub fn end_line(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::take(&mut self.in_line) { writeln!(out) } else { Ok(()) }
    }
}

/// `12 tokens in, 34 out`
pub fn usage(usage: Option<&TokenUsage>) -> String {
    match usage {
        Some(usage) => format!("{} tokens in, {} out", usage.input_tokens, usage.output_tokens),
        None => "usage unknown".to_owned(),
    }
}
