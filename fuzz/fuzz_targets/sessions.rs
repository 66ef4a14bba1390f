//! Orders of commands, packets, damage and time between a client and a server machine.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nnrp_fuzz::sessions::run(data));
