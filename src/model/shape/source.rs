//! What a shape is read from, and where in it reading failed.

use std::cell::RefCell;

use bytestring::ByteString;

/// What a value is read from, so that a part can be a slice of it and an error
/// can say where in it reading failed.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a>(Option<&'a Origin>);

/// A text that is read, and the way back from what could not be.
pub(super) struct Origin {
    text: ByteString,
    /// The members that an error was found in, the innermost first.
    trail: RefCell<Vec<String>>,
}

/// A member of what is read.
#[derive(Clone, Copy)]
pub(super) enum Member<'a> {
    Named(&'a str),
    /// Of a list.
    At(usize),
}

impl Source<'_> {
    /// Parts are copied, and an error has no place.
    pub(crate) const UNKNOWN: Source<'static> = Source(None);

    pub(super) fn is_known(self) -> bool {
        self.0.is_some()
    }

    /// `part` as a slice of the source, or a copy where it lies elsewhere.
    pub(super) fn share(self, part: &str) -> ByteString {
        let within = |source: &ByteString| {
            let (whole, part) = (source.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
            whole.start <= part.start && part.end <= whole.end
        };
        match self.0 {
            Some(origin) if within(&origin.text) => origin.text.slice_ref(part),
            _ => part.to_owned().into(),
        }
    }

    /// Takes note that reading failed in this member.
    #[cold]
    pub(super) fn failed_in(self, member: Member<'_>) {
        if let Some(origin) = self.0 {
            origin.trail.borrow_mut().push(match member {
                Member::Named(name) => format!(".{name}"),
                Member::At(index) => format!("[{index}]"),
            });
        }
    }
}

impl Origin {
    pub(super) fn new(text: ByteString) -> Self {
        Origin { text, trail: RefCell::default() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source(Some(self))
    }

    /// The path to the member that an error was found in.
    fn path(&self) -> String {
        let path: String = self.trail.borrow().iter().rev().map(String::as_str).collect();
        path.strip_prefix('.').map(str::to_owned).unwrap_or(path)
    }
}

/// JSON that is not the shape it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}, at byte {offset}", in_member(member))]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the member that could not be read, such as
    /// `messages[0].content[2].image.format`; empty for the whole.
    pub member: String,
    /// Where reading stopped, in bytes from the start.
    pub offset: usize,
    /// What is wrong.
    pub reason: String,
}

/// What an error's text begins with, by the path to its member.
pub(crate) fn in_member(member: &str) -> String {
    match member {
        "" => String::new(),
        path => format!("{path}: "),
    }
}

/// What `serde_json` says is wrong, without the place that it counts.
pub(crate) fn reason_of(error: &serde_json::Error) -> String {
    let full = error.to_string();
    full.rfind(" at line ").map_or(full.as_str(), |end| &full[..end]).to_owned()
}

impl DecodeError {
    pub(super) fn of(origin: &Origin, error: &serde_json::Error) -> Self {
        DecodeError {
            member: origin.path(),
            offset: offset_of(&origin.text, error),
            reason: reason_of(error),
        }
    }
}

fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines_before = error.line().saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    before + error.column().saturating_sub(1)
}
