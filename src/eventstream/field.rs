//! One header as it stands in its block, and the way there.

use std::fmt;

use super::value::ValueType;
use super::{Error, ErrorKind, HeaderValue, PRELUDE_LENGTH};

/// One header as it stands in the block, its value not yet read.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    /// Checked to be UTF-8 by [`check_text`](Self::check_text) only.
    pub(super) name: &'a [u8],
    value_type: ValueType,
    bytes: &'a [u8],
}

impl<'a> Field<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let name = reader.name()?;
        let at = reader.at;
        let [byte] = *reader.chunk(name)?;
        let Some(value_type) = ValueType::from_wire(byte) else {
            let kind = ErrorKind::UnknownHeaderType { name: lossy(name), value_type: byte };
            return Err(Error::new(kind, at));
        };
        let length = match value_type.width() {
            Some(width) => width,
            None => usize::from(u16::from_be_bytes(*reader.chunk(name)?)),
        };
        let bytes = reader.value(name, length)?;
        Ok(Self { name, value_type, bytes })
    }

    pub(super) fn value(&self) -> HeaderValue<'a> {
        HeaderValue::from_wire(self.value_type, self.bytes)
    }

    /// Checks name and value of the field that starts at `at` in the frame.
    pub(super) fn check_text(&self, at: usize) -> Result<(), Error> {
        let name_at = at + 1;
        if let Err(e) = std::str::from_utf8(self.name) {
            let kind = ErrorKind::HeaderNameNotUtf8 { name: lossy(self.name) };
            return Err(Error::new(kind, name_at + e.valid_up_to()));
        }
        if self.value_type != ValueType::String {
            return Ok(());
        }
        std::str::from_utf8(self.bytes).map(drop).map_err(|e| {
            // Behind the name come its type and the two bytes of length.
            let value_at = name_at + self.name.len() + 3;
            let kind = ErrorKind::HeaderValueNotUtf8 { name: lossy(self.name) };
            Error::new(kind, value_at + e.valid_up_to())
        })
    }
}

/// The fields of a block that was validated, and so has no error to give.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    reader: Reader<'a>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(block: &'a [u8]) -> Self {
        Self { reader: Reader::new(block) }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        if self.reader.is_empty() {
            return None;
        }
        Field::read(&mut self.reader).ok()
    }
}

/// Reads a header block from its start and does not leave it.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// Offset of `rest` in the frame.
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(block: &'a [u8]) -> Self {
        Self { rest: block, at: PRELUDE_LENGTH }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn name(&mut self) -> Result<&'a [u8], Error> {
        let length = self.rest.first().copied().map_or(0, usize::from);
        let (at, left) = (self.at, self.rest.len().saturating_sub(1));
        self.take(1)
            .and_then(|_| self.take(length))
            .ok_or_else(|| Error::new(ErrorKind::HeaderNamePastEnd { length, left }, at))
    }

    /// The next `N` bytes, which belong to the header `name`.
    fn chunk<const N: usize>(&mut self, name: &[u8]) -> Result<&'a [u8; N], Error> {
        let Some((chunk, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.past_end(name, N));
        };
        self.rest = rest;
        self.at += N;
        Ok(chunk)
    }

    fn value(&mut self, name: &[u8], length: usize) -> Result<&'a [u8], Error> {
        self.take(length).ok_or_else(|| self.past_end(name, length))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        self.at += length;
        Some(taken)
    }

    #[cold]
    fn past_end(&self, name: &[u8], needed: usize) -> Error {
        let left = self.rest.len();
        let kind = ErrorKind::HeaderValuePastEnd { name: lossy(name), needed, left };
        Error::new(kind, self.at)
    }
}

/// Shows where it is, and none of the bytes.
impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.rest.len();
        f.debug_struct("Reader").field("at", &self.at).field("left", &left).finish()
    }
}

/// A name for an error, with U+FFFD for what is not UTF-8.
#[cold]
pub(super) fn lossy(name: &[u8]) -> Box<str> {
    String::from_utf8_lossy(name).into()
}
