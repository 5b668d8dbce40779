//! What of an answer each kind of fault changes.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::frames::Damage;
use super::{At, ErrorAnswer, FaultKind, Place};

/// What of an answer a fault changes, and to what.
pub(super) enum Part<'f> {
    /// The time it is made at: off by so many seconds.
    Clock(i64),
    /// When its head comes: so much later.
    Head(Duration),
    /// All of it.
    Answer(Instead<'f>),
    /// Where its body ends, and how.
    End(Where<'f>, How<'f>),
    /// Bytes and times of its body.
    Body(Change),
}

/// What is answered instead.
pub(super) enum Instead<'f> {
    Error(&'f ErrorAnswer),
    JsonBody(Option<&'f Value>),
    Redirect(&'f str, StatusCode),
    Stall,
    Reset,
}

impl Instead<'_> {
    /// Whether there is no answer at all.
    pub(super) fn is_silent(&self) -> bool {
        match self {
            Instead::Stall | Instead::Reset => true,
            Instead::Error(_) | Instead::JsonBody(_) | Instead::Redirect(..) => false,
        }
    }
}

pub(super) enum Where<'f> {
    /// Before the first byte.
    First,
    /// Before `messageStop`, or what stands for it.
    Stop,
    At(&'f Place),
}

pub(super) enum How<'f> {
    Clean,
    Break,
    Reset,
    Stall,
    /// By an exception of this name and message.
    Exception(&'f str, Option<&'f str>),
    /// By an error message of this code and text.
    ErrorMessage(&'f str, Option<&'f str>),
}

#[derive(Clone, Copy)]
pub(super) enum Change {
    DelayFirst(Duration),
    DelayFrames(Duration),
    /// To the frame of this number.
    Damage(u64, Damage),
    Pieces(usize),
}

impl FaultKind {
    pub(super) fn part(&self) -> Part<'_> {
        match self {
            FaultKind::Clock { seconds } => Part::Clock(*seconds),
            FaultKind::DelayHead(by) => Part::Head(*by),
            FaultKind::Error(answer) => Part::Answer(Instead::Error(answer)),
            FaultKind::JsonBody { body } => Part::Answer(Instead::JsonBody(body.as_ref())),
            FaultKind::Redirect { location, status } => {
                Part::Answer(Instead::Redirect(location, *status))
            }
            FaultKind::Stall(At::Head) => Part::Answer(Instead::Stall),
            FaultKind::Reset(At::Head) => Part::Answer(Instead::Reset),
            FaultKind::Stall(At::Body(place)) => Part::End(stop(place.as_ref()), How::Stall),
            FaultKind::Reset(At::Body(None)) => Part::End(Where::First, How::Reset),
            FaultKind::Reset(At::Body(Some(place))) => Part::End(Where::At(place), How::Reset),
            FaultKind::Cut { place, clean: true } => Part::End(stop(place.as_ref()), How::Clean),
            FaultKind::Cut { place, clean: false } => Part::End(stop(place.as_ref()), How::Break),
            FaultKind::Exception { name, message, place } => {
                Part::End(stop(place.as_ref()), How::Exception(name, message.as_deref()))
            }
            FaultKind::ErrorMessage { code, message, place } => {
                Part::End(stop(place.as_ref()), How::ErrorMessage(code, message.as_deref()))
            }
            FaultKind::DelayFirstFrame(by) => Part::Body(Change::DelayFirst(*by)),
            FaultKind::DelayFrames(by) => Part::Body(Change::DelayFrames(*by)),
            FaultKind::PreludeCrc { frame } => damage(*frame, Damage::PreludeCrc),
            FaultKind::MessageCrc { frame } => damage(*frame, Damage::MessageCrc),
            FaultKind::Length { frame, value } => damage(*frame, Damage::Length(*value)),
            FaultKind::HeaderType { frame } => damage(*frame, Damage::HeaderType),
            FaultKind::Pieces { size } => Part::Body(Change::Pieces(*size)),
        }
    }
}

fn stop(place: Option<&Place>) -> Where<'_> {
    place.map_or(Where::Stop, Where::At)
}

fn damage(frame: u64, damage: Damage) -> Part<'static> {
    Part::Body(Change::Damage(frame, damage))
}
