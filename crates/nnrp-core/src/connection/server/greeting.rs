//! The hello exchange of a server connection: extensions, schemas, and what is agreed on.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};

use super::ServerConnection;
use crate::code::{ErrorCode, ErrorScope, TransportId, TransportPolicy};
use crate::connection::keep_alive::KeepAlive;
use crate::connection::negotiated::Negotiated;
use crate::connection::outgoing::Lane;
use crate::connection::report::report_packet;
use crate::connection::schema_blocks;
use crate::error::ErrorKind;
use crate::extension::{
    ExtensionError, HelloAckExtensions, HelloExtensions, PayloadCapabilities, TransportPolicyAck,
    TransportPolicyOffer,
};
use crate::flags::{PayloadKinds, SchemaFlags};
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message::hello::ClientHello;
use crate::message_type::MessageType;
use crate::packet::Packet;
use crate::schema::SchemaDescriptor;

impl ServerConnection {
    pub(super) fn on_hello(&mut self, packet: &Packet) -> Result<(), ErrorKind> {
        if self.agreed.is_some() || self.asked_to_open {
            return Err(ErrorKind::UnexpectedMessage {
                expected: "CLIENT_HELLO once and first",
            });
        }
        let hello = ClientHello::decode(packet.metadata())?;
        let block = control_block(&hello, packet.body())?;
        let wanted = HelloExtensions::decode(&block)?;
        let offered =
            schema_blocks::offered_in(&block).ok_or(ExtensionError::Malformed { offset: 0 })?;
        let mut ack = self.config.policy.hello_ack(&hello, &self.config.limits);
        if ack.accepted_profile_bitmap == 0 {
            let offered = hello.supported_profile_bitmap;
            return Err(ErrorKind::NoCommonProfile { offered });
        }
        if let Some(capabilities) = wanted.payload_capabilities {
            ack.accepted_payload_kind_bitmap &= capabilities.payload_kind_bitmap;
        }
        let mut body = BytesMut::from(&self.answer_extensions(&wanted).encode()[..]);
        let answers: Vec<Option<ErrorCode>> = offered
            .iter()
            .map(|schema| self.install_schema(schema))
            .collect();
        schema_blocks::append_answers(&mut body, &answers);
        // A block of at most 64 answers and three short entries.
        ack.control_extension_bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
        self.agreed = Some(Negotiated::of(&ack));
        let timeouts = self.config.timeouts;
        self.keep_alive = KeepAlive::new(timeouts.keep_alive, timeouts.ping);
        let header = Header::new(MessageType::ServerHelloAck);
        let packet = Packet::with_message(header, &ack, body.freeze());
        self.outgoing.push_built(Lane::Control, packet);
        self.report_critical(&offered, &answers);
        Ok(())
    }

    /// Whether the client may use a schema with this id and version in a session.
    pub(super) fn schema_is_installed(&self, schema_id: u32, schema_version: u32) -> bool {
        let policy = &self.config.policy;
        policy.schemas.contains(&(schema_id, schema_version))
            || self.installed_schemas.iter().any(|schema| {
                (schema.schema_id, schema.schema_version) == (schema_id, schema_version)
            })
    }

    /// Answers an offer: the same content as here, new here, or a refusal.
    fn install_schema(&mut self, offered: &SchemaDescriptor) -> Option<ErrorCode> {
        match self.config.policy.check_schema(offered) {
            Ok(()) => {
                self.installed_schemas.push(*offered);
                None
            }
            Err(failure) => Some(failure.code()),
        }
    }

    /// A schema that must not be skipped is an error where it cannot be used (spec 04 §4.8).
    fn report_critical(&mut self, offered: &[SchemaDescriptor], answers: &[Option<ErrorCode>]) {
        for (schema, answer) in offered.iter().zip(answers) {
            let Some(error_code) = *answer else { continue };
            if !schema.schema_flags.contains(SchemaFlags::CRITICAL) {
                continue;
            }
            let report = ErrorReport {
                error_code,
                error_scope: ErrorScope::Connection,
                ..ErrorReport::default()
            };
            let text = format!(
                "schema {:#x} version {}",
                schema.schema_id, schema.schema_version
            );
            let packet = report_packet(&report, Bytes::from(text));
            self.outgoing.push_built(Lane::Control, packet);
        }
    }

    fn answer_extensions(&self, wanted: &HelloExtensions) -> HelloAckExtensions {
        let active = self.config.transport_id;
        HelloAckExtensions {
            transport_policy: wanted
                .transport_policy
                .map(|offer| transport_answer(offer, active)),
            loss_tolerance: wanted.loss_tolerance,
            payload_capabilities: wanted.payload_capabilities.map(|offer| {
                let payload_kind_bitmap = offer.payload_kind_bitmap & PayloadKinds::ALL.bits();
                PayloadCapabilities {
                    payload_kind_bitmap,
                }
            }),
        }
    }

    /// Tells the client why the extension block of a session is refused (spec 02 §2.16).
    pub(super) fn report_block(&mut self, error: ExtensionError) {
        let report = ErrorReport {
            error_code: error.code(),
            error_scope: ErrorScope::Connection,
            ..ErrorReport::default()
        };
        let packet = report_packet(&report, Bytes::from(error.to_string()));
        self.outgoing.push_built(Lane::Control, packet);
    }
}

/// The control extension block of a hello. A body that is not what its lengths say is malformed;
/// an empty one has no block, whatever was declared.
fn control_block(hello: &ClientHello, body: &Bytes) -> Result<Bytes, ExtensionError> {
    let blocks = hello
        .blocks(body)
        .map_err(|_| ExtensionError::Malformed { offset: 0 })?;
    Ok(blocks.map_or_else(Bytes::new, |blocks| blocks.control_extension))
}

/// The policy as it is, unless it demands a transport that this one is not.
fn transport_answer(offer: TransportPolicyOffer, active: TransportId) -> TransportPolicyAck {
    let met = match offer.transport_policy {
        TransportPolicy::FORCE_QUIC => active == TransportId::Quic,
        TransportPolicy::FORCE_TCP => active == TransportId::Tcp,
        _ => true,
    };
    TransportPolicyAck {
        transport_policy: offer.transport_policy,
        accepted_transport_policy: if met {
            offer.transport_policy
        } else {
            TransportPolicy::AUTO
        },
        active_transport_id: active,
    }
}
