//! What of an answer is fit to be shown in an error or a log.

use std::borrow::Cow;
use std::fmt;

/// How much of a body is shown.
const SHOWN: usize = 64;

/// How AWS begins to quote what it would have signed, in lower case. The
/// quotation has the session token among its headers.
const QUOTED_REQUEST: [&str; 2] =
    ["the canonical string for this request", "the canonical request"];

/// A message without the canonical request that it quotes.
pub(super) fn without_quoted_request(message: &str) -> Cow<'_, str> {
    match quotation(message) {
        None => Cow::Borrowed(message),
        Some(at) => {
            let before = message[..at].trim_end();
            Cow::Owned(format!("{before} [the canonical request it quotes is left out]"))
        }
    }
}

/// Where the canonical request is quoted.
fn quotation(message: &str) -> Option<usize> {
    // ASCII letters keep their length and place in lower case.
    let message = message.to_ascii_lowercase();
    QUOTED_REQUEST.iter().filter_map(|quoted| message.find(quoted)).min()
}

/// Shows the length and the start of bytes, whatever they are.
pub(crate) struct Start<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Start<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = String::from_utf8_lossy(&self.0[..self.0.len().min(SHOWN)]);
        let shown = &start[..quotation(&start).unwrap_or(start.len())];
        let more = if shown.len() < self.0.len() { "..." } else { "" };
        write!(f, "{} bytes: {shown:?}{more}", self.0.len())
    }
}
