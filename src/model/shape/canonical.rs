//! JSON compared as JSON: what is the same however it is written.

use std::fmt::Write;

use serde_json::value::RawValue;

/// How deep JSON may be nested to be compared: far deeper than any request is,
/// and no danger to the stack of a thread of 2 MiB.
const DEPTH: usize = 500;

/// A JSON value without what does not matter: white space, the order of
/// members, the ways to write a string or a number.
///
/// Numbers are compared as the decimals they are, of any size. Members of the
/// same name are all kept, in their order. A string with half a surrogate pair
/// in it, which has no text, is compared as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Canonical {
    /// `null`, `true`, `false` or a number in its shortest form.
    Plain(String),
    /// A string, written with the escapes that are needed.
    String(String),
    /// An array.
    Array(Vec<Canonical>),
    /// An object, sorted by the names, which are written as strings are.
    Object(Vec<(String, Canonical)>),
}

/// Why bytes cannot be compared as JSON.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotComparable {
    /// They are not JSON.
    #[error("it is not JSON: {0}")]
    Syntax(serde_json::Error),
    /// They are nested too deep.
    #[error("it is nested over {DEPTH} deep, and compared byte by byte")]
    Deep,
}

impl Canonical {
    /// Reads JSON.
    pub(crate) fn read(json: &[u8]) -> Result<Self, NotComparable> {
        // Checks all of it, at any depth and without recursion.
        let raw: &RawValue = serde_json::from_slice(json).map_err(NotComparable::Syntax)?;
        let mut reader = Reader { rest: raw.get(), depth: 0 };
        reader.value()
    }
}

impl std::fmt::Display for Canonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Canonical::Plain(text) | Canonical::String(text) => f.write_str(text),
            Canonical::Array(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { "," } else { "" })?;
                }
                f.write_char(']')
            }
            Canonical::Object(members) => {
                f.write_char('{')?;
                for (i, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{name}:{value}", if i > 0 { "," } else { "" })?;
                }
                f.write_char('}')
            }
        }
    }
}

/// Walks through text that is known to be JSON.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Result<Canonical, NotComparable> {
        match self.peek() {
            b'"' => Ok(Canonical::String(string(self.string()))),
            b'[' => self.nested(Self::array),
            b'{' => self.nested(Self::object),
            _ => Ok(Canonical::Plain(plain(self.token()))),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Canonical, NotComparable>,
    ) -> Result<Canonical, NotComparable> {
        if self.depth == DEPTH {
            return Err(NotComparable::Deep);
        }
        self.depth += 1;
        self.skip();
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn array(&mut self) -> Result<Canonical, NotComparable> {
        let mut items = Vec::new();
        while !self.closes(b']') {
            items.push(self.value()?);
        }
        Ok(Canonical::Array(items))
    }

    fn object(&mut self) -> Result<Canonical, NotComparable> {
        let mut members = Vec::new();
        while !self.closes(b'}') {
            let name = string(self.string());
            self.peek(); // the colon
            self.skip();
            members.push((name, self.value()?));
        }
        // Keeps the order of those with one name.
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Canonical::Object(members))
    }

    /// Whether the next byte ends an array or object, and takes it; else takes
    /// the comma, if there is one.
    fn closes(&mut self, end: u8) -> bool {
        let next = self.peek();
        if next == end || next == b',' {
            self.skip();
        }
        // At the end of the input nothing is open any more.
        if next == b',' {
            self.peek();
        }
        next == end || next == 0
    }

    /// The next byte that is not white space, left there; 0 at the end.
    fn peek(&mut self) -> u8 {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.rest.bytes().next().unwrap_or_default()
    }

    fn skip(&mut self) {
        self.take(1);
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// A string with its quotes.
    fn string(&mut self) -> &'a str {
        let mut escaped = false;
        let end = self.rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        self.take(end.map_or(self.rest.len(), |end| end + 2))
    }

    /// A number or a word.
    fn token(&mut self) -> &'a str {
        let is_end = |c: char| matches!(c, ',' | ']' | '}') || c.is_ascii_whitespace();
        self.take(self.rest.find(is_end).unwrap_or(self.rest.len()))
    }
}

/// A string in the one way to write it.
fn string(quoted: &str) -> String {
    let text: Result<String, _> = serde_json::from_str(quoted);
    text.and_then(|text| serde_json::to_string(&text)).unwrap_or_else(|_| quoted.to_owned())
}

fn plain(token: &str) -> String {
    match token {
        "null" | "true" | "false" => token.to_owned(),
        number => self::number(number),
    }
}

/// A number in the one way to write it: no zeros and no exponent that it can
/// do without.
fn number(text: &str) -> String {
    let (sign, absolute) = match text.strip_prefix('-') {
        Some(absolute) => ("-", absolute),
        None => ("", text),
    };
    let (mantissa, exponent) = absolute.split_once(['e', 'E']).unwrap_or((absolute, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    // How many places behind its last digit, or before it, the point is.
    let shift = |length: usize| i128::try_from(length).unwrap_or(i128::MAX);
    let exponent = exponent.parse::<i128>().ok().and_then(|exponent| {
        exponent.checked_add(shift(zeros))?.checked_sub(shift(fraction.len()))
    });
    match exponent {
        Some(exponent) => format!("{sign}{}", decimal(significant, exponent)),
        // Of exponents that nobody can mean, the text is compared.
        None => text.to_ascii_lowercase(),
    }
}

fn decimal(digits: &str, exponent: i128) -> String {
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
    match digits.len().checked_sub(places) {
        // As many zeros as a number of 64 bits may need.
        _ if (0..=20).contains(&exponent) => format!("{digits}{}", "0".repeat(places)),
        Some(whole @ 1..) if exponent < 0 => {
            let (whole, fraction) = digits.split_at(whole);
            format!("{whole}.{fraction}")
        }
        _ if (-10..0).contains(&exponent) => {
            format!("0.{}{digits}", "0".repeat(places - digits.len()))
        }
        Some(_) | None => format!("{digits}e{exponent}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(json: &str) -> String {
        let read = Canonical::read(json.as_bytes()).unwrap();
        let text = read.to_string();
        assert_eq!(Canonical::read(text.as_bytes()).unwrap(), read, "{json} as {text}");
        text
    }

    #[test]
    fn all_writings_of_a_value_are_one() {
        for (writings, text) in [
            (
                &["0", "-0", "0.0", "-0e9", "0E-5", "0e99999999999999999999999999999999999999999"]
                    [..],
                "0",
            ),
            (&["100", "1e2", "1E+2", "100.0", "10.00e1", "1000e-1"], "100"),
            (&["-1.5", "-15e-1", "-0.15e1", "-1.500"], "-1.5"),
            (&["0.05", "5e-2", "0.5E-1"], "0.05"),
            (&["0.5", "5e-1"], "0.5"),
            (&["0.00000000005", "5e-11"], "5e-11"),
            (&["10000000000000000", "1e16", "1.0e16"], "10000000000000000"),
            (&["1e400", "10e399", "0.1e401"], "1e400"),
            (&["\"\\u00e9\\/\"", "\"é/\""], "\"é/\""),
            (&["[ 1 ,\t2\n]", "[1,2]"], "[1,2]"),
            (
                &["{\"b\":[],\"a\":{}}", " { \"a\" : { } , \"\\u0062\" : [ ] } "],
                "{\"a\":{},\"b\":[]}",
            ),
            (&["[\"\\\\\",\"\\\"\",null,true,false]"], "[\"\\\\\",\"\\\"\",null,true,false]"),
        ] {
            for writing in writings {
                assert_eq!(canonical(writing), text, "{writing}");
            }
        }
    }

    #[test]
    fn what_differs_is_told_apart() {
        for (one, other) in [
            ("18446744073709551616", "18446744073709551617"),
            ("0.1", "0.10000000000000000001"),
            ("1e400", "1e401"),
            ("1", "-1"),
            ("12", "1.2"),
            ("1e-3", "1e3"),
            (
                "1e170141183460469231731687303715884105728",
                "1e170141183460469231731687303715884105729",
            ),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2,"a":1}"#),
            (r#"["1"]"#, "[1]"),
            (r#""\ud800""#, r#""\ud801""#),
        ] {
            assert_ne!(canonical(one), canonical(other));
        }
    }

    #[test]
    fn depth_is_no_danger_and_what_is_not_json_says_so() {
        let nested = |depth| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert_eq!(canonical(&nested(DEPTH)), nested(DEPTH));
        for depth in [DEPTH + 1, 1_000_000] {
            let error = Canonical::read(nested(depth).as_bytes()).unwrap_err();
            assert!(matches!(error, NotComparable::Deep), "{error}");
        }
        for bad in ["", "{", "[1,]", "01", "\"\\x\"", "1 2", "nul"] {
            let error = Canonical::read(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("it is not JSON: "), "{bad}: {error}");
        }
        assert!(Canonical::read(b"\"\xff\"").is_err());
    }
}
