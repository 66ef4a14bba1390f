//! The numbers of payloads, schemas and extensions (spec 05 §5.1).

use crate::wire::{closed_enum, open_code};

closed_enum! {
    /// The one payload family that a single bit of a payload kind bitmap names.
    PayloadFamily in (u32), "payload_family_bit", default Tensor {
        /// Tensor sections; profile 1.
        Tensor = 0x01 "tensor",
        /// Tokens; profile 2.
        TokenChunk = 0x02 "token_chunk",
        /// Audio.
        AudioChunk = 0x04 "audio_chunk",
        /// Video.
        VideoChunk = 0x08 "video_chunk",
        /// Structured events.
        StructuredEvent = 0x10 "structured_event",
        /// Tool deltas.
        ToolDelta = 0x20 "tool_delta",
        /// Bytes of no declared meaning.
        OpaqueBytes = 0x40 "opaque_bytes",
    }
}

impl PayloadFamily {
    /// Whether the family has a profile of its own; the others are bound by the schema registry.
    #[must_use]
    pub const fn is_standard_profile(self) -> bool {
        matches!(self, Self::Tensor | Self::TokenChunk)
    }
}

open_code! {
    /// How a typed payload relates to the ones before it.
    StreamSemantics: u16 {
        /// As the schema says.
        DEFAULT = 0 "default",
        /// The whole state.
        SNAPSHOT = 1 "snapshot",
        /// Appended to what came before.
        APPEND = 2 "append",
        /// In place of what came before.
        REPLACE = 3 "replace",
        /// An event.
        EVENT = 4 "event",
        /// Progress of a tool.
        TOOL_UPDATE = 5 "tool_update",
    }
}

open_code! {
    /// Numeric format of tensor elements.
    DataType: u8 {
        /// 16-bit float.
        FP16 = 0 "fp16",
        /// 32-bit float.
        FP32 = 1 "fp32",
        /// 8-bit float, 4 exponent bits.
        FP8_E4M3 = 2 "fp8_e4m3",
        /// 8-bit float, 5 exponent bits.
        FP8_E5M2 = 3 "fp8_e5m2",
        /// Signed byte.
        INT8 = 4 "int8",
        /// Unsigned byte.
        UINT8 = 5 "uint8",
        /// Signed 16-bit integer.
        INT16 = 6 "int16",
        /// Unsigned 16-bit integer.
        UINT16 = 7 "uint16",
    }
}

impl DataType {
    /// Bytes of one element of an assigned format.
    #[must_use]
    pub const fn element_bytes(self) -> Option<usize> {
        match self {
            Self::FP32 => Some(4),
            Self::FP16 | Self::INT16 | Self::UINT16 => Some(2),
            Self::FP8_E4M3 | Self::FP8_E5M2 | Self::INT8 | Self::UINT8 => Some(1),
            _ => None,
        }
    }
}

open_code! {
    /// Which transport a peer wants, in a hello extension.
    TransportPolicy: u8 {
        /// No preference.
        AUTO = 0 "auto",
        /// QUIC where possible.
        PREFER_QUIC = 1 "prefer_quic",
        /// TCP where possible.
        PREFER_TCP = 2 "prefer_tcp",
        /// QUIC or nothing.
        FORCE_QUIC = 3 "force_quic",
        /// TCP or nothing.
        FORCE_TCP = 4 "force_tcp",
    }
}

open_code! {
    /// How much loss the receiver of results can bear.
    LossTolerance: u8 {
        /// None.
        STRICT = 0 "strict",
        /// Some.
        BEST_EFFORT = 1 "best_effort",
        /// Loss rather than delay.
        LOW_LATENCY = 2 "low_latency",
        /// Any.
        FIRE_AND_FORGET = 3 "fire_and_forget",
        /// As the session says.
        INHERIT_SESSION = 255 "inherit_session",
    }
}
