//! A client of the C ABI: what it submits, and what an application sees of the answers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nnrp::safe::{self, Diagnosed, Queue};
use nnrp::{
    NNRP_EVENT_RESULT, NNRP_OPTION_CLOSE_TIMEOUT_MS, NNRP_OPTION_CONNECT_TIMEOUT_MS,
    NNRP_OPTION_EXCHANGE, NnrpError, NnrpEvent, NnrpHandle, NnrpPayloadFrame, NnrpSchema,
    NnrpSubmit,
};
use nnrp_core::body::typed_payload::TypedPayloadDescriptor;
use nnrp_core::flags::PayloadKinds;
use nnrp_core::schema::SchemaDescriptor;
use nnrp_transport_provider::Endpoint;

use super::verdict::{Failure, wrong};

/// Events that a queue of these cases has room for, and the most that one drain takes.
const CAPACITY: u32 = 64;
/// Pause between two looks at a queue that was empty.
const BETWEEN_POLLS: Duration = Duration::from_millis(1);
/// `NNRP_OPTION_EXCHANGE`: session open.
const OPEN_FIRST: u64 = 2;
/// The library gives up no earlier than the cases do.
const PATIENCE_MS: u64 = 60_000;

/// One event as it came out of the C ABI.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// `NNRP_EVENT_*`.
    pub kind: u32,
    /// The frame it is about.
    pub frame_id: u32,
    /// What a result is to its frame.
    pub result_class: u32,
    /// Payload kinds of a result.
    pub payload_kind_bitmap: u32,
    /// Typed payload frames of a result.
    pub payload_frame_count: u32,
    /// The body.
    pub body: Body,
}

/// The body of an event, wherever the C ABI put it.
#[derive(Clone, Debug)]
pub enum Body {
    /// It came in the arena, which is used again.
    Arena(Vec<u8>),
    /// It came in a buffer that the application owns.
    Buffer(Arc<Buffer>),
}

/// A buffer of the C ABI; released when nobody needs it any more.
#[derive(Debug)]
pub struct Buffer {
    handle: NnrpHandle,
    size: usize,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // What cannot be released could not be read either, which a case has noticed.
        let _ = safe::release(self.handle);
    }
}

impl Body {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Arena(bytes) => bytes.clone(),
            Self::Buffer(buffer) => {
                safe::read_buffer(buffer.handle, buffer.size).unwrap_or_default()
            }
        }
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

/// How an application takes events out of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumption {
    /// The wake callback tells it to drain.
    Callback,
    /// It asks again and again.
    Polling,
}

/// Where events come from.
pub trait Pump: Send {
    /// The next event, unless none comes within this time.
    fn next(&mut self, patience: Duration) -> Option<Observed>;
}

/// What an application may ask of schemas through the C ABI; an error is its code on the wire.
pub trait ForeignSchemas {
    /// Installs a schema; `NNRP_INSTALLED_*`.
    fn install(&mut self, schema: &SchemaDescriptor) -> Result<u32, u32>;
    /// Removes one version of a schema.
    fn remove(&mut self, id: u32, version: u32) -> Result<(), u32>;
    /// Whether the payload of a descriptor can be interpreted.
    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), u32>;
}

/// The commands of a client with one session.
pub(super) struct Commands {
    session: NnrpHandle,
}

/// Connects and opens a session; bodies of up to `arena` bytes arrive in the arena.
pub(super) fn connect(
    endpoint: &Endpoint,
    consumption: Consumption,
    arena: usize,
) -> Result<(Commands, Box<dyn Pump>), Failure> {
    let mut queue = said("nnrp_queue_create", Queue::create(CAPACITY))?;
    let woken = match consumption {
        Consumption::Polling => None,
        Consumption::Callback => {
            let (wake, woken) = channel();
            let set = queue.set_wake(move || {
                // Nobody listens any more once the events are of no interest.
                let _ = wake.send(());
            });
            said("nnrp_queue_set_wake", set)?;
            Some(woken)
        }
    };
    let numbers = [
        (NNRP_OPTION_EXCHANGE, OPEN_FIRST),
        (NNRP_OPTION_CONNECT_TIMEOUT_MS, PATIENCE_MS),
        (NNRP_OPTION_CLOSE_TIMEOUT_MS, PATIENCE_MS),
    ];
    let options = said("nnrp_options_create", safe::options(&numbers))?;
    let uri = endpoint.to_string();
    let connection = said("nnrp_connect", safe::connect(&queue, &uri, options))?;
    let opened = safe::open_session(connection, options);
    let session = said("nnrp_connection_open_session", opened)?;
    said("nnrp_release", safe::release(options))?;
    let events = Events {
        queue,
        woken,
        arena: vec![0; arena],
        waiting: VecDeque::new(),
    };
    Ok((Commands { session }, Box::new(events)))
}

impl Commands {
    /// Submits a frame of typed tokens; its id.
    pub(super) fn submit(&self, verb: u16, count: u16, body: &[u8]) -> Result<u32, Failure> {
        let submit = NnrpSubmit {
            struct_size: size_of::<NnrpSubmit>().try_into().unwrap_or_default(),
            body_size: body.len() as u64,
            latency_budget_ms: verb.into(),
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK.bits(),
            payload_frame_count: count.into(),
            ..NnrpSubmit::default()
        };
        match safe::submit(self.session, &[submit], body) {
            Ok(batch) => Ok(batch.first_frame_id),
            Err(status) => wrong(format!("nnrp_session_submit: status {status}")),
        }
    }

    /// Closes the session in order.
    pub(super) fn shut_down(&self) -> Result<(), Failure> {
        let shut = safe::shut_session_down(self.session);
        said("nnrp_session_shutdown", shut)
    }
}

struct Events {
    queue: Queue,
    /// Told by the wake callback; none for who polls.
    woken: Option<Receiver<()>>,
    arena: Vec<u8>,
    waiting: VecDeque<Observed>,
}

impl Pump for Events {
    fn next(&mut self, patience: Duration) -> Option<Observed> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            match &self.woken {
                None => std::thread::sleep(BETWEEN_POLLS),
                Some(woken) => woken.recv_timeout(left).ok()?,
            }
            // A callback speaks once for all events that are there.
            while self.drain() > 0 {}
        }
    }
}

impl Events {
    fn drain(&mut self) -> usize {
        let drained = self.queue.drain(CAPACITY, &mut self.arena);
        let events = drained.unwrap_or_default();
        for event in &events {
            self.waiting.push_back(observe(event, &self.arena));
        }
        events.len()
    }
}

fn observe(event: &NnrpEvent, arena: &[u8]) -> Observed {
    let size = usize::try_from(event.payload_size).unwrap_or(usize::MAX);
    let start = usize::try_from(event.payload_offset).unwrap_or(usize::MAX);
    let body = if event.buffer == 0 {
        let end = start.saturating_add(size);
        let found = arena.get(start..end).map(<[u8]>::to_vec);
        Body::Arena(found.unwrap_or_default())
    } else {
        let handle = event.buffer;
        Body::Buffer(Arc::new(Buffer { handle, size }))
    };
    Observed {
        kind: event.kind,
        frame_id: event.frame_id,
        result_class: event.result_class,
        payload_kind_bitmap: event.payload_kind_bitmap,
        payload_frame_count: event.payload_frame_count,
        body,
    }
}

impl Observed {
    /// Whether it is a result.
    #[must_use]
    pub fn is_result(&self) -> bool {
        self.kind == NNRP_EVENT_RESULT
    }

    /// The typed payload frames of its body, as the functions of the C ABI find them: descriptor flags, offset and bytes of each.
    pub(super) fn frames(&self) -> Result<Vec<(u32, u32, Vec<u8>)>, Failure> {
        let body = self.body.bytes();
        let regions = said("nnrp_body_read_prelude", safe::read_prelude(&body))?;
        let part = |offset: u32, size: u32| {
            let (start, size) = (offset as usize, size as usize);
            let found = body.get(start..start.saturating_add(size));
            found.map_or_else(|| wrong("a region lies outside of its body"), Ok)
        };
        let (offset, size) = (
            regions.payload_frame_descriptor_offset,
            regions.payload_frame_descriptor_bytes,
        );
        let descriptors = part(offset, size)?
            .chunks_exact(24)
            .map(|bytes| said("nnrp_payload_frame_read", safe::read_frame(bytes)))
            .collect::<Result<Vec<NnrpPayloadFrame>, Failure>>()?;
        let size = regions.payload_frame_bytes;
        let partition = safe::check_partition(self.payload_kind_bitmap, &descriptors, size.into());
        said("nnrp_payload_check_partition", partition)?;
        let start = regions.payload_frame_offset;
        let frames = descriptors.iter().map(|frame| {
            let bytes = part(start.saturating_add(frame.offset), frame.length)?;
            Ok((frame.descriptor_flags, frame.offset, bytes.to_vec()))
        });
        frames.collect()
    }
}

/// A schema registry behind a handle.
pub(super) struct Registry(NnrpHandle);

impl Registry {
    pub(super) fn create() -> Result<Box<dyn ForeignSchemas>, Failure> {
        let created = safe::schemas(16);
        Ok(Box::new(Self(said("nnrp_schemas_create", created)?)))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It was created, so it is there.
        let _ = safe::release(self.0);
    }
}

impl ForeignSchemas for Registry {
    fn install(&mut self, schema: &SchemaDescriptor) -> Result<u32, u32> {
        let schema = NnrpSchema {
            struct_size: size_of::<NnrpSchema>().try_into().unwrap_or_default(),
            schema_id: schema.schema_id,
            schema_version: schema.schema_version,
            profile_id: schema.profile_id.into(),
            schema_flags: schema.schema_flags.bits().into(),
            min_version_major: schema.min_version_major.into(),
            max_version_major: schema.max_version_major.into(),
            body_bytes: schema.body_bytes,
            dependency_count: schema.dependency_count.into(),
            default_stream_semantics: schema.default_stream_semantics.0.into(),
            schema_hash: schema.schema_hash,
        };
        safe::install(self.0, &schema).map_err(code)
    }

    fn remove(&mut self, id: u32, version: u32) -> Result<(), u32> {
        safe::remove(self.0, id, version).map_err(code)
    }

    fn check_binding(&self, payload: &TypedPayloadDescriptor) -> Result<(), u32> {
        let frame = NnrpPayloadFrame {
            struct_size: size_of::<NnrpPayloadFrame>().try_into().unwrap_or_default(),
            profile_id: payload.profile_id.into(),
            descriptor_flags: payload.descriptor_flags.bits().into(),
            schema_id: payload.schema_id,
            schema_version: payload.schema_version,
            stream_semantics: payload.stream_semantics.0.into(),
            offset: payload.offset,
            length: payload.length,
        };
        safe::check_binding(self.0, &frame).map_err(code)
    }
}

fn code(error: NnrpError) -> u32 {
    error.protocol_code
}

fn said<T>(call: &str, outcome: Diagnosed<T>) -> Result<T, Failure> {
    outcome.or_else(|error| {
        let (status, detail) = (error.status, error.detail);
        wrong(format!("{call}: status {status}, detail {detail}"))
    })
}
