//! Where the tasks of connections run.

use std::future::Future;
use std::pin::Pin;

/// The task of a connection or a listener.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts tasks. An application with several single-thread runtimes spreads its connections by implementing this.
///
/// The task must run inside a tokio runtime with its I/O and time drivers enabled.
pub trait Executor: Send + Sync + 'static {
    /// Starts a task and returns at once.
    fn spawn(&self, task: Task);
}

impl Executor for tokio::runtime::Handle {
    fn spawn(&self, task: Task) {
        drop(tokio::runtime::Handle::spawn(self, task));
    }
}
