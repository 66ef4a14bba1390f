//! Random calls of the C ABI from two threads that share their handles.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nnrp_fuzz::abi::run(data));

/// Buffers that are read to their end are held by a pointer past it, which the search for leaks does not follow.
#[unsafe(no_mangle)]
pub extern "C" fn __lsan_is_turned_off() -> i32 {
    1
}
