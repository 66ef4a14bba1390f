//! Status codes and error families of the ABI, their names, and which family a status belongs to.

use std::ffi::c_char;

/// Outcome of a call.
pub type NnrpStatus = u32;

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $family:ident;)*) => {
        $($(#[$doc])* pub const $name: NnrpStatus = $value;)*

        /// The family of a status: who has to act.
        pub(crate) fn family_of(status: NnrpStatus) -> u32 {
            match status {
                $($name => $family,)*
                _ => NNRP_FAMILY_NONE,
            }
        }

        /// Name of a status, e.g. `NNRP_STATUS_CLOSED`; `NNRP_STATUS_UNKNOWN` for other numbers. Static, zero-terminated.
        #[unsafe(no_mangle)]
        pub extern "C" fn nnrp_status_name(status: u32) -> *const c_char {
            match status {
                $($name => concat!(stringify!($name), "\0"),)*
                _ => "NNRP_STATUS_UNKNOWN\0",
            }
            .as_ptr()
            .cast()
        }
    };
}

/// No error, or [`NNRP_STATUS_WOULD_BLOCK`] and [`NNRP_STATUS_TIMEOUT`].
pub const NNRP_FAMILY_NONE: u32 = 0;
/// The caller.
pub const NNRP_FAMILY_USAGE: u32 = 1;
/// The network or the peer's presence.
pub const NNRP_FAMILY_NETWORK: u32 = 2;
/// The peer's behaviour or decision.
pub const NNRP_FAMILY_PROTOCOL: u32 = 3;
/// This library.
pub const NNRP_FAMILY_INTERNAL: u32 = 4;

statuses! {
    /// Done.
    NNRP_STATUS_OK = 0, NNRP_FAMILY_NONE;
    /// A bounded queue is full; a writable event follows.
    NNRP_STATUS_WOULD_BLOCK = 1, NNRP_FAMILY_NONE;
    /// The time given to the call passed.
    NNRP_STATUS_TIMEOUT = 2, NNRP_FAMILY_NONE;
    /// A value is outside its range.
    NNRP_STATUS_INVALID_ARGUMENT = 16, NNRP_FAMILY_USAGE;
    /// A required pointer is NULL.
    NNRP_STATUS_NULL_POINTER = 17, NNRP_FAMILY_USAGE;
    /// Stale, foreign, random or closed handle.
    NNRP_STATUS_INVALID_HANDLE = 18, NNRP_FAMILY_USAGE;
    /// The endpoint is not `scheme://host:port`.
    NNRP_STATUS_INVALID_URI = 19, NNRP_FAMILY_USAGE;
    /// Unknown option key or value out of range.
    NNRP_STATUS_INVALID_OPTION = 20, NNRP_FAMILY_USAGE;
    /// The caller's memory is too small.
    NNRP_STATUS_BUFFER_TOO_SMALL = 21, NNRP_FAMILY_USAGE;
    /// Not in this build or not for this kind of handle.
    NNRP_STATUS_UNSUPPORTED = 22, NNRP_FAMILY_USAGE;
    /// The object is closing, not open yet, or of the other side.
    NNRP_STATUS_WRONG_STATE = 23, NNRP_FAMILY_USAGE;
    /// A configured limit is exceeded.
    NNRP_STATUS_LIMIT_EXCEEDED = 24, NNRP_FAMILY_USAGE;
    /// This process was forked after its parent had begun to use the library.
    NNRP_STATUS_FORKED = 25, NNRP_FAMILY_USAGE;
    /// No connection.
    NNRP_STATUS_CONNECT_FAILED = 32, NNRP_FAMILY_NETWORK;
    /// The address cannot be bound.
    NNRP_STATUS_LISTEN_FAILED = 33, NNRP_FAMILY_NETWORK;
    /// The peer or the network ended the connection without closing it.
    NNRP_STATUS_TRANSPORT_LOST = 34, NNRP_FAMILY_NETWORK;
    /// The peer did not answer in time.
    NNRP_STATUS_PEER_TIMEOUT = 35, NNRP_FAMILY_NETWORK;
    /// No provider can be selected.
    NNRP_STATUS_NO_TRANSPORT = 36, NNRP_FAMILY_NETWORK;
    /// The peer sent what the protocol forbids.
    NNRP_STATUS_PROTOCOL_ERROR = 48, NNRP_FAMILY_PROTOCOL;
    /// The server refused the session.
    NNRP_STATUS_SESSION_REJECTED = 49, NNRP_FAMILY_PROTOCOL;
    /// Ended in order.
    NNRP_STATUS_CLOSED = 50, NNRP_FAMILY_PROTOCOL;
    /// The schema cannot be installed, found or bound.
    NNRP_STATUS_SCHEMA_REJECTED = 51, NNRP_FAMILY_PROTOCOL;
    /// A defect of this library.
    NNRP_STATUS_INTERNAL = 64, NNRP_FAMILY_INTERNAL;
    /// No thread, memory or handle slot could be had.
    NNRP_STATUS_OUT_OF_RESOURCES = 65, NNRP_FAMILY_INTERNAL;
}
