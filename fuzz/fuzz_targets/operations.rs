//! Orders of calls of the operation registry against a plain model of it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nnrp_fuzz::operations::run(data));
