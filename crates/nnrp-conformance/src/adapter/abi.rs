//! A client of the C ABI: what it submits, and what an application sees of the answers.

mod diagnosis;
mod observed;
mod schemas;

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nnrp::safe::{self, Queue};
use nnrp::{
    NNRP_OPTION_CLOSE_TIMEOUT_MS, NNRP_OPTION_CONNECT_TIMEOUT_MS, NNRP_OPTION_EXCHANGE, NnrpHandle,
    NnrpSubmit,
};
use nnrp_core::flags::PayloadKinds;
use nnrp_transport_provider::Endpoint;

pub use observed::{Body, Buffer, Observed};
pub use schemas::ForeignSchemas;
pub(super) use schemas::Registry;

use self::diagnosis::said;
use self::observed::observe;
use super::verdict::{Failure, wrong};

/// Events that a queue of these cases has room for, and the most that one drain takes.
const CAPACITY: u32 = 64;
/// Pause between two looks at a queue that was empty.
const BETWEEN_POLLS: Duration = Duration::from_millis(1);
/// `NNRP_OPTION_EXCHANGE`: session open.
const OPEN_FIRST: u64 = 2;
/// The library gives up no earlier than the cases do.
const PATIENCE_MS: u64 = 60_000;

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
