//! Keeps the signal of broken pipes from the library's threads: a peer that has gone away must not end the process.
//!
//! Programs in Rust ignore SIGPIPE from their start; those in C do not, and a write to a connection that its peer has reset
//! raises it. The thread that writes gets the signal, and all writing is done on threads of the library.

/// Blocks the signal for the calling thread and those that it makes; its writes fail with an error instead.
#[cfg(all(unix, not(miri)))]
pub(crate) fn block_signal() {
    use std::ffi::c_int;

    /// As large as the largest `sigset_t` there is, 1024 bits.
    type SignalSet = [u64; 16];

    const SIGPIPE: c_int = 13;
    const SIG_BLOCK: c_int = if cfg!(any(target_os = "linux", target_os = "android")) {
        0
    } else {
        1
    };

    unsafe extern "C" {
        fn sigemptyset(set: *mut SignalSet) -> c_int;
        fn sigaddset(set: *mut SignalSet, signal: c_int) -> c_int;
        fn pthread_sigmask(how: c_int, set: *const SignalSet, old: *mut SignalSet) -> c_int;
    }

    let mut broken_pipe = SignalSet::default();
    // SAFETY: the set is a live local of at least the size that the system works on; no old mask is asked for.
    unsafe {
        sigemptyset(&raw mut broken_pipe);
        sigaddset(&raw mut broken_pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &raw const broken_pipe, std::ptr::null_mut());
    }
}

/// There is no such signal here.
#[cfg(any(not(unix), miri))]
pub(crate) fn block_signal() {}
