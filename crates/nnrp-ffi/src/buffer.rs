//! Payload buffers: bodies that were larger than the caller's arena, shared out by handle without copying them.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Table;
use crate::layout::NnrpError;
use crate::pointer::{Output, memory};
use crate::status::NnrpStatus;
use bytes::Bytes;
use std::sync::Arc;

/// Most buffers alive at once; whoever does not release them stops receiving large bodies, not the process.
const LIMIT: u32 = 1 << 16;

/// Every live buffer.
pub(crate) static BUFFERS: Table<Bytes> = Table::new(Kind::Buffer, LIMIT);

/// Gives a body a handle, or hands it back if there are too many.
pub(crate) fn share(body: Bytes) -> Result<NnrpHandle, Bytes> {
    let mut issued = 0;
    let inserted = BUFFERS.insert_with(|handle| {
        issued = handle;
        Arc::new(body.clone())
    });
    inserted.map(|_| issued).map_err(|_| body)
}

/// Copies bytes of a buffer from `offset` on.
///
/// # Safety
/// `destination` is NULL or valid for `capacity` writes; the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_buffer_read(
    buffer: NnrpHandle,
    offset: u64,
    destination: *mut u8,
    capacity: usize,
    out_size: *mut usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let out = Output::new(out_size, 5)?;
            let target = memory(destination, capacity, 3)?;
            let body = BUFFERS.get(buffer).ok_or_else(Failure::handle)?;
            let rest = usize::try_from(offset)
                .ok()
                .and_then(|offset| body.get(offset..))
                .ok_or_else(|| Failure::argument(2))?;
            let size = rest.len().min(target.len());
            target[..size].write_copy_of_slice(&rest[..size]);
            out.set(size);
            Ok(())
        })
    }
}

/// Lends the bytes of a buffer, read-only, until it is released.
///
/// # Safety
/// Each pointer is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_buffer_borrow(
    buffer: NnrpHandle,
    out_data: *mut *const u8,
    out_size: *mut usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (data, size) = (Output::new(out_data, 2)?, Output::new(out_size, 3)?);
            let body = BUFFERS.get(buffer).ok_or_else(Failure::handle)?;
            data.set(body.as_ptr());
            size.set(body.len());
            Ok(())
        })
    }
}
