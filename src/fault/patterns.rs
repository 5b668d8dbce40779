//! What only a message tells: AWS gives one name to several failures.

use super::ServiceErrorKind as Kind;

/// A part of a message that tells more than the error's name.
pub(super) struct Pattern {
    /// The kind by name or status, of which this is a special one.
    among: Kind,
    /// In any letter case.
    text: &'static str,
    kind: Kind,
    /// Where it was seen: a recording of the corpus, or else a report.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the test that looks it up"))]
    seen: Seen,
}

#[cfg_attr(not(test), expect(dead_code, reason = "read by the test that looks it up"))]
enum Seen {
    Recorded(&'static str),
    Reported(&'static str),
}

use Seen::{Recorded, Reported};

/// All of them: what is not here has its kind from its name alone. The first
/// that matches holds.
const PATTERNS: [Pattern; 11] = [
    Pattern {
        among: Kind::Throttled,
        text: "tokens per day",
        kind: Kind::QuotaExceeded,
        seen: Reported("https://github.com/minorun365/agent-book/issues/29"),
    },
    Pattern {
        among: Kind::Unavailable,
        text: "getting throttled",
        kind: Kind::Throttled,
        seen: Recorded("neilberkman__req_llm/amazon_bedrock.amazon_bedrock_basic-0"),
    },
    Pattern {
        among: Kind::AccessDenied,
        text: "signature expired: ",
        kind: Kind::SignatureExpired,
        seen: Recorded("neilberkman__req_llm/anthropic_claude_opus_4_1_20250805_v1_0.usage-0"),
    },
    Pattern {
        among: Kind::AccessDenied,
        text: "signature not yet current: ",
        kind: Kind::ClockSkew,
        seen: Reported(
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
        ),
    },
    Pattern {
        among: Kind::Validation,
        text: "input is too long for requested model",
        kind: Kind::ContextTooLong,
        seen: Reported("https://github.com/aws-samples/bedrock-chat/issues/95"),
    },
    Pattern {
        among: Kind::Validation,
        text: "prompt is too long",
        kind: Kind::ContextTooLong,
        seen: Reported("https://github.com/aaif-goose/goose/pull/7504"),
    },
    Pattern {
        among: Kind::Validation,
        text: "exceed context limit",
        kind: Kind::ContextTooLong,
        seen: Reported("https://github.com/strands-agents/sdk-python/issues/152"),
    },
    Pattern {
        among: Kind::Validation,
        text: "too many total text bytes",
        kind: Kind::ContextTooLong,
        seen: Reported("https://github.com/strands-agents/sdk-python/issues/1528"),
    },
    Pattern {
        among: Kind::Validation,
        text: "blocked by content filtering policy",
        kind: Kind::ContentFiltered,
        // Of Anthropic's own API, whose messages Bedrock passes on.
        seen: Reported("https://github.com/anthropics/claude-code/issues/6195"),
    },
    Pattern {
        among: Kind::Validation,
        text: "responsible ai policy",
        kind: Kind::ContentFiltered,
        seen: Reported("https://github.com/aws-samples/amazon-bedrock-samples/issues/230"),
    },
    Pattern {
        among: Kind::Validation,
        text: "blocked by our content filters",
        kind: Kind::ContentFiltered,
        // The sentence before the one above, of the same filter.
        seen: Reported("https://github.com/aws-samples/amazon-bedrock-samples/issues/230"),
    },
];

/// What it says first to an API key that it does not take (as reported:
/// <https://github.com/anomalyco/opencode/issues/47073>).
const API_KEY_NOT_TAKEN: &str = "Authentication failed: ";

/// Whether the message of a permission that is missing means the API key.
pub(super) fn refuses_api_key(message: &str) -> bool {
    message.starts_with(API_KEY_NOT_TAKEN)
}

/// The kind that the message tells, if it tells more than `by_name`.
pub(super) fn kind(by_name: Kind, message: &str) -> Option<Kind> {
    let mut among = PATTERNS.iter().filter(|pattern| pattern.among == by_name).peekable();
    among.peek()?;
    let message = message.to_ascii_lowercase();
    among.find(|pattern| message.contains(pattern.text)).map(|pattern| pattern.kind)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::fault::{ServiceError, names};

    #[test]
    fn each_pattern_is_in_small_letters_and_no_earlier_one_hides_it() {
        for pattern in &PATTERNS {
            assert_eq!(pattern.text, pattern.text.to_ascii_lowercase());
            let message = format!("Before. {} After.", pattern.text.to_ascii_uppercase());
            assert_eq!(kind(pattern.among, &message), Some(pattern.kind), "{message}");
            assert_eq!(kind(Kind::Internal, &message), None, "{message}");
        }
    }

    #[test]
    fn what_a_report_quotes_is_told_by_the_message() {
        for (name, message, expected) in [
            (
                "ThrottlingException",
                "Too many tokens per day, please wait before trying again.",
                Kind::QuotaExceeded,
            ),
            (
                "ThrottlingException",
                "Too many tokens, please wait before trying again.",
                Kind::Throttled,
            ),
            (
                "validationException",
                "The model returned the following errors: prompt is too long: 227255 tokens > 200000 maximum",
                Kind::ContextTooLong,
            ),
            (
                "ValidationException",
                "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, decrease input length or `max_tokens` and try again",
                Kind::ContextTooLong,
            ),
            (
                "ValidationException",
                "Output blocked by content filtering policy",
                Kind::ContentFiltered,
            ),
            ("ValidationException", "The provided model identifier is invalid.", Kind::Validation),
        ] {
            let payload = serde_json::json!({ "message": message }).to_string();
            let error = ServiceError::from_exception(name, payload.into());
            assert_eq!(error.kind(), expected, "{message}");
        }
    }

    #[test]
    fn each_pattern_that_was_recorded_is_in_its_recording() {
        let Some(corpus) = std::env::var_os("BEDROCK_WIRE_CORPUS").map(PathBuf::from) else {
            eprintln!("skipped: patterns in their recordings (set BEDROCK_WIRE_CORPUS)");
            return;
        };
        let mut recorded = 0;
        for pattern in &PATTERNS {
            let Recorded(name) = pattern.seen else { continue };
            let dir = corpus.join("recordings").join(name);
            let read = |file| std::fs::read(dir.join(file)).unwrap();
            let meta: serde_json::Value =
                serde_json::from_slice(&read("response.meta.json")).unwrap();
            let mut headers = http::HeaderMap::new();
            for pair in meta["headers"].as_array().unwrap() {
                let name: http::HeaderName = pair[0].as_str().unwrap().parse().unwrap();
                headers.append(name, pair[1].as_str().unwrap().parse().unwrap());
            }
            let status = meta["status"].as_u64().unwrap().try_into().unwrap();
            let error = ServiceError::from_response(status, &headers, read("response.bin").into());
            assert_eq!(error.kind(), pattern.kind, "{name}");
            assert_eq!(names::kind(error.name.as_deref().unwrap()), Some(pattern.among), "{name}");
            recorded += 1;
        }
        assert!(recorded > 0, "some were recorded");
    }

    #[test]
    fn each_report_has_an_address() {
        for pattern in &PATTERNS {
            if let Reported(address) = pattern.seen {
                assert!(address.starts_with("https://"), "{address}");
            }
        }
    }
}
