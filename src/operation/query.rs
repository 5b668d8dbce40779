//! Members that go into the query.

use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use serde::ser::Error;
use serde_json::Value;

use super::label::RESERVED;
use crate::model::Document;

/// The members as a query, in their order and percent-encoded (Smithy,
/// `httpQuery`): a list stands once for each of its items.
pub(super) fn query(input: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut query = String::new();
    for (name, value) in Document::from_serialize(input)?.members()?.iter() {
        match value.to_value()? {
            Value::Array(items) => {
                for item in items {
                    add(&mut query, name, &item)?;
                }
            }
            value => add(&mut query, name, &value)?,
        }
    }
    Ok(query)
}

fn add(query: &mut String, name: &str, value: &Value) -> Result<(), serde_json::Error> {
    let value = match value {
        Value::Null => return Ok(()),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => {
            let why = format_args!("`{name}` goes into the query, which holds no nested value");
            return Err(serde_json::Error::custom(why));
        }
    };
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, RESERVED));
    query.push('=');
    query.extend(utf8_percent_encode(&value, RESERVED));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{ListAsyncInvokesRequest, SortOrder};

    #[test]
    fn only_what_is_set_is_in_the_query_and_nothing_in_it_is_left_bare() {
        assert_eq!(query(&ListAsyncInvokesRequest::new()).unwrap(), "");
        let mut input = ListAsyncInvokesRequest::new()
            .submit_time_after("2026-01-02T03:04:05+01:00")
            .max_results(7)
            .next_token("a/b+c=&d é")
            .sort_order(SortOrder::Descending);
        input.extra.insert("new", json!(["x", true]));
        assert_eq!(
            query(&input).unwrap(),
            "submitTimeAfter=2026-01-02T03%3A04%3A05%2B01%3A00&maxResults=7\
             &nextToken=a%2Fb%2Bc%3D%26d%20%C3%A9&sortOrder=Descending&new=x&new=true"
        );
    }

    #[test]
    fn what_a_query_cannot_hold_is_an_error_that_names_it() {
        let error = query(&json!({"a": {"b": 1}})).unwrap_err();
        assert!(error.to_string().contains("`a`"), "{error}");
    }
}
