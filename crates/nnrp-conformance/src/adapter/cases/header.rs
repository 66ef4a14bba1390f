//! `l0.header.*`: the common header and the length of packets (spec 01).

use super::super::subject::Subject;
use super::super::verdict::Verdict;
use super::field::each_alone;
use super::vector::{accepts, bytes_of, golden, refuses, with_byte};

/// `l0.header.roundtrip.basic`
pub(in super::super) fn round_trip_basic(subject: &dyn Subject) -> Verdict {
    golden(subject, "x.header.all_fields")?;
    golden(subject, "x.packet.result_push.structured")?;
    // Each field alone, in all its bytes.
    let ping = bytes_of("x.packet.ping")?;
    let zero = with_byte(&ping, 8, 0);
    let fields = [
        ("header.flags", (8, 4), 0x3f),
        ("header.meta_len", (12, 4), 0x0102_0304),
        ("header.body_len", (16, 4), 0x0506_0708),
        ("header.session_id", (20, 4), 0x1122_3344),
        ("header.frame_id", (24, 4), 0x5566_7788),
        ("header.view_id", (28, 2), 0x99aa),
        ("header.route_id", (30, 2), 0xbbcc),
        ("header.trace_id", (32, 8), 0x1020_3040_5060_7080),
    ];
    let constant = [("header.message_type", 0x20)];
    each_alone(subject, "header", &zero, &fields, &constant)
}

/// `l0.header.invalid_length.reject`
pub(in super::super) fn invalid_length(subject: &dyn Subject) -> Verdict {
    let ping = bytes_of("x.packet.ping")?;
    for length in (0..=u8::MAX).filter(|length| *length != 40) {
        let bytes = with_byte(&ping, 7, length);
        let (what, error) = (
            format!("header_len {length}"),
            format!("InvalidHeaderLength {length}"),
        );
        for path in ["header", "packet"] {
            refuses(subject, &format!("{what}, {path}"), path, &bytes, &error)?;
        }
    }
    accepts(subject, "header_len 40", "packet", &ping).map(drop)
}

/// `l0.header.length_mismatch.reject`
pub(in super::super) fn length_mismatch(subject: &dyn Subject) -> Verdict {
    let whole = bytes_of("x.packet.result_push.structured")?;
    let declared = whole.len();
    for actual in 40..declared {
        let error = format!("PacketLengthMismatch {declared} {actual}");
        let what = format!("{actual} of {declared} bytes");
        refuses(subject, &what, "packet", &whole[..actual], &error)?;
    }
    for excess in [1, 2, 40, 4096] {
        let bytes = [whole.as_slice(), &vec![0; excess]].concat();
        let error = format!("PacketLengthMismatch {declared} {}", bytes.len());
        refuses(
            subject,
            &format!("{excess} too many"),
            "packet",
            &bytes,
            &error,
        )?;
    }
    accepts(subject, "the whole packet", "packet", &whole).map(drop)
}
