//! The value of a header, of one of ten types.

use super::MAX_HEADER_VALUE_LENGTH;

/// The value of one header. Types 0 and 1 of the wire are the two `Bool`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderValue<'a> {
    /// Types 0 (true) and 1 (false).
    Bool(bool),
    /// Type 2.
    Byte(i8),
    /// Type 3.
    Int16(i16),
    /// Type 4.
    Int32(i32),
    /// Type 5.
    Int64(i64),
    /// Type 6: up to 65,535 bytes when decoded, up to 32,767 when encoded.
    Bytes(&'a [u8]),
    /// Type 7: up to 65,535 bytes when decoded, up to 32,767 when encoded.
    String(&'a str),
    /// Type 8: milliseconds since 1970-01-01T00:00:00Z, before it if negative.
    Timestamp(i64),
    /// Type 9: the bytes in the order of the wire.
    Uuid([u8; 16]),
}

impl<'a> HeaderValue<'a> {
    /// The text of a `String`; `None` for every other type.
    pub fn as_str(&self) -> Option<&'a str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The value of `value_type` in `bytes`, which were cut to that type's
    /// width and, for a string, checked to be UTF-8.
    pub(super) fn from_wire(value_type: ValueType, bytes: &'a [u8]) -> Self {
        match value_type {
            ValueType::True => Self::Bool(true),
            ValueType::False => Self::Bool(false),
            ValueType::Byte => Self::Byte(i8::from_be_bytes(fixed(bytes))),
            ValueType::Int16 => Self::Int16(i16::from_be_bytes(fixed(bytes))),
            ValueType::Int32 => Self::Int32(i32::from_be_bytes(fixed(bytes))),
            ValueType::Int64 => Self::Int64(i64::from_be_bytes(fixed(bytes))),
            ValueType::Bytes => Self::Bytes(bytes),
            ValueType::String => Self::String(checked_text(bytes)),
            ValueType::Timestamp => Self::Timestamp(i64::from_be_bytes(fixed(bytes))),
            ValueType::Uuid => Self::Uuid(fixed(bytes)),
        }
    }

    /// Appends type, length where the type has one, and value. The error is
    /// the length of a string or of bytes over the limit for senders.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Result<(), usize> {
        out.push(self.value_type() as u8);
        match self {
            Self::Bool(_) => {}
            Self::Byte(value) => out.extend_from_slice(&value.to_be_bytes()),
            Self::Int16(value) => out.extend_from_slice(&value.to_be_bytes()),
            Self::Int32(value) => out.extend_from_slice(&value.to_be_bytes()),
            Self::Int64(value) | Self::Timestamp(value) => {
                out.extend_from_slice(&value.to_be_bytes());
            }
            Self::Bytes(value) => write_prefixed(value, out)?,
            Self::String(value) => write_prefixed(value.as_bytes(), out)?,
            Self::Uuid(value) => out.extend_from_slice(value),
        }
        Ok(())
    }

    fn value_type(&self) -> ValueType {
        match self {
            Self::Bool(true) => ValueType::True,
            Self::Bool(false) => ValueType::False,
            Self::Byte(_) => ValueType::Byte,
            Self::Int16(_) => ValueType::Int16,
            Self::Int32(_) => ValueType::Int32,
            Self::Int64(_) => ValueType::Int64,
            Self::Bytes(_) => ValueType::Bytes,
            Self::String(_) => ValueType::String,
            Self::Timestamp(_) => ValueType::Timestamp,
            Self::Uuid(_) => ValueType::Uuid,
        }
    }
}

/// The type byte before a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueType {
    True = 0,
    False = 1,
    Byte = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    Bytes = 6,
    String = 7,
    Timestamp = 8,
    Uuid = 9,
}

impl ValueType {
    /// Each at the index of its number on the wire.
    const ALL: [Self; 10] = [
        Self::True,
        Self::False,
        Self::Byte,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Bytes,
        Self::String,
        Self::Timestamp,
        Self::Uuid,
    ];

    pub(super) fn from_wire(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// Bytes that every value of this type has; `None` where two bytes of
    /// length come first.
    pub(super) fn width(self) -> Option<usize> {
        match self {
            Self::True | Self::False => Some(0),
            Self::Byte => Some(1),
            Self::Int16 => Some(2),
            Self::Int32 => Some(4),
            Self::Int64 | Self::Timestamp => Some(8),
            Self::Uuid => Some(16),
            Self::Bytes | Self::String => None,
        }
    }
}

/// Text that was checked when its frame was decoded. It is checked again,
/// because without `unsafe` there is no other way to a `str`.
pub(super) fn checked_text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The bytes of a fixed-width value; they were cut to `ValueType::width`.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

fn write_prefixed(value: &[u8], out: &mut Vec<u8>) -> Result<(), usize> {
    let too_long = value.len();
    if value.len() > MAX_HEADER_VALUE_LENGTH {
        return Err(too_long);
    }
    let length = u16::try_from(value.len()).map_err(|_| too_long)?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_stands_at_its_number_and_no_other_is_known() {
        for (number, value_type) in (0u8..).zip(ValueType::ALL) {
            assert_eq!(value_type as u8, number);
            assert_eq!(ValueType::from_wire(number), Some(value_type));
        }
        for number in 10..=u8::MAX {
            assert_eq!(ValueType::from_wire(number), None);
        }
    }

    #[test]
    fn only_a_string_is_text() {
        assert_eq!(HeaderValue::String("a").as_str(), Some("a"));
        assert_eq!(HeaderValue::Bytes(b"a").as_str(), None);
        assert_eq!(HeaderValue::Bool(true).as_str(), None);
    }
}
