//! A client and a server of one process over `nnrp+mem://`, each with a queue of its own.

use nnrp::*;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// No event of these tests takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// An event queue with the memory its events are drained into.
pub(crate) struct Events {
    pub(crate) queue: NnrpHandle,
    pub(crate) arena: Vec<u8>,
    drained: std::collections::VecDeque<(NnrpEvent, Vec<u8>)>,
}

/// Two sides of one session.
pub(crate) struct Pair {
    pub(crate) client: Events,
    pub(crate) server: Events,
    pub(crate) listener: NnrpHandle,
    pub(crate) connection: NnrpHandle,
    pub(crate) session: NnrpHandle,
    /// Connection and session as the server's side knows them.
    pub(crate) accepted: NnrpHandle,
    pub(crate) served: NnrpHandle,
}

impl Events {
    pub(crate) fn new(capacity: u32, arena: usize) -> Self {
        let mut queue = 0;
        // SAFETY: `queue` is a live local.
        let status = unsafe { nnrp_queue_create(capacity, &raw mut queue, ptr::null_mut()) };
        assert_eq!(status, NNRP_STATUS_OK);
        Self {
            queue,
            arena: vec![0; arena],
            drained: std::collections::VecDeque::new(),
        }
    }

    /// One drain of up to `capacity` events, with their bodies copied out.
    pub(crate) fn drain(&mut self, capacity: usize) -> Vec<(NnrpEvent, Vec<u8>)> {
        let mut events = vec![NnrpEvent::default(); capacity];
        let mut count = 0;
        // SAFETY: events and arena have the stated sizes.
        let status = unsafe {
            nnrp_queue_drain(
                self.queue,
                events.as_mut_ptr(),
                u32::try_from(capacity).expect("small"),
                self.arena.as_mut_ptr(),
                self.arena.len(),
                &raw mut count,
            )
        };
        assert_eq!(status, NNRP_STATUS_OK);
        events.truncate(count as usize);
        events
            .into_iter()
            .map(|event| (event, self.body(&event)))
            .collect()
    }

    fn body(&self, event: &NnrpEvent) -> Vec<u8> {
        let size = usize::try_from(event.payload_size).expect("small");
        if event.buffer == 0 {
            let start = usize::try_from(event.payload_offset).expect("small");
            return self.arena[start..start + size].to_vec();
        }
        let (mut body, mut read) = (vec![0; size], 0);
        // SAFETY: `body` has the stated size; `read` is a live local.
        unsafe {
            let none = ptr::null_mut();
            let status = nnrp_buffer_read(
                event.buffer,
                0,
                body.as_mut_ptr(),
                size,
                &raw mut read,
                none,
            );
            assert_eq!((status, read), (NNRP_STATUS_OK, size));
            assert_eq!(nnrp_release(event.buffer, none), NNRP_STATUS_OK);
        }
        body
    }

    /// The next event, in order.
    pub(crate) fn next(&mut self) -> (NnrpEvent, Vec<u8>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(event) = self.drained.pop_front() {
                return event;
            }
            assert!(Instant::now() < deadline, "no event");
            wait(self.queue, 1000);
            self.drained = self.drain(16).into();
        }
    }

    /// The next event, which has to be of this kind.
    pub(crate) fn expect(&mut self, kind: u32) -> NnrpEvent {
        let (event, _) = self.next();
        assert_eq!(event.kind, kind, "{event:?}");
        event
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // SAFETY: the diagnosis may be NULL.
        unsafe { nnrp_queue_close(self.queue, ptr::null_mut()) };
    }
}

impl Pair {
    /// An open session with default options and roomy queues.
    pub(crate) fn open() -> Self {
        Self::open_with(1024, &[])
    }

    /// An open session; `capacity` is that of the server's queue, the options are the client's.
    pub(crate) fn open_with(capacity: u32, options: &[(u32, u64)]) -> Self {
        let (mut client, mut server) = (Events::new(1024, 1 << 16), Events::new(capacity, 1 << 16));
        let (listener, uri) = listen(server.queue);
        let options = options_of(options);
        let connection = connect(client.queue, &uri, options);
        let session = open_session(connection, options);
        client.expect(NNRP_EVENT_CONNECTED);
        client.expect(NNRP_EVENT_GREETED);
        let opened = client.expect(NNRP_EVENT_SESSION_OPENED);
        assert_eq!((opened.connection, opened.session), (connection, session));
        let accepted = server.expect(NNRP_EVENT_ACCEPTED);
        assert_eq!(accepted.listener, listener);
        let arrived = server.expect(NNRP_EVENT_SESSION_OPENED);
        assert_eq!(arrived.session_id, opened.session_id);
        assert_eq!(arrived.connection, accepted.connection);
        let accepted = accepted.connection;
        Self {
            client,
            server,
            listener,
            connection,
            session,
            accepted,
            served: arrived.session,
        }
    }

    /// Submits bodies as one batch and gives status and batch.
    pub(crate) fn submit(&self, bodies: &[&[u8]]) -> (NnrpStatus, NnrpBatch) {
        let arena = bodies.concat();
        let mut offset = 0;
        let submits: Vec<NnrpSubmit> = bodies
            .iter()
            .map(|body| {
                let submit = NnrpSubmit {
                    struct_size: 48,
                    body_offset: offset,
                    body_size: body.len() as u64,
                    ..NnrpSubmit::default()
                };
                offset += body.len() as u64;
                submit
            })
            .collect();
        self.submit_raw(&submits, &arena)
    }

    pub(crate) fn submit_raw(
        &self,
        submits: &[NnrpSubmit],
        arena: &[u8],
    ) -> (NnrpStatus, NnrpBatch) {
        let mut batch = NnrpBatch::default();
        let count = u32::try_from(submits.len()).expect("small");
        // SAFETY: all pointers are to live memory of the stated sizes.
        let status = unsafe {
            nnrp_session_submit(
                self.session,
                submits.as_ptr(),
                count,
                arena.as_ptr(),
                arena.len(),
                &raw mut batch,
            )
        };
        (status, batch)
    }

    /// Answers frames as one batch, each with its own number as the body.
    pub(crate) fn answer(&self, frames: &[u32]) -> (NnrpStatus, NnrpBatch) {
        let arena: Vec<u8> = frames
            .iter()
            .flat_map(|frame| frame.to_le_bytes())
            .collect();
        let results: Vec<NnrpResult> = (0_u64..)
            .zip(frames)
            .map(|(index, &frame_id)| NnrpResult {
                struct_size: 64,
                frame_id,
                body_offset: index * 4,
                body_size: 4,
                status_code: 200,
                ..NnrpResult::default()
            })
            .collect();
        let mut batch = NnrpBatch::default();
        let count = u32::try_from(results.len()).expect("small");
        // SAFETY: all pointers are to live memory of the stated sizes.
        let status = unsafe {
            nnrp_session_send_results(
                self.served,
                results.as_ptr(),
                count,
                arena.as_ptr(),
                arena.len(),
                &raw mut batch,
            )
        };
        (status, batch)
    }
}

/// Waits on a queue.
pub(crate) fn wait(queue: NnrpHandle, timeout_ms: u32) -> NnrpStatus {
    // SAFETY: the diagnosis may be NULL.
    unsafe { nnrp_queue_wait(queue, timeout_ms, ptr::null_mut()) }
}

/// A name of the process that no other test uses.
pub(crate) fn listen(queue: NnrpHandle) -> (NnrpHandle, String) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let uri = format!("nnrp+mem://test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut listener = 0;
    let mut error = NnrpError::default();
    // SAFETY: all pointers are to live memory of the stated sizes.
    let status = unsafe {
        nnrp_server_listen(
            queue,
            uri.as_ptr().cast(),
            uri.len(),
            0,
            &raw mut listener,
            &raw mut error,
        )
    };
    assert_eq!(status, NNRP_STATUS_OK, "{error:?}");
    (listener, uri)
}

/// Starts to connect.
pub(crate) fn connect(queue: NnrpHandle, uri: &str, options: NnrpHandle) -> NnrpHandle {
    let mut connection = 0;
    let mut error = NnrpError::default();
    // SAFETY: all pointers are to live memory of the stated sizes.
    let status = unsafe {
        nnrp_connect(
            queue,
            uri.as_ptr().cast(),
            uri.len(),
            options,
            &raw mut connection,
            &raw mut error,
        )
    };
    assert_eq!(status, NNRP_STATUS_OK, "{error:?}");
    connection
}

/// Asks for a session.
pub(crate) fn open_session(connection: NnrpHandle, options: NnrpHandle) -> NnrpHandle {
    let mut session = 0;
    let mut error = NnrpError::default();
    // SAFETY: both pointers are to live locals.
    let status = unsafe {
        nnrp_connection_open_session(connection, options, &raw mut session, &raw mut error)
    };
    assert_eq!(status, NNRP_STATUS_OK, "{error:?}");
    session
}

/// A set of options.
pub(crate) fn options_of(values: &[(u32, u64)]) -> NnrpHandle {
    let mut options = 0;
    // SAFETY: `options` is a live local; the diagnosis may be NULL.
    unsafe {
        assert_eq!(
            nnrp_options_create(&raw mut options, ptr::null_mut()),
            NNRP_STATUS_OK
        );
        for &(key, value) in values {
            let status = nnrp_options_set_u64(options, key, value, ptr::null_mut());
            assert_eq!(status, NNRP_STATUS_OK, "option {key}");
        }
    }
    options
}
