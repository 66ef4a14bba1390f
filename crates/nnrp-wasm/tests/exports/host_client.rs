//! A client of the module in the hands of a host: commands as packets, events as records.

use bytes::{Bytes, BytesMut};
use nnrp_core::code::{
    CacheObjectKind, PROFILE_TOKEN, SCHEMA_TOKEN_DELTA, SCHEMA_TOKEN_DELTA_VERSION,
};
use nnrp_core::flags::SessionFlags;
use nnrp_core::message::hello::ClientHello;
use nnrp_core::message::session::SessionOpen;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::message::{FixedFields, Message};
use nnrp_core::{Header, MessageType, Packet};
use serde_json::Value;

use super::module::{
    nnrp_wasm_client_command, nnrp_wasm_client_deadline, nnrp_wasm_client_detach,
    nnrp_wasm_client_events, nnrp_wasm_client_free, nnrp_wasm_client_in_flight,
    nnrp_wasm_client_new, nnrp_wasm_client_receive, nnrp_wasm_client_resume,
    nnrp_wasm_client_state, nnrp_wasm_client_tick, nnrp_wasm_client_transmit,
    nnrp_wasm_client_transport_ended, outcome, output, set_inputs,
};
use super::record::Record;

/// The bits of a client's state.
pub(crate) mod state {
    pub(crate) const WANTS_BYTES: u32 = 1;
    pub(crate) const SHOULD_END_WRITE: u32 = 2;
    pub(crate) const IS_FINISHED: u32 = 4;
    pub(crate) const IS_OVER: u32 = 8;
    pub(crate) const HELLO_ACKNOWLEDGED: u32 = 16;
}

/// A client, freed with this. Its clock stands until it is set.
pub(crate) struct HostClient {
    pub(crate) number: u32,
    /// Microseconds.
    pub(crate) now: u64,
}

impl HostClient {
    /// Options as JSON, a hello in its wire layout or nothing, schemas, extensions of the hello.
    pub(crate) fn try_new(arguments: [&[u8]; 4], now: u64) -> Result<Self, Value> {
        set_inputs(&arguments);
        let number = outcome(nnrp_wasm_client_new(now))?;
        Ok(Self { number, now })
    }

    pub(crate) fn with_hello(options: &str, hello: Option<&ClientHello>) -> Self {
        let hello = hello.map_or_else(Vec::new, encoded);
        let made = Self::try_new([options.as_bytes(), &hello, &[], &[]], 1_000_000);
        made.expect("valid options")
    }

    pub(crate) fn receive(&self, bytes: &[u8]) -> Result<u32, Value> {
        set_inputs(&[bytes]);
        outcome(nnrp_wasm_client_receive(self.number, self.now))
    }

    pub(crate) fn end_transport(&self, clean: bool) {
        let ended = nnrp_wasm_client_transport_ended(self.number, clean.into(), self.now);
        assert_eq!(ended, 1);
    }

    /// Everything for the transport.
    pub(crate) fn transmit(&self) -> Vec<u8> {
        let mut packets = Vec::new();
        loop {
            assert_eq!(nnrp_wasm_client_transmit(self.number), 1);
            let more = output();
            if more.is_empty() {
                return packets;
            }
            packets.extend(more);
        }
    }

    /// Everything that has happened.
    pub(crate) fn events(&self) -> Vec<Record> {
        let mut records = Vec::new();
        loop {
            let count = nnrp_wasm_client_events(self.number, self.now);
            let batch = output();
            let mut rest = &batch[..];
            for _ in 0..count {
                records.push(Record::read(&mut rest));
            }
            assert!(rest.is_empty(), "bytes behind the last record");
            if count == 0 {
                return records;
            }
        }
    }

    pub(crate) fn deadline(&self) -> u64 {
        nnrp_wasm_client_deadline(self.number)
    }

    pub(crate) fn tick(&self) {
        assert_eq!(nnrp_wasm_client_tick(self.number, self.now), 1);
    }

    pub(crate) fn has(&self, state: u32) -> bool {
        nnrp_wasm_client_state(self.number) & state == state
    }

    pub(crate) fn in_flight(&self, session_id: u32) -> u32 {
        nnrp_wasm_client_in_flight(self.number, session_id)
    }

    pub(crate) fn resume(&self, resumable: u32) -> Result<u32, Value> {
        outcome(nnrp_wasm_client_resume(self.number, resumable, self.now))
    }

    pub(crate) fn detach(&self, session_id: u32) -> Result<u32, Value> {
        outcome(nnrp_wasm_client_detach(self.number, session_id))
    }

    /// The command that sends such a packet.
    pub(crate) fn command<M: Message>(
        &self,
        session_id: u32,
        message: &M,
        body: &[u8],
    ) -> Result<u32, Value> {
        let header = Header {
            session_id,
            ..Header::new(M::MESSAGE_TYPE)
        };
        self.command_with(header, message, body)
    }

    pub(crate) fn command_with<M: Message>(
        &self,
        header: Header,
        message: &M,
        body: &[u8],
    ) -> Result<u32, Value> {
        let packet = Packet::with_message(header, message, Bytes::new()).expect("a valid message");
        self.give(&head_of(&packet), body)
    }

    /// A command without metadata.
    pub(crate) fn plain_command(
        &self,
        message_type: MessageType,
        session_id: u32,
        frame_id: u32,
    ) -> Result<u32, Value> {
        let header = Header {
            session_id,
            frame_id,
            ..Header::new(message_type)
        };
        self.give(&head_of(&Packet::empty(header)), &[])
    }

    /// Header and metadata, and the body, as they are.
    pub(crate) fn give(&self, head: &[u8], body: &[u8]) -> Result<u32, Value> {
        set_inputs(&[head, body]);
        outcome(nnrp_wasm_client_command(self.number, self.now))
    }

    pub(crate) fn open(&self, requested: u32) -> Result<u32, Value> {
        self.command(0, &open_of(requested), &[])
    }

    pub(crate) fn submit(&self, session_id: u32, body: &[u8]) -> Result<u32, Value> {
        self.command(session_id, &FrameSubmit::default(), body)
    }
}

impl Drop for HostClient {
    fn drop(&mut self) {
        // A test may have freed it.
        let _ = nnrp_wasm_client_free(self.number);
    }
}

pub(crate) fn head_of(packet: &Packet) -> BytesMut {
    let mut head = BytesMut::new();
    packet.encode_head_into(&mut head);
    head
}

/// A structure in its wire layout.
pub(crate) fn encoded<T: FixedFields>(structure: &T) -> Vec<u8> {
    let mut bytes = vec![0; T::SIZE];
    structure.encode(&mut bytes).expect("a valid structure");
    bytes
}

/// An open of the default kind, resumable and with cached objects where there is a hello.
pub(crate) fn open_of(requested_session_id: u32) -> SessionOpen {
    SessionOpen {
        requested_session_id,
        profile_id: PROFILE_TOKEN,
        schema_id: SCHEMA_TOKEN_DELTA,
        schema_version: SCHEMA_TOKEN_DELTA_VERSION,
        max_in_flight_operations: 4,
        session_flags: SessionFlags::ALLOW_RESUME | SessionFlags::ALLOW_CACHE_LEASES,
        ..SessionOpen::default()
    }
}

pub(crate) fn hello() -> ClientHello {
    ClientHello {
        min_version_major: 1,
        max_version_major: 1,
        supported_wire_format_bitmap: 1,
        supported_profile_bitmap: 0b10,
        supported_payload_kind_bitmap: 0x7f,
        cache_object_bitmap: CacheObjectKind::ALL_BITS,
        max_lane_count: 1,
        ..ClientHello::default()
    }
}
