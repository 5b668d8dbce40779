//! The members of a JSON object, each taken once and none left over.

use std::fmt::Display;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::error::FaultError;

/// What is left of an object, and the names that were asked for.
pub(super) struct Members {
    left: Map<String, Value>,
    known: Vec<&'static str>,
}

type Read<T> = Result<T, FaultError>;

impl Members {
    pub(super) fn new(left: Map<String, Value>) -> Self {
        Members { left, known: Vec::new() }
    }

    /// A member of any kind; `null` is as good as none.
    pub(super) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn string(&mut self, name: &'static str) -> Read<Option<String>> {
        self.with(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn needed(&mut self, name: &'static str, mend: &str) -> Read<String> {
        self.string(name)?.ok_or_else(|| missing(name, mend))
    }

    pub(super) fn number(&mut self, name: &'static str) -> Read<Option<u64>> {
        self.with(name, "a whole number from 0", Value::as_u64)
    }

    pub(super) fn signed(&mut self, name: &'static str) -> Read<Option<i64>> {
        self.with(name, "a whole number, such as -600", Value::as_i64)
    }

    pub(super) fn fraction(&mut self, name: &'static str) -> Read<Option<f64>> {
        self.with(name, "a number from 0 to 1", Value::as_f64)
    }

    pub(super) fn truth(&mut self, name: &'static str) -> Read<Option<bool>> {
        self.with(name, "true or false", Value::as_bool)
    }

    pub(super) fn milliseconds(&mut self) -> Read<Duration> {
        let ms = self.number("ms")?.ok_or_else(|| missing("ms", "give the milliseconds"))?;
        Ok(Duration::from_millis(ms))
    }

    pub(super) fn status(&mut self) -> Read<Option<StatusCode>> {
        self.with("status", "an HTTP status, such as 429", |value| {
            StatusCode::from_u16(value.as_u64()?.try_into().ok()?).ok()
        })
    }

    pub(super) fn headers(&mut self) -> Read<HeaderMap> {
        let name = "headers";
        let mend = "an object of names and strings";
        let object = self.with(name, mend, |value| value.as_object().cloned())?;
        let mut headers = HeaderMap::new();
        for (header, value) in object.unwrap_or_default() {
            let wrong = |what: &str| FaultError::new(format!("{name}.{header}"), what);
            let header_name = HeaderName::try_from(header.as_str())
                .map_err(|_| wrong("this is no name of a header"))?;
            let text = value.as_str().ok_or_else(|| wrong("give a string"))?;
            let value = HeaderValue::try_from(text)
                .map_err(|_| wrong("give visible ASCII and spaces alone"))?;
            headers.append(header_name, value);
        }
        Ok(headers)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Where there is a member that nobody asked for.
    pub(super) fn none_left(self, of: impl Display) -> Read<()> {
        let Some((name, _)) = self.left.into_iter().next() else { return Ok(()) };
        let known = self.known.join(", ");
        Err(FaultError::new(name, format!("{of} has no such member; it has: {known}")))
    }

    fn with<T>(
        &mut self,
        name: &'static str,
        mend: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Read<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let wrong = || FaultError::new(name, format!("it is {}: give {mend}", shown(&value)));
        read(&value).ok_or_else(wrong).map(Some)
    }
}

pub(super) fn missing(name: &str, mend: &str) -> FaultError {
    FaultError::new(name, format!("it is missing: {mend}"))
}

/// The start of a value.
fn shown(value: &Value) -> String {
    const SHOWN: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
