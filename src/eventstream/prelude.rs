//! The first 12 bytes of a message: two lengths and their checksum.

use super::{Error, ErrorKind, MESSAGE_CRC_LENGTH, MIN_MESSAGE_LENGTH, PRELUDE_LENGTH, crc};

/// The lengths of one message, checked against each other and a cap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prelude {
    /// Length of the whole frame, at least [`MIN_MESSAGE_LENGTH`].
    pub(super) total: usize,
    /// Length of the header block; it ends before the message's checksum.
    pub(super) headers: usize,
    /// CRC-32 of the first eight bytes.
    crc: u32,
}

impl Prelude {
    /// Reads and checks a prelude. The checksum comes first, so that a
    /// damaged length is told as damage.
    pub(super) fn parse(bytes: [u8; PRELUDE_LENGTH], cap: usize) -> Result<Self, Error> {
        let [t0, t1, t2, t3, h0, h1, h2, h3, c0, c1, c2, c3] = bytes;
        let expected = u32::from_be_bytes([c0, c1, c2, c3]);
        let total = u32::from_be_bytes([t0, t1, t2, t3]);
        let headers = u32::from_be_bytes([h0, h1, h2, h3]);
        let computed = crc::of_lengths(total, headers);
        if expected != computed {
            return Err(Error::new(ErrorKind::PreludeCrcMismatch { expected, computed }, 8));
        }
        let (total, headers) = (total as usize, headers as usize);
        check_lengths(total, headers, cap)?;
        Ok(Self { total, headers, crc: computed })
    }

    /// The prelude of a frame about to be sent.
    pub(super) fn write(total: u32, headers: u32) -> ([u8; PRELUDE_LENGTH], u32) {
        let mut bytes = [0; PRELUDE_LENGTH];
        bytes[..4].copy_from_slice(&total.to_be_bytes());
        bytes[4..8].copy_from_slice(&headers.to_be_bytes());
        let crc = crc::of_lengths(total, headers);
        bytes[8..].copy_from_slice(&crc.to_be_bytes());
        (bytes, crc)
    }

    /// Checks the message's checksum over `frame`, which is of this length.
    pub(super) fn check_message_crc(&self, frame: &[u8]) -> Result<(), Error> {
        let Some((covered, crc)) = frame.split_last_chunk::<MESSAGE_CRC_LENGTH>() else {
            // Not reached: a length below 16 did not pass the prelude.
            let kind = ErrorKind::Incomplete { held: frame.len(), needed: Some(self.total) };
            return Err(Error::new(kind, frame.len()));
        };
        let expected = u32::from_be_bytes(*crc);
        let computed = message_crc(self.crc, covered);
        if expected == computed {
            return Ok(());
        }
        Err(Error::new(ErrorKind::MessageCrcMismatch { expected, computed }, covered.len()))
    }
}

/// CRC-32 of all of `covered`, going on from that of its first eight bytes.
pub(super) fn message_crc(prelude_crc: u32, covered: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(prelude_crc);
    hasher.update(covered.get(8..).unwrap_or_default());
    hasher.finalize()
}

fn check_lengths(total: usize, headers: usize, cap: usize) -> Result<(), Error> {
    let Some(room) = total.checked_sub(MIN_MESSAGE_LENGTH) else {
        return Err(Error::new(ErrorKind::LengthTooSmall { length: total }, 0));
    };
    if headers > room {
        let kind = ErrorKind::HeadersPastEnd { headers_length: headers, length: total };
        return Err(Error::new(kind, 4));
    }
    if total > cap {
        return Err(Error::new(ErrorKind::TooLong { length: total, cap }, 0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(total: u32, headers: u32, cap: usize) -> Result<Prelude, Error> {
        Prelude::parse(Prelude::write(total, headers).0, cap)
    }

    #[test]
    fn lengths_are_checked_against_each_other_and_the_cap() {
        assert!(parse(16, 0, 16).is_ok());
        assert!(parse(20, 4, 20).is_ok());
        for total in [0, 1, 12, 15] {
            let error = parse(total, 0, 100).unwrap_err();
            assert_eq!(*error.kind(), ErrorKind::LengthTooSmall { length: total as usize });
            assert_eq!(error.offset(), 0);
        }
        let error = parse(20, 5, 100).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::HeadersPastEnd { headers_length: 5, length: 20 });
        assert_eq!(error.offset(), 4);
        let error = parse(21, 0, 20).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::TooLong { length: 21, cap: 20 });
    }

    #[test]
    fn a_damaged_length_is_told_as_damage_and_not_as_a_length() {
        let (mut bytes, crc) = Prelude::write(u32::MAX, 0);
        bytes[0] = 0;
        let error = Prelude::parse(bytes, 100).unwrap_err();
        assert_eq!(error.offset(), 8);
        assert!(matches!(error.kind(),
            ErrorKind::PreludeCrcMismatch { expected, .. } if *expected == crc));
    }

    #[test]
    fn the_message_checksum_goes_on_from_the_preludes() {
        let (prelude, crc) = Prelude::write(16, 0);
        assert_eq!(message_crc(crc, &prelude), crc32fast::hash(&prelude));
    }
}
