//! A client and a server of one process over `nnrp+mem://`, each with a queue of its own.

use crate::events::Events;
use nnrp::*;
use std::ffi::c_char;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

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

impl Pair {
    /// An open session with default options and roomy queues.
    pub(crate) fn open() -> Self {
        Self::open_with(1024, &[])
    }

    /// An open session; `capacity` is that of the server's queue, the options are the client's.
    pub(crate) fn open_with(capacity: u32, options: &[(u32, u64)]) -> Self {
        let server = Events::new(capacity, 1 << 16);
        let (listener, uri) = listen(server.queue);
        Self::open_at(server, listener, &uri, options_of(options))
    }

    /// An open session at this endpoint of `server`; the options are the client's.
    pub(crate) fn open_at(
        server: Events,
        listener: NnrpHandle,
        uri: &str,
        options: NnrpHandle,
    ) -> Self {
        let mut client = Events::new(1024, 1 << 16);
        let connection = connect(client.queue, uri, options);
        let session = open_session(connection, options);
        client.expect(NNRP_EVENT_CONNECTED);
        client.expect(NNRP_EVENT_GREETED);
        let opened = client.expect(NNRP_EVENT_SESSION_OPENED);
        assert_eq!((opened.connection, opened.session), (connection, session));
        Self::joined(client, server, listener, connection, session)
    }

    /// The client's session as the server's side knows it.
    pub(crate) fn joined(
        client: Events,
        mut server: Events,
        listener: NnrpHandle,
        connection: NnrpHandle,
        session: NnrpHandle,
    ) -> Self {
        let accepted = server.expect(NNRP_EVENT_ACCEPTED);
        assert_eq!(accepted.listener, listener);
        let arrived = server.expect(NNRP_EVENT_SESSION_OPENED);
        assert_eq!(arrived.connection, accepted.connection);
        Self {
            client,
            server,
            listener,
            connection,
            session,
            accepted: accepted.connection,
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
                    struct_size: 56,
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
                struct_size: 72,
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

/// A name of the process that no other test uses.
pub(crate) fn memory_uri() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("nnrp+mem://test-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Listens in this process.
pub(crate) fn listen(queue: NnrpHandle) -> (NnrpHandle, String) {
    listen_at(queue, &memory_uri(), 0)
}

/// Listens at an endpoint, and gives it with its real port.
pub(crate) fn listen_at(queue: NnrpHandle, uri: &str, options: NnrpHandle) -> (NnrpHandle, String) {
    let mut listener = 0;
    let mut error = NnrpError::default();
    // SAFETY: all pointers are to live memory of the stated sizes.
    let status = unsafe {
        nnrp_server_listen(
            queue,
            uri.as_ptr().cast(),
            uri.len(),
            options,
            &raw mut listener,
            &raw mut error,
        )
    };
    assert_eq!(status, NNRP_STATUS_OK, "{error:?}");
    let uri = text_of(|text, capacity, size| {
        // SAFETY: `text` has `capacity` bytes; `size` is a live local.
        unsafe { nnrp_listener_uri(listener, text, capacity, size, ptr::null_mut()) }
    });
    (listener, uri)
}

/// A text of the library, asked for with too little memory first.
pub(crate) fn text_of(read: impl Fn(*mut c_char, usize, *mut usize) -> NnrpStatus) -> String {
    let mut size = 0;
    let too_small = read(ptr::null_mut(), 0, &raw mut size);
    assert_eq!(too_small, NNRP_STATUS_BUFFER_TOO_SMALL);
    let mut text = vec![0_u8; size];
    let status = read(text.as_mut_ptr().cast(), size, &raw mut size);
    assert_eq!(status, NNRP_STATUS_OK);
    String::from_utf8(text).expect("texts are UTF-8")
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

/// Sets a byte string of a set of options.
pub(crate) fn set_bytes(options: NnrpHandle, key: u32, value: &[u8]) {
    // SAFETY: `value` has its own length; the diagnosis may be NULL.
    let status = unsafe {
        nnrp_options_set_bytes(options, key, value.as_ptr(), value.len(), ptr::null_mut())
    };
    assert_eq!(status, NNRP_STATUS_OK, "option {key}");
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
