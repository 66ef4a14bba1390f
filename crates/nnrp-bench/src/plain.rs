//! The floors of the codec: what nobody can do without, one length check and fixed offsets, in the plainest safe Rust.

use nnrp_core::Header;
use nnrp_core::message::submit::FrameSubmit;

/// The nine values of a header that can differ.
pub type Values = (u8, u32, u32, u32, u32, u32, u16, u16, u64);

/// Reads a header from fixed offsets, after the checks of its constants.
#[inline]
#[must_use]
pub fn header(source: &[u8]) -> Option<Values> {
    let bytes = source.first_chunk::<40>()?;
    let reserved = !0x3f;
    if bytes[..4] != *b"NNRP"
        || bytes[4] != 1
        || bytes[5] != 0
        || bytes[7] != 40
        || u32_at(bytes, 8) & reserved != 0
    {
        return None;
    }
    Some((
        bytes[6],
        u32_at(bytes, 8),
        u32_at(bytes, 12),
        u32_at(bytes, 16),
        u32_at(bytes, 20),
        u32_at(bytes, 24),
        u16_at(bytes, 28),
        u16_at(bytes, 30),
        u64::from(u32_at(bytes, 32)) | u64::from(u32_at(bytes, 36)) << 32,
    ))
}

/// The fields of a token submit.
pub type Submit = (u16, u16, u32, u8, u8, u32, u32, u16);

/// Header, some fields of the metadata, and the body.
#[inline]
#[must_use]
pub fn packet(source: &[u8]) -> Option<(u32, u32, Submit, &[u8])> {
    let (_, _, meta_len, body_len, session_id, frame_id, ..) = header(source)?;
    let whole = source.len() == 40 + meta_len as usize + body_len as usize;
    let (metadata, body) = source[40..].split_first_chunk::<72>()?;
    if !whole || meta_len != 72 {
        return None;
    }
    let submit = (
        u16_at(metadata, 16),
        u16_at(metadata, 18),
        u32_at(metadata, 20),
        metadata[52],
        metadata[53],
        u32_at(metadata, 56),
        u32_at(metadata, 64),
        u16_at(metadata, 68),
    );
    Some((session_id, frame_id, submit, body))
}

/// Appends a submit of a token to a buffer that is used again and again.
#[inline]
pub fn encode(header: &Header, submit: &FrameSubmit, body: &[u8], buffer: &mut Vec<u8>) {
    let mut bytes = [0; 112];
    bytes[..8].copy_from_slice(b"NNRP\x01\x00\x10\x28");
    let numbers = [
        (8, header.flags.bits()),
        (12, 72),
        (16, u32::try_from(body.len()).unwrap_or_default()),
        (20, header.session_id),
        (24, header.frame_id),
        (60, submit.retry_of_frame),
        (104, submit.payload_kind_bitmap.bits()),
    ];
    for (at, number) in numbers {
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    let shorts = [
        (28, header.view_id),
        (30, header.route_id),
        (56, submit.latency_budget_ms),
        (108, submit.payload_frame_count),
    ];
    for (at, number) in shorts {
        bytes[at..at + 2].copy_from_slice(&number.to_le_bytes());
    }
    bytes[32..40].copy_from_slice(&header.trace_id.to_le_bytes());
    buffer.extend_from_slice(&bytes);
    buffer.extend_from_slice(body);
}

fn u16_at<const N: usize>(bytes: &[u8; N], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at<const N: usize>(bytes: &[u8; N], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use nnrp_core::flags::PayloadKinds;
    use nnrp_core::{MessageType, PacketView};

    #[test]
    fn the_floor_writes_and_reads_the_bytes_of_the_protocol() {
        let sent = Header {
            session_id: 1,
            frame_id: 2,
            trace_id: 1 << 40,
            ..Header::new(MessageType::FrameSubmit)
        };
        let submit = FrameSubmit {
            latency_budget_ms: 20,
            retry_of_frame: 3,
            payload_kind_bitmap: PayloadKinds::TOKEN_CHUNK,
            payload_frame_count: 1,
            ..FrameSubmit::default()
        };
        let mut buffer = Vec::new();
        encode(&sent, &submit, b"body", &mut buffer);
        let view = PacketView::decode(&buffer).expect("a packet");
        assert_eq!(FrameSubmit::decode(view.metadata), Ok(submit));
        assert_eq!((view.header.trace_id, view.body), (1 << 40, &b"body"[..]));
        let read = packet(&buffer).expect("the same packet");
        assert_eq!((read.0, read.1, read.2.2, read.3), (1, 2, 3, &b"body"[..]));
    }
}
