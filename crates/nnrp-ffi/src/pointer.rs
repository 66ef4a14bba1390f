//! The edge to the caller's memory: raw pointers become checked references here and nowhere else.

use crate::failure::Failure;
use crate::layout::{EventRecord, Record};
use std::marker::PhantomData;
use std::{mem, ptr, slice};

/// Where one value goes when a call succeeds.
pub(crate) struct Output<T>(*mut T);

impl<T> Output<T> {
    /// # Safety
    /// `pointer` is NULL or valid for one write of `T` until the value is set.
    pub(crate) unsafe fn new(pointer: *mut T, parameter: u32) -> Result<Self, Failure> {
        check(pointer, parameter)?;
        Ok(Self(pointer))
    }

    pub(crate) fn set(&self, value: T) {
        // SAFETY: `new` checked for NULL and alignment; its caller promised the rest.
        unsafe { self.0.write(value) }
    }
}

/// The caller's bytes for reading; NULL is the empty slice if `size` is 0.
///
/// # Safety
/// `pointer` is NULL or valid for reads of `size` bytes, which nobody writes while the slice lives.
pub(crate) unsafe fn bytes<'a>(
    pointer: *const u8,
    size: usize,
    parameter: u32,
) -> Result<&'a [u8], Failure> {
    if size == 0 {
        return Ok(&[]);
    }
    check(pointer, parameter)?;
    check_size(size, parameter + 1)?;
    // SAFETY: not NULL, size in range; the caller promised the rest.
    Ok(unsafe { slice::from_raw_parts(pointer, size) })
}

/// The caller's memory for writing; NULL is the empty slice if `count` is 0.
///
/// # Safety
/// `pointer` is NULL or valid for `count` writes of `T` and used by nobody else while the slice lives.
pub(crate) unsafe fn memory<'a, T>(
    pointer: *mut T,
    count: usize,
    parameter: u32,
) -> Result<&'a mut [mem::MaybeUninit<T>], Failure> {
    if count == 0 {
        return Ok(&mut []);
    }
    check(pointer, parameter)?;
    check_size(count.saturating_mul(size_of::<T>()), parameter + 1)?;
    // SAFETY: not NULL, aligned, size in range; `MaybeUninit` makes no claim about the content; the caller promised the rest.
    Ok(unsafe { slice::from_raw_parts_mut(pointer.cast(), count) })
}

/// The caller's array of records, each of the size that the first one states.
pub(crate) struct Records<'a, T> {
    bytes: &'a [u8],
    stride: usize,
    parameter: u32,
    record: PhantomData<T>,
}

impl<T: Record> Records<'_, T> {
    /// # Safety
    /// `pointer` is NULL or valid for reads of `count` records of the size stated in the first, which nobody writes
    /// while the result lives.
    pub(crate) unsafe fn new(
        pointer: *const T,
        count: usize,
        parameter: u32,
    ) -> Result<Self, Failure> {
        check(pointer, parameter)?;
        // SAFETY: not NULL and aligned; every record starts with its size.
        let stride = unsafe { pointer.cast::<u32>().read() } as usize;
        if stride < T::MINIMUM || !stride.is_multiple_of(align_of::<u64>()) || stride > 4096 {
            return Err(Failure::argument(parameter));
        }
        let size = stride.saturating_mul(count);
        check_size(size, parameter + 1)?;
        // SAFETY: not NULL, size in range; the caller promised the rest.
        let bytes = unsafe { slice::from_raw_parts(pointer.cast::<u8>(), size) };
        Ok(Self {
            bytes,
            stride,
            parameter,
            record: PhantomData,
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() / self.stride
    }

    /// One of them, as [`Self::iter`] gives it.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Result<T, Failure>> {
        let start = index.checked_mul(self.stride)?;
        let bytes = self.bytes.get(start..start.checked_add(self.stride)?)?;
        Some(self.read(bytes))
    }

    /// The records in order: fields an older caller does not know are 0, fields only a newer one knows must be 0.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<T, Failure>> + '_ {
        self.bytes
            .chunks_exact(self.stride)
            .map(|bytes| self.read(bytes))
    }

    #[inline]
    fn read(&self, bytes: &[u8]) -> Result<T, Failure> {
        let stated = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let known = bytes.len().min(size_of::<T>());
        if stated as usize != self.stride || bytes[known..].iter().any(|&byte| byte != 0) {
            return Err(Failure::argument(self.parameter));
        }
        if bytes.len() == size_of::<T>() {
            // A copy of fixed length, as nearly every caller needs, is a few instructions; one of any length is a call.
            // SAFETY: as many bytes as `T` has are readable; `Record` promises that any bytes are a value.
            return Ok(unsafe { bytes.as_ptr().cast::<T>().read_unaligned() });
        }
        // SAFETY: `Record` promises that all-zero bytes are a value.
        let mut record: T = unsafe { mem::zeroed() };
        // SAFETY: `known` bytes are readable in `bytes` and writable in `record`; `Record` promises that any bytes are a value.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), ptr::from_mut(&mut record).cast(), known);
        }
        Ok(record)
    }
}

/// One record of the caller.
///
/// # Safety
/// `pointer` is NULL or valid for reads of the size stated in it.
pub(crate) unsafe fn record<T: Record>(pointer: *const T, parameter: u32) -> Result<T, Failure> {
    // SAFETY: as this function's caller promised.
    let records = unsafe { Records::new(pointer, 1, parameter) }?;
    let mut records = records.iter();
    records
        .next()
        .unwrap_or_else(|| Err(Failure::argument(parameter)))
}

/// A struct from bytes of the caller that may be those of an older or newer header: fields an older one does not know are
/// 0, fields only a newer one knows must be 0.
pub(crate) fn read_prefix<T: EventRecord>(bytes: &[u8]) -> Option<T> {
    let known = bytes.len().min(size_of::<T>());
    if bytes[known..].iter().any(|&byte| byte != 0) {
        return None;
    }
    // SAFETY: `EventRecord` promises integers only, so that all-zero bytes are a value.
    let mut record: T = unsafe { mem::zeroed() };
    // SAFETY: `known` bytes are readable in `bytes` and writable in `record`; any bytes are a value of integers.
    unsafe {
        ptr::copy_nonoverlapping(bytes.as_ptr(), ptr::from_mut(&mut record).cast(), known);
    }
    Some(record)
}

/// Writes all of `bytes` to the start of the caller's memory, or nothing.
pub(crate) fn put_bytes(bytes: &[u8], memory: &mut [mem::MaybeUninit<u8>]) -> Result<(), Failure> {
    let target = memory
        .get_mut(..bytes.len())
        .ok_or_else(|| Failure::too_small(bytes.len()))?;
    target.write_copy_of_slice(bytes);
    Ok(())
}

fn check<T>(pointer: *const T, parameter: u32) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::null(parameter));
    }
    if !pointer.is_aligned() {
        return Err(Failure::argument(parameter));
    }
    Ok(())
}

/// Rust's limit on the size of one object.
fn check_size(size: usize, parameter: u32) -> Result<(), Failure> {
    if size > isize::MAX.unsigned_abs() {
        Err(Failure::argument(parameter))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{NNRP_STATUS_INVALID_ARGUMENT, NNRP_STATUS_NULL_POINTER};

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(C)]
    struct Grown {
        struct_size: u32,
        old: u32,
        added: u64,
    }

    // SAFETY: integers only, no padding, starts with its size.
    unsafe impl Record for Grown {
        const MINIMUM: usize = 8;
    }

    fn read(words: &[u64], count: usize) -> Result<Vec<Grown>, Failure> {
        // SAFETY: the tests below pass as many words as they claim records.
        let records = unsafe { Records::<Grown>::new(words.as_ptr().cast(), count, 2) }?;
        records.iter().collect()
    }

    /// `struct_size` and the first field as they lie in memory.
    fn head(struct_size: u32, old: u32) -> u64 {
        let (a, b) = (struct_size.to_ne_bytes(), old.to_ne_bytes());
        u64::from_ne_bytes([a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]])
    }

    #[test]
    fn an_older_caller_leaves_added_fields_zero() {
        let records = read(&[head(8, 5), head(8, 6)], 2).expect("older records are read");
        assert_eq!(
            records[0],
            Grown {
                struct_size: 8,
                old: 5,
                added: 0
            }
        );
        assert_eq!(records[1].old, 6);
    }

    #[test]
    fn a_newer_caller_is_understood_if_it_uses_nothing_newer() {
        let records = read(&[head(24, 5), 9, 0], 1).expect("the tail is zero");
        assert_eq!((records[0].old, records[0].added), (5, 9));
        let refused = read(&[head(24, 5), 9, 1], 1).expect_err("the tail is used");
        assert_eq!(
            (refused.status, refused.detail),
            (NNRP_STATUS_INVALID_ARGUMENT, 2)
        );
    }

    #[test]
    fn sizes_below_the_first_version_and_mixed_sizes_are_refused() {
        for words in [[head(0, 0), 0, 0], [head(4, 0), 0, 0], [head(12, 0), 0, 0]] {
            let refused = read(&words, 1).expect_err("no such record");
            assert_eq!(refused.status, NNRP_STATUS_INVALID_ARGUMENT);
        }
        let mixed = read(&[head(8, 0), head(16, 0)], 2).expect_err("the second differs");
        assert_eq!(mixed.status, NNRP_STATUS_INVALID_ARGUMENT);
    }

    #[test]
    fn null_and_misaligned_pointers_are_refused() {
        // SAFETY: neither pointer is read.
        unsafe {
            let null = Output::<u64>::new(ptr::null_mut(), 3).err().expect("NULL");
            assert_eq!((null.status, null.detail), (NNRP_STATUS_NULL_POINTER, 3));
            let odd = Output::<u64>::new(ptr::without_provenance_mut(9), 3)
                .err()
                .expect("odd");
            assert_eq!((odd.status, odd.detail), (NNRP_STATUS_INVALID_ARGUMENT, 3));
            assert!(bytes(ptr::null(), 0, 1).is_ok_and(<[u8]>::is_empty));
            assert_eq!(
                bytes(ptr::null(), 1, 1).err().map(|f| f.status),
                Some(NNRP_STATUS_NULL_POINTER)
            );
        }
    }
}
