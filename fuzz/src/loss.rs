//! What was in JSON before and is not after.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The path to what is lost or changed between two writings of the same; `None`
/// if nothing is. Members that are `null` are absent ones, and `__type` is no
/// member (Smithy, "AWS restJson1 protocol").
pub(crate) fn lost(before: &Value, after: &Value) -> Option<String> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let members = before.iter().filter(|(name, v)| !v.is_null() && *name != "__type");
            members.into_iter().find_map(|(name, before)| match after.get(name) {
                Some(after) => lost(before, after).map(|at| format!(".{name}{at}")),
                None => Some(format!(".{name} is lost")),
            })
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let pairs = before.iter().zip(after).enumerate();
            pairs.into_iter().find_map(|(i, (b, a))| lost(b, a).map(|at| format!("[{i}]{at}")))
        }
        (Value::Number(before), Value::Number(after)) => {
            (before.as_f64() != after.as_f64()).then(|| format!(": {before} became {after}"))
        }
        (Value::String(before), Value::String(after)) if before != after => {
            (!same_blob(before, after)).then(|| format!(": {before:?} became {after:?}"))
        }
        _ => (before != after).then(|| format!(": {before} became {after}")),
    }
}

/// Two writings of the same base64.
fn same_blob(before: &str, after: &str) -> bool {
    STANDARD.decode(after).is_ok_and(|bytes| {
        let written = |text: &str| text.trim_end_matches('=').to_owned();
        written(before) == written(after) || STANDARD.decode(before).ok() == Some(bytes)
    })
}
