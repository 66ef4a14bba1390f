//! Texts handed to the caller.

use crate::failure::Failure;
use crate::pointer::Output;
use std::mem::MaybeUninit;

/// Hands a text to the caller: its size always, its bytes if they fit.
pub(crate) fn write_text(
    text: &str,
    memory: &mut [MaybeUninit<u8>],
    out_size: &Output<usize>,
) -> Result<(), Failure> {
    out_size.set(text.len());
    let target = memory
        .get_mut(..text.len())
        .ok_or_else(|| Failure::too_small(text.len()))?;
    target.write_copy_of_slice(text.as_bytes());
    Ok(())
}
