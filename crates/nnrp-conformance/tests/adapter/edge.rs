//! This implementation with one rule broken in what it sends or takes in: packets are changed on their way from or to it.

use std::collections::BTreeSet;

use bytes::Bytes;
use nnrp_conformance::adapter::{Side, Wire, transport_of};
use nnrp_core::body::prelude::BodyRegions;
use nnrp_core::code::{
    ErrorCode, ResultClass, SessionCloseStatus, SessionErrorCode, SessionStatus,
};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::Message;
use nnrp_core::message::error_report::ErrorReport;
use nnrp_core::message::flow::FlowUpdate;
use nnrp_core::message::hello::{ClientHello, ServerHelloAck};
use nnrp_core::message::result::ResultPush;
use nnrp_core::message::session::{SessionCloseAck, SessionOpenAck};
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, MessageType, Packet};
use nnrp_transport_provider::{Endpoint, Security};

/// The rules that are broken on the wire.
const RULES: [&str; 21] = [
    "cache.miss.reported",
    "cache.lease.reported",
    "frame_cancel.scope",
    "handshake.server_refuses",
    "handshake.client_refuses",
    "server_hello_ack.connection_scope",
    "session_close_ack.watermark",
    "open_ack.header_session",
    "session.close.draining",
    "resume.rejection_code",
    "resume.no_redelivery",
    "flow_update.stale_window",
    "flow_update.emitted_scope",
    "frame_submit.tensor_metadata",
    "result_push.tensor_metadata",
    "result.single_terminal",
    "result.routing",
    "result.partial_first",
    "typed_payload.relative_offset",
    "transport.tcp.last_packet",
    "transport.quic.last_packet",
];

/// Whether the rule is broken on the wire.
pub(crate) fn breaks(rule: &str) -> bool {
    RULES.contains(&rule)
}

/// The endpoint at which the peer that breaks `rule` is reached; `side` says which end it is.
pub(crate) async fn before(
    rule: &'static str,
    side: Side,
    endpoint: Endpoint,
    security: Security,
) -> Result<Endpoint, String> {
    if !breaks(rule) {
        return Ok(endpoint);
    }
    let transport = transport_of(&endpoint, &security)?;
    let any = endpoint.clone().with_port(0);
    let listening = transport.listen(&any).await;
    let mut listener = listening.map_err(|error| error.to_string())?;
    let own = listener.endpoint().clone();
    tokio::spawn(async move {
        while let Ok(incoming) = listener.accept().await {
            let (Ok(near), Ok(transport)) =
                (incoming.attach().await, transport_of(&endpoint, &security))
            else {
                continue;
            };
            if let Ok(far) = transport.connect(&endpoint).await {
                let edge = Edge::new(rule, &endpoint);
                tokio::spawn(edge.carry(side, Wire::new(near), Wire::new(far)));
            }
        }
    });
    Ok(own)
}

/// What one connection has come to.
struct Edge {
    rule: &'static str,
    is_quic: bool,
    open: BTreeSet<u32>,
    epoch: u32,
    held: Option<Packet>,
}

impl Edge {
    fn new(rule: &'static str, endpoint: &Endpoint) -> Self {
        Self {
            rule,
            is_quic: matches!(endpoint, Endpoint::Quic { .. }),
            open: BTreeSet::new(),
            epoch: 0,
            held: None,
        }
    }

    /// Carries packets both ways, changed where the peer is, until both ends are done.
    async fn carry(mut self, side: Side, mut near: Wire, mut far: Wire) {
        let (mut near_speaks, mut far_speaks) = (true, true);
        while near_speaks || far_speaks {
            tokio::select! {
                packet = near.read(), if near_speaks => {
                    near_speaks = self.hand_on(side == Side::Client, packet, &mut far).await;
                }
                packet = far.read(), if far_speaks => {
                    far_speaks = self.hand_on(side == Side::Server, packet, &mut near).await;
                }
            }
        }
    }

    /// Whether more may come.
    async fn hand_on(
        &mut self,
        from_peer: bool,
        packet: Result<Option<Packet>, String>,
        to: &mut Wire,
    ) -> bool {
        if let Ok(Some(packet)) = packet {
            for packet in self.pass(from_peer, packet) {
                // Who has gone reads nothing more; what it has said before still goes the other way.
                let _ = to.write(&packet).await;
            }
            return true;
        }
        to.end().await;
        false
    }

    fn pass(&mut self, from_peer: bool, packet: Packet) -> Vec<Packet> {
        if from_peer {
            self.emitted(packet)
        } else {
            self.taken_in(packet)
        }
    }

    /// What the peer sends instead of this packet.
    fn emitted(&mut self, packet: Packet) -> Vec<Packet> {
        let header = *packet.header();
        match header.message_type {
            MessageType::ServerHelloAck => self.hello_ack(packet),
            MessageType::SessionOpenAck => self.open_ack(packet),
            MessageType::SessionCloseAck => self.close_ack(packet),
            MessageType::FlowUpdate => vec![change(packet, |update: &mut FlowUpdate| {
                if self.rule == "flow_update.emitted_scope" {
                    update.operation_id = 1;
                }
            })],
            MessageType::ResultPush => self.result(packet),
            MessageType::Error => vec![change(packet, |report: &mut ErrorReport| {
                match (self.rule, report.error_code) {
                    ("cache.miss.reported", ErrorCode::CACHE_MISS)
                    | ("cache.lease.reported", ErrorCode::LEASE_EXPIRED) => {
                        report.error_code = ErrorCode::INTERNAL_ERROR;
                    }
                    _ => {}
                }
            })],
            _ => vec![packet],
        }
    }

    fn hello_ack(&self, packet: Packet) -> Vec<Packet> {
        vec![if self.rule == "server_hello_ack.connection_scope" {
            in_session(packet, 9)
        } else {
            packet
        }]
    }

    fn open_ack(&mut self, packet: Packet) -> Vec<Packet> {
        let Ok(ack) = SessionOpenAck::decode(packet.metadata()) else {
            return vec![packet];
        };
        if ack.is_accepted() {
            self.open.insert(ack.session_id);
        }
        match self.rule {
            "open_ack.header_session" => vec![in_session(packet, ack.session_id ^ 0x100)],
            "resume.rejection_code" => vec![change(packet, |ack: &mut SessionOpenAck| {
                if ack.session_error_code == SessionErrorCode::RESUME_REJECTED {
                    ack.session_error_code = SessionErrorCode::SESSION_LIMIT_REACHED;
                }
            })],
            "resume.no_redelivery" if ack.session_status == SessionStatus::Resumed => {
                let header = Header {
                    session_id: ack.session_id,
                    frame_id: 1,
                    ..Header::new(MessageType::ResultPush)
                };
                let again = ResultPush::default();
                let again = Packet::with_message(header, &again, Bytes::new());
                vec![packet, again.expect("a result")]
            }
            _ => vec![packet],
        }
    }

    fn close_ack(&mut self, packet: Packet) -> Vec<Packet> {
        self.open.remove(&packet.header().session_id);
        let ping = Packet::empty(Header::new(MessageType::Ping));
        let is_last = self.open.is_empty();
        match self.rule {
            "session_close_ack.watermark" => vec![change(packet, |ack: &mut SessionCloseAck| {
                ack.last_operation_id += 1;
            })],
            "transport.tcp.last_packet" if is_last && !self.is_quic => vec![packet, ping],
            "transport.quic.last_packet" if is_last && self.is_quic => vec![packet, ping],
            _ => vec![packet],
        }
    }

    fn result(&mut self, packet: Packet) -> Vec<Packet> {
        let Ok(result) = ResultPush::decode(packet.metadata()) else {
            return vec![packet];
        };
        let session_id = packet.header().session_id;
        match self.rule {
            "result_push.tensor_metadata"
                if result.payload_kind_bitmap.contains(PayloadKinds::TENSOR) =>
            {
                vec![change(packet, |result: &mut ResultPush| {
                    result.covered_tile_count += 1;
                })]
            }
            "result.single_terminal" if result.is_terminal() => vec![packet.clone(), packet],
            "result.routing" => {
                let other = self
                    .open
                    .iter()
                    .find(|other| **other != session_id)
                    .copied();
                vec![in_session(packet, other.unwrap_or(session_id))]
            }
            "typed_payload.relative_offset" => vec![with_offsets_in_the_body(packet)],
            "result.partial_first" if result.result_class == ResultClass::Partial => {
                self.held = Some(packet);
                vec![]
            }
            "result.partial_first" => [Some(packet), self.held.take()]
                .into_iter()
                .flatten()
                .collect(),
            _ => vec![packet],
        }
    }

    /// What the peer takes this packet for.
    fn taken_in(&mut self, packet: Packet) -> Vec<Packet> {
        vec![match (self.rule, packet.header().message_type) {
            ("session.close.draining", MessageType::SessionCloseAck) => {
                change(packet, |ack: &mut SessionCloseAck| {
                    if ack.close_status == SessionCloseStatus::Draining {
                        ack.close_status = SessionCloseStatus::Closed;
                    }
                })
            }
            ("flow_update.stale_window", MessageType::FlowUpdate) => {
                self.epoch += 1;
                change(packet, |update: &mut FlowUpdate| {
                    update.credit_epoch = self.epoch;
                })
            }
            ("frame_submit.tensor_metadata", MessageType::FrameSubmit) => {
                change(packet, |submit: &mut FrameSubmit| {
                    if submit.payload_kind_bitmap.contains(PayloadKinds::TENSOR) {
                        submit.tile_count += 1;
                    }
                })
            }
            ("frame_cancel.scope", MessageType::FrameCancel) => {
                let others = [1, 2].map(|frame_id| Header {
                    frame_id,
                    ..*packet.header()
                });
                let others = others.into_iter().map(Packet::empty);
                return std::iter::once(packet).chain(others).collect();
            }
            ("handshake.server_refuses", MessageType::ClientHello) => {
                let hello = ClientHello {
                    min_version_major: 1,
                    max_version_major: 1,
                    supported_wire_format_bitmap: 1,
                    supported_profile_bitmap: 3,
                    supported_payload_kind_bitmap: 3,
                    ..ClientHello::default()
                };
                let sane = Packet::with_message(*packet.header(), &hello, Bytes::new());
                match ClientHello::decode(packet.metadata()) {
                    Ok(_) => packet,
                    Err(_) => sane.expect("a hello"),
                }
            }
            ("handshake.client_refuses", MessageType::ServerHelloAck) => {
                change(packet, |ack: &mut ServerHelloAck| {
                    ack.selected_version_major = 1;
                    ack.accepted_profile_bitmap = 3;
                })
            }
            _ => packet,
        }]
    }
}

/// The packet with another message in it.
fn change<M: Message>(packet: Packet, how: impl FnOnce(&mut M)) -> Packet {
    let mut message = M::decode(packet.metadata()).expect("the peer sends what decodes");
    how(&mut message);
    let header = *packet.header();
    Packet::with_message(header, &message, packet.into_body()).expect("it fits a packet")
}

/// The packet with another session in its header.
fn in_session(packet: Packet, session_id: u32) -> Packet {
    let header = Header {
        session_id,
        ..*packet.header()
    };
    let metadata = Bytes::copy_from_slice(packet.metadata()).into();
    Packet::new(header, metadata, packet.into_body()).expect("it fits a packet")
}

/// The packet with typed payload descriptors that count from the start of the body, if it has some.
fn with_offsets_in_the_body(packet: Packet) -> Packet {
    let Ok(mut regions) = BodyRegions::decode(packet.body()) else {
        return packet;
    };
    let mut descriptors = regions.typed_payload_descriptors.to_vec();
    let before = u32::try_from(32 + descriptors.len()).expect("a small body");
    for descriptor in descriptors.chunks_exact_mut(24) {
        let offset = descriptor[16..20].try_into().expect("four bytes");
        let moved = u32::from_le_bytes(offset) + before;
        descriptor[16..20].copy_from_slice(&moved.to_le_bytes());
    }
    regions.typed_payload_descriptors = descriptors.into();
    let metadata = Bytes::copy_from_slice(packet.metadata()).into();
    let body = regions.encode().expect("regions of the same sizes");
    Packet::new(*packet.header(), metadata, body).expect("it fits a packet")
}
