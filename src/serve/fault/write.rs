//! From faults to JSON.

use std::time::Duration;

use http::HeaderMap;
use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{At, ErrorAnswer, Fault, FaultKind, Place, Rate};
use crate::operation::Operation;

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        object(self).serialize(serializer)
    }
}

/// The members that are not as they are by default.
pub(super) fn object(fault: &Fault) -> Map<String, Value> {
    let mut out = Object(Map::new());
    out.set("fault", fault.kind.name());
    out.some("operation", fault.operation.map(Operation::name));
    out.some("model", fault.model.as_deref());
    out.some("tape", fault.tape.as_deref());
    out.some("skip", Some(fault.skip).filter(|skip| *skip > 0));
    out.some("times", fault.times);
    if let Some(Rate { rate, seed }) = fault.rate {
        out.set("rate", rate);
        out.set("seed", seed);
    }
    out.kind(&fault.kind);
    out.0
}

struct Object(Map<String, Value>);

impl Object {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    fn kind(&mut self, kind: &FaultKind) {
        match kind {
            FaultKind::DelayHead(by)
            | FaultKind::DelayFirstFrame(by)
            | FaultKind::DelayFrames(by) => {
                self.set("ms", milliseconds(*by));
            }
            FaultKind::Stall(at) | FaultKind::Reset(at) => self.at(at),
            FaultKind::Error(error) => self.error(error),
            FaultKind::Exception { name, message, place } => {
                self.set("name", name.as_str());
                self.some("message", message.as_deref());
                self.place(place.as_ref());
            }
            FaultKind::ErrorMessage { code, message, place } => {
                self.set("code", code.as_str());
                self.some("message", message.as_deref());
                self.place(place.as_ref());
            }
            FaultKind::PreludeCrc { frame }
            | FaultKind::MessageCrc { frame }
            | FaultKind::HeaderType { frame } => self.set("frame", *frame),
            FaultKind::Length { frame, value } => {
                self.set("frame", *frame);
                self.set("value", *value);
            }
            FaultKind::Cut { place, clean } => {
                self.place(place.as_ref());
                self.some("clean", clean.then_some(true));
            }
            FaultKind::Pieces { size } => self.set("size", *size),
            FaultKind::JsonBody { body } => self.some("body", body.clone()),
            FaultKind::Clock { seconds } => self.set("seconds", *seconds),
            FaultKind::Redirect { location, status } => {
                self.set("location", location.as_str());
                self.set("status", status.as_u16());
            }
        }
    }

    fn error(&mut self, error: &ErrorAnswer) {
        let ErrorAnswer { name, status, message, headers, body } = error;
        self.set("name", name.as_str());
        self.some("status", status.map(|status| status.as_u16()));
        self.some("message", message.as_deref());
        if !headers.is_empty() {
            self.set("headers", header_object(headers));
        }
        self.some("body", body.clone());
    }

    fn at(&mut self, at: &At) {
        match at {
            At::Head => self.set("head", true),
            At::Body(place) => self.place(place.as_ref()),
        }
    }

    fn place(&mut self, place: Option<&Place>) {
        match place {
            None => {}
            Some(Place::Frame { index, offset }) => {
                self.set("frame", *index);
                self.some("offset", Some(*offset).filter(|offset| *offset > 0));
            }
            Some(Place::Byte(byte)) => self.set("byte", *byte),
            Some(Place::Before(event_type)) => self.set("before", event_type.as_str()),
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn header_object(headers: &HeaderMap) -> Value {
    let members = headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))));
    Value::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_written_as_it_is_read() {
        for json in [
            json!({ "fault": "delay_head", "ms": 1 }),
            json!({ "fault": "delay_first_frame", "ms": 1, "operation": "Converse" }),
            json!({ "fault": "delay_frames", "ms": 1, "model": "m", "tape": "t*" }),
            json!({ "fault": "stall", "head": true, "skip": 1, "times": 2 }),
            json!({ "fault": "stall", "frame": 2, "rate": 0.5, "seed": 7 }),
            json!({ "fault": "error", "name": "ThrottlingException" }),
            json!({ "fault": "error", "name": "Odd", "status": 418, "message": "m",
                    "headers": { "retry-after": "1" }, "body": { "a": 1 } }),
            json!({ "fault": "exception", "name": "throttlingException", "message": "m" }),
            json!({ "fault": "error_message", "code": "Odd", "before": "messageStart" }),
            json!({ "fault": "prelude_crc", "frame": 0 }),
            json!({ "fault": "message_crc", "frame": 3 }),
            json!({ "fault": "length", "frame": 0, "value": 4_294_967_295_u32 }),
            json!({ "fault": "header_type", "frame": 1 }),
            json!({ "fault": "cut", "frame": 1, "offset": 9, "clean": true }),
            json!({ "fault": "cut", "byte": 0 }),
            json!({ "fault": "reset", "head": true }),
            json!({ "fault": "pieces", "size": 1 }),
            json!({ "fault": "json_body", "body": "text" }),
            json!({ "fault": "clock", "seconds": -600 }),
            json!({ "fault": "redirect", "location": "/", "status": 308 }),
        ] {
            let fault = Fault::try_from(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(&fault).unwrap(), json);
        }
    }
}
