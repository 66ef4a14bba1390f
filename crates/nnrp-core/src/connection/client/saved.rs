//! A session apart from its connection as bytes, so that a client can carry it on after its process has ended.
//!
//! This is a format of this library, not of the wire. Numbers are little-endian; what is read is checked like a packet.

use alloc::vec::Vec;
use core::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};

use super::ResumableSession;
use crate::connection::FrameContext;
use crate::connection::retained::RetainedSubmit;
use crate::flags::HeaderFlags;
use crate::message::session::SessionOpen;
use crate::message::submit::FrameSubmit;

/// Marks the format and its version.
const MARK: [u8; 8] = *b"NNRPses1";
/// Longest token that is kept; servers of this library give 24 bytes.
const MAX_TOKEN_BYTES: usize = 65_536;

/// Bytes that are no saved session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASavedSession {
    /// Where it shows.
    pub offset: usize,
}

impl core::fmt::Display for NotASavedSession {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "no saved session of this version: wrong at byte {}; open a new one",
            self.offset
        )
    }
}

impl core::error::Error for NotASavedSession {}

impl ResumableSession {
    /// The session as bytes. They hold its token: whoever reads them can take the session over.
    #[must_use]
    pub fn save(&self) -> Bytes {
        let mut saved = BytesMut::new();
        saved.put_slice(&MARK);
        put_structure(&mut saved, SessionOpen::SIZE, |to| self.open.encode(to));
        let window = u32::try_from(self.window.as_millis()).unwrap_or(u32::MAX);
        saved.put_u32_le(window);
        saved.put_u32_le(self.next_frame_id);
        saved.put_u64_le(self.results);
        saved.put_u32_le(self.last_result_frame_id);
        put_bytes(&mut saved, &self.token);
        let count = u32::try_from(self.submits.len()).unwrap_or(u32::MAX);
        saved.put_u32_le(count);
        for (frame_id, submit) in &self.submits {
            put_submit(&mut saved, *frame_id, submit);
        }
        saved.freeze()
    }

    /// The session that these bytes hold.
    pub fn restore(saved: &[u8]) -> Result<Self, NotASavedSession> {
        let mut reader = Reader { saved, offset: 0 };
        let wrong = reader.wrong();
        (reader.take(MARK.len())? == MARK)
            .then_some(())
            .ok_or(wrong)?;
        let mut session = Self {
            open: reader.structure(SessionOpen::SIZE, SessionOpen::decode)?,
            window: Duration::from_millis(reader.u32()?.into()),
            next_frame_id: reader.u32()?,
            results: reader.u64()?,
            last_result_frame_id: reader.u32()?,
            token: reader.token()?,
            ..Self::new(&SessionOpen::default(), 0, Bytes::new(), 0)
        };
        for _ in 0..reader.u32()? {
            let wrong = reader.wrong();
            let (frame_id, submit) = reader.submit()?;
            let is_next = session
                .submits
                .last_key_value()
                .is_none_or(|(last, _)| *last < frame_id);
            if !is_next || frame_id == 0 || frame_id >= session.next_frame_id {
                return Err(wrong);
            }
            session.retain(frame_id, submit);
        }
        if reader.offset < saved.len() || session.session_id() == 0 || session.next_frame_id == 0 {
            return Err(reader.wrong());
        }
        Ok(session)
    }
}

fn put_submit(saved: &mut BytesMut, frame_id: u32, submit: &RetainedSubmit) {
    saved.put_u32_le(frame_id);
    saved.put_u8(submit.cancelled.into());
    saved.put_u32_le(submit.context.flags.bits());
    saved.put_u16_le(submit.context.view_id);
    saved.put_u16_le(submit.context.route_id);
    saved.put_u64_le(submit.context.trace_id);
    put_structure(saved, FrameSubmit::SIZE, |to| submit.metadata.encode(to));
    put_bytes(saved, &submit.body);
}

/// What was sent once breaks no rule of its structure; if it did, zeros would be read back as another one.
fn put_structure<E>(
    saved: &mut BytesMut,
    size: usize,
    encode: impl FnOnce(&mut [u8]) -> Result<(), E>,
) {
    let start = saved.len();
    saved.resize(start + size, 0);
    let encoded = encode(&mut saved[start..]);
    debug_assert!(encoded.is_ok());
}

/// Bodies and tokens came out of, or went into, a packet, whose lengths have 32 bits.
fn put_bytes(saved: &mut BytesMut, bytes: &[u8]) {
    saved.put_u32_le(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    saved.put_slice(bytes);
}

struct Reader<'a> {
    saved: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn wrong(&self) -> NotASavedSession {
        NotASavedSession {
            offset: self.offset,
        }
    }

    fn take(&mut self, size: usize) -> Result<&'a [u8], NotASavedSession> {
        let end = self.offset.checked_add(size).ok_or(self.wrong())?;
        let taken = self.saved.get(self.offset..end).ok_or(self.wrong())?;
        self.offset = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotASavedSession> {
        let wrong = self.wrong();
        self.take(N)?.try_into().map_err(|_| wrong)
    }

    fn u16(&mut self) -> Result<u16, NotASavedSession> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, NotASavedSession> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, NotASavedSession> {
        self.array().map(u64::from_le_bytes)
    }

    fn structure<T, E>(
        &mut self,
        size: usize,
        decode: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Result<T, NotASavedSession> {
        let wrong = self.wrong();
        decode(self.take(size)?).map_err(|_| wrong)
    }

    fn bytes(&mut self) -> Result<&'a [u8], NotASavedSession> {
        let wrong = self.wrong();
        let size = usize::try_from(self.u32()?).map_err(|_| wrong)?;
        self.take(size)
    }

    fn token(&mut self) -> Result<Bytes, NotASavedSession> {
        let wrong = self.wrong();
        let token = self.bytes()?;
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(wrong);
        }
        Ok(Bytes::copy_from_slice(token))
    }

    fn submit(&mut self) -> Result<(u32, RetainedSubmit), NotASavedSession> {
        let frame_id = self.u32()?;
        let wrong = self.wrong();
        let cancelled = match self.array()? {
            [0] => false,
            [1] => true,
            _ => return Err(wrong),
        };
        let flags = HeaderFlags::from_bits(self.u32()?).map_err(|_| wrong)?;
        let context = FrameContext {
            flags,
            view_id: self.u16()?,
            route_id: self.u16()?,
            trace_id: self.u64()?,
        };
        let metadata = self.structure(FrameSubmit::SIZE, FrameSubmit::decode)?;
        let body = Bytes::copy_from_slice(self.bytes()?);
        let submit = RetainedSubmit {
            metadata,
            context,
            body,
            objects: Vec::new(),
            cancelled,
        };
        Ok((frame_id, submit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::SessionFlags;
    use proptest::prelude::*;

    fn session() -> ResumableSession {
        let open = SessionOpen {
            profile_id: 2,
            session_flags: SessionFlags::ALLOW_RESUME,
            max_in_flight_operations: 8,
            ..SessionOpen::default()
        };
        let token = Bytes::from_static(b"twenty-four random bytes");
        let mut session = ResumableSession::new(&open, 77, token, 120_000);
        session.next_frame_id = 9;
        session.results = 5;
        session.last_result_frame_id = 6;
        for (frame_id, body) in [(3_u32, &b"three"[..]), (8, &b""[..])] {
            let submit = RetainedSubmit {
                metadata: FrameSubmit {
                    latency_budget_ms: 40,
                    ..FrameSubmit::default()
                },
                context: FrameContext {
                    trace_id: 1 << 40,
                    view_id: 2,
                    ..FrameContext::default()
                },
                body: Bytes::copy_from_slice(body),
                objects: Vec::new(),
                cancelled: frame_id == 8,
            };
            session.retain(frame_id, submit);
        }
        session
    }

    #[test]
    fn a_saved_session_is_restored_with_everything_it_holds() {
        let session = session();
        let restored = ResumableSession::restore(&session.save()).expect("it was saved");
        assert!(restored == session);
        assert_eq!(restored.retained_bytes, session.retained_bytes);
        assert_eq!(restored.unanswered().count(), 2);
    }

    #[test]
    fn every_cut_and_every_addition_is_refused() {
        let saved = session().save();
        for end in 0..saved.len() {
            assert!(ResumableSession::restore(&saved[..end]).is_err(), "{end}");
        }
        let longer = [&saved[..], &[0]].concat();
        let refused = ResumableSession::restore(&longer).expect_err("one byte too many");
        assert_eq!(refused.offset, saved.len());
    }

    #[test]
    fn a_length_beyond_the_end_allocates_nothing() {
        let mut saved = session().save().to_vec();
        let token_length = MARK.len() + SessionOpen::SIZE + 20;
        saved[token_length..token_length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(ResumableSession::restore(&saved).is_err());
    }

    proptest! {
        #[test]
        fn altered_bytes_are_a_session_or_refused(place in 0_usize..400, value: u8) {
            let mut saved = session().save().to_vec();
            let place = place % saved.len();
            saved[place] = value;
            if let Ok(restored) = ResumableSession::restore(&saved) {
                prop_assert!(ResumableSession::restore(&restored.save()).is_ok());
            }
        }
    }
}
