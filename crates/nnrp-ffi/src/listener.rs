//! Listeners behind handles, and the exported functions of the server's side that concern them.

use crate::call::run;
use crate::connection::{Connection, Sink};
use crate::end::{listen_failure, listener_end};
use crate::endpoint::endpoint;
use crate::event::NNRP_EVENT_LISTENER_CLOSED;
use crate::event_builder::ended;
use crate::executor::{self, RoundRobin};
use crate::failure::Failure;
use crate::handle::{Kind, NNRP_HANDLE_INVALID, NnrpHandle};
use crate::handle_table::{Removal, Table};
use crate::layout::{NnrpError, NnrpEvent};
use crate::option_keys::NNRP_OPTION_BESIDE_LISTENER;
use crate::options::{Settings, refused};
use crate::past_metrics::note_listener_end;
use crate::pointer::{Output, bytes, memory};
use crate::queue::{Queue, find};
use crate::security::check_server;
use crate::settings;
use crate::status::*;
use crate::text::write_text;
use crate::wake::refuse_inside_callback;
use nnrp_runtime::{
    ConnectionHandle, Event, EventSink, ListenerEnd, ListenerHandle, ListenerSink, listen,
    listen_beside,
};
use nnrp_transport_provider::{Endpoint, TransportError};
use std::collections::VecDeque;
use std::ffi::c_char;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

/// Most listeners alive or undrained at once.
const LIMIT: u32 = 1 << 16;

/// How long the end of a queue waits for the thread of a listener, which takes well under a millisecond when it is free.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Every listener whose last event has not been drained.
pub(crate) static LISTENERS: Table<Listener> = Table::new(Kind::Listener, LIMIT);

/// One listener.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) handle: NnrpHandle,
    queue: Arc<Queue>,
    /// Set once it is bound; `None` if that failed.
    runtime: OnceLock<Option<ListenerHandle>>,
    /// Whether its endpoint is free again.
    freed: Mutex<bool>,
    freed_changed: Condvar,
}

/// Binds an endpoint and starts to accept. Blocks while the host name is looked up.
///
/// # Safety
/// `uri` is NULL or valid for reads of `uri_size` bytes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_server_listen(
    queue: NnrpHandle,
    uri: *const c_char,
    uri_size: usize,
    options: NnrpHandle,
    out_listener: *mut NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let (uri, out) = (
                bytes(uri.cast(), uri_size, 2)?,
                Output::new(out_listener, 5)?,
            );
            refuse_inside_callback()?;
            let queue = find(queue)?;
            let settings = Settings::of(options)?;
            out.set(start(&queue, &endpoint(uri)?, &settings)?);
            Ok(())
        })
    }
}

/// Writes the bound endpoint, with its real port, as UTF-8 without terminating zero.
///
/// # Safety
/// `text` is NULL or valid for `capacity` writes, the other pointers are NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_listener_uri(
    listener: NnrpHandle,
    text: *mut c_char,
    capacity: usize,
    out_size: *mut usize,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: the pointers are as this function's caller promised.
    unsafe {
        run(error, || {
            let text = memory(text.cast::<u8>(), capacity, 2)?;
            let out = Output::new(out_size, 4)?;
            let uri = runtime_of(listener)?.endpoint().to_string();
            write_text(&uri, text, &out)
        })
    }
}

/// Stops accepting; connections go on.
///
/// # Safety
/// `error` is NULL or valid for one write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nnrp_listener_close(
    listener: NnrpHandle,
    error: *mut NnrpError,
) -> NnrpStatus {
    // SAFETY: `error` is as this function's caller promised.
    unsafe {
        run(error, || match runtime_of(listener) {
            Ok(runtime) => {
                runtime.close();
                Ok(())
            }
            Err(_) if LISTENERS.was_issued(listener) => Ok(()),
            Err(failure) => Err(failure),
        })
    }
}

/// The last event of a listener was drained.
pub(crate) fn forget_listener(handle: NnrpHandle) {
    if let Removal::Removed(listener) = LISTENERS.remove(handle) {
        note_listener_end(listener.refused());
        listener.queue.disown(handle);
    }
}

/// Ends a listener whose queue is closed, and waits until its endpoint is free.
pub(crate) fn end_listener(handle: NnrpHandle) {
    if let Removal::Removed(listener) = LISTENERS.remove(handle)
        && let Some(Some(runtime)) = listener.runtime.get()
    {
        runtime.close();
        note_listener_end(listener.refused());
        listener.wait_until_freed();
    }
}

impl Listener {
    /// Peers turned away because a limit was reached.
    pub(crate) fn refused(&self) -> u64 {
        let runtime = self.runtime.get().and_then(Option::as_ref);
        runtime.map_or(0, |runtime| runtime.metrics().refused)
    }

    /// The bound endpoint. Peers may knock a moment before whoever listens has noted it.
    fn uri(&self) -> String {
        let runtime = self.runtime.wait().as_ref();
        runtime.map_or_else(String::new, |runtime| runtime.endpoint().to_string())
    }

    /// Its thread of the library may be inside the wake callback of another queue, which may wait for the caller; hence the limit.
    fn wait_until_freed(&self) {
        let freed = self.freed.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .freed_changed
            .wait_timeout_while(freed, LONGEST_WAIT, |freed| !*freed);
        drop(waited);
    }

    fn set_freed(&self) {
        *self.freed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.freed_changed.notify_all();
    }
}

fn start(
    queue: &Arc<Queue>,
    endpoint: &Endpoint,
    settings: &Settings,
) -> Result<NnrpHandle, Failure> {
    let listener = LISTENERS
        .insert_with(|handle| {
            let queue = Arc::clone(queue);
            Arc::new(Listener {
                handle,
                queue,
                runtime: OnceLock::new(),
                freed: Mutex::new(false),
                freed_changed: Condvar::new(),
            })
        })
        .map_err(|_| Failure::new(NNRP_STATUS_OUT_OF_RESOURCES))?;
    let bound = bind(endpoint, settings, &listener);
    // The cell is set here only.
    let _ = listener.runtime.set(bound.as_ref().ok().cloned());
    if let Err(failure) = bound {
        LISTENERS.remove(listener.handle);
        return Err(failure);
    }
    if queue.adopt(listener.handle).is_err() {
        end_listener(listener.handle);
        return Err(Failure::handle());
    }
    Ok(listener.handle)
}

/// Binds on a thread of the library, so that it works whatever runtime the calling thread belongs to.
fn bind(
    endpoint: &Endpoint,
    settings: &Settings,
    listener: &Arc<Listener>,
) -> Result<ListenerHandle, Failure> {
    let executor = executor::next()?;
    let options = settings::listen_options(settings)?;
    check_server(&options.connection.security, endpoint)?;
    let first = neighbour(settings)?;
    let endpoint = endpoint.clone();
    let sink: Arc<dyn ListenerSink> = Arc::new(Acceptor(Arc::clone(listener)));
    let (sender, receiver) = mpsc::channel::<Result<ListenerHandle, TransportError>>();
    drop(executor.spawn(async move {
        let executor = Arc::new(RoundRobin);
        let bound = match first {
            Some(first) => listen_beside(&first, endpoint, options, sink, executor).await,
            None => listen(endpoint, options, sink, executor).await,
        };
        // The receiver waits until this arrives.
        let _ = sender.send(bound);
    }));
    let bound = receiver
        .recv()
        .map_err(|_| Failure::new(NNRP_STATUS_INTERNAL))?;
    bound.map_err(|error| listen_failure(&error))
}

/// The listener whose sessions the new one shares.
fn neighbour(settings: &Settings) -> Result<Option<ListenerHandle>, Failure> {
    match settings.get(NNRP_OPTION_BESIDE_LISTENER) {
        None | Some(NNRP_HANDLE_INVALID) => Ok(None),
        Some(handle) => runtime_of(handle)
            .map(Some)
            .map_err(|_| refused(NNRP_OPTION_BESIDE_LISTENER)),
    }
}

/// The runtime's listener of a live handle.
pub(crate) fn runtime_of(handle: NnrpHandle) -> Result<ListenerHandle, Failure> {
    let listener = LISTENERS.get(handle).ok_or_else(Failure::handle)?;
    listener.runtime.wait().clone().ok_or_else(Failure::handle)
}

/// Gives every accepted connection a handle, and delivers the listener's own last event.
struct Acceptor(Arc<Listener>);

impl ListenerSink for Acceptor {
    fn accepted(&self, runtime: &ConnectionHandle) -> Arc<dyn EventSink> {
        let queue = &self.0.queue;
        let Ok(connection) = Connection::register(queue, self.0.handle, &self.0.uri()) else {
            runtime.abort();
            return Arc::new(Nowhere);
        };
        connection.join(runtime.clone());
        if queue.adopt(connection.handle).is_err() {
            crate::connection::end_connection(connection.handle);
        }
        Arc::new(Sink(connection))
    }

    fn closed(&self, reason: ListenerEnd) {
        self.0.set_freed();
        let event = ended(NNRP_EVENT_LISTENER_CLOSED, &listener_end(&reason));
        self.0.queue.push(NnrpEvent {
            listener: self.0.handle,
            ..event
        });
    }
}

/// Takes the events of a connection that could not be given a handle.
struct Nowhere;

impl EventSink for Nowhere {
    fn deliver(&self, events: &mut VecDeque<Event>) {
        events.clear();
    }

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}
