//! An allocator that counts what each thread asks it for; the system's does the work.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Constant at the start and without anything to drop, so that using it allocates nothing itself.
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Allocations of this thread so far, growth of existing ones included.
#[must_use]
pub fn allocations() -> u64 {
    COUNT.with(Cell::get)
}

/// To be the `#[global_allocator]` of a test program.
#[derive(Debug)]
pub struct CountingAllocator;

fn count() {
    COUNT.with(|count| count.set(count.get() + 1));
}

// SAFETY: every method hands its arguments, under the guarantees of its own caller, to the method of the same name of the system's allocator and
// returns what that returns; counting touches neither the memory nor the layout, does not allocate and does not unwind.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller guarantees what `System` asks for: a layout whose size is not zero.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: `block` came from `System` with this layout, as every block of this allocator does, and the caller guarantees the size.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` came from `System` with this layout, as every block of this allocator does.
        unsafe { System.dealloc(block, layout) }
    }
}
