//! The machine of a connection, whichever side it is, as its task drives it.

use std::collections::VecDeque;
use std::sync::Arc;

use nnrp_core::{Packet, ProtocolError, Timestamp};

use crate::client_side::ClientSide;
use crate::gauge::{Gauge, Share};
use crate::server_side::{OperationGate, ServerSide};
use crate::session_directory::Signal;
use crate::{ConnectionEnd, Event};

#[derive(Debug)]
pub(crate) enum Side {
    Client(Box<ClientSide>),
    Server(Box<ServerSide>),
}

/// Calls the same method of whichever machine it is.
macro_rules! either {
    ($self:expr, $side:ident => $call:expr) => {
        match $self {
            Side::Client($side) => $call,
            Side::Server($side) => $call,
        }
    };
}

impl Side {
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    pub(crate) fn handle_packet(
        &mut self,
        now: Timestamp,
        packet: Packet,
    ) -> Result<(), ProtocolError> {
        either!(self, side => side.machine.handle_packet(now, packet))
    }

    pub(crate) fn note_heard(&mut self, now: Timestamp) {
        either!(self, side => side.machine.note_heard(now));
    }

    pub(crate) fn handle_end_of_stream(&mut self, now: Timestamp) {
        match self {
            Self::Client(side) => side.machine.handle_end_of_stream(),
            Self::Server(side) => side.machine.handle_end_of_stream(now),
        }
    }

    /// The transport is gone. Handles may keep the rest alive for as long as they like.
    pub(crate) fn handle_transport_lost(&mut self) {
        match self {
            Self::Client(side) => side.machine.handle_transport_lost(),
            Self::Server(side) => side.handle_transport_lost(),
        }
    }

    pub(crate) fn handle_stream_error(&mut self, now: Timestamp, error: ProtocolError) {
        match self {
            Self::Client(side) => side.machine.handle_stream_error(error),
            Self::Server(side) => side.machine.handle_stream_error(now, error),
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Timestamp) -> Result<(), ProtocolError> {
        either!(self, side => side.machine.handle_timeout(now))?;
        either!(self, side => side.continue_requests(now));
        Ok(())
    }

    pub(crate) fn next_timeout(&self) -> Option<Timestamp> {
        let (machine, requests) =
            either!(self, side => (side.machine.next_timeout(), side.next_deadline()));
        machine.into_iter().chain(requests).min()
    }

    pub(crate) fn release_spare_memory(&mut self) {
        either!(self, side => side.machine.release_spare_memory());
    }

    pub(crate) fn poll_transmit(&mut self) -> Option<Packet> {
        either!(self, side => side.machine.poll_transmit())
    }

    pub(crate) fn wants_packet(&self) -> bool {
        either!(self, side => side.machine.wants_packet())
    }

    /// Whether an answer waits for word of the peer that may stand behind submits.
    pub(crate) fn awaits_arrival(&self) -> bool {
        match self {
            Self::Client(_) => false,
            Self::Server(side) => side.machine.awaits_arrival(),
        }
    }

    pub(crate) fn should_end_write(&self) -> bool {
        either!(self, side => side.machine.should_end_write())
    }

    pub(crate) fn is_finished(&self) -> bool {
        either!(self, side => side.machine.is_finished())
    }

    /// Server: submits without an answer.
    pub(crate) fn operations(&self) -> usize {
        match self {
            Self::Client(_) => 0,
            Self::Server(side) => side.operations(),
        }
    }

    /// Server: the gauges of operations and of blocks of waiting bytes.
    pub(crate) fn gauges(&self) -> Option<(Arc<Gauge>, Arc<Gauge>)> {
        match self {
            Self::Client(_) => None,
            Self::Server(side) => Some(side.gauges()),
        }
    }

    /// Bytes of packets that the machine keeps for the transport.
    pub(crate) fn outgoing_bytes(&self) -> usize {
        either!(self, side => side.machine.outgoing_bytes())
    }

    /// Whether a session is open or being opened.
    pub(crate) fn has_sessions(&self) -> bool {
        either!(self, side => side.has_sessions())
    }

    /// Sessions that are open.
    pub(crate) fn session_count(&self) -> usize {
        either!(self, side => side.session_count())
    }

    /// What other connections are to be told. Empty nearly always.
    pub(crate) fn take_signals(&mut self) -> Vec<Signal> {
        match self {
            Self::Client(_) => Vec::new(),
            Self::Server(side) => std::mem::take(&mut side.signals),
        }
    }

    pub(crate) fn ordinary_end(&self) -> ConnectionEnd {
        either!(self, side => side.ordinary_end())
    }

    pub(crate) fn close(&mut self, now: Timestamp) {
        match self {
            Self::Client(side) => side.machine.close(),
            Self::Server(side) => side.machine.close(now),
        }
    }

    /// Translates what the machine has to tell; `end` is why the connection ended, if it has, and `operations` what a server's connection uses of
    /// those of its listener, if that still counts.
    pub(crate) fn take_events(
        &mut self,
        now: Timestamp,
        end: Option<&ConnectionEnd>,
        operations: Option<&mut Share>,
        events: &mut VecDeque<Event>,
    ) {
        match self {
            Self::Client(side) => side.take_events(now, end, events),
            Self::Server(side) => {
                side.take_events(now, end, OperationGate::new(operations), events);
            }
        }
    }
}
