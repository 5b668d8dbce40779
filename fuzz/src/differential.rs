//! Ours against `aws-smithy-eventstream`, message by message.
//!
//! The differences that there may be are listed in `README.md`, each with its
//! reason. Any other is a finding.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder};
use aws_smithy_types::event_stream::Message as Oracle;
use bedrock_wire::eventstream::{Decoder, Error, ErrorKind, Message};
use bytes::Bytes;

use crate::{reference, seal};

/// Any stream, with its checksums put right where the first byte is even.
pub fn check(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let stream: Bytes = if first % 2 == 0 { seal::sealed(rest) } else { rest.to_vec() }.into();
    let (mut ours, mut theirs, mut rest) =
        (Decoder::new(), MessageFrameDecoder::new(), &stream[..]);
    ours.push(stream.clone());
    loop {
        let (our, their) = (ours.next(), theirs.decode_frame(&mut rest));
        match (our, their) {
            (Ok(Some(message)), Ok(DecodedFrame::Complete(oracle))) => same(&message, &oracle),
            (Ok(None), Ok(DecodedFrame::Incomplete)) | (Err(_), Err(_)) => return,
            (Err(error), Ok(their)) => {
                assert!(is_known(&error, &their), "ours: {error}; theirs: {their:?}");
                return;
            }
            (our, their) => panic!("ours: {our:?}; theirs: {their:?}"),
        }
    }
}

fn same(message: &Message, oracle: &Oracle) {
    assert_eq!(reference::in_its_terms(message), *oracle);
}

/// What the reference lets pass and we do not: the rows of the table in
/// `README.md`.
fn is_known(error: &Error, theirs: &DecodedFrame) -> bool {
    let waits = matches!(theirs, DecodedFrame::Incomplete);
    match error.kind() {
        // It trusts a length until all of it came.
        ErrorKind::PreludeCrcMismatch { .. }
        | ErrorKind::HeadersPastEnd { .. }
        | ErrorKind::LengthTooSmall { .. }
        | ErrorKind::TooLong { .. } => waits,
        ErrorKind::DuplicateHeader { .. } => !waits,
        _ => false,
    }
}
