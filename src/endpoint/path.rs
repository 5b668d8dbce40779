//! Paths that reach the service as they are written.
//!
//! URL libraries re-encode some characters, resolve dot segments and cut off
//! fragments; services fold empty segments before they check a signature.
//! What any of them would change is an error here.

use std::fmt;

use super::EndpointError;

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathProblem {
    /// It does not begin with `/`.
    NotAbsolute,
    /// A character that must be percent-encoded here (RFC 3986 §3.3).
    Character(char),
    /// `%` without two hexadecimal digits after it.
    Percent,
    /// A segment `.` or `..`, also if its dots are written `%2e`.
    DotSegment,
    /// Two slashes in a row.
    EmptySegment,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => f.write_str("it must begin with /"),
            Self::Character(c) => write!(f, "{c:?} must be percent-encoded"),
            Self::Percent => {
                f.write_str("% needs two hexadecimal digits after it (%25 is a literal %)")
            }
            Self::DotSegment => {
                f.write_str("a segment of dots alone would be resolved on the way; remove it")
            }
            Self::EmptySegment => {
                f.write_str("an empty segment would be dropped on the way; remove one slash")
            }
        }
    }
}

/// Checks an operation's path, with its query if it has one.
pub(super) fn check(path: &str) -> Result<(), EndpointError> {
    problem(path).map_err(|(problem, offset)| EndpointError::Path {
        input: "path",
        problem,
        offset,
    })
}

/// Checks the path of a URL, in which it begins at byte `start`.
pub(super) fn check_base(path: &str, start: usize) -> Result<(), EndpointError> {
    problem(path).map_err(|(problem, offset)| EndpointError::Path {
        input: "endpoint URL",
        problem,
        offset: start + offset,
    })
}

type Located = (PathProblem, usize);

fn problem(path: &str) -> Result<(), Located> {
    if !path.starts_with('/') {
        return Err((PathProblem::NotAbsolute, 0));
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    characters(path, |b| matches!(b, b'/' | b'\'') || is_plain(b))?;
    // URL libraries encode an apostrophe in a query, though not in a path.
    characters(query, |b| matches!(b, b'/' | b'?') || is_plain(b))
        .map_err(|(problem, offset)| (problem, path.len() + 1 + offset))?;
    segments(path)
}

/// `pchar` of RFC 3986 but the apostrophe and percent-encodings.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'(' | b')')
        || matches!(byte, b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@')
}

fn characters(text: &str, allowed: impl Fn(u8) -> bool) -> Result<(), Located> {
    for (offset, character) in text.char_indices() {
        if character == '%' {
            percent(text, offset)?;
        } else if !u8::try_from(character).is_ok_and(&allowed) {
            return Err((PathProblem::Character(character), offset));
        }
    }
    Ok(())
}

fn percent(text: &str, offset: usize) -> Result<(), Located> {
    match text.as_bytes().get(offset + 1..offset + 3) {
        Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(()),
        Some(_) | None => Err((PathProblem::Percent, offset)),
    }
}

fn segments(path: &str) -> Result<(), Located> {
    let mut offset = 1;
    for segment in path[1..].split('/') {
        let end = offset + segment.len();
        if segment.is_empty() && end < path.len() {
            return Err((PathProblem::EmptySegment, offset));
        }
        if is_dots(segment) {
            return Err((PathProblem::DotSegment, offset));
        }
        offset = end + 1;
    }
    Ok(())
}

/// Whether a segment is one dot or two.
fn is_dots(segment: &str) -> bool {
    behind_dot(segment).is_some_and(|rest| rest.is_empty() || behind_dot(rest) == Some(""))
}

fn behind_dot(text: &str) -> Option<&str> {
    [".", "%2e", "%2E"].into_iter().find_map(|dot| text.strip_prefix(dot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_on_the_way_is_refused_with_its_place() {
        for (path, expected) in [
            ("model/x", (PathProblem::NotAbsolute, 0)),
            ("", (PathProblem::NotAbsolute, 0)),
            ("/a b", (PathProblem::Character(' '), 2)),
            ("/a#b", (PathProblem::Character('#'), 2)),
            ("/a\\b", (PathProblem::Character('\\'), 2)),
            ("/a{b", (PathProblem::Character('{'), 2)),
            ("/aä", (PathProblem::Character('ä'), 2)),
            ("/\u{7f}", (PathProblem::Character('\u{7f}'), 1)),
            ("/a%2", (PathProblem::Percent, 2)),
            ("/a%zz", (PathProblem::Percent, 2)),
            ("/a?b=%", (PathProblem::Percent, 5)),
            ("/a?b='", (PathProblem::Character('\''), 5)),
            ("/a/./b", (PathProblem::DotSegment, 3)),
            ("/a/..", (PathProblem::DotSegment, 3)),
            ("/a/%2E./b", (PathProblem::DotSegment, 3)),
            ("/a/%2e", (PathProblem::DotSegment, 3)),
            ("/a/.%2e", (PathProblem::DotSegment, 3)),
            ("/a/%2e%2E/", (PathProblem::DotSegment, 3)),
            ("/a//b", (PathProblem::EmptySegment, 3)),
            ("//b", (PathProblem::EmptySegment, 1)),
        ] {
            assert_eq!(problem(path), Err(expected), "{path:?}");
        }
    }

    #[test]
    fn what_stays_as_it_is_passes() {
        for path in [
            "/",
            "/a/",
            "/a'b",
            "/...",
            "/.a",
            "/..%2e",
            "/%2ea",
            "/%2f",
            "/a%2F..%2fb",
            "/a?b=//??",
            "/~!$&()*+,;=:@",
        ] {
            assert_eq!(problem(path), Ok(()), "{path:?}");
        }
    }
}
