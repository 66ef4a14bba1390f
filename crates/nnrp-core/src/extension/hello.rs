//! The extensions of `CLIENT_HELLO` and `SERVER_HELLO_ACK` (spec 02 §2.16, second table).

use bytes::{Bytes, BytesMut};

use super::{Extension, ExtensionError, entries, extension_type};
use crate::code::{LossTolerance, TransportId, TransportPolicy};
use crate::wire::fixed_structure;

fixed_structure! {
    /// The transports a client wants.
    TransportPolicyOffer "transport_policy" 8 {
        /// Its policy.
        transport_policy: TransportPolicy as u8 @ 0,
        /// The transport it would like best.
        preferred_transport_id: TransportId as u32 @ 4,
    }
    reserved {
        reserved0: u8 @ 1,
        reserved1: u16 @ 2,
    }
}

fixed_structure! {
    /// What the server makes of a [`TransportPolicyOffer`].
    TransportPolicyAck "transport_policy_ack" 8 {
        /// Echoed.
        transport_policy: TransportPolicy as u8 @ 0,
        /// The policy in effect.
        accepted_transport_policy: TransportPolicy as u8 @ 1,
        /// The transport in use.
        active_transport_id: TransportId as u32 @ 4,
    }
    reserved { reserved0: u16 @ 2, }
}

fixed_structure! {
    /// Loss tolerance of a client's sessions, or the one the server accepts.
    LossToleranceOffer "loss_tolerance" 8 {
        /// The tolerance.
        session_loss_tolerance: LossTolerance as u8 @ 0,
    }
    reserved {
        reserved0: u8 @ 1,
        reserved1: u16 @ 2,
        reserved2: u32 @ 4,
    }
}

fixed_structure! {
    /// Payload kinds a side can read. No critical extension frame exists, so none is offered.
    PayloadCapabilities "payload_capabilities" 8 {
        /// Payload kinds; unknown bits allowed.
        payload_kind_bitmap: u32 as u32 @ 0,
    }
    reserved { critical_extension_frame_bitmap: u32 @ 4, }
}

/// Reads a block into the struct `$name`, one entry a field, each field by its extension type.
macro_rules! known_extensions {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty = $type:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: Option<$kind>,)*
        }

        impl $name {
            /// Reads a block. Unknown entries are skipped unless critical; of an entry that
            /// stands twice, the last counts.
            pub fn decode(block: &[u8]) -> Result<Self, ExtensionError> {
                let mut known = Self::default();
                for entry in entries(block) {
                    let (offset, entry) = entry?;
                    match entry.extension_type {
                        $(extension_type::$type => {
                            known.$field = Some(payload(&entry, offset, <$kind>::decode)?);
                        })*
                        extension_type if entry.critical => {
                            return Err(ExtensionError::Unsupported { offset, extension_type });
                        }
                        _ => {}
                    }
                }
                Ok(known)
            }

            /// The block, empty when nothing is set. No entry is marked critical.
            #[must_use]
            pub fn encode(&self) -> Bytes {
                let mut block = BytesMut::new();
                $(if let Some(value) = self.$field {
                    let mut payload = [0; <$kind>::SIZE];
                    value.encode(&mut payload).expect("no rule binds these fields");
                    let entry = Extension {
                        extension_type: extension_type::$type,
                        critical: false,
                        payload: &payload,
                    };
                    entry.append_to(&mut block);
                })*
                block.freeze()
            }
        }
    };
}

known_extensions! {
    /// What a `CLIENT_HELLO` may carry in its control extension block.
    HelloExtensions {
        /// Which transport the client wants.
        transport_policy: TransportPolicyOffer = TRANSPORT_POLICY,
        /// How much loss its sessions bear.
        loss_tolerance: LossToleranceOffer = LOSS_TOLERANCE,
        /// Which payloads it reads.
        payload_capabilities: PayloadCapabilities = PAYLOAD_CAPABILITIES,
    }
}

known_extensions! {
    /// What a `SERVER_HELLO_ACK` may carry in its control extension block.
    HelloAckExtensions {
        /// Which transport is in use.
        transport_policy: TransportPolicyAck = TRANSPORT_POLICY_ACK,
        /// How much loss the server counts on.
        loss_tolerance: LossToleranceOffer = LOSS_TOLERANCE_ACK,
        /// Which payloads the server reads.
        payload_capabilities: PayloadCapabilities = PAYLOAD_CAPABILITIES_ACK,
    }
}

/// The content of an entry, which must have exactly the eight bytes of its structure.
fn payload<T>(
    entry: &Extension<'_>,
    offset: usize,
    decode: impl FnOnce(&[u8]) -> Result<T, crate::CodecError>,
) -> Result<T, ExtensionError> {
    const PAYLOAD_BYTES: usize = 8;
    let malformed = ExtensionError::Malformed { offset };
    if entry.payload.len() != PAYLOAD_BYTES {
        return Err(malformed);
    }
    decode(entry.payload).map_err(|_| malformed)
}
