//! The account ids in ARNs.

use std::ops::Range;

use memchr::memmem;

/// Digits of an account id.
const ACCOUNT_LENGTH: usize = 12;

/// Where in `text` the account ids of ARNs are, in order.
///
/// An ARN is `arn:partition:service:region:account:resource`; its colons may
/// be percent-encoded, as often as it takes. Source: AWS, "Amazon Resource
/// Names (ARNs)".
pub(super) fn accounts(text: &[u8]) -> Vec<Range<usize>> {
    memmem::find_iter(text, b"arn").filter_map(|start| account(text, start)).collect()
}

fn account(text: &[u8], start: usize) -> Option<Range<usize>> {
    let mut at = start + b"arn".len();
    at += colon(text.get(at..)?)?;
    if !text.get(at..)?.starts_with(b"aws") {
        return None;
    }
    for _ in ["partition", "service", "region"] {
        at += length(text.get(at..)?, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        at += colon(text.get(at..)?)?;
    }
    let rest = text.get(at..)?;
    let is_account = length(rest, |byte| byte.is_ascii_digit()) == ACCOUNT_LENGTH;
    let end = is_account.then(|| colon(&rest[ACCOUNT_LENGTH..])).flatten();
    end.map(|_| at..at + ACCOUNT_LENGTH)
}

fn length(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| belongs(**byte)).count()
}

/// Length of the colon that `text` starts with: `:`, `%3A`, `%253A` and so on.
fn colon(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b':') {
        return Some(1);
    }
    let mut at = usize::from(text.first() == Some(&b'%'));
    while at > 0 && text[at..].starts_with(b"25") {
        at += 2;
    }
    let encoded = at > 0 && text[at..].get(..2).is_some_and(|hex| hex.eq_ignore_ascii_case(b"3a"));
    encoded.then_some(at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        accounts(text.as_bytes()).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn an_account_is_found_however_its_arn_is_written() {
        for text in [
            "arn:aws:bedrock:us-east-1:210987654321:inference-profile/us.a.b",
            "x=arn%3Aaws-us-gov%3Abedrock%3Aus-gov-west-1%3A210987654321%3Aprovisioned-model%2Fx",
            "arn%253aaws%253aiam%253a%253a210987654321%253arole%252fx",
            "\"arn:aws:iam::210987654321:user/a\"",
        ] {
            assert_eq!(found(text), ["210987654321"], "{text}");
        }
        assert_eq!(
            found("arn:aws:a:b:210987654321:c arn:aws:a:b:123456789012:c"),
            ["210987654321", "123456789012"]
        );
    }

    #[test]
    fn what_is_no_account_of_an_arn_is_left_alone() {
        for text in [
            "210987654321",
            "arn:aws:bedrock:us-east-1::foundation-model/a.b",
            "arn:aws:bedrock:us-east-1:2109876543210:x",
            "arn:aws:bedrock:us-east-1:21098765432:x",
            "arn:aws:bedrock:us-east-1:210987654321",
            "learn: aws:a:b:210987654321:c",
            "arn",
            "arn%",
            "arn:aws:s3",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
