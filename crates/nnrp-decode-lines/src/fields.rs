//! Fixed structures as JSON: the names of their layout tables, in table order.

use nnrp_core::CodecError;
use nnrp_core::message::{AnyMessage, FieldValue, FixedFields};

use super::error::write_codec_error;
use super::json::Json;

/// The fields of a structure, or the error of its decoder.
pub(super) fn write_structure<T: FixedFields>(json: &mut Json, decoded: &Result<T, CodecError>) {
    match decoded {
        Ok(structure) => {
            json.object(|json| structure.for_each_field(&mut |field| write_field(json, field)));
        }
        Err(error) => write_codec_error(json, error),
    }
}

/// The fields of a message, none for the types without metadata.
pub(super) fn write_message(json: &mut Json, message: &AnyMessage) {
    let is_submit = matches!(message, AnyMessage::FrameSubmit(_));
    json.object(|json| {
        message.for_each_field(&mut |field| {
            write_field(json, field);
            if is_submit && field.name == BEFORE_TILE_INDEX_BYTES {
                json.key("tile_index_bytes").number(0);
            }
        });
    });
}

/// `tile_index_bytes` follows this field in the table of `FRAME_SUBMIT`. The codec has no such
/// field: it lies in bytes that must be zero, so whatever decodes has the value 0.
const BEFORE_TILE_INDEX_BYTES: &str = "camera_bytes";

fn write_field(json: &mut Json, field: FieldValue) {
    json.key(field.name);
    if field.width == size_of::<u64>() {
        json.wide_number(field.value);
    } else {
        json.number(field.value);
    }
}

/// Whether a decoded structure encodes to the first bytes of what it was decoded from.
pub(super) fn encodes_back<T: FixedFields>(structure: &T, source: &[u8]) -> bool {
    let mut bytes = vec![0xff; T::SIZE];
    structure.encode(&mut bytes).is_ok() && source.starts_with(&bytes)
}
