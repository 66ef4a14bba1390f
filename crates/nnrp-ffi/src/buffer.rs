//! Payload buffers: bodies that were larger than the caller's arena, shared out by handle without copying them.

use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::{Removal, Table};
use crate::layout::NnrpError;
use crate::options::OPTIONS;
use crate::pointer::{Output, memory};
use crate::providers::PROVIDERS;
use crate::schema::SCHEMAS;
use crate::status::NnrpStatus;
use crate::ticket;
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

/// Releases an options, buffer, schema registry, provider list or ticket handle. Releasing one twice is no error.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_release(handle: NnrpHandle, error: *mut NnrpError) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || {
            let released = match Kind::of(handle) {
                Some(Kind::Options) => !matches!(OPTIONS.remove(handle), Removal::NeverIssued),
                Some(Kind::Schemas) => !matches!(SCHEMAS.remove(handle), Removal::NeverIssued),
                Some(Kind::Providers) => !matches!(PROVIDERS.remove(handle), Removal::NeverIssued),
                Some(Kind::Buffer) => !matches!(BUFFERS.remove(handle), Removal::NeverIssued),
                Some(Kind::Ticket) => ticket::release(handle),
                _ => false,
            };
            if released {
                Ok(())
            } else {
                Err(Failure::handle())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::*;
    use std::ptr;

    fn buffer_of(body: &'static [u8]) -> NnrpHandle {
        share(Bytes::from_static(body)).expect("there is room")
    }

    #[test]
    fn a_buffer_is_read_in_parts_and_lent_whole() {
        let buffer = buffer_of(b"0123456789");
        let (mut part, mut size) = ([0_u8; 4], 0_usize);
        let (mut data, mut whole) = (ptr::null(), 0_usize);
        // SAFETY: all pointers are to live locals of the stated size; the lent bytes are read before the release.
        unsafe {
            let none = ptr::null_mut();
            let mut read = |offset| {
                nnrp_buffer_read(buffer, offset, part.as_mut_ptr(), 4, &raw mut size, none)
            };
            assert_eq!(read(8), NNRP_STATUS_OK);
            assert_eq!(read(11), NNRP_STATUS_INVALID_ARGUMENT);
            assert_eq!((size, &part[..2]), (2, b"89".as_slice()));
            assert_eq!(
                nnrp_buffer_borrow(buffer, &raw mut data, &raw mut whole, none),
                NNRP_STATUS_OK
            );
            assert_eq!(std::slice::from_raw_parts(data, whole), b"0123456789");
            assert_eq!(nnrp_release(buffer, none), NNRP_STATUS_OK);
            assert_eq!(nnrp_release(buffer, none), NNRP_STATUS_OK);
            let lent = nnrp_buffer_borrow(buffer, &raw mut data, &raw mut whole, none);
            assert_eq!(lent, NNRP_STATUS_INVALID_HANDLE);
        }
    }
}
