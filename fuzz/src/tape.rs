//! The reader of tapes.

use std::sync::LazyLock;

use bedrock_wire::tape::{Scrub, Tape, verify};

/// Its patterns are compiled once.
static SCRUB: LazyLock<Scrub> = LazyLock::new(Scrub::new);

/// Any bytes: a tape that is read is written as what reads as the same tape and
/// is written as the same bytes; also where it was scrubbed.
pub fn check(data: &[u8]) {
    let found = verify(data, "input").expect("memory can be read");
    for finding in &found {
        let _ = finding.to_string();
    }
    let tape = match Tape::read(data, "input") {
        Ok(tape) => tape,
        Err(error) => {
            let _ = error.to_string();
            assert!(!found.is_empty(), "verify passes what cannot be read");
            return;
        }
    };
    round_trip(&tape);
    if let Ok(scrubbed) = SCRUB.apply(&tape) {
        round_trip(&scrubbed);
    }
}

fn round_trip(tape: &Tape) {
    let write = |tape: &Tape| {
        let mut bytes = Vec::new();
        tape.write(&mut bytes).expect("memory can be written");
        bytes
    };
    let written = write(tape);
    let again = Tape::read(&*written, "written").unwrap_or_else(|error| {
        panic!("{error}:\n{}", String::from_utf8_lossy(&written));
    });
    assert_eq!(again, *tape, "{}", String::from_utf8_lossy(&written));
    assert_eq!(write(&again), written);
    assert_eq!(again.body_bytes(), tape.body_bytes());
}
