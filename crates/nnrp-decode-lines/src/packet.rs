//! The line of a whole packet: header, metadata, checks and the regions of its body.

use nnrp_core::body::object_reference::ObjectRegion;
use nnrp_core::body::prelude::BodyPrelude;
use nnrp_core::body::typed_payload::{TypedPayloadDescriptor, TypedRegion};
use nnrp_core::flags::PayloadKinds;
use nnrp_core::message::AnyMessage;
use nnrp_core::message::submit::FrameSubmit;
use nnrp_core::{Header, PacketView, resume};

use super::error::{write_check, write_codec_error};
use super::fields::{write_message, write_structure};
use super::json::Json;
use super::structures::write_references;

pub(super) fn write(json: &mut Json, bytes: &[u8]) {
    let PacketView {
        header,
        metadata,
        body,
    } = match PacketView::decode(bytes) {
        Ok(packet) => packet,
        Err(error) => return write_codec_error(json.key("err"), &error),
    };
    write_header(json.key("h"), &header);
    let message = match AnyMessage::decode(&header, metadata) {
        Ok(message) => message,
        Err(error) => return write_codec_error(json.key("me"), &error),
    };
    write_message(json.key("m"), &message);
    json.key("re")
        .boolean(encodes_back(&header, &message, bytes));
    match &message {
        AnyMessage::FlowUpdate(update) => {
            write_check(json.key("c"), update.check_routing(&header));
        }
        AnyMessage::SessionOpen(open) => write_check(json.key("c"), resume::check_request(open)),
        _ => {}
    }
    if let (Some(declared), false) = (Declared::by(&message), body.is_empty()) {
        write_body(json.key("b"), &declared, body);
    }
}

fn write_header(json: &mut Json, header: &Header) {
    json.object(|json| {
        json.key("type").text(header.message_type.name());
        json.key("flags").number(header.flags.bits().into());
        json.key("meta").number(header.meta_len.into());
        json.key("body").number(header.body_len.into());
        json.key("session").number(header.session_id.into());
        json.key("frame").number(header.frame_id.into());
        json.key("view").number(header.view_id.into());
        json.key("route").number(header.route_id.into());
        json.key("trace").wide_number(header.trace_id);
    });
}

fn encodes_back(header: &Header, message: &AnyMessage, packet: &[u8]) -> bool {
    let mut bytes = vec![0xff; Header::SIZE + message.size()];
    let (head, metadata) = bytes.split_at_mut(Header::SIZE);
    let encoded = header.encode(head).and_then(|()| message.encode(metadata));
    encoded.is_ok() && packet.starts_with(&bytes)
}

/// What the metadata of a message says about its structured body.
struct Declared<'a> {
    payload_kinds: PayloadKinds,
    payload_frame_count: u16,
    submit: Option<&'a FrameSubmit>,
}

impl<'a> Declared<'a> {
    fn by(message: &'a AnyMessage) -> Option<Self> {
        match message {
            AnyMessage::FrameSubmit(submit) => Some(Self {
                payload_kinds: submit.payload_kind_bitmap,
                payload_frame_count: submit.payload_frame_count,
                submit: Some(submit),
            }),
            AnyMessage::ResultPush(result) => Some(Self {
                payload_kinds: result.payload_kind_bitmap,
                payload_frame_count: result.payload_frame_count,
                submit: None,
            }),
            _ => None,
        }
    }
}

fn write_body(json: &mut Json, declared: &Declared<'_>, body: &[u8]) {
    let prelude = match BodyPrelude::decode(body) {
        Ok(prelude) => prelude,
        Err(error) => return write_codec_error(json, &error),
    };
    json.object(|json| {
        write_structure(json.key("p"), &Ok(prelude));
        let total = match prelude.total() {
            Ok(total) => total,
            Err(error) => return write_codec_error(json.key("t"), &error),
        };
        json.key("t").number(total.into());
        let regions = &body[BodyPrelude::SIZE..];
        if u64::from(total) == regions.len() as u64 {
            write_regions(json, declared, &prelude, regions);
        } else {
            json.key("fit").boolean(false);
        }
    });
}

/// `regions` are the bytes behind the prelude, as many as it announces.
fn write_regions(json: &mut Json, declared: &Declared<'_>, prelude: &BodyPrelude, regions: &[u8]) {
    let (_, rest) = regions.split_at(prelude.inline_object_bytes as usize);
    let (references, rest) = rest.split_at(prelude.object_reference_bytes as usize);
    let (descriptors, rest) = rest.split_at(prelude.typed_payload_descriptor_bytes as usize);
    let (frames, _) = rest.split_at(prelude.typed_payload_frame_bytes as usize);

    let references = ObjectRegion::decode(references);
    write_references(json.key("o"), &references);
    if let (Ok(references), Some(submit)) = (references, declared.submit) {
        let check = references.check_slots(submit.submit_mode, submit.object_ref_mask);
        write_check(json.key("om"), check);
    }
    let typed = TypedRegion::decode(
        declared.payload_kinds,
        declared.payload_frame_count,
        descriptors,
        frames,
    );
    match typed {
        Ok(region) => json.key("y").list(|json| {
            for descriptor in region.descriptors() {
                write_descriptor(json, &descriptor);
            }
        }),
        Err(error) => write_codec_error(json.key("y"), &error),
    }
}

fn write_descriptor(json: &mut Json, descriptor: &TypedPayloadDescriptor) {
    json.list(|json| {
        json.number(descriptor.profile_id.into());
        json.number(descriptor.descriptor_flags.bits().into());
        json.number(descriptor.schema_id.into());
        json.number(descriptor.schema_version.into());
        json.number(descriptor.stream_semantics.0.into());
        json.number(descriptor.offset.into());
        json.number(descriptor.length.into());
    });
}
