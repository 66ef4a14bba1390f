//! Submits that name cached objects: each reference is resolved, or the client is told why not.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;

use super::ServerConnection;
use super::caching::milliseconds;
use crate::body::object_reference::{ObjectReference, ObjectRegion, cache_miss_report, check_mask};
use crate::body::prelude::BodyRegions;
use crate::cache::{CacheFailure, CachedObject};
use crate::code::{ErrorCode, SubmitMode};
use crate::codec_error::CodecError;
use crate::connection::report::report_packet;
use crate::header::Header;
use crate::message::error_report::ErrorReport;
use crate::message::submit::FrameSubmit;
use crate::timestamp::Timestamp;

/// Why a submit is dropped on account of its references.
enum Refusal {
    /// A reference that cannot be used.
    Reference(ObjectReference, CacheFailure),
    /// The body is not what the metadata says.
    Malformed(CodecError),
    /// More references than objects can be cached.
    TooMany,
}

impl ServerConnection {
    /// The objects that a submit names. `None`: it names one that cannot be used, and the client
    /// was told of it.
    pub(super) fn resolve(
        &mut self,
        now: Timestamp,
        header: &Header,
        submit: &FrameSubmit,
        body: &Bytes,
    ) -> Option<Vec<CachedObject>> {
        if !self.caches_objects() {
            return Some(Vec::new());
        }
        let found = self.find_objects(now, header.session_id, submit, body);
        match found {
            Ok(objects) => Some(objects),
            Err(refusal) => {
                self.report_refusal(header, &refusal);
                None
            }
        }
    }

    fn find_objects(
        &mut self,
        now: Timestamp,
        session_id: u32,
        submit: &FrameSubmit,
        body: &Bytes,
    ) -> Result<Vec<CachedObject>, Refusal> {
        let Some(region) = references_of(submit, body).map_err(Refusal::Malformed)? else {
            return Ok(Vec::new());
        };
        let references = region.references();
        if references.len() > self.config.limits.cached_objects {
            return Err(Refusal::TooMany);
        }
        let now_ms = milliseconds(now);
        let mut found = Vec::with_capacity(references.len());
        for reference in references {
            let identity = reference.identity();
            let object = match &self.objects {
                Some(objects) => objects.find(now_ms, session_id, &identity),
                None => Err(CacheFailure::Miss),
            };
            found.push(object.map_err(|failure| Refusal::Reference(reference, failure))?);
        }
        if let Some(objects) = &mut self.objects {
            for object in &found {
                objects.note_use(session_id, &object.identity);
            }
        }
        Ok(found)
    }

    /// Tells the client why a frame is dropped (spec 03 §3.9).
    fn report_refusal(&mut self, header: &Header, refusal: &Refusal) {
        let (error_code, text) = match refusal {
            Refusal::Reference(reference, failure) => {
                (failure.code(), text_of(reference, *failure))
            }
            Refusal::Malformed(error) => (ErrorCode::MALFORMED_BODY, error.to_string()),
            Refusal::TooMany => (
                ErrorCode::LIMIT_EXCEEDED,
                "more references than objects can be cached".to_owned(),
            ),
        };
        let report = ErrorReport {
            error_code,
            ..cache_miss_report(header, 0)
        };
        let packet = report_packet(&report, Bytes::from(text));
        let lane = self.lane_of(header.session_id);
        self.outgoing.push_built(lane, packet);
    }
}

/// The references of a submit. `None`: it has none, or its body is opaque, which an inline submit
/// may have (spec 03 §3.7).
fn references_of<'a>(
    submit: &FrameSubmit,
    body: &'a Bytes,
) -> Result<Option<ObjectRegion<'a>>, CodecError> {
    check_mask(submit.submit_mode, submit.object_ref_mask)?;
    let region = BodyRegions::object_references_in(body).and_then(ObjectRegion::decode);
    let region = match (submit.submit_mode, region) {
        (SubmitMode::Inline, Err(_)) => return Ok(None),
        (_, region) => region?,
    };
    region.check_slots(submit.submit_mode, submit.object_ref_mask)?;
    Ok((region.references().len() > 0).then_some(region))
}

fn text_of(reference: &ObjectReference, failure: CacheFailure) -> String {
    format!(
        "{} {}:{:08x}{:08x}: {failure}",
        reference.object_kind.name(),
        reference.cache_namespace,
        reference.cache_key_hi,
        reference.cache_key_lo,
    )
}
