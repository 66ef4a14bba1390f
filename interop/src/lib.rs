//! What the published peers share: message templates and the body pattern of the smoke scenario.

use nnrp_core::{FrameSubmitMetadata, PayloadKindBitmap, ResultPushMetadata};
use nnrp_runtime::RuntimeTransportKind;

/// Operations at once that the published defaults allow (spec 13.12).
pub const DEFAULT_WINDOW: u32 = 4;

/// The metadata of a token submit.
///
/// # Panics
/// If the published codec refuses all-zero metadata, which it documents as valid.
#[must_use]
pub fn token_submit() -> FrameSubmitMetadata {
    let mut metadata = FrameSubmitMetadata::parse(&[0; 72]).expect("all zero is valid");
    metadata.payload_kind_bitmap = PayloadKindBitmap(PayloadKindBitmap::TOKEN_CHUNK);
    metadata.payload_frame_count = 1;
    metadata
}

/// The result of the echo contract for a submit (spec 19).
///
/// # Panics
/// If the published codec refuses all-zero metadata, which it documents as valid.
#[must_use]
pub fn echo_result(submit: &FrameSubmitMetadata, profile_id: u16) -> ResultPushMetadata {
    let mut metadata = ResultPushMetadata::parse(&[0; 64]).expect("all zero is valid");
    metadata.status_code = 200;
    metadata.active_profile_id = profile_id;
    metadata.payload_kind_bitmap = submit.payload_kind_bitmap;
    metadata.payload_frame_count = submit.payload_frame_count;
    metadata
}

/// The body of a frame, so that one that ends up with another frame or is cut is noticed.
#[must_use]
pub fn pattern(frame_id: u32, size: u32) -> Vec<u8> {
    let byte = |index: u32| {
        frame_id
            .wrapping_mul(31)
            .wrapping_add(index * 7 + (index >> 8))
    };
    (0..size)
        .map(|index| byte(index).to_le_bytes()[0])
        .collect()
}

/// The value of a named option of the command line.
#[must_use]
pub fn option(name: &str) -> Option<String> {
    let arguments: Vec<String> = std::env::args().collect();
    let pair = arguments.windows(2).find(|pair| pair[0] == name)?;
    Some(pair[1].clone())
}

/// The file that an option names.
///
/// # Errors
/// If the option is missing, or its file cannot be read.
pub fn file(name: &str) -> Result<Vec<u8>, std::io::Error> {
    let missing = || std::io::Error::other(format!("{name} FILE is needed for QUIC"));
    std::fs::read(option(name).ok_or_else(missing)?)
}

/// Transport and address of a server.
///
/// # Errors
/// If it is no endpoint that published peers serve.
pub fn address(uri: &str) -> Result<(RuntimeTransportKind, &str), String> {
    let tcp = uri.strip_prefix("nnrp+tcp://");
    let quic = uri.strip_prefix("nnrp+quic://");
    match (tcp, quic) {
        (Some(address), _) => Ok((RuntimeTransportKind::Tcp, address)),
        (_, Some(address)) => Ok((RuntimeTransportKind::Quic, address)),
        _ => Err(format!("{uri}: use nnrp+tcp:// or nnrp+quic://")),
    }
}

/// A named number of the command line, or its default.
///
/// # Panics
/// If the value is no number: the tests that start these programs are wrong then.
#[must_use]
pub fn argument(name: &str, default: u32) -> u32 {
    option(name).map_or(default, |value| value.parse().expect("a number"))
}
