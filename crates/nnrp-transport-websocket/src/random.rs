//! Unpredictable bytes, for the keys of handshakes and masks.

use std::io;

/// Fills the buffer from the system's source.
pub(crate) fn fill(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::getrandom(bytes).map_err(|error| io::Error::other(error.to_string()))
}
