//! The end of a server that a test has started: in order, because a process that is killed leaves no trace of what it executed.

use std::process::{Child, ChildStdin};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a server that was asked to end: generous, because it waits some seconds for its peers itself.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks the server to end, by the end of its input, and kills it where that cannot be asked or is of no avail.
pub(crate) fn end(server: &mut Child, input: Option<ChildStdin>) {
    if input.map(drop).is_some() {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline && matches!(server.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(2));
        }
    }
    // It may have ended by itself.
    let _ = server.kill();
    let _ = server.wait();
}
