//! Every seed passes its check, without a fuzzer.

use std::collections::BTreeMap;

use bedrock_wire_fuzz::{TARGETS, seeds};

#[test]
fn every_seed_passes_and_every_target_has_some() {
    let mut counts = BTreeMap::new();
    for (target, seed) in seeds::all() {
        let (_, check) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
        check(&seed);
        *counts.entry(target).or_insert(0) += 1;
    }
    println!("seeds: {counts:?}");
    for (target, _) in TARGETS {
        let needs_corpus =
            target == "error_body" && std::env::var_os("BEDROCK_WIRE_CORPUS").is_none();
        assert!(needs_corpus || counts.contains_key(target), "{target} has no seed");
    }
}

#[test]
fn no_check_needs_a_seed() {
    for (_, check) in TARGETS {
        for input in [&b""[..], b"\0", b"0", &[0xff; 64], &[0; 64]] {
            check(input);
        }
    }
}
