//! Where two JSON values differ.

use serde_json::{Map, Number, Value};

/// The first difference, and how many there are.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// Path to the first one, such as `$.messages[0].role`.
    pub(super) path: String,
    /// What is there in the one; `None` if nothing is.
    pub(super) one: Option<Value>,
    /// What is there in the other.
    pub(super) other: Option<Value>,
    /// How many values differ or are in only one of them.
    pub(super) count: usize,
}

/// How two values differ; `None` if they are the same JSON. Members are
/// compared by name, numbers by value.
pub(super) fn difference(one: &Value, other: &Value) -> Option<Difference> {
    let mut found = Found { path: "$".to_owned(), difference: None };
    found.compare(Some(one), Some(other));
    found.difference
}

struct Found {
    /// Where the comparison is.
    path: String,
    difference: Option<Difference>,
}

impl Found {
    fn compare(&mut self, one: Option<&Value>, other: Option<&Value>) {
        match (one, other) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => self.members(one, other),
            (Some(Value::Array(one)), Some(Value::Array(other))) => self.items(one, other),
            (Some(Value::Number(one)), Some(Value::Number(other))) if same(one, other) => {}
            (one, other) if one == other => {}
            (one, other) => self.note(one, other),
        }
    }

    fn members(&mut self, one: &Map<String, Value>, other: &Map<String, Value>) {
        for (name, value) in one {
            self.below(&member(name), Some(value), other.get(name));
        }
        for (name, value) in other.iter().filter(|(name, _)| !one.contains_key(*name)) {
            self.below(&member(name), None, Some(value));
        }
    }

    fn items(&mut self, one: &[Value], other: &[Value]) {
        for i in 0..one.len().max(other.len()) {
            self.below(&format!("[{i}]"), one.get(i), other.get(i));
        }
    }

    fn below(&mut self, step: &str, one: Option<&Value>, other: Option<&Value>) {
        let length = self.path.len();
        self.path.push_str(step);
        self.compare(one, other);
        self.path.truncate(length);
    }

    fn note(&mut self, one: Option<&Value>, other: Option<&Value>) {
        let first = self.difference.get_or_insert_with(|| Difference {
            path: self.path.clone(),
            one: one.cloned(),
            other: other.cloned(),
            count: 0,
        });
        first.count += 1;
    }
}

fn same(one: &Number, other: &Number) -> bool {
    one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

/// As in a JSON path: quoted where it is no plain name.
fn member(name: &str) -> String {
    let plain = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!(".{name}") } else { format!("[{}]", Value::from(name)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_told_by_its_path_with_both_values() {
        let one = json!({"a": [{"b": 1.0, "c": "x"}], "d-e": 1, "f": null});
        for (other, path, left, right, count) in [
            (
                json!({"a": [{"b": 1, "c": "y"}], "d-e": 1, "f": null}),
                "$.a[0].c",
                "\"x\"",
                "\"y\"",
                1,
            ),
            (json!({"a": [{"b": 1, "c": "x"}, 5], "f": null}), "$.a[1]", "-", "5", 2),
            (json!({"a": [{"b": 1, "c": "x"}], "d-e": 2, "f": null}), "$[\"d-e\"]", "1", "2", 1),
            (json!({"a": [{"b": 1, "c": "x"}], "d-e": 1}), "$.f", "null", "-", 1),
            (json!([]), "$", "{\"a\":[{\"b\":1.0,\"c\":\"x\"}],\"d-e\":1,\"f\":null}", "[]", 1),
        ] {
            let found = difference(&one, &other).unwrap();
            let text = |value: Option<Value>| value.map_or("-".to_owned(), |v| v.to_string());
            assert_eq!((found.path.as_str(), found.count), (path, count));
            assert_eq!((text(found.one).as_str(), text(found.other).as_str()), (left, right));
        }
    }

    #[test]
    fn the_same_json_does_not_differ_however_it_is_written() {
        let one: Value = serde_json::from_str(r#"{"a": 1.0, "b": [1e2]}"#).unwrap();
        assert_eq!(difference(&one, &json!({"b": [100], "a": 1})), None);
    }

    #[test]
    fn numbers_beyond_a_double_are_told_apart() {
        assert!(
            difference(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64))
                .is_some()
        );
    }
}
