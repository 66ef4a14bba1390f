//! What decodes encodes to the same bytes.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nnrp_fuzz::round_trip::run(data));
