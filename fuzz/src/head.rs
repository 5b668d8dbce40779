//! The text form of an HTTP message: a first line, headers, an empty line, a
//! body.

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) struct Head<'a> {
    pub(crate) first: &'a [u8],
    pub(crate) headers: HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Head<'a> {
    /// Lines that are no header are skipped.
    pub(crate) fn parse(data: &'a [u8]) -> Self {
        let (first, mut rest) = line(data);
        let mut headers = HeaderMap::new();
        while !rest.is_empty() {
            let (header, tail) = line(rest);
            rest = tail;
            if header.is_empty() {
                break;
            }
            let colon = header.iter().position(|byte| *byte == b':').unwrap_or(header.len());
            let (name, value) = header.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let header = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value));
            if let (Ok(name), Ok(value)) = header {
                headers.append(name, value);
            }
        }
        Self { first, headers, body: rest }
    }
}

fn line(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}
