//! Random calls of the C ABI from two threads that share their handles: live, stale, foreign and invented ones.

mod arguments;
mod blocks;
#[rustfmt::skip]
#[allow(clippy::cast_possible_truncation, clippy::wildcard_imports)] // A number of any size is an argument.
#[allow(unused_unsafe)] // The functions without a pointer are safe.
#[path = "calls.g.rs"]
mod calls;
mod handles;
mod promises;

use std::ptr;
use std::thread;

use arguments::Arguments;
use calls::CALLS;
use handles::Handles;

/// Calls of one input; a longer one says nothing more.
const MOST_CALLS: usize = 256;

/// The first byte chooses whether both threads find an open session; each half of the others makes the calls of one thread.
pub fn run(data: &[u8]) {
    let Some((first, calls)) = data.split_first() else {
        return;
    };
    let handles = Handles::default();
    if first & 1 != 0 {
        handles.open_session();
    }
    let (left, right) = calls.split_at(calls.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| call_all(left, &handles));
        call_all(right, &handles);
    });
    handles.close_all();
}

fn call_all(bytes: &[u8], handles: &Handles) {
    let mut arguments = Arguments::new(bytes, handles);
    for _ in 0..MOST_CALLS {
        let Some(choice) = arguments.next_byte() else {
            return;
        };
        let (name, call) = CALLS[usize::from(choice) % CALLS.len()];
        arguments.begin(name);
        call(&mut arguments);
    }
}

/// Nobody asks for a diagnosis.
fn nowhere<T>() -> *mut T {
    ptr::null_mut()
}
