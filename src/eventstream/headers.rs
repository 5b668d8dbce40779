//! The header block: a view that was checked once and reads no value until
//! it is asked for one.

use std::fmt;
use std::iter::FusedIterator;

use super::field::{Field, Fields, Reader, lossy};
use super::value::checked_text;
use super::{EncodeError, Error, ErrorKind, HeaderValue, MAX_HEADERS_LENGTH};

/// The headers of one message, in the order of the wire.
///
/// A view of the frame, cheap to copy. Lengths, types, UTF-8 and the
/// uniqueness of names were checked when the frame was decoded, so reading
/// cannot fail. Two are equal if their bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Headers<'a> {
    block: &'a [u8],
}

impl<'a> Headers<'a> {
    /// A view of a block that [`validate`] or [`write()`] passed.
    #[inline]
    pub(super) fn validated(block: &'a [u8]) -> Self {
        Self { block }
    }

    /// All headers as `(name, value)`, in the order of the wire.
    pub fn iter(&self) -> HeadersIter<'a> {
        HeadersIter { fields: self.fields() }
    }

    /// The value of the header `name`; names are compared byte for byte.
    pub fn get(&self, name: &str) -> Option<HeaderValue<'a>> {
        self.fields().find(|field| field.name == name.as_bytes()).map(|field| field.value())
    }

    /// The block as on the wire, without its length.
    #[inline]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.block
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.block.is_empty()
    }

    fn fields(&self) -> Fields<'a> {
        Fields::new(self.block)
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = (&'a str, HeaderValue<'a>);
    type IntoIter = HeadersIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &Headers<'a> {
    type Item = (&'a str, HeaderValue<'a>);
    type IntoIter = HeadersIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Shows the first 16 headers, and of each the first 256 bytes.
impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut headers = self.iter();
        let mut map = f.debug_map();
        for (name, value) in headers.by_ref().take(16) {
            match value {
                HeaderValue::Bytes(bytes) => map.entry(&name, &Lossy(bytes)),
                HeaderValue::String(text) => map.entry(&name, &Lossy(text.as_bytes())),
                short => map.entry(&name, &short),
            };
        }
        if headers.next().is_some() { map.finish_non_exhaustive() } else { map.finish() }
    }
}

/// The headers of one message as `(name, value)`; see [`Headers::iter`].
#[derive(Clone, Debug)]
pub struct HeadersIter<'a> {
    fields: Fields<'a>,
}

impl<'a> Iterator for HeadersIter<'a> {
    type Item = (&'a str, HeaderValue<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.fields.next()?;
        Some((checked_text(field.name), field.value()))
    }
}

impl FusedIterator for HeadersIter<'_> {}

/// Checks a header block: lengths, types, UTF-8 and unique names. Offsets in
/// errors are those in the frame. Allocates for nothing but an error, or for
/// more than [`Names::FEW`] headers.
pub(super) fn validate(block: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(block);
    let mut names = Names::default();
    while !reader.is_empty() {
        let at = reader.at;
        let field = Field::read(&mut reader)?;
        field.check_text(at)?;
        if names.repeats(field.name) {
            return Err(duplicate(field.name, at));
        }
    }
    if names.count <= Names::FEW {
        return Ok(());
    }
    first_duplicate(block).map_or(Ok(()), |(name, at)| Err(duplicate(name, at)))
}

/// Appends the header block to `out`, checked against the limits for senders.
pub(super) fn write<'h>(
    headers: impl IntoIterator<Item = (&'h str, HeaderValue<'h>)>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = out.len();
    let mut names = Names::default();
    for (index, (name, value)) in headers.into_iter().enumerate() {
        write_name(index, name, out)?;
        value
            .write(out)
            .map_err(|length| EncodeError::HeaderValueTooLong { name: name.into(), length })?;
        let length = out.len() - start;
        if length > MAX_HEADERS_LENGTH {
            return Err(EncodeError::HeadersTooLong { name: name.into(), length });
        }
        if names.repeats(name.as_bytes()) {
            return Err(EncodeError::DuplicateHeader { name: name.into() });
        }
    }
    if names.count <= Names::FEW {
        return Ok(());
    }
    match first_duplicate(&out[start..]) {
        Some((name, _)) => Err(EncodeError::DuplicateHeader { name: lossy(name) }),
        None => Ok(()),
    }
}

fn write_name(index: usize, name: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if name.is_empty() {
        return Err(EncodeError::HeaderNameEmpty { index });
    }
    let length = u8::try_from(name.len())
        .map_err(|_| EncodeError::HeaderNameTooLong { name: name.into() })?;
    out.push(length);
    out.extend_from_slice(name.as_bytes());
    Ok(())
}

/// The first few names of a block, to compare the next ones with. A real
/// message has three headers; for it this is faster than any table.
#[derive(Default)]
struct Names<'a> {
    first: [&'a [u8]; Names::FEW],
    count: usize,
}

impl<'a> Names<'a> {
    const FEW: usize = 8;

    /// Counts `name` and says whether one of the first few was the same.
    fn repeats(&mut self, name: &'a [u8]) -> bool {
        let repeated = self.first.iter().take(self.count).any(|known| *known == name);
        if let Some(free) = self.first.get_mut(self.count) {
            *free = name;
        }
        self.count += 1;
        repeated
    }
}

/// The first header whose name was there before, and where it starts in the
/// frame. Sorts, because comparing each with each would let a few megabytes
/// of headers cost minutes.
fn first_duplicate(block: &[u8]) -> Option<(&[u8], usize)> {
    let mut reader = Reader::new(block);
    let mut names = Vec::new();
    while !reader.is_empty() {
        let at = reader.at;
        names.push((Field::read(&mut reader).ok()?.name, at));
    }
    names.sort_unstable();
    let repeated = names.array_windows().filter(|[one, next]| one.0 == next.0);
    repeated.map(|[_, next]| *next).min_by_key(|(_, at)| *at)
}

#[cold]
fn duplicate(name: &[u8], at: usize) -> Error {
    Error::new(ErrorKind::DuplicateHeader { name: lossy(name) }, at)
}

/// Shows bytes as text, the first 256 of them.
pub(super) struct Lossy<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.get(..256).unwrap_or(self.0);
        fmt::Debug::fmt(&String::from_utf8_lossy(shown), f)?;
        if shown.len() < self.0.len() {
            write!(f, ".. ({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::PRELUDE_LENGTH;
    use super::*;

    fn field(name: &[u8], value_type: u8, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        [&[length], name, &[value_type], value].concat()
    }

    fn refused(block: &[u8]) -> (ErrorKind, u64) {
        let error = validate(block).unwrap_err();
        (error.kind().clone(), error.offset())
    }

    #[test]
    fn every_cut_of_a_block_is_past_its_end() {
        let block = field(b"name", 7, b"\0\x05value");
        assert_eq!(validate(&block), Ok(()));
        for cut in 1..block.len() {
            let (kind, offset) = refused(&block[..cut]);
            let (left, name) = (cut, "name".into());
            let expected = match cut {
                1..5 => (ErrorKind::HeaderNamePastEnd { length: 4, left: left - 1 }, 12),
                5 => (ErrorKind::HeaderValuePastEnd { name, needed: 1, left: 0 }, 17),
                6..8 => (ErrorKind::HeaderValuePastEnd { name, needed: 2, left: left - 6 }, 18),
                _ => (ErrorKind::HeaderValuePastEnd { name, needed: 5, left: left - 8 }, 20),
            };
            assert_eq!((kind, offset), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_type_above_nine_is_named_with_its_number() {
        for value_type in [10, 255] {
            let kind = ErrorKind::UnknownHeaderType { name: "x".into(), value_type };
            assert_eq!(refused(&field(b"x", value_type, b"")), (kind, 14));
        }
    }

    #[test]
    fn names_and_strings_are_utf8_and_bytes_are_not() {
        let (kind, offset) = refused(&field(b"a\xff", 0, b""));
        assert_eq!(kind, ErrorKind::HeaderNameNotUtf8 { name: "a\u{fffd}".into() });
        assert_eq!(offset, 14);
        let (kind, offset) = refused(&field(b"a", 7, b"\0\x02b\xff"));
        assert_eq!(kind, ErrorKind::HeaderValueNotUtf8 { name: "a".into() });
        assert_eq!(offset, 18);
        assert_eq!(validate(&field(b"a", 6, b"\0\x02b\xff")), Ok(()));
    }

    #[test]
    fn a_name_that_comes_again_is_found_however_many_are_between() {
        for between in [0_u32, 1, 6, 7, 8, 500] {
            let names = (0..between).map(|n| n.to_string());
            let mut block = field(b"twice", 0, b"");
            block.extend(names.flat_map(|name| field(name.as_bytes(), 1, b"")));
            assert_eq!(validate(&block), Ok(()), "{between} between");
            let at = (PRELUDE_LENGTH + block.len()) as u64;
            block.extend(field(b"twice", 2, b"\0"));
            let expected = ErrorKind::DuplicateHeader { name: "twice".into() };
            assert_eq!(refused(&block), (expected, at), "{between} between");
        }
    }

    #[test]
    fn of_many_repeated_names_the_first_on_the_wire_is_told() {
        let names = (10..30).chain([25, 22, 29]).map(|n| n.to_string());
        let block: Vec<u8> = names.flat_map(|name| field(name.as_bytes(), 0, b"")).collect();
        let expected = ErrorKind::DuplicateHeader { name: "25".into() };
        assert_eq!(refused(&block), (expected, 12 + 20 * 4));
    }

    #[test]
    fn an_empty_name_is_accepted_from_others_and_never_written() {
        let block = field(b"", 2, b"\xff");
        assert_eq!(validate(&block), Ok(()));
        assert_eq!(Headers::validated(&block).get(""), Some(HeaderValue::Byte(-1)));
        let refused =
            write([("a", HeaderValue::Bool(true)), ("", HeaderValue::Bool(true))], &mut vec![]);
        assert_eq!(refused, Err(EncodeError::HeaderNameEmpty { index: 1 }));
    }

    #[test]
    fn a_string_of_65535_bytes_is_read_though_a_sender_may_not_write_it() {
        let text = "x".repeat(65_535);
        let block = field(b"long", 7, format!("\u{0}\u{0}{text}").as_bytes());
        let block = [&block[..6], &[0xff, 0xff], &block[8..]].concat();
        assert_eq!(validate(&block), Ok(()));
        let headers = Headers::validated(&block);
        assert_eq!(headers.get("long").and_then(|v| v.as_str()), Some(&*text));
        let refused = write(headers, &mut vec![]);
        let name = "long".into();
        assert_eq!(refused, Err(EncodeError::HeaderValueTooLong { name, length: 65_535 }));
    }

    #[test]
    fn an_unknown_name_is_not_found() {
        let block = field(b"a", 0, b"");
        assert_eq!(Headers::validated(&block).get("A"), None);
        assert!(Headers::validated(&[]).is_empty());
    }

    #[test]
    fn debug_output_is_bounded() {
        let mut block = field(b"blob", 6, &[&[1, 0][..], &[b'x'; 256]].concat());
        block.extend(field(b"long", 6, &[&[2, 0][..], &[b'x'; 512]].concat()));
        block.extend((0..100).flat_map(|n| field(format!("{n}").as_bytes(), 0, b"")));
        let text = format!("{:?}", Headers::validated(&block));
        assert!(text.contains("xx\".. (512 bytes)") && text.ends_with(", ..}"), "{text}");
        assert!(text.len() < 1000, "{}", text.len());
    }
}
