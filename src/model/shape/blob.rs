//! Bytes that are base64 on the wire.

use std::fmt;
use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{self, Deserializer, Visitor};

use super::slot::{Shape, Slot, View};

/// Binary data: base64 (RFC 4648, section 4, with padding) in JSON, plain
/// bytes in memory.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Blob(pub Bytes);

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl From<Bytes> for Blob {
    fn from(bytes: Bytes) -> Self {
        Blob(bytes)
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Blob(bytes.into())
    }
}

impl From<&[u8]> for Blob {
    fn from(bytes: &[u8]) -> Self {
        Blob(Bytes::copy_from_slice(bytes))
    }
}

impl Blob {
    pub(super) fn read<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_str(BlobVisitor)
    }
}

impl Shape for Blob {
    fn blank() -> Self {
        Blob::default()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Blob(self)
    }

    fn view(&self) -> View<'_> {
        View::Blob(self)
    }
}

super::serde_by_shape!(Blob);

struct BlobVisitor;

impl Visitor<'_> for BlobVisitor {
    type Value = Blob;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string of base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Blob, E> {
        match STANDARD.decode(text) {
            Ok(bytes) => Ok(Blob(bytes.into())),
            Err(error) => Err(E::custom(format_args!("not base64: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_base64_in_json() {
        let blob = Blob::from(&b"\x00\xffbytes"[..]);
        let json = serde_json::to_string(&blob).unwrap();
        assert_eq!(json, r#""AP9ieXRlcw==""#);
        assert_eq!(serde_json::from_str::<Blob>(&json).unwrap(), blob);
    }

    #[test]
    fn what_is_not_base64_is_an_error_that_says_where() {
        let error = serde_json::from_str::<Blob>(r#""AP9*""#).unwrap_err();
        assert!(error.to_string().contains("not base64"), "{error}");
        assert!(error.to_string().contains('3'), "{error}");
    }
}
