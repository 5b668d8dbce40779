//! Where two JSON values differ.

use std::cmp::Ordering;

use crate::model::Canonical;

/// The first difference, and how many there are.
#[derive(Debug, PartialEq)]
pub(super) struct Difference<'a> {
    /// Path to the first one, such as `$.messages[0].role`.
    pub(super) path: String,
    /// What is there in the one; `None` if nothing is.
    pub(super) one: Option<&'a Canonical>,
    /// What is there in the other.
    pub(super) other: Option<&'a Canonical>,
    /// How many values differ or are in only one of them.
    pub(super) count: usize,
}

/// How two values differ; `None` if they are the same JSON, and only then.
pub(super) fn difference<'a>(one: &'a Canonical, other: &'a Canonical) -> Option<Difference<'a>> {
    let mut found = Found { path: "$".to_owned(), difference: None };
    found.compare(Some(one), Some(other));
    found.difference
}

struct Found<'a> {
    /// Where the comparison is.
    path: String,
    difference: Option<Difference<'a>>,
}

impl<'a> Found<'a> {
    fn compare(&mut self, one: Option<&'a Canonical>, other: Option<&'a Canonical>) {
        match (one, other) {
            (Some(Canonical::Object(one)), Some(Canonical::Object(other))) => {
                self.members(one, other);
            }
            (Some(Canonical::Array(one)), Some(Canonical::Array(other))) => self.items(one, other),
            (one, other) if one == other => {}
            (one, other) => self.note(one, other),
        }
    }

    /// Both are sorted, so that the smaller name is missing in the other.
    fn members(&mut self, one: &'a [(String, Canonical)], other: &'a [(String, Canonical)]) {
        let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
        loop {
            let order = match (one.peek(), other.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((one, _)), Some((other, _))) => one.cmp(other),
            };
            let left = if order.is_le() { one.next() } else { None };
            let right = if order.is_ge() { other.next() } else { None };
            let name = left.or(right).map(|(name, _)| member(name)).unwrap_or_default();
            self.below(&name, left.map(|(_, value)| value), right.map(|(_, value)| value));
        }
    }

    fn items(&mut self, one: &'a [Canonical], other: &'a [Canonical]) {
        for i in 0..one.len().max(other.len()) {
            self.below(&format!("[{i}]"), one.get(i), other.get(i));
        }
    }

    fn below(&mut self, step: &str, one: Option<&'a Canonical>, other: Option<&'a Canonical>) {
        let length = self.path.len();
        self.path.push_str(step);
        self.compare(one, other);
        self.path.truncate(length);
    }

    fn note(&mut self, one: Option<&'a Canonical>, other: Option<&'a Canonical>) {
        let first = self.difference.get_or_insert_with(|| Difference {
            path: self.path.clone(),
            one,
            other,
            count: 0,
        });
        first.count += 1;
    }
}

/// As in a JSON path: quoted, as it is here, where it is no plain name.
fn member(quoted: &str) -> String {
    let name = quoted.trim_matches('"');
    let plain = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!(".{name}") } else { format!("[{quoted}]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Canonical {
        Canonical::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn the_first_difference_is_told_by_its_path_with_both_values() {
        let one = read(r#"{"a": [{"b": 1.0, "c": "x"}], "d-e": 1, "f": null}"#);
        for (other, path, left, right, count) in [
            (r#"{"a":[{"b":1,"c":"y"}],"d-e":1,"f":null}"#, "$.a[0].c", "\"x\"", "\"y\"", 1),
            (r#"{"a":[{"b":1,"c":"x"},5],"f":null}"#, "$.a[1]", "-", "5", 2),
            (r#"{"a":[{"b":1,"c":"x"}],"d-e":2,"f":null}"#, "$[\"d-e\"]", "1", "2", 1),
            (r#"{"a":[{"b":1,"c":"x"}],"d-e":1}"#, "$.f", "null", "-", 1),
            ("[]", "$", r#"{"a":[{"b":1,"c":"x"}],"d-e":1,"f":null}"#, "[]", 1),
        ] {
            let other = read(other);
            let found = difference(&one, &other).unwrap();
            let text =
                |value: Option<&Canonical>| value.map_or("-".to_owned(), ToString::to_string);
            assert_eq!((found.path.as_str(), found.count), (path, count));
            assert_eq!((text(found.one).as_str(), text(found.other).as_str()), (left, right));
        }
    }

    #[test]
    fn the_same_json_does_not_differ_however_it_is_written() {
        let (one, other) = (read(r#"{"a": 1.0, "b": [1e2]}"#), read(r#"{"b":[100],"a":1}"#));
        assert_eq!(difference(&one, &other), None);
    }

    #[test]
    fn what_is_not_equal_differs() {
        for (one, other, path) in [
            ("18446744073709551616", "18446744073709551617", "$"),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, "$.a"),
            (r#"{"a":2}"#, r#"{"a":2,"a":2}"#, "$.a"),
            ("[1e400]", "[1e401]", "$[0]"),
        ] {
            let (one, other) = (read(one), read(other));
            assert_ne!(one, other);
            assert_eq!(difference(&one, &other).unwrap().path, path);
        }
    }
}
