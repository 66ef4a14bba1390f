//! The numbers of cache messages and object references (spec 05 §5.1).

use crate::wire::closed_enum;

closed_enum! {
    /// What a cached object is; 0 is not assigned.
    CacheObjectKind in (u16, u32), "cache_object_kind", default CameraBlock {
        /// Camera parameters; slot 0 of a submit.
        CameraBlock = 1 "camera_block",
        /// Tile ids; slot 1 of a submit.
        TileIndexBlock = 2 "tile_index_block",
        /// Tensor sections; slot 2 of a submit.
        TensorSectionTable = 3 "tensor_section_table",
        /// Codecs.
        CodecTable = 4 "codec_table",
        /// A result that can be used again.
        ReusableResultObject = 5 "reusable_result_object",
        /// Layout of a payload; slot 3 of a submit.
        PayloadLayoutTemplate = 6 "payload_layout_template",
        /// Part of a prompt.
        PromptSegment = 7 "prompt_segment",
        /// Schema of a tool.
        ToolSchema = 8 "tool_schema",
        /// Schema of structured events.
        StructuredEventSchema = 9 "structured_event_schema",
    }
}

impl CacheObjectKind {
    /// The bits of all kinds in the bitmaps of the hello exchange.
    pub const ALL_BITS: u16 = 0x01ff;

    /// The bit of this kind in the bitmaps of the hello exchange.
    #[must_use]
    pub const fn bit(self) -> u32 {
        1 << (self.to_wire() - 1)
    }
}

closed_enum! {
    /// Answer to `CACHE_PUT`.
    CacheAckStatus in (u32), "cache_ack_status", default Accepted {
        /// Stored.
        Accepted = 0 "accepted",
        /// Not stored.
        Rejected = 1 "rejected",
        /// Stored in place of older content.
        Replaced = 2 "replaced",
    }
}

closed_enum! {
    /// How far a `CACHE_INVALIDATE` reaches.
    CacheInvalidateScope in (u32), "cache_invalidate_scope", default WholeSession {
        /// Everything.
        WholeSession = 0 "whole_session",
        /// One namespace.
        Namespace = 1 "namespace",
        /// One kind in a namespace.
        ObjectKind = 2 "object_kind",
        /// One key in a namespace.
        ObjectKey = 3 "object_key",
    }
}

closed_enum! {
    /// Who holds a cache lease. Not on the wire.
    CacheLeaseOwnerScope in (u8), "cache_lease_owner_scope", default Connection {
        /// A connection.
        Connection = 0 "connection",
        /// A session.
        Session = 1 "session",
        /// An operation.
        Operation = 2 "operation",
    }
}
