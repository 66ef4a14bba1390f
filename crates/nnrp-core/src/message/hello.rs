//! `CLIENT_HELLO` and `SERVER_HELLO_ACK` (spec 02 §2.1, §2.2).

use crate::codec_error::CodecError;
use crate::flags::ServerFlags;
use crate::header::VERSION_MAJOR;
use crate::rule::Rule;
use crate::wire::fixed_structure;

fixed_structure! {
    /// What a client can do: metadata of `CLIENT_HELLO`.
    ClientHello "client_hello" 64 {
        /// Lowest acceptable major version.
        min_version_major: u8 as u8 @ 0,
        /// Highest acceptable major version.
        max_version_major: u8 as u8 @ 1,
        /// Bit *n* = wire format *n* is understood; bit 0 must be set.
        supported_wire_format_bitmap: u16 as u16 @ 2,
        /// Supported profiles; not 0.
        supported_profile_bitmap: u32 as u32 @ 4,
        /// Supported payload kinds; not 0, unknown bits allowed.
        supported_payload_kind_bitmap: u32 as u32 @ 8,
        /// Codecs.
        supported_codec_bitmap: u32 as u32 @ 12,
        /// Compression methods.
        supported_compression_bitmap: u32 as u32 @ 16,
        /// Numeric formats; bit *n* = dtype id *n*.
        supported_dtype_bitmap: u32 as u32 @ 20,
        /// Tensor layouts.
        supported_layout_bitmap: u32 as u32 @ 24,
        /// Cache digest algorithms.
        cache_digest_bitmap: u16 as u16 @ 28,
        /// Cacheable object kinds.
        cache_object_bitmap: u16 as u16 @ 30,
        /// Cache namespaces supported.
        cache_namespace_count: u16 as u16 @ 32,
        /// Logical lanes; 1 = single lane.
        max_lane_count: u16 as u16 @ 34,
        /// Cached objects at most.
        max_cache_entries: u32 as u32 @ 36,
        /// Cache size at most, bytes.
        max_cache_bytes: u32 as u32 @ 40,
        /// Wanted cadence × 100.
        target_cadence_x100: u16 as u16 @ 44,
        /// Wanted latency budget, milliseconds.
        latency_budget_ms: u16 as u16 @ 46,
        /// Preference; no registry.
        quality_tier: u16 as u16 @ 48,
        /// Preference (spec 05 §5.1, open).
        degrade_policy: u16 as u16 @ 50,
        /// Wanted session id; 0 = the server assigns.
        requested_session_id: u32 as u32 @ 52,
        /// Bytes of the auth block in the body.
        auth_bytes: u32 as u32 @ 56,
        /// Bytes of the control extension block in the body.
        control_extension_bytes: u32 as u32 @ 60,
    }
    checks check_hello;
}

fn check_hello(hello: &ClientHello) -> Result<(), CodecError> {
    let window = hello.min_version_major..=hello.max_version_major;
    let rule = if hello.min_version_major > hello.max_version_major {
        Rule::ClientHelloVersionWindowOrder
    } else if !window.contains(&VERSION_MAJOR) {
        Rule::ClientHelloVersionWindowExcludesCurrent
    } else if hello.supported_wire_format_bitmap & 1 == 0 {
        Rule::ClientHelloWireFormatMissing
    } else if hello.supported_profile_bitmap == 0 {
        Rule::ClientHelloProfileBitmapEmpty
    } else if hello.supported_payload_kind_bitmap == 0 {
        Rule::ClientHelloPayloadKindBitmapEmpty
    } else {
        return Ok(());
    };
    Err(rule.into())
}

fixed_structure! {
    /// What a server accepts of a `CLIENT_HELLO`: metadata of `SERVER_HELLO_ACK`.
    ServerHelloAck "server_hello_ack" 80 {
        /// Chosen major version.
        selected_version_major: u8 as u8 @ 0,
        /// Chosen wire format.
        selected_wire_format: u8 as u8 @ 1,
        /// Authentication result; no values assigned.
        auth_status: u8 as u8 @ 2,
        /// Effective session id; 0 when `SESSION_OPEN` creates the session.
        session_id: u32 as u32 @ 4,
        /// Subset of the client's.
        accepted_profile_bitmap: u32 as u32 @ 8,
        /// Subset of the client's.
        accepted_payload_kind_bitmap: u32 as u32 @ 12,
        /// Subset of the client's.
        accepted_codec_bitmap: u32 as u32 @ 16,
        /// Subset of the client's.
        accepted_compression_bitmap: u32 as u32 @ 20,
        /// Subset of the client's.
        accepted_dtype_bitmap: u32 as u32 @ 24,
        /// Subset of the client's.
        accepted_layout_bitmap: u32 as u32 @ 28,
        /// Subset of the client's 16 bits.
        cache_digest_bitmap: u32 as u32 @ 32,
        /// Subset of the client's 16 bits.
        cache_object_bitmap: u32 as u32 @ 36,
        /// Cached objects at most.
        max_cache_entries: u32 as u32 @ 40,
        /// Cache size at most, bytes.
        max_cache_bytes: u32 as u32 @ 44,
        /// Lane limit.
        max_lane_count: u16 as u16 @ 48,
        /// Frames that may be in flight.
        max_concurrent_frames: u16 as u16 @ 50,
        /// Accepted cadence × 100.
        target_cadence_x100: u16 as u16 @ 52,
        /// Accepted latency budget, milliseconds.
        latency_budget_ms: u16 as u16 @ 54,
        /// Accepted tier.
        quality_tier: u16 as u16 @ 56,
        /// Accepted policy.
        degrade_policy: u16 as u16 @ 58,
        /// Largest body the server takes, bytes.
        max_body_bytes: u32 as u32 @ 60,
        /// Validity of the authentication, milliseconds; 0 = none.
        token_ttl_ms: u32 as u32 @ 64,
        /// Suggested delay, milliseconds.
        retry_after_ms: u32 as u32 @ 68,
        /// Bytes of the control extension block in the body.
        control_extension_bytes: u32 as u32 @ 72,
        /// What the server offers.
        server_flags: ServerFlags as u32 @ 76,
    }
    reserved { reserved0: u8 @ 3, }
}

impl ServerHelloAck {
    /// The client's check of the ack against the hello it sent (spec 02 §2.2).
    pub fn check_against(&self, hello: &ClientHello) -> Result<(), CodecError> {
        let window = hello.min_version_major..=hello.max_version_major;
        if !window.contains(&self.selected_version_major) {
            return Err(Rule::HelloAckVersionOutsideWindow.into());
        }
        let format_bit = 1u16
            .checked_shl(self.selected_wire_format.into())
            .unwrap_or(0);
        if hello.supported_wire_format_bitmap & format_bit == 0 {
            return Err(Rule::HelloAckWireFormatNotOffered.into());
        }
        for (accepted, offered, rule) in self.accepted_and_offered(hello) {
            if accepted & !offered != 0 {
                return Err(rule.into());
            }
        }
        Ok(())
    }

    fn accepted_and_offered(&self, hello: &ClientHello) -> [(u32, u32, Rule); 8] {
        [
            (
                self.accepted_profile_bitmap,
                hello.supported_profile_bitmap,
                Rule::HelloAckProfileNotSubset,
            ),
            (
                self.accepted_payload_kind_bitmap,
                hello.supported_payload_kind_bitmap,
                Rule::HelloAckPayloadKindNotSubset,
            ),
            (
                self.accepted_codec_bitmap,
                hello.supported_codec_bitmap,
                Rule::HelloAckCodecNotSubset,
            ),
            (
                self.accepted_compression_bitmap,
                hello.supported_compression_bitmap,
                Rule::HelloAckCompressionNotSubset,
            ),
            (
                self.accepted_dtype_bitmap,
                hello.supported_dtype_bitmap,
                Rule::HelloAckDtypeNotSubset,
            ),
            (
                self.accepted_layout_bitmap,
                hello.supported_layout_bitmap,
                Rule::HelloAckLayoutNotSubset,
            ),
            (
                self.cache_digest_bitmap,
                hello.cache_digest_bitmap.into(),
                Rule::HelloAckCacheDigestNotSubset,
            ),
            (
                self.cache_object_bitmap,
                hello.cache_object_bitmap.into(),
                Rule::HelloAckCacheObjectNotSubset,
            ),
        ]
    }
}
