//! What was wrong, and at which byte.

/// Bytes that are no event stream, or no longer one.
///
/// Its text says in one line what is wrong, where, and what that means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (byte {offset} of the stream, in the message at byte {message_offset})")]
pub struct Error {
    kind: ErrorKind,
    offset: u64,
    message_offset: u64,
}

impl Error {
    /// An error in a message that is itself at byte 0; see [`Error::within`].
    #[cold]
    pub(super) fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset: offset as u64, message_offset: 0 }
    }

    /// The same error of a message that starts at `message_offset`.
    #[cold]
    pub(super) fn within(self, message_offset: u64) -> Self {
        Self { offset: self.offset.saturating_add(message_offset), message_offset, ..self }
    }

    /// What was wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Offset in the stream, in bytes, of the field or byte that was wrong;
    /// where bytes are missing, of the first one missing.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Offset in the stream, in bytes, of the message that it was found in.
    pub fn message_offset(&self) -> u64 {
        self.message_offset
    }
}

/// The ways in which bytes fail to be a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The prelude's checksum does not fit its eight bytes of lengths.
    #[error(
        "prelude checksum mismatch: the frame says {expected:#010x}, its lengths give \
         {computed:#010x}; the bytes are damaged, or no event stream: check the content type"
    )]
    PreludeCrcMismatch {
        /// As the frame has it.
        expected: u32,
        /// Of the bytes received.
        computed: u32,
    },

    /// The message's checksum does not fit what is before it.
    #[error(
        "message checksum mismatch: the frame says {expected:#010x}, its bytes give \
         {computed:#010x}; the message was damaged on its way"
    )]
    MessageCrcMismatch {
        /// As the frame has it.
        expected: u32,
        /// Of the bytes received.
        computed: u32,
    },

    /// The total length leaves no room for the prelude and the checksum.
    #[error("message length {length} is too small: a message has at least 16 bytes")]
    LengthTooSmall {
        /// Total length in bytes as the prelude has it.
        length: usize,
    },

    /// The headers end behind the message that they are in.
    #[error("headers length {headers_length} does not fit into a message of {length} bytes")]
    HeadersPastEnd {
        /// Length of the headers in bytes as the prelude has it.
        headers_length: usize,
        /// Total length in bytes as the prelude has it.
        length: usize,
    },

    /// The message is longer than the decoder was told to gather.
    #[error(
        "message length {length} is over the cap of {cap} bytes set against exhausting memory; \
         raise it with Decoder::with_max_message_length or ClientBuilder::max_message_length"
    )]
    TooLong {
        /// Total length in bytes as the prelude has it.
        length: usize,
        /// The decoder's cap in bytes.
        cap: usize,
    },

    /// A header's name ends behind the header block.
    #[error("a header name of {length} bytes does not fit: {left} are left of the headers")]
    HeaderNamePastEnd {
        /// Length of the name in bytes.
        length: usize,
        /// Bytes left of the header block.
        left: usize,
    },

    /// A header's value, or the type or length before it, ends behind the
    /// header block.
    #[error("header {name:?} needs {needed} more bytes here: {left} are left of the headers")]
    HeaderValuePastEnd {
        /// Name of the header.
        name: Box<str>,
        /// Bytes that the value needs, or its type or its length field.
        needed: usize,
        /// Bytes left of the header block.
        left: usize,
    },

    /// A header's value is of a type above 9.
    #[error("header {name:?} has a value of type {value_type}; the types known are 0 to 9")]
    UnknownHeaderType {
        /// Name of the header.
        name: Box<str>,
        /// The type's number.
        value_type: u8,
    },

    /// A header's name is not UTF-8.
    #[error("header name {name:?} is not UTF-8")]
    HeaderNameNotUtf8 {
        /// The name with U+FFFD for what is not UTF-8.
        name: Box<str>,
    },

    /// A string header's value is not UTF-8.
    #[error("the string in header {name:?} is not UTF-8")]
    HeaderValueNotUtf8 {
        /// Name of the header.
        name: Box<str>,
    },

    /// Two headers of one message have the same name.
    #[error("header {name:?} is there twice in one message")]
    DuplicateHeader {
        /// Name of the header.
        name: Box<str>,
    },

    /// The input ended inside a message.
    #[error("the input ends inside a message: {}", progress(*.held, *.needed))]
    Incomplete {
        /// Bytes of the message that arrived.
        held: usize,
        /// Total length in bytes, known once the first 12 bytes are there.
        needed: Option<usize>,
    },

    /// The input ended, but whole messages were still to be taken out.
    #[error("{held} bytes were not decoded yet: call Decoder::next until it gives None")]
    Undecoded {
        /// Bytes that the decoder holds.
        held: usize,
    },

    /// Bytes follow where exactly one message was to be.
    #[error("{count} bytes follow the one message that was to be decoded")]
    TrailingBytes {
        /// How many bytes follow.
        count: usize,
    },
}

fn progress(held: usize, needed: Option<usize>) -> String {
    match needed {
        Some(needed) => format!("{held} of its {needed} bytes arrived"),
        None => format!("{held} bytes arrived, fewer than the 12 of a prelude"),
    }
}

/// Headers or a payload that the specification does not let a sender write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A header has no name.
    #[error("header {index} (counted from 0) has no name; names are 1 to 255 bytes long")]
    HeaderNameEmpty {
        /// Which header, counted from 0.
        index: usize,
    },

    /// A header's name is too long.
    #[error("header name {name:?} is {} bytes long; names are 1 to 255 bytes long", name.len())]
    HeaderNameTooLong {
        /// Name of the header.
        name: Box<str>,
    },

    /// Two headers have the same name.
    #[error("header {name:?} is given twice; each name may be there once")]
    DuplicateHeader {
        /// Name of the header.
        name: Box<str>,
    },

    /// The string or bytes of a header are too long.
    #[error("the value of header {name:?} is {length} bytes long; at most 32,767 are allowed")]
    HeaderValueTooLong {
        /// Name of the header.
        name: Box<str>,
        /// Length of the value in bytes.
        length: usize,
    },

    /// The headers together are too long.
    #[error(
        "with header {name:?} the headers are {length} bytes long; at most 131,072 are allowed"
    )]
    HeadersTooLong {
        /// Name of the header that goes over the limit.
        name: Box<str>,
        /// Length of the headers in bytes up to and with this one.
        length: usize,
    },

    /// The payload is too long.
    #[error("the payload is {length} bytes long; at most 25,165,824 (24 MiB) are allowed")]
    PayloadTooLong {
        /// Length of the payload in bytes.
        length: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_where_and_what_it_means_in_one_line() {
        let kind = ErrorKind::UnknownHeaderType { name: "x\ny".into(), value_type: 10 };
        let error = Error::new(kind, 15).within(100);
        assert_eq!(
            error.to_string(),
            "header \"x\\ny\" has a value of type 10; the types known are 0 to 9 \
             (byte 115 of the stream, in the message at byte 100)"
        );
        assert_eq!((error.offset(), error.message_offset()), (115, 100));
    }

    #[test]
    fn an_incomplete_message_tells_how_far_it_came() {
        let text = |needed| Error::new(ErrorKind::Incomplete { held: 3, needed }, 3).to_string();
        assert!(text(None).starts_with("the input ends inside a message: 3 bytes arrived, fewer"));
        assert!(text(Some(20)).contains("3 of its 20 bytes arrived (byte 3 of"));
    }
}
