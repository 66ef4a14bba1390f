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
        u64_at(bytes, 32),
    ))
}

/// The fields of a submit, in the order of their offsets.
pub type Submit = (
    [u16; 6],
    [u8; 3],
    [u16; 2],
    [u32; 3],
    [u8; 3],
    [u32; 3],
    u16,
);

/// Header, metadata and body of a submit that carries no tensor: every field is read, every reserved byte is looked at.
#[inline]
#[must_use]
pub fn packet(source: &[u8]) -> Option<(Values, Submit, &[u8])> {
    let values = header(source)?;
    let (meta_len, body_len) = (values.2, values.3);
    let whole = source.len() == 40 + meta_len as usize + body_len as usize;
    let (m, body) = source[40..].split_first_chunk::<72>()?;
    let reserved = u64_at(m, 32)
        | u64_at(m, 40)
        | u64::from(u32_at(m, 48))
        | u64::from(u16_at(m, 70))
        | u64::from(m[15] | m[55]);
    let tensor = u64_at(m, 0) | u64::from(u32_at(m, 8)) | u64::from(m[13]) | u64_at(m, 24);
    let known = m[14] <= 3 && m[52] <= 2 && u32_at(m, 64) & !0xf == 0;
    if !whole || meta_len != 72 || reserved | tensor != 0 || !known {
        return None;
    }
    let submit = (
        [0, 2, 4, 6, 8, 10].map(|at| u16_at(m, at)),
        [m[12], m[13], m[14]],
        [u16_at(m, 16), u16_at(m, 18)],
        [u32_at(m, 20), u32_at(m, 24), u32_at(m, 28)],
        [m[52], m[53], m[54]],
        [u32_at(m, 56), u32_at(m, 60), u32_at(m, 64)],
        u16_at(m, 68),
    );
    Some((values, submit, body))
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

fn u64_at<const N: usize>(bytes: &[u8; N], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
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
        assert_eq!(
            (read.0.4, read.0.5, read.1.3[0], read.2),
            (1, 2, 3, &b"body"[..])
        );
    }
}
