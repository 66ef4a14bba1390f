//! The exported functions behind safe Rust, for the programs of this workspace that must not contain `unsafe`.
//!
//! Each function here passes what it is given to the exported function of the same name and adds nothing: whoever looks through this
//! module sees the C ABI. Handles are numbers, as in C; a wrong one gives a status.
//!
//! No feature chooses it: cargo writes this crate's libraries, which C finds by name, to the same file whatever the features
//! are, so that builds with different ones would take each other's place. Link-time optimisation leaves it out of what ships.

use crate::*;
use std::ffi::c_void;
use std::ptr;

/// What a failed call says.
pub type Diagnosed<T> = Result<T, NnrpError>;

/// An event queue with its wake callback; closed when dropped.
pub struct Queue {
    handle: NnrpHandle,
    /// What the callback calls. On the heap, so that its address stays; freed after the callback was taken away.
    wake: Option<Box<Wake>>,
}

type Wake = Box<dyn Fn() + Send + Sync>;

impl Queue {
    /// `nnrp_queue_create`
    pub fn create(capacity: u32) -> Diagnosed<Self> {
        // SAFETY: both pointers are to live locals.
        let handle = diagnosed(|out, error| unsafe { nnrp_queue_create(capacity, out, error) })?;
        Ok(Self { handle, wake: None })
    }

    /// Its handle.
    #[must_use]
    pub fn handle(&self) -> NnrpHandle {
        self.handle
    }

    /// `nnrp_queue_set_wake`
    pub fn set_wake(&mut self, wake: impl Fn() + Send + Sync + 'static) -> Diagnosed<()> {
        let wake: Box<Wake> = Box::new(Box::new(wake));
        let user_data = ptr::from_ref(wake.as_ref()).cast_mut().cast();
        plain(|error| {
            // SAFETY: `wake` lives until the callback is taken away, here or when the queue is dropped.
            unsafe { nnrp_queue_set_wake(self.handle, Some(call_wake), user_data, error) }
        })?;
        self.wake = Some(wake);
        Ok(())
    }

    /// `nnrp_queue_drain`: the events, their bodies in `arena`.
    pub fn drain(&self, capacity: u32, arena: &mut [u8]) -> Result<Vec<NnrpEvent>, NnrpStatus> {
        let mut events = vec![NnrpEvent::default(); capacity as usize];
        let mut count = 0;
        // SAFETY: events and arena have the stated sizes; `count` is a live local.
        let status = unsafe {
            nnrp_queue_drain(
                self.handle,
                events.as_mut_ptr(),
                capacity,
                arena.as_mut_ptr(),
                arena.len(),
                &raw mut count,
            )
        };
        if status != NNRP_STATUS_OK {
            return Err(status);
        }
        events.truncate(count as usize);
        Ok(events)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: no pointer is read. The first call returns when the callback is not running any more.
        unsafe {
            nnrp_queue_set_wake(self.handle, None, ptr::null_mut(), ptr::null_mut());
            nnrp_queue_close(self.handle, ptr::null_mut());
        }
    }
}

/// # Safety
/// `user_data` is a live [`Wake`].
unsafe extern "C" fn call_wake(user_data: *mut c_void) {
    // SAFETY: `Queue::set_wake` passed it and keeps it alive.
    unsafe { (*user_data.cast::<Wake>())() }
}

/// `nnrp_options_create` and `nnrp_options_set_u64`; end with [`release`].
pub fn options(numbers: &[(u32, u64)]) -> Diagnosed<NnrpHandle> {
    // SAFETY: both pointers are to live locals.
    let options = diagnosed(|out, error| unsafe { nnrp_options_create(out, error) })?;
    for (key, value) in numbers {
        // SAFETY: `error` is to a live local.
        plain(|error| unsafe { nnrp_options_set_u64(options, *key, *value, error) })?;
    }
    Ok(options)
}

/// `nnrp_options_set_bytes`
pub fn set_bytes(options: NnrpHandle, key: u32, bytes: &[u8]) -> Diagnosed<()> {
    plain(|error| {
        // SAFETY: the slice has the stated size; `error` is to a live local.
        unsafe { nnrp_options_set_bytes(options, key, bytes.as_ptr(), bytes.len(), error) }
    })
}

/// `nnrp_connect`
pub fn connect(queue: &Queue, uri: &str, options: NnrpHandle) -> Diagnosed<NnrpHandle> {
    diagnosed(|out, error| {
        let (text, size) = (uri.as_ptr().cast(), uri.len());
        // SAFETY: the text has the stated size; the other pointers are to live locals.
        unsafe { nnrp_connect(queue.handle, text, size, options, out, error) }
    })
}

/// `nnrp_connection_open_session`
pub fn open_session(connection: NnrpHandle, options: NnrpHandle) -> Diagnosed<NnrpHandle> {
    diagnosed(|out, error| {
        // SAFETY: both pointers are to live locals.
        unsafe { nnrp_connection_open_session(connection, options, out, error) }
    })
}

/// `nnrp_session_submit`
pub fn submit(
    session: NnrpHandle,
    submits: &[NnrpSubmit],
    arena: &[u8],
) -> Result<NnrpBatch, NnrpStatus> {
    let mut batch = NnrpBatch::default();
    let count = u32::try_from(submits.len()).unwrap_or(u32::MAX);
    // SAFETY: both slices have the stated sizes; `batch` is a live local.
    let status = unsafe {
        let (submits, bytes) = (submits.as_ptr(), arena.as_ptr());
        nnrp_session_submit(session, submits, count, bytes, arena.len(), &raw mut batch)
    };
    if status == NNRP_STATUS_OK {
        Ok(batch)
    } else {
        Err(status)
    }
}

/// `nnrp_session_shutdown`
pub fn shut_session_down(session: NnrpHandle) -> Diagnosed<()> {
    // SAFETY: `error` is to a live local.
    plain(|error| unsafe { nnrp_session_shutdown(session, error) })
}

/// `nnrp_buffer_read` of a whole buffer of this size.
pub fn read_buffer(buffer: NnrpHandle, size: usize) -> Diagnosed<Vec<u8>> {
    let mut bytes = vec![0; size];
    let read = diagnosed(|out, error| {
        // SAFETY: the vector has the stated size; the other pointers are to live locals.
        unsafe { nnrp_buffer_read(buffer, 0, bytes.as_mut_ptr(), size, out, error) }
    })?;
    bytes.truncate(read);
    Ok(bytes)
}

/// `nnrp_release`
pub fn release(handle: NnrpHandle) -> Diagnosed<()> {
    // SAFETY: `error` is to a live local.
    plain(|error| unsafe { nnrp_release(handle, error) })
}

/// `nnrp_body_read_prelude`
pub fn read_prelude(body: &[u8]) -> Diagnosed<NnrpBodyRegions> {
    diagnosed(|out, error| {
        // SAFETY: the slice has the stated size; the other pointers are to live locals.
        unsafe { nnrp_body_read_prelude(body.as_ptr(), body.len(), out, error) }
    })
}

/// `nnrp_payload_frame_read`
pub fn read_frame(bytes: &[u8]) -> Diagnosed<NnrpPayloadFrame> {
    diagnosed(|out, error| {
        // SAFETY: the slice has the stated size; the other pointers are to live locals.
        unsafe { nnrp_payload_frame_read(bytes.as_ptr(), bytes.len(), out, error) }
    })
}

/// `nnrp_payload_check_partition`
pub fn check_partition(
    payload_kind_bitmap: u32,
    frames: &[NnrpPayloadFrame],
    region_size: u64,
) -> Diagnosed<()> {
    let count = u32::try_from(frames.len()).unwrap_or(u32::MAX);
    plain(|error| {
        let frames = frames.as_ptr();
        // SAFETY: the slice has the stated size; `error` is to a live local.
        unsafe {
            nnrp_payload_check_partition(payload_kind_bitmap, frames, count, region_size, error)
        }
    })
}

/// `nnrp_schemas_create`; end with [`release`].
pub fn schemas(capacity: u32) -> Diagnosed<NnrpHandle> {
    // SAFETY: both pointers are to live locals.
    diagnosed(|out, error| unsafe { nnrp_schemas_create(capacity, out, error) })
}

/// `nnrp_schemas_install`
pub fn install(schemas: NnrpHandle, schema: &NnrpSchema) -> Diagnosed<u32> {
    // SAFETY: the pointers are to a live reference and live locals.
    diagnosed(|out, error| unsafe { nnrp_schemas_install(schemas, schema, out, error) })
}

/// `nnrp_schemas_remove`
pub fn remove(schemas: NnrpHandle, id: u32, version: u32) -> Diagnosed<()> {
    // SAFETY: `error` is to a live local.
    plain(|error| unsafe { nnrp_schemas_remove(schemas, id, version, error) })
}

/// `nnrp_schemas_check_binding`
pub fn check_binding(schemas: NnrpHandle, frame: &NnrpPayloadFrame) -> Diagnosed<()> {
    // SAFETY: the pointers are to a live reference and a live local.
    plain(|error| unsafe { nnrp_schemas_check_binding(schemas, frame, error) })
}

/// The output of a call, or its diagnosis.
fn diagnosed<T: Default>(call: impl FnOnce(*mut T, *mut NnrpError) -> NnrpStatus) -> Diagnosed<T> {
    let mut out = T::default();
    plain(|error| call(&raw mut out, error))?;
    Ok(out)
}

fn plain(call: impl FnOnce(*mut NnrpError) -> NnrpStatus) -> Diagnosed<()> {
    let mut error = NnrpError::default();
    match call(&raw mut error) {
        NNRP_STATUS_OK => Ok(()),
        _ => Err(error),
    }
}
