//! A descriptor that event loops can poll: readable while a queue has events.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

/// Two ends of a socket inside the process; one byte lies in it while it is raised.
#[derive(Debug)]
pub(crate) struct Descriptor {
    polled: UnixStream,
    written: UnixStream,
    raised: bool,
}

impl Descriptor {
    pub(crate) fn new() -> io::Result<Self> {
        let (polled, written) = UnixStream::pair()?;
        polled.set_nonblocking(true)?;
        written.set_nonblocking(true)?;
        Ok(Self {
            polled,
            written,
            raised: false,
        })
    }

    /// What to poll; it stays this object's.
    pub(crate) fn number(&self) -> u32 {
        // Descriptors are not negative.
        self.polled.as_raw_fd().unsigned_abs()
    }

    /// Makes it readable, or not.
    pub(crate) fn set(&mut self, raised: bool) {
        if self.raised == raised {
            return;
        }
        self.raised = raised;
        // An empty socket takes a byte, and one with a byte gives it.
        let _ = if raised {
            self.written.write(&[1])
        } else {
            self.polled.read(&mut [0])
        };
    }
}
