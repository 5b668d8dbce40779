//! Base64 that stands inside other text.

use std::ops::Range;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Shorter runs are words; what is looked for is longer.
const MIN_LENGTH: usize = 16;

/// Padding may be there or not, and the last bits may be anything.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const UNPADDED: GeneralPurposeConfig = LENIENT.with_encode_padding(false);

/// One of the two alphabets of RFC 4648.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    Standard,
    UrlSafe,
}

impl Alphabet {
    pub(super) const ALL: [Alphabet; 2] = [Alphabet::Standard, Alphabet::UrlSafe];

    fn has(self, byte: u8) -> bool {
        let own: &[u8] = match self {
            Alphabet::Standard => b"+/",
            Alphabet::UrlSafe => b"-_",
        };
        byte.is_ascii_alphanumeric() || own.contains(&byte)
    }

    fn engine(self, config: GeneralPurposeConfig) -> GeneralPurpose {
        match self {
            Alphabet::Standard => GeneralPurpose::new(&alphabet::STANDARD, config),
            Alphabet::UrlSafe => GeneralPurpose::new(&alphabet::URL_SAFE, config),
        }
    }

    /// Encodes, with padding or without.
    pub(super) fn encode(self, bytes: &[u8], padded: bool) -> String {
        self.engine(if padded { LENIENT } else { UNPADDED }).encode(bytes)
    }

    /// Where `text` has this alphabet for long enough, without padding.
    pub(super) fn runs(self, text: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let length = text[start..].iter().take_while(|byte| self.has(**byte)).count();
            if length >= MIN_LENGTH {
                runs.push(start..start + length);
            }
            start += length + 1;
        }
        runs
    }

    /// Whether a run need not be looked at again: without a character of its
    /// own, it is one of the standard alphabet, too.
    pub(super) fn is_told_already(self, run: &[u8]) -> bool {
        self == Alphabet::UrlSafe && !run.iter().any(|byte| b"-_".contains(byte))
    }

    /// What as much of `run` as can be decoded says, and how long that is.
    pub(super) fn decode(self, run: &[u8]) -> Option<(Vec<u8>, usize)> {
        // A single character is six bits, which are no byte.
        let length = run.len() - usize::from(run.len() % 4 == 1);
        let bytes = self.engine(LENIENT).decode(&run[..length]).ok()?;
        Some((bytes, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_in_text_and_decoded() {
        let text = b"{\"bytes\":\"aGVsbG8gYmFzZTY0IHdvcmxk\",\"x\":\"short\"}";
        let runs = Alphabet::Standard.runs(text);
        assert_eq!(runs.len(), 1);
        let run = &text[runs[0].clone()];
        let (decoded, length) = Alphabet::Standard.decode(run).unwrap();
        assert_eq!((&*decoded, length), (&b"hello base64 world"[..], run.len()));
        assert_eq!(Alphabet::Standard.encode(&decoded, false).as_bytes(), run);
    }

    #[test]
    fn a_run_of_any_length_is_decoded_as_far_as_it_goes() {
        for length in 16..24 {
            let run = vec![b'A'; length];
            let (bytes, used) = Alphabet::UrlSafe.decode(&run).unwrap();
            assert_eq!(used, length - usize::from(length % 4 == 1));
            assert_eq!(bytes.len(), used * 3 / 4);
        }
    }
}
