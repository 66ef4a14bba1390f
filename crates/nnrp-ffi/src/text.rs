//! Texts handed to the caller.

use crate::failure::Failure;
use crate::pointer::{Output, put_bytes};
use std::mem::MaybeUninit;

/// Hands a text to the caller: its size always, its bytes if they fit.
pub(crate) fn write_text(
    text: &str,
    memory: &mut [MaybeUninit<u8>],
    out_size: &Output<usize>,
) -> Result<(), Failure> {
    out_size.set(text.len());
    put_bytes(text.as_bytes(), memory)
}
