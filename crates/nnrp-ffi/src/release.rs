//! The release of what a call made and only the caller ends, whatever kind of handle it has.

use crate::buffer::BUFFERS;
use crate::call::run;
use crate::failure::Failure;
use crate::handle::{Kind, NnrpHandle};
use crate::handle_table::Removal;
use crate::layout::NnrpError;
use crate::options::OPTIONS;
use crate::providers::PROVIDERS;
use crate::schema_registry::SCHEMAS;
use crate::status::NnrpStatus;
use crate::ticket;

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
    use crate::buffer::{nnrp_buffer_borrow, nnrp_buffer_read, share};
    use crate::status::{NNRP_STATUS_INVALID_ARGUMENT, NNRP_STATUS_INVALID_HANDLE, NNRP_STATUS_OK};
    use bytes::Bytes;
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
