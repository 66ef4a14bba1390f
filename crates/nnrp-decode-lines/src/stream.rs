//! The line of a byte stream: its complete packets, and how it ends.

use nnrp_core::{CodecError, Header};

use super::error::write_codec_error;
use super::json::Json;

enum End {
    Clean,
    Partial,
    Damaged(CodecError),
}

pub(super) fn write(json: &mut Json, bytes: &[u8]) {
    let mut end = End::Clean;
    json.key("p").list(|json| end = write_packets(json, bytes));
    match end {
        End::Clean => json.key("end").text("clean"),
        End::Partial => json.key("end").text("partial"),
        End::Damaged(error) => write_codec_error(json.key("end"), &error),
    }
}

fn write_packets(json: &mut Json, mut rest: &[u8]) -> End {
    while !rest.is_empty() {
        if rest.len() < Header::SIZE {
            return End::Partial;
        }
        let length = Header::decode(rest).and_then(|header| Ok((header, header.packet_len()?)));
        let (header, length) = match length {
            Ok(found) => found,
            Err(error) => return End::Damaged(error),
        };
        let Some(behind) = rest.get(length..) else {
            return End::Partial;
        };
        json.list(|json| {
            json.text(header.message_type.name());
            json.number(header.meta_len.into());
            json.number(header.body_len.into());
        });
        rest = behind;
    }
    End::Clean
}
