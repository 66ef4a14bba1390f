//! A client connection as a host drives it: bytes in, bytes out, events, time. The host owns the transport.

mod commands;
mod config;
mod event_record;
mod event_text;
mod events;
mod resumables;

use bytes::BytesMut;
use nnrp_core::connection::OpenTicket;
use nnrp_core::connection::client::ClientConnection;
use nnrp_core::{FrameDecoder, Limits, ProtocolError, Timestamp};

use crate::failure::Failure;

pub(crate) use self::config::ClientSettings;
pub(crate) use self::resumables::Resumables;

/// Bytes beyond one whole packet that may wait while the host does not fetch events.
const UNREAD_ALLOWANCE: usize = 4 << 20;

/// Bytes of packets that one call hands over, and no more than one packet beyond them.
const TRANSMIT_BYTES: usize = 64 << 10;

/// Where a connection stands; the bits that [`Client::state`] returns.
mod state {
    pub(super) const WANTS_BYTES: u32 = 1;
    pub(super) const SHOULD_END_WRITE: u32 = 2;
    pub(super) const IS_FINISHED: u32 = 4;
    pub(super) const IS_OVER: u32 = 8;
    pub(super) const HELLO_ACKNOWLEDGED: u32 = 16;
}

/// How the transport has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TransportEnd {
    Not,
    /// The peer has ended its side, and what arrived before may still wait to be read.
    Announced,
    /// Nothing more is read.
    Done,
}

/// One connection.
pub(crate) struct Client {
    machine: ClientConnection,
    decoder: FrameDecoder,
    limits: Limits,
    /// What has arrived and is not decoded.
    received: BytesMut,
    transport_end: TransportEnd,
    /// Opens without an answer, with the numbers that the host knows them by.
    tickets: Vec<(OpenTicket, u32)>,
    next_ticket: u32,
    /// Why the connection failed, if it did.
    failure: Option<ProtocolError>,
    /// The host has heard that the connection is over.
    told_of_end: bool,
}

impl Client {
    pub(crate) fn new(settings: &ClientSettings, now: Timestamp) -> Result<Self, Failure> {
        let machine = ClientConnection::with_schemas(settings.config, now, &settings.schemas)?;
        Ok(Self {
            machine,
            decoder: FrameDecoder::new(),
            limits: settings.config.limits,
            received: BytesMut::new(),
            transport_end: TransportEnd::Not,
            tickets: Vec::new(),
            next_ticket: 1,
            failure: None,
            told_of_end: false,
        })
    }

    /// Takes bytes of the transport in. A failure of the peer is no failure here: events tell of it.
    pub(crate) fn receive(&mut self, now: Timestamp, bytes: &[u8]) -> Result<(), Failure> {
        if self.transport_end != TransportEnd::Not {
            let words = "the transport has ended; bytes after that come from another connection";
            return Err(Failure::usage("TransportEnded", words));
        }
        if self.machine.is_over() {
            return Ok(());
        }
        if self.received.len() + bytes.len() > self.receive_bound() {
            let words =
                "too many bytes wait to be read; fetch events, and pause the transport meanwhile";
            return Err(Failure::usage("ReceiveBufferFull", words));
        }
        self.received.extend_from_slice(bytes);
        self.machine.note_heard(now);
        self.read_on(now);
        Ok(())
    }

    /// The transport has ended: cleanly, or with what was sent lost.
    pub(crate) fn end_transport(&mut self, now: Timestamp, clean: bool) {
        if self.transport_end != TransportEnd::Not {
            return;
        }
        if clean {
            self.transport_end = TransportEnd::Announced;
            self.read_on(now);
        } else {
            self.lose_transport();
        }
    }

    /// Appends packets for the transport, about 64 KiB at most; a call that appends nothing has reached the end.
    pub(crate) fn transmit(&mut self, destination: &mut Vec<u8>) {
        let mut packets = BytesMut::new();
        while packets.len() < TRANSMIT_BYTES
            && let Some(packet) = self.machine.poll_transmit()
        {
            packet.encode_into(&mut packets);
        }
        destination.extend_from_slice(&packets);
    }

    /// When [`Self::tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.machine.next_timeout()
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        let outcome = self.machine.handle_timeout(now);
        self.note(outcome);
    }

    pub(crate) fn state(&self) -> u32 {
        let bits = [
            (self.machine.wants_packet(), state::WANTS_BYTES),
            (self.machine.should_end_write(), state::SHOULD_END_WRITE),
            (self.machine.is_finished(), state::IS_FINISHED),
            (self.machine.is_over(), state::IS_OVER),
            (self.machine.hello_acknowledged(), state::HELLO_ACKNOWLEDGED),
        ];
        let set = bits.into_iter().filter(|(is_set, _)| *is_set);
        set.fold(0, |state, (_, bit)| state | bit)
    }

    /// Frames of a session without a terminal answer.
    pub(crate) fn in_flight(&self, session_id: u32) -> u32 {
        self.machine.in_flight(session_id)
    }

    /// Decodes what has arrived for as long as the machine has room for what comes of it.
    fn read_on(&mut self, now: Timestamp) {
        while self.machine.wants_packet() {
            match self.decoder.decode(&mut self.received, &self.limits) {
                Ok(Some(packet)) => {
                    let outcome = self.machine.handle_packet(now, packet);
                    self.note(outcome);
                }
                Ok(None) => return self.end_if_announced(),
                Err(error) => {
                    self.machine.handle_stream_error(error);
                    self.note(Err(error));
                }
            }
        }
        if self.machine.is_over() {
            self.received.clear();
            self.end_if_announced();
        }
    }

    /// Everything that arrived is read; was that all of it?
    fn end_if_announced(&mut self) {
        if self.transport_end != TransportEnd::Announced {
            return;
        }
        match self.decoder.finish(&self.received) {
            Ok(()) => {
                self.transport_end = TransportEnd::Done;
                self.machine.handle_end_of_stream();
            }
            Err(truncated) => {
                self.note(Err(truncated));
                self.lose_transport();
            }
        }
    }

    fn lose_transport(&mut self) {
        self.transport_end = TransportEnd::Done;
        self.received.clear();
        self.machine.handle_transport_lost();
    }

    /// The first failure is the one that is told.
    fn note(&mut self, outcome: Result<(), ProtocolError>) {
        self.failure = self.failure.or(outcome.err());
    }

    fn receive_bound(&self) -> usize {
        let packet = u64::from(self.limits.metadata_bytes) + u64::from(self.limits.body_bytes);
        usize::try_from(packet)
            .unwrap_or(usize::MAX)
            .saturating_add(UNREAD_ALLOWANCE)
    }
}
