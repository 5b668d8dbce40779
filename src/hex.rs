//! Hexadecimal digits.

/// Two lower-case digits a byte. A table, as `{byte:02x}` takes a hundred
/// instructions for what takes twenty.
pub(crate) fn lower(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            digits.push(DIGITS[usize::from(digit)].into());
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_the_two_digits_that_std_writes() {
        for byte in 0..=u8::MAX {
            assert_eq!(lower(&[0, byte]), format!("00{byte:02x}"));
        }
    }
}
