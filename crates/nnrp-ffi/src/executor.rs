//! The library's threads: a few single-threaded runtimes, each on a thread of its own, made when they are first needed.
//!
//! A connection stays on the runtime it was given, so its state never moves between processors.

use crate::failure::Failure;
use crate::log::subscriber::watch_thread;
use crate::status::NNRP_STATUS_OUT_OF_RESOURCES;
use crate::{broken_pipe, image, io_threads};
use nnrp_runtime::{Executor, Task};
use std::iter;
use std::thread;
use tokio::runtime::{Builder, Handle};

/// More threads than this bring nothing for one process's connections and cost memory on phones.
const MOST_THREADS: usize = 4;

/// The runtime for the next connection or listener, in turn. Starts the threads at the first call.
pub(crate) fn next() -> Result<Handle, Failure> {
    io_threads::next_started(start).ok_or_else(|| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))
}

/// Spreads the connections of a listener over the threads.
pub(crate) struct RoundRobin;

impl Executor for RoundRobin {
    fn spawn(&self, task: Task) {
        // The threads are running: a listener has been started on one of them.
        if let Ok(runtime) = next() {
            drop(runtime.spawn(task));
        }
    }
}

fn start() -> std::io::Result<Vec<Handle>> {
    // The threads run until the process ends, so their code must stay mapped until then.
    image::pin();
    let count = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS));
    let first = start_thread(0)?;
    // Fewer threads than processors serve as well; the ones that did start would run for nothing after a failure.
    let others = (1..count).map_while(|number| start_thread(number).ok());
    Ok(iter::once(first).chain(others).collect())
}

fn start_thread(number: usize) -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name(format!("nnrp-io-{number}"))
        .spawn(move || {
            broken_pipe::block_signal();
            let _watched = watch_thread();
            // A task that panics is caught by the runtime; this only ends with the process.
            runtime.block_on(std::future::pending::<()>());
        })?;
    Ok(handle)
}
