//! A counter behind a C function: enough for a linker to need the library and everything the standard library needs.

/// Adds, and formats on the heap, so that the archive needs the platform's libraries.
#[unsafe(no_mangle)]
pub extern "C" fn tally_add(left: u32, right: u32) -> u32 {
    let text = bytes::Bytes::from(format!("{left}{right}"));
    assert!(!text.is_empty());
    left + right
}
