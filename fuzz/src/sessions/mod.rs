//! Orders of commands, packets, damage and time between a client and a server machine.

mod client;
mod inputs;
mod server;
mod wire;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nnrp_core::connection::OpenTicket;
use nnrp_core::connection::client::{ClientConfig, ClientConnection};
use nnrp_core::connection::server::{ServerConfig, ServerConnection};
use nnrp_core::{Limits, Timestamp};

use self::inputs::{any_version_hello, naming};

/// Events that one packet or one end may add beyond the bound at which reading stops.
const BURST: usize = 32;

/// The first byte chooses whether there is a hello; each two that follow are a step and its argument.
pub fn run(data: &[u8]) {
    let Some((first, steps)) = data.split_first() else {
        return;
    };
    let mut pair = Pair::new(first & 1 != 0);
    for [step, argument] in steps.as_chunks::<2>().0 {
        pair.step(*step, *argument);
    }
    pair.end();
}

/// Both machines, and what an observer has seen of them.
struct Pair {
    client: ClientConnection,
    server: ServerConnection,
    now: Timestamp,
    limits: Limits,
    asked: Option<OpenTicket>,
    opens: HashSet<OpenTicket>,
    /// Frames of each open session of the client that wait for their answer.
    waiting: BTreeMap<u32, BTreeSet<u32>>,
    /// Sessions that the server admitted and has not ended.
    admitted: BTreeSet<u32>,
    /// The wire has flipped a bit, so a peer may speak of a frame that the other did not mean.
    damaged: bool,
}

impl Pair {
    fn new(hello: bool) -> Self {
        let limits = Limits {
            body_bytes: 4096,
            sessions: 3,
            operations_in_flight: 4,
            finished_operations: 8,
            queued_events: 6,
            queued_event_bytes: 4096,
            outgoing_packets: 6,
            outgoing_bytes: 4096,
            cached_objects: 3,
            cached_bytes: 2048,
            ..Limits::default()
        };
        let client = ClientConfig {
            limits,
            hello: hello.then_some(any_version_hello()),
            ..ClientConfig::default()
        };
        let server = ServerConfig {
            limits,
            ..ServerConfig::default()
        };
        let now = Timestamp::from_micros(1_000_000);
        Self {
            client: ClientConnection::new(client, now).expect("a valid hello"),
            server: ServerConnection::new(Arc::new(server), now),
            now,
            limits,
            asked: None,
            opens: HashSet::new(),
            waiting: BTreeMap::new(),
            admitted: BTreeSet::new(),
            damaged: false,
        }
    }

    fn step(&mut self, step: u8, argument: u8) {
        let session = u32::from(argument & 3);
        let frame = u32::from(argument >> 2);
        match step % 16 {
            0 => self.open(session),
            1 => self.submit(
                session,
                Bytes::from(vec![0; usize::from(argument >> 2) * 70]),
            ),
            2 => self.submit(session, naming(frame)),
            3 => self.request(session, frame),
            4..=6 => self.carry_to_server(argument),
            7..=9 => self.carry_to_client(argument),
            10 => {
                self.take_server_event();
            }
            11 => {
                self.take_client_event();
            }
            12 => self.decide(session, frame),
            13 => self.answer(session, frame),
            14 => self.answer_request(session),
            _ => self.pass_time(argument),
        }
    }

    fn pass_time(&mut self, argument: u8) {
        match argument {
            0 => self.client.handle_end_of_stream(),
            1 => self.server.handle_end_of_stream(self.now),
            2 => self.client.close(),
            3 => self.server.close(self.now),
            seconds => {
                let quarter = Duration::from_millis(u64::from(seconds) * 250);
                self.now = self.now.after(quarter);
                let _ = self.client.handle_timeout(self.now);
                let _ = self.server.handle_timeout(self.now);
            }
        }
    }

    /// Loses the transport and reads what is left: everything that was begun has its end.
    fn end(mut self) {
        self.client.handle_transport_lost();
        self.server.handle_transport_lost();
        let mut events = 0;
        while self.take_client_event() {
            events += 1;
        }
        assert!(
            events <= self.limits.queued_events + BURST,
            "client events are bounded"
        );
        events = 0;
        while self.take_server_event() {
            events += 1;
        }
        assert!(
            events <= self.limits.queued_events + BURST,
            "server events are bounded"
        );
        assert!(self.opens.is_empty(), "each open has its answer");
        assert!(self.waiting.is_empty(), "each session of the client ends");
        assert!(self.admitted.is_empty(), "each session of the server ends");
        assert!(self.client.is_finished() && self.server.is_finished());
        assert_eq!(self.client.next_timeout(), None);
        assert_eq!(self.server.next_timeout(), None);
    }
}
