//! `TRANSPORT_PROBE` and its ack (spec 02 §2.9, §2.10).

use crate::wire::fixed_structure;

fixed_structure! {
    /// Metadata of `TRANSPORT_PROBE`; the body is padding.
    TransportProbe "transport_probe" 16 {
        /// Identifier chosen by the client.
        probe_id: u32 as u32 @ 0,
        /// Bytes of the padding.
        probe_payload_bytes: u32 as u32 @ 4,
        /// Send time, microseconds.
        client_send_ts_us: u64 as u64 @ 8,
    }
}

fixed_structure! {
    /// Metadata of `TRANSPORT_PROBE_ACK`.
    TransportProbeAck "transport_probe_ack" 16 {
        /// Echoed identifier.
        probe_id: u32 as u32 @ 0,
        /// Receive time, microseconds.
        server_recv_ts_us: u64 as u64 @ 8,
    }
    reserved { reserved0: u32 @ 4, }
}
