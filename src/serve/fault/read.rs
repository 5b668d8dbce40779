//! From JSON, or its short form, to faults.

use std::str::FromStr;

use http::{HeaderValue, StatusCode};
use serde::de::{self, Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::error::FaultError;
use super::members::{Members, missing};
use super::{At, ErrorAnswer, Fault, FaultKind, Place, Rate, frames, names};
use crate::operation::Operation;

/// The total length that a damaged frame says by default: more than any client
/// should wait for.
const LENGTH: u32 = u32::MAX;

const KINDS: &str = "delay_head, delay_first_frame, delay_frames, stall, error, exception, \
                     error_message, prelude_crc, message_crc, length, header_type, cut, reset, \
                     pieces, json_body, clock, redirect";

type Read<T> = Result<T, FaultError>;

/// Reads `{"faults":[...]}`: a file of faults, or the body of a request that
/// sets them.
///
/// # Errors
/// What is wrong, in which fault and member, and how to mend it.
pub fn read_faults(json: &[u8]) -> Result<Vec<Fault>, FaultError> {
    let value: Value = serde_json::from_slice(json).map_err(no_json)?;
    let Value::Object(object) = value else {
        return Err(FaultError::new("", "give an object: {\"faults\":[...]}"));
    };
    let mut members = Members::new(object);
    let faults = members.value("faults");
    members.none_left("the object")?;
    let Some(Value::Array(faults)) = faults else {
        return Err(missing("faults", "give a list of faults, which may be empty"));
    };
    let read = |(i, fault)| of_value(fault).map_err(|error| error.within(&format!("faults[{i}]")));
    faults.into_iter().enumerate().map(read).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn no_json(error: serde_json::Error) -> FaultError {
    FaultError::new("", format!("this is no JSON: {error}"))
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads a JSON object, or a kind and `key=value` with commas between them,
    /// such as `cut,frame=3,times=1`; a value is read as JSON, or else as the
    /// string it is.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let text = text.trim();
        if text.starts_with('{') {
            return of_value(serde_json::from_str(text).map_err(no_json)?);
        }
        let (kind, mut rest) = text.split_once(',').unwrap_or((text, ""));
        let mut object = Map::new();
        object.insert("fault".to_owned(), kind.trim().into());
        while !rest.is_empty() {
            let (key, after) = rest.split_once('=').ok_or_else(|| {
                FaultError::new(rest, "give key=value, such as frame=3, with commas between them")
            })?;
            let (value, after) = short_value(after);
            if object.insert(key.trim().to_owned(), value).is_some() {
                return Err(FaultError::new(key.trim(), "it is given twice"));
            }
            rest = after;
        }
        of_value(Value::Object(object))
    }
}

/// The value at the start of `text`, and what is behind it and its comma.
fn short_value(text: &str) -> (Value, &str) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    if let Some(Ok(value)) = values.next() {
        let after = &text[values.byte_offset()..];
        match after.strip_prefix(',') {
            Some(after) => return (value, after),
            None if after.is_empty() => return (value, after),
            // Text that only starts like JSON.
            None => {}
        }
    }
    let (value, after) = text.split_once(',').unwrap_or((text, ""));
    (value.into(), after)
}

impl TryFrom<Value> for Fault {
    type Error = FaultError;

    fn try_from(value: Value) -> Result<Self, FaultError> {
        of_value(value)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        of_value(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn of_value(value: Value) -> Read<Fault> {
    let Value::Object(object) = value else {
        return Err(FaultError::new("", "a fault is an object, such as {\"fault\":\"cut\"}"));
    };
    let mut members = Members::new(object);
    let name = members.needed("fault", &format!("give one of {KINDS}"))?;
    let operation = members.string("operation")?.map(|name| operation(&name)).transpose()?;
    let (model, tape) = (members.string("model")?, members.string("tape")?);
    let skip = members.number("skip")?.unwrap_or_default();
    let times = members.number("times")?;
    let rate = rate(&mut members)?;
    let kind = kind(&name, &mut members)?;
    members.none_left(format_args!("`{name}`"))?;
    let fault = Fault { kind, operation, model, tape, skip, times, rate };
    check(&fault)?;
    Ok(fault)
}

fn operation(name: &str) -> Read<Operation> {
    Operation::from_name(name).ok_or_else(|| {
        let known: Vec<_> = Operation::ALL.iter().map(|known| known.name()).collect();
        let why = format!("`{name}` is none that is known: give one of {}", known.join(", "));
        FaultError::new("operation", why)
    })
}

fn rate(members: &mut Members) -> Read<Option<Rate>> {
    let (rate, seed) = (members.fraction("rate")?, members.number("seed")?);
    match (rate, seed) {
        (Some(rate), seed) => Ok(Some(Rate { rate, seed: seed.unwrap_or_default() })),
        (None, Some(_)) => Err(missing("rate", "a seed is of use with one alone")),
        (None, None) => Ok(None),
    }
}

fn kind(name: &str, members: &mut Members) -> Read<FaultKind> {
    Ok(match name {
        "delay_head" => FaultKind::DelayHead(members.milliseconds()?),
        "delay_first_frame" => FaultKind::DelayFirstFrame(members.milliseconds()?),
        "delay_frames" => FaultKind::DelayFrames(members.milliseconds()?),
        "stall" => FaultKind::Stall(at(members)?),
        "error" => FaultKind::Error(error(members)?),
        "exception" => FaultKind::Exception {
            name: members.needed("name", "give one such as throttlingException")?,
            message: members.string("message")?,
            place: place(members)?,
        },
        "error_message" => FaultKind::ErrorMessage {
            code: members.needed("code", "give one such as InternalFailure")?,
            message: members.string("message")?,
            place: place(members)?,
        },
        "prelude_crc" => FaultKind::PreludeCrc { frame: frame(members)? },
        "message_crc" => FaultKind::MessageCrc { frame: frame(members)? },
        "length" => FaultKind::Length { frame: frame(members)?, value: length(members)? },
        "header_type" => FaultKind::HeaderType { frame: frame(members)? },
        "cut" => FaultKind::Cut {
            place: place(members)?,
            clean: members.truth("clean")?.unwrap_or_default(),
        },
        "reset" => FaultKind::Reset(at(members)?),
        "pieces" => FaultKind::Pieces { size: size(members)? },
        "json_body" => FaultKind::JsonBody { body: members.value("body") },
        "clock" => FaultKind::Clock {
            seconds: members
                .signed("seconds")?
                .ok_or_else(|| missing("seconds", "give by how many the clock is off"))?,
        },
        "redirect" => FaultKind::Redirect {
            location: members.needed("location", "give a URL or a path")?,
            status: members.status()?.unwrap_or(StatusCode::TEMPORARY_REDIRECT),
        },
        _ => {
            return Err(FaultError::new(
                "fault",
                format!("`{name}` is no kind of fault: give one of {KINDS}"),
            ));
        }
    })
}

fn error(members: &mut Members) -> Read<ErrorAnswer> {
    Ok(ErrorAnswer {
        name: members.needed("name", "give one such as ThrottlingException")?,
        status: members.status()?,
        message: members.string("message")?,
        headers: members.headers()?,
        body: members.value("body"),
    })
}

fn frame(members: &mut Members) -> Read<u64> {
    Ok(members.number("frame")?.unwrap_or_default())
}

fn length(members: &mut Members) -> Read<u32> {
    let Some(value) = members.number("value")? else { return Ok(LENGTH) };
    u32::try_from(value).map_err(|_| FaultError::new("value", "give a number below 4294967296"))
}

fn size(members: &mut Members) -> Read<usize> {
    let size = members.number("size")?;
    let size = size.ok_or_else(|| missing("size", "give the bytes of a piece"))?;
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

fn at(members: &mut Members) -> Read<At> {
    let head = members.truth("head")?.unwrap_or_default();
    match (head, place(members)?) {
        (true, Some(_)) => Err(FaultError::new("head", "give this or a place in the body")),
        (true, None) => Ok(At::Head),
        (false, place) => Ok(At::Body(place)),
    }
}

fn place(members: &mut Members) -> Read<Option<Place>> {
    let (frame, offset) = (members.number("frame")?, members.number("offset")?);
    let (byte, before) = (members.number("byte")?, members.string("before")?);
    if frame.is_none() && offset.is_some() {
        return Err(missing("frame", "an offset is one in a frame"));
    }
    match (frame, byte, before) {
        (None, None, None) => Ok(None),
        (Some(index), None, None) => {
            Ok(Some(Place::Frame { index, offset: offset.unwrap_or_default() }))
        }
        (None, Some(byte), None) => Ok(Some(Place::Byte(byte))),
        (None, None, Some(event_type)) => Ok(Some(Place::Before(event_type))),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            Err(FaultError::new("frame", "give one place alone: frame, byte or before"))
        }
    }
}

/// What the types do not rule out.
pub(super) fn check(fault: &Fault) -> Read<()> {
    if let Some(Rate { rate, .. }) = fault.rate
        && !(0.0..=1.0).contains(&rate)
    {
        return Err(FaultError::new("rate", format!("it is {rate}: give a number from 0 to 1")));
    }
    match &fault.kind {
        FaultKind::Clock { .. } if fault.tape.is_some() => Err(FaultError::new(
            "tape",
            "the clock is chosen before a tape is: leave it out, and give operation or model",
        )),
        FaultKind::Error(error) => check_error(error),
        FaultKind::Redirect { location, status } => check_redirect(location, *status),
        FaultKind::Pieces { size: 0 } => Err(FaultError::new("size", "give 1 or more")),
        FaultKind::Exception { name, message, .. } => {
            let frame = frames::exception(name, message.as_deref());
            frame.map(drop).map_err(|error| FaultError::new("name", error.to_string()))
        }
        FaultKind::ErrorMessage { code, message, .. } => {
            let frame = frames::error_message(code, message.as_deref());
            frame.map(drop).map_err(|error| FaultError::new("code", error.to_string()))
        }
        FaultKind::DelayHead(_)
        | FaultKind::DelayFirstFrame(_)
        | FaultKind::DelayFrames(_)
        | FaultKind::Stall(_)
        | FaultKind::PreludeCrc { .. }
        | FaultKind::MessageCrc { .. }
        | FaultKind::Length { .. }
        | FaultKind::HeaderType { .. }
        | FaultKind::Cut { .. }
        | FaultKind::Reset(_)
        | FaultKind::Pieces { .. }
        | FaultKind::JsonBody { .. }
        | FaultKind::Clock { .. } => Ok(()),
    }
}

fn check_error(error: &ErrorAnswer) -> Read<()> {
    if error.name.is_empty() || HeaderValue::try_from(error.name.as_str()).is_err() {
        return Err(FaultError::new("name", "give a name, such as ThrottlingException"));
    }
    match error.status.or_else(|| names::status(&error.name)) {
        None => {
            let why = format!("the service model has none for `{}`: give one", error.name);
            Err(FaultError::new("status", why))
        }
        Some(status) if !(200..600).contains(&status.as_u16()) => {
            Err(FaultError::new("status", format!("it is {status}: give one from 200 to 599")))
        }
        Some(_) => Ok(()),
    }
}

fn check_redirect(location: &str, status: StatusCode) -> Read<()> {
    if location.is_empty() || HeaderValue::try_from(location).is_err() {
        return Err(FaultError::new("location", "give a URL or a path, in visible ASCII"));
    }
    if !status.is_redirection() {
        return Err(FaultError::new("status", "give one from 300 to 399, such as 307"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn wrong(json: &Value) -> String {
        let set = json!({ "faults": [{ "fault": "cut" }, json] }).to_string();
        read_faults(set.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_fault_that_is_wrong_is_told_by_member_and_mend() {
        for (json, message) in [
            (json!([]), "`faults[1]`: a fault is an object"),
            (json!({}), "`faults[1].fault`: it is missing: give one of delay_head, "),
            (json!({ "fault": "cute" }), "`faults[1].fault`: `cute` is no kind of fault"),
            (json!({ "fault": "cut", "ms": 1 }), "`faults[1].ms`: `cut` has no such member"),
            (
                json!({ "fault": "cut", "frame": "x" }),
                "`faults[1].frame`: it is \"x\": give a whole number from 0",
            ),
            (json!({ "fault": "cut", "frame": 1, "byte": 2 }), "`faults[1].frame`: give one"),
            (json!({ "fault": "cut", "offset": 2 }), "`faults[1].frame`: it is missing"),
            (json!({ "fault": "stall", "head": true, "byte": 2 }), "`faults[1].head`: give this"),
            (json!({ "fault": "cut", "rate": 1.5 }), "`faults[1].rate`: it is 1.5"),
            (json!({ "fault": "cut", "seed": 1 }), "`faults[1].rate`: it is missing"),
            (json!({ "fault": "cut", "operation": "Chat" }), "`faults[1].operation`: `Chat` is"),
            (json!({ "fault": "delay_head" }), "`faults[1].ms`: it is missing"),
            (json!({ "fault": "error" }), "`faults[1].name`: it is missing"),
            (
                json!({ "fault": "error", "name": "Oops" }),
                "`faults[1].status`: the service model has none for `Oops`",
            ),
            (json!({ "fault": "error", "name": "Oops", "status": 100 }), "`faults[1].status`"),
            (
                json!({ "fault": "error", "name": "Oops", "status": 500, "headers": { "a": 1 } }),
                "`faults[1].headers.a`: give a string",
            ),
            (json!({ "fault": "exception", "name": "x".repeat(40_000) }), "`faults[1].name`: "),
            (json!({ "fault": "pieces", "size": 0 }), "`faults[1].size`: give 1 or more"),
            (json!({ "fault": "length", "value": 1_u64 << 32 }), "`faults[1].value`: give a"),
            (json!({ "fault": "clock", "seconds": 1, "tape": "a" }), "`faults[1].tape`: the clock"),
            (json!({ "fault": "redirect", "location": "/", "status": 200 }), "`faults[1].status`"),
        ] {
            let told = wrong(&json);
            assert!(told.starts_with(message), "{json}: {told}");
        }
        for (text, message) in [
            ("", "this is no JSON"),
            ("[]", "give an object"),
            ("{}", "`faults`: it is missing"),
            (r#"{"faults":[],"more":1}"#, "`more`: the object has no such member"),
        ] {
            let told = read_faults(text.as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with(message), "{text}: {told}");
        }
    }

    #[test]
    fn the_short_form_reads_values_as_json_and_else_as_strings() {
        let fault: Fault = "error,name=Odd,status=418,message=a b, times=2".parse().unwrap();
        let mut answer = ErrorAnswer::new("Odd");
        answer.status = Some(StatusCode::IM_A_TEAPOT);
        answer.message = Some("a b".to_owned());
        assert_eq!(fault, Fault::new(FaultKind::Error(answer.clone())).times(2));
        answer.message = None;
        answer.body = Some(json!({ "a": [1, 2], "b": "c,d" }));
        let text = r#"error,name=Odd,body={"a": [1, 2], "b": "c,d"},status=418"#;
        assert_eq!(text.parse::<Fault>().unwrap(), Fault::new(FaultKind::Error(answer)));
        let model = "cut,model=1.a-b:0,tape=a/*.jsonl";
        let cut = Fault::new(FaultKind::Cut { place: None, clean: false });
        assert_eq!(model.parse::<Fault>().unwrap(), cut.model("1.a-b:0").tape("a/*.jsonl"));
        let late = Fault::new(FaultKind::DelayHead(Duration::from_millis(5)));
        assert_eq!("delay_head,ms=5".parse::<Fault>().unwrap(), late);
        for (text, message) in [
            ("cut,frame", "`frame`: give key=value"),
            ("cut,frame=1,frame=2", "`frame`: it is given twice"),
            ("cut,frame=x", "`frame`: it is \"x\""),
            ("", "`fault`: `` is no kind"),
        ] {
            let told = text.parse::<Fault>().unwrap_err().to_string();
            assert!(told.starts_with(message), "{text}: {told}");
        }
    }
}
