//! The bit fields of the wire (spec 05 §5.2). None of these types can hold a reserved bit.

use crate::wire::bit_flags;

bit_flags! {
    /// Flags of the common header.
    HeaderFlags: u32 {
        /// The sender asks for an acknowledgement.
        ACK_REQUIRED = 0,
        /// The message may be lost or dropped.
        CAN_DROP = 1,
        /// The content is stale.
        STALE = 2,
        /// End of a stream.
        EOS = 3,
        /// A repeated transmission.
        RETRANSMIT = 4,
        /// A key frame.
        KEYFRAME = 5,
    }
}

bit_flags! {
    /// `server_flags` of `SERVER_HELLO_ACK`.
    ServerFlags: u32 {
        /// The server offers its cache.
        CACHE_ENABLED = 0,
    }
}

bit_flags! {
    /// `session_flags` of `SESSION_OPEN`.
    SessionFlags: u8 {
        /// The client wants resume tokens and a resume window.
        ALLOW_RESUME = 0,
        /// Results may be delivered outside submit calls.
        ALLOW_BACKGROUND_RESULTS = 1,
        /// The session may create or renew leases.
        ALLOW_CACHE_LEASES = 2,
        /// Operations may override the default schema.
        ALLOW_SCHEMA_OVERRIDE = 3,
    }
}

bit_flags! {
    /// `session_flags_ack` of `SESSION_OPEN_ACK`.
    SessionFlagsAck: u32 {
        /// Resume is available.
        RESUME_ENABLED = 0,
        /// Background delivery is available.
        BACKGROUND_RESULTS_ENABLED = 1,
        /// Leases are available.
        CACHE_LEASES_ENABLED = 2,
        /// Per-operation schema override is available.
        SCHEMA_OVERRIDE_ENABLED = 3,
        /// The server lowered the requested priority.
        PRIORITY_DOWNGRADED = 4,
    }
}

bit_flags! {
    /// Which fields of a `SESSION_PATCH` apply.
    PatchMask: u32 {
        /// `target_cadence_x100`
        TARGET_CADENCE = 0,
        /// `quality_tier`
        QUALITY_TIER = 1,
        /// `degrade_policy`
        DEGRADE_POLICY = 2,
        /// `active_lane_mask`
        ACTIVE_LANE_MASK = 3,
        /// `preferred_codec_bitmap`
        PREFERRED_CODEC = 4,
        /// `preferred_compression_bitmap`
        PREFERRED_COMPRESSION = 5,
        /// The profile patch block of the body.
        PROFILE_PATCH = 6,
    }
}

bit_flags! {
    /// `flow_flags` of `FLOW_UPDATE`.
    FlowFlags: u32 {
        /// The credit field of the scope counts.
        CREDIT_VALID = 0,
        /// `retry_after_ms` counts.
        RETRY_AFTER_VALID = 1,
        /// Only background work may proceed.
        BACKGROUND_ONLY = 2,
        /// Finish running work, accept nothing new.
        DRAIN_IN_FLIGHT_ONLY = 3,
    }
}

bit_flags! {
    /// What a submit permits the server to do under pressure, and what a result made use of.
    BudgetPolicy: u8 {
        /// Partial results.
        ALLOW_PARTIAL = 0,
        /// Reuse of older results.
        ALLOW_STALE_REUSE = 1,
        /// Reduced quality.
        ALLOW_DEGRADED = 2,
        /// Dropping.
        ALLOW_DROP = 3,
    }
}

bit_flags! {
    /// `result_flags` of `RESULT_PUSH`.
    ResultFlags: u16 {
        /// An older result.
        STALE = 0,
        /// A fallback result.
        FALLBACK = 1,
        /// Part of the result.
        PARTIAL = 2,
    }
}

bit_flags! {
    /// Payload kinds that a submit or a result carries.
    PayloadKinds: u32 {
        /// Tensor sections.
        TENSOR = 0,
        /// Tokens.
        TOKEN_CHUNK = 1,
        /// Audio.
        AUDIO_CHUNK = 2,
        /// Video.
        VIDEO_CHUNK = 3,
        /// Structured events.
        STRUCTURED_EVENT = 4,
        /// Tool deltas.
        TOOL_DELTA = 5,
        /// Bytes of no declared meaning.
        OPAQUE_BYTES = 6,
    }
}

bit_flags! {
    /// `flags` of `CACHE_PUT`.
    CachePutFlags: u32 {
        /// Exempt from eviction.
        PINNED = 0,
        /// Usable across frames.
        REUSABLE = 1,
    }
}

bit_flags! {
    /// Standard objects of a submit that are sent by reference: `object_ref_mask`.
    ObjectSlots: u32 {
        /// The camera block.
        CAMERA_BLOCK = 0,
        /// The tile index block.
        TILE_INDEX_BLOCK = 1,
        /// The tensor section table.
        TENSOR_SECTION_TABLE = 2,
        /// The payload layout template.
        PAYLOAD_LAYOUT_TEMPLATE = 3,
    }
}

bit_flags! {
    /// `descriptor_flags` of a typed payload descriptor.
    DescriptorFlags: u16 {
        /// The last fragment of the operation or profile stream.
        TERMINAL = 0,
        /// A usable fragment that is not the last.
        PARTIAL = 1,
        /// Overrides the session's default schema.
        SCHEMA_OVERRIDE = 2,
        /// The schema or the body has hints of the profile.
        PROFILE_HINT_PRESENT = 3,
    }
}

bit_flags! {
    /// `schema_flags` of a schema descriptor header.
    SchemaFlags: u16 {
        /// May live in the cache under a lease.
        CACHEABLE = 0,
        /// Must be refused, not skipped, when unknown or incompatible.
        CRITICAL = 1,
        /// May serve as a session default.
        DEFAULT_BINDABLE = 2,
        /// Id and version always imply the same hash.
        HASH_STABLE = 3,
    }
}
