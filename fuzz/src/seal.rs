//! Frames with checksums that are right, so that what is in them is looked at.

/// `data` with the checksums that belong to the frames at its start. The
/// lengths stay as they are: where one leads past the end, the rest stays, too.
#[must_use]
pub fn sealed(data: &[u8]) -> Vec<u8> {
    let mut stream = data.to_vec();
    let mut at = 0;
    while let Some(length) = stream.get_mut(at..).and_then(seal) {
        at += length;
    }
    stream
}

/// Puts the checksums right of the frame at the start, and gives its length;
/// none where it is not whole.
fn seal(stream: &mut [u8]) -> Option<usize> {
    let prelude = stream.first_chunk_mut::<12>()?;
    let crc = crc32fast::hash(&prelude[..8]);
    prelude[8..].copy_from_slice(&crc.to_be_bytes());
    let total = usize::try_from(u32::from_be_bytes(*prelude.first_chunk()?)).ok()?;
    let frame = stream.get_mut(..total).filter(|frame| frame.len() >= 16)?;
    let (covered, crc) = frame.split_last_chunk_mut()?;
    *crc = crc32fast::hash(covered).to_be_bytes();
    Some(total)
}

/// The frame of a header block and a payload, whatever they are.
#[must_use]
pub fn frame(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).expect("an input is short").to_be_bytes();
    let mut frame = Vec::with_capacity(16 + headers.len() + payload.len());
    frame.extend(length(16 + headers.len() + payload.len()));
    frame.extend(length(headers.len()));
    frame.extend([0; 4]);
    frame.extend_from_slice(headers);
    frame.extend_from_slice(payload);
    frame.extend([0; 4]);
    sealed(&frame)
}
