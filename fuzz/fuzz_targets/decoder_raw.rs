//! [`bedrock_wire_fuzz::decoder::raw`] under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bedrock_wire_fuzz::decoder::raw(data));
