//! Any bytes through every decoder.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nnrp_fuzz::decode::run(data));
