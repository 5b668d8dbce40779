//! What is replaced in one text.

use bytes::Bytes;
use memchr::memmem;

use super::{EXAMPLE_ACCOUNT, HIDDEN, Scrub};
use crate::tape::arn;
use crate::tape::base64_run::Alphabet;

/// How many layers of base64 are looked into: a chunk's payload is one, and
/// the image or document in what it holds another.
const MAX_DEPTH: usize = 3;

/// A shorter id is a word that may stand anywhere.
const MIN_ID_LENGTH: usize = 8;

/// The replacements for one tape.
pub(super) struct Text<'a> {
    scrub: &'a Scrub,
    /// The id of its request.
    id: &'a str,
}

impl<'a> Text<'a> {
    pub(super) fn new(scrub: &'a Scrub, id: &'a str) -> Self {
        Self { scrub, id }
    }

    /// What the id of the request becomes.
    pub(super) fn request_id(&self, id: &str) -> String {
        self.scrub.request_id.clone().unwrap_or_else(|| self.string(id))
    }

    pub(super) fn string(&self, text: &str) -> String {
        // Text stays text: what is put into it is.
        String::from_utf8_lossy(&self.bytes(text.as_bytes(), 0)).into_owned()
    }

    /// The same bytes, not copied, if nothing is replaced.
    pub(super) fn shared(&self, bytes: &Bytes) -> Bytes {
        let scrubbed = self.bytes(bytes, 0);
        if scrubbed == *bytes { bytes.clone() } else { scrubbed.into() }
    }

    fn bytes(&self, bytes: &[u8], depth: usize) -> Vec<u8> {
        let mut scrubbed = bytes.to_vec();
        for secret in &self.scrub.secrets {
            scrubbed = replaced(&scrubbed, secret, HIDDEN);
        }
        if let Some(id) = &self.scrub.request_id {
            scrubbed = self.without_whose(&scrubbed, id);
        }
        if !self.scrub.patterns.is_empty() {
            scrubbed = self.by_patterns(scrubbed);
        }
        if depth < MAX_DEPTH {
            for alphabet in Alphabet::ALL {
                scrubbed = self.in_base64(scrubbed, alphabet, depth);
            }
        }
        scrubbed
    }

    fn without_whose(&self, bytes: &[u8], id: &str) -> Vec<u8> {
        let is_word = self.id.len() < MIN_ID_LENGTH;
        let mut scrubbed =
            if is_word { bytes.to_vec() } else { replaced(bytes, self.id.as_bytes(), id) };
        for range in arn::accounts(&scrubbed) {
            scrubbed[range].copy_from_slice(EXAMPLE_ACCOUNT.as_bytes());
        }
        scrubbed
    }

    fn by_patterns(&self, bytes: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(bytes) {
            Ok(text) => self.replace(text).into_bytes(),
            Err(error) => {
                // Each byte for a character and back, which loses none.
                let text: String = error.into_bytes().into_iter().map(char::from).collect();
                let replaced = self.replace(text.clone());
                let is_text = replaced.chars().all(|char| u8::try_from(char).is_ok());
                let kept = if is_text { replaced } else { text };
                kept.chars().filter_map(|char| u8::try_from(char).ok()).collect()
            }
        }
    }

    fn replace(&self, text: String) -> String {
        self.scrub.patterns.iter().fold(text, |text, (regex, replacement)| {
            regex.replace_all(&text, replacement.as_str()).into_owned()
        })
    }

    fn in_base64(&self, text: Vec<u8>, alphabet: Alphabet, depth: usize) -> Vec<u8> {
        let (mut out, mut done) = (Vec::new(), 0);
        for run in alphabet.runs(&text) {
            if alphabet.is_told_already(&text[run.clone()]) {
                continue;
            }
            let padding = text[run.end..].iter().take(2).take_while(|byte| **byte == b'=').count();
            let Some(encoded) = self.run(&text[run.clone()], padding > 0, alphabet, depth) else {
                continue;
            };
            out.extend_from_slice(&text[done..run.start]);
            out.extend_from_slice(&encoded);
            done = run.end + padding;
        }
        if done == 0 {
            return text;
        }
        out.extend_from_slice(&text[done..]);
        out
    }

    /// A run and its padding encoded anew, or `None` if nothing in it changes.
    /// What stands right before it may be of its alphabet, so that it can
    /// start at any of four characters.
    fn run(&self, run: &[u8], padded: bool, alphabet: Alphabet, depth: usize) -> Option<Vec<u8>> {
        (0..4).find_map(|start| {
            let (before, run) = run.split_at(start);
            let (decoded, length) = alphabet.decode(run)?;
            let scrubbed = self.bytes(&decoded, depth + 1);
            if scrubbed == decoded {
                return None;
            }
            // Where none is needed it cannot be told whether there would be
            // some: of the standard alphabet it is the rule.
            let rule = alphabet == Alphabet::Standard && run.len() % 4 == 0;
            // A last character that is no byte ends what has no padding.
            let padded = (padded || rule) && length == run.len();
            let encoded = alphabet.encode(&scrubbed, padded);
            Some([before, encoded.as_bytes(), &run[length..]].concat())
        })
    }
}

fn replaced(bytes: &[u8], text: &[u8], replacement: &str) -> Vec<u8> {
    let (mut out, mut done) = (Vec::with_capacity(bytes.len()), 0);
    for start in memmem::find_iter(bytes, text) {
        out.extend_from_slice(&bytes[done..start]);
        out.extend_from_slice(replacement.as_bytes());
        done = start + text.len();
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(scrub: &Scrub, text: &str) -> String {
        Text::new(scrub, "3f0c0f2e-id-of-a-request").string(text)
    }

    fn encode(text: &str) -> String {
        Alphabet::Standard.encode(text.as_bytes(), true)
    }

    #[test]
    fn accounts_and_ids_go_also_from_base64_in_base64() {
        let clear = |account: &str, id: &str| {
            format!(r#"{{"a":"arn:aws:bedrock:us-east-1:{account}:x/y","id":"{id}"}}"#)
        };
        let told = clear("210987654321", "3f0c0f2e-id-of-a-request");
        let hidden = clear("123456789012", super::super::REQUEST_ID);
        let scrub = Scrub::new();
        assert_eq!(scrubbed(&scrub, &told), hidden);
        for before in ["", "data:text/plain;base64,", "abc/", "x"] {
            let wrap = |text: &str| format!(r#"{{"bytes":"{before}{}","p":"abc"}}"#, encode(text));
            assert_eq!(scrubbed(&scrub, &wrap(&told)), wrap(&hidden), "{before}");
            let twice = |text: &str| wrap(&wrap(text));
            assert_eq!(scrubbed(&scrub, &twice(&told)), twice(&hidden), "{before}");
        }
    }

    #[test]
    fn patterns_are_tried_on_bytes_that_are_no_text_too() {
        let scrub = Scrub::new().pattern("(T)op", "${1}ip").unwrap();
        let text = Text::new(&scrub, "");
        assert_eq!(text.bytes(b"\xffTop\x80", 0), b"\xffTip\x80");
        assert_eq!(text.string("é Top"), "é Tip");
    }

    #[test]
    fn a_secret_goes_in_every_form_it_is_written_in_and_nothing_else_with_it() {
        let scrub = Scrub::nothing().secret("IQoJ/b3+Jp==").secret("short");
        let account = "arn:aws:bedrock:us-east-1:210987654321:x/y short";
        for form in ["IQoJ/b3+Jp==", r"IQoJ\/b3+Jp==", "IQoJ%2Fb3%2BJp%3D%3D"] {
            let hidden = format!("token:hidden\n{account}");
            let told = format!("token:{form}\n{account}");
            assert_eq!(scrubbed(&scrub, &told), hidden);
            assert_eq!(scrubbed(&scrub, &encode(&told)), encode(&hidden));
        }
    }

    #[test]
    fn what_has_nothing_to_hide_is_not_copied() {
        let scrub = Scrub::new().pattern("x{30}", "").unwrap();
        let bytes = Bytes::from(vec![0xfb; 100]);
        let text = Text::new(&scrub, "short");
        assert_eq!(text.shared(&bytes).as_ptr(), bytes.as_ptr());
        assert_eq!(text.string("short"), "short");
    }
}
